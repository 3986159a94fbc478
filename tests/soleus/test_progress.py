"""The progress bar does not touch what it watches."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rich.console import Console

from detectors.recording import ArraySource, Recording, steady_clock
from detectors.signal import Leg, Quantity, Stream, Unit
from soleus.progress import LARGE_BYTES, WatchedSource, watched, while_opening

if TYPE_CHECKING:
    from pathlib import Path

STREAM = Stream("shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), 500.0)
SOURCE = ArraySource(STREAM, steady_clock(0, 500.0), np.arange(1000.0)[:, None])


def test_a_watched_source_reads_the_same_and_says_how_much() -> None:
    advanced: list[int] = []
    source = WatchedSource(SOURCE, advanced.append)
    assert (source.stream, source.clock, source.n_samples) == (STREAM, SOURCE.clock, 1000)
    assert np.array_equal(source.read(100, 350), SOURCE.read(100, 350))
    source.read(350, 1000)
    assert advanced == [250, 650]


@pytest.mark.parametrize(
    ("n_bytes", "is_watched"), [(LARGE_BYTES, True), (LARGE_BYTES - 1, True), (LARGE_BYTES, False)]
)
def test_that_a_large_file_is_being_opened_is_shown_where_somebody_watches(
    n_bytes: int, *, is_watched: bool, tmp_path: Path
) -> None:
    path = tmp_path / "night[1].csv"
    with path.open("wb") as file:
        file.truncate(n_bytes)
    console = Console(file=io.StringIO(), force_terminal=is_watched, record=True)
    with while_opening(path, console):
        pass
    assert ("opening night[1].csv" in console.export_text()) is (is_watched and n_bytes == LARGE_BYTES)
    with while_opening(tmp_path / "absent.csv", console):
        pass


def test_there_is_no_bar_where_nobody_watches() -> None:
    recording = Recording("night.edf", 0, (SOURCE,))
    assert watched(recording) is recording
