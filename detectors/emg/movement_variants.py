"""Leg movements of one channel under many thresholds: `EmgLegMovementDetector` on many stretches at once.

The detector explains each movement, which costs half a millisecond; here only the decision is made.
A test holds the two against each other, threshold by threshold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from detectors.annotations import Span
from detectors.emg.active_stretches import ActiveStretches
from detectors.emg.leg_movement import ANY_SPOILT, emg_delay_s
from detectors.emg.slow import NOT_COMPARED, Rises
from detectors.framing import EMG_HOP_S, grid_of
from detectors.runs import Run, RunFinder
from detectors.timing import Timing
from detectors.track import TrackName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from detectors.emg.active_stretches import Stretch
    from detectors.emg.criteria import LegMovementCriteria
    from detectors.signal import Clock, Gap, Stream
    from detectors.track import Track

# Above any level at which rules of amplitude apply.
_TOO_HIGH_UV: Final = 1e9
_RATIOS: Final = (TrackName.LF_HF_RATIO, TrackName.RISE_RATIO)
# Active hops that are looked at together, about five minutes: rows of them fit a cache.
TOGETHER: Final = 1 << 15


class _Candidates(NamedTuple):
    """Runs between one pair of thresholds: their places in the row of hops, and their samples, shape (n, 2)."""

    onset: NDArray[np.int64]
    end: NDArray[np.int64]
    samples: NDArray[np.int64]


class MovementVariants:
    """Find the movements of a channel under many thresholds, as its tracks come.

    Parameters
    ----------
    stream : Stream
        One channel of EMG.
    criteria : sequence of LegMovementCriteria
        The thresholds, first those that the others were varied from; band and envelope do not vary.
    share : float
        Thresholds and times are lower or longer than the first ones by at most this share.
    most_s : float
        With more activity than this nothing is found, s.

    Notes
    -----
    Of the signal some minutes of activity are kept, of the night the movements alone.
    """

    def __init__(self, stream: Stream, criteria: Sequence[LegMovementCriteria], share: float, most_s: float) -> None:
        base = criteria[0]
        self.stream = stream
        self._active = ActiveStretches(stream, base, share, most_s)
        self._max_resting_uv = base.max_resting_uv
        delay_s = emg_delay_s(stream.fs_hz, base.envelope_s, base)
        lead, hop = round(base.onset_lead_s * stream.fs_hz), grid_of(stream.fs_hz, EMG_HOP_S).hop
        self._timing = Timing(stream, hop, round(delay_s * stream.fs_hz), lead)
        self._found: dict[LegMovementCriteria, list[NDArray[np.int64]]] = {one: [] for one in criteria}
        self._spans: dict[tuple[int, int], Span] = {}

    @property
    def overfull(self) -> bool:
        """Whether there was more activity than is looked at."""
        return self._active.overfull

    @property
    def n_waiting(self) -> int:
        """Hops of the stretches that have ended and were not looked at yet."""
        return self._active.n_waiting

    def feed(self, item: Track | Gap) -> None:
        """Take one track, or a gap, in the order in which the features give them."""
        self._active.feed(item)
        if self.n_waiting >= TOGETHER:
            self._search()

    def close(self) -> None:
        """End the stretch that is open; the signal does."""
        self._active.close()
        self._search()

    def movements(self, criteria: LegMovementCriteria) -> tuple[Span, ...]:
        """Return the movements under some thresholds; call after :meth:`close`.

        Parameters
        ----------
        criteria : LegMovementCriteria
            One of those of the constructor.

        Returns
        -------
        tuple of Span
            UTC, ns, by onset.
        """
        clock = self._active.clock
        if clock is None:
            return ()
        return tuple(self._span(clock, onset, end) for part in self._found[criteria] for onset, end in part.tolist())

    def _span(self, clock: Clock, onset: int, end: int) -> Span:
        samples = onset, end
        if samples not in self._spans:
            self._spans[samples] = Span(*self._timing.times_ns(clock, *samples))
        return self._spans[samples]

    def _search(self) -> None:
        """Look for movements in the stretches that have ended, and forget their signal."""
        stretches = self._active.taken()
        if not stretches:
            return
        laid = _Laid(stretches, self._timing, self._active.longest_quiet, self._max_resting_uv)
        for criteria, found in self._found.items():
            found.append(laid.movements(criteria))


class _Laid:
    """Stretches laid in a row.

    Parameters
    ----------
    stretches : sequence of Stretch
        At least one.
    timing : Timing
        From hops to samples.
    longest_quiet : int
        Hops of rest that end any movement.
    max_resting_uv : float
        Level above which nothing is compared, µV.
    """

    def __init__(self, stretches: Sequence[Stretch], timing: Timing, longest_quiet: int, max_resting_uv: float) -> None:
        self._kept, self._timing = stretches, timing
        self._grid = grid_of(timing.stream.fs_hz, EMG_HOP_S)
        # Rest between the stretches, long enough to end whatever is open at the end of one.
        lengths = np.array([len(one.envelope) + longest_quiet + 1 for one in stretches], np.int64)
        self._starts = np.concatenate(([0], np.cumsum(lengths)))
        self._envelope = self._laid([one.envelope for one in stretches], -1.0)
        self._spoilt = _summed(self._laid([(one.flags & ANY_SPOILT) != 0 for one in stretches], 0.0))
        self._level = self._laid([self._levels(one) for one in stretches], _TOO_HIGH_UV)
        self._weights = {name: self._weighed(name) for name in _RATIOS}
        self._highest_uv = float(self._level[self._level <= max_resting_uv].max(initial=0.0))
        self._known: dict[tuple[Rises, int], _Candidates] = {}

    def movements(self, criteria: LegMovementCriteria) -> NDArray[np.int64]:
        """Return the samples ``[onset, end)`` of the movements under some thresholds, shape (n, 2)."""
        found = self._candidates(criteria)
        return found.samples[self._held(found, criteria)] if len(found.onset) else found.samples

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
        samples = [
            self._timing.span(self._hop(run, number), *self._kept[number].signal)
            for run, number in zip(runs, stretch.tolist(), strict=True)
        ]
        return _Candidates(places[:, 0], places[:, 1], np.array(samples, np.int64).reshape(-1, 2))

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
        lengths = found.samples[:, 1] - found.samples[:, 0] - self._timing.lead
        held: NDArray[np.bool_] = lengths / self._timing.stream.fs_hz >= criteria.min_s
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
        levels = np.where(one.frame_flags & NOT_COMPARED, _TOO_HIGH_UV, one.slow[TrackName.RESTING_UV])
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
        return max(1, round(seconds * self._timing.stream.fs_hz / self._grid.hop))


def _summed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate(([0.0], np.cumsum(values)))
