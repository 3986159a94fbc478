"""``soleus night``: what it says while it collects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.events import Event, EventKind
from detectors.signal import Leg
from ingest.night.entries import event_entry
from ingest.night.journal import Journal
from soleus.attendance import status_line
from soleus.nights import journal_path
from soleus.presence import Presence
from soleus.settings import Settings
from tests.night_log import INFO, UTC_NS, write_night

if TYPE_CHECKING:
    from pathlib import Path


def test_the_counts_are_those_of_this_night_alone(tmp_path: Path) -> None:
    settings = Settings(person=INFO.person, data_dir=tmp_path)
    folder = write_night(tmp_path / INFO.night, [])
    entries = [
        event_entry(Event(EventKind.MARKER, "shin", Leg.LEFT, onset_ns, onset_ns, {}), INFO.person, name, INFO.scoring)
        for name, n_events in ((INFO.night, 1), ("2026-09-20-2230", 3))
        for onset_ns in range(UTC_NS, UTC_NS + n_events)
    ]
    with Journal(journal_path(settings)) as journal:
        journal.put(entries)
    line = status_line(settings, folder, Presence({"left": ()}))
    assert line == "waiting: left: not heard yet · 0.0 MB · 1 facts · 0 delivered"
