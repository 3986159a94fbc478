"""Indices of a night, on lists that can be counted by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from detectors.annotations import hours_of, with_arousal
from detectors.events import Stage
from detectors.published import AASM, WASM_2016
from detectors.rules import indices
from detectors.rules.movement_summary import summarise_movements
from detectors.signal import NS_PER_S
from tests.movement_lists import every, left, right, scored, span, stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.rules.combined import CombinedMovement

HAIR_S = 1e-9
N2_HOUR = (stage(0, 3600, Stage.N2),)


def at(*onsets_s: float) -> list[float]:
    """Return the onsets of candidates whose intervals are the arguments."""
    onsets = [0.0]
    for interval_s in onsets_s:
        onsets.append(onsets[-1] + interval_s)
    return onsets


def movements(*intervals_s: float) -> tuple[CombinedMovement, ...]:
    return scored(WASM_2016, [left(t, 0.6) for t in at(*intervals_s)]).movements


def test_the_periodicity_index_counts_intervals_in_runs_of_three() -> None:
    """Runs of 3 and 4 periodic intervals count, the run of 2 does not: 7 of 11."""
    intervals_s = (20, 20, 20, 5, 30, 30, 100, 40, 40, 40, 40)
    assert indices.periodicity_index(movements(*intervals_s)) == 7 / 11


def test_an_interval_of_10_s_is_not_periodic_and_one_of_90_s_is() -> None:
    assert indices.periodicity_index(movements(10, 10, 10)) == 0
    assert indices.periodicity_index(movements(*[10 + HAIR_S] * 3)) == 1
    assert indices.periodicity_index(movements(90, 90, 90)) == 1
    assert indices.periodicity_index(movements(*[90 + HAIR_S] * 3)) == 0


def test_a_run_of_two_periodic_intervals_does_not_count_and_one_of_three_does() -> None:
    assert indices.periodicity_index(movements(20, 20)) == 0
    assert indices.periodicity_index(movements(20, 20, 20)) == 1


def test_the_periodicity_index_of_fewer_than_two_candidates_is_unknown() -> None:
    assert indices.periodicity_index(movements()) is None
    assert indices.periodicity_index(()) is None


def test_the_periodicity_index_passes_over_what_is_no_candidate() -> None:
    score = scored(WASM_2016, [*every(20, 2), left(25, 11), *every(20, 2, start_s=40)])
    assert indices.periodicity_index(score.movements) == 1


def test_a_short_interval_movement_follows_after_less_than_10_s() -> None:
    short = indices.short_interval(movements(10, 10 - HAIR_S, 20))
    assert [m.imi_s for m in short] == [pytest.approx(10 - HAIR_S, abs=1e-12)]


def test_an_isolated_movement_is_neither_periodic_nor_after_a_short_interval() -> None:
    """The first three are too few, the fourth comes too soon, the last too late."""
    found = indices.isolated(movements(20, 20, 4, 200))
    assert [m.onset_ns / NS_PER_S for m in found] == [0, 20, 40, 244]


def test_no_movement_of_a_series_is_isolated() -> None:
    assert indices.isolated(movements(20, 20, 20)) == []


def test_mean_and_deviation_of_the_logarithm_take_intervals_from_10_to_90_s() -> None:
    mean, sd = indices.log_imi_spread(movements(5, 10, 90, 91))
    assert mean == pytest.approx((math.log(10) + math.log(90)) / 2)
    assert sd == pytest.approx((math.log(90) - math.log(10)) / math.sqrt(2))
    assert indices.log_imi_spread(movements(5, 10)) == (math.log(10), None)
    assert indices.log_imi_spread(movements(5)) == (None, None)


def test_the_histogram_has_bins_of_2_s_up_to_100_s() -> None:
    histogram = indices.imi_histogram(movements(1.5, 2, 3.9, 22, 22.5, 99, 101))
    assert len(histogram.counts) == 50
    assert (histogram.counts[0], histogram.counts[1], histogram.counts[11], histogram.counts[49]) == (1, 2, 2, 1)
    assert sum(histogram.counts) == 6


def test_the_logarithmic_histogram_has_bins_of_0_1() -> None:
    histogram = indices.imi_log_histogram(movements(20, 21))
    assert histogram.edges[1] - histogram.edges[0] == pytest.approx(0.1)
    assert [k for k, n in enumerate(histogram.counts) if n] == [29, 30]


def test_the_mode_is_the_middle_of_the_fullest_bin() -> None:
    assert indices.imi_mode_s(movements(24, 24.5, 25, 31)) == 25
    assert indices.imi_mode_s(movements()) is None


def test_a_movement_of_both_legs_counts_once_in_the_bilateral_share() -> None:
    score = scored(WASM_2016, [left(0), right(1), left(20), right(40), left(60)])
    assert indices.bilateral_percent(score.movements) == 25
    assert indices.bilateral_percent(()) is None


def test_the_mean_length_of_series_counts_their_movements() -> None:
    score = scored(WASM_2016, [*every(20, 4), *every(20, 6, start_s=500)])
    assert indices.mean_series_length(score.series) == 5
    assert indices.mean_series_length(()) is None


def test_plms_are_counted_per_hour_of_sleep_and_plmw_per_hour_of_wake() -> None:
    """The series crosses from half an hour of wake into two hours of sleep."""
    stages = (stage(0, 1800, Stage.WAKE), stage(1800, 9000, Stage.N2))
    score = scored(WASM_2016, every(20, 6, start_s=1750), stages=stages)
    summary = summarise_movements(score)
    assert (summary["plmw_wasm_per_h"], summary["plms_wasm_per_h"]) == (3 / 0.5, 3 / 2)


@pytest.mark.parametrize(("onset_s", "in_sleep"), [(29.999999999, 0), (30.0, 1)])
def test_a_movement_belongs_to_the_stage_of_its_onset(onset_s: float, in_sleep: int) -> None:
    stages = (stage(0, 30, Stage.WAKE), stage(30, 60, Stage.N1))
    score = scored(WASM_2016, [left(onset_s)], stages=stages)
    assert sum(indices.asleep(m.onset_ns, stages) for m in score.movements) == in_sleep
    assert sum(indices.awake(m.onset_ns, stages) for m in score.movements) == 1 - in_sleep


def test_unscored_time_is_neither_sleep_nor_wake() -> None:
    assert not indices.asleep(3600 * NS_PER_S, N2_HOUR)
    assert not indices.awake(3600 * NS_PER_S, N2_HOUR)


def test_hours_count_scored_time_only() -> None:
    stages = (stage(0, 1800, Stage.WAKE), stage(3600, 7200, Stage.REM), stage(7200, 9000, Stage.N3))
    assert hours_of(stages, awake=False) == 1.5
    assert hours_of(stages, awake=True) == 0.5


@pytest.mark.parametrize(
    ("begin_s", "end_s", "associated"),
    [(2.5, 6, False), (2.5 - HAIR_S, 6, True), (1, 6, True), (-6, -0.5, False), (-6, -0.5 + HAIR_S, True)],
)
def test_an_arousal_is_associated_when_it_overlaps_or_is_less_than_0_5_s_away(
    begin_s: float, end_s: float, *, associated: bool
) -> None:
    """A movement from 0 to 2 s, and an arousal before or after it."""
    for criteria in (WASM_2016, AASM):
        assert with_arousal(span(0, 2), [span(begin_s, end_s)], criteria) is associated


def test_the_arousal_index_counts_periodic_movements_in_sleep_with_an_arousal() -> None:
    score = scored(WASM_2016, every(20, 4), stages=N2_HOUR, arousals=[span(21, 25), span(62.4, 70)])
    assert summarise_movements(score)["plms_wasm_arousal_per_h"] == 2


def test_the_index_without_respiratory_movements_is_built_from_the_others() -> None:
    score = scored(WASM_2016, every(20, 5), stages=N2_HOUR, respiratory=[span(20, 38)])
    summary = summarise_movements(score)
    assert summary["plms_wasm_per_h"] == 5
    assert summary["plms_wasm_nonrespiratory_per_h"] == 4
    assert summary["respiratory"] == 1


def test_movements_per_hour_count_scored_time_on_both_sides() -> None:
    score = scored(WASM_2016, [left(0), left(20, 11), left(4000)], stages=N2_HOUR)
    summary = summarise_movements(score)
    assert (summary["lm"], summary["lm_per_h"], summary["clm_per_h"]) == (3, 2, 1)


def test_the_time_course_counts_hours_from_sleep_onset() -> None:
    stages = (stage(0, 600, Stage.WAKE), stage(600, 600 + 5400, Stage.N2))
    score = scored(WASM_2016, [*every(20, 4, start_s=550), *every(20, 5, start_s=4300)], stages=stages)
    assert indices.plms_by_hour(score.movements, stages) == (1, 5)
    assert indices.plms_by_hour(score.movements, ()) == ()


def test_what_cannot_be_known_is_null_with_a_reason() -> None:
    summary = summarise_movements(scored(WASM_2016, every(20, 4)))
    assert summary["plms_wasm_per_h"] is None
    assert reasons(summary)["plms_wasm_per_h"] == "no sleep stages in the list"
    why = reasons(summarise_movements(scored(AASM, [left(0)], stages=N2_HOUR)))
    assert "plms_aasm_per_h" not in why
    assert why["plmw_aasm_per_h"] == "no time in that state"
    assert why["plms_aasm_nonrespiratory_per_h"] == "no respiratory events in the list"
    assert why["plms_aasm_arousal_per_h"] == "no arousals in the list"
    assert why["periodicity_index"] == "too few movements"


def reasons(summary: Mapping[str, object]) -> dict[str, str]:
    found = summary["reasons"]
    assert isinstance(found, dict)
    assert all(summary[key] is None for key in found)
    return found
