"""Bluetooth through bleak, and nothing else of bleak anywhere: find, connect, read, write, subscribe.

Whatever bleak, the Bluetooth service or D-Bus does to say that a sensor cannot be reached becomes one
:class:`~ingest.errors.LinkLost` with the reason in words; it is a state of the world, and the recorder tries again.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakDBusError, BleakError

from ingest.errors import LinkLost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from bleak.backends.characteristic import BleakGATTCharacteristic
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

ATT_HEADER_BYTES = 3
DEFAULT_MTU = 23
# What says "not now" below bleak, seen on BlueZ 5.66 with bleak 3.1: BleakError covers bleak and the answers of
# D-Bus; OSError a missing or closed bus socket; EOFError a bus that died while it was asked; TimeoutError is asyncio's.
NO_BUS = (FileNotFoundError, ConnectionRefusedError)
UNREACHABLE = (BleakError, OSError, EOFError, TimeoutError)


@dataclass(frozen=True, slots=True)
class BleBackend:
    """The Bluetooth to use; empty is the platform's own.

    Parameters
    ----------
    scanner_kwargs, client_kwargs : mapping of str to object
        Given to every ``BleakScanner`` and ``BleakClient``, for example ``{"bluez": {"adapter": "hci1"}}``.
    """

    scanner_kwargs: Mapping[str, Any] = field(default_factory=dict)
    client_kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A device that was heard advertising.

    Parameters
    ----------
    address : str
        Bluetooth address; on macOS a UUID that only this computer knows.
    name : str
        Advertised name, empty without one.
    rssi_dbm : int
        Signal strength, dBm.
    service_uuids : tuple of str
        Advertised services, 128 bit, lower case.
    device : object
        What :func:`connect` needs; opaque.
    """

    address: str
    name: str
    rssi_dbm: int
    service_uuids: tuple[str, ...]
    device: BLEDevice = field(repr=False, compare=False)


@contextlib.contextmanager
def _translated(doing: str) -> Iterator[None]:
    """Turn every way of not reaching a sensor into LinkLost."""
    try:
        yield
    except BleakBluetoothNotAvailableError as error:
        raise LinkLost(f"{doing}: no Bluetooth: {error.args[0]} ({error.reason.name.lower()})") from error
    except BleakDBusError as error:
        raise LinkLost(f"{doing}: the Bluetooth service answered {error}") from error
    except NO_BUS as error:
        raise LinkLost(f"{doing}: no Bluetooth: the system's D-Bus cannot be reached: {error}") from error
    except UNREACHABLE as error:
        raise LinkLost(f"{doing}: {type(error).__name__}: {error}") from error


def _sighting(device: BLEDevice, heard: AdvertisementData) -> Sighting:
    uuids = tuple(uuid.lower() for uuid in heard.service_uuids)
    return Sighting(device.address, heard.local_name or device.name or "", heard.rssi, uuids, device)


async def scan(seconds: float, ble: BleBackend) -> list[Sighting]:
    """Listen for advertisements.

    Parameters
    ----------
    seconds : float
        How long, s of the wall clock.
    ble : BleBackend
        The Bluetooth to use.

    Returns
    -------
    list of Sighting
        Every device heard, the last advertisement of each, strongest first.

    Raises
    ------
    LinkLost
        If there is no Bluetooth here, or it is off.
    """
    heard: dict[str, Sighting] = {}

    def hear(device: BLEDevice, data: AdvertisementData) -> None:
        heard[device.address] = _sighting(device, data)

    with _translated("scan"):
        async with BleakScanner(hear, **ble.scanner_kwargs):
            await asyncio.sleep(seconds)
    return sorted(heard.values(), key=lambda sighting: -sighting.rssi_dbm)


async def find(wanted: Callable[[Sighting], bool], timeout_s: float, ble: BleBackend) -> Sighting:
    """Listen until a wanted device is heard.

    Parameters
    ----------
    wanted : callable of Sighting to bool
        Whether this is the one.
    timeout_s : float
        How long to listen, s of the wall clock.
    ble : BleBackend
        The Bluetooth to use.

    Returns
    -------
    Sighting
        The first one wanted.

    Raises
    ------
    LinkLost
        If it is not heard in time, or there is no Bluetooth.
    """
    found: asyncio.Future[Sighting] = asyncio.get_running_loop().create_future()

    def hear(device: BLEDevice, data: AdvertisementData) -> None:
        sighting = _sighting(device, data)
        if not found.done() and wanted(sighting):
            found.set_result(sighting)

    with _translated("find"):
        async with asyncio.timeout(timeout_s), BleakScanner(hear, **ble.scanner_kwargs):
            await found
    return found.result()


async def still_connected(service_uuids: tuple[str, ...], ble: BleBackend) -> list[Sighting]:
    """List sensors that the computer is connected to without our doing.

    BlueZ keeps the links of a collector that was killed, and a connected sensor does not advertise: no scan would
    ever find it again.

    Parameters
    ----------
    service_uuids : tuple of str
        Services to look for.
    ble : BleBackend
        The Bluetooth to use.

    Returns
    -------
    list of Sighting
        Connected devices with one of the services; empty where the platform cannot tell.

    Raises
    ------
    LinkLost
        If there is no Bluetooth here, or it is off.
    """
    if "backend" in ble.client_kwargs or not service_uuids:
        return []
    with _translated("look for links left standing"):
        try:
            adapter = await BleakAdapter.get(bluez=ble.client_kwargs.get("bluez", {}))
        except NotImplementedError:
            return []
        devices = await adapter.get_connected_devices(list(service_uuids))
    return [Sighting(device.address, device.name or "", 0, service_uuids, device) for device in devices]


class Link:
    """A connected sensor; open one with :func:`connect`.

    Parameters
    ----------
    client : bleak.BleakClient
        Connected.
    """

    def __init__(self, client: BleakClient) -> None:
        self._client = client
        self.lost = asyncio.Event()

    @property
    def mtu(self) -> int:
        """Negotiated MTU, bytes.

        From the size of a write without response, because BlueZ's own figure reads 23 until it is acquired.
        """
        sizes = [known.max_write_without_response_size for known in self._client.services.characteristics.values()]
        return max(sizes, default=DEFAULT_MTU - ATT_HEADER_BYTES) + ATT_HEADER_BYTES

    async def read(self, characteristic: str) -> bytes:
        """Read a value.

        Raises
        ------
        LinkLost
            If the sensor does not answer, or refuses.
        """
        with _translated(f"read {characteristic}"):
            return bytes(await self._client.read_gatt_char(characteristic))

    async def write(self, characteristic: str, payload: bytes, *, response: bool = True) -> None:
        """Write a value, waiting for the sensor's response unless told otherwise.

        Raises
        ------
        LinkLost
            If the sensor does not answer, or refuses.
        """
        with _translated(f"write {characteristic}"):
            await self._client.write_gatt_char(characteristic, payload, response=response)

    async def subscribe(self, characteristic: str, heard: Callable[[bytes], None]) -> None:
        """Have `heard` called, in the event loop, with every notification or indication.

        Raises
        ------
        LinkLost
            If the sensor does not answer, or refuses.
        """

        def callback(_sender: BleakGATTCharacteristic, data: bytearray) -> None:
            heard(bytes(data))

        with _translated(f"subscribe {characteristic}"):
            # Pinned, because the default of bleak changed twice within 3.0.x.
            await self._client.start_notify(characteristic, callback, bluez={"use_start_notify": True})

    async def unsubscribe(self, characteristic: str) -> None:
        """End a subscription.

        Raises
        ------
        LinkLost
            If the sensor does not answer, or refuses.
        """
        with _translated(f"unsubscribe {characteristic}"):
            await self._client.stop_notify(characteristic)


@contextlib.asynccontextmanager
async def connect(sighting: Sighting, timeout_s: float, ble: BleBackend) -> AsyncIterator[Link]:
    """Connect to a sensor for as long as the context lasts.

    Parameters
    ----------
    sighting : Sighting
        The device, as a scan found it.
    timeout_s : float
        How long to try, s of the wall clock.
    ble : BleBackend
        The Bluetooth to use.

    Yields
    ------
    Link
        Connected, its services known. ``lost`` is set when the link is gone, if Bluetooth tells.

    Raises
    ------
    LinkLost
        If it cannot be connected.
    """
    client = BleakClient(sighting.device, lambda _client: link.lost.set(), timeout=timeout_s, **ble.client_kwargs)
    link = Link(client)
    with _translated("connect"):
        async with asyncio.timeout(timeout_s):
            await client.connect()
    try:
        yield link
    finally:
        # A dead Bluetooth service cannot close a link; the sensor's supervision timeout does.
        with contextlib.suppress(*UNREACHABLE):
            await client.disconnect()
