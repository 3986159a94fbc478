"""What happened around an event: whether the leg moved, stood, or was taken out of bed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detectors.annotations import nanoseconds
from detectors.events import Epoch, Event, EventKind
from detectors.night.fusion import PEAK, is_motion
from detectors.night.seen import SeenEvents

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from detectors.criteria import Criteria
    from detectors.night.placement import Placement
    from detectors.night.restlessness_criteria import RestlessnessCriteria
    from detectors.signal import Leg

MOVEMENT: Final = EventKind.LEG_MOVEMENT
# Of these a person may be aware; leg movements alone are no sign of it.
FOLLOWING: Final = frozenset({EventKind.SHIFT, EventKind.UPRIGHT, EventKind.BED_EXIT, EventKind.RESTLESSNESS})
_SEEN: Final = FOLLOWING | {MOVEMENT}
_MOVING: Final = frozenset({MOVEMENT, EventKind.SHIFT})
_RESTING: Final = "resting_uv"
TURN: Final = "orientation_change_deg"
MOST: Final = 0.5


class NightContext:
    """Remember movement and posture, and the contractions of every channel.

    Parameters
    ----------
    criteria : Criteria
        ``criteria.context`` is used.
    placement : Placement
        Which leg has which sensors.
    """

    def __init__(self, criteria: Criteria, placement: Placement) -> None:
        self._motion_share = criteria.context.motion_share
        self._placement = placement
        self._motion = SeenEvents()
        self._muscle = SeenEvents()
        self._resting: dict[str, list[Epoch]] = {}

    def add(self, events: Iterable[Event]) -> None:
        """Take events of any kind; what bears on no other is not kept.

        Only the first piece of a leg that is vertical without a step counts: a sensor that is worn
        the other way round would have it that the person stood all night, and hide every cramp.
        """
        for event in events:
            if event.kind is EventKind.CRAMP or (event.kind is MOVEMENT and not is_motion(event)):
                self._muscle.add(event)
            elif event.kind in _SEEN and not _only_vertical(event):
                self._motion.add(event)

    def add_epochs(self, epochs: Iterable[Epoch]) -> None:
        """Take half minutes of channels of EMG, for their resting level."""
        resting = self._resting
        for epoch in epochs:
            if _RESTING in epoch.measures:
                if epoch.sensor not in resting:
                    resting[epoch.sensor] = []
                resting[epoch.sensor].append(epoch)

    def resting_uv(self, sensor: str, at_ns: int) -> float | None:
        """Return the resting level of a channel in the half minute around an instant, UTC ns; None if not known."""
        for epoch in reversed(self._resting.get(sensor, [])):
            if epoch.start_ns <= at_ns < epoch.start_ns + nanoseconds(epoch.duration_s):
                return epoch.measures[_RESTING]
        return None

    def moved(self, leg: Leg, start_ns: int, stop_ns: int) -> bool:
        """Return whether acceleration saw a leg move in ``[start, stop)``, UTC ns."""
        return any(self._motion.between(start_ns, stop_ns, _MOVING, leg))

    def turning_share(self, event: Event, limits: RestlessnessCriteria) -> float:
        """Return for how much of a contraction the leg moves, if it turns and moves from its beginning on.

        A body shift is a sustained contraction as well, but the leg moves and turns with it from the
        beginning. A muscle that cramps moves the leg little, and the person some time later.

        Parameters
        ----------
        event : Event
            A contraction of a leg.
        limits : RestlessnessCriteria
            ``gap_s``, ``orientation_deg`` and ``max_s`` are used.

        Returns
        -------
        float
            From the first movement of this leg to the last one of either, 0 to 1, for a body shift
            moves the whole body; 0 if it is none.
        """
        gap_ns = nanoseconds(limits.gap_s)
        moved = self._motion.between(event.onset_ns - gap_ns, event.end_ns, _MOVING, event.leg)
        turned = any(one.measures.get(TURN, 0.0) >= limits.orientation_deg for one in moved)
        if not turned or event.duration_s > limits.max_s:
            return 0.0
        first_ns = min(one.onset_ns for one in moved)
        last_ns = max(one.end_ns for one in self._motion.between(event.onset_ns - gap_ns, event.end_ns, _MOVING))
        if first_ns >= event.onset_ns + gap_ns:
            return 0.0
        inside_ns = min(last_ns, event.end_ns) - max(first_ns, event.onset_ns)
        return inside_ns / (event.end_ns - event.onset_ns)

    def first_above(self, leg: Leg, start_ns: int, stop_ns: int, limit_g: float) -> Event | None:
        """Return the first movement of a leg in ``[start, stop)``, UTC ns, that was harder than a limit."""
        seen = self._motion.between(start_ns, stop_ns, {MOVEMENT}, leg)
        return self._first(event for event in seen if event.measures[PEAK] > limit_g)

    def upright(self, leg: Leg, start_ns: int, stop_ns: int) -> Event | None:
        """Return when a leg stood in ``[start, stop)``, UTC ns; where no motion sensor saw it, when any leg did."""
        sees = self._placement.sees_motion(leg, start_ns, stop_ns, self._motion_share)
        whose = leg if sees else None
        return self._first(self._motion.between(start_ns, stop_ns, {EventKind.UPRIGHT}, whose))

    def walking(self, leg: Leg, start_ns: int, stop_ns: int) -> float:
        """Return which share of ``[start, stop)``, UTC ns, a leg was upright and took steps, 0 to 1."""
        sees = self._placement.sees_motion(leg, start_ns, stop_ns, self._motion_share)
        stood = self._motion.between(start_ns, stop_ns, {EventKind.UPRIGHT}, leg if sees else None)
        inside_ns, at_ns = 0, start_ns
        for walk in sorted((event for event in stood if event.measures.get("steps")), key=_order):
            inside_ns += max(min(walk.end_ns, stop_ns) - max(walk.onset_ns, at_ns), 0)
            at_ns = max(at_ns, walk.end_ns)
        return inside_ns / (stop_ns - start_ns) if stop_ns > start_ns else 0.0

    def bed_exit(self, start_ns: int, stop_ns: int) -> Event | None:
        """Return when the person was out of bed in ``[start, stop)``, UTC ns."""
        return self._first(self._motion.between(start_ns, stop_ns, {EventKind.BED_EXIT}))

    def shifted(self, leg: Leg, start_ns: int, stop_ns: int) -> bool:
        """Return whether a leg came to lie differently in ``[start, stop)``, UTC ns."""
        return any(self._motion.between(start_ns, stop_ns, {EventKind.SHIFT}, leg))

    def followed(self, event: Event, within_ns: int, lasting_ns: int, *, by: Collection[EventKind] = FOLLOWING) -> bool:
        """Return whether something followed an event.

        Parameters
        ----------
        event : Event
            What may have been followed.
        within_ns : int
            How long after its end, ns.
        lasting_ns : int
            How long a movement lasts, and restlessness goes on after the event, at the least, ns.
        by : collection of EventKind
            What counts. A person leaves the bed with both legs; everything else is the event's leg's.

        Returns
        -------
        bool
            Whether something of the kind went on after the end of the event.
        """
        start_ns, stop_ns = event.end_ns, event.end_ns + within_ns
        if EventKind.BED_EXIT in by and self.bed_exit(start_ns, stop_ns) is not None:
            return True
        seen = self._motion.between(start_ns, stop_ns, by, event.leg)
        return any(_counts(found, event.end_ns, lasting_ns) for found in seen)

    def contractions(self, leg: Leg, start_ns: int, stop_ns: int) -> list[Event]:
        """Return the leg movements and bouts in any EMG of a leg that overlap ``[start, stop)``, UTC ns."""
        kinds = {MOVEMENT, EventKind.CRAMP}
        return sorted(self._muscle.between(start_ns, stop_ns, kinds, leg), key=_order)

    def forget(self, before_ns: int) -> None:
        """Drop what ended before a time, UTC ns."""
        self._motion.forget(before_ns)
        self._muscle.forget(before_ns)
        for sensor, epochs in self._resting.items():
            if epochs and epochs[0].start_ns < before_ns:
                self._resting[sensor] = [epoch for epoch in epochs if epoch.start_ns >= before_ns]

    @staticmethod
    def _first(events: Iterable[Event]) -> Event | None:
        return min(events, key=_order, default=None)


def _only_vertical(event: Event) -> bool:
    """Say whether a leg has been vertical for long without a step: one sits, or the sensor is worn another way."""
    measures = event.measures
    return event.kind is EventKind.UPRIGHT and bool(measures.get("continued")) and not measures.get("steps")


def _counts(found: Event, after_ns: int, lasting_ns: int) -> bool:
    if found.kind is MOVEMENT:
        return found.end_ns - found.onset_ns >= lasting_ns
    if found.kind is EventKind.RESTLESSNESS:
        return found.end_ns - max(found.onset_ns, after_ns) >= lasting_ns
    return True


def _order(event: Event) -> tuple[int, int, str, str]:
    return event.onset_ns, event.end_ns, event.leg, event.sensor
