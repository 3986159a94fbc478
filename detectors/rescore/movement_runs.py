"""What never changes about the runs of an envelope, however often they are compared with other thresholds."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from detectors.emg.features import emg_band
from detectors.emg.leg_movement import SPOILT, emg_delay_s
from detectors.emg.slow import NOT_COMPARED, SLOW, SlowTracks
from detectors.framing import EMG_HOP_S, grid_of
from detectors.signal import Gap
from detectors.timing import Timing
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.rescore.segments import Segment
    from detectors.runs import Run
    from detectors.signal import Clock

# A night has hundreds of runs; a sweep of many values would otherwise keep all that it ever saw.
_MOST_RUNS: Final = 20_000


class SignalPart(NamedTuple):
    """Consecutive hops without a gap.

    Parameters
    ----------
    first, stop : int
        Hops ``[first, stop)``, counted from sample 0.
    signal_first : int
        First hop of the signal that an onset is not moved back beyond.
    broken : bool
        Whether a gap ends it, and not the segment.
    envelope : ndarray of float64, shape (n_hops,)
        The envelope, µV.
    flags : ndarray of uint16, shape (n_hops,)
        Flags of the hops.
    highest_uv : ndarray of float64, shape (n_frames,)
        Highest envelope of each frame, the first of which is the one that `first` lies in.
    clock : Clock
        In force at its end.
    slow : SlowTracks
        Level and ratios of its frames.
    """

    first: int
    stop: int
    signal_first: int
    broken: bool
    envelope: NDArray[np.float64]
    flags: NDArray[np.uint16]
    highest_uv: NDArray[np.float64]
    clock: Clock
    slow: SlowTracks


class RunFacts(NamedTuple):
    """What is measured of one run, whatever it is compared with.

    Parameters
    ----------
    times_ns : tuple of int
        Onset and end, UTC ns.
    samples : tuple of int
        The samples under it.
    active_s : float
        Length without the lead, s.
    measures : dict
        As of a leg movement.
    behind_uv : tuple of float, or None
        Envelope and resting level behind it; None if it lasts to the end of the signal.
    spoilt : tuple of (str, float)
        What is wrong with the signal under it, and in how many hops.
    unsettled : bool
        Whether no level was known long enough at its onset.
    ratios : tuple of float
        Power below the band, and the rise above it, relative to each other; NaN where not known.
    frames : ndarray of int64, shape (n_frames,)
        Its frames.
    highest_uv : ndarray of float64, shape (n_frames,)
        Its highest envelope in each of them, µV.
    """

    times_ns: tuple[int, int]
    samples: tuple[int, int]
    active_s: float
    measures: dict[str, float]
    behind_uv: tuple[float, float] | None
    spoilt: tuple[tuple[str, float], ...]
    unsettled: bool
    ratios: tuple[float, float]
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
        self.parts: list[SignalPart] = []
        self._lay(segment)
        n_frames = max((part.stop for part in self.parts), default=0) // self.grid.hops_per_frame + 1
        self.resting_uv = np.full(n_frames, np.nan)
        self.compared_uv = np.full(n_frames, np.inf)
        for item in segment.items():
            if isinstance(item, Track) and item.name is TrackName.RESTING_UV:
                frames = slice(item.start // item.hop, item.start // item.hop + len(item.values))
                self.resting_uv[frames] = item.values
                self.compared_uv[frames] = np.where(item.quality & NOT_COMPARED, np.inf, item.values)
        self._facts: dict[tuple[int, int], RunFacts] = {}
        self._beside: dict[tuple[int, int, int], float] = {}

    def facts(self, part: SignalPart, run: Run) -> RunFacts:
        """Return what is measured of a run of a part."""
        known = self._facts.get(run)
        if known is None:
            if len(self._facts) >= _MOST_RUNS:
                self._facts, self._beside = {}, {}
            known = self._facts[run] = self._measured(part, run)
        return known

    def envelope(self, part: SignalPart, run: Run) -> NDArray[np.float64]:
        """Return the envelope of a run, µV."""
        return part.envelope[run.onset - part.first : run.end - part.first]

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

    def _measured(self, part: SignalPart, run: Run) -> RunFacts:
        onset, end = self._timing.span(run, part.signal_first, part.stop)
        envelope, per_frame = self.envelope(part, run), self.grid.hops_per_frame
        power, fs_hz = envelope * envelope, self.stream.fs_hz
        flags = part.flags[run.onset - part.first : min(run.end + 1, part.stop) - part.first]
        first = run.onset // per_frame
        frames = np.arange(first, (run.end - 1) // per_frame + 1)
        times_ns = self._timing.times_ns(part.clock, onset, end)
        lf_hf, rise = (part.slow.mean_ratio(name, run, power) for name in (TrackName.LF_HF_RATIO, TrackName.RISE_RATIO))
        return RunFacts(
            times_ns,
            (part.clock.index_at(times_ns[0]), part.clock.index_at(times_ns[1])),
            (end - onset - self._lead) / fs_hz,
            {
                "duration_s": (end - onset) / fs_hz,
                "peak_uv": float(envelope.max()),
                "mean_uv": float(envelope.mean()),
                "area_uv_s": float(envelope.sum()) * self.grid.hop / fs_hz,
                "resting_uv": part.slow.resting_at_uv(run.onset),
                "band_low_hz": self.band[0],
                "band_high_hz": self.band[1],
            },
            None
            if run.end >= part.stop
            else (float(part.envelope[run.end - part.first]), part.slow.resting_at_uv(run.end)),
            tuple(
                (rule, float(np.count_nonzero(flags & flag))) for rule, flag in SPOILT.items() if (flags & flag).any()
            ),
            bool(flags[0] & Flag.UNSETTLED.value),
            (lf_hf, rise),
            frames,
            np.maximum.reduceat(envelope, np.maximum(frames * per_frame - run.onset, 0)),
        )

    def _lay(self, segment: Segment) -> None:
        """Find the parts between gaps, and note the slow tracks."""
        waiting: list[Track] = []
        slow, slow_stop = SlowTracks(self.grid), 0
        stop = signal_first = 0
        for item in segment.items():
            if isinstance(item, Gap) or (item.name in {*SLOW, TrackName.ENVELOPE_UV} and item.start > stop):
                self._end(waiting, slow, signal_first, broken=True)
                waiting = []
            if isinstance(item, Gap):
                continue
            if item.name in SLOW:
                if item.name is TrackName.RESTING_UV:
                    # What is known of frames before a hole is forgotten behind it, and asked for before it.
                    slow, slow_stop = (slow if item.start == slow_stop else SlowTracks(self.grid)), item.stop
                slow.note(item)
            elif item.name is TrackName.ENVELOPE_UV and len(item.values):
                signal_first = signal_first if item.start == stop else item.start // item.hop
                stop = item.stop
                waiting.append(item)
        self._end(waiting, slow, signal_first, broken=False)

    def _end(self, tracks: list[Track], slow: SlowTracks, signal_first: int, *, broken: bool) -> None:
        if not tracks:
            return
        first = tracks[0].start // self.grid.hop
        envelope = _whole([track.values for track in tracks])
        edges = np.arange(-(first % self.grid.hops_per_frame), len(envelope), self.grid.hops_per_frame)
        highest_uv = np.maximum.reduceat(envelope, np.maximum(edges, 0))
        flags = _whole([track.quality for track in tracks])
        part = (first, first + len(envelope), signal_first, broken)
        self.parts.append(SignalPart(*part, envelope, flags, highest_uv, tracks[-1].clock, slow))


def _whole(parts: list[NDArray[Any]]) -> NDArray[Any]:
    """Return parts that follow each other as one array, without a copy where they are parts of one."""
    first = parts[0]
    follows = all(
        later.base is first.base and earlier.ctypes.data + earlier.nbytes == later.ctypes.data
        for earlier, later in pairwise(parts)
    )
    if first.base is None or not follows:
        return np.concatenate(parts)
    return np.lib.stride_tricks.as_strided(first, (sum(map(len, parts)),), writeable=False)
