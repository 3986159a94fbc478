"""What pages read from the journal, and what they write into it: a person's word on an event, and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from dashboards.weeks import EventSpan
from detectors.events import EventKind, in_order
from ingest.errors import DecodeError
from ingest.night.changes import NightName
from ingest.night.entries import TopicKind, event_entry, event_of
from ingest.night.journal import Journal
from ingest.night.journal_reader import JournalReader
from ingest.notes import keep_beside, keep_note, written_note
from soleus.evenings import AROUND_NS
from soleus.unchanged import Unchanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from detectors.events import Event
    from ingest.night.entries import Entry
    from ingest.night.folder import NightInfo
    from ingest.notes import Note

NIGHTS_KEPT = 8
"""Nights of which every event is kept as long as nobody writes: a page asks three times in a row."""
FIGURES_KEPT = 100
"""Nights of which short events are kept for the page of weeks, a sixth of a kilobyte for each of them."""


@dataclass(frozen=True, slots=True)
class BookJournal:
    """The journal of a data folder, as pages use it; each call opens it anew, so several threads may ask.

    What was read is not read again while nobody writes.

    Parameters
    ----------
    path : Path
        The file; there may be none yet.
    """

    path: Path
    _events: Unchanged[tuple[Event, ...]] = field(default_factory=lambda: Unchanged(NIGHTS_KEPT))
    _spans: Unchanged[tuple[EventSpan, ...]] = field(default_factory=lambda: Unchanged(FIGURES_KEPT))

    def events(self, info: NightInfo) -> tuple[Event, ...]:
        """Return the valid events of a night, by onset, each with the person's word on it."""
        return self._events.of(
            self.path, lambda: self._read_events(info), part=_name(info), beside=self._written_first()
        )

    def _read_events(self, info: NightInfo) -> tuple[Event, ...]:
        if not self.path.is_file():
            return ()
        with JournalReader(self.path) as journal:
            entries = journal.entries(TopicKind.EVENT, info.person, info.night, info.scoring)
        return tuple(sorted(map(event_of, entries), key=in_order))

    def health(self, info: NightInfo) -> Sequence[Entry]:
        """Return what the sensors of a night said about themselves."""
        if not self.path.is_file():
            return ()
        with JournalReader(self.path) as journal:
            return journal.entries(TopicKind.HEALTH, info.person, info.night, "")

    def spans(self, infos: Iterable[NightInfo]) -> list[tuple[EventSpan, ...]]:
        """Return the short events of each night, in the order given."""
        beside = self._written_first()
        return [
            self._spans.of(self.path, partial(self._read_spans, info), part=_name(info), beside=beside)
            for info in infos
        ]

    def _read_spans(self, info: NightInfo) -> tuple[EventSpan, ...]:
        if not self.path.is_file():
            return ()
        with JournalReader(self.path) as journal:
            return _spans(journal, info)

    def _written_first(self) -> tuple[Path, ...]:
        """Return where SQLite writes before the file itself changes."""
        return (self.path.with_name(f"{self.path.name}-wal"),)

    def judge(self, info: NightInfo, event: Event, *, confirmed: bool | None) -> None:
        """Keep the person's word on an event; it waits for delivery like every other change.

        Raises
        ------
        KeyError
            If the night has no such event.
        """
        key = event_entry(event, info.person, info.night, info.scoring).key
        if not self.path.is_file():
            raise KeyError(key)
        with Journal(self.path) as journal:
            kept = journal.entry(key)
            if kept is None or not kept.valid:
                raise KeyError(key)
            journal.judge(key, confirmed=confirmed)

    def note(self, info: NightInfo, note: Note, now_ns: int) -> None:
        """Keep a note of this moment (UTC, ns); the same one a moment later is the same note."""
        with Journal(self.path) as journal:
            keep_note(journal, _name(info), note, now_ns)

    def note_at(self, info: NightInfo, note: Note, time_ns: int, *, span_ns: tuple[int, int]) -> None:
        """Keep a note of a moment (UTC, ns), beside what else was written of it.

        Raises
        ------
        ValueError
            If the moment is not within a day of the night's span.
        """
        if not span_ns[0] - AROUND_NS <= time_ns <= span_ns[1] + AROUND_NS:
            msg = f"the note is of another day than the night {info.night}, expected a time within a day of it"
            raise ValueError(msg)
        with Journal(self.path) as journal:
            keep_beside(journal, _name(info), note, time_ns)


def _name(info: NightInfo) -> NightName:
    return NightName(info.person, info.night, info.scoring)


def note_of(text: str, kind: str) -> Note:
    """Return what somebody wrote as a note.

    Raises
    ------
    ValueError
        If the text is empty or too long.
    """
    try:
        return written_note(text, kind)
    except DecodeError as error:
        raise ValueError(str(error)) from error


def _spans(journal: JournalReader, info: NightInfo) -> tuple[EventSpan, ...]:
    """Return the events of a night that a page shows: no cramp of tier 0."""
    found = journal.outlines(info.person, info.night, info.scoring)
    return tuple(EventSpan(*outline) for outline in found if outline.tier or outline.kind is not EventKind.CRAMP)
