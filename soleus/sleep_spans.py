"""Sleep and wake of a finished night, as its folder keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.sleep.estimate import SleepSpan
from ingest.errors import DecodeError
from soleus.stored_progress import read_progress

if TYPE_CHECKING:
    from ingest.night.folder import NightFolder


def sleep_spans(folder: NightFolder) -> tuple[SleepSpan, ...]:
    """Return sleep and wake by onset.

    Parameters
    ----------
    folder : NightFolder
        The night.

    Returns
    -------
    tuple of SleepSpan
        Empty while the night runs, where nothing was estimated, of a night of an earlier version, and where it cannot
        be read.
    """
    try:
        kept = (read_progress(folder) or {}).get("sleep", ())
        return tuple(
            SleepSpan(int(s["onset_ns"]), int(s["end_ns"]), bool(s["asleep"]), bool(s["uncertain"])) for s in kept
        )
    except (DecodeError, KeyError, TypeError, ValueError):
        return ()
