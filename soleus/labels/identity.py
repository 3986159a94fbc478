"""Whether a recording is the one of its name that was labelled, and how much later it begins than was known then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from detectors.signal import NS_PER_S
from soleus.labels.acts import MS_PER_S

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from soleus.labels.ledger import LabelLedger, Placed

# A recording that is called like one of another day is another one.
_SAME_S: Final = 1.0


def later_ms(ledger: LabelLedger, recording: str, placed: Placed) -> int:
    """Return how much later a recording begins than when its first act was kept, ms.

    Parameters
    ----------
    ledger : LabelLedger
        What is kept.
    recording : str
        Its key.
    placed : Placed
        What it is now. The first sample of a stored night is known when the night is over: until then its start may
        move, and it grows.

    Raises
    ------
    ValueError
        If it is another one of the same name.
    """
    kept = ledger.recordings().get(recording, placed)
    is_night = bool(placed.person)
    later_ns = placed.start_ns - kept.start_ns
    same_span = is_night or max(abs(later_ns) / NS_PER_S, abs(placed.duration_s - kept.duration_s)) < _SAME_S
    if not same_span:
        fault = f"{_span(placed)}, expected one that {_span(kept)} as"
    elif placed.content != kept.content:
        fault = "holds other data than"
    else:
        return round(later_ns * MS_PER_S / NS_PER_S)
    msg = (
        f"{recording} {fault} the recording of this name that was labelled: give one of them another name, or remove"
        f" those marks (soleus labels remove {recording})"
    )
    raise ValueError(msg)


def same_in(ledger: LabelLedger, placed: Mapping[str, Placed]) -> Collection[str]:
    """Return which recordings hold what was labelled under their names, also where it is read in another way."""
    kept = ledger.recordings() if placed else {}
    return {recording for recording, now in placed.items() if kept.get(recording, now).content == now.content}


def _span(placed: Placed) -> str:
    began = datetime.fromtimestamp(placed.start_ns // NS_PER_S, UTC)
    return f"begins at {began:%Y-%m-%d %H:%M:%S} UTC and lasts {placed.duration_s:g} s"
