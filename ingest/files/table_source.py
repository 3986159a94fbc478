"""One stream of a table of numbers, read piece by piece."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ingest.errors import DecodeError
from ingest.files.sample_range import expect_range

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.signal import Clock, Stream
    from ingest.files.table_pieces import TableSignals


@dataclass(frozen=True, slots=True)
class TableSource:
    """One stream of a table.

    Parameters
    ----------
    stream : Stream
        What is measured.
    clock : Clock
        From sample index to UTC.
    n_samples : int
        Rows that hold it.
    channels : tuple of str
        The columns, or channels, that are its axes.
    gains : tuple of float
        What they are multiplied by.
    starts : tuple of tuple of int
        Of each axis, the first row of each piece, and the number of rows.
    signals : TableSignals
        The table.
    """

    stream: Stream
    clock: Clock
    n_samples: int
    channels: tuple[str, ...]
    gains: tuple[float, ...]
    starts: tuple[tuple[int, ...], ...]
    signals: TableSignals

    def read(self, start: int, stop: int) -> NDArray[np.floating]:
        """Return rows ``[start, stop)``.

        Parameters
        ----------
        start, stop : int
            Row numbers.

        Returns
        -------
        ndarray of float32, shape (stop - start, n_axes)
            In the stream's unit; the same however the stream is cut.

        Raises
        ------
        DecodeError
            If the file cannot be read any more.
        ValueError
            If the range does not lie inside the stream.
        """
        expect_range(self.stream, self.n_samples, start, stop)
        values = np.empty((stop - start, len(self.channels)), dtype=np.float32)
        for axis in range(len(self.channels)):
            self._fill(values[:, axis], start, axis)
        return values

    def _fill(self, values: NDArray[np.float32], start: int, axis: int) -> None:
        """Fill one axis from row `start` on."""
        starts, stop, channel = self.starts[axis], start + len(values), self.channels[axis]
        for number in range(bisect_right(starts, start) - 1, bisect_left(starts, stop)):
            begin, end = starts[number], starts[number + 1]
            low, high = max(start, begin), min(stop, end)
            if low >= high:
                continue
            held = self.signals.piece(number).values[channel]
            if len(held) != end - begin:
                raise DecodeError(f"{self.stream.sensor}: {len(held)} rows, expected the {end - begin} that there were")
            np.multiply(held[low - begin : high - begin], self.gains[axis], out=values[low - start : high - start])
