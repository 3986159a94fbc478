"""A leg sensor without a radio: its clock, its streams, its control point, as the Leg Sensor Profile has them."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.decoders.lsp_control import Op, Request, Response, Result
from ingest.decoders.lsp_info import Info, InfoFlag, Kind
from ingest.decoders.lsp_packets import LONG_LEAST_PAYLOAD, LONG_TYPE
from ingest.decoders.lsp_status import EventPacket, EventType, StatusFlag, StatusPacket, encode_event, encode_status
from ingest.errors import DecodeError
from ingest.virtual.leg import describe
from ingest.virtual.ring import TICK_HZ, Packet, SampleRing

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from ingest.decoders.lsp_info import StreamDescriptor
    from ingest.virtual.leg import Curtain, DeviceSpec, LegSource

    Reader = Callable[[int, int], NDArray[np.floating]]

NS_PER_US = 1_000
PPM = 1e-6
# Largest notification at MTU 247.
MAX_PAYLOAD = 244
FULL_BATTERY_MV, EMPTY_BATTERY_MV = 4_150, 3_300
LOW_BATTERY_MV = 3_500
SKIN_CENTIDEGREES = 3_105
# A skin electrode with gel, well attached.
GOOD_CONTACT_OHM = 23_000
LONG_HEAD = bytes((LONG_TYPE,))


class LegDevice:
    """A leg sensor between two boots.

    Parameters
    ----------
    spec : DeviceSpec
        What stays the same.
    source : LegSource
        The leg.
    curtain : Curtain
        When the leg begins to move.
    boot_id : int
        Random number of this boot.
    mono_ns : int
        Monotonic time of the night at which it is switched on.
    """

    def __init__(self, spec: DeviceSpec, source: LegSource, curtain: Curtain, *, boot_id: int, mono_ns: int) -> None:
        self.spec = spec
        self._source = source
        self._curtain = curtain
        self._boot_ns = mono_ns
        self.info = Info(
            flags=InfoFlag.RESEND | InfoFlag.IMPEDANCE | InfoFlag.COMMON_CLOCK | InfoFlag.BUTTON,
            device_uid=spec.uid,
            tick_hz=TICK_HZ,
            max_payload=MAX_PAYLOAD,
            body_location=spec.location,
            accuracy_ppm=math.ceil(abs(spec.drift_ppm)),
            boot_id=boot_id,
            streams=describe(source, source.emg(0, 0).shape[1]),
        )
        self.started = False
        self._chosen: tuple[StreamDescriptor, ...] = ()
        self._ends: tuple[int, ...] = ()
        self._start_ns = 0
        self._rings: tuple[SampleRing, ...] = ()
        self._utc_offset_us = 0
        self.wanted_again: deque[tuple[SampleRing, Packet]] = deque()
        self._events = 0
        self._measured_channels = 0
        self._alive_until_ns: int | None = None
        self.contact_ohm = (GOOD_CONTACT_OHM,) * self.info.streams[0].channels
        self.payload_bytes = MAX_PAYLOAD
        self.earlier_runs: list[tuple[SampleRing, ...]] = []
        self.battery_mv = float(FULL_BATTERY_MV)
        self.lead_off = (0, 0)
        self._discharged_ns = mono_ns

    @property
    def rings(self) -> tuple[SampleRing, ...]:
        """Memory of the streams, once they have begun."""
        return self._rings

    @property
    def finished(self) -> bool:
        """Whether the night is over for this sensor and every sample is sent."""
        return bool(self._rings) and all(self.at_end(ring) and ring.sent == ring.produced for ring in self._rings)

    def tick(self, mono_ns: int) -> int:
        """Return the sensor's clock, µs since it was switched on."""
        return round((mono_ns - self._boot_ns) * (1 + self.spec.drift_ppm * PPM) / NS_PER_US)

    def unix_us(self, tick: int) -> int:
        """Return UTC at a tick, µs; 0 before the sensor was told."""
        return tick + self._utc_offset_us if self._utc_offset_us else 0

    def answer(self, request: bytes, mono_ns: int, exact_utc_ns: int | None = None) -> bytes:
        """Return the response to what was written to the control point at `mono_ns`.

        Where `exact_utc_ns` is given it is taken instead of the time in `SET_TIME`: a compressed night would multiply
        the milliseconds that a request takes.
        """
        try:
            asked = Request.from_bytes(request)
        except DecodeError:
            head = request[:2].ljust(2, b"\0")
            return Response(head[0], head[1], Result.LENGTH).to_bytes()
        result = self._obey(asked, mono_ns, exact_utc_ns)
        tick = self.tick(mono_ns)
        return Response(asked.op, asked.tid, result, tick, self.unix_us(tick)).to_bytes()

    def _obey(self, asked: Request, mono_ns: int, exact_utc_ns: int | None) -> Result:
        match asked.op:
            case Op.START:
                return self._start(asked.values[0], mono_ns)
            case Op.STOP:
                self._stop()
            case Op.SET_TIME:
                utc_us = asked.values[0] if exact_utc_ns is None else exact_utc_ns // NS_PER_US
                self._utc_offset_us = utc_us - self.tick(mono_ns)
            case Op.RESEND:
                return self._resend(*asked.values)
            case Op.IMPEDANCE_START | Op.IMPEDANCE_STOP:
                self._measured_channels = asked.values[0] if asked.op == Op.IMPEDANCE_START else 0
            case Op.KEEPALIVE:
                self._alive_until_ns = mono_ns + asked.values[0] * NS_PER_S if asked.values[0] else None
            case Op.GET_TIME | Op.IDENTIFY | Op.SET_CONN:
                pass
            case _:
                return Result.UNSUPPORTED if asked.op in set(Op) else Result.UNKNOWN_OP
        return Result.OK

    def at_end(self, ring: SampleRing) -> bool:
        """Whether the night holds no more samples for this ring."""
        return any(ring is own and ring.produced == end for own, end in zip(self._rings, self._ends, strict=True))

    def produce(self, mono_ns: int, *, hold: bool) -> None:
        """Sample up to now; with `hold`, only as much as the memory takes without losing what is unsent."""
        if self._alive_until_ns is not None and mono_ns >= self._alive_until_ns:
            self._stop()
        if not (self.started and self._curtain.up.is_set()):
            return
        if not self._rings:
            self._begin(self._curtain.zero_ns)
        if self._curtain.end_ns is not None:
            due = self._due(self._curtain.end_ns)
            self._ends = tuple(min(end, max(last, 0)) for end, last in zip(self._ends, due, strict=True))
        for ring, end, due_now in zip(self._rings, self._ends, self._due(mono_ns), strict=True):
            until = min(due_now, end)
            ring.produce(min(until, ring.produced + ring.room) if hold else until)

    def detach(self, positive: int, negative: int) -> None:
        """Take electrodes off, a bit per channel; 0 and 0 puts all of them on again."""
        self.lead_off = positive, negative
        for ring in self._rings:
            ring.electrodes_off = ring.descriptor.kind == Kind.EMG and bool(positive | negative)

    def report(self, rings: tuple[SampleRing, ...]) -> dict[str, object]:
        """Return the account of the samples between a start and the next."""
        streams = {str(ring.descriptor.stream_id): ring.report() for ring in rings}
        return {"boot_id": self.info.boot_id, "streams": streams}

    @property
    def ended(self) -> list[dict[str, object]]:
        """The accounts of the runs that a stop has ended; what was on its way then may still arrive."""
        return [self.report(rings) for rings in self.earlier_runs]

    def status(self, mono_ns: int) -> bytes:
        """Return the value of the status characteristic."""
        hours = (mono_ns - self._discharged_ns) / NS_PER_S / 3600
        self._discharged_ns = mono_ns
        self.battery_mv = max(self.battery_mv - hours * self.spec.battery_mv_per_h, EMPTY_BATTERY_MV)
        return encode_status(
            StatusPacket(
                lead_off_p=self.lead_off[0],
                lead_off_n=self.lead_off[1],
                flags=(StatusFlag.STREAMING if self.started else 0)
                | (StatusFlag.IMPEDANCE if self._measured_channels else 0),
                queue=0,
                battery_mv=round(self.battery_mv),
                temperature_cc=SKIN_CENTIDEGREES,
                drops=sum(ring.dropped for ring in self._rings),
                impedance_ohm=tuple(
                    ohm if self._measured_channels >> channel & 1 else None
                    for channel, ohm in enumerate(self.contact_ohm)
                ),
            )
        )

    def event(self, kind: EventType, value: int, mono_ns: int) -> bytes:
        """Return the next value of the event characteristic."""
        self._events += 1
        return encode_event(EventPacket(kind, 0, self._events - 1, self.tick(mono_ns), value))

    def _stop(self) -> None:
        self.started = False
        if self._rings:
            self.earlier_runs.append(self._rings)
        self._rings, self._ends = (), ()
        self._alive_until_ns = None
        self.wanted_again.clear()

    def _start(self, mask: int, mono_ns: int) -> Result:
        """Start; a sensor that streams takes no notice, so that indices go on over a reconnect."""
        chosen = tuple(stream for stream in self.info.streams if mask >> stream.stream_id & 1)
        if not chosen:
            return Result.PARAMETER
        if not self.started:
            self.started = True
            self._chosen = chosen
            self._start_ns = mono_ns
            self._curtain.arrive(self.spec.name, mono_ns)
        return Result.OK

    def _begin(self, zero_ns: int) -> None:
        """Let both streams begin at the same sample of the leg, the first one after the start."""
        slow_hz = min(stream.fs_hz for stream in self.info.streams)
        late_s = math.ceil(max(self._start_ns - zero_ns, 0) / NS_PER_S * slow_hz) / slow_hz
        self._start_ns = zero_ns + round(late_s * NS_PER_S)
        first_tick = self.tick(self._start_ns)
        rings, ends = [], []
        for stream in self._chosen:
            read, total = self._signal(stream)
            base = round(late_s * stream.fs_hz)
            rings.append(SampleRing(stream, _from(read, base), math.ceil(self.spec.ring_s * stream.fs_hz), first_tick))
            ends.append(max(total - base, 0))
        self._rings, self._ends = tuple(rings), tuple(ends)
        self.detach(*self.lead_off)

    def _due(self, mono_ns: int) -> list[int]:
        """Return how many samples each stream has had time for."""
        elapsed_s = (mono_ns - self._start_ns) * (1 + self.spec.drift_ppm * PPM) / NS_PER_S
        # A sample that is due to the microsecond is due, whatever binary fractions make of it.
        return [math.floor(elapsed_s * ring.descriptor.fs_hz + PPM) for ring in self._rings]

    def _signal(self, stream: StreamDescriptor) -> tuple[Reader, int]:
        """Return what a stream measures, and how many samples of it the night has."""
        if stream.kind == Kind.EMG:
            return self._source.emg, self._source.n_emg
        return self._source.acceleration, self._source.n_acceleration

    def _resend(self, stream_id: int, index: int, count: int) -> Result:
        """Queue the packets that hold `count` samples from `index`, as far as they are kept."""
        ring = next((ring for ring in self._rings if ring.descriptor.stream_id == stream_id), None)
        found = [] if ring is None else ring.again(index, index + count)
        if ring is None or not found:
            return Result.PARAMETER
        if any(len(packet.payload) > self.payload_bytes for packet in found):
            return Result.MTU_TOO_SMALL
        if self.payload_bytes >= LONG_LEAST_PAYLOAD and any(packet.payload[:1] != LONG_HEAD for packet in found):
            return Result.PARAMETER  # short packets say where they belong only among short ones
        queued = {packet.start for other, packet in self.wanted_again if other is ring}
        self.wanted_again.extend((ring, packet) for packet in found if packet.start not in queued)
        return Result.OK


def _from(read: Reader, base: int) -> Reader:
    """Count the leg's samples from `base`."""
    return lambda start, stop: read(base + start, base + stop)
