"""The channels of one sensor's quantity while they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.signal import SampleBlock
    from ingest.files.edf_grid import Grid
    from ingest.files.edf_pages import RecordPages
    from ingest.files.edf_steps import Scale
    from ingest.files.edf_survey import Signal


class Column:
    """The channels of one sensor's quantity while they are written.

    Parameters
    ----------
    grid : Grid
        Where their samples go.
    channels : range
        Their numbers in the file.
    scales : sequence of Scale
        One per channel.
    signal : Signal
        What is known of them.
    """

    def __init__(self, grid: Grid, channels: range, scales: Sequence[Scale], signal: Signal) -> None:
        self.grid = grid
        self.channels = channels
        self._scales = scales
        self.unplaced: list[NDArray[np.int32]] = []
        """Stored numbers of the samples that have no place, shape (n_samples, n_axes) each."""
        self._last = [int(scale.stored(first)[0]) for scale, first in zip(scales, signal.first[:, None], strict=True)]

    def put(self, block: SampleBlock, pages: RecordPages) -> None:
        """Write samples; a flat line leads to them where places are free before."""
        free = self.grid.free
        runs = self.grid.place(block)
        everything = np.stack([scale.stored(block.data[:, axis]) for axis, scale in enumerate(self._scales)], axis=1)
        for axis, channel in enumerate(self.channels):
            stored, behind = everything[:, axis], free
            for run in runs:
                pages.fill(channel, behind, run.position, self._last[axis])
                pages.put(channel, run.position, stored[run.first : run.stop])
                behind = run.position + run.stop - run.first
                self._last[axis] = int(stored[run.stop - 1])
        has_place = np.zeros(len(everything), dtype=bool)
        for run in runs:
            has_place[run.first : run.stop] = True
        self.unplaced.append(everything[~has_place])

    def end(self, pages: RecordPages, stop: int) -> None:
        """Draw the flat line to the end of the file."""
        for channel, last in zip(self.channels, self._last, strict=True):
            pages.fill(channel, self.grid.free, stop, last)
