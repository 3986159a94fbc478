"""Where the samples of a packet belong, for streams without a counter: by rate, by arrival, by the device's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.decoders.lag import Lag
from ingest.decoders.place import MOST_RATE_ERROR, OLD_NS, Arrival, Place, Verdict, is_possible

if TYPE_CHECKING:
    from ingest.decoders.layout import Samples

MOST_GAP_NS = 3600 * NS_PER_S
"""The recorder connects again long before; a clock that jumps by more was set."""
TOLERANCE = 0.5
"""A packet that comes this part of its own length off the device's clock does not follow on."""
UNCOUNTED_LAG_NS = 3 * NS_PER_S // 10
"""A stream that falls behind by this much and stays there has lost samples."""
MOST_AHEAD_NS = NS_PER_S // 2
"""A sample that would be placed this far into the future came late."""
LEAST_RATE_NS = 60 * NS_PER_S
"""Over less, the measured sampling rate is noise."""


class UncountedPlacer:
    """By nothing but the number of samples and the rate at which they come.

    Parameters
    ----------
    fs_hz : float
        Nominal sampling rate, Hz.
    is_live : bool
        Whether arrival says when a sample was taken.
    """

    def __init__(self, fs_hz: float, *, is_live: bool) -> None:
        self._fs_hz = fs_hz
        self._is_live = is_live
        self._expected = 0
        self._lag = Lag(fs_hz, UNCOUNTED_LAG_NS)

    def place(self, samples: Samples, arrival: Arrival) -> Place:
        """Place a packet; see :class:`Placer`."""
        start = self._expected
        if self._is_live:
            fs_hz = arrival.measured_hz or self._fs_hz
            n_lost = round(self._lag.lost_ns(len(samples.data), arrival) * fs_hz / NS_PER_S)
            self._lag.caught_up(n_lost * NS_PER_S / fs_hz)
            start += n_lost
        self._expected = start + len(samples.data)
        return Place(Verdict.NEXT, start, round(start * NS_PER_S / self._fs_hz))


class ArrivalPlacer:
    """By the time of arrival, for a sensor that sends only what has changed.

    Parameters
    ----------
    fs_hz : float
        Rate at which the sensor looks, Hz.
    """

    def __init__(self, fs_hz: float) -> None:
        self._fs_hz = fs_hz
        self._zero_ns: int | None = None
        self._expected = 0

    def place(self, samples: Samples, arrival: Arrival) -> Place:
        """Place a packet; see :class:`Placer`."""
        start = max(self._expected, self.index_at(arrival.utc_ns))
        if self._zero_ns is None:
            self._zero_ns = arrival.utc_ns
        if start > self.index_at(arrival.utc_ns + MOST_AHEAD_NS):
            return Place(Verdict.LATE)
        self._expected = start + len(samples.data)
        return Place(Verdict.NEXT, start, round(start * NS_PER_S / self._fs_hz))

    def index_at(self, utc_ns: int) -> int:
        """Return the sample of a time, UTC in ns; 0 before the first one came."""
        return 0 if self._zero_ns is None else round((utc_ns - self._zero_ns) * self._fs_hz / NS_PER_S)

    def arrival_ns(self, stop: int) -> int:
        """Return when a sample that ends before `stop` would have come, UTC in ns."""
        return (self._zero_ns or 0) + round(stop * NS_PER_S / self._fs_hz)


class ClockPlacer:
    """By the device's own clock; a loss is as long as the clock says at the rate measured so far.

    Parameters
    ----------
    fs_hz : float
        Nominal sampling rate, Hz.
    span_ns : int
        The clock repeats after so many ns; 0 for never.
    is_live : bool
        Whether arrival says when a sample was taken.
    """

    def __init__(self, fs_hz: float, span_ns: int, *, is_live: bool) -> None:
        self._nominal_hz = fs_hz
        self._fs_hz = fs_hz
        self._span_ns = span_ns
        self._is_live = is_live
        self._expected = 0
        self._n_before = 0
        self._first_ns: int | None = None
        self._arrival_ns = 0
        self._n_measured = 0
        self._measured_ns = 0

    def place(self, samples: Samples, arrival: Arrival) -> Place:
        """Place a packet; see :class:`Placer`."""
        sent_ns = samples.device_ns or 0
        n_missing = 0
        if self._first_ns is not None:
            elapsed_ns = sent_ns - self._first_ns
            if self._span_ns:
                elapsed_ns = (elapsed_ns + self._span_ns // 2) % self._span_ns - self._span_ns // 2
            # Only a clock that stood still is that packet again: the real rate may be twice the assumed one.
            is_new = elapsed_ns > 0
            if elapsed_ns > -OLD_NS and not is_new and not arrival.after_link_loss:
                return Place(Verdict.OLD)
            if not is_new or not self._can_be(elapsed_ns, arrival):
                return Place(Verdict.ANEW)
            n_missing = self._missing(elapsed_ns)
            sent_ns = self._first_ns + elapsed_ns
        start = self._expected + n_missing
        self._first_ns, self._n_before, self._expected = sent_ns, len(samples.data), start + len(samples.data)
        self._arrival_ns = arrival.utc_ns
        return Place(Verdict.NEXT, start, sent_ns)

    def _can_be(self, ahead_ns: int, arrival: Arrival) -> bool:
        elapsed_ns = arrival.utc_ns - self._arrival_ns
        can_be = is_possible(ahead_ns, elapsed_ns, after_link_loss=arrival.after_link_loss)
        return ahead_ns <= MOST_GAP_NS and (can_be or not self._is_live)

    def _missing(self, elapsed_ns: int) -> int:
        """How many samples are missing after the packet before; measures the rate where none are."""
        length_ns = self._n_before * NS_PER_S / self._fs_hz
        if abs(elapsed_ns - length_ns) > TOLERANCE * length_ns:
            return max(0, round(elapsed_ns * self._fs_hz / NS_PER_S) - self._n_before)
        self._n_measured += self._n_before
        self._measured_ns += elapsed_ns
        if self._measured_ns >= LEAST_RATE_NS:
            measured_hz = self._n_measured * NS_PER_S / self._measured_ns
            if abs(measured_hz / self._nominal_hz - 1) <= MOST_RATE_ERROR:
                self._fs_hz = measured_hz
        return 0
