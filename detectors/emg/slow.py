"""The slow tracks of a channel, looked up from the hops of its fast ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from detectors.runs import Trace
from detectors.signal import TrackName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.framing import Grid
    from detectors.runs import Run
    from detectors.signal import Track

SLOW: Final = (TrackName.RESTING_UV, TrackName.LF_HF_RATIO, TrackName.LINE_RATIO)


class SlowTracks:
    """Resting level and ratios of the frames around the present.

    Parameters
    ----------
    grid : Grid
        Hops and frames of the stream.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._traces = {name: Trace() for name in SLOW}
        self._flags = Trace(np.uint8)

    def note(self, track: Track) -> None:
        """Keep the values of one slow track."""
        frame = track.start // track.hop
        self._traces[track.name].append(frame, track.values)
        if track.name is TrackName.RESTING_UV:
            self._flags.append(frame, track.quality)

    def resting_uv(self, first_hop: int, n_hops: int) -> NDArray[np.float64]:
        """Return the resting level of consecutive hops, µV."""
        per_frame = self._grid.hops_per_frame
        first, last = first_hop // per_frame, (first_hop + n_hops - 1) // per_frame
        levels = self._traces[TrackName.RESTING_UV].between(first, last + 1)
        at = first_hop - first * per_frame
        return np.repeat(levels, per_frame)[at : at + n_hops]

    def flagged(self, run: Run, flag: int) -> bool:
        """Return whether any frame of a run carries a flag."""
        return bool((self._between(self._flags, run) & flag).any())

    def mean_ratio(self, name: TrackName, run: Run, power: NDArray[np.float64]) -> float:
        """Return the mean of a ratio over a run, weighted by the power of its hops.

        A second that a movement only touches says more about the rest than about the movement.

        Parameters
        ----------
        name : TrackName
            Which ratio.
        run : Run
            The hops.
        power : ndarray of float64, shape (n_hops,)
            Power of each hop of the run.

        Returns
        -------
        float
            The mean; not a number if no whole frame was measured.
        """
        ratios: NDArray[np.float64] = self._between(self._traces[name], run)
        per_frame = self._grid.hops_per_frame
        frames = (run.onset + np.arange(len(power))) // per_frame - run.onset // per_frame
        weights = np.bincount(frames, power, minlength=len(ratios))[: len(ratios)]
        known = ~np.isnan(ratios) & (weights > 0)
        if not known.any():
            return float("nan")
        return float(np.average(ratios[known], weights=weights[known]))

    def forget_before(self, hop: int) -> None:
        """Drop frames that lie before a hop."""
        for trace in (*self._traces.values(), self._flags):
            trace.forget_before(hop // self._grid.hops_per_frame)

    def _between(self, trace: Trace, run: Run) -> NDArray[Any]:
        per_frame = self._grid.hops_per_frame
        return trace.between(run.onset // per_frame, (run.end - 1) // per_frame + 1)
