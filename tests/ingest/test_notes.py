"""Notes from MQTT: each becomes one entry of the diary, and rubbish none."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import NS_PER_S
from ingest import wire
from ingest.diary import revised, states_of
from ingest.errors import DecodeError
from ingest.mqtt import Received, Up
from ingest.night.changes import NightName
from ingest.night.entries import Delivery, Entry, TopicKind
from ingest.night.journal import Journal
from ingest.notes import LATEST, MOST_AT_ONCE, MOST_BYTES, SAME_S, Note, NoteEar, decode_note, note_entry
from ingest.points import points_of
from ingest.wire import Delivered
from tests.ingest.link_log import LinkLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOPIC = wire.note_topic("home", "p1")
NOW_NS = 1_795_212_000 * NS_PER_S
REMEDY: dict[str, Any] = {"kind": "remedy", "text": "magnesium", "values": {"dose_mg": 300}, "time_ns": NOW_NS - 5}
CRAMP = {"kind": "cramp"}


class Bedside:
    """A journal, its ear for notes, and a clock that goes on when it is told to."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.passed_s = 0.0
        self.link = LinkLog()
        self.ear = NoteEar(
            journal,
            NightName("p1", "n1", "default"),
            TOPIC,
            now_ns=lambda: NOW_NS + round(self.passed_s * NS_PER_S),
            clock_s=lambda: self.passed_s,
        )

    def hear(self, note: object, **how: Any) -> None:
        payload = note if isinstance(note, bytes) else json.dumps(note).encode()
        assert self.ear.take(Received(TOPIC, payload, 1, 1, **how), self.link.typed)

    @property
    def diary(self) -> list[Entry]:
        return self.journal.entries(TopicKind.DIARY, "p1", "n1", "")


@pytest.fixture
def bedside(tmp_path: Path) -> Iterator[Bedside]:
    with Journal(tmp_path / "journal.db") as journal:
        yield Bedside(journal)


def test_a_note_becomes_an_entry_of_the_diary_and_is_acknowledged_when_it_is_kept(bedside: Bedside) -> None:
    bedside.hear(REMEDY)
    (entry,) = bedside.diary
    assert entry.body == {**REMEDY, "values": {"dose_mg": 300.0}}
    assert len(bedside.link.acknowledged) == 1
    (point,) = points_of(Delivered("home", "bedroom", 0, entry))
    assert point.line().startswith("diary,kind=remedy,person=p1,site=home dose_mg=300.0,text=")


def test_the_same_note_again_is_the_same_entry(bedside: Bedside) -> None:
    for _ in range(3):
        bedside.hear(REMEDY, again=True)
        bedside.passed_s += 1000
    (entry,) = bedside.diary
    assert entry.revision == 0


def test_another_text_at_the_same_time_corrects_the_note(bedside: Bedside) -> None:
    bedside.hear(REMEDY)
    bedside.hear({**REMEDY, "text": "potassium"})
    (entry,) = bedside.diary
    assert (entry.revision, entry.body["text"]) == (1, "potassium")


def test_a_correction_that_leaves_out_a_value_leaves_none_of_it_in_a_database(bedside: Bedside) -> None:
    corrected = {**REMEDY, "values": {"dose_g": 0.3}}
    bedside.hear(REMEDY)
    bedside.hear(corrected)
    bedside.hear({**corrected, "text": "potassium"})
    for again in (REMEDY, {**corrected, "text": "potassium"}):
        bedside.hear(again, again=True)
    (entry,) = bedside.diary
    assert (entry.body["text"], entry.body["values"]) == ("potassium", {"dose_g": 0.3})
    rows: dict[int, dict[str, object]] = {}
    for waiting in bedside.journal.waiting(Delivery.STORE):
        for point in points_of(Delivered("home", "bedroom", 0, waiting.entry)):
            rows.setdefault(point.time_ns, {}).update(point.fields)
    (stored,) = [row for row in rows.values() if row["valid"]]
    assert stored["dose_g"] == 0.3
    assert "dose_mg" not in stored


def test_a_retained_note_that_comes_with_the_next_connection_does_not_undo_its_correction(bedside: Bedside) -> None:
    bedside.hear(REMEDY)
    bedside.hear({**REMEDY, "values": {}})
    bedside.hear(REMEDY, retained=True)
    (entry,) = bedside.diary
    assert entry.body["values"] == {}


@pytest.mark.parametrize("n_corrections", [1, 2, 3])
def test_a_note_that_is_said_anew_after_a_correction_is_the_last_word(bedside: Bedside, n_corrections: int) -> None:
    without_dose = {**REMEDY, "values": {}}
    for _ in range(n_corrections):
        bedside.hear(REMEDY)
        bedside.hear(without_dose)
        (entry,) = bedside.diary
        assert entry.body["values"] == {}
    bedside.hear(REMEDY)
    (entry,) = bedside.diary
    assert entry.body["values"] == {"dose_mg": 300.0}


def test_two_kinds_at_the_same_time_are_two_notes(bedside: Bedside) -> None:
    bedside.hear(REMEDY)
    bedside.hear({**REMEDY, "kind": "caffeine"})
    assert len(bedside.diary) == 2


def test_a_note_without_a_time_is_dated_when_it_comes(bedside: Bedside) -> None:
    bedside.passed_s = 7.0
    bedside.hear(CRAMP)
    (entry,) = bedside.diary
    assert entry.body == {"kind": "cramp", "time_ns": NOW_NS + 7 * NS_PER_S, "text": "", "values": {}}


def test_an_equal_note_within_a_minute_is_the_same_and_a_later_one_is_another(bedside: Bedside) -> None:
    for passed_s in (0.0, SAME_S - 1, SAME_S + 1):
        bedside.passed_s = passed_s
        bedside.hear(CRAMP)
    bedside.hear({**CRAMP, "text": "calf"})
    assert len(bedside.diary) == 3


def test_a_note_that_the_broker_repeats_is_the_same_however_late(bedside: Bedside) -> None:
    bedside.hear(CRAMP)
    bedside.passed_s = 5000.0
    bedside.hear(CRAMP, again=True)
    assert len(bedside.diary) == 1
    # It was sent before and never kept: the first time that it is heard.
    bedside.hear({"kind": "urge"}, again=True)
    assert len(bedside.diary) == 2


def test_a_retained_note_is_kept_if_it_says_when_and_passed_over_if_not(bedside: Bedside) -> None:
    bedside.hear(CRAMP, retained=True)
    assert (bedside.diary, bedside.ear.refused.count) == ([], 0)
    bedside.hear(REMEDY, retained=True)
    bedside.hear(REMEDY, retained=True)
    assert len(bedside.diary) == 1


@pytest.mark.parametrize(
    ("note", "says"),
    [
        (b"", "no JSON"),
        (b"cramp", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 4000, "no JSON"),
        (b'{"kind": "cramp", "text": "\\ud800"}', "no JSON"),
        ([CRAMP], "is a list, expected an object"),
        ({}, "kind is null"),
        ({**CRAMP, "v": 2}, "has version 2, expected 1 or none"),
        ({"kind": "Cramp!"}, "kind is a string of 6 characters"),
        ({"kind": "marker"}, "and not 'marker'"),
        ({"kind": "k" * 41}, "kind is"),
        ({**CRAMP, "text": 7}, "text is 7"),
        ({**CRAMP, "text": "x" * 1001}, "at most 1000 characters"),
        ({**CRAMP, "text": "x" * MOST_BYTES}, "at most 8192"),
        ({**CRAMP, "values": [1]}, "values is a list"),
        ({**CRAMP, "values": {"Dose": 1}}, "a name in values is a string of 4 characters"),
        ({**CRAMP, "values": {"text": 1}}, "a name in values is a string of 4 characters"),
        ({**CRAMP, "values": {"dose_mg": "300"}}, "values.dose_mg is a string of 3 characters"),
        ({**CRAMP, "values": {"dose_mg": True}}, "values.dose_mg is true"),
        ({**CRAMP, "values": {"dose_mg": float("nan")}}, "NaN"),
        (b'{"kind": "remedy", "values": {"dose_mg": 1e999}}', "beyond what 64 bits hold"),
        ({**CRAMP, "values": {f"a{number}": 1 for number in range(17)}}, "at most 16"),
        ({**CRAMP, "values": {"pain_0_10": 12}}, "values.pain_0_10 is 12, expected 0 to 10"),
        ({**CRAMP, "words": {"leg": "middle"}}, "words.leg is a string of 6 characters, expected one of: left"),
        ({**CRAMP, "words": ["left"]}, "words is a list"),
        ({**CRAMP, "time_ns": 1.5}, "time_ns is 1.5"),
        ({**CRAMP, "time_ns": -1}, "time_ns is -1"),
        ({**CRAMP, "time_ns": 2**64}, "beyond 64 bits"),
        ({**CRAMP, "time_ns": NOW_NS + 2 * 86_400 * NS_PER_S}, "more than a day ahead"),
    ],
)
def test_what_is_no_note_is_counted_acknowledged_and_said_with_the_reason(
    bedside: Bedside, caplog: pytest.LogCaptureFixture, note: object, says: str
) -> None:
    bedside.hear(note)
    assert bedside.diary == []
    assert bedside.ear.refused.count == len(bedside.link.acknowledged) == 1
    (message,) = caplog.messages
    assert says in message
    assert len(message) < 250


@pytest.mark.parametrize("place", ["kind", "text", "time_ns", "values", "v", "deeper"])
def test_what_somebody_wrote_is_not_repeated_in_a_log(
    bedside: Bedside, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    secret = "I cry at night" * 100
    note = {**REMEDY, "values": {secret: 1}} if place == "deeper" else {**REMEDY, place: secret}
    bedside.hear(note)
    assert bedside.ear.refused.count == 1
    assert "cry" not in caplog.text


def test_rubbish_is_said_once_a_minute_with_its_count(bedside: Bedside, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(50):
        bedside.hear(b"?")
    bedside.passed_s = 61.0
    bedside.hear(b"?")
    assert [message.rpartition("(")[2] for message in caplog.messages] == ["1 so far)", "51 so far)"]


def test_a_flood_of_notes_does_not_fill_the_journal(bedside: Bedside) -> None:
    for number in range(MOST_AT_ONCE + 50):
        bedside.hear({**REMEDY, "time_ns": number})
    assert len(bedside.diary) == MOST_AT_ONCE
    bedside.passed_s = 3.0
    for number in range(10):
        bedside.hear({**REMEDY, "time_ns": 1000 + number})
    assert len(bedside.diary) == MOST_AT_ONCE + 3


def test_a_note_reads_its_own_entry_or_the_latest_ones_and_never_the_whole_diary(
    bedside: Bedside, tmp_path: Path
) -> None:
    old = [note_entry(Note("urge", "", {}, None), number, "p1", "n1") for number in range(LATEST + 1)]
    bedside.journal.put(old)
    # Whoever reads the oldest one stumbles over it.
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as db:
        db.execute("UPDATE entry SET body = '?' WHERE key = ?", (old[0].key,))
    bedside.hear(CRAMP)
    bedside.hear(CRAMP)
    bedside.hear(REMEDY)
    assert bedside.journal.counts().entries == len(old) + 2


def test_words_of_a_note_are_kept_and_those_that_the_diary_knows_reach_the_database(bedside: Bedside) -> None:
    bedside.hear({**CRAMP, "words": {"leg": "left", "mood": "calm"}})
    (entry,) = bedside.diary
    assert entry.body["words"] == {"leg": "left", "mood": "calm"}
    (point,) = points_of(Delivered("home", "bedroom", 0, entry))
    assert (point.fields["leg"], "mood" in point.fields) == ("left", False)


def test_a_message_that_comes_again_does_not_undo_what_the_person_changed_since(bedside: Bedside) -> None:
    bedside.hear(REMEDY)
    (old,) = bedside.diary
    bedside.journal.put([revised(bedside.journal, old, Note("remedy", "zinc", {}, NOW_NS), NOW_NS)])
    bedside.hear(REMEDY, again=True)
    (entry,) = bedside.diary
    assert (entry.key, entry.body["text"], len(states_of(entry.body))) == (old.key, "zinc", 2)
    # Said anew it is a correction, and what the person said is its history.
    bedside.hear({**REMEDY, "text": "potassium"})
    (entry,) = bedside.diary
    assert [state["text"] for state in states_of(entry.body)] == ["magnesium", "zinc", "potassium"]


def test_control_characters_of_a_text_become_spaces(bedside: Bedside) -> None:
    bedside.hear({**CRAMP, "text": " calf\n\x1b[2J\tleft "})
    assert bedside.diary[0].body["text"] == "calf [2J left"


def test_what_is_for_somebody_else_is_left_to_them(bedside: Bedside) -> None:
    mark = Received(wire.mark_topic("home", "p1"), b"cramp", 1, 1)
    for signal in (mark, Up(resumed=True)):
        assert not bedside.ear.take(signal, bedside.link.typed)
    assert bedside.ear.subscriptions == (TOPIC,)


@pytest.mark.slow
@settings(max_examples=50)
@given(st.binary(max_size=80) | st.text(max_size=40).map(str.encode))
def test_no_bytes_raise_anything_but_a_decode_error(payload: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_note(payload)
