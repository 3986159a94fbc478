"""Where the samples of a packet belong, for streams without a counter: by rate, by arrival, by the device's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.decoders.place import MOST_RATE_ERROR, OLD_NS, Place, Verdict

if TYPE_CHECKING:
    from ingest.decoders.layout import Samples

MOST_GAP_NS = 3600 * NS_PER_S
"""The recorder connects again long before; a clock that jumps by more was set."""
TOLERANCE = 0.5
"""A packet that comes this part of its own length off the device's clock does not follow on."""
UNCOUNTED_LAG_NS = NS_PER_S
"""A stream that falls behind by this much and stays there has lost samples."""
WINDOW_NS = 5 * NS_PER_S
"""How long it must stay behind: a link that was held up catches up sooner."""
LEAST_RATE_NS = 60 * NS_PER_S
"""Over less, the measured sampling rate is noise."""


class Lag:
    """How far a stream falls behind its own rate for good.

    Parameters
    ----------
    least_ns : int
        Less is jitter.
    """

    def __init__(self, least_ns: int) -> None:
        self._least_ns = least_ns
        self._ends_ns = 0
        self._before_ns: int | None = None
        self._now_ns: int | None = None

    def grown_ns(self, delay_ns: int, arrival_ns: int) -> int:
        """Take a packet's delay; at the end of a window say by how much the smallest has grown."""
        grown_ns = 0
        if self._now_ns is not None and arrival_ns >= self._ends_ns:
            if self._before_ns is not None and self._now_ns - self._before_ns >= self._least_ns:
                grown_ns = min(self._now_ns, delay_ns) - self._before_ns
            self._before_ns, self._now_ns = self._now_ns, None
        if self._now_ns is None:
            self._ends_ns, self._now_ns = arrival_ns + WINDOW_NS, delay_ns
        self._now_ns = min(self._now_ns, delay_ns)
        return grown_ns if grown_ns >= self._least_ns else 0

    def caught_up(self, by_ns: int) -> None:
        """Note that so much was counted as lost."""
        self._before_ns = None if self._before_ns is None else self._before_ns - by_ns
        self._now_ns = None if self._now_ns is None else self._now_ns - by_ns


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
        self._lag = Lag(UNCOUNTED_LAG_NS)

    def place(self, samples: Samples, arrival_ns: int, *, after_link_loss: bool) -> Place:
        """Place a packet; see :class:`Placer`."""
        del after_link_loss  # a new link is a new segment
        start = self._expected
        if self._is_live:
            lost_ns = self._lag.grown_ns(arrival_ns - round(start * NS_PER_S / self._fs_hz), arrival_ns)
            self._lag.caught_up(lost_ns)
            start += round(lost_ns * self._fs_hz / NS_PER_S)
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

    def place(self, samples: Samples, arrival_ns: int, *, after_link_loss: bool) -> Place:
        """Place a packet; see :class:`Placer`."""
        del after_link_loss  # a new link is a new segment
        if self._zero_ns is None:
            self._zero_ns = arrival_ns
        start = max(self._expected, round((arrival_ns - self._zero_ns) * self._fs_hz / NS_PER_S))
        self._expected = start + len(samples.data)
        return Place(Verdict.NEXT, start, round(start * NS_PER_S / self._fs_hz))


class ClockPlacer:
    """By the device's own clock; a loss is as long as the clock says at the rate measured so far.

    Parameters
    ----------
    fs_hz : float
        Nominal sampling rate, Hz.
    span_ns : int
        The clock repeats after so many ns; 0 for never.
    """

    def __init__(self, fs_hz: float, span_ns: int) -> None:
        self._nominal_hz = fs_hz
        self._fs_hz = fs_hz
        self._span_ns = span_ns
        self._expected = 0
        self._n_before = 0
        self._first_ns: int | None = None
        self._n_measured = 0
        self._measured_ns = 0

    def place(self, samples: Samples, arrival_ns: int, *, after_link_loss: bool) -> Place:
        """Place a packet; see :class:`Placer`."""
        del arrival_ns  # only the device's clock counts
        sent_ns = samples.device_ns or 0
        n_missing = 0
        if self._first_ns is not None:
            elapsed_ns = sent_ns - self._first_ns
            if self._span_ns:
                elapsed_ns = (elapsed_ns + self._span_ns // 2) % self._span_ns - self._span_ns // 2
            if -OLD_NS < elapsed_ns <= 0 and not after_link_loss:
                return Place(Verdict.OLD)
            if not 0 < elapsed_ns <= MOST_GAP_NS:
                return Place(Verdict.ANEW)
            n_missing = self._missing(elapsed_ns)
            sent_ns = self._first_ns + elapsed_ns
        start = self._expected + n_missing
        self._first_ns, self._n_before, self._expected = sent_ns, len(samples.data), start + len(samples.data)
        return Place(Verdict.NEXT, start, sent_ns)

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
