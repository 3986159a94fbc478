"""WASM 2016: Ferri R et al., Sleep Medicine 2016;26:86-95. Every rule at both of its edges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.events import Stage
from detectors.published import WASM_2016
from detectors.rules.combined import LegMovement, SignalLoss
from detectors.rules.scored_movements import ScoredMovements, apply_rules
from detectors.rules.series_criteria import ShortInterval
from detectors.signal import NS_PER_S, Leg
from tests.movement_lists import clm_onsets_s, every, left, ns, plm_onsets_s, right, scored, span, stage

HAIR_S = 1e-9


def wasm(*movements: LegMovement) -> ScoredMovements:
    return scored(WASM_2016, movements)


def test_a_movement_of_0_5_s_is_scored_and_a_shorter_one_is_not() -> None:
    assert len(wasm(left(0, 0.5)).movements) == 1
    assert not wasm(left(0, 0.5 - HAIR_S)).movements


def test_a_movement_of_one_leg_is_a_candidate_up_to_10_s() -> None:
    assert clm_onsets_s(wasm(left(0, 10.0))) == [0.0]
    assert clm_onsets_s(wasm(left(0, 10.0 + HAIR_S))) == []


def test_a_movement_over_10_s_is_still_a_leg_movement() -> None:
    (movement,) = wasm(left(0, 45.0)).movements
    assert not movement.clm
    assert movement.duration_s == 45.0


def test_a_movement_of_both_legs_is_a_candidate_up_to_15_s() -> None:
    assert clm_onsets_s(wasm(left(0, 8), right(7, 8.0))) == [0.0]
    assert clm_onsets_s(wasm(left(0, 8), right(7, 8.0 + HAIR_S))) == []


def alternating(n: int) -> list[LegMovement]:
    return [(left, right)[k % 2](1.2 * k, 1.0) for k in range(n)]


def test_four_components_make_a_candidate_and_five_do_not() -> None:
    four, five = wasm(*alternating(4)), wasm(*alternating(5))
    assert [len(m.parts) for m in four.movements] == [4]
    assert [len(m.parts) for m in five.movements] == [5]
    assert four.movements[0].clm
    assert not five.movements[0].clm


def test_a_component_over_10_s_spoils_a_bilateral_movement_under_15_s() -> None:
    assert clm_onsets_s(wasm(left(0, 10.0), right(1, 12.0 - 1 - 2))) == [0.0]
    assert clm_onsets_s(wasm(left(0, 10.0 + HAIR_S), right(1, 2.0))) == []


@pytest.mark.parametrize(("gap_s", "n"), [(0.5, 2), (0.5 - HAIR_S, 1), (0.0, 1), (-1.0, 1)])
def test_legs_join_when_they_overlap_or_the_gap_is_below_0_5_s(gap_s: float, n: int) -> None:
    score = wasm(left(0, 2), right(2 + gap_s, 2))
    assert len(score.movements) == n
    assert score.movements[0].leg is (Leg.BOTH if n == 1 else Leg.LEFT)


def test_legs_join_in_a_chain() -> None:
    (movement,) = wasm(left(0, 2), right(1.5, 2), left(3.9, 2)).movements
    assert (movement.onset_ns, movement.end_ns) == (0, ns(5.9))
    assert movement.leg is Leg.BOTH


def test_a_movement_that_ends_early_does_not_end_the_group_of_a_longer_one() -> None:
    (movement,) = wasm(left(0, 8), right(1, 1), right(8.4, 1)).movements
    assert len(movement.parts) == 3


def test_one_leg_moves_once_until_it_has_rested_for_0_5_s() -> None:
    assert len(wasm(left(0, 2), left(2.5 - HAIR_S, 2)).movements) == 1
    assert len(wasm(left(0, 2), left(2.5, 2)).movements) == 2


def test_two_channels_of_one_leg_that_see_the_same_movement_are_one_component() -> None:
    second = [replace(m, sensor="gastrocnemius") for m in alternating(4)]
    (movement,) = wasm(*alternating(4), *second).movements
    assert len(movement.parts) == 8
    assert movement.clm


def test_parts_of_one_leg_that_touch_are_one_component() -> None:
    halves = [left(0, 0.5), left(0.5, 0.5)]
    (movement,) = wasm(*halves, *alternating(4)[1:]).movements
    assert len(movement.parts) == 5
    assert movement.clm


def test_parts_of_one_leg_without_0_5_s_of_rest_are_one_component() -> None:
    """Otherwise one movement of the other leg would make a candidate of what is none."""
    pieces = [left(0, 6), left(6.3, 6)]
    assert [m.clm for m in wasm(*pieces).movements] == [False]
    assert [m.clm for m in wasm(*pieces, right(1, 1)).movements] == [False]
    split = [left(0, 0.5), left(0.5 + 0.3, 0.5), *alternating(5)[1:4]]
    assert [(len(m.parts), m.clm) for m in wasm(*split).movements] == [(5, True)]


def test_movements_of_one_leg_after_a_rest_of_0_5_s_are_two_components() -> None:
    pieces = [left(0, 5), left(5.5, 5), right(0.5, 6)]
    assert [(len(m.parts), m.clm) for m in wasm(*pieces).movements] == [(3, True)]


def test_a_leg_that_nobody_named_is_a_leg_of_its_own() -> None:
    other = LegMovement(ns(1), ns(2), Leg.UNKNOWN, "ankle")
    (movement,) = wasm(left(0, 8), other, right(8.3, 1)).movements
    assert movement.leg is Leg.BOTH
    assert wasm(other).movements[0].leg is Leg.UNKNOWN


def test_intervals_run_from_the_onset_of_the_combined_movement() -> None:
    score = wasm(left(0), right(20), left(20.3), left(40))
    assert [m.imi_s for m in score.movements] == [None, 20.0, 20.0]


@pytest.mark.parametrize(("interval_s", "n"), [(10.0 - HAIR_S, 0), (10.0, 4), (90.0, 4), (90.0 + HAIR_S, 0)])
def test_intervals_of_a_series_last_from_10_to_90_s_inclusive(interval_s: float, n: int) -> None:
    assert len(plm_onsets_s(wasm(*every(interval_s, 4)))) == n


def test_a_series_has_four_movements_and_three_are_none() -> None:
    assert plm_onsets_s(wasm(*every(20, 3))) == []
    score = wasm(*every(20, 4))
    assert plm_onsets_s(score) == [0.0, 20.0, 40.0, 60.0]
    assert [(s.number, s.onset_ns, s.end_ns, s.n) for s in score.series] == [(1, 0, ns(62), 4)]


def test_a_movement_that_is_no_candidate_ends_a_series() -> None:
    assert plm_onsets_s(wasm(*every(20, 3), left(45, 11), left(60))) == []
    assert plm_onsets_s(wasm(*every(20, 4), left(65, 11), left(80))) == [0.0, 20.0, 40.0, 60.0]


def test_a_series_may_begin_after_a_movement_that_is_no_candidate() -> None:
    assert plm_onsets_s(wasm(left(0, 11), *every(20, 4, start_s=12))) == [12.0, 32.0, 52.0, 72.0]


def test_a_short_interval_ends_a_series_and_its_movement_may_begin_the_next() -> None:
    score = wasm(*every(20, 4), *every(20, 4, start_s=65))
    assert [m.series for m in score.movements] == [1, 1, 1, 1, 2, 2, 2, 2]


def test_a_short_interval_cuts_what_would_have_been_a_series() -> None:
    assert plm_onsets_s(wasm(*every(20, 2), *every(20, 3, start_s=25))) == []


def test_where_a_short_interval_may_not_begin_a_series_the_next_movement_does() -> None:
    strict = replace(WASM_2016, short_imi=ShortInterval.ENDS_SERIES)
    score = scored(strict, [*every(20, 4), *every(20, 5, start_s=65)])
    assert [m.series for m in score.movements] == [1, 1, 1, 1, None, 2, 2, 2, 2]


def test_a_long_interval_ends_a_series_and_its_movement_begins_the_next() -> None:
    score = wasm(*every(20, 4), *every(20, 4, start_s=151))
    assert [m.series for m in score.movements] == [1, 1, 1, 1, 2, 2, 2, 2]


def test_the_interval_is_measured_to_the_candidate_before_and_not_to_what_lies_between() -> None:
    score = wasm(left(0), left(20, 11), left(45))
    assert [m.imi_s for m in score.movements] == [None, None, 45.0]


@pytest.mark.parametrize(
    ("onset_s", "associated"),
    [(96.0 - HAIR_S, False), (96.0, True), (100.0, True), (110.25, True), (110.25 + HAIR_S, False)],
)
def test_breathing_is_associated_from_2_s_before_to_10_25_s_after_its_end(onset_s: float, *, associated: bool) -> None:
    """A movement of 2 s reaches into the window of an event that ends at 100 s."""
    score = scored(WASM_2016, [left(onset_s, 2.0)], respiratory=[span(80, 100)])
    assert score.movements[0].respiratory is associated


def test_a_movement_during_a_long_respiratory_event_is_not_associated_with_its_end() -> None:
    score = scored(WASM_2016, [left(60, 2.0)], respiratory=[span(50, 100)])
    assert not score.movements[0].respiratory


def test_respiratory_movements_stay_candidates() -> None:
    score = scored(WASM_2016, every(20, 4), respiratory=[span(20, 38)])
    assert [m.respiratory for m in score.movements] == [False, False, True, False]
    assert len(plm_onsets_s(score)) == 4


def test_without_respiratory_movements_the_interval_is_measured_across_them() -> None:
    without = replace(WASM_2016, respiratory_excluded=True)
    score = scored(without, every(20, 5), respiratory=[span(20, 38)])
    assert plm_onsets_s(score) == [0.0, 20.0, 60.0, 80.0]


def test_series_are_built_across_sleep_and_wake() -> None:
    stages = [stage(0, 30, Stage.N2), stage(30, 60, Stage.WAKE), stage(60, 90, Stage.REM)]
    assert len(plm_onsets_s(scored(WASM_2016, every(20, 4), stages=stages))) == 4


def lossy(loss_s: float, movements: list[LegMovement]) -> ScoredMovements:
    return apply_rules(movements, WASM_2016, losses=[SignalLoss(ns(65), ns(65) + ns(loss_s))])


def test_signal_lost_for_90_s_inside_a_series_makes_it_uncertain() -> None:
    score = lossy(90.0, [*every(20, 4), *every(20, 4, start_s=140)])
    assert [m.series for m in score.movements] == [1] * 8
    assert [m.uncertain for m in score.movements] == [False] * 4 + [True] + [False] * 3
    assert [s.uncertain for s in score.series] == [True]


def test_signal_lost_for_more_than_90_s_ends_a_series() -> None:
    score = lossy(90.0 + HAIR_S, [*every(20, 4), *every(20, 4, start_s=140)])
    assert [m.series for m in score.movements] == [1, 1, 1, 1, 2, 2, 2, 2]
    assert [m.imi_s for m in score.movements][4] is None
    assert [s.uncertain for s in score.series] == [False, False]


def test_losses_of_signal_that_touch_count_as_one() -> None:
    losses = [SignalLoss(ns(65), ns(110)), SignalLoss(ns(110), ns(156))]
    score = apply_rules([*every(20, 4), *every(20, 4, start_s=140)], WASM_2016, losses=losses)
    assert len(score.series) == 2


def test_a_loss_of_signal_inside_another_does_not_shorten_it() -> None:
    losses = [SignalLoss(ns(65), ns(150)), SignalLoss(ns(70), ns(80)), SignalLoss(ns(150), ns(156))]
    score = apply_rules([*every(20, 4), *every(20, 4, start_s=150)], WASM_2016, losses=losses)
    assert len(score.series) == 2


def test_signal_lost_after_a_series_does_not_make_it_uncertain() -> None:
    assert [s.uncertain for s in lossy(10.0, every(20, 4)).series] == [False]


def test_times_are_compared_to_the_nanosecond() -> None:
    """In binary fractions 20.4 - 10.4 is less than 10."""
    assert 20.4 - 10.4 < 10
    assert len(plm_onsets_s(wasm(left(0.4), left(10.4), left(20.4), left(30.4)))) == 4
    late = LegMovement(10 * NS_PER_S - 1, 12 * NS_PER_S, Leg.LEFT, "left")
    assert wasm(left(0), late).movements[1].imi_s == pytest.approx(10 - HAIR_S, abs=1e-12)
    assert plm_onsets_s(wasm(left(0), late, left(20), left(30))) == []
