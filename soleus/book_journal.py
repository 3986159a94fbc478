"""What pages read from the journal, and what they write into it: a person's word on an event, and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from dashboards.weeks import DiaryEntry, EventSpan
from detectors.events import EventKind, in_order
from detectors.signal import NS_PER_S
from ingest.errors import DecodeError
from ingest.night.changes import NightName
from ingest.night.entries import TopicKind, event_entry, event_of
from ingest.night.journal import Journal
from ingest.night.journal_reader import JournalReader
from ingest.notes import keep_beside, keep_note, written_note
from soleus.unchanged import Unchanged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from detectors.events import Event
    from ingest.night.entries import Entry
    from ingest.night.folder import NightInfo
    from ingest.notes import Note

AROUND_NS = 24 * 3600 * NS_PER_S
"""How long before and after a night a note may still belong to it: the day that led to it, and the day after."""


NIGHTS_KEPT = 8
"""Nights of which every event is kept as long as nobody writes: a page asks three times in a row."""
FIGURES_KEPT = 100
"""Nights of which short events are kept for the page of weeks, some ten kilobytes each."""


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
    _figures: Unchanged[tuple[tuple[EventSpan, ...], tuple[DiaryEntry, ...]]] = field(
        default_factory=lambda: Unchanged(FIGURES_KEPT)
    )

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

    def diary(self, info: NightInfo) -> tuple[DiaryEntry, ...]:
        """Return the notes and markers of a night, by time."""
        if not self.path.is_file():
            return ()
        with JournalReader(self.path) as journal:
            return _diary(journal, info)

    def figures(self, infos: Iterable[NightInfo]) -> list[tuple[tuple[EventSpan, ...], tuple[DiaryEntry, ...]]]:
        """Return short events and diary of each night, in the order given."""
        beside = self._written_first()
        return [
            self._figures.of(self.path, partial(self._read_figures, info), part=_name(info), beside=beside)
            for info in infos
        ]

    def _read_figures(self, info: NightInfo) -> tuple[tuple[EventSpan, ...], tuple[DiaryEntry, ...]]:
        if not self.path.is_file():
            return (), ()
        with JournalReader(self.path) as journal:
            return _spans(journal, info), _diary(journal, info)

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


def _diary(journal: JournalReader, info: NightInfo) -> tuple[DiaryEntry, ...]:
    notes = journal.entries(TopicKind.DIARY, info.person, info.night, "")
    markers = journal.entries(TopicKind.MARKER, info.person, info.night, "")
    entries = [*(_noted(entry.body) for entry in notes), *(_marked(entry.body) for entry in markers)]
    return tuple(sorted(entries, key=lambda entry: (entry.time_ns, entry.kind)))


def _noted(body: Mapping[str, Any]) -> DiaryEntry:
    return DiaryEntry(body["time_ns"], body["kind"], body.get("text", ""), body.get("values", {}))


def _marked(body: Mapping[str, Any]) -> DiaryEntry:
    return DiaryEntry(body["time_ns"], "marker", body.get("label", ""))
