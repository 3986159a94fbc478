"""What goes over MQTT: strict going out, tolerant coming in, and as docs/mqtt.md says."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.events import Epoch, Event, EventKind, EventQuality, Step
from detectors.signal import Leg, Quantity
from ingest import wire
from ingest.decoders.base import Marker, Status, StatusKind
from ingest.errors import DecodeError
from ingest.night.entries import (
    Confirmation,
    Entry,
    TopicKind,
    epoch_entry,
    event_entry,
    event_of,
    health_entry,
    marker_entry,
    night_entry,
)
from ingest.notes import decode_note
from ingest.points import points_of
from ingest.wire import Delivered

WHOSE = ("p1", "n1", "default")
DOCUMENT = (Path(__file__).parents[2] / "docs/mqtt.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^`(soleus/v1/\S+)`\n```json\n(.*?)```", DOCUMENT, re.MULTILINE | re.DOTALL)
EXAMPLE_OF = {topic.rpartition("/")[2]: text for topic, text in EXAMPLES}

words = st.text(min_size=1, max_size=20)
levels = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="/+#"), min_size=1, max_size=12)
finite = st.floats(allow_nan=False, allow_infinity=False)
instants = st.integers(0, 2**62)
json_values = st.recursive(
    st.none() | st.booleans() | finite | instants | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
bodies = st.dictionaries(words.filter(lambda name: name not in wire.ENVELOPE), json_values, max_size=4)
entries = st.builds(
    Entry, st.sampled_from(TopicKind), levels, words, words, words, st.integers(0, 9), st.booleans(), bodies
)
events = st.builds(
    lambda kind, leg, onset_ns, length_ns, rest: Event(kind, "left-shin", leg, onset_ns, onset_ns + length_ns, *rest),
    st.sampled_from(EventKind),
    st.sampled_from(Leg),
    instants,
    st.integers(0, 10**12),
    st.tuples(
        st.dictionaries(words, finite, max_size=3),
        st.sampled_from(EventQuality),
        st.lists(st.builds(Step, words, finite, finite, st.booleans()), max_size=2).map(tuple),
        st.integers(0, 5),
    ),
)


@pytest.mark.slow
@given(entries, levels, levels, st.integers(0, 5))
def test_what_is_encoded_comes_back(entry: Entry, site: str, collector: str, attempt: int) -> None:
    topic = wire.entry_topic(site, entry)
    assert wire.decode(topic, wire.encode(entry, collector, attempt)) == Delivered(site, collector, attempt, entry)


@pytest.mark.slow
@given(events)
def test_an_event_comes_back_from_its_entry(event: Event) -> None:
    assert event_of(event_entry(event, *WHOSE)) == event


@pytest.mark.slow
@given(
    st.lists(
        st.builds(Confirmation, words, words, st.integers(0, 9), st.integers(0, 9), st.booleans(), words), max_size=4
    )
)
def test_confirmations_come_back(confirmations: list[Confirmation]) -> None:
    assert wire.decode_confirmations(wire.encode_confirmations(confirmations)) == confirmations


@pytest.mark.slow
@given(st.text(max_size=40), st.binary(max_size=60))
def test_no_bytes_from_outside_raise_anything_but_a_decode_error(topic: str, payload: bytes) -> None:
    for name in (topic, "soleus/v1/home/p1/event"):
        with pytest.raises(DecodeError):
            wire.decode(name, payload)
    with pytest.raises(DecodeError):
        wire.decode_confirmations(payload)


# JSON that is well formed and that no database, journal or broker can hold.
half_pairs = st.characters(categories=["Cs"])
unfit: st.SearchStrategy[Any] = st.one_of(
    st.integers(min_value=2**63) | st.integers(max_value=-(2**63) - 1),
    st.just(10**400),
    st.tuples(words, half_pairs).map("".join),
    st.dictionaries(half_pairs, st.none(), min_size=1, max_size=1),
    st.integers(17, 400).map(lambda depth: json.loads("[" * depth + "]" * depth)),
)
places = st.sampled_from([
    "key", "collector", "night", "revision", "attempt", "valid", "onset_ns", "duration_s", "quality", "text", "measures"
])  # fmt: skip


@pytest.mark.slow
@given(st.sampled_from(TopicKind), places, unfit, st.integers(0, 3))
def test_what_nobody_can_hold_is_refused_wherever_it_stands(
    kind: TopicKind, place: str, value: object, depth: int
) -> None:
    fields = json.loads(EXAMPLE_OF[kind])
    for _ in range(depth):
        value = {"deeper": [value]}
    for change in ({place: value}, {place: {**fields.get("measures", {}), "peak_uv": value}}):
        # As it is: with escapes for half pairs, which bytes of UTF-8 cannot carry.
        with pytest.raises(DecodeError):
            wire.decode(f"soleus/v1/home/p1/{kind}", json.dumps({**fields, **change}).encode())
    beyond = json.dumps({**fields, place: "@"}).replace('"@"', "[" * depth + "-1e999" + "]" * depth)
    with pytest.raises(DecodeError, match="beyond what 64 bits hold"):
        wire.decode(f"soleus/v1/home/p1/{kind}", beyond.encode())


@given(st.sampled_from(["key", "revision", "attempt", "accepted", "by"]), unfit)
def test_a_confirmation_that_nobody_can_hold_is_refused(place: str, value: object) -> None:
    item = {"key": "a", "person": "p1", "revision": 1, "attempt": 0, "accepted": True, place: value}
    with pytest.raises(DecodeError):
        wire.decode_confirmations(json.dumps({"v": 1, "stored": [item]}).encode())


@pytest.mark.slow
@given(st.sampled_from(TopicKind), places, json_values | unfit, st.sampled_from(["peak_uv", "valid_h", "text"]))
def test_what_is_read_can_be_written_kept_and_confirmed_or_is_refused(
    kind: TopicKind, place: str, value: object, name: str
) -> None:
    fields = json.loads(EXAMPLE_OF[kind])
    for change in ({place: value}, {"measures": {name: value}}, {"summary": {name: value}}, {"values": {name: value}}):
        try:
            delivered = wire.decode(f"soleus/v1/home/p1/{kind}", json.dumps({**fields, **change}).encode())
            lines = [point.line() for point in points_of(delivered)]
        except (DecodeError, ValueError):
            continue
        assert "\n".join(lines).encode()
        assert wire.encode(delivered.entry, delivered.collector)
        assert wire.encode_confirmations([Confirmation(delivered.entry.key, "p1", delivered.entry.revision)])


@pytest.mark.parametrize(
    "payload", [b'{"v": 1, "stored": ["\xed\xa0\x80"]}', '{"v": 1, "stored": []}'.encode("utf-16")]
)
def test_bytes_that_are_no_utf_8_are_refused(payload: bytes) -> None:
    with pytest.raises(DecodeError, match="utf-8"):
        wire.decode_confirmations(payload)


def test_a_name_too_long_for_a_topic_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError, match="collector has 70000 bytes, expected at most 256"):
        wire.stored_topic("home", "b" * 70_000)


@pytest.mark.parametrize("name", ["", "a/b", "+", "#", "a\n", "a\x00"])
def test_a_name_that_cannot_be_a_topic_level_is_refused_before_it_is_sent(name: str) -> None:
    with pytest.raises(ValueError, match="expected a printable name"):
        wire.availability_topic("home", name)


def movement(**measures: float) -> Event:
    return Event(EventKind.LEG_MOVEMENT, "left-shin", Leg.LEFT, 10, 20, measures)


def test_a_number_that_is_not_finite_is_left_out_of_an_event() -> None:
    entry = event_entry(movement(peak_uv=math.nan, mean_uv=2.0), *WHOSE)
    assert entry.body["measures"] == {"mean_uv": 2.0}


def test_a_number_that_is_not_finite_is_null_in_a_summary() -> None:
    entry = night_entry({"lm_per_h": math.inf, "valid_h": {"a": 1.5}}, *WHOSE, span_ns=(0, 1))
    assert entry.body["summary"] == {"lm_per_h": None, "valid_h": {"a": 1.5}}


def test_a_body_may_not_use_a_name_of_the_envelope() -> None:
    entry = replace(event_entry(movement(), *WHOSE), body={"revision": 3})
    with pytest.raises(ValueError, match="revision"):
        wire.encode(entry, "bedroom")


def test_the_key_of_an_event_is_person_night_scoring_kind_sensor_leg_and_onset() -> None:
    entry = event_entry(movement(peak_uv=1.0), *WHOSE)
    longer = event_entry(replace(movement(), end_ns=99, revision=4), *WHOSE)
    assert entry.key == longer.key
    assert json.loads(entry.key) == ["event", *WHOSE, "leg_movement", "left-shin", "left", 10]


def test_two_reports_of_one_moment_are_two_facts() -> None:
    made = [
        health_entry(Status("left-shin", StatusKind.LEAD_OFF, 0, detail, {}), *WHOSE[:2], time_ns=10)
        for detail in ("electrodes of a stream", "electrodes by channel")
    ]
    assert made[0].key != made[1].key


def test_facts_of_different_kinds_have_different_keys() -> None:
    made = [
        event_entry(movement(), *WHOSE),
        epoch_entry(Epoch("left-shin", Leg.LEFT, Quantity.EMG, 10, 30.0, {}), *WHOSE),
        night_entry({}, *WHOSE, span_ns=(10, 20)),
        health_entry(Status("left-shin", StatusKind.BATTERY, 0, "", {}), *WHOSE[:2], time_ns=10),
        marker_entry(Marker("left-shin", 10, "button"), *WHOSE[:2]),
    ]
    assert len({entry.key for entry in made}) == len(made)


def test_a_reader_ignores_what_it_does_not_know() -> None:
    payload = json.loads(wire.encode(event_entry(movement(), *WHOSE), "bedroom"))
    topic = "soleus/v1/home/p1/event"
    assert wire.decode(topic, json.dumps({**payload, "mood": "good"}).encode()).entry.body["mood"] == "good"
    confirmations = {"v": 1, "stored": [{"key": "a", "person": "p1", "revision": 1, "by": "x"}, {"revision": 1}, 7]}
    assert wire.decode_confirmations(json.dumps(confirmations).encode()) == [Confirmation("a", "p1", 1)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"v": 2}, "version 2, expected 1"),
        ({"revision": -1}, "revision is -1"),
        ({"revision": True}, "revision is true"),
        ({"key": None}, "key is null"),
        ({"collector": 3}, "collector is 3"),
    ],
)
def test_an_entry_that_cannot_be_trusted_is_refused_with_the_reason(change: dict[str, object], says: str) -> None:
    payload = json.loads(wire.encode(event_entry(movement(), *WHOSE), "bedroom"))
    with pytest.raises(DecodeError, match=says):
        wire.decode("soleus/v1/home/p1/event", json.dumps({**payload, **change}).encode())


def test_what_is_odd_in_a_mark_becomes_a_word_that_files_take() -> None:
    marks = (b'{"label": "calf \\ud800"}', b"5", b'{"label": [1]}')
    assert [wire.decode_mark(mark) for mark in marks] == ["calf ?", "5", ""]


def test_what_is_no_event_is_refused() -> None:
    good = event_entry(movement(), *WHOSE)
    for change in ({"kind": "dance"}, {"why": [[1]]}, {"measures": []}, {"end_ns": 0}):
        with pytest.raises(DecodeError, match="not an event"):
            event_of(replace(good, body={**good.body, **change}))


def test_every_topic_of_the_document_has_an_example() -> None:
    wanted = {f"soleus/v1/home/p1/{kind}" for kind in TopicKind}
    wanted |= {wire.availability_topic("home", "bedroom"), wire.stored_topic("home", "bedroom")}
    wanted |= {wire.mark_topic("home", "p1"), wire.note_topic("home", "p1"), wire.tonight_topic("home", "bedroom")}
    assert {topic for topic, _ in EXAMPLES} == wanted
    table = set(re.findall(r"^\| `(soleus/v1/[^`]+)`", DOCUMENT, re.MULTILINE))
    assert {
        topic.replace("home", "<site>").replace("p1", "<person>").replace("bedroom", "<collector>") for topic in wanted
    } == table


@pytest.mark.parametrize(("topic", "text"), EXAMPLES, ids=[topic.rpartition("/")[2] for topic, _ in EXAMPLES])
def test_every_example_of_the_document_is_what_the_program_reads_and_writes(topic: str, text: str) -> None:
    example: dict[str, Any] = json.loads(text)
    match topic.rpartition("/")[2]:
        case "availability":
            assert wire.encode_availability(wire.ONLINE) == json.dumps(example, separators=(",", ":")).encode()
        case "stored":
            (confirmation,) = wire.decode_confirmations(text.encode())
            assert json.loads(wire.encode_confirmations([confirmation])) == example
        case "mark":
            assert wire.decode_mark(text.encode()) == example["label"]
        case "note":
            note = decode_note(text.encode())
            nothing: dict[str, Any] = {"text": "", "values": {}, "time_ns": None, "words": {}}
            assert note._asdict() == {**nothing, **example}
        case "tonight":
            assert json.loads(wire.encode_tonight(example)) == example
        case _:
            delivered = wire.decode(topic, text.encode())
            assert json.loads(wire.encode(delivered.entry, delivered.collector, delivered.attempt)) == example
            assert all(point.line() for point in points_of(delivered))


def test_the_example_of_an_event_is_an_event_that_the_program_makes() -> None:
    topic, text = next(example for example in EXAMPLES if example[0].endswith("/event"))
    entry = wire.decode(topic, text.encode()).entry
    assert event_entry(event_of(entry), entry.person, entry.night, entry.scoring) == entry
