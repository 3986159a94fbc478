"""Samples that claim a time which is taken are counted apart from those that a fast clock costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from detectors.recording import steady_clock
from detectors.signal import Leg, Quantity, SampleBlock, Stream, Unit
from ingest.files.edf_grid import Grid

FS_HZ = 500.0
FIRST = Stream("left", Leg.LEFT, "", Quantity.EMG, Unit.MICROVOLT, ("ch1",), FS_HZ)
SECOND = replace(FIRST, segment=1)


def place(grid: Grid, stream: Stream, start: int, stop: int, fs_hz: float = FS_HZ) -> int:
    """Place samples of a clock that begins with the file; return how many found a place."""
    block = SampleBlock(stream, steady_clock(0, fs_hz), start, np.zeros((stop - start, 1)))
    return sum(run.stop - run.first for run in grid.place(block))


def test_a_stretch_that_begins_before_the_last_one_ends_overlaps_it() -> None:
    grid = Grid(0, FS_HZ)
    assert place(grid, FIRST, 0, 1000) == 1000
    assert [place(grid, SECOND, start, start + 400) for start in (0, 400, 800, 1200)] == [0, 0, 200, 400]
    assert (grid.n_overlap, grid.n_left_out, grid.n_repeated) == (1000, 0, 0)


def test_what_a_fast_clock_costs_behind_an_overlap_is_no_overlap() -> None:
    grid = Grid(0, FS_HZ)
    place(grid, FIRST, 0, 1000)
    fast_hz = FS_HZ * (1 + 50e-6)
    place(grid, SECOND, 0, 2000, fast_hz)
    place(grid, SECOND, 2000, 100_000, fast_hz)
    assert (grid.n_overlap, grid.n_left_out, grid.n_repeated) == (1000, 5, 0)
