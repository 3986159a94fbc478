"""The thresholds of a movement in acceleration, frame by frame."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.resting import quantile
from detectors.runs import Trace
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.motion.criteria import MotionCriteria

LEVELS: Final = (TrackName.RESTING_MOVEMENT_G, TrackName.RESTING_MOVEMENT_MAD_G)


class MovementLevels:
    """Turn the resting level and its spread into the two thresholds of a movement.

    Parameters
    ----------
    criteria : MotionCriteria
        ``onset_g``, ``onset_mad``, ``offset_g``, ``offset_mad`` and what begins with ``adapt``.
    hops_per_frame : int
        Hops per frame.
    """

    def __init__(self, criteria: MotionCriteria, hops_per_frame: int) -> None:
        self._criteria = criteria
        self._per_frame = hops_per_frame
        self._adaption = _Adaption(criteria)
        self._levels = {name: Trace() for name in LEVELS}
        self._onset_g = Trace()

    def note(self, track: Track) -> None:
        """Keep a track of one of :data:`LEVELS`."""
        self._levels[track.name].append(track.start // track.hop, track.values)

    def thresholds(self, track: Track) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the threshold of the onset and of the end for each frame of a movement track.

        Parameters
        ----------
        track : Track
            Whole frames or a part of one; the levels of its frames have been noted.

        Returns
        -------
        tuple of ndarray of float64, shape (n_frames, 1)
            Onset and end, g.
        """
        criteria = self._criteria
        first, n_hops = track.start // track.hop, len(track.values)
        frame, stop = first // self._per_frame, (first + n_hops - 1) // self._per_frame + 1
        resting_g, mad_g = (self._levels[name].between(frame, stop) for name in LEVELS)
        rows = track.values.reshape(len(resting_g), -1)
        if track.quality[0] & Flag.UNSETTLED.value:
            rows = np.where(track.quality & Flag.UNSETTLED.value, np.inf, track.values).reshape(rows.shape)
        adapted_g = self._adaption.feed(frame, np.minimum.reduce(rows, axis=1))
        onset_g = resting_g + np.maximum(adapted_g, criteria.onset_mad * mad_g)
        offset_g = resting_g + np.maximum(criteria.offset_g, criteria.offset_mad * mad_g)
        if self._onset_g.stop < stop:
            self._onset_g.append(frame, onset_g)
        return onset_g[:, np.newaxis], offset_g[:, np.newaxis]

    def resting_g(self, hop: int) -> float:
        """Return the resting level in force during a hop that is still known, g."""
        return self._at(self._levels[TrackName.RESTING_MOVEMENT_G], hop)

    def onset_g(self, hop: int) -> float:
        """Return the threshold of the onset in force during a hop that is still known, g."""
        return self._at(self._onset_g, hop)

    def forget_before(self, hop: int) -> None:
        """Drop what lies before a hop."""
        for trace in (*self._levels.values(), self._onset_g):
            trace.forget_before(hop // self._per_frame)

    def _at(self, trace: Trace, hop: int) -> float:
        frame = hop // self._per_frame
        return float(trace.between(frame, frame + 1)[0])


class _Adaption:
    """The onset threshold that follows the noise of the night, from the quietest moment of every minute."""

    def __init__(self, criteria: MotionCriteria) -> None:
        self._criteria = criteria
        self._minima: deque[float] = deque(maxlen=round(criteria.adapt_s / criteria.adapt_minute_s))
        self._minute: int | None = None
        self._lowest_g = float("inf")
        self._onset_g = criteria.onset_g

    def feed(self, frame: int, lowest_g: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the threshold of consecutive frames, which earlier minutes decide."""
        minutes = np.arange(frame, frame + len(lowest_g)) // self._criteria.adapt_minute_s
        edges = [0, *(np.flatnonzero(minutes[1:] != minutes[:-1]) + 1).tolist(), len(minutes)]
        onset_g = np.empty(len(minutes))
        for first, stop in pairwise(edges):
            if (minute := int(minutes[first])) != self._minute:
                self._turn(minute)
            self._lowest_g = min(self._lowest_g, float(np.fmin.reduce(lowest_g[first:stop])))
            onset_g[first:stop] = self._onset_g
        return onset_g

    def _turn(self, minute: int) -> None:
        if self._lowest_g < float("inf"):
            self._minima.append(self._lowest_g)
        self._minute, self._lowest_g = minute, float("inf")
        if len(self._minima) == self._minima.maxlen:
            noise_g = quantile(np.array(self._minima), self._criteria.adapt_quantile)
            self._onset_g = max(self._criteria.onset_g, self._criteria.adapt_ratio * noise_g)
