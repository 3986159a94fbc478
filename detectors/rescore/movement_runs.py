"""What never changes about the runs of an envelope, however often they are compared with other thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from detectors.emg.features import emg_band
from detectors.emg.leg_movement import ANY_SPOILT, SPOILT, emg_delay_s
from detectors.emg.slow import NOT_COMPARED
from detectors.framing import EMG_HOP_S, grid_of
from detectors.rescore.signal_parts import FrameSearch, signal_parts
from detectors.rules.combined import LegMovement
from detectors.timing import Timing
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.rescore.segments import Segment
    from detectors.rescore.signal_parts import SignalPart
    from detectors.runs import Run

# A night has hundreds of runs; a sweep of many values would otherwise keep all that it ever saw.
_MOST_RUNS: Final = 20_000
_RATIOS: Final = (TrackName.LF_HF_RATIO, TrackName.RISE_RATIO)


class RunFacts(NamedTuple):
    """What decides whether one run is a movement, whatever it is compared with.

    Parameters
    ----------
    times_ns : tuple of int
        Onset and end, UTC ns.
    samples : tuple of int
        The samples under it.
    active_s : float
        Length without the lead, s.
    resting_uv : float
        Resting level at its onset.
    spoilt : tuple of (str, float)
        What is wrong with the signal under it, and in how many hops.
    unsettled : bool
        Whether no level was known long enough at its onset.
    ratios : tuple of float
        Power below the band, and the rise above it, relative to each other; NaN where not known.
    """

    times_ns: tuple[int, int]
    samples: tuple[int, int]
    active_s: float
    resting_uv: float
    spoilt: tuple[tuple[str, float], ...]
    unsettled: bool
    ratios: tuple[float, float]


class RunTold(NamedTuple):
    """What is told of a run that was compared.

    Parameters
    ----------
    measures : dict
        As of a leg movement.
    behind_uv : tuple of float, or None
        Envelope and resting level behind it; None if it lasts to the end of the signal.
    frames : ndarray of int64, shape (n_frames,)
        Its frames.
    highest_uv : ndarray of float64, shape (n_frames,)
        Its highest envelope in each of them, µV.
    """

    measures: dict[str, float]
    behind_uv: tuple[float, float] | None
    frames: NDArray[np.int64]
    highest_uv: NDArray[np.float64]


class MovementRuns:
    """The envelope of one segment, laid out so that its runs are found under any thresholds.

    Parameters
    ----------
    criteria : Criteria
        Band, envelope and lead of ``leg_movement``.
    segment : Segment
        The tracks, all of one phase.
    """

    def __init__(self, criteria: Criteria, segment: Segment) -> None:
        movement, stream = criteria.leg_movement, segment.channel
        self.stream = stream
        self.grid = grid_of(stream.fs_hz, EMG_HOP_S)
        self.band = emg_band(stream.fs_hz, movement)
        delay_s = emg_delay_s(stream.fs_hz, movement.envelope_s, movement)
        self._lead = round(movement.onset_lead_s * stream.fs_hz)
        self._timing = Timing(stream, self.grid.hop, round(delay_s * stream.fs_hz), self._lead)
        self.parts = signal_parts(segment, self.grid, TrackName.ENVELOPE_UV)
        n_frames = max((part.stop for part in self.parts), default=0) // self.grid.hops_per_frame + 1
        self.resting_uv = np.full(n_frames, np.nan)
        self.compared_uv = np.full(n_frames, np.inf)
        for item in segment.items():
            if isinstance(item, Track) and item.name is TrackName.RESTING_UV:
                frames = slice(item.start // item.hop, item.start // item.hop + len(item.values))
                self.resting_uv[frames] = item.values
                self.compared_uv[frames] = np.where(item.quality & NOT_COMPARED, np.inf, item.values)
        self.searches = [FrameSearch(one.first, one.values, self.grid.hops_per_frame) for one in self.parts]
        self._facts: dict[tuple[int, int], RunFacts] = {}
        self._told: dict[tuple[int, int], RunTold] = {}
        self._movements: dict[tuple[int, int], LegMovement] = {}
        self._beside: dict[tuple[int, int, int], float] = {}
        self._seen: tuple[tuple[object, ...], dict[Any, Any]] = (), {}

    def hops(self, seconds: float) -> int:
        """Return a time in hops, one at least."""
        return max(1, round(seconds * self.stream.fs_hz / self.grid.hop))

    def facts(self, part: SignalPart, runs: Sequence[Run]) -> list[RunFacts]:
        """Return what decides about each run of a part; what is not known yet is measured at once."""
        unknown = [run for run in runs if run not in self._facts]
        if len(self._facts) + len(unknown) > _MOST_RUNS:
            self._facts, self._told, self._movements, self._beside = {}, {}, {}, {}
            self._seen = (), {}
            unknown = list(runs)
        if unknown:
            self._facts |= zip(unknown, self._measured(part, unknown), strict=True)
        return [self._facts[run] for run in runs]

    def told(self, part: SignalPart, run: Run) -> RunTold:
        """Return what is told of a run of a part."""
        known = self._told.get(run)
        if known is None:
            known = self._told[run] = self._telling(part, run)
        return known

    def movement(self, run: Run, facts: RunFacts) -> LegMovement:
        """Return a run as a movement."""
        known = self._movements.get(run)
        if known is None:
            known = self._movements[run] = LegMovement(*facts.times_ns, self.stream.leg, self.stream.sensor)
        return known

    def seen(self, *rules: object) -> dict[Any, Any]:
        """Return where to note what becomes of runs under some rules; what was noted under others is forgotten."""
        if self._seen[0] != rules:
            self._seen = rules, {}
        return self._seen[1]

    def envelope(self, part: SignalPart, run: Run) -> NDArray[np.float64]:
        """Return the envelope of a run, µV."""
        return part.values[run.onset - part.first : run.end - part.first]

    def median_uv(self, part: SignalPart, run: Run, width: int) -> float:
        """Return the highest median of hops that lie side by side, `width` at a time, µV."""
        key = (*run, width)
        known = self._beside.get(key)
        if known is None:
            envelope = self.envelope(part, run)
            rank = (width - 1) // 2
            rows = envelope[: len(envelope) - len(envelope) % width].reshape(-1, width)
            known = self._beside[key] = float(np.partition(rows, rank, axis=1)[:, rank].max())
        return known

    def _measured(self, part: SignalPart, runs: Sequence[Run]) -> Iterator[RunFacts]:
        """Yield what decides about runs, of all of which the samples are looked at together."""
        flags = [part.flags[run.onset - part.first : min(run.end + 1, part.stop) - part.first] for run in runs]
        begins = np.cumsum([0, *map(len, flags[:-1])])
        united = np.bitwise_or.reduceat(np.concatenate(flags), begins) & ANY_SPOILT
        rules = [_spoiling(under) if any_flag else () for under, any_flag in zip(flags, united.tolist(), strict=True)]
        for run, spoilt, under, weights in zip(runs, rules, flags, self._weights(part, runs), strict=True):
            onset, end = self._timing.span(run, part.signal_first, part.stop)
            times_ns = self._timing.times_ns(part.clock, onset, end)
            lf_hf, rise = (part.slow.weighted_ratio(name, run, weights) for name in _RATIOS)
            yield RunFacts(
                times_ns,
                (part.clock.index_at(times_ns[0]), part.clock.index_at(times_ns[1])),
                (end - onset - self._lead) / self.stream.fs_hz,
                part.slow.resting_at_uv(run.onset),
                spoilt,
                bool(under[0] & Flag.UNSETTLED.value),
                (lf_hf, rise),
            )

    def _weights(self, part: SignalPart, runs: Sequence[Run]) -> Iterator[list[float]]:
        """Yield the power of each run in each of its frames."""
        places, per_frame = np.array(runs, np.int64), self.grid.hops_per_frame
        onset, end = places[:, 0], places[:, 1]
        first, last = onset // per_frame, (end - 1) // per_frame
        lengths, n_frames = end - onset, last - first + 1
        before, frames_before = lengths.cumsum() - lengths, n_frames.cumsum() - n_frames
        hops = np.arange(int(lengths.sum())) + np.repeat(onset - before, lengths)
        envelope = part.values[hops - part.first]
        frames = hops // per_frame + np.repeat(frames_before - first, lengths)
        weights = np.bincount(frames, envelope * envelope).tolist()
        for begin, n in zip(frames_before.tolist(), n_frames.tolist(), strict=True):
            yield weights[begin : begin + n]

    def _telling(self, part: SignalPart, run: Run) -> RunTold:
        envelope, per_frame = self.envelope(part, run), self.grid.hops_per_frame
        onset, end = self._timing.span(run, part.signal_first, part.stop)
        frames = np.arange(run.onset // per_frame, (run.end - 1) // per_frame + 1)
        return RunTold(
            {
                "duration_s": (end - onset) / self.stream.fs_hz,
                "peak_uv": float(envelope.max()),
                "mean_uv": float(envelope.mean()),
                "area_uv_s": float(envelope.sum()) * self.grid.hop / self.stream.fs_hz,
                "resting_uv": part.slow.resting_at_uv(run.onset),
                "band_low_hz": self.band[0],
                "band_high_hz": self.band[1],
            },
            None
            if run.end >= part.stop
            else (float(part.values[run.end - part.first]), part.slow.resting_at_uv(run.end)),
            frames,
            np.maximum.reduceat(envelope, np.maximum(frames * per_frame - run.onset, 0)),
        )


def _spoiling(flags: NDArray[np.uint16]) -> tuple[tuple[str, float], ...]:
    """Return what is wrong with the signal, and in how many hops."""
    return tuple((rule, float(np.count_nonzero(flags & flag))) for rule, flag in SPOILT.items() if (flags & flag).any())
