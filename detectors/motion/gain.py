"""Whether a sensor measures 1 g while nothing moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.motion.features import GRAVITY
from detectors.track import TrackName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.motion.criteria import MotionCriteria
    from detectors.track import Track

_STEP_G: Final = 0.001
_MOST_G: Final = 4.0
_HALF: Final = 0.5


class GainCheck:
    """Count the length of gravity over the still seconds of a night (science.md 7.2).

    Parameters
    ----------
    criteria : MotionCriteria
        ``still_g`` says which seconds are still, ``norm_low_g`` and ``norm_high_g`` what is right.

    Notes
    -----
    Reads the ``gravity`` and ``spread_g`` tracks of :class:`detectors.motion.features.MotionFeatures`.
    Counts in steps of a milli-g, so that a night takes no more memory than a minute.
    """

    def __init__(self, criteria: MotionCriteria) -> None:
        self._criteria = criteria
        self._counts = np.zeros(round(_MOST_G / _STEP_G) + 1, np.int64)
        self._axes: list[NDArray[np.float64]] = []

    def add(self, track: Track) -> None:
        """Take the next track of any name; those of one span come together."""
        if track.name in GRAVITY:
            self._axes.append(track.values)
        elif track.name is TrackName.SPREAD_G and self._axes:
            x, y, z = self._axes
            self._axes = []
            norm_g = np.sqrt(x * x + y * y + z * z)[track.values < self._criteria.still_g]
            steps = np.minimum(np.rint(norm_g / _STEP_G), len(self._counts) - 1).astype(np.intp)
            np.add.at(self._counts, steps, 1)

    @property
    def norm_g(self) -> float | None:
        """Median length of gravity over the still seconds, g; None if there were none."""
        total = int(self._counts.sum())
        if not total:
            return None
        return float(np.searchsorted(np.cumsum(self._counts), _HALF * total)) * _STEP_G

    @property
    def is_off(self) -> bool:
        """Whether gain or offset are wrong: every amplitude of this sensor then is."""
        norm_g = self.norm_g
        return norm_g is not None and not self._criteria.norm_low_g <= norm_g <= self._criteria.norm_high_g
