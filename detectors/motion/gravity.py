"""Where the leg points: the direction of its long axis, from the mean of gravity over some seconds."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.motion.features import GRAVITY, N_AXES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.motion.posture_criteria import PostureCriteria
    from detectors.track import Track

__all__ = ["GRAVITY", "Directions", "GravityMean"]

# Sums that slide along: three axes, the length of gravity, and how many frames are known.
_N_SUMS: Final = N_AXES + 2


class Directions(NamedTuple):
    """How the long axis of the leg stands in consecutive frames.

    Parameters
    ----------
    first : int
        Number of the first frame.
    cosine : ndarray of float64, shape (n_frames,)
        Cosine of the angle between long axis and vertical, either way up: 0 to 1.
    valid : ndarray of bool, shape (n_frames,)
        Whether what was measured is gravity.
    """

    first: int
    cosine: NDArray[np.float64]
    valid: NDArray[np.bool_]


class GravityMean:
    """Average gravity over the last frames; those that a gap left out are passed over.

    Parameters
    ----------
    criteria : PostureCriteria
        Long axis and tolerance.
    n_frames : int
        Length of the mean.

    Notes
    -----
    The lengths of the frames' gravity are averaged, not the length of the average taken: that one
    is short while a leg turns, although nothing but gravity acts on it.
    """

    def __init__(self, criteria: PostureCriteria, n_frames: int) -> None:
        self._criteria = criteria
        self._n_frames = n_frames
        self._tails = np.zeros((_N_SUMS, n_frames - 1))
        self._axes: list[Track] = []
        self._next = 0

    def note(self, track: Track) -> Directions | None:
        """Take one track of gravity and return the directions once all three axes of a span are there."""
        self._axes.append(track)
        if len(self._axes) < N_AXES:
            return None
        x_g, y_g, z_g = (axis.values for axis in self._axes)
        self._axes = []
        first = track.start // track.hop
        length_g = np.sqrt(x_g * x_g + y_g * y_g + z_g * z_g)
        new = np.stack([x_g, y_g, z_g, length_g, np.ones_like(x_g)])
        missing = np.zeros((_N_SUMS, min(max(first - self._next, 0), self._n_frames - 1)))
        known = np.concatenate((self._tails, missing, new), axis=1)[:, -(self._n_frames - 1 + new.shape[1]) :]
        self._tails = known[:, known.shape[1] - self._n_frames + 1 :]
        self._next = first + new.shape[1]
        # Added in the same order wherever a frame stands.
        return self._directions(first, reduce(np.add, (known[:, at : at + len(x_g)] for at in range(self._n_frames))))

    def _directions(self, first: int, sums: NDArray[np.float64]) -> Directions:
        x, y, z, length_g, count = sums
        along = np.abs(sums[int(self._criteria.long_axis)])
        total = np.sqrt(x * x + y * y + z * z)
        cosine = np.divide(along, total, out=np.zeros_like(along), where=total > 0)
        valid = np.abs(length_g / count - 1.0) < self._criteria.gravity_tolerance_g
        return Directions(first, cosine, valid)
