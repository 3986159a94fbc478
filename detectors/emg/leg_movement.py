"""Leg movements in the EMG of one muscle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.emg.features import emg_band
from detectors.emg.slow import SLOW, Rises, SlowTracks
from detectors.events import Event, EventKind, EventQuality, Step, StepRole, holds
from detectors.filters import band_delay_s, band_pass
from detectors.framing import EMG_HOP_S, grid_of
from detectors.runs import Run, RunFinder, Trace
from detectors.signal import Gap
from detectors.timing import Timing
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.emg.criteria import LegMovementCriteria
    from detectors.signal import Clock, Stream

# Medians are looked for side by side first, where most movements have one, and then everywhere, so many at once.
_MEDIANS_AT_ONCE = 1000
_READ: Final = frozenset({*SLOW, TrackName.ENVELOPE_UV})
# What is wrong with a signal in which no movement is scored, by the name of its step.
SPOILT: Final = {
    "saturated": Flag.SATURATED.value,
    "electrode_off": Flag.ELECTRODE_OFF.value,
    "max_line_share": Flag.LINE.value,
}
ANY_SPOILT: Final = sum(SPOILT.values())


def emg_delay_s(fs_hz: float, window_s: float, criteria: LegMovementCriteria) -> float:
    """Return how late an RMS envelope of the EMG band is.

    Parameters
    ----------
    fs_hz : float
        Sampling rate, Hz.
    window_s : float
        Window of the envelope, s.
    criteria : LegMovementCriteria
        The band.

    Returns
    -------
    float
        Half of the window and the median delay of the filter, s.
    """
    band = emg_band(fs_hz, criteria)
    return window_s / 2 + band_delay_s(band_pass(criteria.filter_order, *band, fs_hz), *band, fs_hz)


class EmgLegMovementDetector:
    """Find leg movements (science.md 1.6).

    A movement starts where the envelope rises above ``B + max(onset_uv, onset_ratio * B)`` and ends
    where it stays at or below ``B + max(offset_uv, offset_ratio * B)`` for ``quiet_s``, B being the
    resting level. Onset and end are moved back by the delay of envelope and filter. There is no
    longest movement here: what counts is for the series rules to say.

    Parameters
    ----------
    stream : Stream
        One channel of EMG.
    criteria : Criteria
        ``leg_movement`` is used.

    Notes
    -----
    Reads the tracks of :class:`detectors.emg.features.EmgFeatures`. Measures: ``duration_s``,
    ``peak_uv``, ``mean_uv``, ``area_uv_s``, ``resting_uv``, ``band_low_hz``, ``band_high_hz``;
    amplitudes are RMS in that band. A candidate that fails a rule comes out of :meth:`rejected`
    with the same measures.
    """

    def __init__(self, stream: Stream, criteria: Criteria) -> None:
        self._stream = stream
        self._criteria = criteria.leg_movement
        self._grid = grid_of(stream.fs_hz, EMG_HOP_S)
        self._band = emg_band(stream.fs_hz, self._criteria)
        delay_s = emg_delay_s(stream.fs_hz, self._criteria.envelope_s, self._criteria)
        self._lead = round(self._criteria.onset_lead_s * stream.fs_hz)
        self._timing = Timing(stream, self._grid.hop, round(delay_s * stream.fs_hz), self._lead)
        self._finder = RunFinder(self._hops(self._criteria.quiet_s))
        self._slow = SlowTracks(self._grid)
        self._rises = Rises.of(self._criteria, self._criteria.max_resting_uv)
        self._envelope = Trace()
        self._flags = Trace(np.uint16)
        self._first = 0
        self._stop = 0
        self._clock: Clock | None = None
        self._rejected: list[Event] = []

    @property
    def settled(self) -> int:
        """Sample index before which no later event will begin."""
        open_hop = self._finder.onset
        return self._timing.first(self._stop if open_hop is None else open_hop)

    def feed(self, item: Track | Gap) -> list[Event]:
        """Take one track, or a gap.

        Parameters
        ----------
        item : Track or Gap
            In the order in which the features give them.

        Returns
        -------
        list of Event
            Movements that ended.
        """
        if isinstance(item, Gap):
            return self._interrupted()
        if item.name not in _READ:
            return []
        events = self._interrupted() if item.start > self._stop * self._grid.hop else []
        if item.name in SLOW:
            self._slow.note(item)
        elif item.name is TrackName.ENVELOPE_UV and len(item.values):
            return events + self._found(item)
        return events

    def finish(self) -> list[Event]:
        """Return the movement that was still open; it ends with the signal."""
        return self._events(self._finder.close(), EventQuality.GOOD)

    def rejected(self) -> list[Event]:
        """Return the candidates that failed a rule since the last call, and forget them."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def _interrupted(self) -> list[Event]:
        return self._events(self._finder.close(), EventQuality.LOW)

    def _found(self, track: Track) -> list[Event]:
        first = track.start // track.hop
        if first != self._stop:
            self._first = first
        self._envelope.append(first, track.values)
        self._flags.append(first, track.quality)
        self._stop, self._clock = first + len(track.values), track.clock
        onset_uv, offset_uv = self._slow.thresholds_uv(first, len(track.values), self._rises)
        above_onset, above_offset = track.values > onset_uv, track.values > offset_uv
        events = self._events(self._finder.feed(above_onset, above_offset, first), EventQuality.GOOD)
        self._forget()
        return events

    def _events(self, runs: Iterable[Run], quality: EventQuality) -> list[Event]:
        """Return the movements among candidates, and keep the others."""
        if self._clock is None:
            return []
        events: list[Event] = []
        for run in runs:
            event = self._event(run, quality, self._clock)
            (events if holds(event.why) else self._rejected).append(event)
        return events

    def _event(self, run: Run, quality: EventQuality, clock: Clock) -> Event:
        """Measure a candidate and apply the rules that need the whole of it."""
        onset, end = self._timing.span(run, self._first, self._stop)
        duration_s = (end - onset) / self._stream.fs_hz
        envelope = self._envelope.between(run.onset, run.end)
        onset_uv, offset_uv = self._slow.limits_uv(run.onset, self._rises)
        why = (
            *self._edges(run, envelope, onset_uv),
            *self._shape(envelope, (end - onset - self._lead) / self._stream.fs_hz, offset_uv),
            *self._vetoes(run, envelope),
        )
        if self._flags.between(run.onset, run.onset + 1)[0] & Flag.UNSETTLED.value:
            quality = EventQuality.LOW
        measures = {
            "duration_s": duration_s,
            "peak_uv": float(envelope.max()),
            "mean_uv": float(envelope.mean()),
            "area_uv_s": float(envelope.sum()) * self._grid.hop / self._stream.fs_hz,
            "resting_uv": self._slow.resting_at_uv(run.onset),
            "band_low_hz": self._band[0],
            "band_high_hz": self._band[1],
        }
        times_ns = self._timing.times_ns(clock, onset, end)
        kind = EventKind.LEG_MOVEMENT
        return Event(kind, self._stream.sensor, self._stream.leg, *times_ns, measures, quality, why)

    def _edges(self, run: Run, envelope: NDArray[np.float64], onset_uv: float) -> tuple[Step, ...]:
        """Return the comparisons that began and ended a run."""
        levels_uv, _ = self._slow.thresholds_uv(run.onset, len(envelope), self._rises)
        # The level may change below a movement: its peak is where it exceeds the threshold of its time by most.
        highest_uv = onset_uv + float((envelope - levels_uv).max())
        onset = Step("onset_uv", highest_uv, onset_uv, held=True)
        if run.end >= self._stop:
            return (onset,)
        last_uv = float(self._envelope.between(run.end, run.end + 1)[0])
        offset_uv = self._slow.limits_uv(run.end, self._rises)[1]
        return onset, Step("offset_uv", last_uv, offset_uv, held=True, role=StepRole.INFORMATION)

    def _shape(self, envelope: NDArray[np.float64], duration_s: float, offset_uv: float) -> tuple[Step, ...]:
        """Return the comparisons of length and shape."""
        criteria = self._criteria
        median_uv = highest_median(envelope, self._hops(criteria.morphology_s), offset_uv)
        return (
            Step("min_s", duration_s, criteria.min_s, duration_s >= criteria.min_s),
            Step("morphology", median_uv, offset_uv, median_uv > offset_uv),
        )

    def _vetoes(self, run: Run, envelope: NDArray[np.float64]) -> tuple[Step, ...]:
        """Return the comparisons that tell a movement from an artefact; of flags only those that are set."""
        criteria, weights = self._criteria, self._slow.weights(run, envelope * envelope)
        flags = self._flags.between(run.onset, min(run.end + 1, self._stop))
        seen = int(np.bitwise_or.reduce(flags))
        steps = [
            Step(rule, float(np.count_nonzero(flags & flag)), 0.0, held=False)
            for rule, flag in SPOILT.items()
            if seen & flag
        ]
        lf_hf = self._slow.weighted_ratio(TrackName.LF_HF_RATIO, run, weights)
        if math.isnan(lf_hf):
            return tuple(steps)
        clean = Step("max_lf_hf", lf_hf, criteria.max_lf_hf, lf_hf <= criteria.max_lf_hf, StepRole.ALTERNATIVE)
        rise = self._slow.weighted_ratio(TrackName.RISE_RATIO, run, weights)
        if math.isnan(rise):
            return (*steps, clean._replace(role=StepRole.REQUIRED))
        # Muscle under an artefact is a movement all the same.
        least = criteria.min_rise_ratio
        return (*steps, clean, Step("min_rise_ratio", rise, least, rise >= least, StepRole.ALTERNATIVE))

    def _forget(self) -> None:
        """Drop what no open movement needs."""
        keep = self._stop if self._finder.onset is None else self._finder.onset
        self._envelope.forget_before(keep)
        self._flags.forget_before(keep)
        self._slow.forget_before(keep)

    def _hops(self, seconds: float) -> int:
        return max(1, round(seconds * self._stream.fs_hz / self._grid.hop))


def highest_median(envelope: NDArray[np.float64], width: int, enough_uv: float) -> float:
    """Return the highest median of `width` consecutive hops, or the first found that is high enough."""
    width = min(width, len(envelope))
    rank = (width - 1) // 2
    beside = np.partition(envelope[: len(envelope) - len(envelope) % width].reshape(-1, width), rank, axis=1)
    highest_uv = float(beside[:, rank].max())
    if highest_uv > enough_uv:
        return highest_uv
    windows = np.lib.stride_tricks.sliding_window_view(envelope, width)
    for at in range(0, len(windows), _MEDIANS_AT_ONCE):
        medians = np.partition(windows[at : at + _MEDIANS_AT_ONCE], rank, axis=1)[:, rank]
        highest_uv = max(highest_uv, float(medians.max()))
        if highest_uv > enough_uv:
            break
    return highest_uv
