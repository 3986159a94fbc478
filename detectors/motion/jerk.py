"""Brief jerks of the leg in acceleration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.events import Event, EventKind, EventQuality, Step
from detectors.filters import band_delay_s, band_pass
from detectors.framing import MOTION_HOP_S, grid_of
from detectors.motion.bands import hops_in, possible_band
from detectors.motion.features import GRAVITY
from detectors.motion.held_leg import HeldLeg
from detectors.motion.jerk_level import JerkLevel
from detectors.motion.orientation import Means, OrientationChange
from detectors.runs import Run, RunFinder, Trace
from detectors.signal import Gap
from detectors.timing import Timing
from detectors.track import Flag, Track, TrackName

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.criteria import Criteria
    from detectors.signal import Clock, Stream

_DOUBTFUL: Final = int(Flag.CLIPPED | Flag.STUCK | Flag.UNSETTLED)
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Jerk:
    """A jerk that waits for what gravity says after it."""

    span: tuple[int, int]
    measures: dict[str, float]
    quality: EventQuality
    why: tuple[Step, ...]


class BriefJerkDetector:
    """Find brief leg jerks (science.md 4.3).

    The RMS of the 2-20 Hz band peaks above ``B + max(peak_g, peak_mad * MAD, peak_ratio * B)``, is
    above half of that rise for ``min_s`` to ``max_s``, the leg lies as before, was not held elsewhere
    in between, since a quick turn may begin a longer movement, and nothing else happens within
    ``isolated_s``. A fasciculation hardly ever moves a leg: nothing here is one.

    Parameters
    ----------
    stream : Stream
        Acceleration of three axes.
    criteria : Criteria
        ``jerk`` and ``motion`` are used.

    Notes
    -----
    Reads the tracks of :class:`detectors.motion.features.MotionFeatures`. Measures of a
    ``brief_jerk``: ``duration_s``, the width at half of the rise, ``peak_g``, ``resting_g``,
    ``band_low_hz``, ``band_high_hz`` and, where gravity is known before and after,
    ``orientation_change_deg``. Below ``full_fs_hz`` the band ends below 20 Hz, jerks are lower and
    wider in it, and their quality is low; below ``min_fs_hz`` none is found. The quality is low as
    well where the signal is lost within ``isolated_s``, is clipped, or an axis is stuck.
    """

    def __init__(self, stream: Stream, criteria: Criteria) -> None:
        jerk, motion = criteria.jerk, criteria.motion
        self._stream, self._criteria = stream, jerk
        self._grid = grid_of(stream.fs_hz, MOTION_HOP_S)
        hop_s = self._grid.hop / stream.fs_hz
        self._band = possible_band(jerk.band_low_hz, jerk.band_high_hz, motion.nyquist_share, stream.fs_hz)
        window_s = hops_in(jerk.envelope_s, hop_s) * hop_s
        self._timing = Timing(
            stream, self._grid.hop, round((self._filter_s(motion.filter_order) + window_s * _HALF) * stream.fs_hz)
        )
        self._around = hops_in(jerk.isolated_s, hop_s)
        self._turn_hops = 2 * hops_in(motion.turn_s, hop_s)
        self._finder = RunFinder(self._around)
        self._level = JerkLevel(jerk, self._grid.hops_per_frame, hop_s)
        self._orientation = OrientationChange(self._grid.frame, stream.fs_hz)
        self._lies = Means(jerk.mean_s, jerk.isolated_s)
        self._held_leg = HeldLeg(motion, self._orientation, self._grid.frame, stream.fs_hz)
        self._turn_g = motion.offset_g
        self._jerk, self._turn, self._flags, self._resting = Trace(), Trace(), Trace(np.uint16), Trace()
        self._waiting: list[_Jerk] = []
        self._rejected: list[Event] = []
        self._first = self._stop = 0
        self._clock: Clock | None = None

    @property
    def settled(self) -> int:
        """Sample index before which no later event will begin."""
        if self._waiting:
            return self._waiting[0].span[0]
        hop = self._stop if self._finder.onset is None else self._finder.onset
        return self._timing.sample(max(hop - self._around, 0))

    def feed(self, item: Track | Gap) -> list[Event]:
        """Take one track, or a gap.

        Parameters
        ----------
        item : Track or Gap
            In the order in which the features give them.

        Returns
        -------
        list of Event
            Jerks after which gravity is known.
        """
        if self._stream.fs_hz < self._criteria.min_fs_hz:
            if isinstance(item, Track):
                self._stop = max(self._stop, item.stop // self._grid.hop)
            return []
        if isinstance(item, Gap):
            return self._interrupted()
        events = self._interrupted() if item.start > self._stop * self._grid.hop else []
        if item.name in GRAVITY:
            self._orientation.note(item)
        elif item.name is TrackName.RESTING_MOVEMENT_G:
            self._resting.append(item.start // item.hop, item.values)
        elif item.name is TrackName.TURN_G:
            self._turn.append(item.start // item.hop, item.values)
        elif item.name is TrackName.JERK_G and len(item.values):
            return events + self._found(item)
        return events

    def finish(self) -> list[Event]:
        """Return the jerk that was still open, and those that waited."""
        return self._interrupted()

    def rejected(self) -> list[Event]:
        """Return the candidates that a rule turned down since the last call, and forget them."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def _interrupted(self) -> list[Event]:
        self._wait(self._finder.close(), self._stop)
        return self._released(None)

    def _found(self, track: Track) -> list[Event]:
        first, n_hops = track.start // track.hop, len(track.values)
        if first != self._stop:
            self._first = first
        self._stop, self._clock = first + n_hops, track.clock
        above = self._level.feed(track)
        self._jerk.append(first, track.values)
        self._flags.append(first, track.quality)
        if self._finder.onset is not None or above.any():
            self._wait(self._finder.feed(above, above, first), None)
        hop = self._stop if self._finder.onset is None else self._finder.onset
        for trace in (self._jerk, self._flags, self._turn):
            trace.forget_before(hop - self._around)
        for frames in (self._resting, self._level):
            frames.forget_before((hop - self._around) // self._grid.hops_per_frame)
        return self._released(track.stop)

    def _wait(self, runs: Iterable[Run], signal_stop: int | None) -> None:
        """Apply the rules that need the surroundings; `signal_stop` is where the signal ends, if it does."""
        for run in runs:
            rise = self._jerk.between(run.onset, run.end)
            peak = run.onset + int(rise.argmax())
            peak_g, level = float(rise.max()), self._level.at(peak // self._grid.hops_per_frame)
            start, stop = peak - self._around, peak + self._around + 1
            near = self._jerk.between(start, stop)
            known_from = min(self._stop, stop) - len(near)
            wide = np.flatnonzero(near > level.resting_g + self._criteria.width_share * (peak_g - level.resting_g))
            width = Run(known_from + int(wide[0]), known_from + int(wide[-1]) + 1)
            span = self._timing.span(width, self._first, self._stop + 1 if signal_stop is None else signal_stop)
            duration_s = (width.end - width.onset) * self._grid.hop / self._stream.fs_hz
            flags = np.bitwise_or.reduce(self._flags.between(start, stop))
            sure = (
                len(near) == stop - start and not flags & _DOUBTFUL and self._stream.fs_hz >= self._criteria.full_fs_hz
            )
            measures = {"duration_s": duration_s, "peak_g": peak_g, "resting_g": level.resting_g}
            if self._band is not None:
                measures |= {"band_low_hz": self._band[0], "band_high_hz": self._band[1]}
            why = self._steps((peak_g - level.resting_g, level.rise_g), duration_s, self._busy_s(start, stop))
            quality = EventQuality.GOOD if sure else EventQuality.LOW
            self._waiting.append(_Jerk(span, measures, quality, why))

    def _busy_s(self, start: int, stop: int) -> float:
        """Return for how long the leg turns between two hops, from the first time to the last, s."""
        turn = self._turn.between(start, stop)
        first_frame, last_frame = start // self._grid.hops_per_frame, (stop - 1) // self._grid.hops_per_frame
        resting_g = self._resting.between(first_frame, last_frame + 1).max(initial=0.0)
        busy = np.flatnonzero(turn > resting_g + self._turn_g)
        if not len(busy):
            return 0.0
        n_hops = max(int(busy[-1] - busy[0]) + 1 - self._turn_hops, 0)
        return n_hops * self._grid.hop / self._stream.fs_hz

    def _steps(self, rise: tuple[float, float], duration_s: float, busy_s: float) -> tuple[Step, ...]:
        criteria = self._criteria
        return (
            Step("peak_g", *rise, held=True),
            Step("min_s", duration_s, criteria.min_s, duration_s >= criteria.min_s),
            Step("max_s", duration_s, criteria.max_s, duration_s <= criteria.max_s),
            Step("max_busy_s", busy_s, criteria.max_busy_s, busy_s <= criteria.max_busy_s),
        )

    def _released(self, stop: int | None) -> list[Event]:
        """Return the jerks after which gravity is known; all if there is no more to come."""
        events: list[Event] = []
        while self._waiting:
            span = self._waiting[0].span
            known_at = max(self._orientation.known_at(span[1], self._lies), self._held_leg.judged_at(span))
            if stop is not None and known_at > stop:
                break
            events += self._judged(self._waiting.pop(0))
        return events

    def _judged(self, jerk: _Jerk) -> list[Event]:
        if self._clock is None:
            return []
        measures, why, quality = jerk.measures, jerk.why, jerk.quality
        change_deg = self._orientation.degrees(jerk.span, self._lies)
        if change_deg is None:
            quality = EventQuality.LOW
        else:
            limit_deg = self._criteria.max_turn_deg
            measures = {**measures, "orientation_change_deg": change_deg}
            why = (*why, Step("max_turn_deg", change_deg, limit_deg, change_deg < limit_deg))
        why = (*why, self._held_leg.step(jerk.span))
        times_ns = self._timing.times_ns(self._clock, *jerk.span)
        who = (EventKind.BRIEF_JERK, self._stream.sensor, self._stream.leg)
        event = Event(*who, *times_ns, measures, quality, why)
        if all(step.held for step in why):
            return [event]
        self._rejected.append(event)
        return []

    def _filter_s(self, order: int) -> float:
        """Return how late the band is, s."""
        if self._band is None:
            return 0.0
        return band_delay_s(band_pass(order, *self._band, self._stream.fs_hz), *self._band, self._stream.fs_hz)
