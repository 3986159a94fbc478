"""A backend of bleak that speaks Bluetooth through Bumble: any HCI it can open serves as the adapter.

The demo's machine has no Bluetooth service. Here the whole host side (HCI, L2CAP, ATT, GATT) runs in the collecting
process and reaches the virtual radio, or a real dongle. bleak takes backends as classes and hands them the extra
keyword arguments of its own constructors; that is how they get their host.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any, TypeVar, cast

from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import att, core
from bumble.device import Connection, Peer

from ingest.ble import BleBackend
from ingest.errors import LinkLost
from ingest.virtual.host import LARGEST_MTU, open_host, uuid_text
from ingest.virtual.scanner import HciScanner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from bleak.args import SizedBuffer
    from bleak.backends.device import BLEDevice
    from bumble.gatt_client import CharacteristicProxy

    from ingest.virtual.host import HciHost

log = logging.getLogger(__name__)
T = TypeVar("T")

DEFAULT_MTU = 23
ATT_HEADER_BYTES = 3
DISCONNECT_TIMEOUT_S = 5.0


class HciClient(BaseBleakClient):
    """Client behind :class:`bleak.BleakClient`; its parameters are bleak's, plus `host`."""

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        disconnected_callback: Callable[[], None] | None,
        timeout: float,
        host: HciHost,
        **_other_platforms: Any,
    ) -> None:
        super().__init__(address_or_ble_device, disconnected_callback=disconnected_callback, timeout=timeout)
        self._host = host
        self._peer: Peer | None = None
        self._callbacks: dict[int, Callable[[bytes], None]] = {}
        self._exchanges: set[asyncio.Future[Any]] = set()
        self._unwatch: Callable[[], None] = lambda: None

    @property
    def name(self) -> str:
        """What the sensor is called; its address with dashes, as bleak's other backends do without a name."""
        return self.address.replace(":", "-")

    @property
    def mtu_size(self) -> int:
        """Negotiated MTU, bytes."""
        return int(self._peer.connection.att_mtu) if self._peer else DEFAULT_MTU

    @property
    def is_connected(self) -> bool:
        """Whether the link stands."""
        return self._peer is not None

    async def connect(self, pair: bool, **kwargs: Any) -> None:  # noqa: FBT001 - bleak's signature
        """Connect, agree on the MTU and find the services."""
        if pair:
            log.warning("pairing is not supported by this backend, connecting without")
        address = self._host.known.get(self.address.upper())
        if address is None:
            raise BleakDeviceNotFoundError(self.address, f"{self.address} has not been heard by a scan")
        async with asyncio.timeout(kwargs.get("timeout", self._timeout)):
            try:
                connection = await self._host.connect(address)
            except LinkLost as error:
                raise BleakError(str(error)) from error
            self._attach(connection)
            try:
                await self._guard(self._prepare())
            except BaseException:
                await self.disconnect()
                raise

    def _attach(self, connection: Connection) -> None:
        self._peer = Peer(connection)
        connection.on("disconnection", lambda _reason: self._detach())
        self._unwatch = self._host.watch(self._detach)

    def _detach(self) -> None:
        """Forget a link that is gone, once, and tell bleak."""
        if self._peer is None:
            return
        self._host.leave_notifications(self._peer.connection)
        self._peer = None
        self._callbacks.clear()
        self.services = None
        self._unwatch()
        for exchange in list(self._exchanges):
            exchange.cancel()
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def _prepare(self) -> None:
        """Agree on the MTU and read the table of services."""
        peer = self._linked()
        if self._host.largest_mtu > DEFAULT_MTU:
            await peer.request_mtu(self._host.largest_mtu)
        await peer.discover_services()
        services = BleakGATTServiceCollection()
        for service in peer.services:
            listed = BleakGATTService(service, service.handle, uuid_text(service.uuid))
            services.add_service(listed)
            for characteristic in await service.discover_characteristics():
                await self._list(characteristic, listed, services)
        self.services = services

    async def _list(
        self,
        characteristic: CharacteristicProxy[bytes],
        service: BleakGATTService,
        services: BleakGATTServiceCollection,
    ) -> None:
        """Enter one characteristic and its descriptors."""
        listed = BleakGATTCharacteristic(
            characteristic,
            characteristic.handle,
            uuid_text(characteristic.uuid),
            list(gatt_char_props_to_strs(characteristic.properties)),
            lambda: self.mtu_size - ATT_HEADER_BYTES,
            service,
        )
        services.add_characteristic(listed)
        for descriptor in await characteristic.discover_descriptors():
            services.add_descriptor(
                BleakGATTDescriptor(descriptor, descriptor.handle, uuid_text(descriptor.type), listed)
            )

    def _linked(self) -> Peer:
        if self._peer is None:
            raise BleakError("Not connected")
        return self._peer

    async def _guard(self, exchange: Coroutine[Any, Any, T]) -> T:
        """Run one exchange with the sensor; it fails at once when the link drops, not after ATT's 30 s."""
        if self._peer is None:
            exchange.close()
            raise BleakError("Not connected")
        task = asyncio.ensure_future(exchange)
        self._exchanges.add(task)
        task.add_done_callback(self._exchanges.discard)
        # Who stops waiting leaves the exchange to its end: ATT cannot be told to forget a request.
        await asyncio.wait({task})
        if task.cancelled():
            raise BleakError("the link was lost during the exchange")
        try:
            return task.result()
        except att.ATT_Error as error:
            raise BleakGATTProtocolError(int(error.error_code)) from error
        except core.BaseBumbleError as error:
            raise BleakError(f"exchange failed: {error!r}") from error

    async def disconnect(self) -> None:
        """Disconnect; a link whose end cannot be agreed on is forgotten."""
        if self._peer is None:
            return
        try:
            async with asyncio.timeout(DISCONNECT_TIMEOUT_S):
                if not self._host.lost:
                    await self._peer.connection.disconnect()
        except (core.BaseBumbleError, TimeoutError) as error:
            log.warning("the link was not closed in order: %r", error)
        finally:
            self._detach()

    async def pair(self, *_args: Any, **_kwargs: Any) -> None:
        """Refuse: sensors that need pairing need a real Bluetooth service."""
        raise BleakError("pairing is not supported by this backend")

    async def unpair(self) -> None:
        """Refuse, as :meth:`pair`."""
        raise BleakError("pairing is not supported by this backend")

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **_kwargs: Any
    ) -> bytearray:
        """Read a value from the sensor; nothing is cached."""
        del use_cached
        return bytearray(await self._guard(self._linked().gatt_client.read_value(characteristic.handle)))

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **_kwargs: Any
    ) -> bytearray:
        """Read a descriptor from the sensor; nothing is cached."""
        del use_cached
        return bytearray(await self._guard(self._linked().gatt_client.read_value(descriptor.handle)))

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: SizedBuffer,
        response: bool,  # noqa: FBT001 - bleak's signature
    ) -> None:
        """Write a value."""
        client = self._linked().gatt_client
        await self._guard(client.write_value(characteristic.handle, bytes(data), response))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Write a descriptor."""
        client = self._linked().gatt_client
        await self._guard(client.write_value(descriptor.handle, bytes(data), with_response=True))

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_kwargs: Any
    ) -> None:
        """Subscribe; the callback stands before the sensor is told."""
        peer = self._linked()

        def heard(value: bytes) -> None:
            callback(bytearray(value))

        self._callbacks[characteristic.handle] = heard
        proxy = cast("CharacteristicProxy[bytes]", characteristic.obj)
        self._host.take_notifications(peer.connection, characteristic.handle, heard)
        await self._guard(proxy.subscribe(heard, prefer_notify=True))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe."""
        self._linked()
        heard = self._callbacks.pop(characteristic.handle, None)
        proxy = cast("CharacteristicProxy[bytes]", characteristic.obj)
        await self._guard(proxy.unsubscribe(heard))


@contextlib.asynccontextmanager
async def hci_backend(moniker: str, *, largest_mtu: int = LARGEST_MTU) -> AsyncIterator[BleBackend]:
    """Give the recorder an adapter that Bumble opens, instead of the platform's.

    Parameters
    ----------
    moniker : str
        Bumble's name of the transport, for example ``tcp-client:127.0.0.1:6402``.
    largest_mtu : int
        MTU to ask sensors for.

    Yields
    ------
    BleBackend
        To be passed to :func:`ingest.recorder.record` or :func:`ingest.ble.scan`.
    """
    async with open_host(moniker, largest_mtu=largest_mtu) as host:
        yield BleBackend(
            scanner_kwargs={"backend": HciScanner, "host": host}, client_kwargs={"backend": HciClient, "host": host}
        )
