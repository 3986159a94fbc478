"""What is in InfluxDB: fixed types and valid line protocol; docs/influxdb.md is held against it elsewhere."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.annotations import Span
from detectors.events import Epoch, Event, EventKind
from detectors.signal import Leg, Quantity
from detectors.sleep.estimate import SleepEstimate, SleepSpan
from ingest.decoders.base import Marker, Status, StatusKind
from ingest.errors import DecodeError
from ingest.night.entries import Entry, TopicKind, epoch_entry, event_entry, health_entry, marker_entry, night_entry
from ingest.points import points_of
from ingest.schema import DIARY, LEG_EPOCH, LEG_EVENT, MEASUREMENTS, NIGHT, PER_SENSOR, FieldType, Point, unknown
from ingest.wire import Delivered
from tests.made_nights import facts, numbers

WHOSE = ("p1", "n1", "default")
# One field of a line: a name, and a value that is a quoted string or runs to the next comma.
FIELD = re.compile(r'([a-z0-9_]+)=("(?:\\.|[^"\\])*"|[^,]+)(?:,|$)')


def lines(entry: Entry) -> list[str]:
    return [point.line() for point in points_of(Delivered("home", "bedroom", 0, entry))]


def parsed(line: str) -> dict[str, str]:
    fields = re.fullmatch(r"(?:\\.|[^ \\])+ (.*) \d+", line, re.DOTALL)
    assert fields
    return dict(FIELD.findall(fields[1]))


def test_no_name_is_a_tag_and_a_field() -> None:
    for measurement in MEASUREMENTS.values():
        assert not set(measurement.tags) & (measurement.fields.keys() | measurement.measures)


def test_an_event_is_one_point_at_its_onset() -> None:
    event = Event(EventKind.CRAMP, "left calf", Leg.LEFT, 1_500_000, 4_000_000_000, {"peak_uv": 12}, revision=2)
    (line,) = lines(event_entry(event, *WHOSE))
    assert line == (
        "leg_event,kind=cramp,leg=left,person=p1,scoring=default,sensor=left\\ calf,site=home "
        'peak_uv=12.0,duration_s=3.9985,end_ms=4000i,quality="good",revision=2i,valid=1i 1500000'
    )


@pytest.mark.slow
@given(
    st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True), st.integers(-(2**53), 2**53), max_size=5)
)
def test_a_measure_is_a_float_whatever_its_value(measures: dict[str, int]) -> None:
    event = Event(EventKind.TONIC, "s", Leg.LEFT, 0, 1, {k: v for k, v in measures.items() if k not in LEG_EVENT.tags})
    if "time" in measures:
        return
    fields = parsed(lines(event_entry(event, *WHOSE))[0])
    for name, text in fields.items():
        kind = LEG_EVENT.field_type(name)
        assert text.endswith("i") == (kind is FieldType.INTEGER)
        assert text.startswith('"') == (kind is FieldType.STRING)
        if name in event.measures and name not in LEG_EVENT.fields:
            assert float(text) == event.measures[name]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.text(max_size=20))
def test_no_text_breaks_out_of_its_place(sensor: str, text: str) -> None:
    point = Point(DIARY, {"person": "p1", "sensor": sensor}, {"text": text, "valid": 1}, 7)
    try:
        line = point.line()
    except ValueError:
        assert sensor.endswith("\\") or not sensor.isprintable()
        return
    fields = parsed(line)
    assert set(fields) == {"text", "valid"}
    assert re.sub(r"\\(.)", r"\1", fields["text"][1:-1], flags=re.DOTALL) == text
    tags = line[: len(line) - len(line.partition(" text=")[2]) - len(" text=")]
    # Line protocol escapes nothing else in a tag: a backslash before a digit is a backslash.
    assert re.sub(r"\\([,= ])", r"\1", tags.partition(",sensor=")[2]) == sensor


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"peak_uv": math.nan}, "leg_event.peak_uv is nan, expected a float"),
        ({"peak_uv": "12"}, "expected a float"),
        ({"end_ms": 1.5}, "expected a integer"),
        ({"end_ms": 2**63}, "expected a integer"),
        ({"quality": 1}, "expected a string"),
        ({"Peak": 1.0}, "cannot be a field"),
        ({"leg": 1.0}, "cannot be a field"),
        ({"time": 1.0}, "cannot be a field"),
        ({}, "0 fields"),
    ],
)
def test_a_field_that_does_not_fit_is_refused_before_it_is_sent(fields: dict[str, float | str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Point(LEG_EVENT, {"person": "p1"}, fields, 0).line()


def test_a_tag_that_the_schema_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="mood"):
        Point(LEG_EPOCH, {"mood": "good"}, {"valid": 1}, 0).line()


def test_a_night_is_one_point_and_one_for_each_sensor() -> None:
    summary = {
        "valid_h": {"left/emg": 7.5, "right": None},
        "grade": {"left/emg": "A", "right": "C"},
        "lm_per_h": 3,
        "plmw_wasm_per_h": None,
        "imi_histogram": {"edges_s": [0.0, 2.0], "counts": [1]},
        "reasons": {"plmw_wasm_per_h": "no stages"},
    }
    night, left, right, shortest = lines(night_entry(summary, *WHOSE, span_ns=(5, 3_600_000_000_005)))
    names = unknown(summary)
    assert " lm_per_h " not in names
    assert " plmw_wasm_per_h " in names
    assert night == (
        "night,person=p1,scoring=default,site=home "
        f'lm_per_h=3.0,duration_s=3600.0,unknown="{names}",revision=0i,valid=1i 5'
    )
    assert left.startswith("night,kind=emg,person=p1,scoring=default,sensor=left,site=home valid_h=")
    assert right.startswith("night,person=p1,scoring=default,sensor=right,site=home grade=")
    assert shortest == "night_interval,from_s=000,person=p1,scoring=default,site=home n=1.0,valid=1i,revision=0i 5"
    assert parsed(left) == {"valid_h": "7.5", "grade": '"A"', "revision": "0i", "valid": "1i"}
    assert parsed(right) == {"grade": '"C"', "revision": "0i", "valid": "1i"}


def test_epochs_health_markers_and_the_diary_have_their_measurements() -> None:
    diary = Entry(
        TopicKind.DIARY, *WHOSE, "k", 0, valid=True, body={"kind": "remedy", "time_ns": 4, "text": "tea", "values": {}}
    )
    made = [
        epoch_entry(Epoch("s", Leg.LEFT, Quantity.EMG, 1, 30.0, {"resting_uv": 1.5}), *WHOSE),
        health_entry(Status("s", StatusKind.BATTERY, 0, "", {"battery_pct": 80}), *WHOSE[:2], time_ns=2),
        marker_entry(Marker("s", 3, "button"), *WHOSE[:2]),
        diary,
    ]
    assert [line for entry in made for line in lines(entry)] == [
        (
            "leg_epoch,kind=emg,leg=left,person=p1,scoring=default,sensor=s,site=home "
            "resting_uv=1.5,duration_s=30.0,revision=0i,valid=1i 1"
        ),
        'sensor_health,kind=battery,person=p1,sensor=s,site=home battery_pct=80.0,detail="",revision=0i,valid=1i 2',
        'diary,kind=marker,person=p1,sensor=s,site=home text="button",revision=0i,valid=1i 3',
        'diary,kind=remedy,person=p1,site=home text="tea",revision=0i,valid=1i 4',
    ]


@pytest.mark.parametrize(
    "missing", ["onset_ns", "end_ns", "duration_s", "quality", "kind", "sensor", "leg", "measures"]
)
def test_an_event_without_one_of_its_parts_is_refused(missing: str) -> None:
    whole = event_entry(Event(EventKind.TONIC, "s", Leg.LEFT, 0, 1, {}), *WHOSE)
    body = {name: value for name, value in whole.body.items() if name != missing}
    with pytest.raises(DecodeError, match=missing):
        lines(Entry(TopicKind.EVENT, *WHOSE, "k", 0, valid=True, body=body))


def test_the_numbers_of_a_night_in_the_schema_are_those_of_the_summary() -> None:
    period, night = Span(0, 10**9), Span(0, 2 * 10**9)
    spans = (
        SleepSpan(*period, asleep=True, uncertain=True),
        SleepSpan(10**9, 2 * 10**9, asleep=False, uncertain=False),
    )
    estimate = SleepEstimate(night, night, period, spans, spans)
    summary = {**numbers(facts(), sleep=estimate.basis()), **estimate.numbers(), "resting_mismatch_min": 0.0}
    beside = {"unknown", "criteria", "version"}
    words = {name for name, kind in NIGHT.fields.items() if kind is FieldType.STRING} - beside | PER_SENSOR
    nested = {name for name, value in summary.items() if isinstance(value, dict | list)} | {"robustness"}
    plain = summary.keys() - nested - words
    assert plain == NIGHT.measures - PER_SENSOR
    assert words <= summary.keys()
