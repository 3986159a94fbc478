"""The hours of a night, and sleep and wake, as points that a later revision overwrites one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from detectors.signal import NS_PER_S
from ingest.errors import DecodeError
from ingest.night.entries import Entry, NightCourse, night_entry
from ingest.notes import Note, note_entry
from ingest.points import points_of
from ingest.wire import Delivered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ingest.schema import Point

# 22:30 in a place an hour before UTC.
START_NS = 1_795_210_200 * NS_PER_S
HOUR_NS = 3600 * NS_PER_S
WHOSE = ("p1", "n1", "default")
# Sleep began after half an hour: its first hour is not that of the recording.
SLEPT: list[dict[str, object]] = [
    {"hour": 0, "valid_h": 1.0, "lm": 4, "plms_wasm": 2, "cramps": 2, "plms_wasm_per_h": 2.0},
    {"hour": 1, "valid_h": 0.25, "lm": 0, "plms_wasm": 0, "cramps": 1, "plms_wasm_per_h": None, "reason": "too short"},
    {"hour": 2, "valid_h": 0.0, "lm": 0, "plms_wasm": 0, "cramps": 0, "plms_wasm_per_h": None, "reason": "too short"},
]
RECORDED = [{**SLEPT[0], "cramps": 3}, {**SLEPT[1], "cramps": 0}]
CRAMPS = [{"onset_s": 1700.0}, {"onset_s": 1900.0}, {"onset_s": 2000.0}]
SUMMARY = {
    "sleep_basis": "estimate",
    "by_hour": RECORDED,
    "by_hour_est": SLEPT,
    "cramps": CRAMPS,
    "cramp_events": 3,
    "cramp_probable": 1,
    "cramp_possible": 2,
}


def made(summary: Mapping[str, object], name: str, course: NightCourse | None = None, revision: int = 0) -> list[Point]:
    course = NightCourse(3600, ()) if course is None else course
    first = night_entry(summary, *WHOSE, span_ns=(START_NS, START_NS + 3 * HOUR_NS), course=course)
    entry = replace(first, revision=revision)
    points = points_of(Delivered("home", "bedroom", 0, entry))
    assert all(point.line() for point in points)
    return [point for point in points if point.measurement.name == name]


def counted(summary: Mapping[str, object], since: str, revision: int = 0) -> dict[str, dict[str, Any]]:
    """Return the fields of the valid hours."""
    found = [point for point in made(summary, "night_hour", revision=revision) if point.tags["since"] == since]
    return {
        p.tags["hour"]: {k: v for k, v in p.fields.items() if k not in {"valid", "revision"}}
        for p in found
        if p.fields["valid"]
    }


def cramps(summary: Mapping[str, object], since: str) -> dict[str, object]:
    return {hour: fields["cramps"] for hour, fields in counted(summary, since).items()}


@pytest.mark.parametrize(
    ("basis", "since", "expected"),
    [
        ("estimate", "sleep_onset", {"00": 2.0, "01": 1.0, "02": -1.0}),
        ("stages", "sleep_onset", {"00": 3.0, "01": 0.0}),
        ("recording", "start", {"00": 3.0, "01": 0.0}),
    ],
)
def test_hours_count_from_the_onset_of_sleep_where_sleep_is_known_and_else_from_the_start(
    basis: str, since: str, expected: dict[str, float]
) -> None:
    summary = {**SUMMARY, "sleep_basis": basis}
    assert cramps(summary, since) == expected
    (other,) = {"sleep_onset", "start"} - {since}
    assert cramps(summary, other) == {}


def test_the_first_revision_writes_only_what_is_known_and_a_later_one_every_hour_in_which_there_was_something() -> None:
    assert {point.fields["valid"] for point in made(SUMMARY, "night_hour")} == {1}
    assert len(made(SUMMARY, "night_hour")) == 3 + 4
    later = made(SUMMARY, "night_hour", revision=1)
    assert len(later) == 3 * 24
    assert sum(point.fields["valid"] == 1 for point in later) == 3 + 4


def test_an_hour_without_signal_says_that_its_numbers_are_not_known() -> None:
    hours = counted(SUMMARY, "sleep_onset")
    assert hours["00"] == {"valid_h": 1.0, "lm": 4.0, "plms_wasm": 2.0, "plms_wasm_per_h": 2.0, "cramps": 2.0}
    assert hours["01"] == {"valid_h": 0.25, "lm": 0.0, "plms_wasm": 0.0, "plms_wasm_per_h": -1.0, "cramps": 1.0}
    assert hours["02"] == {"valid_h": 0.0, "lm": 0.0, "plms_wasm": 0.0, "plms_wasm_per_h": -1.0, "cramps": -1.0}


def test_a_night_without_valid_emg_has_no_hour_with_a_number_of_cramp_like_events() -> None:
    without_emg = {**SUMMARY, "cramps": None, "cramp_events": None, "cramp_probable": None, "cramp_possible": None}
    # Said, not left out: a database would keep the number of an earlier revision.
    assert set(cramps(without_emg, "sleep_onset").values()) == {-1.0}
    assert counted(without_emg, "midnight") == {}


def test_hours_of_the_clock_are_those_of_the_place_where_the_night_was_collected() -> None:
    # From 22:30 to 1:30; 1700 s after its start is 22:58, the others begin after 23:00.
    assert counted(SUMMARY, "midnight") == {
        "22": {"cramps": 1.0},
        "23": {"cramps": 2.0},
        "00": {"cramps": 0.0},
        "01": {"cramps": 0.0},
    }


def test_sleep_has_a_state_every_30_s_by_the_middle_of_each_and_what_lies_between_is_not_known() -> None:
    minute_ns = 60 * NS_PER_S
    spans = [
        (START_NS + 2 * minute_ns, START_NS + 3 * minute_ns, "awake"),
        (START_NS + minute_ns + 14 * NS_PER_S, START_NS + 2 * minute_ns, "asleep"),
        (START_NS + 3 * minute_ns, START_NS + 3 * minute_ns + 14 * NS_PER_S, "in doubt"),
    ]
    points = made(SUMMARY, "sleep_epoch", NightCourse(0, spans))
    assert [point.time_ns for point in points] == list(range(START_NS, START_NS + 3 * HOUR_NS, 30 * NS_PER_S))
    states = [point.fields["state"] for point in points]
    assert states[:7] == ["not known", "not known", "asleep", "asleep", "awake", "awake", "not known"]
    assert set(states[7:]) == {"not known"}
    assert {point.fields["basis"] for point in points} == {"estimate"}


def test_a_night_of_years_has_a_day_of_sleep_and_no_more() -> None:
    course = NightCourse(0, ())
    entry = night_entry(SUMMARY, *WHOSE, span_ns=(START_NS, START_NS + 10_000 * 24 * HOUR_NS), course=course)
    points = points_of(Delivered("home", "bedroom", 0, entry))
    assert sum(point.measurement.name == "sleep_epoch" for point in points) == 24 * 120
    assert sum(point.measurement.name == "night_hour" for point in points) == 3 + 24


def test_a_night_that_is_taken_back_takes_its_hours_and_its_sleep_back() -> None:
    entry = night_entry(SUMMARY, *WHOSE, span_ns=(START_NS, START_NS + HOUR_NS), course=NightCourse(0, ()))
    gone = Entry(entry.topic_kind, *WHOSE, entry.key, 1, valid=False, body=entry.body)
    assert {point.fields["valid"] for point in points_of(Delivered("home", "bedroom", 0, gone))} == {0}


@pytest.mark.parametrize(
    ("values", "end_ms"),
    [
        ({"duration_h": 336.0}, 1_795_210_200_000 + 336 * 3_600_000),
        ({}, None),
        # Corrected to these, it ends where it began: a database would keep the end that it had.
        ({"duration_h": 0.0}, 1_795_210_200_000),
        ({"duration_h": -1.0}, 1_795_210_200_000),
        ({"duration_h": 1e30}, 1_795_210_200_000),
    ],
)
def test_an_entry_of_the_diary_that_says_for_how_long_has_an_end(values: dict[str, float], end_ms: int | None) -> None:
    (point,) = points_of(
        Delivered("home", "bedroom", 0, note_entry(Note("medicine", "magnesium", values, None), START_NS, "p1", "n1"))
    )
    assert point.line()
    assert point.fields.get("end_ms") == end_ms


@pytest.mark.parametrize(
    "wrong",
    [
        {"summary": {"by_hour": 3}},
        {"summary": {"by_hour": [3]}},
        {"summary": {"by_hour": [{"hour": "0"}]}},
        {"summary": {"by_hour": [], "by_hour_est": 3, "sleep_basis": "estimate"}},
        {"summary": {"by_hour": [], "cramps": [{"onset_s": "1"}], "cramp_events": 1}, "utc_offset_s": 0},
        {"summary": {}, "sleep": 3},
        {"summary": {}, "sleep": [[1, 2]]},
        {"summary": {}, "sleep": [[1, 2, "dreams"]]},
    ],
)
def test_what_is_no_course_of_a_night_is_set_aside(wrong: dict[str, object]) -> None:
    body = {"start_ns": START_NS, "end_ns": START_NS + HOUR_NS, **wrong}
    entry = Entry(night_entry({}, *WHOSE, span_ns=(1, 2)).topic_kind, *WHOSE, "k", 0, valid=True, body=body)
    with pytest.raises(DecodeError):
        points_of(Delivered("home", "bedroom", 0, entry))
