"""Whether the leg lies differently after a movement."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.motion.features import GRAVITY
from detectors.runs import Trace

if TYPE_CHECKING:
    from detectors.track import Track

# Frames that are remembered beyond the present; movements that last longer have no "before".
_MEMORY_FRAMES: Final = 3600


class Means(NamedTuple):
    """Length of the means of gravity before and after a movement, and their distance from it, s."""

    mean_s: float
    guard_s: float


class OrientationChange:
    """Compare gravity before a movement with gravity after it.

    Parameters
    ----------
    frame : int
        Samples per frame.
    fs_hz : float
        Sampling rate, Hz.
    """

    def __init__(self, frame: int, fs_hz: float) -> None:
        self._frame = frame
        self._fs_hz = fs_hz
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

    def known_at(self, end: int, means: Means) -> int:
        """Return the sample at which the change over a movement that ends at `end` is known."""
        return (self._after(end, means) + self._n_mean(means)) * self._frame

    def degrees(self, span: tuple[int, int], means: Means) -> float | None:
        """Return the angle between gravity before and after a span of samples.

        Parameters
        ----------
        span : tuple of int
            Sample indices ``[onset, end)``.
        means : Means
            What is compared.

        Returns
        -------
        float or None
            Angle, degrees; None if gravity is not known on both sides.
        """
        onset, end = span
        n_mean = self._n_mean(means)
        before = (onset - round(means.guard_s * self._fs_hz)) // self._frame
        after = self._after(end, means)
        return angle_deg(self._sum(before - n_mean, before), self._sum(after, after + n_mean))

    def after_deg(self, span: tuple[int, int], means: Means, stop: int) -> list[tuple[int, float | None]]:
        """Return for each whole frame after a span how far the leg is from where it lay before.

        Parameters
        ----------
        span : tuple of int
            Sample indices ``[onset, end)``.
        means : Means
            Length of the mean before, and distance of the frames from the span.
        stop : int
            Sample before which the frames end.

        Returns
        -------
        list of tuple
            First sample of the frame, and angle, degrees, or None where gravity is not known.
        """
        before = (span[0] - round(means.guard_s * self._fs_hz)) // self._frame
        lay = self._sum(before - self._n_mean(means), before)
        first = self._after(span[1], means)
        frames = range(first, max(first, stop // self._frame))
        gravity = (trace.padded(first, frames.stop).tolist() for trace in self._known.values())
        return [(at * self._frame, angle_deg(lay, (x, y, z))) for at, x, y, z in zip(frames, *gravity, strict=True)]

    def _n_mean(self, means: Means) -> int:
        return max(1, round(means.mean_s * self._fs_hz / self._frame))

    def _after(self, end: int, means: Means) -> int:
        return -(-(end + round(means.guard_s * self._fs_hz)) // self._frame)

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
