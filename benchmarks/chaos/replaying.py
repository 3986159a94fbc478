"""What a journal says of a night, and what a replay of the log that is left says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

from benchmarks.chaos.night import TOP
from ingest.night.entries import event_of
from ingest.night.journal import Journal
from soleus.result import event_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from detectors.events import Event
    from ingest.night.folder import NightFolder


def journalled(folder: Path, night: NightFolder) -> list[Event]:
    """Return the valid events of a night, as the journal of `folder` has them."""
    info = night.read_info()
    with Journal(folder / "data" / "journal.sqlite") as journal:
        return [event_of(entry) for entry in journal.events(info.person, info.night, info.scoring)]


def differing_from_replay(folder: Path, night: NightFolder, events: Iterable[Event]) -> int:
    """Return how many events only one of journal and ``soleus replay`` has, times and measures included.

    Parameters
    ----------
    folder : Path
        With the configuration.
    night : NightFolder
        A night that has ended.
    events : iterable of Event
        As the journal has them.
    """
    summary = night.read_summary()
    if summary is None:
        raise RuntimeError(f"{night.path} has no summary, expected one of a night that has ended")
    command = ("replay", night.path.name, "--config", str(folder / "soleus.toml"), "--format", "json")
    out = subprocess.run([sys.executable, "-m", "soleus", *command], capture_output=True, check=True, cwd=TOP)
    replayed = Counter(_said(row) for row in json.loads(out.stdout)["events"])
    kept = Counter(_said(row) for row in event_rows(events, summary["start_ns"]))
    return ((kept - replayed) + (replayed - kept)).total()


def _said(row: Mapping[str, object]) -> str:
    return json.dumps(row, sort_keys=True)
