"""Notes that come over MQTT and become entries of the diary: ``docs/mqtt.md#note``."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest import wire
from ingest.bucket import Bucket
from ingest.diary import FURTHEST_AHEAD_NS, Note, begun, is_said, is_taken, note_entry, revised, states_of
from ingest.diary_kinds import check_kind, check_text, check_time, check_values, check_words
from ingest.errors import DecodeError
from ingest.fitting_json import json_that_fits
from ingest.guest import Complaints
from ingest.mqtt import Received
from ingest.night.entries import Entry, TopicKind
from ingest.unquoted import unquoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.mqtt import MqttLink, Signal
    from ingest.night.changes import NightName
    from ingest.night.journal import Journal

__all__ = ["Note", "NoteEar", "decode_note", "keep_beside", "keep_note", "note_entry", "written_note"]

MOST_BYTES = 8192
MOST_AT_ONCE = 100
"""As many may come at once, after an evening without a connection; after that one a second."""
SAME_S = 60.0
"""Two equal notes without a time within a minute are one: a button that bounces, or a sender that asked again."""
LATEST = 200
"""A note without a time is compared with so many: more than may come within that minute."""


def decode_note(payload: bytes) -> Note:
    """Return the note in a message.

    Parameters
    ----------
    payload : bytes
        ``{"kind": "remedy", "text": "magnesium", "values": {"dose_mg": 300}, "time_ns": 1795209000000000000}``; all but
        the kind may be left out.

    Raises
    ------
    DecodeError
        If it is no note, or larger than one may be.
    """
    if len(payload) > MOST_BYTES:
        msg = f"a note has {len(payload)} bytes, expected at most {MOST_BYTES}"
        raise DecodeError(msg)
    fields = json_that_fits(payload)
    if not isinstance(fields, dict):
        msg = f"a note is {unquoted(fields)}, expected an object"
        raise DecodeError(msg)
    if fields.get("v", wire.VERSION) != wire.VERSION:
        msg = f"a note has version {unquoted(fields['v'])}, expected {wire.VERSION} or none"
        raise DecodeError(msg)
    try:
        return Note(
            check_kind(fields.get("kind")),
            check_text(fields.get("text", "")),
            check_values(fields.get("values", {})),
            check_time(fields.get("time_ns")),
            check_words(fields.get("words", {})),
        )
    except ValueError as error:
        raise DecodeError(str(error)) from error


def written_note(text: str, kind: str = "note") -> Note:
    """Return what somebody wrote on a page as a note without a time.

    Raises
    ------
    DecodeError
        If the text is empty, or longer than one may be.
    """
    try:
        words = check_text(text)
    except ValueError as error:
        raise DecodeError(str(error)) from error
    if not words:
        msg = "a note is empty, expected words"
        raise DecodeError(msg)
    return Note(kind, words, {}, None)


def keep_note(journal: Journal, whose: NightName, note: Note, now_ns: int, *, again: bool = False) -> None:
    """Write a note into the diary of a night; one of the same kind and time as another corrects it.

    Parameters
    ----------
    journal : Journal
        Where it is kept.
    whose : NightName
        The night.
    note : Note
        What somebody wrote.
    now_ns : int
        What dates a note without a time, UTC ns.
    again : bool
        Whether it may have come before.

    Raises
    ------
    DecodeError
        If it is of a time that lies more than a day ahead.
    """
    if note.time_ns is None:
        new = note_entry(note, now_ns, whose.person, whose.night)
        latest = journal.latest(TopicKind.DIARY, (whose.person, whose.night, ""), limit=LATEST)
        if not any(_is_same(new, old, again=again) for old in latest):
            # Another note of this kind may have come in the same instant.
            while not journal.put([begun(journal, whose, note, now_ns)]):
                pass
        return
    if note.time_ns > now_ns + FURTHEST_AHEAD_NS:
        msg = f"time_ns is {note.time_ns}, more than a day ahead of this computer's clock"
        raise DecodeError(msg)
    new = note_entry(note, note.time_ns, whose.person, whose.night)
    while True:
        old = journal.entry(new.key)
        if old is not None and _has_come(note, old, again=again):
            return
        # Where another process was first, what it changed becomes history.
        if journal.put([_beside_others(journal, new, note) if old is None else revised(journal, old, note, now_ns)]):
            return


def _beside_others(journal: Journal, new: Entry, note: Note) -> Entry:
    """Return an entry at a moment that no other has in a database; its key stays that of the note."""
    time_ns = note.time_ns or 0
    while is_taken(journal, new, note.kind, time_ns):
        time_ns += 1
    return replace(new, body={**new.body, "time_ns": time_ns})


def _has_come(note: Note, old: Entry, *, again: bool) -> bool:
    """Return whether a note says nothing new: what is kept, or what was corrected since and comes once more."""
    if again and any(is_said(note, state) for state in states_of(old.body)):
        return True
    return old.valid and is_said(note, old.body)


def keep_beside(journal: Journal, whose: NightName, note: Note, time_ns: int) -> Entry:
    """Write a note of a moment into the diary of a night, beside those that there are of that moment.

    Parameters
    ----------
    journal : Journal
        Where it is kept.
    whose : NightName
        The night.
    note : Note
        What somebody wrote; the same words again are the same note.
    time_ns : int
        The moment, UTC ns; the next ones if it is taken.

    Returns
    -------
    Entry
        As it is kept.
    """
    at_ns = time_ns
    while True:
        there = journal.diary_at(whose.person, at_ns)
        same = [old for old in there if old.valid and old.body["time_ns"] == at_ns and is_said(note, old.body)]
        if same:
            return same[0]
        new = note_entry(note, at_ns, whose.person, whose.night)
        if journal.entry(new.key) is not None or is_taken(journal, new, note.kind, at_ns):
            at_ns += 1
        # Where another process was first, its entry is looked at as well.
        elif journal.put([new]):
            return new


class NoteEar:
    """Writes notes into the diary of the running night, as a guest of the relay.

    Parameters
    ----------
    journal : Journal
        Where they are kept before the broker hears that they have come.
    whose : NightName
        The night to whose diary they belong.
    topic : str
        Where they come.
    now_ns : callable
        Returns the time that dates a note without one, UTC ns.
    clock_s : callable
        Returns a time that only goes on, s; it measures how many come.
    """

    fleeting: Sequence[str] = ()

    def __init__(
        self,
        journal: Journal,
        whose: NightName,
        topic: str,
        *,
        now_ns: Callable[[], int] = time.time_ns,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal = journal
        self._whose = whose
        self._topic = topic
        self._now_ns = now_ns
        self._bucket = Bucket(MOST_AT_ONCE, clock_s)
        self.subscriptions = (topic,)
        self.refused = Complaints("a note is passed over", clock_s)

    def take(self, signal: Signal, link: MqttLink) -> bool:
        """Keep a note that has come, then say so; what is none is counted."""
        if not isinstance(signal, Received) or signal.topic != self._topic:
            return False
        try:
            note = decode_note(signal.payload)
            self._bucket.take()
            self._keep(note, signal)
        except DecodeError as error:
            self.refused.say(error)
        link.acknowledge(signal)
        return True

    def send(self, link: MqttLink) -> None:
        """Say nothing: the entry travels with the others."""

    def leave(self, link: MqttLink) -> None:
        """Say nothing."""

    def _keep(self, note: Note, message: Received) -> None:
        # A retained one comes again with every connection, and nobody knows when it was written.
        if note.time_ns is not None or not message.retained:
            again = message.again or message.retained
            keep_note(self._journal, self._whose, note, self._now_ns(), again=again)


def _is_same(new: Entry, old: Entry, *, again: bool) -> bool:
    """Return whether a note without a time is one that was kept: said again by the broker, or a moment ago."""
    before_ns, now_ns = old.body["time_ns"], new.body["time_ns"]
    if not isinstance(before_ns, int) or not isinstance(now_ns, int):
        return False
    equal = {**old.body, "time_ns": now_ns} == new.body
    return equal and (again or abs(now_ns - before_ns) < SAME_S * NS_PER_S)
