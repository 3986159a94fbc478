"""Intervals, agreement, and what finding nothing means."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gammaincinv
from scipy.stats import binomtest

from detectors.evaluate import bland_altman, bootstrap, clopper_pearson, icc_a1, rule_of_three_per_h
from detectors.evaluate.statistics import Interval

# Shrout and Fleiss (1979), table 2: six targets, four judges.
SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])


def ratio(sums: np.ndarray) -> np.ndarray:
    return sums[:, 0] / sums[:, 1]


@pytest.mark.parametrize(("k", "n"), [(0, 12), (1, 12), (7, 12), (11, 12), (12, 12), (95, 100)])
def test_the_exact_interval_is_that_of_clopper_and_pearson(k: int, n: int) -> None:
    expected = binomtest(k, n).proportion_ci(0.95, "exact")
    assert clopper_pearson(k, n) == pytest.approx((expected.low, expected.high))


def test_no_event_of_none_says_nothing_and_more_than_there_are_is_refused() -> None:
    assert all(math.isnan(end) for end in clopper_pearson(0, 0))
    with pytest.raises(ValueError, match="k is 3"):
        clopper_pearson(3, 2)


def test_nothing_in_a_time_excludes_three_per_that_time() -> None:
    assert rule_of_three_per_h(60.0) == pytest.approx(gammaincinv(1, 0.95) / 60.0, rel=0.002)
    assert rule_of_three_per_h(0.0) == math.inf


def test_the_agreement_is_that_of_the_published_example() -> None:
    # Their ICC(2,1) is the later ICC(A,1).
    assert icc_a1(SHROUT_FLEISS.astype(float)) == pytest.approx(0.29, abs=0.005)


def test_a_rater_who_always_says_more_does_not_agree_though_he_correlates() -> None:
    one = np.arange(6.0)
    assert icc_a1(np.column_stack([one, one])) == pytest.approx(1.0)
    assert icc_a1(np.column_stack([one, one + 10.0])) < 0.1


def test_agreement_needs_two_nights_and_something_to_agree_on() -> None:
    assert math.isnan(icc_a1(np.array([[1.0, 2.0]])))
    assert math.isnan(icc_a1(np.ones((5, 2))))
    # The mean of three tenths is not a tenth.
    assert math.isnan(icc_a1(np.full((3, 2), 0.1)))


def test_the_interval_over_nights_is_wider_than_over_their_events() -> None:
    # Ten nights of ten events: all found in half of the nights, none in the other half.
    counts = np.array([[10.0, 10.0], [0.0, 10.0]] * 5)
    over_nights, over_events = bootstrap(counts, ratio), clopper_pearson(50, 100)
    assert over_nights.low == pytest.approx(0.2, abs=0.03)
    assert over_nights.high == pytest.approx(0.8, abs=0.03)
    assert over_nights.high - over_nights.low > 2 * (over_events.high - over_events.low)


def test_the_same_nights_give_the_same_interval() -> None:
    counts = np.random.default_rng(1).uniform(1.0, 9.0, (12, 2))
    assert bootstrap(counts, ratio) == bootstrap(counts.copy(), ratio) != bootstrap(counts, ratio, seed=1)


def test_one_night_gives_no_interval() -> None:
    assert all(math.isnan(end) for end in bootstrap(np.array([[1.0, 2.0]]), ratio))
    nothing = np.zeros((5, 2))
    assert all(math.isnan(end) for end in bootstrap(nothing, lambda sums: np.full(len(sums), np.nan)))


def test_limits_of_agreement_hold_the_differences() -> None:
    differences = np.random.default_rng(2).normal(3.0, 2.0, 5000)
    bias, limits = bland_altman(differences)
    assert bias == pytest.approx(3.0, abs=0.1)
    inside = (differences > limits.low) & (differences < limits.high)
    assert inside.mean() == pytest.approx(0.95, abs=0.01)
    assert bland_altman(np.array([2.0])).bias == 2.0
    assert isinstance(limits, Interval)
