"""Rhythmic trains: legs that take turns, and leg movements that are part of one (science.md 1.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from detectors.events import Event, EventKind
from detectors.pipeline import score
from detectors.recording import ArraySource, Recording, steady_clock
from detectors.signal import NS_PER_S, Leg, Quantity, Stream, Unit
from tests.made_legs import emg
from tests.night_events import CRITERIA, combiner, emg_movement, event, last_words, seen_movement, told

if TYPE_CHECKING:
    from collections.abc import Sequence

BOTH = (Leg.LEFT, Leg.RIGHT)


def train(onset_s: float, duration_s: float, leg: Leg = Leg.LEFT, **measures: float) -> Event:
    values: dict[str, Any] = {"rate_hz": 1.0, "anchor_s": 0.0, "burst_s": 0.3, **measures}
    return event(EventKind.RHYTHMIC_TRAIN, onset_s, duration_s, leg, **values)


def trains(events: Sequence[Event], emg: Sequence[Leg] = BOTH) -> list[dict[str, float]]:
    said = told(combiner(emg=emg), events)
    return [dict(one.measures) for one in last_words(said, EventKind.RHYTHMIC_TRAIN)]


@pytest.mark.parametrize(
    ("phase", "alternating"), [(0.0, 0.0), (0.29, 0.0), (0.31, 1.0), (0.5, 1.0), (0.69, 1.0), (0.71, 0.0)]
)
def test_legs_take_turns_within_a_fifth_of_a_turn_of_half_a_turn(phase: float, alternating: float) -> None:
    found = trains([train(100, 20, anchor_s=10.0), train(104, 20, Leg.RIGHT, anchor_s=10.0 + phase)])
    assert [one["alternating"] for one in found] == [alternating, alternating]


@pytest.mark.parametrize(("rate_hz", "alternating"), [(0.86, 1.0), (0.84, 0.0)])
def test_rates_of_legs_that_take_turns_differ_by_15_percent_at_the_most(rate_hz: float, alternating: float) -> None:
    left = train(100, 20, anchor_s=10.0)
    right = train(100, 20, Leg.RIGHT, rate_hz=rate_hz, anchor_s=10.0 + 0.5 / rate_hz)
    assert [one["alternating"] for one in trains([left, right])] == [alternating] * 2


def test_the_phase_is_compared_in_the_middle_of_the_overlap() -> None:
    """At the anchors the legs are in step; half a minute later one is half a turn ahead."""
    left, right = train(0, 60, anchor_s=0.0), train(0, 60, Leg.RIGHT, rate_hz=1.0 + 0.5 / 30, anchor_s=0.0)
    assert [one["alternating"] for one in trains([left, right])] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("rate_hz", "burst_s", "alma"),
    [(0.5, 0.3, 1.0), (0.49, 0.3, 0.0), (3.0, 0.1, 1.0), (3.1, 0.1, 0.0), (1.0, 0.5, 1.0), (1.0, 0.51, 0.0)],
)
def test_alma_is_alternation_at_0_5_to_3_hz_with_bursts_of_100_to_500_ms(
    rate_hz: float, burst_s: float, alma: float
) -> None:
    legs = ((Leg.LEFT, 0.0), (Leg.RIGHT, 0.5 / rate_hz))
    found = trains([train(100, 20, leg, rate_hz=rate_hz, anchor_s=at_s, burst_s=burst_s) for leg, at_s in legs])
    assert [(one["alternating"], one["alma"]) for one in found] == [(1.0, alma)] * 2


def test_trains_that_do_not_overlap_do_not_take_turns() -> None:
    found = trains([train(100, 20), train(120, 20, Leg.RIGHT, anchor_s=0.5)])
    assert [one["alternating"] for one in found] == [0.0, 0.0]


def test_with_emg_on_one_leg_nothing_is_said_about_turns() -> None:
    ((one),) = trains([train(100, 20)], emg=(Leg.LEFT,))
    assert not {"alternating", "alma"} & set(one)


def test_a_train_is_said_as_soon_as_no_train_beside_it_can_begin() -> None:
    night = combiner()
    assert night.feed([train(100, 20)], 120 * NS_PER_S - 1) == []
    assert len(night.feed([], 120 * NS_PER_S)) == 1


def in_train(movement: Event, *others: Event) -> tuple[float, float]:
    found = last_words(told(combiner(), [movement, *others]), EventKind.LEG_MOVEMENT)
    (one,) = [event for event in found if event.onset_ns == movement.onset_ns]
    return one.measures["in_train"], one.measures["clm"]


@pytest.mark.parametrize(("onset_s", "expected"), [(101.1, (0.0, 1.0)), (100.9, (1.0, 0.0))])
@pytest.mark.parametrize("kind", [EventKind.RHYTHMIC_TRAIN, EventKind.CLONUS])
def test_a_movement_belongs_to_a_train_with_more_than_half_of_it(
    kind: EventKind, onset_s: float, expected: tuple[float, float]
) -> None:
    assert in_train(emg_movement(100, 2), event(kind, onset_s, 20)) == expected


def test_a_movement_of_the_other_leg_belongs_to_no_train_of_this_one() -> None:
    assert in_train(emg_movement(100, 2, Leg.RIGHT), train(99, 20)) == (0.0, 1.0)


def test_two_trains_that_overlap_are_counted_once() -> None:
    beside = event(EventKind.CLONUS, 100, 0.6)
    assert in_train(emg_movement(100, 2), train(100, 0.6), beside) == (0.0, 1.0)


@pytest.mark.parametrize("kind", [EventKind.RHYTHMIC_TRAIN, EventKind.CLONUS, EventKind.SHIFT])
@pytest.mark.parametrize(("onset_s", "steps", "n_told"), [(110.0, 12.0, 1), (109.9, 12.0, 0), (90.0, 0.0, 1)])
def test_what_lies_in_walking_with_more_than_half_of_it_is_walking(
    kind: EventKind, onset_s: float, steps: float, n_told: int
) -> None:
    night = combiner(motion=BOTH)
    walk = event(EventKind.UPRIGHT, onset_s, 60, steps=steps)
    said = told(night, [event(kind, 100, 20), walk])
    assert len(last_words(said, kind)) == n_told
    turned_down = [one.why[-1].rule for one in night.rejected() if one.kind is kind]
    assert turned_down == ["walking_share"] * (1 - n_told)


@pytest.mark.parametrize("kind", [EventKind.RHYTHMIC_TRAIN, EventKind.CLONUS, EventKind.SHIFT])
def test_walking_that_begins_after_an_event_is_waited_for(kind: EventKind) -> None:
    """Whether a leg that gets up turns before it walks must not hang on where the stream was cut."""
    night, walk = combiner(motion=BOTH), event(EventKind.UPRIGHT, 102, 60, steps=12.0)
    said = [*night.feed([event(kind, 100, 20)], 101 * NS_PER_S), *night.feed([walk], 102 * NS_PER_S)]
    assert last_words([*said, *night.feed([], 200 * NS_PER_S), *night.finish()], kind) == []


def test_a_movement_in_a_train_that_is_walking_is_part_of_it_all_the_same() -> None:
    walk = event(EventKind.UPRIGHT, 90, 60, steps=12.0)
    said = told(combiner(motion=BOTH), [train(100, 20), walk, emg_movement(105, 1)])
    (one,) = last_words(said, EventKind.LEG_MOVEMENT)
    assert one.measures["in_train"] == 1.0


def test_the_other_leg_walks_for_a_leg_without_a_motion_sensor() -> None:
    walk = event(EventKind.UPRIGHT, 90, 60, Leg.RIGHT, steps=12.0)
    for motion, n_told in ((BOTH, 1), ((Leg.RIGHT,), 0)):
        said = told(combiner(motion=motion), [train(100, 20), walk])
        assert len(last_words(said, EventKind.RHYTHMIC_TRAIN)) == n_told


def test_a_train_does_not_end_the_series_around_it() -> None:
    steady = [emg_movement(t, 2) for t in (10, 30, 50, 70, 90)]
    bursts = [emg_movement(t, 0.6) for t in range(35, 46)]
    found = last_words(told(combiner(), [*steady, *bursts, train(35.1, 10.5)]), EventKind.LEG_MOVEMENT)
    assert [one.measures["plm_wasm"] for one in found if one.duration_s == 2.0] == [1.0] * 5
    assert {one.measures["in_train"] for one in found if one.duration_s < 1} == {1.0}
    broken = last_words(told(combiner(), [*steady, *bursts]), EventKind.LEG_MOVEMENT)
    assert {one.measures["plm_wasm"] for one in broken} == {0.0}


def test_a_movement_that_is_the_cramp_like_contraction_says_so_and_still_ends_the_series() -> None:
    steady = [emg_movement(t, 2) for t in (10, 30, 50, 130, 150)]
    contraction = event(EventKind.CRAMP, 70, 30, peak_uv=50.0, mean_uv=40.0, term_duration=1.0, term_amplitude=1.0)
    found = last_words(told(combiner(), [*steady, emg_movement(69.9, 30.5), contraction]), EventKind.LEG_MOVEMENT)
    assert [one.measures["in_cramp"] for one in found] == [0, 0, 0, 1, 0, 0]
    assert {one.measures["plm_wasm"] for one in found} == {0.0}


def test_acceleration_scores_a_leg_without_emg_and_knows_no_trains() -> None:
    found = last_words(told(combiner(emg=(), motion=(Leg.LEFT,)), [seen_movement(100, 2)]), EventKind.LEG_MOVEMENT)
    assert [(one.measures["in_train"], one.measures["clm"]) for one in found] == [(0.0, 1.0)]
    assert "in_cramp" not in found[0].measures


@pytest.mark.parametrize(("lag_s", "alma"), [(0.0, 0.0), (0.4, 1.0)])
def test_bursts_in_the_samples_of_two_legs_are_told_to_take_turns(lag_s: float, alma: float) -> None:
    sources = []
    for leg, first_s in ((Leg.LEFT, 70.0), (Leg.RIGHT, 70.0 + lag_s)):
        stream = Stream(f"{leg}-shin", leg, "tibialis", Quantity.EMG, Unit.MICROVOLT, ("ta",), 250.0)
        bursts = [(first_s + 0.8 * n, 0.3, 40.0) for n in range(12)]
        sources.append(ArraySource(stream, steady_clock(0, 250.0), emg(100.0, bursts, fs_hz=250.0)))
    events = score(Recording("two", 0, tuple(sources)), CRITERIA).events
    found = [one.measures["alma"] for one in events if one.kind is EventKind.RHYTHMIC_TRAIN]
    assert found == [alma, alma]
    assert {one.measures["in_train"] for one in events if one.kind is EventKind.LEG_MOVEMENT} == {1.0}
