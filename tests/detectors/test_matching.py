"""One-to-one matching of events at intersection over union."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.matching import iou, match

TRUTH = np.array([[0.0, 10.0]])
spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=5
).map(lambda rows: np.array(rows, dtype=float).reshape(-1, 2))


def test_an_overlap_of_exactly_the_limit_is_a_match_and_less_is_none() -> None:
    assert match(np.array([[7.0, 10.0]]), TRUTH, iou_min=0.3).pairs == ((0, 0),)
    assert match(np.array([[7.001, 10.0]]), TRUTH, iou_min=0.3).pairs == ()


def test_one_true_event_takes_only_one_of_two_found_ones() -> None:
    matches = match(np.array([[0.0, 5.0], [5.0, 10.0]]), TRUTH, iou_min=0.3)
    assert len(matches.pairs) == 1
    assert len(matches.false) == 1


def test_the_best_total_wins_over_the_best_first_pair() -> None:
    found = np.array([[0.0, 10.0], [0.0, 4.0]])
    truth = np.array([[0.0, 9.0], [3.0, 10.0]])
    assert match(found, truth, iou_min=0.3).pairs == ((0, 1), (1, 0))


def test_nothing_found_is_all_missed_and_nothing_true_is_all_false() -> None:
    nothing = np.empty((0, 2))
    assert match(nothing, TRUTH, iou_min=0.3).missed == (0,)
    assert match(TRUTH, nothing, iou_min=0.3).false == (0,)


@given(found=spans, truth=spans)
def test_no_other_assignment_overlaps_more(found: np.ndarray, truth: np.ndarray) -> None:
    matches = match(found, truth, iou_min=0.3)
    few, many = (found, truth) if len(found) <= len(truth) else (truth, found)
    best = 0.0
    for order in permutations(range(len(many)), len(few)):
        worth = iou(few, many[list(order)]) if len(few) else np.empty(0)
        best = max(best, float(worth[worth >= 0.3].sum()))
    got = sum(float(iou(found[[i]], truth[[j]])[0]) for i, j in matches.pairs)
    assert got == pytest.approx(best)
    assert len({i for i, _ in matches.pairs}) == len({j for _, j in matches.pairs}) == len(matches.pairs)


def test_a_limit_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="iou_min is 0"):
        match(TRUTH, TRUTH, iou_min=0)
