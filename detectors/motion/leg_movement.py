"""Movements of the leg in acceleration, and the changes of position that some of them leave."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.events import Event, EventKind, EventQuality, Step
from detectors.framing import MOTION_HOP_S, grid_of
from detectors.motion.features import GRAVITY
from detectors.motion.orientation import OrientationChange
from detectors.resting import quantile
from detectors.runs import Run, RunFinder, Trace
from detectors.signal import Gap
from detectors.timing import Timing
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.motion.criteria import MotionCriteria
    from detectors.signal import Clock, Stream

_SLOW = (TrackName.RESTING_MOVEMENT_G, TrackName.RESTING_MOVEMENT_MAD_G)


@dataclass(frozen=True, slots=True)
class _Movement:
    """A movement that waits for the leg to come to rest."""

    span: tuple[int, int]
    measures: dict[str, float]
    quality: EventQuality
    why: tuple[Step, ...]


class MotionLegMovementDetector:
    """Find movements in acceleration (science.md 5.3), with the change of position they leave.

    A movement starts where the RMS of the dynamic acceleration rises above
    ``B + max(onset_g, onset_mad * MAD)`` and ends where it stays at or below
    ``B + max(offset_g, offset_mad * MAD)`` for ``quiet_s``. After an hour the onset threshold adapts
    to the noise of the night. About four of ten leg movements in EMG do not move the leg, and a
    held contraction is silent: counts and durations are not those of EMG.

    Parameters
    ----------
    stream : Stream
        Acceleration of three axes.
    criteria : Criteria
        ``motion`` and ``orientation`` are used.

    Notes
    -----
    Reads the tracks of :class:`detectors.motion.features.MotionFeatures`. Measures of a
    ``leg_movement``: ``duration_s``, ``peak_g``, ``resting_g`` and, where gravity is known before
    and after, ``orientation_change_deg``. From ``shift_deg`` on a ``shift`` with the same times
    follows, whose measures are ``duration_s``, ``orientation_change_deg`` and ``major`` (0 or 1).
    Onset and end are moved back by ``delay_s``.
    """

    def __init__(self, stream: Stream, criteria: Criteria) -> None:
        self._stream = stream
        self._criteria = criteria.motion
        self._orientation_criteria = criteria.orientation
        self._grid = grid_of(stream.fs_hz, MOTION_HOP_S)
        self._timing = Timing(stream, self._grid.hop, round(criteria.motion.delay_s * stream.fs_hz))
        self._finder = RunFinder(self._hops(criteria.motion.quiet_s))
        self._orientation = OrientationChange(criteria.orientation, self._grid.frame, stream.fs_hz)
        self._adaption = _Adaption(criteria.motion)
        self._slow = {name: Trace() for name in _SLOW}
        self._movement = Trace()
        self._above = Trace(np.bool_)
        self._flags = Trace(np.uint16)
        self._waiting: list[_Movement] = []
        self._first = 0
        self._stop = 0
        self._clock: Clock | None = None
        self._rejected: list[Event] = []

    @property
    def settled(self) -> int:
        """Sample index before which no later event will begin."""
        if self._waiting:
            return self._waiting[0].span[0]
        open_hop = self._finder.onset
        return self._timing.sample(self._stop if open_hop is None else open_hop)

    def feed(self, item: Track | Gap) -> list[Event]:
        """Take one track, or a gap.

        Parameters
        ----------
        item : Track or Gap
            In the order in which the features give them.

        Returns
        -------
        list of Event
            Movements whose consequence for the position is known.
        """
        if isinstance(item, Gap):
            return self._interrupted()
        events = self._interrupted() if item.start > self._stop * self._grid.hop else []
        if item.name in _SLOW:
            self._slow[item.name].append(item.start // item.hop, item.values)
        elif item.name in GRAVITY:
            self._orientation.note(item)
        elif item.name is TrackName.MOVEMENT_G and len(item.values):
            return events + self._found(item)
        return events

    def finish(self) -> list[Event]:
        """Return the movement that was still open, and those that waited."""
        self._wait(self._finder.close(), EventQuality.GOOD)
        return self._released(None)

    def rejected(self) -> list[Event]:
        """Return the candidates that a rule turned down since the last call, and forget them."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def _interrupted(self) -> list[Event]:
        self._wait(self._finder.close(), EventQuality.LOW)
        return self._released(None)

    def _found(self, track: Track) -> list[Event]:
        first, n_hops = track.start // track.hop, len(track.values)
        if first != self._stop:
            self._first = first
        onset_g, offset_g = self._thresholds(first, track)
        above_onset = track.values > onset_g
        self._movement.append(first, track.values)
        self._above.append(first, above_onset)
        self._flags.append(first, track.quality)
        self._stop, self._clock = first + n_hops, track.clock
        self._wait(self._finder.feed(above_onset, track.values > offset_g, first), EventQuality.GOOD)
        keep = self._stop if self._finder.onset is None else self._finder.onset
        for trace in (self._movement, self._above, self._flags):
            trace.forget_before(keep)
        for trace in self._slow.values():
            trace.forget_before(keep // self._grid.hops_per_frame)
        return self._released(track.stop)

    def _thresholds(self, first: int, track: Track) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return both thresholds for every hop of a track."""
        per_frame = self._grid.hops_per_frame
        frame, at = divmod(first, per_frame)
        n_hops = len(track.values)
        frames = (frame, (first + n_hops - 1) // per_frame + 1)
        resting_g, mad_g = (self._slow[name].between(*frames) for name in _SLOW)
        settled = np.where(track.quality & Flag.UNSETTLED.value, np.inf, track.values)
        adapted_g = self._adaption.feed(frame, settled.reshape(len(resting_g), -1).min(axis=1))
        onset_g = resting_g + np.maximum(adapted_g, self._criteria.onset_mad * mad_g)
        offset_g = resting_g + np.maximum(self._criteria.offset_g, self._criteria.offset_mad * mad_g)
        inside = slice(at, at + n_hops)
        return np.repeat(onset_g, per_frame)[inside], np.repeat(offset_g, per_frame)[inside]

    def _wait(self, runs: Iterable[Run], quality: EventQuality) -> None:
        """Apply the rules that need the whole movement, and let it wait for the leg to come to rest."""
        for run in runs:
            span = self._timing.span(run, self._first, self._stop)
            duration_s = (span[1] - span[0]) / self._stream.fs_hz
            why = self._steps(run, duration_s)
            if not all(step.held for step in why):
                continue
            measures = {
                "duration_s": duration_s,
                "peak_g": float(self._movement.between(run.onset, run.end).max()),
                "resting_g": self._at(TrackName.RESTING_MOVEMENT_G, run.onset),
            }
            unsettled = self._flags.between(run.onset, run.onset + 1)[0] & Flag.UNSETTLED.value
            self._waiting.append(_Movement(span, measures, EventQuality.LOW if unsettled else quality, why))

    def _steps(self, run: Run, duration_s: float) -> tuple[Step, ...]:
        """Return every comparison that makes the run a movement, or not."""
        criteria = self._criteria
        above = self._above.between(run.onset, run.end)
        crossings = 1 + int(np.count_nonzero(above[1:] & ~above[:-1]))
        peak_g = float(self._movement.between(run.onset, run.end).max())
        least_rise_g = max(criteria.onset_g, criteria.onset_mad * self._at(TrackName.RESTING_MOVEMENT_MAD_G, run.onset))
        least_g = self._at(TrackName.RESTING_MOVEMENT_G, run.onset) + least_rise_g
        shaped = crossings >= criteria.min_crossings or peak_g >= criteria.min_peak_g
        return (
            Step("onset_g", float(self._movement.between(run.onset, run.onset + 1)[0]), least_g, held=True),
            Step("min_s", duration_s, criteria.min_s, duration_s >= criteria.min_s),
            Step("min_crossings", crossings, criteria.min_crossings, shaped),
            Step("min_peak_g", peak_g, criteria.min_peak_g, shaped),
        )

    def _released(self, stop: int | None) -> list[Event]:
        """Return the events of movements after which gravity is known; of all if there is no more to come."""
        events: list[Event] = []
        while self._waiting:
            movement = self._waiting[0]
            if stop is not None and self._orientation.known_at(movement.span[1]) > stop:
                break
            events += self._events(self._waiting.pop(0))
        return events

    def _events(self, movement: _Movement) -> list[Event]:
        if self._clock is None:
            return []
        limits = self._orientation_criteria
        measures = movement.measures
        change_deg = self._orientation.degrees(*movement.span)
        if change_deg is not None:
            measures = {**measures, "orientation_change_deg": change_deg}
        times_ns = self._timing.times_ns(self._clock, *movement.span)
        who = (self._stream.sensor, self._stream.leg, *times_ns)
        events = [Event(EventKind.LEG_MOVEMENT, *who, measures, movement.quality, movement.why)]
        if change_deg is not None and change_deg >= limits.shift_deg:
            shift = {
                "duration_s": measures["duration_s"],
                "orientation_change_deg": change_deg,
                "major": float(change_deg >= limits.major_deg),
            }
            why = (Step("shift_deg", change_deg, limits.shift_deg, held=True),)
            events.append(Event(EventKind.SHIFT, *who, shift, movement.quality, why))
        return events

    def _at(self, name: TrackName, hop: int) -> float:
        frame = hop // self._grid.hops_per_frame
        return float(self._slow[name].between(frame, frame + 1)[0])

    def _hops(self, seconds: float) -> int:
        return max(1, round(seconds * self._stream.fs_hz / self._grid.hop))


class _Adaption:
    """The onset threshold that follows the noise of the night, from the quietest moment of every minute."""

    def __init__(self, criteria: MotionCriteria) -> None:
        self._criteria = criteria
        self._minima: deque[float] = deque(maxlen=round(criteria.adapt_s / criteria.adapt_minute_s))
        self._minute: int | None = None
        self._lowest_g = float("inf")
        self._onset_g = criteria.onset_g

    def feed(self, frame: int, lowest_g: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the threshold of consecutive frames, which earlier minutes decide."""
        onset_g = []
        for at, value_g in enumerate(lowest_g.tolist(), start=frame):
            minute = int(at // self._criteria.adapt_minute_s)
            if minute != self._minute:
                self._turn(minute)
            self._lowest_g = min(self._lowest_g, value_g)
            onset_g.append(self._onset_g)
        return np.array(onset_g)

    def _turn(self, minute: int) -> None:
        if self._lowest_g < float("inf"):
            self._minima.append(self._lowest_g)
        self._minute, self._lowest_g = minute, float("inf")
        if len(self._minima) == self._minima.maxlen:
            noise_g = quantile(np.array(self._minima), self._criteria.adapt_quantile)
            self._onset_g = max(self._criteria.onset_g, self._criteria.adapt_ratio * noise_g)
