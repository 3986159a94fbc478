"""What was counted, night by night, and in how many valid hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Counted:
    """The nights of one period that count.

    Parameters
    ----------
    counts : ndarray of float, shape (n_nights,)
        What was counted in each night.
    valid_h : ndarray of float, shape (n_nights,)
        Its valid hours, h; more than 0.

    Raises
    ------
    ValueError
        If the shapes differ, a count is negative, or a night has no valid hour.
    """

    counts: NDArray[np.float64]
    valid_h: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.counts.shape != self.valid_h.shape or self.counts.ndim != 1:
            msg = f"counts have shape {self.counts.shape} and hours {self.valid_h.shape}, expected (n_nights,) twice"
            raise ValueError(msg)
        if not (np.all(self.counts >= 0) and np.all(self.valid_h > 0)):
            msg = "a night has a negative count or no valid hour, expected counts from 0 and hours above 0"
            raise ValueError(msg)

    @property
    def n_nights(self) -> int:
        """How many nights."""
        return len(self.counts)

    @property
    def count(self) -> float:
        """Counted in all of them."""
        return float(self.counts.sum())

    @property
    def hours(self) -> float:
        """Valid hours of all of them, h."""
        return float(self.valid_h.sum())
