"""When the leg is vertical, walks, and leaves the bed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from detectors.events import Event, EventKind, EventQuality, Step, StepRole
from detectors.framing import MOTION_HOP_S, grid_of
from detectors.motion.gravity import GRAVITY, GravityMean
from detectors.motion.steps import Walk, walk_in
from detectors.runs import Trace
from detectors.timing import Timing
from detectors.track import Track, TrackName

if TYPE_CHECKING:
    from detectors.criteria import Criteria
    from detectors.motion.gravity import Directions
    from detectors.signal import Clock, Gap, Stream

_RIGHT_ANGLE_DEG: Final = 90.0
# A longer silence ends everything that was open, as in a chain; shorter ones interrupt the signal, not the posture.
_LONGEST_PAUSE_S: Final = 90.0


@dataclass(slots=True)
class _Part:
    """A stretch of a vertical leg without a gap: samples, angles that were seen, steps."""

    onset: int
    end: int
    angles_deg: list[float] = field(default_factory=list)
    walk: Walk = field(default_factory=Walk)


@dataclass(slots=True)
class _Upright:
    """A leg that is vertical, over gaps; `continued` if the piece before it reached its greatest length."""

    parts: list[_Part]
    continued: bool
    left_bed: bool

    @property
    def onset(self) -> int:
        return self.parts[0].onset


class PostureDetector:
    """Find where the leg is vertical, and where that is getting out of bed (science.md 5.4).

    A leg is vertical from the moment its long axis comes within ``upright_deg`` of the vertical,
    either way up, until it is ``lying_deg`` or more away from it. A person who sits with the leg
    down has a vertical leg as well: nothing here says that somebody stands.

    Parameters
    ----------
    stream : Stream
        Acceleration of three axes.
    criteria : Criteria
        ``posture`` is used.

    Notes
    -----
    Reads gravity and ``movement_g`` of :class:`detectors.motion.features.MotionFeatures`. Measures
    of ``upright``: ``duration_s``, ``tilt_deg`` (mean angle between long axis and vertical),
    ``steps``, ``cadence_hz`` where there are steps, and ``continued`` (1 for what follows a gap or
    a piece of the greatest length). A ``bed_exit`` is told once for a stretch, with its first piece;
    its measures are ``duration_s`` and ``steps`` of all of it up to the greatest length, and
    ``upright_s``. Steps are peaks of the movement at a walking pace. A sensor on one leg sees the
    steps of the other weakly, so that they may be counted half.
    """

    def __init__(self, stream: Stream, criteria: Criteria) -> None:
        self._stream = stream
        self._criteria = criteria.posture
        self._grid = grid_of(stream.fs_hz, MOTION_HOP_S)
        self._timing = Timing(stream, self._grid.hop, 0)
        n_mean = max(1, round(criteria.posture.mean_s * stream.fs_hz / self._grid.frame))
        self._gravity = GravityMean(criteria.posture, n_mean)
        # Frames after which a turn by a right angle is seen in the mean.
        near, far = (math.tan(math.radians(a)) for a in (criteria.posture.upright_deg, criteria.posture.lying_deg))
        self._onset_lag = (math.ceil(n_mean / (1 + near)) - 1) * self._grid.frame
        self._end_lag = (math.ceil(n_mean * far / (1 + far)) - 1) * self._grid.frame
        self._near, self._far = (
            math.cos(math.radians(a)) for a in (criteria.posture.upright_deg, criteria.posture.lying_deg)
        )
        self._longest = round(criteria.posture.max_piece_s * stream.fs_hz)
        self._movement = Trace()
        self._directions: Directions | None = None
        self._upright: _Upright | None = None
        self._rejected: list[Event] = []
        self._floor = 0
        self._stop = 0
        self._clock: Clock | None = None

    @property
    def settled(self) -> int:
        """Sample index before which no later event will begin."""
        if self._upright is not None:
            return self._upright.onset
        return max(self._stop - self._stop % self._grid.frame - self._onset_lag, self._floor, 0)

    def feed(self, item: Track | Gap) -> list[Event]:
        """Take one track, or a gap.

        Parameters
        ----------
        item : Track or Gap
            In the order in which the features give them; a gap shows in the tracks after it.

        Returns
        -------
        list of Event
            Stretches that ended, in pieces.
        """
        if not isinstance(item, Track):
            return []
        if item.name in GRAVITY:
            self._directions = self._gravity.note(item) or self._directions
        elif item.name is TrackName.MOVEMENT_G and len(item.values):
            return self._seen(item)
        return []

    def finish(self) -> list[Event]:
        """Return the stretch that was still open."""
        return self._closed(self._stop)

    def rejected(self) -> list[Event]:
        """Return the stretches since the last call that were too short."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def _seen(self, track: Track) -> list[Event]:
        events = self._resumed(track.start) if track.start > self._stop else []
        self._movement.append(track.start // track.hop, track.values)
        self._stop, self._clock = track.stop, track.clock
        directions, self._directions = self._directions, None
        if directions is not None:
            events += self._walked(directions)
        keep = self._stop - self._onset_lag - self._grid.frame
        if self._upright is not None:
            keep = min(keep, self._upright.parts[-1].onset)
        self._movement.forget_before(keep // self._grid.hop)
        return events

    def _resumed(self, start: int) -> list[Event]:
        """Begin anew after a gap; a vertical leg stays one if the gap is short."""
        pause_s, stop = (start - self._stop) / self._stream.fs_hz, self._stop
        self._floor = start
        if self._upright is None:
            return []
        if pause_s > _LONGEST_PAUSE_S:
            return self._closed(stop)
        self._end_part(stop)
        self._upright.parts.append(_Part(start, start))
        return []

    def _walked(self, directions: Directions) -> list[Event]:
        """Follow the posture frame by frame, where there is something to follow."""
        vertical = directions.valid & (directions.cosine >= self._near)
        if self._upright is None and not vertical.any():
            return []
        lying = directions.valid & (directions.cosine <= self._far)
        events: list[Event] = []
        rows = zip(
            vertical.tolist(), lying.tolist(), directions.cosine.tolist(), directions.valid.tolist(), strict=True
        )
        for frame, (up, down, cosine, valid) in enumerate(rows, start=directions.first):
            start = frame * self._grid.frame
            if self._upright is None and up:
                onset = max(start - self._onset_lag, self._floor)
                self._upright = _Upright([_Part(onset, onset)], continued=False, left_bed=False)
            if self._upright is None:
                continue
            if down:
                events += self._closed(start - self._end_lag)
                continue
            if valid:
                self._upright.parts[-1].angles_deg.append(math.degrees(math.acos(min(cosine, 1.0))))
            if min(start + self._grid.frame, self._stop) - self._upright.onset >= self._longest:
                events += self._closed(self._upright.onset + self._longest, goes_on=True)
        return events

    def _closed(self, end: int, *, goes_on: bool = False) -> list[Event]:
        """End the stretch at a sample and return its events, if it was long enough."""
        upright = self._upright
        if upright is None:
            return []
        self._end_part(end)
        self._upright = None
        end = upright.parts[-1].end
        self._floor = max(self._floor, end)
        why, events = self._judged(upright, (end - upright.onset) / self._stream.fs_hz)
        if not why[-1].held:
            self._rejected += events
            events = []
        left = upright.left_bed or any(event.kind is EventKind.BED_EXIT for event in events)
        if goes_on:
            # Where a gap lies at the end of the piece, the next one begins after it.
            self._upright = _Upright([_Part(self._floor, self._floor)], continued=True, left_bed=left)
        return events

    def _end_part(self, end: int) -> None:
        """End the part at a sample and count its steps; parts that the end lies before are dropped."""
        if self._upright is None:
            return
        parts = self._upright.parts
        while len(parts) > 1 and parts[-1].onset >= end:
            parts.pop()
        part = parts[-1]
        part.end = max(min(end, part.end) if part.end > part.onset else end, part.onset)
        hops = self._movement.between(part.onset // self._grid.hop, part.end // self._grid.hop)
        if len(hops):
            part.walk = walk_in(hops, self._stream.fs_hz / self._grid.hop, self._criteria)

    def _judged(self, upright: _Upright, upright_s: float) -> tuple[tuple[Step, ...], list[Event]]:
        """Return the comparisons of a stretch, and its events."""
        criteria = self._criteria
        steps = sum(part.walk.steps for part in upright.parts)
        seen_deg = [angle for part in upright.parts for angle in part.angles_deg]
        # What goes on after a gap or a whole piece may be short.
        length = StepRole.INFORMATION if upright.continued else StepRole.REQUIRED
        why = (
            *((Step("upright_deg", min(seen_deg), criteria.upright_deg, held=True),) if seen_deg else ()),
            Step("min_s", upright_s, criteria.min_s, upright.continued or upright_s >= criteria.min_s, length),
        )
        events = []
        for number, part in enumerate(upright.parts):
            if part.end <= part.onset:
                continue
            measures = _measures(part, self._stream.fs_hz, continued=upright.continued or number > 0)
            events.append(self._event(EventKind.UPRIGHT, part, measures, why))
            if len(events) == 1 and not upright.left_bed and why[-1].held:
                events += self._exit(part, steps, upright_s, why)
        return why, events

    def _exit(self, part: _Part, steps: int, upright_s: float, why: tuple[Step, ...]) -> list[Event]:
        """Return the event of leaving the bed, if the leg walked or was vertical for long enough."""
        criteria = self._criteria
        walked, stood = steps >= criteria.min_steps, upright_s >= criteria.standing_s
        either = StepRole.ALTERNATIVE
        exits = self._event(
            EventKind.BED_EXIT,
            part,
            {"duration_s": (part.end - part.onset) / self._stream.fs_hz, "steps": float(steps), "upright_s": upright_s},
            (
                *why,
                Step("min_steps", steps, criteria.min_steps, walked, either),
                Step("standing_s", upright_s, criteria.standing_s, stood, either),
            ),
        )
        if walked or stood:
            return [exits]
        self._rejected.append(exits)
        return []

    def _event(self, kind: EventKind, part: _Part, measures: dict[str, float], why: tuple[Step, ...]) -> Event:
        if self._clock is None:
            msg = f"{self._stream.sensor}: there is a posture before any signal"
            raise ValueError(msg)
        times_ns = self._timing.times_ns(self._clock, part.onset, part.end)
        quality = EventQuality.GOOD
        return Event(kind, self._stream.sensor, self._stream.leg, *times_ns, measures, quality, why)


def _measures(part: _Part, fs_hz: float, *, continued: bool) -> dict[str, float]:
    measures = {"duration_s": (part.end - part.onset) / fs_hz, "steps": float(part.walk.steps)}
    if part.angles_deg:
        measures["tilt_deg"] = math.fsum(part.angles_deg) / len(part.angles_deg)
    if part.walk.steps:
        measures["cadence_hz"] = part.walk.cadence_hz
    return {**measures, "continued": float(continued)}
