"""One-to-one matching of events at intersection over union."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.matching import fragments, iou, match, match_onsets, match_shares

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


@pytest.mark.slow
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


def test_a_match_may_be_held_to_its_onset_as_well() -> None:
    found = np.array([[3.0, 10.0]])
    assert match(found, TRUTH, iou_min=0.3, onset_within=3.0).pairs == ((0, 0),)
    assert match(found, TRUTH, iou_min=0.3, onset_within=2.999).pairs == ()


def test_an_onset_exactly_as_far_off_as_allowed_is_a_match_and_further_is_none() -> None:
    truth = np.array([[1.0, 1.25]])
    assert match_onsets(np.array([[1.5, 9.0]]), truth, tolerance=0.5).pairs == ((0, 0),)
    assert match_onsets(np.array([[1.501, 9.0]]), truth, tolerance=0.5).pairs == ()


def test_two_pairs_that_are_far_are_better_than_one_that_is_near() -> None:
    found, truth = np.array([[0.9, 2.0], [1.0, 2.0]]), np.array([[0.0, 2.0], [0.99, 2.0]])
    assert match_onsets(found, truth, tolerance=1.0).pairs == ((0, 0), (1, 1))


def test_half_of_the_longer_event_is_a_match_and_less_is_none() -> None:
    assert match_shares(np.array([[0.0, 5.0]]), TRUTH, share_min=0.5).pairs == ((0, 0),)
    assert match_shares(np.array([[0.0, 4.999]]), TRUTH, share_min=0.5).pairs == ()
    assert match_shares(np.array([[0.0, 21.0]]), TRUTH, share_min=0.5).pairs == ()


def test_a_true_event_in_pieces_is_split_and_two_under_one_are_merged() -> None:
    pieces = fragments(
        np.array([[0.0, 4.0], [5.0, 10.0], [20.0, 30.0]]), np.array([*TRUTH, [19.0, 21.0], [25.0, 26.0]])
    )
    assert pieces == ((0,), (2,))


def test_events_that_touch_do_not_overlap() -> None:
    assert fragments(np.array([[0.0, 5.0], [10.0, 12.0]]), TRUTH) == ((), ())


def test_a_tolerance_or_share_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="tolerance is 0"):
        match_onsets(TRUTH, TRUTH, tolerance=0)
    with pytest.raises(ValueError, match="share_min is 2"):
        match_shares(TRUTH, TRUTH, share_min=2)
    with pytest.raises(ValueError, match="found has shape"):
        fragments(np.zeros(3), TRUTH)
