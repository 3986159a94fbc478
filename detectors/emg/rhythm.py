"""Trains of rhythmic bursts in the EMG of one muscle (science.md 1.7)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from detectors.emg.bursts import Burst, Shape, chains, find_bursts, joined, max_cv, regularity
from detectors.emg.contraction import Contraction
from detectors.emg.cramp_rules import under_an_artefact
from detectors.emg.features import emg_band
from detectors.emg.leg_movement import emg_delay_s
from detectors.emg.pieces import FramePiece, PieceFinder
from detectors.emg.slow import NOT_COMPARED, SLOW, Rises, SlowTracks
from detectors.events import Event, EventKind, EventQuality, Step, holds
from detectors.framing import EMG_HOP_S, grid_of
from detectors.runs import Run, Trace
from detectors.signal import Gap
from detectors.timing import Timing
from detectors.track import Track, TrackName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.criteria import Criteria
    from detectors.signal import Clock, Stream

_READ = frozenset({*SLOW, TrackName.POWER_UV2, TrackName.ENVELOPE_UV})
_RATIOS = {"lf_hf": TrackName.LF_HF_RATIO, "rise_ratio": TrackName.RISE_RATIO}


class RhythmDetector:
    """Find trains of bursts at 0.3 to 4 Hz, so that they need not be counted as so many leg movements.

    Parameters
    ----------
    stream : Stream
        One channel of EMG.
    criteria : Criteria
        ``rhythm``, and band and artefact of ``leg_movement``.

    Notes
    -----
    Reads ``resting_uv``, ``lf_hf_ratio``, ``power_uv2`` and ``envelope_uv``. Only seconds in which the
    envelope rises, and what lies within one interval of them, are looked at for bursts. Measures:
    ``duration_s``, ``rate_hz``, ``n_bursts``, ``burst_s`` (median), ``regularity`` (coefficient of
    variation of the intervals), ``anchor_s`` (from the event's onset to the burst nearest its
    middle, which tells left from right), ``peak_uv``, ``peak_cv`` (how much the bursts' heights
    scatter), ``resting_uv``, ``lf_hf`` and ``rise_ratio`` where they could be measured,
    ``band_low_hz``, ``band_high_hz``, and what the train could be by the length of its bursts:
    ``hft`` 1 for a hypnagogic foot tremor, ``hflm`` 1 for high-frequency leg movements.
    Alternation of both legs is for where legs meet.
    """

    def __init__(self, stream: Stream, criteria: Criteria) -> None:
        self._stream = stream
        self._criteria = criteria.rhythm
        self._min_rise_ratio = criteria.leg_movement.min_rise_ratio
        self._grid = grid_of(stream.fs_hz, EMG_HOP_S)
        self._hop_hz = stream.fs_hz / self._grid.hop
        self._band = emg_band(stream.fs_hz, criteria.leg_movement)
        self._rises = Rises.of(self._criteria, criteria.leg_movement.max_resting_uv)
        filter_delay = round(emg_delay_s(stream.fs_hz, 0.0, criteria.leg_movement) * stream.fs_hz)
        self._timing = Timing(stream, self._grid.hop, filter_delay + self._grid.hop)
        frame_s = self._grid.frame / stream.fs_hz
        quiet = math.ceil(self._criteria.max_interval_s / frame_s) + 1
        self._finder = PieceFinder(quiet, round(self._criteria.longest_s / frame_s))
        self._quiet = quiet * self._grid.hops_per_frame
        # Windows are centred: at the first hop of a stretch they reach back over half of their width.
        self._reach = max(1, round(max(self._criteria.window_s, self._criteria.level_s) * self._hop_hz))
        self._slow = SlowTracks(self._grid)
        self._resting_uv, self._power = Trace(), Trace()
        self._rejected: list[Event] = []
        self._first = self._stop = 0
        self._clock: Clock | None = None

    @property
    def settled(self) -> int:
        """Sample index before which no later event will begin."""
        return self._timing.sample(max(self._needed_from() - 1, 0))

    def feed(self, item: Track | Gap) -> list[Event]:
        """Take one track, or a gap.

        Parameters
        ----------
        item : Track or Gap
            In the order in which the features give them.

        Returns
        -------
        list of Event
            Trains that are over, or that are as long as one event may be.
        """
        if isinstance(item, Gap):
            return self._events(self._finder.close(), EventQuality.LOW)
        if item.name not in _READ:
            return []
        events: list[Event] = []
        if item.start > self._stop * self._grid.hop:
            events = self._events(self._finder.close(), EventQuality.LOW)
        if item.name in SLOW:
            self._slow.note(item)
            if item.name is TrackName.RESTING_UV:
                ruled = (item.quality & NOT_COMPARED) == 0
                self._resting_uv.append(item.start // item.hop, np.where(ruled, item.values, np.inf))
        elif item.name is TrackName.POWER_UV2:
            self._power.append(item.start // item.hop, item.values)
        elif item.name is TrackName.ENVELOPE_UV and len(item.values):
            events += self._found(item)
        return events

    def finish(self) -> list[Event]:
        """Return the train that was still open; it ends with the signal."""
        return self._events(self._finder.close(), EventQuality.GOOD)

    def rejected(self) -> list[Event]:
        """Return the chains of bursts that a rule turned down since the last call, and forget them."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def _found(self, track: Track) -> list[Event]:
        first = track.start // track.hop
        if first != self._stop:
            self._first = first
        self._stop, self._clock = first + len(track.values), track.clock
        per_frame = self._grid.hops_per_frame
        whole = first % per_frame == 0 and len(track.values) % per_frame == 0
        highest_uv = track.values.reshape(-1, per_frame if whole else len(track.values)).max(axis=1)
        frame = first // per_frame
        onset_uv, _ = self._rises.above(self._resting_uv.between(frame, frame + len(highest_uv)))
        above = highest_uv > onset_uv
        events = self._events(self._finder.feed(above, frame), EventQuality.GOOD)
        keep = self._needed_from() - self._reach
        for trace in (self._power, self._slow):
            trace.forget_before(keep)
        self._resting_uv.forget_before(keep // per_frame)
        return events

    def _needed_from(self) -> int:
        """Return the first hop that a later event may need: one frame before the next stretch."""
        frame = self._stop // self._grid.hops_per_frame if self._finder.onset is None else self._finder.onset
        return max((frame - 1) * self._grid.hops_per_frame, self._first)

    def _events(self, stretches: Iterable[FramePiece], quality: EventQuality) -> list[Event]:
        """Return the trains in stretches of frames; a burst may reach into the frames before and after."""
        events: list[Event] = []
        per_frame = self._grid.hops_per_frame
        for stretch in stretches:
            start, stop = (stretch.onset - stretch.is_first) * per_frame, (stretch.end + stretch.is_last) * per_frame
            run = Run(max(start, self._first), min(stop, self._stop))
            # As far as it is known however the stream was cut: of a long block there would be more.
            power = self._power.part(start - self._reach, stretch.end * per_frame + self._quiet)
            events += self._trains(Contraction(power, run, self._hop_hz), quality)
        return events

    def _trains(self, stretch: Contraction, quality: EventQuality) -> list[Event]:
        """Return the trains in consecutive hops."""
        run = stretch.run
        resting_uv = self._slow.resting_at_uv(run.onset)
        limits_uv = self._slow.limits_uv(run.onset, self._rises)
        shape = Shape(stretch.rms(self._criteria.window_s), stretch.rms(self._criteria.level_s))
        bursts = find_bursts(shape, limits_uv, self._hop_hz, self._criteria)
        trains: list[list[Burst]] = []
        for chain in chains(bursts, self._hop_hz, self._criteria):
            shared = bool(trains) and chain[0] is trains[-1][-1]
            own = chain[1:] if shared else chain
            if len(own) < self._criteria.min_bursts:
                continue
            event = self._judged(own, run, quality, resting_uv)
            if holds(event.why):
                trains.append(own)
            else:
                self._rejected.append(event)
        whole = joined(trains, self._hop_hz, self._criteria)
        return [self._judged(train, run, quality, resting_uv) for train in whole]

    def _judged(self, chain: list[Burst], stretch: Run, quality: EventQuality, resting_uv: float) -> Event:
        """Measure a chain and compare it with every rule."""
        criteria = self._criteria
        run = Run(stretch.onset + chain[0].onset, stretch.onset + chain[-1].end)
        onset, end = self._timing.span(run, self._first, self._stop)
        onsets = np.array([burst.onset for burst in chain])
        middle = (chain[0].onset + chain[-1].onset) / 2
        burst_s = float(np.median([burst.end - burst.onset for burst in chain])) / self._hop_hz
        power, peaks_uv = self._power.between(*run), np.array([burst.peak_uv for burst in chain])
        ratios = {name: self._slow.mean_ratio(track, run, power) for name, track in _RATIOS.items()}
        measures = {
            "duration_s": (end - onset) / self._stream.fs_hz,
            "rate_hz": self._hop_hz / float(np.median(np.diff(onsets))),
            "n_bursts": float(len(chain)),
            "burst_s": burst_s,
            "regularity": regularity(chain),
            "anchor_s": float(onsets[np.argmin(np.abs(onsets - middle))] - onsets[0]) / self._hop_hz,
            "peak_uv": float(peaks_uv.max()),
            "peak_cv": float(peaks_uv.std() / peaks_uv.mean()),
            "resting_uv": resting_uv,
            "hft": float(burst_s >= criteria.tremor_burst_s),
            "hflm": float(burst_s >= criteria.movement_burst_s),
            "band_low_hz": self._band[0],
            "band_high_hz": self._band[1],
        } | {name: ratio for name, ratio in ratios.items() if not math.isnan(ratio)}
        why = self._steps(measures)
        clock = self._clock
        if clock is None:
            msg = f"{self._stream.sensor}: a train before the first track"
            raise ValueError(msg)
        times_ns = self._timing.times_ns(clock, onset, end)
        kind = EventKind.RHYTHMIC_TRAIN
        return Event(kind, self._stream.sensor, self._stream.leg, *times_ns, measures, quality, why)

    def _steps(self, measures: dict[str, float]) -> tuple[Step, ...]:
        criteria = self._criteria
        few = measures["n_bursts"] <= criteria.few_bursts
        limit = max_cv(measures["n_bursts"], criteria)
        scatter = measures["regularity"]
        steps = [
            Step("min_bursts", measures["n_bursts"], criteria.min_bursts, held=True),
            Step("max_cv_few" if few else "max_cv", scatter, limit, scatter <= limit),
        ]
        if measures["burst_s"] < criteria.heart_burst_s:
            steps.append(
                Step("heart_cv", measures["peak_cv"], criteria.heart_cv, measures["peak_cv"] >= criteria.heart_cv)
            )
        if "lf_hf" in measures:
            lf_hf, rise = measures["lf_hf"], measures.get("rise_ratio", 0.0)
            clean = Step("max_lf_hf", lf_hf, criteria.max_lf_hf, lf_hf <= criteria.max_lf_hf)
            # Where the leg shook the cable as well, there may be muscle above the band of that.
            steps += under_an_artefact((clean,), rise, self._min_rise_ratio)
        return tuple(steps)
