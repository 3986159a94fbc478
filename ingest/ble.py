"""Bluetooth through bleak: find sensors and connect to them; what is said over a link is in ``ble_link``.

Nothing of bleak is anywhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bleak import BleakAdapter, BleakClient, BleakScanner

from ingest.ble_link import UNREACHABLE, Link, translated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

# A service that stands still answers nothing, and D-Bus waits for it for ever. One that works says within milliseconds
# that a scan began or ended, and within two seconds (its supervision timeout) that a link did.
SERVICE_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class BleBackend:
    """The Bluetooth to use; empty is the platform's own.

    Parameters
    ----------
    scanner_kwargs, client_kwargs : mapping of str to object
        Given to every ``BleakScanner`` and ``BleakClient``, for example ``{"bluez": {"adapter": "hci1"}}``.
    reset : callable, optional
        Switches the adapter of a name off and on, the default one for an empty name; None where that is not allowed.
    """

    scanner_kwargs: Mapping[str, Any] = field(default_factory=dict)
    client_kwargs: Mapping[str, Any] = field(default_factory=dict)
    reset: Callable[[str], Awaitable[None]] | None = None

    def on(self, adapter: str) -> BleBackend:
        """Return the same Bluetooth on the adapter of this name; the default one if it is empty."""
        if not adapter:
            return self
        named = {"bluez": {"adapter": adapter}}
        return replace(
            self,
            scanner_kwargs={**self.scanner_kwargs, **named},
            client_kwargs={**self.client_kwargs, **named},
        )


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


def _sighting(device: BLEDevice, heard: AdvertisementData) -> Sighting:
    uuids = tuple(uuid.lower() for uuid in heard.service_uuids)
    return Sighting(device.address, heard.local_name or device.name or "", heard.rssi, uuids, device)


@contextlib.asynccontextmanager
async def _listening(hear: Callable[[BLEDevice, AdvertisementData], None], ble: BleBackend) -> AsyncIterator[None]:
    """Scan for as long as the context lasts; the service has its time to begin and to end it."""
    scanner = BleakScanner(hear, **ble.scanner_kwargs)
    async with asyncio.timeout(SERVICE_TIMEOUT_S):
        await scanner.start()
    try:
        yield
    finally:
        async with asyncio.timeout(SERVICE_TIMEOUT_S):
            await scanner.stop()


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

    with translated("scan"):
        async with _listening(hear, ble):
            await asyncio.sleep(seconds)
    return sorted(heard.values(), key=lambda sighting: -sighting.rssi_dbm)


async def find(
    wanted: Mapping[str, Callable[[Sighting], bool]], needed: str, patience_s: tuple[float, float], ble: BleBackend
) -> dict[str, Sighting]:
    """Listen until every wanted sensor is heard, or as long as is good for the needed one.

    Parameters
    ----------
    wanted : mapping of str to (callable of Sighting to bool)
        By name, whether a sighting is this sensor.
    needed : str
        The one without which it is not worth ending early.
    patience_s : tuple of (float, float)
        How long to listen for the needed one, and how much longer for the others, s of the wall clock.
    ble : BleBackend
        The Bluetooth to use.

    Returns
    -------
    dict of str to Sighting
        By name, whoever was heard.

    Raises
    ------
    LinkLost
        If there is no Bluetooth here, or it is off.
    """
    found: dict[str, Sighting] = {}
    heard_needed, heard_all = asyncio.Event(), asyncio.Event()

    def hear(device: BLEDevice, data: AdvertisementData) -> None:
        sighting = _sighting(device, data)
        found.update({name: sighting for name, is_it in wanted.items() if name not in found and is_it(sighting)})
        if needed in found:
            heard_needed.set()
        if len(found) == len(wanted):
            heard_all.set()

    with translated("find"):
        async with _listening(hear, ble):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience_s[0]):
                    await heard_needed.wait()
                async with asyncio.timeout(patience_s[1]):
                    await heard_all.wait()
    return found


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
    with translated("look for links left standing"):
        try:
            async with asyncio.timeout(SERVICE_TIMEOUT_S):
                adapter = await BleakAdapter.get(bluez=ble.client_kwargs.get("bluez", {}))
                devices = await adapter.get_connected_devices(list(service_uuids))
        except NotImplementedError:
            return []
    return [Sighting(device.address, device.name or "", 0, service_uuids, device) for device in devices]


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
        Connected, its services known. `lost` is set when the link is gone, if Bluetooth tells.

    Raises
    ------
    LinkLost
        If it cannot be connected.
    """
    client = BleakClient(sighting.device, lambda _client: link.lost.set(), timeout=timeout_s, **ble.client_kwargs)
    link = Link(client)
    with translated("connect"):
        # bleak takes an attempt back before it gives up, and waits for the service to say that it did.
        async with asyncio.timeout(timeout_s + SERVICE_TIMEOUT_S), asyncio.timeout(timeout_s):
            await client.connect()
    try:
        yield link
    finally:
        # A dead Bluetooth service cannot close a link; the sensor's supervision timeout does.
        with contextlib.suppress(*UNREACHABLE):
            async with asyncio.timeout(SERVICE_TIMEOUT_S):
                await client.disconnect()
