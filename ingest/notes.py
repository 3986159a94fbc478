"""Notes that come over MQTT and become entries of the diary: ``docs/mqtt.md#note``."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from detectors.signal import NS_PER_S
from ingest import wire
from ingest.bucket import Bucket
from ingest.errors import DecodeError
from ingest.fitting_json import json_that_fits
from ingest.guest import Complaints
from ingest.mqtt import Received
from ingest.night.entries import Entry, TopicKind
from ingest.schema import DIARY
from ingest.unquoted import unquoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ingest.mqtt import MqttLink, Signal
    from ingest.night.changes import NightName
    from ingest.night.journal import Journal

MOST_BYTES = 8192
MOST_TEXT = 1000
"""Characters: a paragraph."""
MOST_VALUES = 16
MOST_AT_ONCE = 100
"""As many may come at once, after an evening without a connection; after that one a second."""
SAME_S = 60.0
"""Two equal notes without a time within a minute are one: a button that bounces, or a sender that asked again."""
LATEST = 200
"""A note without a time is compared with so many: more than may come within that minute."""
_FURTHEST_AHEAD_NS = 24 * 3600 * NS_PER_S
"""A clock may be set to another zone; a note of next year is a mistake."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# What a marker is called in the database, where it shares a table with the diary.
_TAKEN = frozenset({"marker"})


class Note(NamedTuple):
    """What somebody wrote; `time_ns` (UTC) is None where the sender did not say when."""

    kind: str
    text: str
    values: Mapping[str, float]
    time_ns: int | None


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
    kind, time_ns = fields.get("kind"), fields.get("time_ns")
    if not isinstance(kind, str) or not _NAME.fullmatch(kind) or kind in _TAKEN:
        msg = f"kind is {unquoted(kind)}, expected a word of lower case letters, digits and '_', and not 'marker'"
        raise DecodeError(msg)
    if time_ns is not None and (not isinstance(time_ns, int) or isinstance(time_ns, bool) or time_ns < 0):
        msg = f"time_ns is {unquoted(time_ns)}, expected nanoseconds of UTC as a whole number"
        raise DecodeError(msg)
    return Note(kind, _text(fields.get("text", "")), _values(fields.get("values", {})), time_ns)


def written_note(text: str, kind: str = "note") -> Note:
    """Return what somebody wrote on a page as a note without a time.

    Raises
    ------
    DecodeError
        If the text is empty, or longer than one may be.
    """
    words = _text(text)
    if not words:
        msg = "a note is empty, expected words"
        raise DecodeError(msg)
    return Note(kind, words, {}, None)


def _text(text: object) -> str:
    if not isinstance(text, str) or len(text) > MOST_TEXT:
        msg = f"text is {unquoted(text)}, expected at most {MOST_TEXT} characters"
        raise DecodeError(msg)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _values(values: object) -> dict[str, float]:
    if not isinstance(values, dict) or len(values) > MOST_VALUES:
        msg = f"values is {unquoted(values)}, expected an object with at most {MOST_VALUES} numbers"
        raise DecodeError(msg)
    found = {}
    for name, value in values.items():
        if not _NAME.fullmatch(name) or name in {*DIARY.fields, *DIARY.tags, "time"}:
            msg = f"a name in values is {unquoted(name)}, expected lower case letters, digits and '_', with its unit"
            raise DecodeError(msg)
        if not isinstance(value, int | float) or isinstance(value, bool):
            msg = f"values.{name} is {unquoted(value)}, expected a number"
            raise DecodeError(msg)
        found[name] = float(value)
    return found


def note_entry(note: Note, time_ns: int, person: str, night: str) -> Entry:
    """Return the entry of a note; kind and time (UTC, ns) make it the same entry when it comes again."""
    body = {"kind": note.kind, "time_ns": time_ns, "text": note.text, "values": dict(note.values)}
    key = json.dumps([str(TopicKind.DIARY), person, night, note.kind, time_ns], ensure_ascii=False)
    return Entry(TopicKind.DIARY, person, night, "", key, 0, valid=True, body=body)


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
    if note.time_ns is not None and note.time_ns > now_ns + _FURTHEST_AHEAD_NS:
        msg = f"time_ns is {note.time_ns}, more than a day ahead of this computer's clock"
        raise DecodeError(msg)
    person, night, _ = whose
    time_ns = now_ns if note.time_ns is None else note.time_ns
    new = note_entry(note, time_ns, person, night)
    if note.time_ns is None:
        latest = journal.latest(TopicKind.DIARY, (person, night, ""), limit=LATEST)
        if any(_is_same(new, old, again=again) for old in latest):
            return
        while journal.entry(new.key) is not None:
            # Another note of this kind came in the same instant.
            time_ns += 1
            new = note_entry(note, time_ns, person, night)
    _correct(journal, note, time_ns, new, again=again)


def _correct(journal: Journal, note: Note, time_ns: int, new: Entry, *, again: bool) -> None:
    """Put a note in the place of the one that it corrects, if there is one."""
    taken_back: list[Entry] = []
    while (old := journal.entry(new.key)) is not None and (not old.valid or _loses_values(old, new)):
        if again and not old.valid and old.body == new.body:
            return  # what was corrected since comes once more; said anew it is the last word
        if old.valid:
            # A database keeps a value that a later point of the same time does not have.
            taken_back.append(replace(old, revision=old.revision + 1, valid=False))
        time_ns += 1
        new = note_entry(note, time_ns, new.person, new.night)
    if old is not None and old.body != new.body:
        new = replace(new, revision=old.revision + 1)
    journal.put([*taken_back, new])


def _loses_values(old: Entry, new: Entry) -> bool:
    before, after = old.body["values"], new.body["values"]
    return isinstance(before, dict) and isinstance(after, dict) and not before.keys() <= after.keys()


def keep_beside(journal: Journal, whose: NightName, note: Note, time_ns: int) -> None:
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
    """
    new = note_entry(note, time_ns, whose.person, whose.night)
    while (old := journal.entry(new.key)) is not None:
        if {**old.body, "time_ns": 0} == {**new.body, "time_ns": 0}:
            return
        time_ns += 1
        new = note_entry(note, time_ns, whose.person, whose.night)
    journal.put([new])


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
