"""The heart beat in the EMG of a leg: when it is there, and how it is taken out (science.md 2.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detectors.filters import sliding_sum
from detectors.resting import quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.emg.quality_criteria import EcgCriteria
    from detectors.framing import Grid

_HALF = 0.5
# Intervals further from their median than this share are those around a beat that was not seen.
_NEAR_MEDIAN = 0.35


class HeartBeat:
    """Find heart beats in the power of the hops, and put what is around them in their place.

    Parameters
    ----------
    grid : Grid
        Hops and frames.
    hop_s : float
        Length of a hop, s.
    criteria : EcgCriteria
        What a beat is.

    Notes
    -----
    A QRS complex is a peak of some hops with quiet around it. Stretches of half a minute are looked
    at whole, one in each minute; where enough such peaks come at regular intervals, the heart beat
    is present, and in the frames after that stretch each peak that keeps the rhythm is replaced by
    the mean power around it. A burst of muscle is not narrow, so that its edges stay where they
    are. A frame is cleaned from itself and earlier frames only.
    """

    def __init__(self, grid: Grid, hop_s: float, criteria: EcgCriteria) -> None:
        self._criteria = criteria
        self._hop_s = hop_s
        self._per_frame = grid.hops_per_frame
        self._peak = self._hops(criteria.peak_s)
        self._inner, outer = self._hops(criteria.inner_s), self._hops(criteria.outer_s)
        after = np.arange(self._inner, outer + 1)
        middle = max(self._inner + 1, (self._inner + outer) // 2 + 1)
        self._around = np.concatenate((after, -after))
        n_after, n_just_before = len(after), len(after) + middle - self._inner
        self._sides = (slice(n_after), slice(n_after, n_just_before), slice(n_just_before, None))
        self._reach = outer + self._peak
        frame_s = hop_s * self._per_frame
        self._block, self._every = (
            max(1, round(length_s / frame_s)) for length_s in (criteria.block_s, criteria.every_s)
        )
        self._interval = 0.0
        self._limit = np.inf
        self.restart()

    def restart(self) -> None:
        """Forget the hops before; whether there is a heart beat is remembered."""
        self._seen: list[NDArray[np.float64]] = []
        # The first stretch is looked at as soon as it is there.
        self._due = self._block
        self._before = np.full(self._reach, np.inf)
        self._earlier = np.empty(0)
        self._left_over: list[tuple[int, float]] = []

    def feed(self, power: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Clean the power of the next hops, in place.

        Parameters
        ----------
        power : ndarray of float64, shape (n_frames * hops_per_frame,)
            Mean square of each hop, whole frames.

        Returns
        -------
        ndarray of bool, shape (n_frames,)
            Whether the heart beat is present in each frame.
        """
        n_frames = len(power) // self._per_frame
        present = np.zeros(n_frames, np.bool_)
        at = 0
        while at < n_frames:
            stop = min(n_frames, at + self._due)
            part = power[at * self._per_frame : stop * self._per_frame]
            raw = part.copy()
            if self._interval:
                present[at:stop] = True
                self._clean(part, raw)
            self._before = np.concatenate((self._before, raw))[-self._reach :]
            self._seen.append(raw)
            self._due -= stop - at
            if not self._due:
                self._judge(np.concatenate(self._seen)[-self._block * self._per_frame :])
                self._seen, self._due = [], self._every
            at = stop
        return present

    def _judge(self, power: NDArray[np.float64]) -> None:
        """Decide from a whole stretch whether there is a heart beat."""
        criteria = self._criteria
        sums = sliding_sum(power, self._peak)
        # A third of the hops has the same median.
        self._limit = criteria.peak_ratio * quantile(sums[:: self._peak], _HALF)
        inner = sums[1:-1]
        peaks = (inner > self._limit) & (inner > sums[:-2]) & (inner >= sums[2:])
        self._interval, strong = 0.0, np.flatnonzero(peaks) + 1
        fewest = criteria.min_share * criteria.block_s / criteria.max_interval_s
        if len(strong) < fewest:
            return
        padded = np.concatenate((np.full(self._reach, np.inf), power, np.full(self._reach, np.inf)))
        ends = strong + self._reach + self._peak - 1
        isolated, _ = self._isolated(padded, ends, np.full(len(ends), len(padded) - self._reach))
        beats = strong[isolated]
        first = np.flatnonzero(np.diff(beats, prepend=-np.inf) > self._hops(criteria.distance_s))
        intervals_s = np.diff(beats[first]) * self._hop_s
        known = intervals_s[(intervals_s >= criteria.min_interval_s) & (intervals_s <= criteria.max_interval_s)]
        if len(known) < fewest:
            return
        middle_s = quantile(known, _HALF)
        known = known[np.abs(known - middle_s) <= _NEAR_MEDIAN * middle_s]
        enough = len(known) >= criteria.min_share * criteria.block_s / middle_s
        if enough and known.std() < criteria.max_variation * known.mean():
            self._interval = middle_s / self._hop_s

    def _clean(self, part: NDArray[np.float64], raw: NDArray[np.float64]) -> None:
        """Replace the beats of consecutive frames in place."""
        known = np.concatenate((self._before, raw))
        sums = sliding_sum(known, self._peak)[self._reach - self._peak :]
        # Number 0 ends with the hop before the first one.
        here, numbers = sums[1:], np.arange(len(raw))
        last = numbers % self._per_frame == self._per_frame - 1
        following = np.where(last, -np.inf, np.append(here[1:], -np.inf))
        peaks = np.flatnonzero((here > self._limit) & (here > sums[:-1]) & (here >= following))
        limits = (peaks // self._per_frame + 1) * self._per_frame + self._reach
        isolated, replacement = self._isolated(known, peaks + self._reach, limits)
        peaks, replacement = peaks[isolated], replacement[isolated]
        in_rhythm = self._in_rhythm(peaks)
        self._fill(part, peaks[in_rhythm], replacement[in_rhythm])
        self._earlier -= len(raw)

    def _isolated(
        self, known: NDArray[np.float64], ends: NDArray[np.intp], limits: NDArray[np.intp]
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return which peaks have quiet around them, and the mean power there; a peak is given by its last hop."""
        places = (ends - self._peak // 2)[:, np.newaxis] + self._around
        values = known[np.minimum(places, len(known) - 1)]
        visible = (places < limits[:, np.newaxis]) & (values < np.inf)
        values[~visible] = 0.0
        # One row after the other: the order in which numbers are added must not depend on how many peaks there are.
        after, just_before, before = (
            values[:, part].sum(axis=1) / np.maximum(visible[:, part].sum(axis=1), 1) for part in self._sides
        )
        # A movement may have ended just before: half of that side is enough.
        around = np.maximum(after, np.minimum(just_before, before))
        peak = np.zeros(len(ends))
        for back in range(self._peak):
            peak += known[ends - back]
        return peak > self._criteria.peak_ratio * self._peak * around, around

    def _in_rhythm(self, peaks: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return which peaks come whole intervals after an earlier one, and remember all of them."""
        most = self._criteria.max_missed + 1
        before = np.concatenate((self._earlier, peaks))
        since = (peaks[:, np.newaxis] - before) / self._interval
        nearest = np.clip(np.round(since), 1, most)
        in_rhythm: NDArray[np.bool_] = (np.abs(since - nearest) <= self._criteria.tolerance).any(axis=1)
        # A long movement hides more beats than can be counted.
        in_rhythm |= ~((since > 0) & (since <= most + self._criteria.tolerance)).any(axis=1)
        self._earlier = before[before > (before[-1:].max(initial=0.0) - (most + 1) * self._interval)]
        return in_rhythm

    def _fill(self, part: NDArray[np.float64], peaks: NDArray[np.intp], replacement: NDArray[np.float64]) -> None:
        """Put the power around beats in their place; what lies in the next frames waits for them."""
        for stop, value in self._left_over:
            np.minimum(part[:stop], value, out=part[:stop])
        places = (peaks - self._peak // 2)[:, np.newaxis] + np.arange(-self._inner, self._inner + 1)
        # What came before the frame of the peak has been told already.
        inside = (places >= (peaks // self._per_frame * self._per_frame)[:, np.newaxis]) & (places < len(part))
        values = np.broadcast_to(replacement[:, np.newaxis], places.shape)
        np.minimum.at(part, places[inside], values[inside])
        beyond = places[:, -1] + 1 - len(part)
        late = beyond > 0
        self._left_over = list(zip(beyond[late].tolist(), replacement[late].tolist(), strict=True))

    def _hops(self, seconds: float) -> int:
        return max(1, round(seconds / self._hop_s))
