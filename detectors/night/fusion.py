"""Movements of one leg from two sensors: what acceleration saw of them, and whether they are part of a train."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detectors.annotations import nanoseconds
from detectors.events import Event, EventKind, Step, StepRole
from detectors.night.seen import SeenEvents

if TYPE_CHECKING:
    from detectors.criteria import Criteria
    from detectors.night.placement import Placement
    from detectors.night.trains import Trains

# A train may begin a little after its first movement does, and acceleration ends a little after the muscle.
MARGIN_S: Final = 1.0
IN_TRAIN: Final = "in_train"
MOVED: Final = "moved"
PEAK: Final = "peak_g"
_MOVING: Final = (EventKind.LEG_MOVEMENT, EventKind.SHIFT)


class MovementFusion:
    """Hold movements until it is known what the other sensor and the trains say about them.

    Parameters
    ----------
    criteria : Criteria
        ``criteria.context`` is used.
    placement : Placement
        Which leg has a motion sensor.
    trains : Trains
        The trains that were found.

    Notes
    -----
    Movements leave in the order of their onsets, one second after they have ended at the earliest.
    New measures of a ``leg_movement``: ``in_train`` (0 or 1) and, for one found in EMG on a leg with
    a motion sensor, ``moved`` (0 or 1) and ``moved_peak_g`` where it was seen to move.
    """

    def __init__(self, criteria: Criteria, placement: Placement, trains: Trains) -> None:
        self._criteria = criteria.context
        self._moved_ns = nanoseconds(criteria.context.moved_s)
        self._placement = placement
        self._trains = trains
        self._seen = SeenEvents()
        self._waiting: list[Event] = []
        self._settled_ns: int | None = None

    def add(self, movement: Event) -> None:
        """Take a movement or a shift of one leg."""
        if is_motion(movement):
            self._seen.add(movement)
        self._waiting.append(movement)

    def advance(self, horizon_ns: int) -> list[Event]:
        """Return the movements that are decided once no event before `horizon_ns` (UTC) can come any more."""
        settled_ns = horizon_ns - nanoseconds(MARGIN_S)
        undecided = [movement.onset_ns for movement in self._waiting if movement.end_ns > settled_ns]
        settled_ns = min([settled_ns, *undecided])
        self._settled_ns = settled_ns if self._settled_ns is None else max(settled_ns, self._settled_ns)
        ready = sorted((m for m in self._waiting if m.onset_ns < self._settled_ns), key=_order)
        if ready:
            self._waiting = [m for m in self._waiting if m.onset_ns >= self._settled_ns]
        return [self._told(movement) for movement in ready]

    def settled_ns(self, horizon_ns: int) -> int:
        """Return the time before which no later movement will leave, UTC ns."""
        return horizon_ns if self._settled_ns is None else self._settled_ns

    def forget(self, before_ns: int) -> None:
        """Drop what ended before a time, UTC ns."""
        self._seen.forget(before_ns)

    def sees(self, movement: Event) -> bool:
        """Return whether acceleration could see a movement."""
        where = (movement.leg, movement.onset_ns, movement.end_ns)
        return self._placement.sees_motion(*where, self._criteria.motion_share)

    def _told(self, movement: Event) -> Event:
        share = self._trains.share_of(movement)
        inside = share > self._criteria.train_share
        why = movement.why
        if inside:
            why = (*why, Step("train_share", share, self._criteria.train_share, held=False, role=StepRole.INFORMATION))
        measures = {**movement.measures, IN_TRAIN: float(inside)}
        if not is_motion(movement) and self.sees(movement):
            measures |= self._moved(movement)
        return movement.again(measures, why)

    def _moved(self, movement: Event) -> dict[str, float]:
        """Return what acceleration saw of a movement found in EMG."""
        start_ns, stop_ns = movement.onset_ns - self._moved_ns, movement.end_ns + self._moved_ns
        peaks_g = [m.measures.get(PEAK, 0.0) for m in self._seen.between(start_ns, stop_ns, _MOVING, movement.leg)]
        if not peaks_g:
            return {MOVED: 0.0}
        return {MOVED: 1.0, "moved_peak_g": max(peaks_g)}


def is_motion(event: Event) -> bool:
    """Return whether a movement was found in acceleration."""
    return event.kind is EventKind.SHIFT or PEAK in event.measures


def _order(event: Event) -> tuple[int, int, str, str, str]:
    return event.onset_ns, event.end_ns, event.kind, event.leg, event.sensor
