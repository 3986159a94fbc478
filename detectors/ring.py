"""The last values of a stream, for statistics that do not ask for their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Ring:
    """The last values, in no particular order.

    Parameters
    ----------
    size : int
        How many.

    Examples
    --------
    >>> ring = Ring(3)
    >>> ring.push(np.array([1.0, 2.0]))
    >>> ring.push(np.array([3.0, 4.0]))
    >>> sorted(ring.held().tolist())
    [2.0, 3.0, 4.0]
    """

    def __init__(self, size: int) -> None:
        self._values = np.zeros(size)
        self._at = 0
        self._full = False

    def push(self, values: NDArray[np.float64]) -> None:
        """Add values; the oldest make room."""
        size = len(self._values)
        values = values[-size:]
        head = min(len(values), size - self._at)
        self._values[self._at : self._at + head] = values[:head]
        if head < len(values):
            self._values[: len(values) - head] = values[head:]
        self._full |= self._at + len(values) >= size
        self._at = (self._at + len(values)) % size

    def clear(self) -> None:
        """Forget all values."""
        self._at, self._full = 0, False

    def held(self) -> NDArray[np.float64]:
        """Return the values; they change with the next push."""
        return self._values if self._full else self._values[: self._at]
