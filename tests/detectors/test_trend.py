"""Whether nights changed over weeks, and how often the interval of the slope is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import theilslopes

from detectors.trend import LEAST_NIGHTS, Method, Trend, middle, trend

if TYPE_CHECKING:
    from numpy.typing import NDArray


def resembling(rng: np.random.Generator, n_nights: int, alike: float) -> NDArray[np.float64]:
    """Return nights of variance 1 of which each resembles the one before."""
    noise = rng.standard_normal(n_nights)
    found = np.empty(n_nights)
    found[0] = noise[0]
    for night in range(1, n_nights):
        found[night] = alike * found[night - 1] + np.sqrt(1 - alike**2) * noise[night]
    return found


def counts(rng: np.random.Generator, n_nights: int, mean: float) -> NDArray[np.float64]:
    """Return mostly small counts: the rate wanders, and each night resembles the one before."""
    rate = mean * np.exp(0.7 * resembling(rng, n_nights, 0.4) - 0.7**2 / 2)
    return rng.poisson(rate).astype(np.float64)


def test_the_slope_is_that_of_theil_and_sen() -> None:
    rng = np.random.default_rng(1)
    days = np.sort(rng.choice(60, 30, replace=False))
    values = rng.normal(20, 4, 30)
    found = trend(days, values)
    expected = theilslopes(values, days / 7)
    assert found.per_week == pytest.approx(expected.slope)
    assert found.method is Method.THEIL_SEN


def test_nights_that_do_not_resemble_each_other_have_about_the_interval_of_sen() -> None:
    days = np.arange(90)
    values = 0.02 * days + np.random.default_rng(3).permutation(np.linspace(-1, 1, 90))
    found, expected = trend(days, values), theilslopes(values, days / 7)
    assert found.alike < 0.1
    assert found.low <= expected.low_slope < expected.high_slope <= found.high
    assert found.high - found.low < 1.2 * (expected.high_slope - expected.low_slope)


def test_a_clear_fall_is_told_with_both_ends_of_the_line() -> None:
    days = np.arange(28)
    found = trend(days, 90.0 - 2.0 * days + np.random.default_rng(2).normal(0, 3, 28))
    assert found.changed
    assert found.low < -14 < found.high < 0
    assert found.first == pytest.approx(90, abs=3)
    assert found.last == pytest.approx(36, abs=3)


def test_nights_without_a_number_are_left_out_and_keep_their_day() -> None:
    days = np.arange(40)
    values = 3.0 * days + np.random.default_rng(4).normal(0, 1, 40)
    holes = values.copy()
    holes[5:20] = np.nan
    found, same = trend(days, holes), trend(days[np.isfinite(holes)], holes[np.isfinite(holes)])
    assert found == same
    assert found.n_nights == 25
    assert found.per_week == pytest.approx(21, abs=0.5)


@pytest.mark.parametrize("n_nights", [0, 1, LEAST_NIGHTS - 1])
def test_fewer_than_14_nights_tell_nothing_however_clear_they_look(n_nights: int) -> None:
    found = trend(np.arange(n_nights), np.linspace(0.0, 120.0, n_nights))
    assert not found.changed
    assert np.isnan(found.per_week)
    assert not Trend(n_nights, 1.0, 0.5, 1.5).changed
    assert trend(np.arange(LEAST_NIGHTS), np.linspace(0.0, 120.0, LEAST_NIGHTS)).n_nights == LEAST_NIGHTS


def test_counts_that_are_mostly_zero_are_told_by_their_mean() -> None:
    values = np.zeros(60)
    values[[3, 8, 15, 17, 22, 26, 28, 33, 41, 52]] = (1, 1, 2, 1, 1, 1, 1, 1, 1, 1)
    found = trend(np.arange(60), values)
    assert found.method is Method.MEAN
    assert found.per_week == pytest.approx(float(np.polyfit(np.arange(60) / 7, values, 1)[0]))
    assert found.low < found.per_week < found.high
    assert theilslopes(values, np.arange(60)).high_slope == 0.0


def test_nights_that_are_all_the_same_have_not_changed() -> None:
    assert not trend(np.arange(30), np.zeros(30)).changed
    found = trend(np.arange(30), np.full(30, 4.1))
    assert not found.changed
    assert (found.low, found.per_week, found.high, found.first, found.last) == (0.0, 0.0, 0.0, 4.1, 4.1)


def test_one_bad_night_does_not_make_a_trend() -> None:
    values = np.random.default_rng(6).normal(60, 5, 30)
    calm = trend(np.arange(30), values)
    values[-1] = 2_000.0
    assert trend(np.arange(30), values).per_week == pytest.approx(calm.per_week, abs=1.5)


def test_the_middle_half_lies_between_the_quartiles_and_needs_four_nights() -> None:
    assert middle(np.array([5.0, np.nan, 1.0, 2.0, 3.0, 4.0])) == (2.0, 3.0, 4.0)
    low, median, high = middle(np.array([1.0, 2.0, 6.0]))
    assert (np.isnan(low), median, np.isnan(high)) == (True, 2.0, True)
    assert all(np.isnan(middle(np.array([np.nan]))))


# Least share of the intervals that must hold the slope: 0.95 less what a correlation learned from so few nights costs.
@pytest.mark.slow
@pytest.mark.parametrize(("n_nights", "rounds"), [(14, 600), (30, 600), (90, 150)])
@pytest.mark.parametrize(("alike", "least"), [(0.0, 0.95), (0.3, 0.93), (0.5, 0.91)])
def test_the_interval_holds_the_slope_of_nights_that_resemble_each_other(
    n_nights: int, rounds: int, alike: float, least: float
) -> None:
    rng = np.random.default_rng((n_nights, round(10 * alike)))
    days = np.arange(n_nights)
    found = [trend(days, 0.3 * days / 7 + resembling(rng, n_nights, alike)) for _ in range(rounds)]
    held = np.mean([one.low <= 0.3 <= one.high for one in found])
    assert held >= least - 2 * np.sqrt(least * (1 - least) / rounds)
    assert held <= 0.995


@pytest.mark.slow
@pytest.mark.parametrize(("n_nights", "rounds"), [(14, 600), (30, 600), (90, 150)])
@pytest.mark.parametrize("mean", [0.3, 1.0, 4.0])
def test_counts_without_a_trend_are_called_changed_at_most_in_1_of_14_cases(
    n_nights: int, rounds: int, mean: float
) -> None:
    rng = np.random.default_rng((n_nights, round(10 * mean)))
    days = np.arange(n_nights)
    changed = np.mean([trend(days, counts(rng, n_nights, mean)).changed for _ in range(rounds)])
    assert changed <= 0.07 + 2 * np.sqrt(0.07 * 0.93 / rounds)


@pytest.mark.slow
def test_counts_that_fall_to_a_quarter_over_90_nights_are_seen() -> None:
    rng = np.random.default_rng(9)
    days = np.arange(90)
    found = [trend(days, rng.poisson(np.linspace(2.0, 0.5, 90)).astype(np.float64)) for _ in range(200)]
    assert np.mean([one.high < 0 for one in found]) > 0.9
    assert np.mean([one.low <= -1.5 / (89 / 7) <= one.high for one in found]) > 0.91
