"""AASM scoring manual (2018): every rule at both of its edges; what the manual leaves open is called practice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detectors.events import Stage
from detectors.published import AASM, WASM_2016
from detectors.signal import Leg
from tests.movement_lists import clm_onsets_s, every, left, ns, plm_onsets_s, right, scored, span, stage

if TYPE_CHECKING:
    from detectors.rules.combined import LegMovement
    from detectors.rules.scored_movements import ScoredMovements

HAIR_S = 1e-9


def aasm(*movements: LegMovement) -> ScoredMovements:
    return scored(AASM, movements)


def test_a_movement_lasts_at_least_0_5_s() -> None:
    assert len(aasm(left(0, 0.5)).movements) == 1
    assert not aasm(left(0, 0.5 - HAIR_S)).movements


def test_a_movement_lasts_at_most_10_s() -> None:
    assert clm_onsets_s(aasm(left(0, 10.0))) == [0.0]
    assert clm_onsets_s(aasm(left(0, 10.0 + HAIR_S))) == []


def test_legs_are_combined_without_what_lasts_over_10_s() -> None:
    score = aasm(left(0, 2), left(3, 11), right(4, 2))
    assert [(m.leg, m.clm) for m in score.movements] == [(Leg.BOTH, True), (Leg.LEFT, False)]


def test_a_leg_that_does_not_rest_for_0_5_s_moves_once_and_is_measured_as_one() -> None:
    """Two movements of 9.9 s with 0.4 s between them are one of 20.2 s, and that is no leg movement."""
    score = aasm(left(0, 9.9), right(4.9, 9.9), left(10.3, 9.9))
    assert [(m.leg, m.clm, len(m.parts)) for m in score.movements] == [(Leg.LEFT, False, 2), (Leg.RIGHT, True, 1)]
    assert clm_onsets_s(aasm(left(0, 6), left(6.3, 6), right(1, 1))) == [1.0]
    assert clm_onsets_s(aasm(left(0, 6), left(6.5, 6), right(1, 1))) == [0.0, 6.5]


def test_legs_whose_onsets_are_less_than_5_s_apart_are_one_movement() -> None:
    (movement,) = aasm(left(0, 1), right(5.0 - HAIR_S, 1)).movements
    assert movement.leg is Leg.BOTH
    assert [m.leg for m in aasm(left(0, 1), right(5.0, 1)).movements] == [Leg.LEFT, Leg.RIGHT]


def test_overlapping_legs_are_two_movements_when_their_onsets_are_5_s_apart() -> None:
    assert len(aasm(left(0, 8), right(5, 2)).movements) == 2
    assert len(scored(WASM_2016, [left(0, 8), right(5, 2)]).movements) == 1


def test_legs_that_take_turns_are_not_one_endless_movement() -> None:
    """The 5 s count from the first onset."""
    score = aasm(left(0, 1), right(4, 1), left(8, 1), right(12, 1))
    assert [m.onset_ns for m in score.movements] == [0, ns(8)]


def test_movements_of_one_leg_are_not_joined_by_their_onsets() -> None:
    assert len(aasm(left(0, 1), left(3, 1)).movements) == 2


def test_no_longest_duration_and_no_number_of_parts_is_stated_for_both_legs() -> None:
    (movement,) = aasm(*(side(t, 0.5) for t in range(4) for side in (left, right)), right(4.9, 10.0)).movements
    assert movement.clm
    assert len(movement.parts) == 9
    assert movement.duration_s > 14


@pytest.mark.parametrize(("interval_s", "n"), [(5.0 - HAIR_S, 0), (5.0, 4), (90.0, 4), (90.0 + HAIR_S, 0)])
def test_intervals_of_a_series_last_from_5_to_90_s_inclusive(interval_s: float, n: int) -> None:
    assert len(plm_onsets_s(aasm(*every(interval_s, 4)))) == n


def test_a_series_has_four_movements_and_three_are_none() -> None:
    assert plm_onsets_s(aasm(*every(20, 3))) == []
    assert plm_onsets_s(aasm(*every(20, 4))) == [0.0, 20.0, 40.0, 60.0]


def test_a_series_ends_with_its_last_movement_to_end() -> None:
    (series,) = aasm(left(0), left(20), left(40, 9.9), right(46, 1)).series
    assert (series.n, series.end_ns) == (4, ns(49.9))


def test_by_practice_a_movement_after_a_short_interval_is_left_out_and_the_interval_measured_again() -> None:
    score = aasm(*every(20, 2), left(24.9), *every(20, 2, start_s=40))
    assert plm_onsets_s(score) == [0.0, 20.0, 40.0, 60.0]
    assert [m.imi_s for m in score.movements] == [None, 20.0, 4.9, 20.0, 20.0]


def test_by_practice_several_short_intervals_in_a_row_are_measured_from_the_movement_that_was_kept() -> None:
    score = aasm(left(0), left(3), left(6), left(9), left(12), left(20))
    assert plm_onsets_s(score) == [0.0, 6.0, 12.0, 20.0]


def test_a_movement_over_10_s_does_not_end_a_series() -> None:
    assert plm_onsets_s(aasm(*every(20, 3), left(45, 11), left(60))) == [0.0, 20.0, 40.0, 60.0]


@pytest.mark.parametrize(
    ("onset_s", "scored_at_all"),
    [(77.5 - HAIR_S, True), (77.5, False), (90.0, False), (100.5, False), (100.5 + HAIR_S, True)],
)
def test_nothing_is_scored_from_0_5_s_before_to_0_5_s_after_a_respiratory_event(
    onset_s: float, *, scored_at_all: bool
) -> None:
    """A movement of 2 s near an event from 80 to 100 s."""
    score = scored(AASM, [left(onset_s, 2.0)], respiratory=[span(80, 100)])
    assert score.movements[0].clm is scored_at_all
    assert score.movements[0].respiratory is not scored_at_all


def test_a_respiratory_movement_is_left_out_of_the_intervals() -> None:
    score = scored(AASM, every(20, 5), respiratory=[span(38, 39.8)])
    assert plm_onsets_s(score) == [0.0, 20.0, 60.0, 80.0]


def test_only_movements_in_sleep_form_a_series() -> None:
    stages = [stage(0, 30, Stage.N2), stage(30, 60, Stage.WAKE), stage(60, 120, Stage.N2)]
    assert plm_onsets_s(scored(AASM, every(20, 4), stages=stages)) == []
    assert plm_onsets_s(scored(AASM, every(20, 5), stages=stages)) == [0.0, 20.0, 60.0, 80.0]


@pytest.mark.parametrize(("wake_s", "n"), [(80.0, 4), (90.0, 0)])
def test_wake_under_90_s_does_not_break_a_series(wake_s: float, n: int) -> None:
    begin, end = 30.0, 30.0 + wake_s
    stages = [stage(0, begin, Stage.N2), stage(begin, end, Stage.WAKE), stage(end, end + 60, Stage.N2)]
    movements = [left(5), left(25), left(end + 4), left(end + 24)]
    assert len(plm_onsets_s(scored(AASM, movements, stages=stages))) == n


def test_where_nobody_scored_sleep_every_movement_counts() -> None:
    assert len(plm_onsets_s(scored(AASM, every(20, 4)))) == 4


def test_both_standards_differ_between_5_and_10_s() -> None:
    assert len(plm_onsets_s(aasm(*every(7, 6)))) == 6
    assert plm_onsets_s(scored(WASM_2016, every(7, 6))) == []
