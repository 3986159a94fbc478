"""Leg movements after which the body moves: the nearest that a leg can come to an arousal (science.md 6.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from detectors.annotations import nanoseconds
from detectors.events import EventKind

if TYPE_CHECKING:
    from detectors.criteria import Criteria
    from detectors.events import Event
    from detectors.night.context import NightContext

ACTIVATION: Final = "with_activation"
_RESTLESS: Final = frozenset({EventKind.RESTLESSNESS})


class Activation:
    """Find the movements with which, or soon after which, the leg comes to lie differently or goes on moving.

    Parameters
    ----------
    criteria : Criteria
        ``criteria.context`` and ``criteria.restlessness`` are used.
    context : NightContext
        Shifts and restlessness.

    Notes
    -----
    A shift counts from the onset of the movement on, as the movement may be what shifted the leg.
    Restlessness counts for what is left of it after the movement, which may be its beginning.
    """

    def __init__(self, criteria: Criteria, context: NightContext) -> None:
        self._context = context
        self._within_ns = nanoseconds(criteria.context.activation_s)
        self._lasting_ns = nanoseconds(criteria.restlessness.min_s)
        self._waiting: list[Event] = []

    def watch(self, movement: Event) -> None:
        """Take a movement of a leg with a motion sensor."""
        self._waiting.append(movement)

    def advance(self, settled_ns: int) -> list[Event]:
        """Return the activated ones once no restlessness and no other event before `settled_ns` (UTC) can come."""
        latest_ns = settled_ns - self._within_ns
        done = [movement for movement in self._waiting if movement.end_ns < latest_ns]
        if done:
            self._waiting = [movement for movement in self._waiting if movement.end_ns >= latest_ns]
        return [movement for movement in done if self._is_activated(movement)]

    @property
    def waiting_from_ns(self) -> int | None:
        """Onset of the first movement that is not decided, UTC ns; None if there is none."""
        return min((movement.onset_ns for movement in self._waiting), default=None)

    def _is_activated(self, movement: Event) -> bool:
        until_ns = movement.end_ns + self._within_ns
        if self._context.shifted(movement.leg, movement.onset_ns, until_ns):
            return True
        return self._context.followed(movement, self._within_ns, self._lasting_ns, by=_RESTLESS)
