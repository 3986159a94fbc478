"""Whether the leg lies differently after a movement."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from detectors.motion.features import N_AXES

if TYPE_CHECKING:
    from detectors.motion.criteria import OrientationCriteria
    from detectors.track import Track

# Frames that are remembered beyond the present; movements that last longer have no "before".
_MEMORY_FRAMES: Final = 3600


class _Gravity(NamedTuple):
    frame: int
    x_g: float
    y_g: float
    z_g: float


class OrientationChange:
    """Compare gravity before a movement with gravity after it.

    Parameters
    ----------
    criteria : OrientationCriteria
        Length of the means and their distance from the movement.
    frame : int
        Samples per frame.
    fs_hz : float
        Sampling rate, Hz.
    """

    def __init__(self, criteria: OrientationCriteria, frame: int, fs_hz: float) -> None:
        self._frame = frame
        self._n_mean = max(1, round(criteria.mean_s * fs_hz / frame))
        self._guard = round(criteria.guard_s * fs_hz)
        self._known: deque[_Gravity] = deque(maxlen=_MEMORY_FRAMES)
        self._axes: list[Track] = []

    def note(self, track: Track) -> None:
        """Keep one track of gravity; the axes of a span come one after another."""
        self._axes.append(track)
        if len(self._axes) == N_AXES:
            first = track.start // track.hop
            columns = (axis.values.tolist() for axis in self._axes)
            self._known.extend(_Gravity(first + at, *g) for at, g in enumerate(zip(*columns, strict=True)))
            self._axes = []

    def known_at(self, end: int) -> int:
        """Return the sample at which the change over a movement that ends at `end` is known."""
        return (self._after(end) + self._n_mean) * self._frame

    def degrees(self, onset: int, end: int) -> float | None:
        """Return the angle between gravity before and after the samples ``[onset, end)``.

        Parameters
        ----------
        onset, end : int
            Sample indices.

        Returns
        -------
        float or None
            Angle, degrees; None if gravity is not known on both sides.
        """
        before = (onset - self._guard) // self._frame
        after = self._after(end)
        first = self._sum(before - self._n_mean, before)
        second = self._sum(after, after + self._n_mean)
        lengths = math.hypot(*first) * math.hypot(*second)
        if lengths == 0:
            return None
        cosine = sum(a * b for a, b in zip(first, second, strict=True)) / lengths
        return math.degrees(math.acos(min(max(cosine, -1.0), 1.0)))

    def _after(self, end: int) -> int:
        return -(-(end + self._guard) // self._frame)

    def _sum(self, start: int, stop: int) -> tuple[float, float, float]:
        """Add gravity over frames ``[start, stop)``, as far as it is known."""
        frames = []
        for gravity in reversed(self._known):
            if gravity.frame < start:
                break
            if gravity.frame < stop:
                frames.append(gravity)
        return (
            math.fsum(gravity.x_g for gravity in frames),
            math.fsum(gravity.y_g for gravity in frames),
            math.fsum(gravity.z_g for gravity in frames),
        )
