"""Pops of an electrode: where they are, and how they are taken out of the power (science.md 7.1)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from detectors.resting import quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.emg.quality_criteria import ElectrodeCriteria
    from detectors.framing import Grid

_HALF = 0.5
# A change is seen over so many samples.
_LAG = 2
# A pop stands alone: the changes so close to it are much smaller, those beside the largest of a burst are not.
_BESIDE_S = 0.025
_ALONE_RATIO = 6.0


class Pops:
    """Find steps and spikes that no muscle makes, and put the usual power of the frame in their place.

    Parameters
    ----------
    grid : Grid
        Hops and frames.
    fs_hz : float
        Sampling rate, Hz.
    criteria : ElectrodeCriteria
        What a pop is.

    Notes
    -----
    A frame is judged by its own samples; what a pop at its end does to the band in the next frame
    is taken out there.
    """

    def __init__(self, grid: Grid, fs_hz: float, criteria: ElectrodeCriteria) -> None:
        self._criteria = criteria
        self._hop = grid.hop
        self._around = max(1, round(criteria.pop_recovery_s * fs_hz / 2))
        self._longest = 2 * self._around
        self._beside = max(_LAG + 1, round(_BESIDE_S * fs_hz))
        self._settling = max(1, round(criteria.pop_settling_s * fs_hz))
        self._left_over = 0
        self._before = np.empty(0)

    def restart(self) -> None:
        """Forget the frame before."""
        self._left_over = 0
        self._before = np.empty(0)

    def feed(
        self, frames: NDArray[np.float64], could_be: NDArray[np.bool_], power: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Clean the power of the next frames, in place.

        Parameters
        ----------
        frames : ndarray of float64, shape (n_frames, n_samples)
            Raw samples, µV.
        could_be : ndarray of bool, shape (n_frames,)
            Whether a frame spans as much as a pop.
        power : ndarray of float64, shape (n_frames, n_hops)
            Mean square of each hop.

        Returns
        -------
        ndarray of bool, shape (n_frames,)
            Whether there is a pop in a frame.
        """
        popped = np.zeros(len(frames), np.bool_)
        looked_at = could_be.copy()
        looked_at[1:] |= could_be[:-1]
        looked_at[0] = looked_at[0] or self._left_over > 0
        jumps = self._jumps(frames, could_be)
        for row in np.flatnonzero(looked_at).tolist():
            spans = [(0, self._left_over)] if self._left_over else []
            self._left_over = 0
            if jumps[row]:
                before = frames[row - 1, -_LAG:] if row else self._before
                found = self._spans(frames[row], before)
                popped[row] = bool(found)
                spans += found
            if spans:
                self._clean(power[row], spans)
        self._before = frames[-1, -_LAG:].copy()
        return popped

    def _jumps(self, frames: NDArray[np.float64], could_be: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return in which frames that could have a pop anything changes by as much, the first one left open."""
        rows = np.flatnonzero(could_be)
        jumps = could_be.copy()
        if len(rows) and rows[0] == 0:
            rows = rows[1:]
        if len(rows):
            known = np.concatenate((frames[rows - 1, -_LAG:], frames[rows]), axis=1)
            change = known[:, _LAG:] - known[:, :-_LAG]
            most = np.maximum(change.max(axis=1), -change.min(axis=1))
            jumps[rows] = most > self._criteria.pop_uv
        return jumps

    def _spans(self, frame: NDArray[np.float64], before: NDArray[np.float64]) -> list[tuple[int, int]]:
        """Return the samples ``[start, stop)`` that each pop spoils."""
        samples = np.concatenate((before, frame))
        change = np.abs(samples[_LAG:] - samples[:-_LAG])
        jumps = np.flatnonzero(change > self._criteria.pop_uv)
        if not len(jumps):
            return []
        spans = []
        edges = [0, *(np.flatnonzero(jumps[1:] - jumps[:-1] > self._around) + 1).tolist(), len(jumps)]
        for begin, end in pairwise(edges):
            first, last = int(jumps[begin]), int(jumps[end - 1])
            if last - first >= self._longest:
                continue
            cluster = jumps[begin:end]
            heights = change[cluster]
            highest = int(heights.argmax())
            largest, at = float(heights[highest]), int(cluster[highest])
            beside = change[max(at - self._beside, 0) : at + self._beside + 1]
            if largest <= _ALONE_RATIO * quantile(beside, _HALF):
                continue
            around = change[max(first - self._around, 0) : last + self._around + 1]
            if largest > self._criteria.pop_ratio * quantile(around, _HALF):
                start = max(first - len(before), 0)
                spans.append((start, last + _LAG - len(before) + self._settling))
        self._left_over = max([0, *(stop - len(frame) for _, stop in spans)])
        return spans

    def _clean(self, power: NDArray[np.float64], spans: list[tuple[int, int]]) -> None:
        spoilt = np.zeros(len(power), np.bool_)
        for start, stop in spans:
            spoilt[start // self._hop : -(-stop // self._hop)] = True
        if not spoilt.all():
            usual = quantile(power[~spoilt], _HALF)
            power[spoilt] = np.minimum(power[spoilt], usual)
