"""Which question tells most about which scoring is right."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.evaluate.telling import APART_S, Places, belief, expected_wrong, most_telling

LEVELS = np.linspace(0.0, 1.0, 21)


def votes_of(strengths: list[float]) -> np.ndarray:
    """Return what each of many levels finds among candidates of some strength."""
    found: np.ndarray = np.array(strengths)[None, :] > LEVELS[:, None]
    return found


def far_apart(n: int) -> Places:
    return Places(np.zeros(n, np.intp), np.arange(n, dtype=np.float64) * 2 * APART_S)


def alike(n: int) -> np.ndarray:
    return np.full(n, 1 / n)


def test_what_half_of_the_scorings_find_is_asked_first() -> None:
    strengths = [0.05, 0.52, 0.95, 0.3]
    assert most_telling(votes_of(strengths), alike(21), far_apart(4), 1) == [1]


def test_nothing_is_asked_where_all_scorings_agree() -> None:
    assert most_telling(votes_of([1.5, -1.0, 2.0]), alike(21), far_apart(3), 3) == []


def test_of_two_that_rise_and_fall_together_another_comes_first() -> None:
    strengths = [0.52, 0.53, 0.25]
    assert most_telling(votes_of(strengths), alike(21), far_apart(3), 2) == [0, 2]


def test_of_one_minute_one_is_asked() -> None:
    near = Places(np.zeros(3, np.intp), np.array([0.0, APART_S - 1, APART_S]))
    assert most_telling(votes_of([0.52, 0.3, 0.7]), alike(21), near, 3) == [0, 2]
    elsewhere = near._replace(recording=np.array([0, 1, 0]))
    assert len(most_telling(votes_of([0.52, 0.3, 0.7]), alike(21), elsewhere, 3)) == 3


def test_recordings_take_turns() -> None:
    rng = np.random.default_rng(4)
    places = Places(np.repeat([0, 1, 2], 40), np.tile(np.arange(40) * 2 * APART_S, 3))
    # Votes that have nothing to do with each other: every candidate tells as much as any.
    votes = rng.random((64, 120)) < np.repeat([0.5, 0.6, 0.65], 40)
    chosen = most_telling(votes, alike(64), places, 12)
    assert len(set(chosen)) == 12
    assert np.bincount(places.recording[chosen], minlength=3).min() >= 3


def test_a_scoring_that_contradicts_answers_is_believed_less() -> None:
    share = belief(np.array([3.0, 0.0, 1.0]))
    assert share.sum() == pytest.approx(1.0)
    assert share[1] == pytest.approx(9 * share[2]) == pytest.approx(9**3 * share[0])
    assert belief(np.zeros(4)).tolist() == [0.25] * 4


def test_the_expected_errors_are_those_of_a_truth_that_is_drawn() -> None:
    rng = np.random.default_rng(2)
    votes, weights = rng.random((5, 7)) < 0.5, rng.dirichlet(np.ones(5))
    by_hand = [
        sum(w * (votes[one] != truth).sum() for w, truth in zip(weights, votes, strict=True)) for one in range(5)
    ]
    assert expected_wrong(votes, weights) == pytest.approx(by_hand)
