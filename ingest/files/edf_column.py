"""The channels of one sensor's quantity while they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        self._last = [int(scale.stored(first)[0]) for scale, first in zip(scales, signal.first[:, None], strict=True)]

    def put(self, block: SampleBlock, pages: RecordPages) -> None:
        """Write samples; a flat line leads to them where places are free before."""
        free = self.grid.free
        runs = self.grid.place(block)
        for axis, channel in enumerate(self.channels):
            stored, behind = self._scales[axis].stored(block.data[:, axis]), free
            for run in runs:
                pages.fill(channel, behind, run.position, self._last[axis])
                pages.put(channel, run.position, stored[run.first : run.stop])
                behind = run.position + run.stop - run.first
                self._last[axis] = int(stored[run.stop - 1])

    def end(self, pages: RecordPages, stop: int) -> None:
        """Draw the flat line to the end of the file."""
        for channel, last in zip(self.channels, self._last, strict=True):
            pages.fill(channel, self.grid.free, stop, last)
