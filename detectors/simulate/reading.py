"""Samples out of chunks that are made when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class ChunkReader:
    """Ranges of samples out of whole chunks, keeping the last chunk.

    Parameters
    ----------
    make : callable
        Makes a chunk from its number.
    chunk : int
        Samples in a chunk.
    size : int
        Samples of the night.
    """

    __slots__ = ("_chunk", "_held", "_make", "_number", "_size")

    def __init__(self, make: Callable[[int], NDArray[np.float32]], chunk: int, size: int) -> None:
        self._make = make
        self._chunk = chunk
        self._size = size
        self._number = -1
        self._held = np.empty((0, 0), dtype=np.float32)

    def read(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return samples ``[start, stop)``.

        Raises
        ------
        ValueError
            If the range does not lie inside the night.
        """
        if not 0 <= start <= stop <= self._size:
            msg = f"samples [{start}, {stop}) asked for, expected a range inside [0, {self._size})"
            raise ValueError(msg)
        pieces = []
        for number in range(start // self._chunk, max(start, stop - 1) // self._chunk + 1):
            first = number * self._chunk
            pieces.append(self._minute(number)[max(start - first, 0) : stop - first])
        return np.concatenate(pieces)

    def _minute(self, number: int) -> NDArray[np.float32]:
        """Return one chunk, made once while reading on."""
        if number != self._number:
            self._held = self._make(number)
            self._number = number
        return self._held
