"""Counts of one class, night by night and together."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

from detectors.evaluate import Pooled, Tally, clopper_pearson, pooled, tally
from detectors.matching import match

AT_03 = partial(match, iou_min=0.3)
NOTHING = np.empty((0, 2))


def counted(found: list[list[float]], truth: list[list[float]], neutral: list[list[float]] | None = None) -> Tally:
    one, other, third = (np.array(rows, dtype=float).reshape(-1, 2) for rows in (found, truth, neutral or []))
    return tally(one, other, AT_03, neutral=third, hours=2.0)


def test_what_overlaps_something_unclear_counts_neither_way_and_what_overlaps_nothing_is_false() -> None:
    night = counted([[0, 2], [5, 6], [9, 10]], [[0, 2]], neutral=[[5.9, 8]])
    assert (night.hits, night.missed, night.neutral, night.false) == (1, 0, 1, 1)


def test_what_touches_something_unclear_does_not_overlap_it() -> None:
    assert counted([[5, 6]], [], neutral=[[6, 8]]).false == 1


def test_the_second_piece_of_a_true_event_is_false_and_the_event_is_split() -> None:
    night = counted([[0, 5], [6, 10]], [[0, 10]])
    assert (night.hits, night.false, night.split, night.merged) == (1, 1, 1, 0)


def test_a_match_takes_the_clear_event_though_an_unclear_one_overlaps_more() -> None:
    assert counted([[0, 10]], [[0, 4]], neutral=[[0, 10]]).hits == 1


def test_errors_are_found_minus_true() -> None:
    night = counted([[1.5, 9.0]], [[1.0, 10.0]])
    assert (night.onset_errors, night.end_errors) == ((0.5,), (-1.0,))


def test_nights_add_up() -> None:
    both = pooled([counted([[0, 2], [4, 6]], [[0, 2]]), counted([], [[0, 2]])])
    assert (both.hits, both.missed, both.false, both.n_true, both.hours) == (1, 1, 1, 2, 4.0)
    assert both.sensitivity == both.ppv == both.f1 == 0.5
    assert (both.false_per_h, both.false_per_night) == (0.25, 0.5)
    assert both.false_excluded_per_h is None


def test_without_true_events_there_is_no_sensitivity_and_without_found_ones_no_ppv() -> None:
    nothing = pooled([counted([], [])])
    assert (nothing.sensitivity, nothing.ppv, nothing.f1) == (None, None, None)
    assert nothing.false_excluded_per_h == 1.5
    assert math.isnan(nothing.onset_error.median)
    assert math.isnan(Pooled(()).false_per_h)
    assert math.isnan(Pooled(()).false_per_night)


def test_few_events_get_the_exact_interval_and_nights_are_drawn_again_for_many() -> None:
    nights = pooled([counted([[0, 2]], [[0, 2]]), counted([], [[0, 2]]), counted([[0, 2]], [[0, 2]])])
    assert nights.sensitivity_exact == clopper_pearson(2, 3)
    assert nights.sensitivity_interval == (0.0, 1.0)
    assert nights.ppv_interval == (1.0, 1.0)
    assert nights.f1_interval.high == 1.0


def test_the_middle_and_the_quartiles_of_the_errors_are_given() -> None:
    found = [[10.0 * i + 0.1 * i, 10.0 * i + 5] for i in range(5)]
    night = pooled([counted(found, [[10.0 * i, 10.0 * i + 5] for i in range(5)])])
    assert night.onset_error.median == pytest.approx(0.2)
    assert night.onset_error.quartiles == pytest.approx((0.1, 0.3))
    assert night.end_error.median == 0.0
