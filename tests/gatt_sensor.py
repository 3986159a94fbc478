"""A sensor of any kind on the virtual radio: the characteristics it is given, and what it answers to a write."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bumble import hci
from bumble.core import UUID, AdvertisingData
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.profiles.battery_service import BatteryService

from ingest.virtual.quiet import QuietHost
from ingest.virtual.radio import Radio, RadioController

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

Properties = Characteristic.Properties
ADVERTISING_INTERVAL_MS = 20.0
BATTERY_PCT = 77


@dataclass
class GattSensor:
    """What a sensor has and does.

    Parameters
    ----------
    address : str
        Random static address.
    service : str
        Its service.
    notifies, takes : tuple of str
        Characteristics that notify, and those that are written.
    answer : callable
        What it notifies on the first characteristic when a payload is written, or None.
    streams_after : bytes or None
        The write that makes it stream; None if a subscription does.
    packet : callable of int to (str, bytes)
        Characteristic and payload of its packets, by their number.
    every_s : float
        Time between packets, s.
    """

    address: str
    service: str
    notifies: tuple[str, ...]
    takes: tuple[str, ...]
    answer: Callable[[bytes], bytes | None]
    streams_after: bytes | None
    packet: Callable[[int], tuple[str, bytes]]
    every_s: float
    written: list[bytes] = field(default_factory=list)
    n_sent: int = 0
    _streams: asyncio.Event = field(default_factory=asyncio.Event)
    _made: dict[str, Characteristic[bytes]] = field(default_factory=dict)

    @contextlib.asynccontextmanager
    async def on_air(self, radio: Radio) -> AsyncIterator[None]:
        """Be switched on."""
        controller = RadioController(self.address, radio, f"{self.address}/P")
        configuration = DeviceConfiguration(
            address=hci.Address(self.address),
            advertising_interval_min=ADVERTISING_INTERVAL_MS,
            advertising_interval_max=ADVERTISING_INTERVAL_MS,
        )
        device = Device(config=configuration, host=QuietHost(controller, controller))
        for uuid in self.notifies:
            self._made[uuid] = Characteristic(uuid, Properties.NOTIFY, Characteristic.READABLE, b"")
            self._made[uuid].on("subscription", self._subscribed)
        for uuid in self.takes:
            taken = CharacteristicValue[bytes](write=lambda _link, payload: self._take(device, bytes(payload)))
            self._made[uuid] = Characteristic(uuid, Properties.WRITE, Characteristic.WRITEABLE, taken)
        battery = BatteryService(lambda _connection: BATTERY_PCT)
        device.add_services([Service(self.service, list(self._made.values())), battery])
        listed = (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, bytes(UUID(self.service)))
        device.advertising_data = bytes(AdvertisingData([(AdvertisingData.FLAGS, b"\x06"), listed]))
        await device.power_on()
        await device.start_advertising(auto_restart=True)
        streaming = asyncio.create_task(self._stream(device))
        try:
            yield
        finally:
            streaming.cancel()
            await device.power_off()

    def _subscribed(self, _bearer: object, notify: bool, _indicate: bool) -> None:  # noqa: FBT001 - Bumble calls it so
        if notify and self.streams_after is None:
            self._streams.set()

    def _take(self, device: Device, payload: bytes) -> None:
        self.written.append(payload)
        answer = self.answer(payload)
        if answer is not None:
            said = device.notify_subscribers(self._made[self.notifies[0]], answer)
            self._saying = asyncio.ensure_future(said)
        if payload == self.streams_after:
            self._streams.set()

    async def _stream(self, device: Device) -> None:
        await self._streams.wait()
        while True:
            uuid, payload = self.packet(self.n_sent)
            await device.notify_subscribers(self._made[uuid], payload)
            self.n_sent += 1
            await asyncio.sleep(self.every_s)
