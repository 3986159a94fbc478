"""Comparisons of two periods on simulated counts: what ``make helped`` measures, and its fast twin of the method."""

from __future__ import annotations

import re

import numpy as np
import pytest

from benchmarks.helped.many import Many, dispersions, holds, probabilities, scores
from benchmarks.helped.page import COVERAGE, MOST_CLAIMS, PAGE
from benchmarks.helped.simulated import draw_nights, draw_truth
from benchmarks.helped.study import calibration, coverage, false_claims, periods
from soleus.helped.power import RATIOS, more_nights, tells
from soleus.helped.rate_ratio import rate_ratio
from tests.benchmarks.wording import FORBIDDEN

pytestmark = pytest.mark.slow


def drawn(n: int, seed: int) -> Many:
    rng = np.random.default_rng(seed)
    return draw_nights([draw_truth(rng) for _ in range(n)], rng)


def test_the_program_and_its_fast_twin_are_one_method() -> None:
    many = drawn(12, 7)
    spread = dispersions(many)
    said = probabilities(many, spread)
    for row in range(12):
        found = rate_ratio(*periods(many, row))
        assert found.dispersion == pytest.approx(spread[row], abs=1e-5, rel=1e-5)
        assert found.p_real == pytest.approx(said[row], abs=1e-5)
        for edge in (found.low, found.high):
            if edge:
                one = Many(many.counts[[row]], many.valid_h[[row]], many.n_first)
                assert scores(one, spread[[row]], np.log(edge))[0] == pytest.approx(one.limit[0], rel=1e-3)


def test_in_a_small_study_the_intervals_hold_the_truth_as_often_as_they_say() -> None:
    assert COVERAGE[0] <= coverage(1000, np.random.default_rng(1))[0].share <= COVERAGE[1]


def test_in_a_small_study_few_comparisons_claim_what_is_not_there() -> None:
    assert false_claims(1000, np.random.default_rng(2))[0].share <= MOST_CLAIMS


def test_a_probability_is_worth_what_it_says() -> None:
    for told in calibration(3000, np.random.default_rng(3)):
        assert told.said == pytest.approx(told.true, abs=4 * np.sqrt(0.25 / told.n))


def test_as_many_nights_as_the_power_says_tell_four_of_five_times() -> None:
    rng = np.random.default_rng(4)
    for per_night, ratio, variation in ((1.0, RATIOS[0], 0.7), (100.0, RATIOS[1], 0.43)):
        more = np.arange(500)
        needed = int(np.argmax(tells(more_nights(5, 5, more), per_night, ratio, variation**2)))
        n_a, n_b = (int(n[0]) for n in more_nights(5, 5, np.array([needed])))
        valid_h = np.full((1500, n_a + n_b), 7.0)
        rates = rng.gamma(variation**-2, variation**2, valid_h.shape)
        means = per_night * np.where(np.arange(n_a + n_b) < n_a, 1.0, ratio)
        many = Many(rng.poisson(means * rates).astype(float), valid_h, n_a)
        told = 1 - holds(many, dispersions(many), 0.0).mean()
        assert told == pytest.approx(0.8, abs=0.05)


def test_the_committed_page_says_what_it_rests_on_and_keeps_its_promises() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "No person's nights are in it." in text
    assert "Not kept" not in text
    assert re.search(r"commit it was made at, `[0-9a-f]{40}`", " ".join(text.split()))
    assert [words for words in FORBIDDEN if re.search(words, text, re.IGNORECASE)] == []
