"""Where the samples of a packet belong, for streams with a counter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.decoders.place import MOST_RATE_ERROR, OLD_NS, Place, Verdict
from ingest.decoders.place_uncounted import Lag

if TYPE_CHECKING:
    from ingest.decoders.layout import Samples

SLACK_NS = NS_PER_S // 4
"""Packets may be this late without anything being lost."""
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
    """

    def __init__(self, fs_hz: float, per_count: int, span: int) -> None:
        self._fs_hz = fs_hz
        self._per_count = per_count
        self._span = span
        self._expected: int | None = None
        self._arrival_ns = 0

    def place(self, samples: Samples, arrival_ns: int, *, after_link_loss: bool) -> Place:
        """Place a packet; see :class:`Placer`."""
        start = (samples.counter or 0) * self._per_count
        if self._expected is not None:
            ahead = start - self._expected
            if self._span:
                ahead = (ahead + self._span // 2) % self._span - self._span // 2
            if ahead < 0 and -ahead * NS_PER_S <= OLD_NS * self._fs_hz and not after_link_loss:
                return Place(Verdict.OLD)
            possible_ns = (arrival_ns - self._arrival_ns) * (1 + MOST_RATE_ERROR) + OLD_NS
            if not 0 <= ahead * NS_PER_S <= possible_ns * self._fs_hz:
                return Place(Verdict.ANEW)
            start = self._expected + ahead
        self._expected, self._arrival_ns = start + len(samples.data), arrival_ns
        return Place(Verdict.NEXT, start, round(start * NS_PER_S / self._fs_hz))


class ShortCountPlacer:
    """By a counter that repeats soon; what it leaves open, the time of arrival decides.

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
        self._lag = Lag(max(LEAST_LAG_NS, round(span / 2 * NS_PER_S / fs_hz)))

    def place(self, samples: Samples, arrival_ns: int, *, after_link_loss: bool) -> Place:
        """Place a packet; see :class:`Placer`."""
        del after_link_loss  # the counter says nothing about it: a new link is a new segment
        count = (samples.counter or 0) * self._per_count
        if self._origin is None:
            # A short counter says nothing about what came before it was first heard.
            self._origin, ahead = count, 0
        else:
            ahead = (count - self._origin - self._expected) % self._span
            elapsed = (arrival_ns - self._arrival_ns + SLACK_NS) * self._fs_hz / NS_PER_S
            if ahead >= self._span // 2 and elapsed < ahead + len(samples.data):
                return Place(Verdict.OLD)
            ahead += self._turns(ahead, arrival_ns) * self._span
        start = self._expected + ahead
        self._expected, self._arrival_ns = start + len(samples.data), arrival_ns
        return Place(Verdict.NEXT, start, round(start * NS_PER_S / self._fs_hz))

    def _turns(self, ahead: int, arrival_ns: int) -> int:
        """How often the counter went round besides."""
        if not self._is_live:
            return 0
        if ahead:
            unexplained = (arrival_ns - self._arrival_ns - SLACK_NS) * self._fs_hz / NS_PER_S - ahead
            turns = max(0, round(unexplained / self._span))
        else:
            turns = 0
        delay_ns = arrival_ns - round((self._expected + ahead + turns * self._span) * NS_PER_S / self._fs_hz)
        late = round(self._lag.grown_ns(delay_ns, arrival_ns) * self._fs_hz / NS_PER_S / self._span)
        self._lag.caught_up(round(late * self._span * NS_PER_S / self._fs_hz))
        return turns + late
