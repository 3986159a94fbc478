"""Leg Sensor Profile: packets that know their place, put in order and handed out.

A packet that is ahead waits behind a gap that the sensor could still fill, as long as the window
allows; what lies before the expected sample was handed out already and is dropped.
"""

from __future__ import annotations

import math
from bisect import insort
from typing import TYPE_CHECKING, NamedTuple

from detectors.signal import NS_PER_S, GapCause
from ingest.decoders.given_up import GivenUp

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingest.decoders.base import Item
    from ingest.decoders.lsp_units import Scaling
    from ingest.decoders.outlet import Outlet


class Arrival(NamedTuple):
    """When something arrived: monotonic time of the night and UTC, ns."""

    mono_ns: int
    utc_ns: int


class Packet(NamedTuple):
    """Samples that know their place: `start`, `tick` and `seq` are not wrapped."""

    start: int
    tick: int
    seq: int
    raw: NDArray[np.generic]
    is_short: bool
    after_link_loss: bool
    arrival: Arrival

    @property
    def stop(self) -> int:
        """Index after the last sample."""
        return self.start + len(self.raw)


class PacketOrder:
    """The packets of one segment, in the order of their samples.

    Parameters
    ----------
    outlet : Outlet
        Takes the samples.
    scaling : Scaling
        From raw values to the stream's unit.
    tick_hz : int
        Rate of the sensor's clock.
    hold_ns : float
        How long to wait for a gap to be filled, ns; 0 if the sensor cannot send again.
    """

    def __init__(self, outlet: Outlet, scaling: Scaling, *, tick_hz: int, hold_ns: float) -> None:
        self.outlet = outlet
        self.n_duplicate = 0
        self._scaling = scaling
        self._tick_hz = tick_hz
        self._hold_ns = hold_ns
        self._last: Packet | None = None
        self._pending: list[Packet] = []
        self._starts: set[int] = set()
        self._given_up = GivenUp()
        self._deadline_ns = math.inf

    def take(self, packet: Packet) -> list[Item]:
        """Hand out a packet that is next; keep one that is ahead; drop one that came before."""
        expected = packet.start if self.outlet.expected is None else self.outlet.expected
        if packet.stop <= expected or packet.start in self._starts:
            self._leave_out(packet)
            return []
        if self._pending and packet.start < self._pending[-1].start:
            self.outlet.n_refilled += len(packet.raw)
        if packet.start > expected:
            insort(self._pending, packet, key=lambda other: other.start)
            self._starts.add(packet.start)
            self._deadline_ns = min(self._deadline_ns, packet.arrival.mono_ns + self._hold_ns)
            return self._pass_lost_gaps()
        return [*self._hand_out(self._without_start(packet, expected)), *self._drain(), *self._pass_lost_gaps()]

    def flush(self) -> list[Item]:
        """Hand out everything; the gaps stay."""
        items: list[Item] = []
        while self._pending:
            items += self._pass_gap()
        return items

    def expire(self, mono_ns: int) -> list[Item]:
        """Hand out what has waited long enough."""
        items: list[Item] = []
        while self._pending and mono_ns >= self._deadline_ns:
            items += self._pass_gap()
        return [*items, *self._pass_lost_gaps()] if items else items

    def tide(self, t_ns: int, cause: GapCause) -> list[Item]:
        """Raise the watermark, up to the first gap that is still waited for."""
        clock = self.outlet.fit.clock
        if self._last is not None and clock is not None and not self.outlet.fit.by_arrival:
            # In a compressed night the log's time runs ahead of a sensor whose computer does not keep up:
            # silence is counted from its own last sample; one that claims to be ahead of the log does not move it.
            t_ns = min(t_ns, clock.at(self._last.stop) + t_ns - self._last.arrival.utc_ns)
        if self._pending and clock is not None and self.outlet.expected is not None:
            t_ns = min(t_ns, clock.at(self.outlet.expected))
        return self.outlet.tide(t_ns, cause)

    def _pass_lost_gaps(self) -> list[Item]:
        """Give up gaps that nobody can fill."""
        items: list[Item] = []
        while self._pending and not self._can_be_filled():
            items += self._pass_gap()
        return items

    def _can_be_filled(self) -> bool:
        """Tell whether packets are missing before the first that waits, and the sensor can send them again."""
        if not self._hold_ns or self._last is None:
            return False
        first = self._pending[0]
        return first.is_short != self._last.is_short or first.seq - self._last.seq > 1

    def _leave_out(self, packet: Packet) -> None:
        """Count a packet that comes too late for its gap, or that came before."""
        n_late = self._given_up.claim(packet.start, packet.stop)
        self.outlet.n_late += n_late
        self.n_duplicate += not n_late

    def _next_pending(self) -> Packet:
        packet = self._pending.pop(0)
        self._starts.discard(packet.start)
        return packet

    def _pass_gap(self) -> list[Item]:
        """Give up the first gap and hand out what waits behind it."""
        first = self._next_pending()
        items: list[Item] = []
        expected = self.outlet.expected
        if expected is not None and first.start > expected:
            n_air, cause = self._share(first, first.start - expected)
            items += self.outlet.missing(expected + n_air, cause)
            items += self.outlet.missing(first.start, GapCause.DEVICE)
            self._given_up.add(expected, first.start)
        items += [*self._hand_out(first), *self._drain()]
        self._deadline_ns = min((packet.arrival.mono_ns for packet in self._pending), default=math.inf) + self._hold_ns
        return items

    def _share(self, packet: Packet, n_missing: int) -> tuple[int, GapCause]:
        """How many of the missing samples were not lost inside the sensor, and what became of them."""
        if packet.after_link_loss:
            return n_missing, GapCause.RECONNECT
        if self._last is None or packet.is_short != self._last.is_short:
            return n_missing, GapCause.AIR
        n_lost = max(0, packet.seq - self._last.seq - 1)
        return min(n_missing, n_lost * len(self._last.raw)), GapCause.AIR

    def _drain(self) -> list[Item]:
        """Hand out what waits and is next now."""
        items: list[Item] = []
        while self._pending and self.outlet.expected is not None and self._pending[0].start <= self.outlet.expected:
            packet = self._next_pending()
            if packet.stop > self.outlet.expected:
                items += self._hand_out(self._without_start(packet, self.outlet.expected))
        if not self._pending:
            self._deadline_ns = math.inf
        return items

    def _without_start(self, packet: Packet, expected: int) -> Packet:
        """Leave out samples that were handed out already: the sensor may cut what it sends again differently."""
        n_known = expected - packet.start
        if not n_known:
            return packet
        tick = packet.tick + round(n_known * self._tick_hz / self.outlet.stream.fs_hz)
        return packet._replace(start=expected, tick=tick, raw=packet.raw[n_known:])

    def _hand_out(self, packet: Packet) -> list[Item]:
        self._last = packet
        data = self._scaling.apply(packet.raw)
        return self.outlet.put(packet.start, data, packet.tick * NS_PER_S // self._tick_hz, packet.arrival.utc_ns)
