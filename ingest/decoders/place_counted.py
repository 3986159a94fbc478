"""Where the samples of a packet belong, for streams with a counter."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from detectors.signal import NS_PER_S
from ingest.decoders.lag import Lag
from ingest.decoders.place import OLD_NS, Arrival, Place, Verdict, is_possible

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ingest.decoders.layout import Samples

SLACK_NS = NS_PER_S // 4
"""Packets may be this late without anything being lost."""
MOST_LATE = 0.4
"""The same as a part of a turn: less than half, so that whole turns are found though no packet is late."""
N_NEWEST = 3
MOST_LATER = 0.5
"""A packet that comes again does so within this part of a turn; later, it is another one with equal samples."""
LEAST_LAG_NS = 3 * NS_PER_S // 10
"""A stream that falls behind by this much and stays there has lost whole turns of its counter."""


class LongCountPlacer:
    """By a counter that does not repeat while anybody waits for it; losses are exact.

    Parameters
    ----------
    fs_hz : float
        Nominal sampling rate, Hz.
    per_count : int
        Samples per count.
    span : int
        Samples after which the counter repeats; 0 for never.
    is_live : bool
        Whether arrival says when a sample was taken.
    """

    def __init__(self, fs_hz: float, per_count: int, span: int, *, is_live: bool) -> None:
        self._fs_hz = fs_hz
        self._per_count = per_count
        self._span = span
        self._is_live = is_live
        self._expected: int | None = None
        self._arrival_ns = 0

    def place(self, samples: Samples, arrival: Arrival) -> Place:
        """Place a packet; see :class:`Placer`."""
        start = (samples.counter or 0) * self._per_count
        if self._expected is not None:
            ahead = start - self._expected
            if self._span:
                ahead = (ahead + self._span // 2) % self._span - self._span // 2
            if ahead < 0 and -ahead * NS_PER_S <= OLD_NS * self._fs_hz and not arrival.after_link_loss:
                return Place(Verdict.OLD)
            if ahead < 0 or not self._can_be(ahead, arrival):
                return Place(Verdict.ANEW)
            start = self._expected + ahead
        self._expected, self._arrival_ns = start + len(samples.data), arrival.utc_ns
        return Place(Verdict.NEXT, start, round(start * NS_PER_S / self._fs_hz))

    def _can_be(self, ahead: int, arrival: Arrival) -> bool:
        elapsed_ns = arrival.utc_ns - self._arrival_ns
        ahead_ns = ahead * NS_PER_S / self._fs_hz
        return not self._is_live or is_possible(ahead_ns, elapsed_ns, after_link_loss=arrival.after_link_loss)


class ShortCountPlacer:
    """By a counter that repeats soon; whole turns that were lost show in the time of arrival.

    A stream that was silent and goes on with another count has lost as many turns as the silence was long. One that
    goes on with the next count was late; turns were lost then only if it stays behind, which shows up to 10 s after.
    A packet with the count of one of the newest is that packet again if it holds the same samples.

    Parameters
    ----------
    fs_hz : float
        Nominal sampling rate, Hz.
    per_count : int
        Samples per count.
    span : int
        Samples after which the counter repeats.
    is_live : bool
        Whether arrival says when a sample was taken.
    """

    def __init__(self, fs_hz: float, per_count: int, span: int, *, is_live: bool) -> None:
        self._fs_hz = fs_hz
        self._per_count = per_count
        self._span = span
        self._is_live = is_live
        self._origin: int | None = None
        self._expected = 0
        self._arrival_ns = 0
        self._newest: deque[tuple[int, int, NDArray[np.float32]]] = deque(maxlen=N_NEWEST)
        self._lag = Lag(fs_hz, max(LEAST_LAG_NS, round(span / 2 * NS_PER_S / fs_hz)))

    def place(self, samples: Samples, arrival: Arrival) -> Place:
        """Place a packet; see :class:`Placer`."""
        count = (samples.counter or 0) * self._per_count
        if self._origin is None:
            # A short counter says nothing about what came before it was first heard.
            self._origin = count
        ahead = (count - self._origin - self._expected) % self._span
        if any(
            count == old and self._may_be_again(arrival.utc_ns - then_ns) and np.array_equal(samples.data, data)
            for old, then_ns, data in self._newest
        ):
            return Place(Verdict.OLD)
        if self._is_live:
            ahead += self._turns(ahead, len(samples.data), arrival) * self._span
        start = self._expected + ahead
        self._expected, self._arrival_ns = start + len(samples.data), arrival.utc_ns
        if ahead:
            self._newest.clear()
        self._newest.append((count, arrival.utc_ns, samples.data))
        return Place(Verdict.NEXT, start, round(start * NS_PER_S / self._fs_hz))

    def _may_be_again(self, elapsed_ns: int) -> bool:
        """Tell whether a packet that came so long after one like it can be that one; at speed, arrival says nothing."""
        return not self._is_live or elapsed_ns <= MOST_LATER * self._span * NS_PER_S / self._fs_hz

    def _turns(self, ahead: int, n_samples: int, arrival: Arrival) -> int:
        """How often the counter went round unseen."""
        fs_hz = arrival.measured_hz or self._fs_hz
        span_ns = self._span * NS_PER_S / fs_hz
        silent_ns = arrival.utc_ns - self._arrival_ns - (ahead + n_samples) * NS_PER_S / fs_hz
        turns = 0
        if ahead and silent_ns > SLACK_NS:
            behind_ns = self._lag.behind_ns(ahead + n_samples, arrival)
            late_ns = min(SLACK_NS, MOST_LATE * span_ns)
            turns = max(0, round((min(behind_ns, silent_ns + SLACK_NS) - late_ns) / span_ns))
            self._lag.counted()
        unseen = round(self._lag.lost_ns(ahead + n_samples + turns * self._span, arrival) / span_ns)
        self._lag.caught_up(unseen * span_ns)
        return turns + unseen
