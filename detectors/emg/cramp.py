"""Cramp-like sustained contractions in the EMG of one muscle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from detectors.emg import cramp_rules
from detectors.emg.confidence import confidence, tier
from detectors.emg.contraction import Contraction
from detectors.emg.cramp_rules import Judged
from detectors.emg.features import emg_band
from detectors.emg.leg_movement import emg_delay_s
from detectors.emg.slow import SLOW, Rises, SlowTracks
from detectors.events import Event, EventKind, EventQuality, Step, StepRole, holds
from detectors.filters import SlidingMean
from detectors.framing import EMG_HOP_S, grid_of
from detectors.runs import Run, RunFinder, Trace
from detectors.signal import Gap
from detectors.timing import Timing
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from detectors.criteria import Criteria
    from detectors.emg.contraction import Rhythm
    from detectors.signal import Clock, Stream

_READ = frozenset({*SLOW, TrackName.POWER_UV2})


class CrampDetector:
    """Find cramp-like sustained contractions (science.md 3.5).

    EMG alone cannot tell a cramp from a voluntary hold: the events are cramp-like, carry a confidence
    with its terms, and context is added where left, right and motion come together.

    Parameters
    ----------
    stream : Stream
        One channel of EMG.
    criteria : Criteria
        ``cramp``, ``rhythm`` for clonus, and the band of ``leg_movement``.
    shape : callable
        Measures the shape of a run; who looks at a night again may keep what it measured.

    Notes
    -----
    Reads the tracks of :class:`detectors.emg.features.EmgFeatures`. A run between the two thresholds
    is found on a slow RMS; its edges are then taken from the envelope. Every event measures
    ``duration_s``, ``peak_uv``, ``mean_uv``, ``p95_uv``, ``ratio`` (of the latter to the resting
    level), ``lf_hf`` and ``line_ratio`` (medians over its seconds) and ``rise_ratio`` where they could
    be measured, ``resting_uv``, ``band_low_hz`` and ``band_high_hz``. A ``cramp`` has ``duty``,
    ``modulation``, ``rhythm_share``, ``rhythm_prominence``, ``profile``, ``confidence``, ``tier`` and each
    term as ``term_<name>`` as well. A run of ``max_s`` or more is ``tonic`` (with ``low`` 0) and has no
    confidence, and so is one at whose end the noise floor was found to have changed. A run of
    ``rhythm.clonus_min_s`` or more with a rhythm of 5 to 8 Hz is ``clonus``: ``rate_hz``,
    ``rhythm_share``, ``rhythm_prominence``, ``rhythm_depth``.
    """

    def __init__(
        self, stream: Stream, criteria: Criteria, shape: Callable[[Trace, Run, float], Contraction] = Contraction
    ) -> None:
        self._shape = shape
        self._stream = stream
        self._criteria = criteria.cramp
        self._rhythm = criteria.rhythm
        self._min_rise_ratio = criteria.leg_movement.min_rise_ratio
        self._rises = Rises.of(criteria.cramp, criteria.leg_movement.max_resting_uv)
        self._envelope_s = criteria.leg_movement.envelope_s
        self._grid = grid_of(stream.fs_hz, EMG_HOP_S)
        self._hop_hz = stream.fs_hz / self._grid.hop
        self._band = emg_band(stream.fs_hz, criteria.leg_movement)
        # Windows are centred when edges are taken, so that only the filter is late; a hop ends one hop after it began.
        filter_delay = round(emg_delay_s(stream.fs_hz, 0.0, criteria.leg_movement) * stream.fs_hz)
        self._timing = Timing(stream, self._grid.hop, filter_delay + self._grid.hop)
        self._window = SlidingMean(self._hops(self._criteria.smoothing_s))
        self._quiet = self._hops(self._criteria.quiet_s)
        self._finder = RunFinder(self._quiet)
        # Edges lie as far back as the slow RMS smears them, and windows are centred on them.
        self._reach = self._window.width + self._hops(max(criteria.cramp.longest_window_s, self._envelope_s))
        self._slow = SlowTracks(self._grid)
        self._power = Trace()
        self._flags = Trace(np.uint16)
        self._first = 0
        self._stop = 0
        self._clock: Clock | None = None
        self._rejected: list[Event] = []

    @property
    def settled(self) -> int:
        """Sample index before which no later event will begin."""
        open_hop = self._stop if self._finder.onset is None else self._finder.onset
        return self._timing.sample(max(open_hop - self._window.width, 0))

    def feed(self, item: Track | Gap) -> list[Event]:
        """Take one track, or a gap.

        Parameters
        ----------
        item : Track or Gap
            In the order in which the features give them.

        Returns
        -------
        list of Event
            Contractions that ended.
        """
        if isinstance(item, Gap):
            return self._interrupted()
        if item.name not in _READ:
            return []
        events = self._interrupted() if item.start > self._stop * self._grid.hop else []
        if item.name in SLOW:
            self._slow.note(item)
        elif item.name is TrackName.POWER_UV2 and len(item.values):
            return events + self._found(item)
        return events

    def finish(self) -> list[Event]:
        """Return the contraction that was still open; it ends with the signal."""
        return self._events(self._finder.close(), EventQuality.GOOD)

    def rejected(self) -> list[Event]:
        """Return the candidates that a rule turned down since the last call, and forget them."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def over(
        self, signal: tuple[Trace, Trace, SlowTracks], clock: Clock, runs: Iterable[Run], *, cut: bool
    ) -> list[Event]:
        """Judge runs of a signal of which powers, flags and slow tracks are all known; a gap may have cut them."""
        self._power, self._flags, self._slow = signal
        self._first, self._stop, self._clock = self._power.start, self._power.stop, clock
        return self._events(runs, EventQuality.LOW if cut else EventQuality.GOOD)

    def _interrupted(self) -> list[Event]:
        self._window.restart()
        return self._events(self._finder.close(), EventQuality.LOW)

    def _found(self, track: Track) -> list[Event]:
        first = track.start // track.hop
        if first != self._stop:
            self._first = first
        self._power.append(first, track.values)
        self._flags.append(first, track.quality)
        self._stop, self._clock = first + len(track.values), track.clock
        mean_square = self._window.feed(track.values)
        onset_uv, offset_uv = self._slow.thresholds_uv(first, len(track.values), self._rises)
        above_onset, above_offset = mean_square > onset_uv**2, mean_square > offset_uv**2
        events = self._events(self._finder.feed(above_onset, above_offset, first), EventQuality.GOOD)
        self._forget()
        return events

    def _events(self, runs: Iterable[Run], quality: EventQuality) -> list[Event]:
        events: list[Event] = []
        for run in runs:
            judged = self._judged(run)
            if judged is None or self._clock is None:
                continue
            unsettled = self._flags.between(run.onset, run.onset + 1)[0] & Flag.UNSETTLED.value
            event = Event(
                judged.kind,
                self._stream.sensor,
                self._stream.leg,
                *self._timing.times_ns(self._clock, *judged.span),
                judged.measures,
                EventQuality.LOW if unsettled else quality,
                judged.why,
            )
            (events if holds(judged.why) else self._rejected).append(event)
        return events

    def _judged(self, coarse: Run) -> Judged | None:
        """Measure a run; None if it is nothing but a leg movement."""
        shortest_s = min(self._criteria.min_s, self._rhythm.clonus_min_s)
        if (coarse.end - coarse.onset + self._window.width) / self._hop_hz < shortest_s:
            return None
        # As far as it is known however the stream was cut: of a long block there would be more.
        power = self._power.part(coarse.onset - self._reach, coarse.end + self._quiet)
        run = self._sharpened(coarse, power, self._offset_uv(coarse))
        span = self._timing.span(run, self._first, self._stop)
        duration_s = (span[1] - span[0]) / self._stream.fs_hz
        is_long = duration_s >= self._criteria.min_s
        contraction = self._shape(power, run, self._hop_hz)
        if not is_long and (duration_s < self._rhythm.clonus_min_s or not contraction.is_broken(self._criteria)):
            return None
        stepped = is_long and self._slow.flagged(Run(coarse.onset, coarse.end + 1), Flag.NOISE_STEP.value)
        if stepped or duration_s >= self._criteria.max_s:
            measures, why = self._measured(coarse, contraction, duration_s)
            # A step of the noise floor makes it tonic too, however short it is.
            why = (*why, Step("max_s", duration_s, self._criteria.max_s, held=True, role=StepRole.INFORMATION))
            return Judged(EventKind.TONIC, span, {**measures, "low": 0.0}, why)
        rhythm = contraction.rhythm(self._criteria)
        if cramp_rules.is_rhythmic(rhythm, self._criteria):
            judged = self._clonus(coarse, contraction, rhythm, span)
            if not is_long or holds(judged.why):
                return judged
        if not is_long:
            return None
        judged = self._cramp(coarse, contraction, rhythm, span)
        patchy = judged.measures["duty"] < self._criteria.min_duty
        return self._core(coarse, contraction, judged) if patchy else judged

    def _core(self, coarse: Run, contraction: Contraction, whole: Judged) -> Judged:
        """Judge the core of a contraction that is too patchy as a whole."""
        run = contraction.core(self._criteria, self._offset_uv(coarse))
        core = self._shape(contraction.power, run, self._hop_hz)
        span = self._timing.span(core.run, self._first, self._stop)
        if (span[1] - span[0]) / self._stream.fs_hz < self._criteria.min_s:
            return whole
        judged = self._cramp(coarse, core, core.rhythm(self._criteria), span)
        return judged if holds(judged.why) else whole

    def _offset_uv(self, coarse: Run) -> float:
        return self._slow.limits_uv(coarse.onset, self._rises)[1]

    def _clonus(self, coarse: Run, contraction: Contraction, rhythm: Rhythm, span: tuple[int, int]) -> Judged:
        measures, why = self._measured(coarse, contraction, (span[1] - span[0]) / self._stream.fs_hz)
        measures |= {"rate_hz": rhythm.hz, "rhythm_depth": rhythm.depth}
        measures |= {"rhythm_share": rhythm.share, "rhythm_prominence": rhythm.prominence}
        steps = cramp_rules.clonus_steps(
            rhythm, self._criteria, self._rhythm, cramp_rules.least_depth(measures, self._criteria, self._rhythm)
        )
        # A clonus shakes the leg and its cable.
        kept = cramp_rules.under_an_artefact(why, measures.get("rise_ratio", 0.0), self._min_rise_ratio)
        return Judged(EventKind.CLONUS, span, measures, (*kept, *steps))

    def _cramp(self, coarse: Run, contraction: Contraction, rhythm: Rhythm, span: tuple[int, int]) -> Judged:
        duration_s = (span[1] - span[0]) / self._stream.fs_hz
        measures, why = self._measured(coarse, contraction, duration_s)
        measures |= {
            "duty": contraction.duty(self._criteria, self._offset_uv(coarse)),
            "modulation": contraction.modulation(self._criteria),
            "rhythm_share": rhythm.share,
            "rhythm_prominence": rhythm.prominence,
            "profile": contraction.profile(self._criteria.smoothing_s),
        }
        clipped = self._slow.flagged(contraction.run, Flag.SATURATED.value)
        known = cramp_rules.terms(measures, self._criteria, clipped=clipped)
        measures |= {f"term_{name}": value for name, value in known.items()}
        measures["confidence"] = confidence(known, self._criteria)
        measures["tier"] = float(tier(measures["confidence"], duration_s, self._criteria))
        return Judged(EventKind.CRAMP, span, measures, (*why, *cramp_rules.cramp_steps(measures, self._criteria)))

    def _measured(
        self, coarse: Run, contraction: Contraction, duration_s: float
    ) -> tuple[dict[str, float], tuple[Step, ...]]:
        """Return what is measured of every contraction, and what it is compared with."""
        resting_uv = self._slow.resting_at_uv(coarse.onset)
        onset_uv, offset_uv = self._slow.limits_uv(coarse.onset, self._rises)
        measures = {"duration_s": duration_s, "resting_uv": resting_uv}
        measures |= {"band_low_hz": self._band[0], "band_high_hz": self._band[1]}
        measures |= cramp_rules.amplitudes(contraction, self._envelope_s, resting_uv) | self._cleanliness(
            contraction.run
        )
        is_long = duration_s >= self._criteria.min_s
        rule, shortest_s = ("min_s", self._criteria.min_s) if is_long else ("clonus_min_s", self._rhythm.clonus_min_s)
        return measures, (
            Step("onset_uv", measures["peak_uv"], onset_uv, held=True),
            *cramp_rules.ending_steps(contraction, coarse.end, self._window.width, offset_uv),
            Step(rule, duration_s, shortest_s, held=True),
            *cramp_rules.artefact_steps(measures, self._criteria),
            *self._slow.electrode_steps(coarse),
        )

    def _sharpened(self, run: Run, power: Trace, offset_uv: float) -> Run:
        """Take the edges from the envelope instead of from the slow RMS, which smears them by half of its window."""
        first = max(run.onset - self._window.width + 1, self._first)
        wide = self._shape(power, Run(first, run.end), self._hop_hz)
        above = np.flatnonzero(wide.rms(self._envelope_s) > offset_uv)
        if not len(above):
            return run
        end = run.end if run.end >= self._stop else first + int(above[-1]) + 1
        return Run(first + int(above[0]), end)

    def _cleanliness(self, run: Run) -> dict[str, float]:
        power = self._power.between(run.onset, run.end)
        ratios = {
            "lf_hf": self._slow.median_ratio(TrackName.LF_HF_RATIO, run),
            "rise_ratio": self._slow.mean_ratio(TrackName.RISE_RATIO, run, power),
            "line_ratio": self._slow.median_ratio(TrackName.LINE_RATIO, run),
        }
        return {name: value for name, value in ratios.items() if not math.isnan(value)}

    def _forget(self) -> None:
        """Drop what no open run needs, and none that begins with the next hop."""
        keep = (self._stop if self._finder.onset is None else self._finder.onset) - self._reach
        for trace in (self._power, self._flags, self._slow):
            trace.forget_before(keep)

    def _hops(self, seconds: float) -> int:
        return max(1, round(seconds * self._hop_hz))
