"""What every decoder does with the samples of one stream once they are in order.

An :class:`Outlet` puts blocks on the clock, says what is missing, and keeps the promise of the
watermark: after it was said that nothing from before `t` comes any more, nothing does.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S, Gap, GapCause, SampleBlock, Stream, Watermark

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingest.clock import ClockFit
    from ingest.decoders.base import Item

BACKFILL_WINDOW_S = 10.0
"""Data that arrive this much late are still used at once."""
_LATENCY_S = 2.0
"""What a healthy link may be late besides."""
_COMPRESSED_LATENCY_WALL_S = 10.0
"""The same in a night played faster than it lasts: the machine, not the link, is late then."""


def lag_ns(backfill_window_s: float, speed: float) -> float:
    """Return how far a silent stream's watermark stays behind the log, ns; infinite if the window is."""
    latency_s = _LATENCY_S if speed <= 1.0 else _COMPRESSED_LATENCY_WALL_S * speed
    return (backfill_window_s + latency_s) * NS_PER_S


class Outlet:
    """The ordered samples of one segment of one stream.

    Parameters
    ----------
    stream : Stream
        The stream.
    fit : ClockFit
        Its clock, fresh.
    floor_ns : int, optional
        The last watermark of the segment before.

    Notes
    -----
    Samples older than the last watermark are left out and become part of a gap; how many, is in
    `n_late`. They are in the log, and a replay with a wider window uses them. Samples that a sensor sent
    again in time to fill a gap are counted in `n_refilled`.
    """

    def __init__(self, stream: Stream, fit: ClockFit, floor_ns: int | None = None) -> None:
        self.stream = stream
        self.fit = fit
        self.expected: int | None = None
        self.floor_ns = floor_ns
        self.n_late = 0
        self.n_refilled = 0
        self._late_from: int | None = None
        self._silent = False
        self._may_be_late = floor_ns is not None

    def put(self, start: int, data: NDArray[np.float32], device_ns: int, arrival_ns: int) -> list[Item]:
        """Hand out samples; what is missing before `start` was said with :meth:`missing`.

        Parameters
        ----------
        start : int
            Index of the first sample, at or after `expected`.
        data : ndarray of float32, shape (n_samples, n_axes)
            At least one sample, in the stream's unit.
        device_ns : int
            Device time of the first sample, ns, not wrapped.
        arrival_ns : int
            UTC of arrival, ns.
        """
        clock = self.fit.observe(start, len(data), device_ns, arrival_ns)
        stop = start + len(data)
        items: list[Item] = []
        if self._may_be_late and self.floor_ns is not None:
            # From the first sample in time on, all are: the clock does not run backwards.
            first = start + bisect_left(range(start, stop), self.floor_ns, key=clock.at)
            self.n_late += first - start
            if first > start and self._late_from is None:
                self._late_from = start
            self._may_be_late = first == stop
            start, data = first, data[first - start :]
        self.expected = stop
        if not len(data):
            return items
        if self._late_from is not None:
            items.append(self._gap(self._late_from, start - self._late_from, GapCause.RECONNECT))
            self._late_from = None
        self._silent = False
        items.append(SampleBlock(self.stream, clock, start, data))
        return items

    def missing(self, stop: int, cause: GapCause) -> list[Item]:
        """Say that the samples from `expected` to `stop` will not come."""
        if self.expected is None or stop <= self.expected:
            return []
        first, self.expected = self.expected, stop
        if self._late_from is not None:
            return []  # the late stretch goes on
        return [self._gap(first, stop - first, cause)]

    def tide(self, t_ns: int, cause: GapCause) -> list[Item]:
        """Raise the watermark of a stream that is behind `t_ns` (UTC); a stream that is not says so by its data."""
        if self.floor_ns is not None and t_ns <= self.floor_ns:
            return []
        clock = self.fit.clock
        items: list[Item] = []
        if clock is not None and self.expected is not None:
            if t_ns <= clock.at(self.expected):
                return []
            if not self._silent:
                first = self.expected if self._late_from is None else self._late_from
                items.append(Gap(self.stream, clock, first, None, cause))
                self._silent = True
        self.floor_ns, self._may_be_late = t_ns, True
        items.append(Watermark(self.stream, t_ns))
        return items

    def close(self) -> list[Item]:
        """Say that this segment is over."""
        clock = self.fit.clock
        if clock is None or self.expected is None:
            return []
        first = self.expected if self._late_from is None else self._late_from
        return [Gap(self.stream, clock, first, None, GapCause.END)]

    def next_segment(self, fit: ClockFit) -> Outlet:
        """Return the outlet of the next segment of the stream."""
        return Outlet(dataclasses.replace(self.stream, segment=self.stream.segment + 1), fit, self.floor_ns)

    def _gap(self, first: int, n_missing: int, cause: GapCause) -> Gap:
        clock = self.fit.clock
        assert clock is not None  # noqa: S101 - samples came before
        return Gap(self.stream, clock, first, n_missing, cause)
