"""The diary of a person as pages and commands read and write it: whatever night an entry is of, or none."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from dashboards.diary import DiaryEntry, PastEntry, Written
from detectors.signal import NS_PER_S
from ingest.diary import FURTHEST_AHEAD_NS, PLANNED, PLANNED_AHEAD_NS, Note, is_said, revised, struck
from ingest.diary_kinds import MARKER, check_text, check_words
from ingest.errors import DecodeError
from ingest.night.changes import NightName
from ingest.night.entries import TopicKind
from ingest.night.journal import Journal
from ingest.night.journal_reader import JournalReader
from ingest.notes import SAME_S, keep_beside
from soleus.config import ensure_private
from soleus.diary_batch import Batch, Taken, body_of
from soleus.entered_time import shown_time
from soleus.evenings import AROUND_NS, Evenings
from soleus.nights import DATE_LETTERS, journal_path, nights_dir
from soleus.shelf import Shelf
from soleus.unchanged import Unchanged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from dashboards.book import NightCard
    from ingest.night.entries import Entry
    from soleus.settings import Settings

PEOPLE_KEPT = 4
MOVED_NS = NS_PER_S
"""An entry that moved by less was only put beside another one."""
_DAY = timedelta(days=1)
# A folder is called after the local date of its start, the entries around it lie a day before and after.
_BESIDE_DAYS = 3
_LATEST_S = 2**33


class _Filed(NamedTuple):
    """An entry and the night that it was written into."""

    night: str
    entry: DiaryEntry


@dataclass(frozen=True, slots=True)
class PersonDiary:
    """The diaries of a data folder; each call opens the journal anew, so several threads may ask.

    Parameters
    ----------
    settings : Settings
        Where the journal and the nights are, and whose entries are written.
    shelf : Shelf
        The nights.
    """

    settings: Settings
    shelf: Shelf
    _read: Unchanged[tuple[_Filed, ...]] = field(default_factory=lambda: Unchanged(PEOPLE_KEPT))

    @classmethod
    def of(cls, settings: Settings) -> PersonDiary:
        """Return the diary of a configuration, as commands use it."""
        return cls(settings, Shelf(settings))

    def everything(self) -> Sequence[DiaryEntry]:
        """Return all that was written, markers included, by time."""
        return [one.entry for one in self._filed(self.settings.person)]

    def between(self, onset_ns: int, end_ns: int) -> Sequence[DiaryEntry]:
        """Return what was written of ``[onset_ns, end_ns)``, UTC ns, markers included, by time."""
        filed = self._filed(self.settings.person)
        return [one.entry for one in filed if onset_ns <= one.entry.time_ns < end_ns]

    def of_nights(self, person: str, cards: Sequence[NightCard]) -> dict[str, tuple[DiaryEntry, ...]]:
        """Return the diary of each of some nights of a person, by time, by the name of the night."""
        found: dict[str, list[DiaryEntry]] = {card.night_id: [] for card in cards}
        if cards:
            span_ns = min(card.start_ns for card in cards), max(card.end_ns for card in cards)
            evenings = Evenings((*cards, *self._evenings(person, span_ns).cards))
            for one in self._filed(person):
                if one.night in found or span_ns[0] - AROUND_NS <= one.entry.time_ns <= span_ns[1] + AROUND_NS:
                    found.get(_own_night(one, evenings), []).append(one.entry)
        return {night: tuple(entries) for night, entries in found.items()}

    def filed_elsewhere(self, person: str, card: NightCard) -> tuple[str, ...]:
        """Return what else than the night the entries of its diary are filed under, an element for each entry."""
        shown = {entry.key for entry in self.of_nights(person, [card])[card.night_id]}
        own = (one for one in self._filed(person) if one.entry.key in shown)
        return tuple(one.night for one in own if one.entry.key and one.night != card.night_id)

    def write(self, entry: Written) -> DiaryEntry:
        """Keep an entry; ValueError if its time lies more than a day ahead.

        Notes
        -----
        The same entry twice is one: at the same time, or, without a time, within a minute.
        """
        now_ns = time.time_ns()
        note = note_of(entry, now_ns)
        ensure_private(self.settings.data_dir)
        if note.time_ns is None:
            now_ns = self._now_ns(now_ns)
            recent = self.between(now_ns - round(SAME_S * NS_PER_S), now_ns + 1)
            same = [old for old in recent if is_said(note, body_of(old))]
            if same:
                return same[-1]
        time_ns = now_ns if note.time_ns is None else note.time_ns
        person = self.settings.person
        night = self._evenings(person, (time_ns, time_ns)).night_of(time_ns)
        with _opened(journal_path(self.settings)) as journal:
            return _told(keep_beside(journal, NightName(person, night, ""), note, time_ns))

    def amend(self, key: str, entry: Written) -> DiaryEntry:
        """Let an entry say something else; KeyError if there is none, ValueError if it lies more than a day ahead."""
        now_ns = time.time_ns()
        note = note_of(entry, now_ns)
        with self._writing(key) as journal:
            while True:
                old = self._kept(journal, key)
                if _is_same(old, note):
                    return _told(old)
                new = revised(journal, old, note, now_ns)
                # Where another process was first, its word becomes history as well.
                if journal.put([new]):
                    return _told(new)

    def strike(self, key: str) -> None:
        """Take an entry back; KeyError if there is none."""
        with self._writing(key) as journal:
            while not journal.put([struck(self._kept(journal, key))]):
                pass

    def write_all(self, rows: Sequence[tuple[str, Written]]) -> Taken:
        """Keep entries in one transaction: all of them, or none where one cannot be kept.

        Parameters
        ----------
        rows : sequence of (str, Written)
            Each with its time. One with the key of an entry changes that entry; one that says what an entry of the same
            second says is that entry.

        Raises
        ------
        ValueError
            If a time is missing, or lies more than a day ahead.
        """
        now_ns = time.time_ns()
        notes = [(key, *_timed(note_of(entry, now_ns))) for key, entry in rows]
        if not notes:
            return Taken(0, 0, 0)
        person = self.settings.person
        span_ns = min(time_ns for _, _, time_ns in notes), max(time_ns for _, _, time_ns in notes)
        ensure_private(self.settings.data_dir)
        with _opened(journal_path(self.settings)) as journal:
            batch = Batch(journal, person, self._evenings(person, span_ns), now_ns)
            for one in self._filed(person):
                batch.know(one.entry)
            for note in notes:
                batch.take(*note)
            journal.put(batch.entries.values())
        return batch.taken

    def _writing(self, key: str) -> AbstractContextManager[Journal]:
        path = journal_path(self.settings)
        if not path.is_file():
            raise KeyError(key)
        return _opened(path)

    def _kept(self, journal: Journal, key: str) -> Entry:
        kept = journal.entry(key)
        own = kept is not None and kept.topic_kind is TopicKind.DIARY and kept.person == self.settings.person
        if kept is None or not own or not kept.valid:
            raise KeyError(key)
        return kept

    def _filed(self, person: str) -> tuple[_Filed, ...]:
        path = journal_path(self.settings)
        beside = (path.with_name(f"{path.name}-wal"),)
        return self._read.of(path, partial(self._read_all, person), part=person, beside=beside)

    def _read_all(self, person: str) -> tuple[_Filed, ...]:
        path = journal_path(self.settings)
        if not path.is_file():
            return ()
        with _said_of(path), JournalReader(path) as journal:
            notes = [_Filed(entry.night, _told(entry)) for entry in journal.written(TopicKind.DIARY, person)]
            marks = [_Filed(entry.night, _marked(entry.body)) for entry in journal.written(TopicKind.MARKER, person)]
        return tuple(sorted([*notes, *marks], key=lambda one: (one.entry.time_ns, one.entry.kind)))

    def _evenings(self, person: str, span_ns: tuple[int, int]) -> Evenings:
        """Return the nights of a person around a stretch of time."""
        parent = nights_dir(self.settings)
        if not parent.is_dir():
            return Evenings(())
        first, last = (
            datetime.fromtimestamp(min(max(0, at_ns // NS_PER_S), _LATEST_S), UTC).date() for at_ns in span_ns
        )
        first, last = first - _BESIDE_DAYS * _DAY, last + _BESIDE_DAYS * _DAY
        names = (path.name for path in parent.iterdir())
        near = [name for name in names if first.isoformat() <= name[:DATE_LETTERS] <= last.isoformat()]
        cards = [card for name in near if (card := self._card(name)) is not None and card.person == person]
        return Evenings(tuple(sorted(cards, key=lambda card: card.start_ns, reverse=True)))

    def _card(self, name: str) -> NightCard | None:
        try:
            return self.shelf.card(self.shelf.folder(name))
        except KeyError:
            return None  # no night, or one that cannot be read

    def _now_ns(self, now_ns: int) -> int:
        """Return what time it is: a night that is played at speed has come as far as it has been scored."""
        folder = next(self.shelf.folders(), None)
        if folder is None or self.shelf.info(folder).speed == 1.0:
            return now_ns
        card = self.shelf.card(folder)
        return card.end_ns if card.running else now_ns


@contextmanager
def _said_of(path: Path) -> Iterator[None]:
    """Say in one line what SQLite cannot do with a journal: another process holds it, or the disk is full."""
    try:
        yield
    except sqlite3.Error as error:
        msg = f"{path}: {error}"
        raise DecodeError(msg) from error


@contextmanager
def _opened(path: Path) -> Iterator[Journal]:
    with _said_of(path), Journal(path) as journal:
        yield journal


def _own_night(filed: _Filed, evenings: Evenings) -> str:
    night, entry = filed
    if entry.kind == MARKER:
        return night  # what a button said lies in the log of its own night
    moved = any(abs(past.time_ns - entry.time_ns) > MOVED_NS for past in entry.history)
    return evenings.night_of(entry.time_ns, "" if moved else night)


def note_of(entry: Written, now_ns: int) -> Note:
    """Return what somebody entered as it is kept; ValueError if its time lies too far after `now_ns`."""
    furthest_ns, most = (PLANNED_AHEAD_NS, "a year") if entry.kind in PLANNED else (FURTHEST_AHEAD_NS, "a day")
    if entry.time_ns is not None and entry.time_ns > now_ns + furthest_ns:
        msg = f"time is {shown_time(entry.time_ns)}, expected at most {most} ahead of this computer's clock"
        raise ValueError(msg)
    values = {name: float(value) for name, value in entry.values.items()}
    return Note(entry.kind, check_text(entry.text), values, entry.time_ns, check_words(dict(entry.words)))


def _timed(note: Note) -> tuple[Note, int]:
    if note.time_ns is None:
        msg = f"a {note.kind} has no time, expected one"
        raise ValueError(msg)
    return note, note.time_ns


def _is_same(old: Entry, note: Note) -> bool:
    return is_said(note, old.body) and note.time_ns in {None, old.body["time_ns"]}


def _told(entry: Entry) -> DiaryEntry:
    body: Mapping[str, Any] = entry.body
    history = tuple(PastEntry(*_said(state), state["changed_ns"]) for state in body.get("history", ()))
    return DiaryEntry(*_said(body), entry.key, history)


def _said(state: Mapping[str, Any]) -> tuple[int, str, str, Mapping[str, float], Mapping[str, str]]:
    return state["time_ns"], state["kind"], state.get("text", ""), state.get("values", {}), state.get("words", {})


def _marked(body: Mapping[str, Any]) -> DiaryEntry:
    return DiaryEntry(body["time_ns"], MARKER, body.get("label", ""))
