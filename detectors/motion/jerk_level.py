"""What the jerk band holds while nothing happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from detectors.motion.bands import hops_in
from detectors.resting import quantile
from detectors.runs import Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.motion.brief_criteria import JerkCriteria
    from detectors.track import Track

_HALF: Final = 0.5
# About the correlation time of the envelope: values further apart are nearly independent.
_SAMPLE_S: Final = 0.1


class Level(NamedTuple):
    """The median of the envelope, and the rise above it that a jerk needs, g."""

    resting_g: float
    rise_g: float


class JerkLevel:
    """Follow the median of the jerk band and its spread, from earlier frames only.

    Parameters
    ----------
    criteria : JerkCriteria
        ``level_s``, ``level_every_s`` and what begins with ``peak``.
    hops_per_frame : int
        Hops per frame.
    hop_s : float
        Length of a hop, s.
    """

    def __init__(self, criteria: JerkCriteria, hops_per_frame: int, hop_s: float) -> None:
        self._criteria = criteria
        self._per_frame = hops_per_frame
        self._sample_every = hops_in(_SAMPLE_S, hop_s)
        frame_s = hops_per_frame * hop_s
        self._n_frames = max(1, round(criteria.level_s / frame_s))
        self._every = self._due = max(1, round(criteria.level_every_s / frame_s))
        self._recent: list[NDArray[np.float64]] = []
        # No jerk before anything is known.
        self._level = Level(0.0, float("inf"))
        self._resting_g = Trace()
        self._rise_g = Trace()

    def feed(self, track: Track) -> NDArray[np.bool_]:
        """Return which hops of the next track of the band rise above the level."""
        frame, offset = divmod(track.start // track.hop, self._per_frame)
        n_frames = -(-(offset + len(track.values)) // self._per_frame)
        rows = track.values.reshape(n_frames, -1)
        whole = rows.shape[1] == self._per_frame
        levels = np.empty((2, n_frames))
        at = 0
        while at < n_frames:
            stop = min(n_frames, at + self._due)
            levels[:, at:stop] = np.array(self._level)[:, np.newaxis]
            if whole:
                self._recent.append(rows[at:stop, :: self._sample_every])
                self._due -= stop - at
            if self._due == 0:
                self._measure()
            at = stop
        if self._resting_g.stop < frame + n_frames:
            self._resting_g.append(frame, levels[0])
            self._rise_g.append(frame, levels[1])
        above: NDArray[np.bool_] = (rows > (levels[0] + levels[1])[:, np.newaxis]).ravel()
        return above

    def at(self, frame: int) -> Level:
        """Return the level in force during a frame that is still known."""
        resting_g, rise_g = (float(trace.between(frame, frame + 1)[0]) for trace in (self._resting_g, self._rise_g))
        return Level(resting_g, rise_g)

    def forget_before(self, frame: int) -> None:
        """Drop the levels of frames before one."""
        self._resting_g.forget_before(frame)
        self._rise_g.forget_before(frame)

    def _measure(self) -> None:
        recent = np.concatenate(self._recent)[-self._n_frames :]
        self._recent, self._due = [recent], self._every
        values, limits = recent.ravel(), self._criteria
        resting_g = quantile(values, _HALF)
        mad_g = quantile(np.abs(values - resting_g), _HALF)
        self._level = Level(resting_g, max(limits.peak_g, limits.peak_mad * mad_g, limits.peak_ratio * resting_g))
