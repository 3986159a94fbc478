"""What ``python -m benchmarks.suggest`` measures, small: the rater, the words, and a few nights."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.accuracy.work import TOP
from benchmarks.suggest.page import Found, Nights, page, words
from benchmarks.suggest.rater import answered, at_random, known
from benchmarks.suggest.runs import Asked, Fitted, fitted, judged
from benchmarks.tune.nights import sources
from dashboards.labelling_gain import GAIN_WORDS
from detectors.evaluate.marks import Mark, MarkedNight
from soleus.studio.candidates import Candidate
from soleus.studio.learning import NO_ANSWERS
from tests.benchmarks.wording import FORBIDDEN
from tests.made_pools import pool

if TYPE_CHECKING:
    from benchmarks.suggest.runs import Changes

OFF = (("leg_movement.onset_uv", "60"),)
TRUTH = known(
    MarkedNight(
        (
            Mark("leg_movement", "left", 10.0, 12.0),
            Mark("leg_movement", "left", 20.0, 21.0, clear=False),
            Mark("cramp", "left", 30.0, 60.0),
        ),
        hours=1.0,
        noise_uv={},
    )
)


def asked_at(onset_s: float, leg: str = "left") -> Candidate:
    return Candidate(leg, onset_s, onset_s + 1.0, told=True)


def found_of(gains: list[tuple[float, float]], published: float = 0.0) -> Found:
    """Return runs in which suggested and random answers gain so much from drawn thresholds."""
    runs = []
    f1: dict[Changes, float] = {(): 0.9}
    for number, (suggested, random) in enumerate(gains):
        several = []
        for at, (one, other) in enumerate(((published, published), (suggested, random))):
            begin, by_suggested, by_random = (((f"{number}{at}", name),) for name in ("begin", "suggested", "random"))
            f1 |= {begin: 0.5, by_suggested: 0.5 + one, by_random: 0.5 + other}
            several.append(Fitted(begin, by_suggested, by_random, 40, 80, 200))
        runs.append(tuple(several))
    return Found(runs, f1, Nights(4, 20, 0.5, 100, 300), Asked(40, 80), 1.0, "0")


def test_the_rater_says_what_is_true_and_corrects_onset_and_end() -> None:
    answers = NO_ANSWERS
    for one in (asked_at(11.5), asked_at(15.0), asked_at(20.5), asked_at(40.0), asked_at(11.5, "right")):
        answers = answered(answers, one, TRUTH)
    assert [(one.onset_s, one.end_s) for one in answers.yes] == [(10.0, 12.0)]
    assert [(one.leg, one.onset_s) for one in answers.no] == [("left", 15.0), ("right", 11.5)]
    assert [one.onset_s for one in answers.neither] == [20.5, 40.0]


def test_random_answers_are_as_many_as_asked_for_each_to_another_candidate() -> None:
    nights = [pool(key, [0.5] * 30) for key in ("a", "b")]
    answers = at_random(nights, dict.fromkeys("ab", TRUTH), 25, np.random.default_rng(1))
    places = [(key, one.leg, one.onset_s) for key, given in answers.items() for one in given.all]
    assert len(set(places)) == len(places) == 25
    assert {key for key, _, _ in places} == {"a", "b"}
    every = at_random(nights, dict.fromkeys("ab", TRUTH), 100, np.random.default_rng(1))
    assert sum(len(given.all) for given in every.values()) == 60


def test_a_help_is_claimed_only_where_the_figures_show_one() -> None:
    worse, nothing, better = ([(gain, 0.05)] * 20 for gain in (0.049, 0.0, 0.06))
    assert "not been shown" in words(found_of(worse))
    assert "not been shown" in words(found_of([(0.004, 0.0)] * 20))
    assert "not been shown" in words(found_of(nothing))
    said = words(found_of(better))
    assert "not been shown" not in said
    assert "+0.060 after 40" in said
    assert "simulated" in said
    assert "nothing to gain (+0.000)" in said
    assert "from the published ones by +0.020" in words(found_of(better, 0.02))


def test_one_run_that_is_lucky_claims_nothing() -> None:
    assert "not been shown" in words(found_of([(0.5, 0.0)] + [(0.0, 0.01)] * 19))


def test_the_page_shows_every_run_and_says_that_all_is_simulated() -> None:
    text = page(found_of([(0.01 * number, 0.05) for number in range(20)]))
    assert "$" not in text
    assert "20 of 20 began at least 0.02 below the highest F1: run 1 +0.0000 and +0.0500, run 2 +0.0100" in text
    assert "All nights are simulated" in text
    assert "run 20 +0.1900 and +0.0500 (suggested and random)." in text
    assert text.count("| +0.1900 ") == 1
    assert not [words for words in FORBIDDEN if re.search(words, text)]


def test_the_pages_say_what_the_committed_figures_allow() -> None:
    assert GAIN_WORDS in (TOP / "docs" / "labelling-gain.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_answers_bring_thresholds_that_are_far_off_back() -> None:
    nights = sources([1000, 1001, 1002], 0.12)
    (run,) = fitted(nights[:2], (OFF,), Asked(8, 10), (1, 0))
    assert run.n_suggested <= 8
    assert run.n_random == 10
    begin, by_suggested, by_random = judged(nights[2], (OFF, run.by_suggested, run.by_random))
    assert by_suggested[0] > begin[0]
    assert by_random[0] > begin[0]
