"""One link through bleak: read, write, subscribe.

Whatever bleak, the Bluetooth service or D-Bus does to say that a sensor cannot be reached becomes one
:class:`~ingest.errors.LinkLost` with the reason in words; it is a state of the world, and the recorder tries again.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, Protocol

from bleak.exc import BleakBluetoothNotAvailableError, BleakDBusError, BleakDeviceNotFoundError, BleakError

from ingest.adapter import BUS_REFUSED
from ingest.errors import LinkLost, NotKnown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bleak import BleakClient
    from bleak.backends.characteristic import BleakGATTCharacteristic

ATT_HEADER_BYTES = 3
DEFAULT_MTU = 23
# What says "not now" below bleak, seen on BlueZ 5.66 with bleak 3.1: BleakError covers bleak and the answers of
# D-Bus; OSError a missing or closed bus socket; EOFError a bus that died while it was asked; TimeoutError is asyncio's.
NO_BUS: tuple[type[Exception], ...] = (FileNotFoundError, ConnectionRefusedError, *BUS_REFUSED)
UNKNOWN = ("org.freedesktop.DBus.Error.UnknownObject", "org.freedesktop.DBus.Error.ServiceUnknown")
NOT_FOUND = re.compile(r"device '.*' not found")
UNREACHABLE: tuple[type[Exception], ...] = (BleakError, OSError, EOFError, TimeoutError, *BUS_REFUSED)


@contextlib.contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn every way of not reaching a sensor into LinkLost.

    Parameters
    ----------
    doing : str
        What is tried; the message begins with it.

    Raises
    ------
    LinkLost
        With the reason in words.
    """
    try:
        yield
    except BleakBluetoothNotAvailableError as error:
        raise LinkLost(f"{doing}: no Bluetooth: {error.args[0]} ({error.reason.name.lower()})") from error
    except BleakDeviceNotFoundError as error:
        raise NotKnown(f"{doing}: the Bluetooth service does not know the sensor") from error
    except BleakDBusError as error:
        # bleak 3.1 takes a sensor for connected that a Bluetooth service which is no more was connected to.
        lost = NotKnown if error.dbus_error in UNKNOWN else LinkLost
        raise lost(f"{doing}: the Bluetooth service answered {error}") from error
    except NO_BUS as error:
        raise LinkLost(f"{doing}: no Bluetooth: the system's D-Bus cannot be reached: {error}") from error
    except UNREACHABLE as error:
        # What bleak 3.1 says of a sensor that its own list of what BlueZ knows has lost has no class of its own.
        lost = NotKnown if NOT_FOUND.fullmatch(str(error)) else LinkLost
        raise lost(f"{doing}: {type(error).__name__}: {error}") from error


class SensorLink(Protocol):
    """A connected sensor; :class:`Link` is one."""

    lost: asyncio.Event

    async def read(self, characteristic: str) -> bytes:
        """Read a value."""
        ...

    async def write(self, characteristic: str, payload: bytes, *, response: bool = True) -> None:
        """Write a value."""
        ...

    async def subscribe(self, characteristic: str, heard: Callable[[bytes], None]) -> None:
        """Have `heard` called with every notification."""
        ...

    async def unsubscribe(self, characteristic: str) -> None:
        """End a subscription."""
        ...


class Link:
    """A connected sensor; open one with :func:`ingest.ble.connect`.

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
        with translated(f"read {characteristic}"):
            return bytes(await self._client.read_gatt_char(characteristic))

    async def write(self, characteristic: str, payload: bytes, *, response: bool = True) -> None:
        """Write a value, waiting for the sensor's response unless told otherwise.

        Raises
        ------
        LinkLost
            If the sensor does not answer, or refuses.
        """
        with translated(f"write {characteristic}"):
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

        with translated(f"subscribe {characteristic}"):
            # Pinned, because the default of bleak changed twice within 3.0.x.
            await self._client.start_notify(characteristic, callback, bluez={"use_start_notify": True})

    async def unsubscribe(self, characteristic: str) -> None:
        """End a subscription.

        Raises
        ------
        LinkLost
            If the sensor does not answer, or refuses.
        """
        with translated(f"unsubscribe {characteristic}"):
            await self._client.stop_notify(characteristic)
