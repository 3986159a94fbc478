"""Movements of the leg in acceleration, and the changes of position that some of them leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.events import Event, EventKind, EventQuality, Step, StepRole, holds
from detectors.framing import MOTION_HOP_S, grid_of
from detectors.motion.features import GRAVITY
from detectors.motion.held_leg import HeldLeg
from detectors.motion.levels import LEVELS, MovementLevels
from detectors.motion.movement_end import MovementEnd
from detectors.motion.orientation import Means, OrientationChange
from detectors.runs import Run, RunFinder, Trace
from detectors.signal import Gap
from detectors.timing import Timing
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.signal import Clock, Stream

_DOUBTFUL: Final = int(Flag.CLIPPED | Flag.STUCK)


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
    ``B + max(onset_g, onset_mad * MAD)`` and is over where it stays at or below
    ``B + max(offset_g, offset_mad * MAD)`` for ``quiet_s``. The band-pass rings for up to a second
    after a leg has stopped, so that the time of the end is where the leg last turned by more than
    the same threshold within a tenth of a second. A leg that turns, is held there and comes back
    within ``max_held_s`` has moved once. After an hour the onset threshold adapts to the
    noise of the night. About four of ten leg movements in EMG do not move the leg, and a held
    contraction is silent: counts and durations are not those of EMG.

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
    follows, whose measures are ``duration_s``, ``orientation_change_deg`` and ``major`` (0 or 1);
    that also where the turn was too short or too slow to be a movement.
    Onset and end are moved back by the delay of what shows them. The quality is low where the
    signal before the onset is not known, is lost before the end, is clipped, or an axis is stuck.
    """

    def __init__(self, stream: Stream, criteria: Criteria) -> None:
        self._stream = stream
        self._criteria = criteria.motion
        self._orientation_criteria = criteria.orientation
        self._grid = grid_of(stream.fs_hz, MOTION_HOP_S)
        self._timing = Timing(stream, self._grid.hop, round(criteria.motion.delay_s * stream.fs_hz))
        self._finder = RunFinder(max(1, round(criteria.motion.quiet_s * stream.fs_hz / self._grid.hop)))
        self._orientation = OrientationChange(self._grid.frame, stream.fs_hz)
        self._changed = Means(criteria.orientation.mean_s, criteria.orientation.guard_s)
        self._held_leg = HeldLeg(criteria.motion, self._orientation, self._grid.frame, stream.fs_hz)
        self._levels = MovementLevels(criteria.motion, self._grid.hops_per_frame)
        self._end = MovementEnd(stream, self._grid, criteria.motion.turn_s)
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
        if item.name in LEVELS:
            self._levels.note(item)
        elif item.name in GRAVITY:
            self._orientation.note(item)
        elif item.name is TrackName.TURN_G:
            self._end.note(item)
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
        onset_g, offset_g = self._levels.thresholds(track)
        above_onset = track.values.reshape(len(onset_g), -1) > onset_g
        self._stop, self._clock = first + n_hops, track.clock
        if self._finder.onset is not None or above_onset.any():
            self._wait(self._runs(track, above_onset.ravel(), offset_g), EventQuality.GOOD)
        keep = self._stop if self._finder.onset is None else self._finder.onset
        for trace in (self._movement, self._above, self._flags, self._end, self._levels):
            trace.forget_before(keep)
        return self._released(track.stop)

    def _runs(self, track: Track, above_onset: NDArray[np.bool_], offset_g: NDArray[np.float64]) -> list[Run]:
        """Keep what the rules look at, and return the runs that ended."""
        first = track.start // track.hop
        self._movement.append(first, track.values)
        self._above.append(first, above_onset)
        self._flags.append(first, track.quality)
        self._end.look(offset_g)
        above_offset = (track.values.reshape(len(offset_g), -1) > offset_g).ravel()
        return self._finder.feed(above_onset, above_offset, first)

    def _wait(self, runs: Iterable[Run], quality: EventQuality) -> None:
        """Apply the rules that need the whole movement, and let it wait for the leg to come to rest."""
        for run in runs:
            onset, end = self._timing.span(run, self._first, self._stop)
            end = self._end.sample(run, self._stop, (onset, end))
            duration_s = (end - onset) / self._stream.fs_hz
            measures = {
                "duration_s": duration_s,
                "peak_g": float(self._movement.between(run.onset, run.end).max()),
                "resting_g": self._levels.resting_g(run.onset),
            }
            why = self._steps(run, measures["peak_g"])
            flags = self._flags.between(run.onset, run.end)
            doubtful = flags[0] & Flag.UNSETTLED.value or np.bitwise_or.reduce(flags) & _DOUBTFUL
            quality_of_run = EventQuality.LOW if doubtful else quality
            self._waiting.append(_Movement((onset, end), measures, quality_of_run, why))

    def _steps(self, run: Run, peak_g: float) -> tuple[Step, ...]:
        """Return every comparison that makes the run a movement, or not."""
        criteria, duration_s = self._criteria, self._band_s(run)
        above = self._above.between(run.onset, run.end)
        crossings = 1 + int(np.count_nonzero(above[1:] & ~above[:-1]))
        onset_g, either = self._levels.onset_g(run.onset), StepRole.ALTERNATIVE
        return (
            Step("onset_g", peak_g, onset_g, held=True),
            Step("min_s", duration_s, criteria.min_s, duration_s >= criteria.min_s),
            Step("min_crossings", crossings, criteria.min_crossings, crossings >= criteria.min_crossings, either),
            Step("min_peak_g", peak_g, criteria.min_peak_g, peak_g >= criteria.min_peak_g, either),
        )

    def _released(self, stop: int | None) -> list[Event]:
        """Return the events of movements after which gravity is known; of all if there is no more to come."""
        events: list[Event] = []
        while self._waiting:
            span = self._waiting[0].span
            if stop is not None and self._held_leg.judged_at(span) > stop:
                break
            back, open_hop = self._held_leg.back(span), self._finder.onset
            if back is not None and open_hop is not None and self._timing.sample(open_hop) < back:
                break
            movement, n_parts = self._joined(back)
            if stop is not None and self._orientation.known_at(movement.span[1], self._changed) > stop:
                break
            self._waiting = self._waiting[n_parts:]
            events += self._events(movement)
        return events

    def _band_s(self, run: Run) -> float:
        """Return how long the band shows a run, s: what it lasts by the rule."""
        onset, end = self._timing.span(run, self._first, self._stop)
        return (end - onset) / self._stream.fs_hz

    def _joined(self, back: int | None) -> tuple[_Movement, int]:
        """Take what happens until the leg is back for one movement; say also of how many it is made."""
        movement = self._waiting[0]
        if back is None or not holds(movement.why):
            return movement, 1
        parts = [part for part in self._waiting if part.span[0] < back]
        end = max(back, *(part.span[1] for part in parts))
        if end > self._held_leg.latest(movement.span):
            return movement, 1
        measures = {
            **movement.measures,
            "duration_s": (end - movement.span[0]) / self._stream.fs_hz,
            "peak_g": max(part.measures["peak_g"] for part in parts),
        }
        low = any(part.quality is EventQuality.LOW for part in parts)
        quality = EventQuality.LOW if low else EventQuality.GOOD
        return _Movement((movement.span[0], end), measures, quality, movement.why), len(parts)

    def _events(self, movement: _Movement) -> list[Event]:
        if self._clock is None:
            return []
        limits = self._orientation_criteria
        measures, why = movement.measures, movement.why
        change_deg = self._orientation.degrees(movement.span, self._changed)
        if change_deg is not None:
            measures = {**measures, "orientation_change_deg": change_deg}
        times_ns = self._timing.times_ns(self._clock, *movement.span)
        who = (self._stream.sensor, self._stream.leg, *times_ns)
        events = [Event(EventKind.LEG_MOVEMENT, *who, measures, movement.quality, why)]
        if not holds(why):
            self._rejected += events
            events = []
        if change_deg is not None and change_deg >= limits.shift_deg:
            shift = {
                "duration_s": measures["duration_s"],
                "orientation_change_deg": change_deg,
                "major": float(change_deg >= limits.major_deg),
            }
            why = (Step("shift_deg", change_deg, limits.shift_deg, held=True),)
            events.append(Event(EventKind.SHIFT, *who, shift, movement.quality, why))
        return events
