"""What the air around a virtual sensor does to its data packets: loses some, doubles some, cuts some short."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ingest.virtual.account import n_readable

if TYPE_CHECKING:
    from random import Random

    from ingest.virtual.ring import Packet, SampleRing


class Sent(NamedTuple):
    """A data packet that is on its way: `stop` is after the last sample that can be read from it when it arrives."""

    ring: SampleRing
    packet: Packet
    stop: int
    is_again: bool = False


class BadAir:
    """Decides what becomes of each packet, and keeps the account of it.

    Parameters
    ----------
    rng : random.Random
        Source of which packets it meets.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.lost_share = 0.0
        self.doubled_share = 0.0
        self.cut_share = 0.0
        self.cut_bytes = 0
        self.n_doubled = 0
        self.n_cut = 0

    def send(self, ring: SampleRing, packet: Packet, *, is_again: bool = False) -> list[tuple[bytes, Sent | None]]:
        """Return what really goes out for a packet, in order: nothing, the packet or what is left of it, also twice."""
        if self._meets(self.lost_share):
            if not is_again:
                ring.losses.take(packet.start, packet.stop)
            return []
        payload, stop = packet.payload, packet.stop
        if self._meets(self.cut_share):
            self.n_cut += 1
            payload = payload[: max(len(payload) - self.cut_bytes, 0)]
            stop = packet.start + n_readable(payload, ring.descriptor)
            if not is_again:
                ring.losses.take(stop, packet.stop)
        out: list[tuple[bytes, Sent | None]] = [(payload, Sent(ring, packet, stop, is_again))]
        if self._meets(self.doubled_share):
            self.n_doubled += 1
            out.append((payload, None))
        return out

    def _meets(self, share: float) -> bool:
        return bool(share) and self._rng.random() < share
