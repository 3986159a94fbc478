"""The object tree of the BlueZ stand-in: what is on the bus, and the signals that tell of its changes."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any

from dbus_fast import Message, Variant

if TYPE_CHECKING:
    from dbus_fast.aio import MessageBus

ADAPTER, DEVICE = "org.bluez.Adapter1", "org.bluez.Device1"
SERVICE, CHARACTERISTIC = "org.bluez.GattService1", "org.bluez.GattCharacteristic1"
PROPERTIES, OBJECTS = "org.freedesktop.DBus.Properties", "org.freedesktop.DBus.ObjectManager"
# A reader that takes nothing for so long is gone.
FULL_FOR_S = 10.0


class Refusal(Exception):  # noqa: N818 - an answer on the bus, not a fault
    """An error reply."""

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(name, text)
        self.name = name
        self.text = text


def variants(**properties: tuple[str, Any]) -> dict[str, Variant]:
    return {name: Variant(signature, value) for name, (signature, value) in properties.items()}


def send(bus: MessageBus, message: Message) -> None:
    """Send a message when the bus takes it: dbus-fast 5.2 closes the connection for good when a socket is full."""
    select.select([], [bus._fd], [], FULL_FOR_S)
    bus.send(message)


class ObjectTree:
    """The objects on the bus, and the signals that tell of their changes."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self.objects: dict[str, dict[str, dict[str, Variant]]] = {}

    def add(self, path: str, interface: str, **properties: tuple[str, Any]) -> None:
        self.objects[path] = {interface: variants(**properties)}
        self._signal("/", OBJECTS, "InterfacesAdded", "oa{sa{sv}}", [path, self.objects[path]])

    def remove(self, path: str) -> None:
        interfaces = self.objects.pop(path, {})
        self._signal("/", OBJECTS, "InterfacesRemoved", "oas", [path, list(interfaces)])

    def change(self, path: str, interface: str, **properties: tuple[str, Any]) -> None:
        if path in self.objects:
            changed = variants(**properties)
            self.objects[path][interface].update(changed)
            self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, changed, []])

    def value(self, path: str, interface: str, name: str) -> Any:
        return self.objects[path][interface][name].value

    def below(self, path: str) -> list[str]:
        return sorted((other for other in self.objects if other.startswith(f"{path}/")), reverse=True)

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        send(self._bus, Message.new_signal(path, interface, member, signature, body))
