"""What shows that a person is awake, however the legs lie otherwise."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from detectors.annotations import Span
from detectors.events import EventKind
from detectors.quality.valid_hours import joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from detectors.events import Event


def awake_spans(events: Sequence[Event], not_worn: Iterable[Event]) -> list[Span]:
    """Return where somebody stands, walks, gets up or is active for long (science.md 6.3).

    Parameters
    ----------
    events : sequence of Event
        Events of the night.
    not_worn : iterable of Event
        Where sensors were not worn: what a sensor shows there says nothing about its wearer.

    Returns
    -------
    list of Span
        By onset, UTC ns; those of several legs overlap.
    """
    off: dict[str, list[Span]] = {}
    for event in not_worn:
        off.setdefault(event.sensor, []).append(Span(event.onset_ns, event.end_ns))
    return sorted(
        span for event in events if shows_wake(event) for span in _outside(event, off.get(_device(event, off), ()))
    )


def shows_wake(event: Event) -> bool:
    """Return whether somebody who does this is awake."""
    if event.kind is EventKind.RESTLESSNESS:
        return event.measures.get("prolonged", 0.0) > 0
    return event.kind is EventKind.BED_EXIT or (event.kind is EventKind.UPRIGHT and shows_upright(event))


def shows_upright(event: Event) -> bool:
    """Return whether a vertical leg is one of somebody who stands, walks or sits.

    A sensor that is mounted with another axis along the shank calls a lying leg vertical for hours.
    What goes on for longer than a piece of greatest length counts only with steps.
    """
    return event.measures.get("continued", 0.0) == 0 or event.measures.get("steps", 0.0) > 0


def _device(event: Event, off: Iterable[str]) -> str:
    """Return the sensor that lies where an event's channel lies."""
    return next((name for name in off if event.sensor == name or event.sensor.startswith(f"{name}.")), "")


def _outside(event: Event, off: Sequence[Span]) -> list[Span]:
    """Return the parts of an event outside of some stretches."""
    clipped = (Span(max(o.onset_ns, event.onset_ns), min(o.end_ns, event.end_ns)) for o in off)
    inside = joined((span for span in clipped if span.onset_ns < span.end_ns), touching_s=0.0)
    edges_ns = [event.onset_ns, *(edge for span in inside for edge in span), event.end_ns]
    return [Span(a, b) for a, b in list(pairwise(edges_ns))[::2] if a < b]
