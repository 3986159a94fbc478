"""The last minutes of acceleration, frame by frame, with holes where packets were lost."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Row(NamedTuple):
    """What is kept of each frame, one array of frames each; NaN where nothing is known."""

    top_g: NDArray[np.float64]
    tremor_g: NDArray[np.float64]
    x_g: NDArray[np.float64]
    y_g: NDArray[np.float64]
    z_g: NDArray[np.float64]


_N_ROWS: Final = len(Row._fields)


class EpisodeFrames:
    """Keep what happened until it is known whether it belongs to an episode."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[int, NDArray[np.float64]]] = deque()

    def append(self, frame: int, row: Row) -> None:
        """Add the next frames; two parts of one frame complete each other."""
        self._pieces.append((frame, np.stack(row)))

    def between(self, start: int, stop: int) -> Row:
        """Return the frames ``[start, stop)``."""
        out = np.full((_N_ROWS, stop - start), np.nan)
        for frame, values in self._pieces:
            first, last = max(start, frame), min(stop, frame + values.shape[1])
            if first < last:
                inside = out[:, first - start : last - start]
                np.fmax(inside, values[:, first - frame : last - frame], out=inside)
        return Row(*out)

    def forget_before(self, frame: int) -> None:
        """Drop what lies before a frame, in whole pieces."""
        while self._pieces and self._pieces[0][0] + self._pieces[0][1].shape[1] <= frame:
            self._pieces.popleft()
