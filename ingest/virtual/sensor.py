"""A virtual leg sensor: a device on the air with a leg behind it, and everything that can go wrong with one."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections import deque
from enum import StrEnum
from typing import TYPE_CHECKING

from bumble import core, hci

from detectors.signal import NS_PER_S
from ingest.decoders.lsp_control import Op
from ingest.decoders.lsp_info import CONTROL_UUID, DATA_UUID, EVENT_UUID, STATUS_UUID
from ingest.decoders.lsp_packets import LONG_LEAST_PAYLOAD
from ingest.decoders.lsp_status import EventType
from ingest.virtual.device import EMPTY_BATTERY_MV, FULL_BATTERY_MV, LOW_BATTERY_MV, LegDevice
from ingest.virtual.faults import BadAir, Sent
from ingest.virtual.peripheral import LegPeripheral
from ingest.virtual.quiet import ATT_CHANNEL, NOTIFICATION

if TYPE_CHECKING:
    from random import Random

    from ingest.timebase import Timebase
    from ingest.virtual.leg import Curtain, DeviceSpec, LegSource
    from ingest.virtual.radio import Radio

# How an ATT notification stands in an L2CAP frame: length, channel, opcode, attribute handle.
FRAME = struct.Struct("<2xHBH")
# Enough to keep the air busy until the next look, few enough to be sent again after a lost link.
MOST_IN_FLIGHT = 48
LOOK_EVERY_WALL_S = 0.02
STATUS_EVERY_S = 10.0
PERCENT = 100
IMPEDANCE = (bytes((Op.IMPEDANCE_START,)), bytes((Op.IMPEDANCE_STOP,)))


class Cure(StrEnum):
    """What makes a sensor that has gone silent send again."""

    NEVER = "never"
    START = "start"
    SUBSCRIBE = "subscribe"
    RECONNECT = "reconnect"


class VirtualSensor:
    """One leg sensor.

    Parameters
    ----------
    spec : DeviceSpec
        The sensor.
    source : LegSource
        The leg.
    radio : Radio
        The air.
    curtain : Curtain
        When the legs begin to move.
    timebase : Timebase
        Time of the night.
    rng : random.Random
        Source of boot numbers and of which packets meet bad air.
    """

    def __init__(
        self, spec: DeviceSpec, source: LegSource, *, radio: Radio, curtain: Curtain, timebase: Timebase, rng: Random
    ) -> None:
        self.spec = spec
        self._source = source
        self._radio = radio
        self._curtain = curtain
        self._timebase = timebase
        self._rng = rng
        self.device = self._boot()
        self.peripheral = LegPeripheral(radio, spec.advertised_name, spec.address, self)
        self.peripheral.controller.delivered = self._delivered
        self._in_flight: deque[Sent | None] = deque()
        self._room = asyncio.Event()
        self.finished = asyncio.Event()
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()
        self._cure: Cure | None = None
        self._status_due_ns = 0
        self._low = False
        self.air = BadAir(rng)
        self._earlier_runs: list[dict[str, object]] = []
        self._is_off = False

    async def run(self) -> None:
        """Live until cancelled."""
        await self.peripheral.switch_on()
        async with asyncio.TaskGroup() as life:
            life.create_task(self._answer_all(), name=f"answers[{self.spec.name}]")
            life.create_task(self._send_all(), name=f"sends[{self.spec.name}]")

    @property
    def done(self) -> bool:
        """Whether the whole night has been sent and has arrived."""
        return self.device.finished and not self._in_flight

    def report(self) -> dict[str, object]:
        """Return the account of the night; see :mod:`ingest.virtual.process`."""
        return {
            "sensor": self.spec.name,
            **self.device.report(self.device.rings),
            "earlier": [*self._earlier_runs, *self.device.ended],
            "doubled_packets": self.air.n_doubled,
            "cut_packets": self.air.n_cut,
            "done": self.done,
        }

    async def leave(self, for_s: float) -> None:
        """Be out of range for so long, s of the night."""
        self._radio.leave(self.peripheral.controller)
        await self._timebase.sleep(for_s)
        self._radio.come_back(self.peripheral.controller)

    def fall_silent(self, cure: Cure) -> None:
        """Stay connected and send no data until cured."""
        self._cure = cure

    def speak(self) -> None:
        """Send data again."""
        self._cured(self._cure)

    async def reboot(self, for_s: float) -> None:
        """Switch off and, after so long, on again: another boot, indices from 0, a full battery."""
        self._is_off = True
        self._radio.leave(self.peripheral.controller)
        await asyncio.sleep(max(for_s / self._timebase.speed, self._radio.supervision_s + LOOK_EVERY_WALL_S))
        self._earlier_runs += [*self.device.ended, self.device.report(self.device.rings)]
        self.device = self._boot()
        self._in_flight.clear()
        self._is_off = self._low = False
        self._radio.come_back(self.peripheral.controller)

    def drain(self, battery_mv: float) -> None:
        """Set the battery, mV; at its end the sensor is gone, until it is rebooted with a new one."""
        self.device.battery_mv = battery_mv
        self._status_due_ns = 0

    def press(self) -> None:
        """Press the marker button, and let it go."""
        for kind in (EventType.PRESS, EventType.RELEASE):
            self.peripheral.notify(EVENT_UUID, self.device.event(kind, 1, self._timebase.mono_ns()))

    def detach(self, positive: int, negative: int) -> None:
        """Take electrodes off, a bit per channel."""
        self.device.detach(positive, negative)
        self._status_due_ns = 0

    def touch(self, contact_ohm: tuple[int, ...]) -> None:
        """Set the impedance of the electrodes, one value per EMG channel."""
        self.device.contact_ohm = contact_ohm
        self._status_due_ns = 0

    def shade(self, rssi_dbm: int) -> None:
        """Set the signal strength at which everyone hears it."""
        self._radio.set_rssi_dbm(hci.Address(self.spec.address), rssi_dbm)

    def read_info(self) -> bytes:
        """Return the Info characteristic."""
        return self.device.info.to_bytes()

    def read_status(self) -> bytes:
        """Return the Status characteristic."""
        return self.device.status(self._timebase.mono_ns())

    def read_battery(self) -> int:
        """Return the battery, %."""
        return round(PERCENT * (self.device.battery_mv - EMPTY_BATTERY_MV) / (FULL_BATTERY_MV - EMPTY_BATTERY_MV))

    def control(self, request: bytes) -> None:
        """Answer the control point; the answer is indicated after the write is confirmed."""
        exact_utc_ns = self._timebase.now_ns() if self._timebase.compressed else None
        self.device.payload_bytes = self.peripheral.payload_bytes
        self._answers.put_nowait(self.device.answer(request, self._timebase.mono_ns(), exact_utc_ns))
        if request[:1] == bytes((Op.START,)):
            self._cured(Cure.START)
        self._status_due_ns = 0 if request[:1] in IMPEDANCE else self._status_due_ns

    def subscribed(self) -> None:
        """Someone listens from now on."""
        self._cured(Cure.SUBSCRIBE)

    def linked(self) -> None:
        """Begin a link."""
        for ring in self.device.rings:
            ring.new_link()

    def unlinked(self) -> None:
        """End a link: what had not arrived will be sent again, as far as it is still kept."""
        self._cured(Cure.RECONNECT)
        for ring in self.device.rings:
            on_their_way = (sent for sent in self._in_flight if sent is not None and sent.ring is ring)
            first = next((sent.packet for sent in on_their_way if not sent.is_again), None)
            if first is not None:
                ring.rewind(first)
        self._in_flight.clear()
        self.device.wanted_again.clear()
        while not self._answers.empty():
            self._answers.get_nowait()

    def _boot(self) -> LegDevice:
        boot_id = self._rng.getrandbits(32)
        mono_ns = self._timebase.mono_ns()
        return LegDevice(self.spec, self._source, self._curtain, boot_id=boot_id, mono_ns=mono_ns)

    def _cured(self, cure: Cure | None) -> None:
        if self._cure is cure:
            self._cure = None

    async def _answer_all(self) -> None:
        while True:
            answer = await self._answers.get()
            # A link that goes while it is told something tells nobody; the host asks again.
            with contextlib.suppress(core.BaseBumbleError):
                await self.peripheral.indicate(CONTROL_UUID, answer)

    async def _send_all(self) -> None:
        """Sample and send, a batch per look; wait for room when the air is full."""
        while True:
            now_ns = self._timebase.mono_ns()
            linked = self.peripheral.link is not None and not self._radio.is_away(self.peripheral.controller)
            # A compressed sensor waits for a computer that does not keep up; a real one could not.
            if not self._is_off:
                self.device.produce(now_ns, hold=self._timebase.compressed and linked)
                self._send_data()
                self._send_status(now_ns)
            if self.done:
                self.finished.set()
            self._room.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_WALL_S):
                    await self._room.wait()

    def _send_data(self) -> None:
        """Send what is due, the oldest sample first, while the air takes it."""
        while self._may_send() and self._send_one():
            pass

    def _send_one(self) -> bool:
        """Send one packet; False if none is due."""
        if self.device.wanted_again:
            self._notify_all(self.air.send(*self.device.wanted_again.popleft(), is_again=True))
            return True
        for ring in sorted(self.device.rings, key=lambda ring: ring.sent / ring.descriptor.fs_hz):
            flush = self.device.at_end(ring)
            if self.peripheral.payload_bytes >= LONG_LEAST_PAYLOAD:
                packet = ring.next_long(self.peripheral.payload_bytes, flush=flush)
            else:
                sync = ring.sync(self.device.unix_us)
                if sync is not None:
                    self._notify_all([(sync, None)])
                packet = ring.next_short(flush=flush)
            if packet is not None:
                self._notify_all(self.air.send(ring, packet))
                return True
        return False

    def _notify_all(self, going: list[tuple[bytes, Sent | None]]) -> None:
        for payload, sent in going:
            self._in_flight.append(sent)
            self.peripheral.notify(DATA_UUID, payload)

    def _may_send(self) -> bool:
        return (
            self._cure is None
            and self.device.started
            and len(self._in_flight) < MOST_IN_FLIGHT
            and DATA_UUID in self.peripheral.subscriptions
        )

    def _delivered(self, frame: bytes) -> None:
        """Note the arrival of a frame; data notifications arrive in the order in which they were sent."""
        if len(frame) < FRAME.size:
            return
        channel, opcode, handle = FRAME.unpack_from(frame)
        if channel == ATT_CHANNEL and opcode == NOTIFICATION and handle == self.peripheral.data_handle:
            sent = self._in_flight.popleft()
            if sent is not None and sent.is_again:
                sent.ring.losses.came(sent.packet.start, sent.stop)
            self._room.set()

    def _send_status(self, now_ns: int) -> None:
        """Tell the state every 10 s of the night, and the end of the battery."""
        if now_ns < self._status_due_ns:
            return
        self._status_due_ns = now_ns + round(STATUS_EVERY_S * NS_PER_S)
        self.peripheral.notify(STATUS_UUID, self.device.status(now_ns))
        if self.device.battery_mv <= LOW_BATTERY_MV and not self._low:
            self._low = True
            payload = self.device.event(EventType.LOW_BATTERY, round(self.device.battery_mv), now_ns)
            self.peripheral.notify(EVENT_UUID, payload)
        if self.device.battery_mv <= EMPTY_BATTERY_MV:
            self._is_off = True
            self._radio.leave(self.peripheral.controller)
