"""Leg Sensor Profile: packets whose place on the sample count is not known yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingest.decoders.lsp_order import Arrival
    from ingest.decoders.lsp_packets import DataHeader

SEQ_BITS = 16
COUNT_BITS = 32
HOLD_NS = 10 * NS_PER_S
"""Short packets wait this long for their sync; one comes every second."""


class Origin(NamedTuple):
    """A sample whose sequence number, index and tick are known, none of them wrapped."""

    seq: int
    sample: int
    tick: int


class Unplaced(NamedTuple):
    """A data packet as it came."""

    header: DataHeader
    raw: NDArray[np.generic]
    arrival: Arrival

    @property
    def origin(self) -> Origin:
        """Its own counters, as sent; 0 for what a short packet leaves out."""
        return Origin(self.header.seq, self.header.index or 0, self.header.tick or 0)

    def precedes_short(self, other: Unplaced) -> bool:
        """Tell whether `other` is the very next short packet."""
        return (self.header.seq + 1) % (1 << SEQ_BITS) == other.header.seq

    def precedes(self, other: Unplaced) -> bool:
        """Tell whether `other` is the very next packet."""
        seq = (self.header.seq + 1) % (1 << SEQ_BITS)
        index = (self.origin.sample + len(self.raw)) % (1 << COUNT_BITS)
        return seq == other.header.seq and index == other.origin.sample


class Waiting:
    """Short packets that wait for a sync, and how many waited in vain."""

    def __init__(self) -> None:
        self._packets: list[Unplaced] = []
        self._n_untold = 0
        self._told_ns: int | None = None

    def add(self, packet: Unplaced) -> int:
        """Let a packet wait; return how many were given up since that was said last, at most once in 10 s."""
        now_ns = packet.arrival.mono_ns
        self._packets.append(packet)
        while now_ns - self._packets[0].arrival.mono_ns > HOLD_NS:
            self._packets.pop(0)
            self._n_untold += 1
        if not self._n_untold or (self._told_ns is not None and now_ns - self._told_ns < HOLD_NS):
            return 0
        self._told_ns = now_ns
        return self.untold()

    def take(self) -> list[Unplaced]:
        """Return what waits, by arrival; nothing waits any more."""
        packets, self._packets = self._packets, []
        return packets

    def drop(self) -> None:
        """Give up what waits: no sync that is still to come says where it belongs."""
        self._n_untold += len(self.take())

    def untold(self) -> int:
        """Return how many were given up since that was said last."""
        n_untold, self._n_untold = self._n_untold, 0
        return n_untold
