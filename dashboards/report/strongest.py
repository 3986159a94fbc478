"""Which events of a night a report shows close up, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.web.classes import EventClass, class_of, word_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.book import NightView
    from detectors.events import Event

N_SHOWN = 3
RULE = (
    "Cramp-like contractions first, probable before possible, then other activity; within each the strongest signal "
    "first. What the wearer denied is left out."
)
# Positions and what is missing have no trace that would tell a clinician anything.
_ORDER = (
    EventClass.CRAMP_PROBABLE,
    EventClass.CRAMP_POSSIBLE,
    EventClass.SUSTAINED,
    EventClass.PERIODIC,
    EventClass.MOVEMENT,
)


def strongest(view: NightView) -> Sequence[Event]:
    """Return the events of a night that are shown close up; at most three.

    Parameters
    ----------
    view : NightView
        The night.

    Returns
    -------
    sequence of Event
        Cramp-like contractions first, and within a class the strongest signal first; nothing that the person denied.
        Of equals the earlier one.
    """
    places = {name: place for place, name in enumerate(_ORDER)}
    found = [event for event in view.events if class_of(event) in places and word_of(event) is not False]
    found.sort(key=lambda event: (_place(event, places), -_strength(event), event.onset_ns))
    return tuple(found[:N_SHOWN])


def _place(event: Event, places: dict[EventClass, int]) -> int:
    name = class_of(event)
    # Periodic or not, a movement is a movement: the strongest of them comes first.
    return places[EventClass.PERIODIC if name is EventClass.MOVEMENT else name] if name else len(places)


def _strength(event: Event) -> float:
    """Return the highest signal; EMG in µV is always more than acceleration in g."""
    return event.measures.get("peak_uv", event.measures.get("peak_g", 0.0))
