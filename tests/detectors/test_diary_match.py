"""What sensors marked and what a person noted are matched, and never merged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.diary_match import TOLERANCE_S, match_cramps
from detectors.signal import NS_PER_S

TIMES = st.integers(0, 10_000).map(lambda t_s: t_s * NS_PER_S)
SPANS = st.tuples(TIMES, st.integers(0, 300)).map(lambda span: (span[0], span[0] + span[1] * NS_PER_S))


def at(t_s: float) -> int:
    return round(t_s * NS_PER_S)


def test_a_note_inside_of_an_event_is_the_same_whatever_the_tolerance() -> None:
    assert match_cramps([(at(100), at(160))], [at(130)], tolerance_s=0.0).both == ((0, 0),)


def test_a_note_a_quarter_of_an_hour_off_is_matched_and_a_second_further_is_not() -> None:
    event = [(at(10_000), at(10_060))]
    for edge_s in (10_000 - TOLERANCE_S, 10_060 + TOLERANCE_S):
        assert match_cramps(event, [at(edge_s)]).both == ((0, 0),)
    for beyond_s in (10_000 - TOLERANCE_S - 1, 10_060 + TOLERANCE_S + 1):
        assert match_cramps(event, [at(beyond_s)]) == ((), (0,), (0,))


def test_the_nearest_pair_is_taken_first_and_leaves_the_other_note_alone() -> None:
    found = match_cramps([(at(1000), at(1060))], [at(1400), at(1070)])
    assert found.both == ((0, 1),)
    assert found.diary_only == (0,)


def test_one_note_is_not_two_events() -> None:
    assert match_cramps([(at(0), at(60)), (at(200), at(260))], [at(210)]) == (((1, 0),), (0,), ())


def test_a_note_with_a_length_is_as_near_as_its_nearer_end() -> None:
    assert match_cramps([(at(0), at(60))], [(at(300), at(4000))], tolerance_s=240.0).both == ((0, 0),)


def test_a_negative_tolerance_is_refused() -> None:
    with pytest.raises(ValueError, match="tolerance_s is -1"):
        match_cramps([], [], tolerance_s=-1)


@given(st.lists(SPANS, max_size=8), st.lists(st.one_of(TIMES, SPANS), max_size=8))
def test_every_event_and_every_note_is_in_exactly_one_list(
    events: list[tuple[int, int]], noted: list[tuple[int, int] | int]
) -> None:
    both, sensor_only, diary_only = match_cramps(events, noted)
    assert sorted([*(i for i, _ in both), *sensor_only]) == list(range(len(events)))
    assert sorted([*(j for _, j in both), *diary_only]) == list(range(len(noted)))
