"""Agreement on the numbers of the night, against figures of other programs and by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from detectors.evaluate import Tally, bootstrap, icc_a1, pooled
from detectors.evaluate.statistics import icc_a1_interval
from soleus.evaluation.indices import drawn_again, index_agreement

RATINGS = np.array([[12.0, 10.5], [3.1, 4.0], [25.0, 22.0], [7.7, 9.9], [0.0, 0.5], [41.0, 44.5], [15.2, 15.0]])
NAMES = ["a", "b", "c", "d", "e", "f", "g"]


def agreement(ratings: np.ndarray = RATINGS, names: list[str] | None = None) -> dict[str, Any]:
    return index_agreement(ratings[:, 0], ratings[:, 1], names or NAMES[: len(ratings)], is_rate=True)


@pytest.mark.parametrize(
    ("people", "sd", "icc", "interval"),
    # `intraclass_corr` of pingouin 0.7.0, ICC(A,1), on the ratings that `drawn` makes; it rounds the interval.
    [
        (3, 1.0, 0.9917548190601138, (0.87, 1.00)),
        (5, 3.0, 0.8764929795273716, (0.13, 0.99)),
        (8, 1.0, 0.8385312222271746, (-0.04, 0.97)),
        (20, 0.3, 0.9944075517084936, (0.99, 1.00)),
        (10, 30.0, -0.3263293333634701, (-0.74, 0.33)),
        (40, 2.0, 0.8290157302618836, (0.57, 0.92)),
    ],
)
def test_icc_and_its_interval_are_those_of_pingouin(
    people: int, sd: float, icc: float, interval: tuple[float, float]
) -> None:
    ratings = drawn(people, sd)
    assert icc_a1(ratings) == pytest.approx(icc, abs=1e-12)
    assert list(icc_a1_interval(ratings)) == pytest.approx(list(interval), abs=0.00501)


def drawn(people: int, sd: float) -> np.ndarray:
    bias = {3: 0.5, 8: 2.0, 40: 1.0}.get(people, 0.0)
    true = np.random.default_rng(people).normal(10, 5, (people, 1))
    return true + np.random.default_rng(people + 1).normal(0, sd, (people, 2)) + [0.0, bias]


def test_the_interval_of_the_icc_is_that_of_shrout_and_fleiss() -> None:
    # Psychol Bull 1979;86:420-428, table 2: ICC(2,1) = 0.29; the interval as R's psych 2.4 prints it.
    ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    assert icc_a1(np.array(ratings, dtype=float)) == pytest.approx(0.29, abs=0.005)
    assert list(icc_a1_interval(np.array(ratings, dtype=float))) == pytest.approx([0.019, 0.761], abs=0.0005)


def test_bias_and_limits_are_those_of_bland_and_altman() -> None:
    said = agreement()
    difference = RATINGS[:, 0] - RATINGS[:, 1]
    low, high = stats.t.interval(0.95, len(difference) - 1, difference.mean(), stats.sem(difference))
    assert said["bias"] == pytest.approx(difference.mean())
    assert list(said["bias_interval"]) == pytest.approx([low, high])
    spread = 1.96 * difference.std(ddof=1)
    assert list(said["limits"]) == pytest.approx([difference.mean() - spread, difference.mean() + spread])


def test_a_difference_that_grows_with_the_number_is_a_slope_and_a_ratio() -> None:
    truth = np.linspace(1, 50, 12)
    said = index_agreement(truth * 1.2 + 0.2, truth, [str(i) for i in range(12)], is_rate=True)
    # (0.2 t + 0.2) over (2.2 t + 0.2) / 2: a line of slope 0.2 / 1.1.
    assert said["slope"]["value"] == pytest.approx(0.2 / 1.1)
    assert said["ratio"]["value"] == pytest.approx(1.2)


def test_people_are_sorted_at_five_and_fifteen_with_intervals_of_wilson() -> None:
    at_5, at_15 = agreement()["sorted"]
    assert (at_5["sensitivity"]["k"], at_5["sensitivity"]["n"]) == (5, 5)
    assert (at_15["sensitivity"]["k"], at_15["specificity"]["k"]) == (3, 4)
    # 5 of 5 by Wilson: 1 / (1 + z^2 / 5).
    assert at_5["sensitivity"]["low"] == pytest.approx(1 / (1 + 1.959964**2 / 5), abs=1e-5)


def test_nights_of_one_person_are_drawn_together() -> None:
    twice = np.vstack([RATINGS, RATINGS])
    alone, doubled = agreement(), agreement(twice, NAMES * 2)
    assert doubled["n_subjects"] == 7
    assert doubled["icc_a1"] == pytest.approx(alone["icc_a1"], abs=0.01)
    # Twice the nights of the same seven people say nothing more: as wide as nights drawn one by one would not be.
    low, high = doubled["icc_a1_interval"]
    once = drawn_again(7, lambda rows: icc_a1(RATINGS[rows]))
    assert [low, high] == pytest.approx(list(once), abs=0.02)


def test_the_interval_of_a_share_is_over_subjects() -> None:
    nights = [Tally(9, 1, 0, 0, 0, 0, (), (), 1.0), Tally(1, 9, 0, 0, 0, 0, (), (), 1.0)] * 4
    by_night, by_person = pooled(nights), pooled(nights, ["a", "b"] * 4)
    assert by_night.sensitivity_interval.high < by_person.sensitivity_interval.high
    assert by_person.sensitivity_interval == pooled(nights[:2]).sensitivity_interval
    assert math.isnan(pooled(nights, ["a"] * 8).f1_interval.low)
    assert by_night.false_per_h_interval == (0.0, 0.0)


def test_our_bootstrap_is_that_of_scipy() -> None:
    rows = np.array([[9.0, 10.0], [3.0, 7.0], [20.0, 21.0], [5.0, 9.0], [11.0, 15.0], [2.0, 6.0]])
    ours = bootstrap(rows, lambda sums: sums[:, 0] / sums[:, 1], rounds=20000)
    theirs = stats.bootstrap(
        (rows[:, 0], rows[:, 1]),
        lambda a, b, axis: a.sum(axis=axis) / b.sum(axis=axis),
        paired=True,
        vectorized=True,
        method="percentile",
        n_resamples=20000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert [ours.low, ours.high] == pytest.approx([theirs.low, theirs.high], abs=0.01)


def test_too_few_recordings_give_no_interval_and_no_line() -> None:
    said = agreement(RATINGS[:1])
    assert math.isnan(said["icc_a1"])
    assert math.isnan(said["slope"]["value"])
    assert math.isnan(agreement(RATINGS[:2])["icc_a1_interval"][0])
