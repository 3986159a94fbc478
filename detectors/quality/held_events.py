"""Events that wait until it is known how good the signal under them was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from detectors.events import EventKind, EventQuality
from detectors.quality.validity import EpochQuality

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.events import Event
    from detectors.quality.criteria import ValidityCriteria
    from detectors.signal import Clock, Gap, Stream
    from detectors.track import Track

# What says that the signal is bad is not itself in doubt because of that.
_ABOUT_THE_SIGNAL = frozenset({EventKind.ELECTRODE_OFF, EventKind.NOT_WORN, EventKind.SIGNAL_GAP})


class Placed(NamedTuple):
    """An event and the samples under it, ``[first, stop)``."""

    event: Event
    first: int
    stop: int


def placed(events: Iterable[Event], clock: Clock) -> list[Placed]:
    """Return events with the samples under them."""
    return [Placed(event, clock.index_at(event.onset_ns), clock.index_at(event.end_ns)) for event in events]


def marked(one: Placed, quality: EpochQuality) -> Event:
    """Return an event, of low quality where it touches a bad half minute."""
    event = one.event
    if event.kind in _ABOUT_THE_SIGNAL or not quality.bad(one.first, one.stop):
        return event
    return replace(event, quality=EventQuality.LOW)


class HeldEvents:
    """Hold the events of one segment until the half minute that each ends in is judged.

    Parameters
    ----------
    stream : Stream
        The stream that they were found in.
    criteria : ValidityCriteria
        Which half minutes are bad.
    """

    def __init__(self, stream: Stream, criteria: ValidityCriteria) -> None:
        self._quality = EpochQuality(stream, criteria)
        self._held: list[Placed] = []

    def __bool__(self) -> bool:
        return bool(self._held)

    def earliest_ns(self, settled_ns: int) -> int:
        """Return the time before which no later event will begin, given that of the detectors, UTC ns."""
        return min([settled_ns, *(held.event.onset_ns for held in self._held)])

    def judge(self, item: Track | Gap) -> None:
        """Take one track, or a gap, before the events that follow from it."""
        self._quality.feed(item)

    def add(self, events: Iterable[Event], clock: Clock) -> None:
        """Hold events back."""
        self._held += placed(events, clock)

    def released(self) -> list[Event]:
        """Return the events whose half minutes are judged, in the order in which they came."""
        judged = self._quality.judged
        ready = [held for held in self._held if held.stop <= judged]
        if ready:
            self._held = [held for held in self._held if held.stop > judged]
        return [marked(held, self._quality) for held in ready]

    def finish(self) -> list[Event]:
        """Return all events; the segment is over."""
        self._quality.finish()
        ready, self._held = self._held, []
        return [marked(held, self._quality) for held in ready]
