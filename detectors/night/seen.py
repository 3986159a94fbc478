"""What was seen around an event: the events that others are compared with, for as long as one may ask."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from detectors.events import Event, EventKind
    from detectors.signal import Leg


class SeenEvents:
    """Remember events by leg and kind, and find those that overlap a stretch of time."""

    def __init__(self) -> None:
        self._by: dict[tuple[Leg, EventKind], _Shelf] = {}

    def add(self, event: Event) -> None:
        """Remember an event."""
        key = (event.leg, event.kind)
        if key not in self._by:
            self._by[key] = _Shelf()
        self._by[key].add(event)

    def between(self, start_ns: int, stop_ns: int, kinds: Collection[EventKind], leg: Leg | None = None) -> list[Event]:
        """Return what overlaps a stretch of time, the latest of each kind first.

        Parameters
        ----------
        start_ns, stop_ns : int
            ``[start, stop)``, UTC ns.
        kinds : collection of EventKind
            What is looked for.
        leg : Leg, optional
            On which leg; on any if not given.

        Returns
        -------
        list of Event
            What begins before the end of the stretch and ends after its start.
        """
        found: list[Event] = []
        for (whose, kind), shelf in self._by.items():
            if (leg is None or leg is whose) and kind in kinds:
                found += shelf.between(start_ns, stop_ns)
        return found

    def forget(self, before_ns: int) -> None:
        """Drop what ended before a time, UTC ns."""
        for shelf in self._by.values():
            shelf.forget(before_ns)


class _Shelf:
    """Events of one kind by onset."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._onsets_ns: list[int] = []
        self._longest_ns = 0

    def add(self, event: Event) -> None:
        # They come in order but for a few.
        at = len(self._events)
        if at and event.onset_ns < self._onsets_ns[-1]:
            at = bisect_right(self._onsets_ns, event.onset_ns)
        self._events.insert(at, event)
        self._onsets_ns.insert(at, event.onset_ns)
        self._longest_ns = max(self._longest_ns, event.end_ns - event.onset_ns)

    def between(self, start_ns: int, stop_ns: int) -> list[Event]:
        # What began earlier than the longest event lasts is over.
        first = bisect_right(self._onsets_ns, start_ns - self._longest_ns)
        stop = bisect_left(self._onsets_ns, stop_ns, first)
        return (
            [event for event in reversed(self._events[first:stop]) if event.end_ns > start_ns] if stop > first else []
        )

    def forget(self, before_ns: int) -> None:
        # All that is older than the longest event could be is gone at the first glance.
        if self._events and self._events[0].end_ns < before_ns:
            self._events = [event for event in self._events if event.end_ns >= before_ns]
            self._onsets_ns = [event.onset_ns for event in self._events]
            self._longest_ns = max((event.end_ns - event.onset_ns for event in self._events), default=0)
