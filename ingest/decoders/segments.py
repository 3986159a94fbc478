"""What is remembered of the segments of a sensor when they are over: how well their time was known."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ingest.stream_key import stream_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from detectors.signal import Stream
    from ingest.decoders.outlet import Outlet
    from ingest.envelope import ClockQuality
    from ingest.stream_key import StreamKey

LEAST_MINIMA = 2
"""A segment with fewer was over before its clock could be fitted."""


class Segments:
    """The segments of one sensor in one night."""

    def __init__(self) -> None:
        self._ended: list[tuple[Stream, ClockQuality]] = []
        self._n_late = 0
        self._n_refilled: Counter[StreamKey] = Counter()
        self._newest: dict[StreamKey, Outlet] = {}

    def end(self, outlet: Outlet) -> None:
        """Remember a segment that is over."""
        self._n_late += outlet.n_late
        key = stream_key(outlet.stream)
        self._n_refilled[key] += outlet.n_refilled
        self._newest[key] = outlet
        quality = outlet.fit.quality
        if quality.n_minima >= LEAST_MINIMA:
            self._ended.append((outlet.stream, quality))

    def newest(self, stream: Stream) -> Outlet | None:
        """Return the segment of a stream that ended last; None if this is its first."""
        return self._newest.get(stream_key(stream))

    def clocks(self, current: Iterable[Outlet]) -> list[tuple[Stream, ClockQuality]]:
        """Return how well the time of each segment is known: those that are over, then the current ones."""
        return [*self._ended, *((outlet.stream, outlet.fit.quality) for outlet in current)]

    def n_late(self, current: Iterable[Outlet]) -> int:
        """Return how many samples came too late to be used."""
        return self._n_late + sum(outlet.n_late for outlet in current)

    def n_refilled(self, current: Iterable[Outlet]) -> Counter[StreamKey]:
        """Return how many samples were sent again in time to fill a gap."""
        return sum((Counter({stream_key(outlet.stream): outlet.n_refilled}) for outlet in current), self._n_refilled)
