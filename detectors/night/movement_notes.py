"""What the numbers of a night need to know of a movement besides its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.events import EventQuality

if TYPE_CHECKING:
    from detectors.events import Event


class MovementNote(NamedTuple):
    """What was said about one leg's movement.

    Parameters
    ----------
    low : bool
        Whether the signal under it cannot be trusted.
    moved : bool or None
        Whether acceleration saw it; None where the leg has no such sensor.
    activated : bool or None
        Whether the body moved with it or soon after; None where that was not looked for.
    """

    low: bool
    moved: bool | None
    activated: bool | None


def note_of(movement: Event) -> MovementNote:
    """Return what is to be remembered of a movement's event.

    Parameters
    ----------
    movement : Event
        The newest revision.

    Returns
    -------
    MovementNote
        A small part of it: a night has thousands.
    """
    return MovementNote(
        movement.quality is EventQuality.LOW,
        _truth(movement, "moved"),
        _truth(movement, "with_activation"),
    )


def _truth(movement: Event, measure: str) -> bool | None:
    value = movement.measures.get(measure)
    return None if value is None else value > 0
