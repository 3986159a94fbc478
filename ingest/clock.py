"""From the computer's monotonic time and a sensor's own clock to UTC.

A packet arrives some time after its last sample was taken: never before. So the smallest
differences between arrival and device time, the lower envelope, show the device's clock as the
computer sees it. A line through the envelope follows the drift of the device's crystal.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.signal import NS_PER_S, Clock, Knot
from ingest.night.records import NightStart, TimePair

if TYPE_CHECKING:
    from ingest.night.records import Record

KNOT_EVERY_S = 30.0
WINDOW_NS = 10 * NS_PER_S
"""One minimum of arrival minus device time is kept per window."""
MEMORY_NS = 600 * NS_PER_S
"""The line goes through the minima of this long."""
REJECT_NS = 50_000_000.0
"""A minimum this far above the envelope saw only delayed packets."""
MOST_SLOPE = 200e-6
"""Crystals are better than this; a steeper line is a mistake."""
LEAST_SPAN_NS = 60 * NS_PER_S
"""Below this the slope of the line is noise and stays as it was."""
LEAST_RATE_NS = 10 * NS_PER_S
"""Below this the measured sampling rate is noise and the nominal one is used."""
MOST_RATE_ERROR = 0.1
"""Cheap accelerometers miss their nominal rate by a few percent, never by more than this."""
MOST_SLEW = 0.1
"""How much a second may be stretched or squeezed while a wrong first guess is corrected."""
ERA_NS = 2 * NS_PER_S
"""Further apart than this, UTC and monotonic time belong to a computer that was started anew."""


class HostTime:
    """From monotonic time of the night to UTC.

    The first pair of the log is the anchor, for every sensor: when the computer's wall clock is
    set during the night, no sample moves and left stays with right. Only a collector that begins
    again on a restarted computer, whose monotonic time is another one, gets a new anchor.
    """

    def __init__(self) -> None:
        self._anchor: TimePair | None = None
        self._last_mono_ns = 0

    def feed(self, record: Record) -> None:
        """Take a record; those without UTC are ignored."""
        if isinstance(record, NightStart):
            pair = TimePair(record.mono_ns, record.utc_ns)
            if self._anchor is None or self._is_other_era(pair):
                self._anchor = pair
            self._last_mono_ns = record.mono_ns
        elif isinstance(record, TimePair):
            self._anchor = self._anchor or record
            self._last_mono_ns = record.mono_ns

    def utc_ns(self, mono_ns: int) -> int:
        """Return UTC, ns; before any pair the monotonic time itself."""
        if self._anchor is None:
            self._anchor = TimePair(0, 0)
        return mono_ns - self._anchor.mono_ns + self._anchor.utc_ns

    def _is_other_era(self, pair: TimePair) -> bool:
        return pair.mono_ns < self._last_mono_ns or abs(pair.utc_ns - self.utc_ns(pair.mono_ns)) > ERA_NS


class DevicePair(NamedTuple):
    """Device time and UTC of one instant, as the device itself knows them."""

    device_ns: int
    utc_ns: int


class _Minimum(NamedTuple):
    """The packet that arrived soonest in one window: device time, and arrival minus device time."""

    device_ns: int
    delay_ns: int


class ClockFit:
    """The clock of one segment of one stream, fitted while its packets arrive.

    Knots lie at multiples of 30 s of samples. A knot is made from the packets before it and never
    changes. The clock is continuous: a correction is worked off until the next knot, so time
    never runs backwards.

    Parameters
    ----------
    fs_hz : float
        Nominal sampling rate, Hz.
    by_arrival : bool
        Whether arrival says when a sample was taken. It does not in a night that is played faster
        than it lasts: then samples are placed by device time alone, from what :meth:`know` was told
        or else from the first arrival, and follow at the nominal rate.
    """

    def __init__(self, fs_hz: float, *, by_arrival: bool = True) -> None:
        self._fs_hz = fs_hz
        self.by_arrival = by_arrival
        self._known: DevicePair | None = None
        self._step = max(1, round(fs_hz * KNOT_EVERY_S))
        self._first: tuple[int, int] | None = None
        self._rate_hz = fs_hz
        self._minima: deque[_Minimum] = deque()
        self._slope = 0.0
        self.clock: Clock | None = None

    def fresh(self) -> ClockFit:
        """Return the clock of a segment that counts its samples anew on the same device clock."""
        fit = ClockFit(self._fs_hz, by_arrival=self.by_arrival)
        fit._known = self._known
        return fit

    def know(self, pair: DevicePair) -> None:
        """Take the device's own UTC; the first one counts, and only before the first sample."""
        if self._known is None and self.clock is None and not self.by_arrival:
            self._known = pair

    def observe_time(self, device_ns: int, arrival_ns: int) -> None:
        """Take a reading of the device's clock that arrived at `arrival_ns` (UTC)."""
        self._note(device_ns, arrival_ns - device_ns)

    def observe(self, start: int, n_samples: int, device_ns: int, arrival_ns: int) -> Clock:
        """Take a packet and return the clock in force at its last sample.

        Parameters
        ----------
        start : int
            Index of its first sample; packets come in the order of their samples.
        n_samples : int
            At least 1.
        device_ns : int
            Device time of the first sample, ns from any origin, not wrapped.
        arrival_ns : int
            UTC of arrival, ns.

        Returns
        -------
        Clock
            All knots so far.
        """
        if self._first is None:
            self._first = (start, device_ns)
        end_ns = device_ns + round(n_samples * NS_PER_S / self._rate_hz)
        if self.clock is None:
            self.clock = Clock((Knot(start, self._first_time(device_ns, end_ns, arrival_ns), self._fs_hz),))
        elif self.by_arrival:
            self._add_knot(start, start + n_samples, device_ns)
        self._note(end_ns, arrival_ns - end_ns)
        return self.clock

    def utc_ns(self, device_ns: int) -> int | None:
        """Return UTC of an instant given in device time, or None before anything arrived."""
        if self._known is not None:
            return device_ns - self._known.device_ns + self._known.utc_ns
        if not self.by_arrival and self.clock is not None and self._first is not None:
            return self.clock.knots[0].time_ns + device_ns - self._first[1]
        return self._host_ns(device_ns) if self._minima else None

    def _first_time(self, device_ns: int, end_ns: int, arrival_ns: int) -> int:
        """Time of the first sample: as the device knows it, or from the soonest arrival so far."""
        if self._known is not None:
            return device_ns - self._known.device_ns + self._known.utc_ns
        recent = [m.delay_ns for m in self._minima if end_ns - m.device_ns <= LEAST_SPAN_NS]
        return device_ns + min([arrival_ns - end_ns, *recent])

    def _note(self, device_ns: int, delay_ns: int) -> None:
        minimum = _Minimum(device_ns, delay_ns)
        if not self._minima or device_ns // WINDOW_NS > self._minima[-1].device_ns // WINDOW_NS:
            self._minima.append(minimum)
        elif delay_ns < self._minima[-1].delay_ns:
            self._minima[-1] = minimum
        while self._minima[-1].device_ns - self._minima[0].device_ns > MEMORY_NS:
            self._minima.popleft()

    def _add_knot(self, start: int, stop: int, device_ns: int) -> None:
        assert self.clock is not None  # noqa: S101 - observe made it
        index = (stop - 1) // self._step * self._step
        if index <= self.clock.knots[-1].index:
            return
        self._measure_rate(start, device_ns)
        at_knot_ns = device_ns + round((index - start) * NS_PER_S / self._rate_hz)
        span_ns = self._step * NS_PER_S / self._rate_hz
        self._fit()
        now_ns = self.clock.at(index)
        span_ns = min(
            max(self._host_ns(at_knot_ns + round(span_ns)) - now_ns, span_ns * (1 - MOST_SLEW)),
            span_ns * (1 + MOST_SLEW),
        )
        self.clock = self.clock.with_knot(Knot(index, now_ns, self._step * NS_PER_S / span_ns))

    def _measure_rate(self, start: int, device_ns: int) -> None:
        """Measure the sampling rate on the device's clock, Hz."""
        assert self._first is not None  # noqa: S101 - observe set it
        elapsed_ns = device_ns - self._first[1]
        if elapsed_ns < LEAST_RATE_NS:
            return
        rate_hz = (start - self._first[0]) * NS_PER_S / elapsed_ns
        if abs(rate_hz / self._fs_hz - 1) <= MOST_RATE_ERROR:
            self._rate_hz = rate_hz

    def _fit(self) -> None:
        """Turn the line through the minima, if they reach far enough."""
        x_ns, delay_ns = self._envelope()
        if x_ns[-1] - x_ns[0] >= LEAST_SPAN_NS:
            from_mean_ns = x_ns - x_ns.mean()
            slope = float((from_mean_ns * delay_ns).sum() / (from_mean_ns * from_mean_ns).sum())
            self._slope = min(max(slope, -MOST_SLOPE), MOST_SLOPE)

    def _envelope(self) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]:
        """Minima near the lower envelope: device time and delay, ns, counted from the last minimum."""
        last = self._minima[-1]
        x_ns = np.array([minimum.device_ns - last.device_ns for minimum in self._minima], dtype=np.float64)
        delay_ns = np.array([minimum.delay_ns - last.delay_ns for minimum in self._minima], dtype=np.float64)
        residual_ns = delay_ns - self._slope * x_ns
        near = residual_ns <= residual_ns.min() + REJECT_NS
        return x_ns[near], delay_ns[near]

    def _host_ns(self, device_ns: int) -> int:
        """Return UTC of a device time on the line."""
        last = self._minima[-1]
        x_ns, delay_ns = self._envelope()
        offset_ns = float(np.mean(delay_ns - self._slope * x_ns))
        return device_ns + last.delay_ns + round(offset_ns + self._slope * (device_ns - last.device_ns))
