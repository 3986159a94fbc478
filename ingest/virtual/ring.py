"""A virtual sensor's memory: the last samples of one stream, and the packets that carry them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ingest.decoders.lsp_packets import (
    LONG_HEADER_BYTES,
    DataHeader,
    PacketFlag,
    Sync,
    encode_long,
    encode_short,
    encode_sync,
    quantise,
)
from ingest.virtual.account import AirLosses

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ingest.decoders.lsp_info import StreamDescriptor

    Source = Callable[[int, int], NDArray[np.floating]]

TICK_HZ = 1_000_000
NOT_DROPPED = 0xFF ^ PacketFlag.DROPPED


class Packet(NamedTuple):
    """A data packet, and what it carries."""

    seq: int
    start: int
    stop: int
    payload: bytes

    @property
    def n_samples(self) -> int:
        """How many samples it carries."""
        return self.stop - self.start


class SampleRing:
    """The samples of one stream since it was started, as many as fit, and how far they are sent.

    Parameters
    ----------
    descriptor : StreamDescriptor
        The stream.
    source : callable of (int, int) to ndarray of shape (n_samples, channels)
        Gives physical samples ``[start, stop)``, counted from the start of this stream.
    capacity : int
        Samples to keep.
    first_tick : int
        The sensor's clock at sample 0, µs since it was switched on.

    Examples
    --------
    >>> from ingest.decoders.lsp_info import Format, Kind, StreamDescriptor, UnitCode
    >>> emg = StreamDescriptor(0, Kind.EMG, 1, Format.I16, 500_000, 0.25, 0.0, UnitCode.MICROVOLT, 116)
    >>> ring = SampleRing(emg, lambda start, stop: np.zeros((stop - start, 1)), capacity=1000, first_tick=0)
    >>> ring.produce(300)
    >>> [packet.stop for packet in iter(ring.next_long, None)]
    [116, 232]
    """

    def __init__(self, descriptor: StreamDescriptor, source: Source, capacity: int, first_tick: int) -> None:
        self.descriptor = descriptor
        self._source = source
        self._first_tick = first_tick
        self._kept = np.zeros((capacity, descriptor.channels), dtype=quantise(descriptor, np.zeros((1, 1))).dtype)
        self._seq = 0
        self._overrun = False
        self._sync_due = 0
        self.produced = 0
        self.sent = 0
        self._skipped: list[tuple[int, int]] = []
        self._packets: deque[Packet] = deque()
        self.electrodes_off = False
        self.losses = AirLosses()

    @property
    def dropped(self) -> int:
        """Samples that were overwritten before they could be sent."""
        return sum(stop - start for start, stop in self._skipped)

    def report(self) -> dict[str, int]:
        """Return the account of this stream, in samples."""
        return {
            "produced": self.produced,
            "sent": self.sent,
            "dropped_on_device": self.dropped,
            "lost_on_purpose": self.losses.n_lost,
            "resent": self.losses.n_resent,
            "missing": self.losses.n_missing,
        }

    @property
    def room(self) -> int:
        """Samples that can be produced before unsent ones are overwritten."""
        return len(self._kept) - (self.produced - self.sent)

    def produce(self, until: int) -> None:
        """Sample until index `until`; what has not been sent and no longer fits is dropped, oldest first."""
        capacity = len(self._kept)
        while self.produced < until:
            stop = min(until, self.produced + capacity)
            raw = quantise(self.descriptor, self._source(self.produced, stop))
            self._kept[np.arange(self.produced, stop) % capacity] = raw
            self.produced = stop
            self._skip_to(stop - capacity)
        while self._packets and self._packets[0].start < self.produced - capacity:
            self._packets.popleft()

    def next_long(self, payload_bytes: int = 244, *, flush: bool = False) -> Packet | None:
        """Make the next full packet (or, to flush, what is left) for a notification of this size."""
        fitting = (payload_bytes - LONG_HEADER_BYTES) // (self.descriptor.channels * self.descriptor.value_bytes)
        wanted = min(self.descriptor.samples_per_packet, fitting)
        count = min(wanted, self.produced - self.sent)
        if count == 0 or (count < wanted and not flush):
            return None
        packet = self._long(self._seq, self.sent, self.sent + count)
        self._advance(packet, self._seq + 1)
        return packet

    def next_short(self, *, flush: bool = False) -> Packet | None:
        """Make the next packet for MTU 23; its number is its place in the stream, so it begins at a multiple.

        Short packets are full: what is left at the end of a night (to flush) and fills none is dropped.
        """
        size = self.descriptor.samples_per_short_packet
        self._skip_to(-(-self.sent // size) * size)
        if self.produced - self.sent < size:
            self._skip_to(self.produced if flush else 0)
            return None
        seq = self.sent // size
        header = DataHeader(self.descriptor.stream_id, self._flag(), seq, None, None)
        packet = Packet(
            seq,
            self.sent,
            self.sent + size,
            encode_short(self.descriptor, header, self._raw(self.sent, self.sent + size)),
        )
        self._advance(packet, seq + 1)
        return packet

    def sync(self, unix_us_of: Callable[[int], int]) -> bytes | None:
        """Make the sync packet that is due before the next short one: each second, and first on every link."""
        size = self.descriptor.samples_per_short_packet
        start = -(-self.sent // size) * size
        if start < self._sync_due or self.produced - start < size:
            return None
        self._sync_due = start + round(self.descriptor.fs_hz)
        tick = self._tick(start)
        return encode_sync(Sync(self.descriptor.stream_id, start // size, start, tick, unix_us_of(tick)))

    def new_link(self) -> None:
        """Begin again with a sync packet."""
        self._sync_due = 0

    def rewind(self, packet: Packet) -> None:
        """Take back a packet, and all after it, that never arrived: as far as it is kept it is sent again."""
        self._seq = packet.seq
        self.sent = packet.start
        while self._packets and self._packets[-1].start >= packet.start:
            self._packets.pop()
        self.losses.take_back(packet.start)
        self._skipped = [skipped for skipped in self._skipped if skipped[0] < packet.start]
        self._skip_to(self.produced - len(self._kept))

    def again(self, start: int, stop: int) -> list[Packet]:
        """Return the packets that were sent with samples of ``[start, stop)``, number and index as they were.

        What is no longer kept is left out. Nothing was dropped before a packet that is sent again.
        """
        wanted = [packet for packet in self._packets if packet.start < stop and packet.stop > start]
        return [
            packet._replace(payload=packet.payload[:1] + bytes((packet.payload[1] & NOT_DROPPED,)) + packet.payload[2:])
            for packet in wanted
        ]

    def _long(self, seq: int, start: int, stop: int) -> Packet:
        header = DataHeader(self.descriptor.stream_id, self._flag(), seq, start, self._tick(start))
        return Packet(seq, start, stop, encode_long(self.descriptor, header, self._raw(start, stop)))

    def _advance(self, packet: Packet, seq: int) -> None:
        self.sent = packet.stop
        self._packets.append(packet)
        self._seq = seq
        self._overrun = False

    def _skip_to(self, start: int) -> None:
        """Give up samples before `start` that were not sent."""
        if start > self.sent:
            self._skipped.append((self.sent, start))
            self.sent = start
            self._overrun = True

    def _flag(self) -> PacketFlag:
        dropped = PacketFlag.DROPPED if self._overrun else PacketFlag.NONE
        return dropped | (PacketFlag.LEAD_OFF if self.electrodes_off else PacketFlag.NONE)

    def _raw(self, start: int, stop: int) -> NDArray[np.generic]:
        return self._kept[np.arange(start, stop) % len(self._kept)]

    def _tick(self, index: int) -> int:
        return self._first_tick + index * TICK_HZ * 1000 // self.descriptor.rate_mhz
