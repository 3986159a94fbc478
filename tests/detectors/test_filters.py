"""Filters and sums that do not depend on how their input was cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.filters import SectionFilter, SlidingMean, band_pass, hop_means, sliding_sum

CUTS = st.lists(st.integers(1, 499), max_size=8).map(sorted)


@settings(max_examples=30, deadline=None)
@given(cuts=CUTS, n_axes=st.sampled_from([1, 3]))
def test_a_filter_gives_the_same_for_every_cut(cuts: list[int], n_axes: int) -> None:
    data = np.random.default_rng(1).normal(100, 5, (500, n_axes))
    sections = band_pass(2, 20.0, 100.0, 500.0)
    whole = SectionFilter(sections).feed(data)
    cut = SectionFilter(sections)
    pieces = [cut.feed(piece) for piece in np.split(data, cuts) if len(piece)]
    assert np.array_equal(whole, np.concatenate(pieces))


def test_a_filter_starts_in_the_steady_state_of_its_first_sample() -> None:
    filtered = SectionFilter(band_pass(2, 20.0, 100.0, 500.0)).feed(np.full((500, 1), 3000.0))
    assert np.abs(filtered).max() < 1e-6


def test_a_filter_that_restarts_has_forgotten_everything() -> None:
    data = np.random.default_rng(1).normal(0, 5, (500, 1))
    sections = band_pass(2, 20.0, 100.0, 500.0)
    used = SectionFilter(sections)
    used.feed(data + 70)
    used.restart()
    assert np.array_equal(used.feed(data), SectionFilter(sections).feed(data))


def test_a_rate_that_leaves_no_band_is_refused() -> None:
    with pytest.raises(ValueError, match="a band of 20-18 Hz needs more than 40 samples per second, got 40"):
        band_pass(2, 20.0, 18.0, 40.0)


@pytest.mark.parametrize("width", [1, 2, 3, 7, 15, 50])
def test_a_sliding_sum_adds_as_many_values_as_it_says(width: int) -> None:
    values = np.random.default_rng(1).integers(0, 100, 200).astype(float)
    assert sliding_sum(values, width).tolist() == [values[at : at + width].sum() for at in range(201 - width)]


@settings(max_examples=30, deadline=None)
@given(cuts=CUTS, width=st.integers(1, 60))
def test_a_sliding_mean_gives_the_same_for_every_cut(cuts: list[int], width: int) -> None:
    values = np.random.default_rng(1).normal(0, 5, 500) ** 2
    whole, cut = SlidingMean(width), SlidingMean(width)
    pieces = [cut.feed(piece) for piece in np.split(values, cuts) if len(piece)]
    assert np.array_equal(whole.feed(values), np.concatenate(pieces))


def test_a_loud_past_leaves_nothing_in_a_sliding_mean() -> None:
    quiet, loud = np.full(100, 0.1), np.full(100, 1e9)
    mean = SlidingMean(10)
    mean.feed(loud)
    assert mean.feed(quiet)[20] == SlidingMean(10).feed(quiet)[20]


def test_hop_means_average_columns() -> None:
    assert hop_means(np.array([1.0, 2.0, 3.0, 5.0, 5.0, 5.0]), 3).tolist() == [2.0, 5.0]
