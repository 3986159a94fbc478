"""Leg Sensor Profile: where the packets of one stream belong on its sample count.

A long packet says it, wrapped; a short one needs a sync. A packet whose index and tick do not fit
together is believed only when the next one follows it: then the sensor has begun to count anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.signal import NS_PER_S, GapCause
from ingest.clock import ClockFit, DevicePair
from ingest.decoders.counters import unwrap
from ingest.decoders.lsp_order import Arrival, Packet, PacketOrder
from ingest.decoders.lsp_packets import DataHeader, PacketFlag, Sync
from ingest.decoders.lsp_unplaced import COUNT_BITS, SEQ_BITS, Origin, Unplaced, Waiting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingest.decoders.base import Item
    from ingest.decoders.lsp_info import StreamDescriptor
    from ingest.decoders.lsp_units import Scaling
    from ingest.decoders.outlet import Outlet
    from ingest.decoders.segments import Segments

_TICK_TOLERANCE_S = 1.0
_TICK_TOLERANCE = 0.1


class _Reading(NamedTuple):
    """The sensor's clock, not wrapped, and UTC at which it was read."""

    tick: int
    utc_ns: int


class LspStream:
    """The packets of one stream, over all its segments.

    Parameters
    ----------
    descriptor : StreamDescriptor
        The stream as the sensor describes it.
    scaling : Scaling
        From raw values to the stream's unit.
    outlet : Outlet
        Takes the samples of the first segment in order.
    tick_hz : int
        Rate of the sensor's clock.
    hold_ns : float
        How long to wait for a gap to be filled, ns; 0 if the sensor cannot send again.
    segments : Segments
        Is told of each segment that is over.
    """

    def __init__(
        self,
        descriptor: StreamDescriptor,
        scaling: Scaling,
        outlet: Outlet,
        *,
        tick_hz: int,
        hold_ns: float,
        segments: Segments,
    ) -> None:
        self.descriptor = descriptor
        self._segments = segments
        self.n_malformed = 0
        self.n_duplicate = 0
        self._n_late = 0
        self._told = (0, 0, 0)
        self._scaling = scaling
        self._tick_hz = tick_hz
        self._hold_ns = hold_ns
        self._ticks_per_sample = tick_hz / descriptor.fs_hz
        self._link_lost = False
        self._reference = _Reading(0, 0)
        self._begin(outlet)

    def _begin(self, outlet: Outlet) -> None:
        self._order = PacketOrder(outlet, self._scaling, tick_hz=self._tick_hz, hold_ns=self._hold_ns)
        self._origin: Origin | None = None
        self._suspect: Unplaced | None = None
        self._base: Origin | None = None
        self._early: Unplaced | None = None
        self._odd_sync: Origin | None = None
        self._waiting = Waiting()

    @property
    def outlet(self) -> Outlet:
        """Where the samples of this segment go."""
        return self._order.outlet

    @property
    def started(self) -> bool:
        """Whether samples of this segment came."""
        return self._origin is not None

    @property
    def left_out(self) -> tuple[int, int, int]:
        """What was left out so far: malformed packets, doubled packets, and late samples."""
        return self.n_malformed, self.n_duplicate, self._n_late + self.outlet.n_late

    @property
    def why_left_out(self) -> str:
        """What short packets may lack; nothing once a sync came."""
        short = self._base is None and not self.started
        return ": no sync says where its short packets belong" if short else ""

    def newly_left_out(self) -> tuple[int, ...]:
        """Return what was left out since this was asked last."""
        before, self._told = self._told, self.left_out
        return tuple(now - then for now, then in zip(self._told, before, strict=True))

    def link_lost(self) -> None:
        """Note that the link went: the next gap is the link's, and short packets need a new sync."""
        self._link_lost = True
        self._base = None

    def reopen(self, fit: ClockFit) -> list[Item]:
        """End the segment and begin the next, on its own clock."""
        items = self.close()
        self._n_late += self.outlet.n_late
        self._begin(self.outlet.next_segment(fit))
        return items

    def close(self) -> list[Item]:
        """End the segment."""
        items = [*self.flush(), *self.outlet.close()]
        self._segments.end(self.outlet)
        return items

    def restart(self) -> list[Item]:
        """Begin the next segment: the sensor counts anew on the same clock."""
        suspect, self._suspect = self._suspect, None
        items = self.reopen(self.outlet.fit.fresh())
        return items if suspect is None else [*items, *self._take_long(suspect)]

    def flush(self) -> list[Item]:
        """Hand out what waits behind gaps; the gaps stay."""
        self._drop_suspect()
        self._waiting.drop()
        self.n_malformed += self._waiting.untold() + (self._early is not None)
        self._early = None
        return self._order.flush()

    def expire(self, mono_ns: int) -> list[Item]:
        """Hand out what has waited long enough."""
        return self._order.expire(mono_ns)

    def tide(self, t_ns: int) -> list[Item]:
        """Raise the watermark, up to the first gap that is still waited for."""
        return self._order.tide(t_ns, GapCause.RECONNECT if self._link_lost else GapCause.SILENCE)

    def learn_time(self, tick: int, unix_ns: int | None, arrival_ns: int) -> None:
        """Take a reading of the sensor's clock: unwrapped tick, its UTC if it knows it, UTC of arrival."""
        if self._reference.utc_ns:
            tick = unwrap(tick, COUNT_BITS, self._tick_at(arrival_ns))
        self._reference = _Reading(tick, arrival_ns)
        device_ns = self._device_ns(tick)
        self.outlet.fit.observe_time(device_ns, arrival_ns)
        if unix_ns is not None:
            self.outlet.fit.know(DevicePair(device_ns, unix_ns))

    def utc_ns(self, tick: int) -> int | None:
        """Return UTC of a wrapped tick of the sensor's clock, or None before it is known."""
        return self.outlet.fit.utc_ns(self._device_ns(unwrap(tick, COUNT_BITS, self._reference.tick)))

    def take(self, header: DataHeader, raw: NDArray[np.generic], arrival: Arrival) -> list[Item]:
        """Take a data packet."""
        packet = Unplaced(header, raw, arrival)
        return self._take_short(packet) if header.index is None else self._take_long(packet)

    def take_sync(self, sync: Sync) -> list[Item]:
        """Take a sync: it places the short packets that wait for one."""
        sent = Origin(sync.seq, sync.index, sync.tick)
        near = self._near(sent, self._reference.utc_ns)
        place = self._place(sent, near)
        items: list[Item] = []
        if not self._agrees(place, near):
            odd, self._odd_sync = self._odd_sync, sent
            if odd is None or not self._agrees(self._place(sent, odd), odd):
                self.n_malformed += 1
                return []
            waiting = self._waiting.take()
            items = self.reopen(self.outlet.fit.fresh())
            place = self._place(sent, self._near(sent, self._reference.utc_ns))
        else:
            waiting = self._waiting.take()
        self._odd_sync, self._base = None, place
        for packet in waiting:
            items += self._put_short(packet, place)
        return items

    def _take_short(self, packet: Unplaced) -> list[Item]:
        if len(packet.raw) != self.descriptor.samples_per_short_packet:
            self.n_malformed += 1
            return []
        if PacketFlag.DROPPED in packet.header.flags:
            # The index jumped by an unknown number; only the next sync tells where this packet belongs.
            self._base = None
            self._waiting.drop()
        if self._base is not None:
            return self._put_short(packet, self._base)
        self.n_malformed += self._waiting.add(packet)
        return []

    def _put_short(self, packet: Unplaced, base: Origin) -> list[Item]:
        """Place a short packet; one ahead of its time, or before the first sample, is believed with the next only."""
        place = self._short_place(packet, base)
        before, self._early = self._early, None
        ahead = place.tick - self._tick_at(packet.arrival.utc_ns) if self._reference.utc_ns else 0
        if place.sample >= 0 and ahead <= _TICK_TOLERANCE_S * self._tick_hz:
            self.n_malformed += before is not None
            before = None
        elif before is None or not before.precedes_short(packet) or place.sample < 0:
            self.n_malformed += before is not None
            self._early = packet
            return []
        self._base = max(base, place)
        items = [] if before is None else self._put(before, self._short_place(before, place))
        return [*items, *self._put(packet, place)]

    def _short_place(self, packet: Unplaced, base: Origin) -> Origin:
        seq = unwrap(packet.header.seq, SEQ_BITS, base.seq)
        n_samples = (seq - base.seq) * self.descriptor.samples_per_short_packet
        return Origin(seq, base.sample + n_samples, base.tick + round(n_samples * self._ticks_per_sample))

    def _take_long(self, packet: Unplaced) -> list[Item]:
        sent = packet.origin
        near = self._near(sent, packet.arrival.utc_ns)
        place = self._place(sent, near)
        if self._agrees(place, near):
            self._drop_suspect()
            return self._put(packet, place)
        before, self._suspect = self._suspect, packet
        if before is None:
            return []
        if not before.precedes(packet):
            self.n_malformed += 1
            return []
        self._suspect = None
        return [*self.reopen(self.outlet.fit.fresh()), *self._take_long(before), *self._take_long(packet)]

    def _put(self, packet: Unplaced, place: Origin) -> list[Item]:
        placed = Packet(
            place.sample,
            place.tick,
            place.seq,
            packet.raw,
            is_short=packet.header.index is None,
            after_link_loss=self._link_lost,
            arrival=packet.arrival,
        )
        if self._origin is None or place.sample > self._origin.sample:
            self._origin, self._link_lost = place, False
            self._reference = _Reading(place.tick, packet.arrival.utc_ns)
        n_before = self._order.n_duplicate
        items = self._order.take(placed)
        self.n_duplicate += self._order.n_duplicate - n_before
        return items

    def _drop_suspect(self) -> None:
        if self._suspect is not None:
            self._suspect = None
            self.n_malformed += 1

    def _near(self, sent: Origin, utc_ns: int) -> Origin:
        """Return what the counters are unwrapped by: the newest packet, or for the first one themselves."""
        if self._origin is not None:
            return self._origin
        tick = unwrap(sent.tick, COUNT_BITS, self._tick_at(utc_ns)) if self._reference.utc_ns else sent.tick
        return Origin(sent.seq, sent.sample, tick)

    def _tick_at(self, utc_ns: int) -> int:
        """Estimate what the sensor's clock says at `utc_ns`, not wrapped, from when it was read last."""
        return self._reference.tick + (utc_ns - self._reference.utc_ns) * self._tick_hz // NS_PER_S

    def _place(self, sent: Origin, near: Origin) -> Origin:
        """Unwrap all three counters; the tick by the time that the samples between take."""
        index = unwrap(sent.sample, COUNT_BITS, near.sample)
        predicted = near.tick + round((index - near.sample) * self._ticks_per_sample)
        return Origin(unwrap(sent.seq, SEQ_BITS, near.seq), index, unwrap(sent.tick, COUNT_BITS, predicted))

    def _agrees(self, place: Origin, near: Origin) -> bool:
        """Tell whether index and tick have gone on together."""
        predicted = (place.sample - near.sample) * self._ticks_per_sample
        tolerance = _TICK_TOLERANCE_S * self._tick_hz + _TICK_TOLERANCE * abs(predicted)
        return abs(place.tick - near.tick - predicted) <= tolerance

    def _device_ns(self, tick: int) -> int:
        return tick * NS_PER_S // self._tick_hz
