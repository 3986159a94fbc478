"""Bluetooth adapters of this computer, asked of BlueZ over D-Bus; the only module that knows dbus-fast.

bleak finds sensors and talks to them; what it does not say is which adapters there are, which of them is switched on,
and why there is none. Only Linux has BlueZ: elsewhere nothing is known, and nothing is wrong.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ingest.errors import LinkLost

# bleak brings it along on Linux, and nowhere else is there anything to ask.
if sys.platform == "linux":
    from dbus_fast import BusType, Message, MessageType, Variant
    from dbus_fast.aio import MessageBus
    from dbus_fast.errors import AuthError, DBusError, InvalidAddressError

    BUS_REFUSED: tuple[type[Exception], ...] = (AuthError, InvalidAddressError)
else:
    BUS_REFUSED = ()

if TYPE_CHECKING:
    from collections.abc import Mapping

ADAPTER_INTERFACE = "org.bluez.Adapter1"
# A bus answers within milliseconds; starting the service on demand takes a second or two.
ANSWER_WITHIN_S = 5.0
# Long enough for an adapter that loads its firmware anew.
POWER_WITHIN_S = 15.0
OFF_FOR_S = 1.0
POWER_ON_ATTEMPTS = 3


class Trouble(StrEnum):
    """Why adapters cannot be listed."""

    NO_BUS = "no bus"
    NO_SERVICE = "no service"
    DENIED = "denied"
    NO_ANSWER = "no answer"


_TROUBLES = {
    "org.freedesktop.DBus.Error.ServiceUnknown": Trouble.NO_SERVICE,
    "org.freedesktop.DBus.Error.NameHasNoOwner": Trouble.NO_SERVICE,
    "org.freedesktop.DBus.Error.Spawn.ChildExited": Trouble.NO_SERVICE,
    "org.freedesktop.systemd1.NoSuchUnit": Trouble.NO_SERVICE,
    "org.freedesktop.DBus.Error.AccessDenied": Trouble.DENIED,
}


@dataclass(frozen=True, slots=True)
class Adapter:
    """One Bluetooth adapter.

    Parameters
    ----------
    name : str
        What BlueZ calls it, for example ``hci0``.
    address : str
        Its Bluetooth address.
    powered : bool
        Whether it is switched on.
    """

    name: str
    address: str
    powered: bool


@dataclass(frozen=True, slots=True)
class Bluetooth:
    """What there is of Bluetooth here.

    Parameters
    ----------
    trouble : Trouble or None
        Why adapters could not be listed; None if they could, or if this system has no BlueZ to ask.
    detail : str
        The system's own words for it.
    adapters : tuple of Adapter
        By name.
    """

    trouble: Trouble | None = None
    detail: str = ""
    adapters: tuple[Adapter, ...] = ()


async def look() -> Bluetooth:
    """Return what there is of Bluetooth on this computer; never raises for a state of the world."""
    if sys.platform != "linux":
        return Bluetooth()
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await _asked()
    except TimeoutError:
        return Bluetooth(Trouble.NO_ANSWER, f"no answer within {ANSWER_WITHIN_S:g} s")
    except PermissionError as error:
        return Bluetooth(Trouble.DENIED, error.strerror or "permission denied")
    except (OSError, EOFError, AuthError, InvalidAddressError) as error:
        return Bluetooth(Trouble.NO_BUS, str(error) or type(error).__name__)
    except DBusError as error:
        return Bluetooth(_TROUBLES.get(error.type, Trouble.NO_ANSWER), error.text)


async def adapters() -> list[Adapter]:
    """List the adapters of this computer; none where there is no BlueZ to ask.

    Raises
    ------
    LinkLost
        If the bus or the Bluetooth service cannot be reached.
    """
    found = await look()
    if found.trouble is not None:
        raise LinkLost(f"adapters: {found.trouble}: {found.detail}")
    return list(found.adapters)


async def _asked() -> Bluetooth:
    reply = await _call(
        Message(
            destination="org.bluez",
            path="/",
            interface="org.freedesktop.DBus.ObjectManager",
            member="GetManagedObjects",
        )
    )
    if reply.message_type is MessageType.ERROR:
        name = reply.error_name or ""
        text = str(reply.body[0]) if reply.body else name
        return Bluetooth(_TROUBLES.get(name, Trouble.NO_ANSWER), text)
    return Bluetooth(adapters=_adapters(reply.body[0]))


def _adapters(objects: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> tuple[Adapter, ...]:
    """Read what BlueZ manages: objects by path, interfaces by name, properties as variants."""
    found = [
        Adapter(
            path.rpartition("/")[2],
            str(interfaces[ADAPTER_INTERFACE]["Address"].value),
            bool(interfaces[ADAPTER_INTERFACE]["Powered"].value),
        )
        for path, interfaces in objects.items()
        if ADAPTER_INTERFACE in interfaces
    ]
    return tuple(sorted(found, key=lambda adapter: adapter.name))


async def reset(name: str) -> None:
    """Switch an adapter off and on again.

    Parameters
    ----------
    name : str
        What BlueZ calls it; the first one if empty.

    Raises
    ------
    LinkLost
        If there is no such adapter, or it cannot be switched on again.
    """
    found = [adapter for adapter in await adapters() if name in ("", adapter.name)]
    if not found:
        raise LinkLost(f"adapter {name or '(default)'}: not there")
    with contextlib.suppress(LinkLost):
        # One that hangs may not go off in order, and may still come on.
        await _power(found[0].name, on=False)
    await asyncio.sleep(OFF_FOR_S)
    for attempt in range(1, POWER_ON_ATTEMPTS + 1):
        try:
            await _power(found[0].name, on=True)
        except LinkLost:
            if attempt == POWER_ON_ATTEMPTS:
                raise
            await asyncio.sleep(OFF_FOR_S)
        else:
            return


async def _power(name: str, *, on: bool) -> None:
    """Switch an adapter on or off, as BlueZ's ``Powered`` does it."""
    doing = f"switch adapter {name} {'on' if on else 'off'}"
    message = Message(
        destination="org.bluez",
        path=f"/org/bluez/{name}",
        interface="org.freedesktop.DBus.Properties",
        member="Set",
        signature="ssv",
        body=[ADAPTER_INTERFACE, "Powered", Variant("b", on)],
    )
    try:
        async with asyncio.timeout(POWER_WITHIN_S):
            reply = await _call(message)
    except TimeoutError as error:
        raise LinkLost(f"{doing}: no answer within {POWER_WITHIN_S:g} s") from error
    except (OSError, EOFError, AuthError, InvalidAddressError, DBusError) as error:
        raise LinkLost(f"{doing}: {error}") from error
    if reply.message_type is MessageType.ERROR:
        raise LinkLost(f"{doing}: {reply.error_name}")


async def _call(message: Message) -> Message:
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    try:
        return await bus.call(message)
    finally:
        bus.disconnect()
