"""Published rules for sleep from acceleration (science.md 6.1), each at both edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detectors.published import HDCZA_2018, KRIPKE_ETH_ANKLE, VAN_HEES_2015
from detectors.sleep.votes import inactive_epochs, quiet_epochs
from detectors.sleep.window import sleep_window, still_bins
from tests.made_legs import CRITERIA

SLEEP = CRITERIA.sleep
BINS_PER_MIN = 12


def moved(minutes: float, change_deg: float) -> np.ndarray:
    """Changes of the angle from bin to bin."""
    return np.full(round(minutes * BINS_PER_MIN), change_deg)


def angle(*changes_deg: np.ndarray) -> np.ndarray:
    """An angle that goes to and fro by the given changes."""
    steps = np.concatenate(changes_deg)
    return np.cumsum(steps * np.where(np.arange(len(steps)) % 2, 1, -1))


def test_the_sets_in_use_are_the_published_ones() -> None:
    window = (SLEEP.bin_s, SLEEP.median_s, SLEEP.window_quantile, SLEEP.window_ratio)
    assert window == (HDCZA_2018.bin_s, HDCZA_2018.median_s, HDCZA_2018.quantile, HDCZA_2018.ratio)
    limits = (SLEEP.window_least_deg, SLEEP.window_most_deg, SLEEP.block_s, SLEEP.gap_s)
    assert limits == (HDCZA_2018.least_deg, HDCZA_2018.most_deg, HDCZA_2018.block_s, HDCZA_2018.gap_s)
    assert (SLEEP.change_deg, SLEEP.still_s) == (VAN_HEES_2015.change_deg, VAN_HEES_2015.still_s)
    assert SLEEP.wake_sum == KRIPKE_ETH_ANKLE.wake_sum == 0.0037


@pytest.mark.parametrize(("rest_deg", "limit_deg"), [(0.001, 0.13), (0.02, 0.30), (0.2, 0.50)])
def test_hdcza_the_limit_is_15_times_the_10th_percentile_between_0_13_and_0_50_degrees(
    rest_deg: float, limit_deg: float
) -> None:
    for change_deg, is_still in ((limit_deg - 0.005, True), (limit_deg + 0.005, False)):
        still = still_bins(angle(moved(60, rest_deg), moved(60, change_deg)), SLEEP)
        assert still[round(90 * BINS_PER_MIN)] == is_still


@pytest.mark.parametrize(("minutes", "is_still"), [(2.4, True), (2.6, False)])
def test_hdcza_the_change_is_a_rolling_median_over_5_minutes(minutes: float, *, is_still: bool) -> None:
    changes = [moved(60, 0.01), moved(minutes, 10.0), moved(60, 0.01)]
    still = still_bins(angle(*changes), SLEEP)
    assert still[round((60 + minutes / 2) * BINS_PER_MIN)] == is_still


@pytest.mark.parametrize(("minutes", "is_found"), [(29, False), (31, True)])
def test_hdcza_blocks_are_longer_than_30_minutes(minutes: float, *, is_found: bool) -> None:
    window = sleep_window([angle(moved(40, 5.0), moved(minutes, 0.01), moved(40, 5.0))], SLEEP)
    assert (window is not None) == is_found


def test_hdcza_a_block_of_exactly_30_minutes_is_none() -> None:
    still = np.zeros(31 * BINS_PER_MIN)
    whole = replace(SLEEP, block_s=float(len(still) * 5))
    assert sleep_window([still], whole) is None
    assert sleep_window([still], replace(whole, block_s=whole.block_s - 5)) == (0, len(still))


@pytest.mark.parametrize(("minutes", "n_minutes"), [(59, 199), (61, 80)])
def test_hdcza_gaps_shorter_than_60_minutes_are_joined(minutes: float, n_minutes: float) -> None:
    window = sleep_window([angle(moved(60, 0.01), moved(minutes, 5.0), moved(80, 0.01))], SLEEP)
    assert window is not None
    assert (window[1] - window[0]) / BINS_PER_MIN == pytest.approx(n_minutes, abs=1)


def test_hdcza_the_longest_block_is_the_window() -> None:
    window = sleep_window([angle(moved(40, 0.01), moved(70, 5.0), moved(80, 0.01), moved(70, 5.0))], SLEEP)
    assert window is not None
    assert window[0] / BINS_PER_MIN == pytest.approx(110, abs=1)


@pytest.mark.parametrize(("change_deg", "is_inactive"), [(5.0, True), (5.1, False)])
def test_van_hees_a_change_of_more_than_5_degrees_ends_inactivity(change_deg: float, *, is_inactive: bool) -> None:
    angle_deg = np.zeros(10 * BINS_PER_MIN)
    angle_deg[4 * BINS_PER_MIN :] = change_deg
    assert bool(inactive_epochs(angle_deg, 20, SLEEP)[0]) == is_inactive


@pytest.mark.parametrize(("bins_apart", "is_inactive"), [(59, False), (60, True)])
def test_van_hees_inactivity_lasts_5_minutes_or_more(bins_apart: int, *, is_inactive: bool) -> None:
    angle_deg = np.zeros(10 * BINS_PER_MIN)
    angle_deg[30 : 30 + bins_apart] = 20.0
    assert bool(inactive_epochs(angle_deg, 20, SLEEP)[10]) == is_inactive


def test_van_hees_time_that_is_not_known_is_passed_over() -> None:
    angle_deg = np.zeros(6 * BINS_PER_MIN)
    angle_deg[BINS_PER_MIN : 2 * BINS_PER_MIN] = np.nan
    assert inactive_epochs(angle_deg, 12, SLEEP).tolist() == [True, True, False, False] + [True] * 8


MINUTE_GS = KRIPKE_ETH_ANKLE.wake_sum / KRIPKE_ETH_ANKLE.scale / SLEEP.activity_gain


@pytest.mark.parametrize(("share", "is_quiet"), [(0.999, True), (1.001, False)])
def test_kripke_steady_activity_is_wake_where_the_weighted_sum_exceeds_the_threshold_of_the_ankle(
    share: float, *, is_quiet: bool
) -> None:
    steady = share * MINUTE_GS / sum(KRIPKE_ETH_ANKLE.weights)
    assert bool(quiet_epochs(np.full(40, steady / 2), SLEEP)[20]) == is_quiet


@pytest.mark.parametrize(("minutes_later", "weight"), [(0, 0.03), (1, 0.0944), (2, 0.0316), (5, 0.0138), (-1, 0.0212)])
def test_kripke_a_minute_counts_with_its_published_weight(minutes_later: int, weight: float) -> None:
    for share, is_quiet in ((0.99, True), (1.01, False)):
        activity = np.zeros(60)
        # Two minutes of activity on each side of the epoch's own, so that the mean of its two minutes is the activity.
        activity[29:32] = share * MINUTE_GS / weight / 2
        others = KRIPKE_ETH_ANKLE.weights.index(weight)
        alone = tuple(w if n == others else 0.0 for n, w in enumerate(KRIPKE_ETH_ANKLE.weights))
        rule = replace(KRIPKE_ETH_ANKLE, weights=alone)
        assert bool(quiet_epochs(activity, SLEEP, rule)[30 + 2 * minutes_later]) == is_quiet


def test_kripke_six_minutes_after_a_movement_it_is_forgotten() -> None:
    activity = np.zeros(60)
    activity[30] = 1000.0
    wake = np.flatnonzero(~quiet_epochs(activity, SLEEP))
    assert (wake[0], wake[-1]) == (27, 41)
