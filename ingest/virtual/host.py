"""A computer's side of a Bluetooth adapter: scanning and connecting over HCI, in this process.

Bumble gives the host stack. What is added: one connection attempt at a time (a controller knows no more), attempts
that can be cancelled, scans that share the one scanner, and word of a transport that died.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, cast

from bumble import core, hci
from bumble.core import UUID, AdvertisingData
from bumble.device import Connection, Device
from bumble.transport import open_transport

from ingest.errors import IngestError, LinkLost
from ingest.virtual.quiet import QuietHost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bumble.device import Advertisement

BLUETOOTH_BASE = "{:0>8}-0000-1000-8000-00805f9b34fb"
LONG_UUID_BYTES = 16
LARGEST_MTU = 247
# A virtual controller answers within a millisecond, a USB dongle within a second.
POWER_ON_TIMEOUT_S = 10.0
CANCEL_TIMEOUT_S = 2.0

NAME_TYPES = (AdvertisingData.COMPLETE_LOCAL_NAME, AdvertisingData.SHORTENED_LOCAL_NAME)
UUID_TYPES = (
    AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)


def uuid_text(uuid: UUID) -> str:
    """Return a UUID as bleak writes it: 128 bit, lower case.

    Examples
    --------
    >>> uuid_text(UUID.from_16_bits(0x180F))
    '0000180f-0000-1000-8000-00805f9b34fb'
    """
    if len(uuid.uuid_bytes) == LONG_UUID_BYTES:
        return uuid.to_hex_str("-").lower()
    return BLUETOOTH_BASE.format(uuid.to_hex_str().lower())


def address_text(address: hci.Address) -> str:
    """Return an address as people write it: ``C4:00:00:00:00:01``."""
    return address.to_string(with_type_qualifier=False).upper()


def advertised_name(advertisement: Advertisement) -> str | None:
    """Return the name in an advertisement, if it carries one."""
    for kind in NAME_TYPES:
        name = advertisement.data.get(kind)
        if name is not None:
            return str(name)
    return None


def advertised_uuids(advertisement: Advertisement) -> list[str]:
    """Return the services in an advertisement, each once (Bumble repeats lists)."""
    found: dict[str, None] = {}
    for kind in UUID_TYPES:
        for listed in cast("list[list[UUID]]", advertisement.data.get_all(kind)):
            found.update(dict.fromkeys(uuid_text(uuid) for uuid in listed))
    return list(found)


class HciHost:
    """A powered-on Bluetooth host; open one with :func:`open_host`.

    Parameters
    ----------
    device : bumble.device.Device
        The host stack, powered on.
    quiet : QuietHost
        Its lower half.
    largest_mtu : int
        MTU to ask for on each connection.
    """

    def __init__(self, device: Device, quiet: QuietHost, largest_mtu: int = LARGEST_MTU) -> None:
        self.device = device
        self._quiet = quiet
        self.largest_mtu = largest_mtu
        self.lost = False
        self.known: dict[str, hci.Address] = {}
        self._on_lost: set[Callable[[], None]] = set()
        self._connecting = asyncio.Lock()
        self._scanning = asyncio.Lock()
        self._scanners = 0

    def take_notifications(self, connection: Connection, attribute: int, taker: Callable[[bytes], None]) -> None:
        """Have what `attribute` notifies handed straight to `taker` while the connection lasts."""
        self._quiet.take_notifications(connection.handle, attribute, taker)

    def leave_notifications(self, connection: Connection) -> None:
        """Forget the takers of a connection that has ended."""
        self._quiet.leave_notifications(connection.handle)

    def watch(self, on_lost: Callable[[], None]) -> Callable[[], None]:
        """Call `on_lost` when the transport dies; returns how to stop that."""
        self._on_lost.add(on_lost)
        return lambda: self._on_lost.discard(on_lost)

    def lose(self) -> None:
        """Say that the transport is gone; Bumble itself would leave every connection standing."""
        self.lost = True
        for on_lost in list(self._on_lost):
            on_lost()

    async def start_scan(self, heard: Callable[[Advertisement], None]) -> None:
        """Call `heard` with every advertisement until :meth:`stop_scan`."""
        async with self._scanning:
            self._require()
            self.device.on("advertisement", heard)
            self._scanners += 1
            if self._scanners == 1:
                await self.device.start_scanning(filter_duplicates=False)

    async def stop_scan(self, heard: Callable[[Advertisement], None]) -> None:
        """End one scan; the last one ends scanning."""
        async with self._scanning:
            self.device.remove_listener("advertisement", heard)
            self._scanners -= 1
            if self._scanners == 0 and not self.lost:
                await self.device.stop_scanning()

    async def connect(self, address: hci.Address) -> Connection:
        """Connect; cancelling it cancels the attempt in the controller too.

        Raises
        ------
        LinkLost
            If the sensor refuses, or the adapter is gone.
        """
        async with self._connecting:
            self._require()
            attempt = asyncio.ensure_future(self.device.connect_le(address, timeout=None))
            try:
                return await asyncio.shield(attempt)
            except asyncio.CancelledError:
                await self._cancel(attempt)
                raise
            except (core.BaseBumbleError, hci.HCI_Error) as error:
                raise LinkLost(f"{address_text(address)}: the controller could not connect: {error!r}") from error

    async def _cancel(self, attempt: asyncio.Future[Connection]) -> None:
        """Make the controller forget a pending connection; one that came up after all is taken down."""
        with contextlib.suppress(core.BaseBumbleError, hci.HCI_Error, TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(CANCEL_TIMEOUT_S):
                if not self.lost:
                    await self.device.cancel_connection()  # type: ignore[no-untyped-call]  # Bumble's gap
                late = await attempt
                await late.disconnect()

    def _require(self) -> None:
        if self.lost:
            raise LinkLost("the Bluetooth adapter is gone: its HCI transport closed")


@contextlib.asynccontextmanager
async def open_host(moniker: str, *, largest_mtu: int = LARGEST_MTU) -> AsyncIterator[HciHost]:
    """Open the adapter behind a Bumble transport and power it on.

    Parameters
    ----------
    moniker : str
        Bumble's name of the transport, for example ``tcp-client:127.0.0.1:6402`` or ``usb:0``.
    largest_mtu : int
        MTU to ask for on each connection; 23 keeps Bluetooth's default.

    Yields
    ------
    HciHost
        Ready to scan and connect.

    Raises
    ------
    IngestError
        If the name is not one of a transport.
    """
    try:
        transport = await open_transport(moniker)
    except ValueError as error:
        raise IngestError(f"Bluetooth adapter {moniker!r} is no transport that Bumble knows: {error}") from error
    try:
        # A random static address; two adapters on one radio must not share it.
        address = hci.Address.generate_static_address()
        quiet = QuietHost(transport.source, transport.sink)
        device = Device(name="soleus", address=address, host=quiet)
        async with asyncio.timeout(POWER_ON_TIMEOUT_S):
            await device.power_on()
        host = HciHost(device, quiet, largest_mtu)
        transport.source.terminated.add_done_callback(lambda _done: host.lose())
        yield host
        await device.power_off()
    finally:
        await transport.close()
