"""Leg movements of one channel under many thresholds: `EmgLegMovementDetector` on all stretches at once.

The detector explains each movement, which costs half a millisecond; here only the decision is made.
A test holds the two against each other, threshold by threshold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from detectors.annotations import Span
from detectors.emg.leg_movement import emg_delay_s
from detectors.emg.slow import Rises
from detectors.framing import EMG_HOP_S, grid_of
from detectors.runs import Run, RunFinder
from detectors.timing import Timing
from detectors.track import Flag, TrackName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.emg.active_stretches import ActiveStretches, Stretch
    from detectors.emg.criteria import LegMovementCriteria
    from detectors.signal import Clock

_NOT_COMPARED: Final = int(Flag.ELECTRODE_OFF | Flag.UNSETTLED)
_SPOILT: Final = int(Flag.SATURATED | Flag.ELECTRODE_OFF | Flag.LINE)
# Above any level at which rules of amplitude apply.
_TOO_HIGH_UV: Final = 1e9
_RATIOS: Final = (TrackName.LF_HF_RATIO, TrackName.RISE_RATIO)


class _Candidates(NamedTuple):
    """Runs between one pair of thresholds: their places in the row of hops, and their samples ``[onset, end)``."""

    onset: NDArray[np.int64]
    end: NDArray[np.int64]
    samples: tuple[tuple[int, int], ...]


class MovementVariants:
    """Find the movements in the active stretches of a channel, under any thresholds.

    Parameters
    ----------
    active : ActiveStretches
        The stretches; the channel has ended.
    criteria : LegMovementCriteria
        Band and envelope, which do not vary.
    """

    def __init__(self, active: ActiveStretches, criteria: LegMovementCriteria) -> None:
        stream = active.stream
        self._stream, self._clock, self._kept = stream, active.clock, active.kept
        self._grid = grid_of(stream.fs_hz, EMG_HOP_S)
        delay_s = emg_delay_s(stream.fs_hz, criteria.envelope_s, criteria)
        self._lead = round(criteria.onset_lead_s * stream.fs_hz)
        self._timing = Timing(stream, self._grid.hop, round(delay_s * stream.fs_hz), self._lead)
        # Rest between the stretches, long enough to end whatever is open at the end of one.
        self._rest = active.longest_quiet + 1
        lengths = np.array([len(one.envelope) + self._rest for one in active.kept], np.int64)
        self._starts = np.concatenate(([0], np.cumsum(lengths)))
        self._envelope = self._laid([one.envelope for one in active.kept], -1.0)
        self._spoilt = _summed(self._laid([(one.flags & _SPOILT) != 0 for one in active.kept], 0.0))
        self._level = self._laid([self._levels(one) for one in active.kept], _TOO_HIGH_UV)
        self._weights = {name: self._weighed(name) for name in _RATIOS}
        compared_uv = self._level[self._level <= criteria.max_resting_uv]
        self._highest_uv = float(compared_uv.max(initial=0.0))
        self._spans: dict[tuple[int, int], Span] = {}
        self._known: dict[tuple[Rises, int], _Candidates] = {}

    def movements(self, criteria: LegMovementCriteria) -> tuple[Span, ...]:
        """Return the movements under some thresholds.

        Parameters
        ----------
        criteria : LegMovementCriteria
            The thresholds; band and envelope are those of the constructor.

        Returns
        -------
        tuple of Span
            UTC, ns, by onset.
        """
        if not self._kept or self._clock is None:
            return ()
        found = self._candidates(criteria)
        if not len(found.onset):
            return ()
        held = zip(found.samples, self._held(found, criteria).tolist(), strict=True)
        return tuple(self._span(samples, self._clock) for samples, holds in held if holds)

    def _span(self, samples: tuple[int, int], clock: Clock) -> Span:
        if samples not in self._spans:
            self._spans[samples] = Span(*self._timing.times_ns(clock, *samples))
        return self._spans[samples]

    def _candidates(self, criteria: LegMovementCriteria) -> _Candidates:
        """Return the runs between the thresholds; the same ones are looked up only once."""
        key = (self._rises(criteria), self._hops(criteria.quiet_s))
        if key not in self._known:
            self._known[key] = self._found(*key)
        return self._known[key]

    def _found(self, rises: Rises, quiet: int) -> _Candidates:
        onset_uv, offset_uv = rises.above(self._level)
        finder = RunFinder(quiet)
        runs = finder.feed(self._envelope > onset_uv, self._envelope > offset_uv, 0) + finder.close()
        places = np.array(runs, np.int64).reshape(-1, 2)
        stretch = np.searchsorted(self._starts, places[:, 0], side="right") - 1
        samples = (
            self._timing.span(self._hop(run, number), *self._kept[number].signal)
            for run, number in zip(runs, stretch.tolist(), strict=True)
        )
        return _Candidates(places[:, 0], places[:, 1], tuple(samples))

    def _rises(self, criteria: LegMovementCriteria) -> Rises:
        """Return the thresholds; a share of the level that is nowhere the larger term is left out."""
        onset, offset = (
            (rise_uv, share if share * self._highest_uv > rise_uv else 0.0)
            for rise_uv, share in (
                (criteria.onset_uv, criteria.onset_ratio),
                (criteria.offset_uv, criteria.offset_ratio),
            )
        )
        return Rises(onset, offset, criteria.max_resting_uv)

    def _hop(self, run: Run, number: int) -> Run:
        """Return a run in hops of the stream."""
        offset = self._kept[number].first - int(self._starts[number])
        return Run(run.onset + offset, run.end + offset)

    def _held(self, found: _Candidates, criteria: LegMovementCriteria) -> NDArray[np.bool_]:
        """Return which candidates are movements by the rules that need the whole of one."""
        samples = np.array(found.samples, np.int64)
        held: NDArray[np.bool_] = (samples[:, 1] - samples[:, 0] - self._lead) / self._stream.fs_hz >= criteria.min_s
        held &= self._spoilt[found.end + 1] == self._spoilt[found.onset]
        lf_hf, rise = (self._mean_ratio(name, found) for name in _RATIOS)
        held &= np.isnan(lf_hf) | (lf_hf <= criteria.max_lf_hf) | (rise >= criteria.min_rise_ratio)
        return held & self._shaped(found, criteria)

    def _mean_ratio(self, name: TrackName, found: _Candidates) -> NDArray[np.float64]:
        weight, weighted = (sums[found.end] - sums[found.onset] for sums in self._weights[name])
        mean: NDArray[np.float64] = np.divide(weighted, weight, out=np.full(len(weight), np.nan), where=weight > 0)
        return mean

    def _shaped(self, found: _Candidates, criteria: LegMovementCriteria) -> NDArray[np.bool_]:
        """Return which candidates have a stretch whose median lies above the offset threshold at their onset."""
        _, offset_uv = self._rises(criteria).above(self._level[found.onset])
        lengths = found.end - found.onset
        firsts = np.cumsum(lengths) - lengths
        inside = np.arange(int(lengths.sum())) - np.repeat(firsts, lengths)
        hops = inside + np.repeat(found.onset, lengths)
        above = np.concatenate(([0], np.cumsum(self._envelope[hops] > np.repeat(offset_uv, lengths))))
        width = np.minimum(self._hops(criteria.morphology_s), lengths)
        # A median lies above a limit if more of the values do than the median leaves above itself.
        enough = width - (width - 1) // 2
        begins = np.flatnonzero(inside <= np.repeat(lengths - width, lengths))
        whose = np.repeat(np.arange(len(lengths)), lengths)[begins]
        full = above[begins + width[whose]] - above[begins] >= enough[whose]
        return np.bincount(whose[full], minlength=len(lengths)) > 0

    def _weighed(self, name: TrackName) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return running sums of power where a ratio is known, and of power times the ratio."""
        ratios = self._laid([self._per_hop(one, one.slow[name]) for one in self._kept], np.nan)
        known = ratios >= 0
        power = np.where(known, self._envelope * self._envelope, 0.0)
        return _summed(power), _summed(power * np.where(known, ratios, 0.0))

    def _levels(self, one: Stretch) -> NDArray[np.float64]:
        """Return the resting level of each hop, and one that is too high where nothing is compared."""
        levels = np.where(one.frame_flags & _NOT_COMPARED, _TOO_HIGH_UV, one.slow[TrackName.RESTING_UV])
        return self._per_hop(one, levels)

    def _per_hop(self, one: Stretch, values: NDArray[np.float64]) -> NDArray[np.float64]:
        per_frame = self._grid.hops_per_frame
        begin = one.first - one.frame * per_frame
        return np.repeat(values, per_frame)[begin : begin + len(one.envelope)]

    def _laid(self, parts: Sequence[NDArray[Any]], rest: float) -> NDArray[np.float64]:
        """Lay stretches in a row, with rest behind each."""
        row = np.full(int(self._starts[-1]), rest)
        for part, start in zip(parts, self._starts.tolist(), strict=False):
            row[start : start + len(part)] = part
        return row

    def _hops(self, seconds: float) -> int:
        return max(1, round(seconds * self._stream.fs_hz / self._grid.hop))


def _summed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate(([0.0], np.cumsum(values)))
