"""From the computer's monotonic time and a sensor's own clock to UTC.

A sensor without a clock has its samples: then device time is the sample count at the nominal rate, and
the line through the soonest packets shows by how much the real rate differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.signal import NS_PER_S, Clock, Knot
from ingest.envelope import CRYSTAL, SAMPLE_COUNT, ClockQuality, Envelope
from ingest.night.records import NightStart, TimePair

if TYPE_CHECKING:
    from ingest.night.records import Record

KNOT_EVERY_S = 30.0
RECENT_NS = 60 * NS_PER_S
"""A reading of the device's clock from longer ago does not place the first sample."""
LEAST_RATE_NS = 10 * NS_PER_S
"""Below this the measured sampling rate is noise and the nominal one is used."""
MOST_RATE_ERROR = 0.1
"""Cheap accelerometers miss their nominal rate by a few percent, never by more than this."""
MOST_SLEW = 0.1
"""How much a second may be stretched or squeezed while a wrong first guess is corrected."""
ERA_NS = 2 * NS_PER_S
"""Further apart than this, UTC and monotonic time belong to a computer that was started anew."""
PAIR_EVERY_NS = 10 * NS_PER_S
"""The log has a time this often: what was recorded may have gone on for so long after the last."""


class HostTime:
    """From monotonic time of the night to UTC.

    The first pair of the log is the anchor, for every sensor: when the computer's wall clock is
    set during the night, no sample moves and left stays with right. Only a collector that begins
    again on a restarted computer, whose monotonic time is another one, gets a new anchor. It is
    never before what was recorded already: a computer without a battery for its clock comes back
    in the past, and what it records then came afterwards all the same.
    """

    def __init__(self) -> None:
        self._anchor: TimePair | None = None
        self._last = TimePair(0, 0)

    def feed(self, record: Record) -> None:
        """Take a record; those without UTC are ignored."""
        if isinstance(record, NightStart):
            pair = TimePair(record.mono_ns, record.utc_ns)
            if self._anchor is None or self._is_other_era(pair):
                self._anchor = self._anew(pair)
            self._last = pair
        elif isinstance(record, TimePair):
            self._anchor = self._anchor or record
            self._last = record

    def utc_ns(self, mono_ns: int) -> int:
        """Return UTC, ns; before any pair the monotonic time itself."""
        if self._anchor is None:
            self._anchor = TimePair(0, 0)
        return mono_ns - self._anchor.mono_ns + self._anchor.utc_ns

    def _anew(self, pair: TimePair) -> TimePair:
        """Return the anchor of a computer that was started anew, after everything that it recorded before."""
        if self._anchor is None:
            return pair
        last_ns = self.utc_ns(self._last.mono_ns)
        return pair if pair.utc_ns > last_ns else TimePair(pair.mono_ns, last_ns + PAIR_EVERY_NS)

    def _is_other_era(self, pair: TimePair) -> bool:
        # Compared with the last pair and not with the anchor: the wall clock may have been set in between.
        moved_ns = (pair.utc_ns - pair.mono_ns) - (self._last.utc_ns - self._last.mono_ns)
        return pair.mono_ns < self._last.mono_ns or abs(moved_ns) > ERA_NS


class DevicePair(NamedTuple):
    """Device time and UTC of one instant, as the device itself knows them."""

    device_ns: int
    utc_ns: int


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
    has_clock : bool
        Whether device time is a clock. Otherwise it is the sample count at the nominal rate, and the
        real rate is measured from arrivals: until 30 s have come it may be several percent off.
    """

    def __init__(self, fs_hz: float, *, by_arrival: bool = True, has_clock: bool = True) -> None:
        self._fs_hz = fs_hz
        self.by_arrival = by_arrival
        self._has_clock = has_clock
        self._known: DevicePair | None = None
        self._step = max(1, round(fs_hz * KNOT_EVERY_S))
        self._first: tuple[int, int] | None = None
        self._rate_hz = fs_hz
        self._envelope = Envelope(CRYSTAL if has_clock else SAMPLE_COUNT)
        self.clock: Clock | None = None

    @property
    def quality(self) -> ClockQuality:
        """How well the time of this segment is known."""
        quality = self._envelope.quality()
        return quality if self.by_arrival else quality._replace(slope_ppm=0.0, spread_ms=0.0, n_minima=0)

    @property
    def measured_hz(self) -> float | None:
        """The sampling rate by the computer's clock, Hz; None until it was measured, and where the device has one."""
        is_measured = self._envelope.is_fitted and not self._has_clock
        return self._fs_hz / (1 + self._envelope.slope) if is_measured else None

    def fresh(self) -> ClockFit:
        """Return the clock of a segment that counts its samples anew on the same device clock."""
        fit = ClockFit(self._fs_hz, by_arrival=self.by_arrival, has_clock=self._has_clock)
        fit._known = self._known
        return fit

    def follow(self, before: ClockFit) -> None:
        """Begin with the sampling rate that was measured in the segment before; only without a device clock."""
        if not self._has_clock and before.measured_hz is not None and before._fs_hz == self._fs_hz:
            self._envelope.start_with(before._envelope.slope)

    def know(self, pair: DevicePair) -> None:
        """Take the device's own UTC; the first one counts, and only before the first sample."""
        if self._known is None and self.clock is None and not self.by_arrival:
            self._known = pair

    def observe_time(self, device_ns: int, arrival_ns: int) -> None:
        """Take a reading of the device's clock that arrived at `arrival_ns` (UTC)."""
        self._envelope.note(device_ns, arrival_ns - device_ns)

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
            hz = self._fs_hz / (1 + self._envelope.slope)
            self.clock = Clock((Knot(start, self._first_time(device_ns, end_ns, arrival_ns), hz),))
        elif self.by_arrival:
            self._add_knot(start, start + n_samples, device_ns)
        self._envelope.note(end_ns, arrival_ns - end_ns)
        return self.clock

    def utc_ns(self, device_ns: int) -> int | None:
        """Return UTC of an instant given in device time, or None before anything arrived."""
        if self._known is not None:
            return device_ns - self._known.device_ns + self._known.utc_ns
        if not self.by_arrival and self.clock is not None and self._first is not None:
            return self.clock.knots[0].time_ns + device_ns - self._first[1]
        return self._envelope.host_ns(device_ns) if self._envelope else None

    def _first_time(self, device_ns: int, end_ns: int, arrival_ns: int) -> int:
        """Time of the first sample: as the device knows it, or from the soonest arrival so far."""
        if self._known is not None:
            return device_ns - self._known.device_ns + self._known.utc_ns
        soonest_ns = self._envelope.soonest_ns(end_ns, RECENT_NS)
        delay_ns = arrival_ns - end_ns
        return device_ns + (delay_ns if soonest_ns is None else min(delay_ns, soonest_ns))

    def _add_knot(self, start: int, stop: int, device_ns: int) -> None:
        assert self.clock is not None  # noqa: S101 - observe made it
        index = (stop - 1) // self._step * self._step
        if index <= self.clock.knots[-1].index:
            return
        self._measure_rate(start, device_ns)
        at_knot_ns = device_ns + round((index - start) * NS_PER_S / self._rate_hz)
        self._envelope.fit()
        device_span_ns = self._step * NS_PER_S / self._rate_hz
        span_ns = device_span_ns * (1 + self._envelope.slope)
        now_ns = self.clock.at(index)
        span_ns = min(
            max(self._envelope.host_ns(at_knot_ns + round(device_span_ns)) - now_ns, span_ns * (1 - MOST_SLEW)),
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
