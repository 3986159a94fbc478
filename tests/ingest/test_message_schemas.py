"""The published schemas say what the program sends, what it reads, and what the database holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.events import Epoch, Event, EventKind, EventQuality, Step, StepRole
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
    health_entry,
    marker_entry,
    night_entry,
)
from ingest.notes import MOST_BYTES, Note, decode_note, note_entry
from ingest.points import points_of
from ingest.schema import DIARY, LEG_EPOCH, LEG_EVENT, NIGHT, SENSOR_HEALTH, FieldType, Measurement
from tests.message_schemas import NAMES, envelope, faults, is_fine, schema
from tests.system.generated_night import generated_night

if TYPE_CHECKING:
    from enum import StrEnum

WHOSE = ("p1", "n1", "default")
DOCUMENT = (Path(__file__).parents[2] / "docs/mqtt.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^`(soleus/v1/\S+)`\n```json\n(.*?)```", DOCUMENT, re.MULTILINE | re.DOTALL)
# Where a schema names what a measurement of the database holds, and what its free names are called.
TABLES = {
    "event": (LEG_EVENT, "measures"),
    "epoch": (LEG_EPOCH, "measures"),
    "health": (SENSOR_HEALTH, "values"),
    "diary": (DIARY, "values"),
}

names = st.from_regex(r"[a-z][a-z0-9_]{0,19}", fullmatch=True).filter(
    lambda name: name not in {"time", "site", "person", "scoring", "kind", "sensor", "leg"}
)
words = st.text(max_size=20)
number = st.floats(allow_nan=True, allow_infinity=True)
instants = st.integers(0, 2**62)
numbers = st.dictionaries(names, number, max_size=3)
steps = st.builds(Step, words, number, number, st.booleans(), st.sampled_from(StepRole))
legs = st.sampled_from(Leg)
entries = st.one_of(
    st.builds(
        lambda kind, leg, start_ns, length_ns, rest: event_entry(
            Event(kind, "left-shin.ch1", leg, start_ns, start_ns + length_ns, *rest), *WHOSE
        ),
        st.sampled_from([*EventKind, EventKind("plugin_lab_spasm")]),
        legs,
        instants,
        st.integers(0, 10**12),
        st.tuples(numbers, st.sampled_from(EventQuality), st.lists(steps, max_size=3).map(tuple), st.integers(0, 9)),
    ),
    st.builds(Epoch, words, legs, st.sampled_from(Quantity), instants, st.just(30.0), numbers).map(
        lambda epoch: epoch_entry(epoch, *WHOSE)
    ),
    st.builds(Status, words, st.sampled_from(StatusKind), st.just(0), words, numbers).map(
        lambda status: health_entry(status, *WHOSE[:2], time_ns=5)
    ),
    st.builds(Marker, words, instants, words).map(lambda marker: marker_entry(marker, *WHOSE[:2])),
    st.dictionaries(names, number | st.none() | st.booleans(), max_size=4).map(
        lambda summary: night_entry({f"x_{key}": one for key, one in summary.items()}, *WHOSE, span_ns=(1, 2))
    ),
    st.builds(Note, names, words, st.dictionaries(names, st.floats(0, 9), max_size=2), st.none()).map(
        lambda note: note_entry(note, 5, *WHOSE[:2])
    ),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 2**70) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize(("topic", "text"), EXAMPLES)
def test_every_example_of_the_document_fits_its_schema(topic: str, text: str) -> None:
    assert faults(topic, text.encode()) == []


def test_every_message_has_a_schema_and_an_example() -> None:
    assert {topic.rpartition("/")[2] for topic, _ in EXAMPLES} == set(NAMES)
    assert [schema(name)["$id"] for name in NAMES] == [f"urn:soleus:v1:{name}" for name in NAMES]


def test_the_entries_share_one_envelope() -> None:
    for kind in TopicKind:
        assert envelope(kind) == envelope(TopicKind.EVENT)
        assert set(schema(kind)["required"]) >= wire.ENVELOPE - {"sent_ns"}


@pytest.mark.slow
@settings(max_examples=50)
@given(entries, st.booleans())
def test_what_a_collector_sends_fits_its_schema(entry: Entry, valid: bool) -> None:  # noqa: FBT001 - drawn
    sent = Entry(entry.topic_kind, *WHOSE, entry.key, entry.revision, valid, entry.body)
    assert faults(wire.entry_topic("home", sent), wire.encode(sent, "bedroom", 3)) == []


@pytest.mark.slow
def test_every_message_of_a_generated_night_fits_its_schema() -> None:
    night = generated_night(seed=5, n_movements=40)
    assert {entry.topic_kind for entry in night} >= {TopicKind.EVENT, TopicKind.EPOCH, TopicKind.NIGHT}
    for entry in night:
        assert faults(wire.entry_topic("home", entry), wire.encode(entry, "bedroom")) == []


@pytest.mark.slow
@settings(max_examples=20)
@given(st.lists(st.builds(Confirmation, words, words, st.integers(0, 9), st.integers(0, 9), st.booleans(), words)))
def test_what_a_writer_confirms_fits_its_schema(confirmations: list[Confirmation]) -> None:
    assert faults("stored", wire.encode_confirmations(confirmations)) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", TopicKind)
@settings(max_examples=30)
@given(data=st.data(), value=json_values)
def test_what_fits_is_read_and_what_does_not_is_read_or_refused_but_never_a_crash(
    kind: TopicKind, data: st.DataObject, value: object
) -> None:
    good = next(text for topic, text in EXAMPLES if topic.endswith(f"/{kind}"))
    place = data.draw(st.sampled_from(sorted(schema(kind)["properties"])))
    message = {**json.loads(good), place: value}
    assert _is_stored(kind, message) or _is_odd(message) or not is_fine(kind, message)


def _is_stored(kind: TopicKind, message: object) -> bool:
    try:
        return bool(points_of(wire.decode(f"soleus/v1/home/p1/{kind}", json.dumps(message).encode())))
    except DecodeError:
        return False


def _is_note(payload: bytes) -> bool:
    try:
        decode_note(payload)
    except DecodeError:
        return False
    return True


@pytest.mark.slow
@settings(max_examples=60)
@given(
    st.fixed_dictionaries(
        {"kind": names | words | st.just("marker") | json_values},
        optional={
            "text": words | json_values,
            "values": st.dictionaries(names | words, number | json_values) | json_values,
            "time_ns": instants | json_values,
            "v": st.integers(0, 2) | st.none(),
        },
    )
)
@example({"kind": "remedy", "values": {"revision": 1}})
@example({"kind": "remedy", "text": "x" * 1001})
@example({"kind": "remedy", "values": {f"a{n}": n for n in range(17)}})
def test_the_schema_of_a_note_is_what_a_collector_takes(message: dict[str, Any]) -> None:
    payload = json.dumps(message).encode()
    if len(payload) <= MOST_BYTES and "NaN" not in str(payload) and not _is_odd(message):
        assert _is_note(payload) == is_fine("note", message)


def _is_odd(message: object) -> bool:
    """Return whether JSON Schema and JSON disagree: 1.0 is a whole number there, and "$" lets a last newline pass."""
    text = json.dumps(message)
    return bool(re.search(r'\.0\b|\\n"|e\+|Infinity|\\ud[89a-f]', text)) or bool(re.search(r"\d{19}", text))


@pytest.mark.parametrize("name", TABLES)
def test_schema_and_database_agree_on_names_and_types(name: str) -> None:
    table, measures = TABLES[name]
    properties: dict[str, Any] = schema(name)["properties"]
    type_of = {FieldType.FLOAT: "number", FieldType.INTEGER: "integer", FieldType.STRING: "string"}
    own = {field: kind for field, kind in table.fields.items() if field in properties and field != "valid"}
    assert "revision" in own
    for field, kind in own.items():
        one = properties[field]
        assert one.get("type", "string") == type_of[kind], field
    # An epoch's kind is its quantity, and a marker, which shares the diary's table, has the sensor.
    otherwise = {"epoch": {"kind"}, "diary": {"sensor"}}.get(name, set())
    assert set(table.tags) <= {*properties, "site", "person", *otherwise}
    assert properties[measures]["additionalProperties"] == {"type": "number"}


@pytest.mark.parametrize(
    ("name", "place", "words_of"),
    [
        ("event", ("kind", "anyOf", 0), EventKind),
        ("event", ("leg",), Leg),
        ("event", ("quality",), EventQuality),
        ("epoch", ("quantity",), Quantity),
        ("epoch", ("leg",), Leg),
        ("health", ("kind",), StatusKind),
        ("tonight", ("last_event", "properties", "leg"), Leg),
    ],
)
def test_a_schema_lists_the_words_that_the_program_knows(
    name: str, place: tuple[str | int, ...], words_of: type[StrEnum]
) -> None:
    one = schema(name)["properties"]
    for step in place:
        one = one[step]
    assert one["enum"] == list(words_of)


@pytest.mark.slow
@settings(max_examples=50)
@given(st.sampled_from(sorted(TABLES)), names | st.sampled_from(["time", "leg", "Peak", "peak uv", "1a", ""]) | words)
def test_a_measure_may_have_the_names_that_a_field_of_the_database_may_have(kind: str, name: str) -> None:
    table, measures = TABLES[kind]
    if not name.endswith("\n"):
        assert _takes(table, name) == _names_it(kind, measures, name)


def _takes(table: Measurement, name: str) -> bool:
    try:
        table.field_type(name)
    except ValueError:
        return False
    return True


def _names_it(kind: str, measures: str, name: str) -> bool:
    good = json.loads(next(text for topic, text in EXAMPLES if topic.endswith(f"/{kind}")))
    return is_fine(kind, {**good, measures: {name: 1.0}})


def test_the_words_of_a_summary_are_the_texts_of_the_database() -> None:
    words_of = {
        name
        for name, one in schema("night")["properties"]["summary"]["properties"].items()
        if one.get("type") == ["string", "null"]
    }
    beside = {"grade", "unknown", "criteria", "version"}
    assert words_of == {name for name, kind in NIGHT.fields.items() if kind is FieldType.STRING} - beside
