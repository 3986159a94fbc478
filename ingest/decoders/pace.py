"""Whether the samples of a stream come at the rate that is assumed: a wrong option shows here."""

from __future__ import annotations

from detectors.signal import NS_PER_S

MOST_AHEAD_NS = NS_PER_S // 2
"""Samples that lie this far after their own arrival came faster than they can have been taken."""
AHEAD_FOR_NS = 10 * NS_PER_S
"""For so long, it is not the first packet that came late."""
MOST_OFF = 0.1
"""Cheap sensors miss their nominal rate by less; and packets that agree differ by less."""
OFF_FOR_NS = 5 * NS_PER_S
N_OFF = 20
"""Packets in a row that agree on another rate for so long were not lost in between."""


class Pace:
    """Watches the pace of one segment of one stream, and says once each what is wrong.

    Parameters
    ----------
    fs_hz : float
        The rate that is assumed, Hz.
    """

    def __init__(self, fs_hz: float) -> None:
        self._fs_hz = fs_hz
        self._ahead_since_ns: int | None = None
        self._said_ahead = self._said_rate = False
        self._before: tuple[int, int] | None = None
        self._n_packets = self._n_samples = self._elapsed_ns = 0

    def arrived(self, end_ns: int, arrival_ns: int) -> str | None:
        """Take the time of the end of a packet and when it arrived, UTC in ns; return what is wrong, in words."""
        if end_ns - arrival_ns <= MOST_AHEAD_NS:
            self._ahead_since_ns = None
            return None
        if self._ahead_since_ns is None:
            self._ahead_since_ns = arrival_ns
        if self._said_ahead or arrival_ns - self._ahead_since_ns < AHEAD_FOR_NS:
            return None
        self._said_ahead = True
        return f"samples come faster than the {self._fs_hz:g} Hz that are assumed"

    def clocked(self, device_ns: int, n_samples: int) -> str | None:
        """Take the device's time of a packet, ns, not wrapped, and its length; return what is wrong, in words."""
        before, self._before = self._before, (device_ns, n_samples)
        if before is None or device_ns <= before[0]:
            return None
        elapsed_ns, n_before = device_ns - before[0], before[1]
        hz = n_before * NS_PER_S / elapsed_ns
        run_hz = self._n_samples * NS_PER_S / self._elapsed_ns if self._elapsed_ns else hz
        if abs(hz / run_hz - 1) > MOST_OFF or abs(hz / self._fs_hz - 1) <= MOST_OFF:
            self._n_packets = self._n_samples = self._elapsed_ns = 0
        if abs(hz / self._fs_hz - 1) <= MOST_OFF:
            return None
        self._n_packets, self._n_samples = self._n_packets + 1, self._n_samples + n_before
        self._elapsed_ns += elapsed_ns
        if self._said_rate or self._elapsed_ns < OFF_FOR_NS or self._n_packets < N_OFF:
            return None
        self._said_rate = True
        hz = self._n_samples * NS_PER_S / self._elapsed_ns
        return f"the sampling rate looks like {hz:.4g} Hz, {self._fs_hz:g} Hz are assumed"
