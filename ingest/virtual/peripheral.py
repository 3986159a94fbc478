"""The Bluetooth side of a virtual leg sensor: its services, and who listens."""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING, Protocol

from bumble import hci
from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.profiles.battery_service import BatteryService
from bumble.profiles.device_information_service import DeviceInformationService

from ingest.decoders.lsp_info import CONTROL_UUID, DATA_UUID, EVENT_UUID, INFO_UUID, SERVICE_UUID, STATUS_UUID
from ingest.virtual.device import MAX_PAYLOAD
from ingest.virtual.quiet import ATT_CHANNEL, NOTIFICATION, QuietHost
from ingest.virtual.radio import RadioController

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.virtual.radio import Radio

ATT_HEADER_BYTES = 3
# Bumble's virtual controller never answers a scan request, so name and 128-bit service share 31 bytes.
LONGEST_NAME = 8
ADVERTISING_INTERVAL_MS = 20.0
MAKER, MODEL, REVISION = "Soleus", "virtual leg sensor", "1"
NOTIFICATION_HEAD = struct.Struct("<BH")
Properties = Characteristic.Properties


class Owner(Protocol):
    """What the peripheral asks of the sensor behind it, and tells it."""

    def read_info(self) -> bytes:
        """Return the Info characteristic."""
        ...

    def read_status(self) -> bytes:
        """Return the Status characteristic."""
        ...

    def read_battery(self) -> int:
        """Return the battery, %."""
        ...

    def control(self, request: bytes) -> None:
        """Take what was written to the control point."""
        ...

    def subscribed(self) -> None:
        """Note that someone listens from now on."""
        ...

    def linked(self) -> None:
        """Note that a link was made."""
        ...

    def unlinked(self) -> None:
        """Note that the link is gone."""
        ...


class LegPeripheral:
    """A peripheral with the Leg Sensor Profile's services; holds at most one link.

    Parameters
    ----------
    radio : Radio
        The air.
    name : str
        Advertised name, at most 8 characters.
    address : str
        Random static address, for example ``C4:00:00:00:00:01``.
    owner : Owner
        The sensor that answers.

    Raises
    ------
    ValueError
        If the name does not fit.
    """

    def __init__(self, radio: Radio, name: str, address: str, owner: Owner) -> None:
        if len(name.encode()) > LONGEST_NAME:
            msg = f"advertised name is {name!r}, expected at most {LONGEST_NAME} bytes beside the service"
            raise ValueError(msg)
        self._owner = owner
        self.link: Connection | None = None
        self.subscriptions: set[str] = set()
        self._indicating: set[asyncio.Future[None]] = set()
        self.controller = RadioController(name, radio, f"{address}/P")
        configuration = DeviceConfiguration(
            name=name,
            address=hci.Address(address),
            advertising_interval_min=ADVERTISING_INTERVAL_MS,
            advertising_interval_max=ADVERTISING_INTERVAL_MS,
        )
        self.device = Device(config=configuration, host=QuietHost(self.controller, self.controller))
        # As large as the profile's largest packet, as firmware would have it.
        self.device.gatt_server.max_mtu = MAX_PAYLOAD + ATT_HEADER_BYTES
        self._characteristics = self._make_characteristics()
        self.device.add_services(
            [
                Service(SERVICE_UUID, list(self._characteristics.values())),
                BatteryService(lambda _connection: owner.read_battery()),
                DeviceInformationService(MAKER, MODEL, hardware_revision=REVISION, firmware_revision=REVISION),
            ]
        )
        self.device.advertising_data = bytes(
            AdvertisingData(
                [
                    (AdvertisingData.FLAGS, b"\x06"),
                    (AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, bytes(UUID(SERVICE_UUID))),
                    (AdvertisingData.COMPLETE_LOCAL_NAME, name.encode()),
                ]
            )
        )
        self.device.on("connection", self._linked)

    async def switch_on(self) -> None:
        """Begin to advertise, and do so again after each link."""
        await self.device.power_on()
        await self.device.start_advertising(auto_restart=True)

    @property
    def payload_bytes(self) -> int:
        """Largest notification on this link, bytes."""
        return int(self.link.att_mtu) - ATT_HEADER_BYTES if self.link else 0

    @property
    def data_handle(self) -> int:
        """Attribute handle of the data characteristic."""
        return int(self._characteristics[DATA_UUID].handle)

    def notify(self, characteristic: str, payload: bytes) -> None:
        """Send a notification if someone listens; what does not fit is cut off, as ATT has it."""
        if self.link is not None and characteristic in self.subscriptions:
            head = NOTIFICATION_HEAD.pack(NOTIFICATION, self._characteristics[characteristic].handle)
            self.device.send_l2cap_pdu(self.link.handle, ATT_CHANNEL, head + payload[: self.payload_bytes])

    async def indicate(self, characteristic: str, payload: bytes) -> None:
        """Send an indication and wait for its confirmation, as long as the link stands.

        Raises
        ------
        bumble.core.TimeoutError
            If it is not confirmed.
        """
        if self.link is not None and characteristic in self.subscriptions:
            sending = asyncio.ensure_future(
                self.device.indicate_subscriber(self.link, self._characteristics[characteristic], payload)
            )
            self._indicating.add(sending)
            try:
                await asyncio.wait({sending})
                if not sending.cancelled():
                    sending.result()
            finally:
                self._indicating.discard(sending)
                sending.cancel()

    def _make_characteristics(self) -> dict[str, Characteristic[bytes]]:
        """Make the profile's five characteristics; each has a write or read of its own, or Bumble never answers."""
        owner, readable, writable = self._owner, Characteristic.READABLE, Characteristic.WRITEABLE
        made: dict[
            str, tuple[Characteristic.Properties, Characteristic.Permissions, CharacteristicValue[bytes] | bytes]
        ] = {
            INFO_UUID: (Properties.READ, readable, CharacteristicValue(read=lambda _c: owner.read_info())),
            DATA_UUID: (Properties.NOTIFY, readable, b""),
            CONTROL_UUID: (
                Properties.WRITE | Properties.INDICATE,
                writable,
                CharacteristicValue(write=lambda _c, request: owner.control(bytes(request))),
            ),
            EVENT_UUID: (Properties.NOTIFY, readable, b""),
            STATUS_UUID: (
                Properties.READ | Properties.NOTIFY,
                readable,
                CharacteristicValue(read=lambda _c: owner.read_status()),
            ),
        }
        characteristics = {}
        for uuid, (properties, permissions, value) in made.items():
            characteristic: Characteristic[bytes] = Characteristic(uuid, properties, permissions, value)
            characteristic.on("subscription", self._subscription(uuid))
            characteristics[uuid] = characteristic
        return characteristics

    def _subscription(self, uuid: str) -> Callable[[object, bool, bool], None]:
        def changed(_bearer: object, notify: bool, indicate: bool) -> None:  # noqa: FBT001 - Bumble calls it so
            if notify or indicate:
                self.subscriptions.add(uuid)
                self._owner.subscribed()
            else:
                self.subscriptions.discard(uuid)

        return changed

    def _linked(self, connection: Connection) -> None:
        self.link = connection
        connection.on("disconnection", lambda _reason: self._unlinked())
        self._owner.linked()

    def _unlinked(self) -> None:
        self.link = None
        self.subscriptions.clear()
        for indicating in self._indicating:
            indicating.cancel()
        self._owner.unlinked()
