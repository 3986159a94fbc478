"""Movements of single legs as a row of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.signal import Leg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_LEGS: Final[dict[str, int]] = {leg: number for number, leg in enumerate(sorted(Leg))}


class Moved(NamedTuple):
    """One leg's movement, and what it counts for; several that are joined count for the largest of theirs."""

    onset_ns: int
    end_ns: int
    leg: str
    weight: float = 1.0


class MovedRow(NamedTuple):
    """Movements of both legs in a row, by onset, then end and leg.

    Parameters
    ----------
    onset_ns, end_ns : ndarray of int64, shape (n_movements,)
        UTC, ns.
    leg : ndarray of int64, shape (n_movements,)
        A number for each leg.
    weight : ndarray of float64, shape (n_movements,)
        What each counts for.
    """

    onset_ns: NDArray[np.int64]
    end_ns: NDArray[np.int64]
    leg: NDArray[np.int64]
    weight: NDArray[np.float64]

    def order(self) -> NDArray[np.int64]:
        """Return what puts them in order; legs by their numbers."""
        return np.lexsort((self.leg, self.end_ns, self.onset_ns))

    def of(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> MovedRow:
        """Return some of the movements."""
        return MovedRow(self.onset_ns[which], self.end_ns[which], self.leg[which], self.weight[which])

    @property
    def length_ns(self) -> NDArray[np.int64]:
        """How long each of them lasts, ns."""
        return self.end_ns - self.onset_ns


def row_of(movements: Sequence[Moved]) -> MovedRow:
    """Return movements as a row, in the order that they are in."""
    return MovedRow(
        np.array([one.onset_ns for one in movements], np.int64),
        np.array([one.end_ns for one in movements], np.int64),
        np.array([leg_number(one.leg) for one in movements], np.int64),
        np.array([one.weight for one in movements], np.float64),
    )


def leg_number(leg: str) -> int:
    """Return the number of a leg; they are in the order of their names, as movements are."""
    return _LEGS[leg]
