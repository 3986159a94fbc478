"""The slow tracks of a channel, looked up from the hops of its fast ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from detectors.events import Step
from detectors.runs import Run, Trace
from detectors.track import Flag, TrackName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.framing import Grid
    from detectors.track import Track

_TREATED: Final = Flag.LINE_HIGH.value
_MAINS: Final = Flag.LINE_HIGH.value | Flag.LINE.value
SLOW: Final = (TrackName.RESTING_UV, TrackName.LF_HF_RATIO, TrackName.RISE_RATIO, TrackName.LINE_RATIO)
# In such a second there is no level to compare with: the electrode is off, or has just been put back.
NOT_COMPARED: Final = int(Flag.ELECTRODE_OFF | Flag.UNSETTLED)


class _Rising(Protocol):
    """Criteria of how far above the resting level something starts, and ends: in µV, and as a share of the level."""

    @property
    def onset_uv(self) -> float: ...
    @property
    def onset_ratio(self) -> float: ...
    @property
    def offset_uv(self) -> float: ...
    @property
    def offset_ratio(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Rises:
    """How far above the resting level ``B`` something starts, and ends.

    Parameters
    ----------
    onset, offset : tuple of float
        Rise in µV and as a share of B; the larger one counts.
    max_resting_uv : float
        Above this level nothing is compared, µV.
    """

    onset: tuple[float, float]
    offset: tuple[float, float]
    max_resting_uv: float

    @classmethod
    def of(cls, criteria: _Rising, max_resting_uv: float) -> Rises:
        """Return the rises of some criteria."""
        onset, offset = (criteria.onset_uv, criteria.onset_ratio), (criteria.offset_uv, criteria.offset_ratio)
        return cls(onset, offset, max_resting_uv)

    def over(self, resting_uv: float) -> tuple[float, float]:
        """Return the thresholds of onset and offset over one resting level, µV."""
        if resting_uv > self.max_resting_uv:
            return math.inf, math.inf
        (onset_uv, onset_share), (offset_uv, offset_share) = self.onset, self.offset
        return (
            resting_uv + max(onset_uv, onset_share * resting_uv),
            resting_uv + max(offset_uv, offset_share * resting_uv),
        )

    def above(self, resting_uv: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the thresholds of onset and offset over resting levels, µV."""
        ruled = resting_uv <= self.max_resting_uv
        # No level is infinite, and no share of that is a number.
        level_uv = np.where(ruled, resting_uv, 0.0)
        (onset_uv, onset_share), (offset_uv, offset_share) = self.onset, self.offset
        return (
            np.where(ruled, level_uv + np.maximum(onset_uv, onset_share * level_uv), np.inf),
            np.where(ruled, level_uv + np.maximum(offset_uv, offset_share * level_uv), np.inf),
        )


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
        self._flags = Trace(np.uint16)

    def note(self, track: Track) -> None:
        """Keep the values of one slow track."""
        frame = track.start // track.hop
        values = track.values
        if track.name is TrackName.LINE_RATIO and (track.quality & _TREATED).any():
            # Mains that was taken out is not in what is scored.
            values = np.where((track.quality & _MAINS) == _TREATED, 0.0, values)
        self._traces[track.name].append(frame, values)
        if track.name is TrackName.RESTING_UV:
            self._flags.append(frame, track.quality)

    def resting_at_uv(self, hop: int) -> float:
        """Return the resting level in force during a hop, µV; the next one known where a gap begins inside a hop."""
        trace = self._traces[TrackName.RESTING_UV]
        frame = max(hop // self._grid.hops_per_frame, trace.start)
        return float(trace.between(frame, frame + 1)[0])

    def thresholds_uv(
        self, first_hop: int, n_hops: int, rises: Rises
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the thresholds of onset and offset for every one of consecutive hops, µV."""
        per_frame = self._grid.hops_per_frame
        first, last = first_hop // per_frame, (first_hop + n_hops - 1) // per_frame
        levels = self._traces[TrackName.RESTING_UV].between(first, last + 1)
        flags = self._flags.between(first, last + 1)
        levels = np.where(flags & NOT_COMPARED, np.inf, levels)
        inside = slice(first_hop - first * per_frame, first_hop - first * per_frame + n_hops)
        onset_uv, offset_uv = rises.above(levels)
        return np.repeat(onset_uv, per_frame)[inside], np.repeat(offset_uv, per_frame)[inside]

    def limits_uv(self, hop: int, rises: Rises) -> tuple[float, float]:
        """Return the thresholds of onset and offset in one hop, µV."""
        return rises.over(self.resting_at_uv(hop))

    def flagged(self, run: Run, flag: int) -> bool:
        """Return whether any frame of a run carries a flag."""
        return bool((self._between(self._flags, run) & flag).any())

    def electrode_steps(self, run: Run) -> tuple[Step, ...]:
        """Return a step that did not hold if the electrode was found to be off before a run ended."""
        off = self.flagged(Run(run.onset, run.end + 1), Flag.ELECTRODE_OFF.value)
        return (Step("electrode_off", 1.0, 0.0, held=False),) if off else ()

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
        return self.weighted_ratio(name, run, self.weights(run, power))

    def weights(self, run: Run, power: NDArray[np.float64]) -> list[float]:
        """Return the sum of the power of the hops of a run in each of its frames."""
        per_frame = self._grid.hops_per_frame
        frames = (run.onset + np.arange(len(power))) // per_frame - run.onset // per_frame
        weights: list[float] = np.bincount(frames, power).tolist()
        return weights

    def weighted_ratio(self, name: TrackName, run: Run, weights: Sequence[float]) -> float:
        """Return the mean of a ratio over the frames of a run, of which the weights are known."""
        ratios = self._between(self._traces[name], run).tolist()
        # A part of a frame has no ratio, and a silent one no weight.
        known = [(weight, weight * ratio) for weight, ratio in zip(weights, ratios, strict=False) if ratio >= 0]
        total = math.fsum(weight for weight, _ in known)
        return math.fsum(weighted for _, weighted in known) / total if total > 0 else math.nan

    def median_ratio(self, name: TrackName, run: Run) -> float:
        """Return the median of a ratio over the frames of a run; not a number if no whole frame was measured.

        What happens in a few seconds of a long run does not change it, however loud it is.
        """
        known = [ratio for ratio in self._between(self._traces[name], run).tolist() if ratio >= 0]
        return median(known) if known else math.nan

    def forget_before(self, hop: int) -> None:
        """Drop frames that lie before a hop."""
        for trace in (*self._traces.values(), self._flags):
            trace.forget_before(hop // self._grid.hops_per_frame)

    def _between(self, trace: Trace, run: Run) -> NDArray[Any]:
        per_frame = self._grid.hops_per_frame
        return trace.between(run.onset // per_frame, (run.end - 1) // per_frame + 1)
