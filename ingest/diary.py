"""The diary in the journal: how an entry is kept, changed and taken back.

An entry's key is made when it is first kept, of its kind and its time, and stays through every change; what it said
before travels with it as its ``history``. InfluxDB knows a point by its time and its tags: when an entry moves, or
loses a number, it becomes another point there, and the history says which ones are to be taken back
(:mod:`ingest.points`).
"""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from detectors.signal import NS_PER_S
from ingest.night.entries import Entry, TopicKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ingest.night.changes import NightName
    from ingest.night.journal import Journal

MOST_HISTORY = 50
"""Earlier states that an entry carries; the oldest are dropped."""
FURTHEST_AHEAD_NS = 24 * 3600 * NS_PER_S
"""A clock may be set to another zone; an entry of next year is a mistake."""
PLANNED_AHEAD_NS = 366 * 24 * 3600 * NS_PER_S
"""The blocks of a plan lie ahead, by a year at most."""
PLANNED = frozenset({"period"})
"""Kinds that are planned."""
_STATE = ("kind", "time_ns", "text", "values", "words")


class Note(NamedTuple):
    """What somebody wrote; `time_ns` (UTC) is None where nobody said when."""

    kind: str
    text: str
    values: Mapping[str, float]
    time_ns: int | None
    words: Mapping[str, str] = MappingProxyType({})


def note_entry(note: Note, time_ns: int, person: str, night: str) -> Entry:
    """Return the first entry of a note; kind and time (UTC, ns) make it the same entry when it comes again."""
    key = json.dumps([str(TopicKind.DIARY), person, night, note.kind, time_ns], ensure_ascii=False)
    return Entry(TopicKind.DIARY, person, night, "", key, 0, valid=True, body=_body(note, time_ns))


def states_of(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return all that an entry has said, oldest first, what it says now last."""
    return [*body.get("history", ()), body]


def is_said(note: Note, body: Mapping[str, Any]) -> bool:
    """Return whether a state of an entry says what a note says, whenever it was."""
    new = _body(note, 0)
    return all(body.get(name, {}) == new.get(name, {}) for name in _STATE if name != "time_ns")


def revised(journal: Journal, old: Entry, note: Note, now_ns: int) -> Entry:
    """Return the next revision of an entry, with what it said before as the last of its history.

    Parameters
    ----------
    journal : Journal
        Where it is kept.
    old : Entry
        What is kept.
    note : Note
        What it is to say; without a time it keeps its own.
    now_ns : int
        When it is changed, UTC ns.
    """
    before: Mapping[str, Any] = old.body
    state = {name: before[name] for name in _STATE if name in before}
    history = [*before.get("history", ()), {**state, "changed_ns": now_ns}][-MOST_HISTORY:]
    time_ns = _time_of(before) if note.time_ns is None else note.time_ns
    time_ns = _free_ns(journal, old, note, history, time_ns)
    body = {**_body(note, time_ns), "history": history}
    return replace(old, revision=old.revision + 1, valid=True, body=body)


def begun(journal: Journal, whose: NightName, note: Note, time_ns: int) -> Entry:
    """Return the first entry of a note at a moment (UTC, ns), or the next nanosecond at which there is no other."""
    new = note_entry(note, time_ns, whose.person, whose.night)
    while journal.entry(new.key) is not None or is_taken(journal, new, note.kind, time_ns):
        time_ns += 1
        new = note_entry(note, time_ns, whose.person, whose.night)
    return new


def struck(old: Entry) -> Entry:
    """Return the revision that takes an entry back; what it said stays with it."""
    return replace(old, revision=old.revision + 1, valid=False)


def is_taken(journal: Journal, own: Entry, kind: str, time_ns: int) -> bool:
    """Return whether another entry of the person is, or was, the point of this kind and time in a database."""
    others = (entry for entry in journal.diary_at(own.person, time_ns) if entry.key != own.key)
    return any(_is_at(state, kind, time_ns) for entry in others for state in states_of(entry.body))


def _free_ns(journal: Journal, old: Entry, note: Note, history: Iterable[Mapping[str, Any]], time_ns: int) -> int:
    """Return the first time at which no database keeps anything that the note does not say."""
    before = list(history)
    while is_taken(journal, old, note.kind, time_ns) or any(
        # A database keeps a value that a later point of the same time does not have.
        _is_at(state, note.kind, time_ns) and not state["values"].keys() <= note.values.keys()
        for state in before
    ):
        time_ns += 1
    return time_ns


def _is_at(state: Mapping[str, Any], kind: str, time_ns: int) -> bool:
    return bool(state["kind"] == kind and state["time_ns"] == time_ns)


def _time_of(body: Mapping[str, Any]) -> int:
    return int(body["time_ns"])


def _body(note: Note, time_ns: int) -> dict[str, object]:
    body = {"kind": note.kind, "time_ns": time_ns, "text": note.text, "values": dict(note.values)}
    return {**body, "words": dict(note.words)} if note.words else body
