"""Whether the leg lies differently after a movement."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.motion.features import GRAVITY
from detectors.runs import Trace

if TYPE_CHECKING:
    from detectors.track import Track

# Frames that are remembered beyond the present; movements that last longer have no "before".
_MEMORY_FRAMES: Final = 3600


class OrientationChange:
    """Compare gravity before a movement with gravity after it.

    Parameters
    ----------
    mean_and_guard_s : tuple of float
        Length of the means, and their distance from the movement, s.
    frame : int
        Samples per frame.
    fs_hz : float
        Sampling rate, Hz.
    """

    def __init__(self, mean_and_guard_s: tuple[float, float], frame: int, fs_hz: float) -> None:
        mean_s, guard_s = mean_and_guard_s
        self._frame = frame
        self._n_mean = max(1, round(mean_s * fs_hz / frame))
        self._guard = round(guard_s * fs_hz)
        self._known = {name: Trace() for name in GRAVITY}

    def note(self, track: Track) -> None:
        """Keep one track of gravity; the axes of a span come one after another."""
        first = track.start // track.hop
        trace = self._known[track.name]
        missing = first - trace.stop
        if 0 < missing <= _MEMORY_FRAMES:
            trace.append(trace.stop, np.zeros(missing))
        trace.append(first, track.values)
        if len(track.values) > 1 or first % _MEMORY_FRAMES == 0:
            trace.forget_before(first - _MEMORY_FRAMES)

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
        return angle_deg(self._sum(before - self._n_mean, before), self._sum(after, after + self._n_mean))

    def _after(self, end: int) -> int:
        return -(-(end + self._guard) // self._frame)

    def _sum(self, start: int, stop: int) -> tuple[float, float, float]:
        """Add gravity over frames ``[start, stop)``, as far as it is known; zeros stand for frames that are not."""
        x, y, z = (math.fsum(trace.between(start, stop).tolist()) for trace in self._known.values())
        return x, y, z


def angle_deg(first: tuple[float, float, float], second: tuple[float, float, float]) -> float | None:
    """Return the angle between two directions of gravity.

    Parameters
    ----------
    first, second : tuple of float
        Three axes each; the length does not matter.

    Returns
    -------
    float or None
        Angle, degrees; None if one of them has no length.

    Examples
    --------
    >>> angle_deg((0.0, 0.0, 1.0), (0.0, 2.0, 0.0))
    90.0
    """
    lengths = math.hypot(*first) * math.hypot(*second)
    if lengths == 0:
        return None
    cosine = sum(a * b for a, b in zip(first, second, strict=True)) / lengths
    return math.degrees(math.acos(min(max(cosine, -1.0), 1.0)))
