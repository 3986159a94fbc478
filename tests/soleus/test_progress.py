"""The progress bar does not touch what it watches."""

from __future__ import annotations

import numpy as np

from detectors.recording import ArraySource, Recording, steady_clock
from detectors.signal import Leg, Quantity, Stream, Unit
from soleus.progress import WatchedSource, watched

STREAM = Stream("shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), 500.0)
SOURCE = ArraySource(STREAM, steady_clock(0, 500.0), np.arange(1000.0)[:, None])


def test_a_watched_source_reads_the_same_and_says_how_much() -> None:
    advanced: list[int] = []
    source = WatchedSource(SOURCE, advanced.append)
    assert (source.stream, source.clock, source.n_samples) == (STREAM, SOURCE.clock, 1000)
    assert np.array_equal(source.read(100, 350), SOURCE.read(100, 350))
    source.read(350, 1000)
    assert advanced == [250, 650]


def test_there_is_no_bar_where_nobody_watches() -> None:
    recording = Recording("night.edf", 0, (SOURCE,))
    assert watched(recording) is recording
