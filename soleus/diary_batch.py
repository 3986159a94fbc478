"""Many entries of the diary at once, as they come from a table: what is new, what changes, what is there already."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from detectors.signal import NS_PER_S
from ingest.diary import Note, begun, is_said, note_entry, revised
from ingest.night.changes import NightName
from ingest.night.entries import TopicKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.diary import DiaryEntry
    from ingest.night.entries import Entry
    from ingest.night.journal import Journal
    from soleus.evenings import Evenings


class Taken(NamedTuple):
    """How many entries were new, were changed, and were there already."""

    new: int
    changed: int
    known: int


class Batch:
    """Entries that are kept together; nothing is written before all of them can be.

    Parameters
    ----------
    journal : Journal
        Where they are to be kept.
    person : str
        Whose.
    evenings : Evenings
        The nights that they may belong to.
    now_ns : int
        When what they change is changed, UTC ns.

    Attributes
    ----------
    entries : dict of str to Entry
        What is to be written, by key.
    taken : Taken
        How many so far.
    """

    def __init__(self, journal: Journal, person: str, evenings: Evenings, now_ns: int) -> None:
        self._journal = journal
        self._person = person
        self._evenings = evenings
        self._now_ns = now_ns
        self._said: defaultdict[int, list[Mapping[str, Any]]] = defaultdict(list)
        self._points: set[tuple[object, object]] = set()
        self.entries: dict[str, Entry] = {}
        self.taken = Taken(0, 0, 0)

    def know(self, entry: DiaryEntry) -> None:
        """Know an entry of the diary, so that it is not kept twice."""
        self._said[entry.time_ns // NS_PER_S].append(body_of(entry))

    def take(self, key: str, note: Note, time_ns: int) -> None:
        """Take an entry that is to be kept; its time is as exact as a table has it, to the second."""
        new, changed, known = self.taken
        second = time_ns // NS_PER_S
        old = self._own(key)
        if old is not None and is_said(note, old.body) and _second(old) == second:
            self.taken = Taken(new, changed, known + 1)
        elif old is not None:
            self._change(old, note._replace(time_ns=None if _second(old) == second else time_ns))
            self.taken = Taken(new, changed + 1, known)
        elif any(is_said(note, body) for body in self._said[second]):
            self.taken = Taken(new, changed, known + 1)
        else:
            self._begin(note, time_ns)
            self.taken = Taken(new + 1, changed, known)

    def _own(self, key: str) -> Entry | None:
        old = self._journal.entry(key) if key else None
        own = old is not None and old.valid and old.topic_kind is TopicKind.DIARY and old.person == self._person
        return old if own else None

    def _change(self, old: Entry, note: Note) -> None:
        entry = revised(self._journal, old, note, self._now_ns)
        while _point(entry) in self._points:
            entry = revised(self._journal, old, note._replace(time_ns=_time_ns(entry) + 1), self._now_ns)
        self._keep(entry)

    def _begin(self, note: Note, time_ns: int) -> None:
        whose = NightName(self._person, self._evenings.night_of(time_ns), "")
        entry = begun(self._journal, whose, note, time_ns)
        while _point(entry) in self._points or entry.key in self.entries:
            entry = begun(self._journal, whose, note, _time_ns(entry) + 1)
        self._keep(entry)

    def _keep(self, entry: Entry) -> None:
        self._points.add(_point(entry))
        self._said[_second(entry)].append(entry.body)
        self.entries[entry.key] = entry


def body_of(entry: DiaryEntry) -> Mapping[str, Any]:
    """Return what an entry says as the journal keeps it, without its history."""
    return note_entry(Note(entry.kind, entry.text, entry.values, None, entry.words), entry.time_ns, "", "").body


def _point(entry: Entry) -> tuple[object, object]:
    return entry.body["kind"], entry.body["time_ns"]


def _second(entry: Entry) -> int:
    return _time_ns(entry) // NS_PER_S


def _time_ns(entry: Entry) -> int:
    body: Mapping[str, Any] = entry.body
    return int(body["time_ns"])
