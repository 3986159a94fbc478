"""Thirty-second epochs do not depend on how tracks were cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.epochs import EPOCH_S, EpochBuilder
from detectors.recording import steady_clock
from detectors.signal import NS_PER_S, Leg, Quantity, Stream, Unit
from detectors.track import Track, TrackName

STREAM = Stream("left-shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), 500.0)
CLOCK = steady_clock(0, 500.0)
HOP = 5


def envelope(first_hop: int, values: np.ndarray) -> Track:
    quality = np.zeros(len(values), dtype=np.uint16)
    return Track(STREAM, CLOCK, TrackName.ENVELOPE_UV, first_hop * HOP, HOP, values, quality)


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(1, 8999), max_size=8))
def test_epochs_are_the_same_for_every_cut(cuts: list[int]) -> None:
    values = np.random.default_rng(1).uniform(1, 50, 9000)
    whole = EpochBuilder(STREAM)
    expected = [*whole.feed(envelope(0, values)), *whole.finish()]
    pieces = EpochBuilder(STREAM)
    edges = [0, *sorted(set(cuts)), len(values)]
    got = [e for a, b in pairwise(edges) for e in pieces.feed(envelope(a, values[a:b]))]
    assert [*got, *pieces.finish()] == expected
    assert [epoch.start_ns for epoch in expected] == [0, 30 * NS_PER_S, 60 * NS_PER_S]


def test_an_epoch_measures_how_much_of_it_was_valid() -> None:
    builder = EpochBuilder(STREAM)
    builder.feed(envelope(0, np.ones(1000)))
    (first,) = builder.feed(envelope(2500, np.ones(1000)))
    assert first.measures["valid_s"] == 15.0
    assert first.duration_s == EPOCH_S


def test_epochs_without_a_valid_hop_are_left_out() -> None:
    builder = EpochBuilder(STREAM)
    builder.feed(envelope(0, np.ones(3000)))
    after = builder.feed(envelope(9000, np.ones(3000)))
    assert [epoch.start_ns for epoch in after] == [90 * NS_PER_S]


def test_the_unfinished_last_epoch_is_kept() -> None:
    builder = EpochBuilder(STREAM)
    assert builder.feed(envelope(0, np.full(100, 7.0))) == []
    (last,) = builder.finish()
    assert last.measures == {"envelope_mean_uv": 7.0, "envelope_max_uv": 7.0, "valid_s": 1.0}
