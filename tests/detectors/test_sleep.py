"""Sleep and wake from the legs (science.md 6.3): simulated nights with known sleep, and every rule of our own."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from detectors.annotations import Span
from detectors.events import Event, EventKind, EventQuality, Stage, StageSpan
from detectors.signal import NS_PER_S, Leg
from detectors.sleep.awakenings import awakenings
from detectors.sleep.basis import SleepBasis, basis_of, by_stages
from detectors.sleep.estimate import SleepEstimate, estimate_sleep, isolated_movements
from detectors.sleep.grid import Grid
from detectors.sleep.window import time_in_bed
from tests.made_courses import MadeNight
from tests.made_legs import CRITERIA, changed

HOURS = 8
NIGHT_S = HOURS * 3600
ASLEEP_S, AWAKE_S = 1500, 27000
RESTLESS_S, TOILET_S = (12000, 12360), (16000, 16180)
PLMS_S = range(4000, 9000, 25)


def span(onset_s: float, end_s: float) -> Span:
    return Span(round(onset_s * NS_PER_S), round(end_s * NS_PER_S))


def night(seed: int = 1) -> MadeNight:
    """Awake at first, at the end, for six restless minutes, and on a way to the toilet; a turn in bed an hour."""
    made = MadeNight.leg(NIGHT_S, seed)
    made.restless(0, ASLEEP_S, seed)
    for at_s in range(3500, AWAKE_S, 3600):
        made.turn(at_s, 60.0)
    made.restless(*RESTLESS_S, seed)
    made.stand(*TOILET_S)
    made.restless(TOILET_S[1], TOILET_S[1] + 200, seed)
    made.restless(AWAKE_S, NIGHT_S, seed)
    for at_s in PLMS_S:
        made.move(at_s, 3, 0.06)
    return made


PLMS = [span(at_s, at_s + 2.5) for at_s in PLMS_S]
IN_BED = span(0, NIGHT_S)
NIGHT = night()
SLEPT = estimate_sleep([NIGHT.course()], PLMS, [span(*TOILET_S)], IN_BED, CRITERIA)


def slept() -> SleepEstimate:
    assert SLEPT is not None
    return SLEPT


def wake_s(estimate: SleepEstimate, within: Span) -> float:
    common = (min(w.end_ns, within.end_ns) - max(w.onset_ns, within.onset_ns) for w in estimate.basis().wake)
    return sum(max(ns, 0) for ns in common) / NS_PER_S


def test_sleep_begins_and_ends_where_the_leg_came_to_rest_and_woke() -> None:
    period = slept().period
    assert period is not None
    assert period.onset_ns / NS_PER_S == pytest.approx(ASLEEP_S, abs=420)
    assert period.end_ns / NS_PER_S == pytest.approx(AWAKE_S, abs=120)


def test_awakenings_are_found_and_nothing_else() -> None:
    found = awakenings(slept().basis(), CRITERIA, slept().uncertain)
    assert [event.kind for event in found] == [EventKind.AWAKENING] * 2
    for event, (onset_s, end_s) in zip(found, (RESTLESS_S, TOILET_S), strict=True):
        assert event.onset_ns / NS_PER_S == pytest.approx(onset_s, abs=120)
        assert event.end_ns / NS_PER_S >= end_s
        assert event.leg is Leg.BOTH
        assert event.measures["long"] == 1.0


def test_periodic_movements_do_not_become_wake() -> None:
    assert wake_s(slept(), span(PLMS_S.start, PLMS_S.stop)) < 60
    assert slept().numbers()["tst_uncleaned_est_h"] < slept().basis().numbers()["tst_est_h"] - 1.0


def test_left_in_they_would_be_wake() -> None:
    estimate = estimate_sleep([NIGHT.course()], [], [], IN_BED, CRITERIA)
    assert estimate is not None
    assert wake_s(estimate, span(PLMS_S.start, PLMS_S.stop)) > 3000


def test_a_turn_in_bed_is_no_awakening() -> None:
    made = MadeNight.leg(NIGHT_S)
    for at_s in range(1800, NIGHT_S, 1800):
        made.turn(at_s, 60.0)
    estimate = estimate_sleep([made.course()], [], [], IN_BED, CRITERIA)
    assert estimate is not None
    assert not awakenings(estimate.basis(), CRITERIA)


def test_estimated_sleep_lies_within_three_per_cent_of_the_made_sleep() -> None:
    made_h = (AWAKE_S - ASLEEP_S - 360 - 380) / 3600
    assert slept().basis().numbers()["tst_est_h"] == pytest.approx(made_h, rel=0.03)


def test_where_the_votes_differ_the_activity_decides_and_the_epoch_is_uncertain() -> None:
    made = MadeNight.leg(NIGHT_S)
    made.move(10000, 30, 0.2)  # moves without turning: the angle rests, the activity does not
    estimate = estimate_sleep([made.course()], [], [], IN_BED, CRITERIA)
    assert estimate is not None
    moved = [s for s in estimate.spans if s.onset_ns <= 10000 * NS_PER_S < s.end_ns]
    assert [(s.asleep, s.uncertain) for s in moved] == [(False, True)]
    assert 0 < estimate.numbers()["uncertain_share_est"] < 0.05


def test_what_is_wake_in_any_case_is_wake_and_certain() -> None:
    button = Span(20000 * NS_PER_S, 20000 * NS_PER_S)
    estimate = estimate_sleep([MadeNight.leg(NIGHT_S).course()], [], [button], IN_BED, CRITERIA)
    assert estimate is not None
    pressed = [s for s in estimate.spans if s.onset_ns <= button.onset_ns < s.end_ns]
    assert [((s.end_ns - s.onset_ns) / NS_PER_S, s.asleep, s.uncertain) for s in pressed] == [(30.0, False, False)]


def test_two_legs_sleep_only_if_both_are_still() -> None:
    still, restless = MadeNight.leg(NIGHT_S), NIGHT
    both = estimate_sleep([still.course(), restless.course(Leg.RIGHT)], PLMS, [], IN_BED, CRITERIA)
    one = estimate_sleep([still.course()], PLMS, [], IN_BED, CRITERIA)
    assert both is not None
    assert one is not None
    assert wake_s(one, span(*RESTLESS_S)) == 0
    assert wake_s(both, span(*RESTLESS_S)) > 300


def test_where_one_leg_is_missing_the_other_decides() -> None:
    left, right = NIGHT.course(missing=[(9000, 20000)]), NIGHT.course(Leg.RIGHT)
    estimate = estimate_sleep([left, right], PLMS, [], IN_BED, CRITERIA)
    assert estimate is not None
    assert estimate.numbers()["sleep_unknown_est_min"] == 0
    assert wake_s(estimate, span(*RESTLESS_S)) > 300


def test_what_is_missing_is_neither_sleep_nor_wake() -> None:
    course = NIGHT.course(missing=[(18000, 21600)])
    estimate = estimate_sleep([course], PLMS, [], IN_BED, CRITERIA)
    assert estimate is not None
    assert estimate.numbers()["sleep_unknown_est_min"] == 60
    assert not [s for s in estimate.spans if s.onset_ns < 21600 * NS_PER_S and s.end_ns > 18000 * NS_PER_S]
    assert estimate.period is not None
    assert estimate.period.end_ns / NS_PER_S == pytest.approx(AWAKE_S, abs=120)


def test_a_sensor_that_is_not_worn_does_not_sleep() -> None:
    course = NIGHT.course().without([IN_BED])
    assert estimate_sleep([course], [], [], IN_BED, CRITERIA) is None


def test_emg_alone_gives_no_estimate_of_sleep() -> None:
    assert estimate_sleep([], PLMS, [], IN_BED, CRITERIA) is None


@pytest.mark.parametrize(("minutes", "known"), [(59, False), (60, True)])
def test_an_hour_of_signal_is_needed(minutes: int, *, known: bool) -> None:
    course = MadeNight.leg(minutes * 60).course()
    assert (estimate_sleep([course], [], [], IN_BED, CRITERIA) is not None) == known


def test_a_leg_that_never_rests_does_not_sleep() -> None:
    made = MadeNight.leg(2 * 3600)
    made.gravity_g[:, 1] += np.where(np.arange(len(made.gravity_g)) % 10 < 5, 0.3, 0.0)
    made.activity_g[:] = 0.05
    estimate = estimate_sleep([made.course()], [], [], span(0, 7200), CRITERIA)
    assert estimate is not None
    assert estimate.period is None
    assert estimate.basis().numbers()["tst_est_h"] == 0
    assert "uncertain_share_est" not in estimate.numbers()


def test_the_estimate_depends_on_the_course_alone() -> None:
    cut = estimate_sleep([NIGHT.course(block_s=97)], PLMS, [span(*TOILET_S)], IN_BED, CRITERIA)
    assert cut == slept()


def test_spans_lie_on_half_minutes_of_the_night_and_do_not_overlap() -> None:
    spans = slept().spans
    assert all((edge - IN_BED.onset_ns) % (30 * NS_PER_S) == 0 for s in spans for edge in s[:2])
    assert all(a.end_ns <= b.onset_ns for a, b in pairwise(spans))


@pytest.mark.parametrize(("wake_at", "starts_at"), [((10, 11), 0), ((10, 11, 12), 13)])
def test_sleep_begins_with_ten_minutes_that_have_at_most_one_of_wake(wake_at: tuple[int, ...], starts_at: int) -> None:
    overrides = [Span(n * 30 * NS_PER_S, n * 30 * NS_PER_S + 1) for n in wake_at]
    estimate = estimate_sleep([MadeNight.leg(7200).course()], [], overrides, span(0, 7200), CRITERIA)
    assert estimate is not None
    assert estimate.period is not None
    assert estimate.period.onset_ns == starts_at * 30 * NS_PER_S


@pytest.mark.parametrize(("wake_min", "n_events", "is_long"), [(1.5, 0, 0), (2.0, 1, 0), (4.5, 1, 0), (5.0, 1, 1)])
def test_an_awakening_lasts_two_minutes_and_a_long_one_five(wake_min: float, n_events: int, is_long: int) -> None:
    sleep = [span(0, 6000), span(6000 + wake_min * 60, 20000)]
    basis = basis_of("estimate", sleep, [span(6000, 6000 + wake_min * 60), span(20000, 22000)])
    found = awakenings(basis, CRITERIA)
    assert len(found) == n_events
    assert sum(event.measures["long"] for event in found) == is_long


def test_stages_of_a_person_give_awakenings_the_same_way() -> None:
    stages = [StageSpan(0, 6000, Stage.N2), StageSpan(6000, 6240, Stage.WAKE), StageSpan(6240, 9000, Stage.REM)]
    basis = by_stages([StageSpan(s.onset_ns * NS_PER_S, s.end_ns * NS_PER_S, s.stage) for s in stages])
    assert isinstance(basis, SleepBasis)
    (event,) = awakenings(basis, CRITERIA)
    assert (event.onset_ns, event.end_ns) == span(6000, 6240)
    assert event.sensor == "stages"


def movement(onset_s: float, length_s: float, turned_deg: float = 0.0, leg: Leg = Leg.LEFT) -> Event:
    measures = {"duration_s": length_s, "orientation_change_deg": turned_deg}
    times_ns = span(onset_s, onset_s + length_s)
    return Event(EventKind.LEG_MOVEMENT, f"{leg}-ankle", leg, *times_ns, measures, EventQuality.GOOD)


@pytest.mark.parametrize(("length_s", "n"), [(0.4, 0), (0.5, 1), (10.0, 1), (10.1, 0)])
def test_isolated_movements_last_half_a_second_to_ten(length_s: float, n: int) -> None:
    assert len(isolated_movements([movement(100, length_s)], CRITERIA)) == n


@pytest.mark.parametrize(("turned_deg", "n"), [(9.9, 1), (10.0, 0)])
def test_isolated_movements_leave_the_leg_as_it_was(turned_deg: float, n: int) -> None:
    assert len(isolated_movements([movement(100, 2.0, turned_deg)], CRITERIA)) == n


@pytest.mark.parametrize(("apart_s", "n"), [(4.9, 0), (5.0, 2)])
def test_isolated_movements_have_no_other_near_them(apart_s: float, n: int) -> None:
    moves = [movement(100, 2.0), movement(102 + apart_s, 2.0)]
    assert len(isolated_movements(moves, CRITERIA)) == n


def test_both_legs_and_both_sensors_may_see_one_movement() -> None:
    moves = [movement(100, 2.0), movement(100.2, 2.5), movement(100.1, 2.0, leg=Leg.RIGHT)]
    assert isolated_movements(moves, CRITERIA) == [span(100, 102.7), span(100.1, 102.1)]


def test_time_in_bed_is_when_the_legs_are_not_vertical() -> None:
    made = MadeNight.leg(4 * 3600)
    made.stand(0, 1800)
    made.stand(7200, 7300)
    made.stand(13800, 4 * 3600)
    in_bed = time_in_bed([made.course()], span(0, 4 * 3600), CRITERIA)
    assert in_bed == span(1800, 13800)


@pytest.mark.parametrize(("minutes", "onset_s"), [(9, 1860 + 9 * 60), (10, 1800)])
def test_ten_minutes_without_a_vertical_leg_are_in_bed(minutes: int, onset_s: int) -> None:
    made = MadeNight.leg(3 * 3600)
    made.stand(0, 1800)
    made.stand(1800 + minutes * 60, 1860 + minutes * 60)
    assert time_in_bed([made.course()], span(0, 3 * 3600), CRITERIA).onset_ns == onset_s * NS_PER_S


def test_a_leg_that_never_lies_leaves_the_recording() -> None:
    made = MadeNight.leg(7200)
    made.stand(0, 7200)
    assert time_in_bed([made.course()], span(0, 7200), CRITERIA) == span(0, 7200)
    assert time_in_bed([], span(0, 0), CRITERIA) == span(0, 0)


def test_where_z_lies_along_the_leg_another_axis_sees_it_roll() -> None:
    made = night()
    made.gravity_g = made.gravity_g[:, [2, 1, 0]]
    estimate = estimate_sleep([made.course()], PLMS, [], IN_BED, changed("posture", long_axis=2))
    assert estimate is not None
    assert wake_s(estimate, span(*RESTLESS_S)) > 300


def test_bins_have_to_fill_half_a_minute() -> None:
    with pytest.raises(ValueError, match=r"sleep.bin_s is 7.0, expected a part of 30 s"):
        changed("sleep", bin_s=7.0)


def test_a_night_shorter_than_an_epoch_has_none() -> None:
    assert Grid(span(0, 29), 5.0).n_epochs == 0
    assert estimate_sleep([MadeNight.leg(100).course()], [], [], span(0, 29), CRITERIA) is None
