"""How far a stream falls behind for good: how a loss shows that no counter tells of."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.envelope import SAMPLE_COUNT

if TYPE_CHECKING:
    from ingest.decoders.place import Arrival

WINDOW_NS = 5 * NS_PER_S // 2
"""The soonest packet of so long says how far behind the stream is."""
N_WINDOWS = 3
"""So many windows in a row must say the same: a link that was held up catches up sooner."""
STEADY_NS = NS_PER_S // 20
"""A stream whose soonest packets still gain more than this on each other is catching up."""
LEAST_UNMEASURED_NS = NS_PER_S
"""Less than this is believed only after the real sampling rate was measured."""
DRIFT = 0.002
"""What the measured rate may be off, as a part of it."""


class Lag:
    """How far a stream falls behind its own rate for good.

    Parameters
    ----------
    fs_hz : float
        Nominal sampling rate, Hz.
    least_ns : int
        Less is jitter.
    """

    def __init__(self, fs_hz: float, least_ns: int) -> None:
        self._fs_hz = fs_hz
        self._least_ns = least_ns
        self._arrival_ns: int | None = None
        self._window_ends_ns = 0
        self._is_measured = False
        self._has_lost = False
        self._delay_ns = 0.0
        self._base_ns = 0.0
        self._soonest_ns: deque[float] = deque([0.0], maxlen=N_WINDOWS)

    def behind_ns(self, n_samples: int, arrival: Arrival) -> float:
        """Return how far behind the soonest ones a packet is, ns, before it is taken; it may just be late."""
        if self._arrival_ns is None:
            return 0.0
        base_ns = self._base_ns if self._has_lost else min(self._base_ns, self._soonest_ns[-1])
        return self._delay(n_samples, arrival) - base_ns

    def lost_ns(self, n_samples: int, arrival: Arrival) -> float:
        """Take a packet; return how far the stream is behind for good, ns, and 0 if that is not known or nothing.

        Parameters
        ----------
        n_samples : int
            How much the sample count goes on by this packet, gaps included.
        arrival : Arrival
            How it came.
        """
        if self._arrival_ns is None:
            self._arrival_ns, self._window_ends_ns = arrival.utc_ns, arrival.utc_ns + WINDOW_NS
            return 0.0
        self._delay_ns, self._arrival_ns = self._delay(n_samples, arrival), arrival.utc_ns
        if arrival.measured_hz and not self._is_measured:
            self._is_measured = True
            if self._delay_ns - self._base_ns < LEAST_UNMEASURED_NS:
                # That may have been the nominal rate.
                self._base_ns = self._delay_ns
                self._soonest_ns = deque([self._delay_ns], maxlen=N_WINDOWS)
        lost_ns = 0.0
        if arrival.utc_ns >= self._window_ends_ns:
            lost_ns = self._judged(arrival)
            self._window_ends_ns = arrival.utc_ns + WINDOW_NS
            self._soonest_ns.append(self._delay_ns)
        self._soonest_ns[-1] = min(self._soonest_ns[-1], self._delay_ns)
        return lost_ns

    def counted(self) -> None:
        """Note that something is counted as lost with the packet that comes now."""
        self._has_lost = True

    def _delay(self, n_samples: int, arrival: Arrival) -> float:
        """How late a packet is, ns, compared to the first."""
        elapsed_ns = arrival.utc_ns - (self._arrival_ns or 0)
        return self._delay_ns + elapsed_ns - n_samples * NS_PER_S / (arrival.measured_hz or self._fs_hz)

    def _judged(self, arrival: Arrival) -> float:
        """End a window: how far behind all the last ones are, if they say the same."""
        least_ns = max(self._least_ns, 0 if arrival.measured_hz else LEAST_UNMEASURED_NS)
        behind_ns = self._soonest_ns[-1] - self._base_ns
        if self._has_lost and behind_ns < -self._least_ns:
            return 0.0  # more was counted as lost than was; the next loss is found smaller by that
        if behind_ns < least_ns:
            drift = DRIFT if arrival.measured_hz else SAMPLE_COUNT.most_slope
            elapsed_ns = WINDOW_NS + arrival.utc_ns - self._window_ends_ns
            self._base_ns += min(behind_ns, drift * elapsed_ns)
            return 0.0
        is_steady = self._soonest_ns[-1] >= max(self._soonest_ns) - STEADY_NS
        if len(self._soonest_ns) < N_WINDOWS or not is_steady:
            return 0.0
        lost_ns = min(*self._soonest_ns, self._delay_ns) - self._base_ns
        return lost_ns if lost_ns >= least_ns else 0.0

    def caught_up(self, by_ns: float) -> None:
        """Note that so much was counted as lost because the stream stayed behind."""
        self._has_lost = self._has_lost or by_ns > 0
        self._delay_ns -= by_ns
        self._soonest_ns = deque((soonest_ns - by_ns for soonest_ns in self._soonest_ns), maxlen=N_WINDOWS)
