"""What bluetoothd says on D-Bus, said by a process of our own with Bumble underneath.

``python -m tests.system.bluez --bus ADDRESS --hci tcp-client:127.0.0.1:PORT`` owns ``org.bluez`` on a private bus.
bleak's production backend talks to it through a real dbus-daemon; below it are real HCI, L2CAP and ATT. It serves what
bleak 3.1 asks for, in the manner of BlueZ 5.66: a link outlives the client that asked for it, GAP is hidden, a device
that is off answers ``NotReady``. On stdin: ``power on``, ``power off``; the end of stdin ends it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from typing import TYPE_CHECKING, Any

from bumble import att, core
from bumble.device import Connection, Peer
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from ingest.errors import LinkLost
from ingest.virtual.host import HciHost, address_text, advertised_name, advertised_uuids, open_host, uuid_text
from tests.system.bluez_objects import ADAPTER, CHARACTERISTIC, DEVICE, HCI0, SERVICE, ObjectTree, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bumble.device import Advertisement
    from bumble.gatt_client import CharacteristicProxy

    Answer = tuple[str, list[Any]]

CONNECT_TIMEOUT_S = 10.0
GAP_SERVICE = "00001800-0000-1000-8000-00805f9b34fb"
FLAGS = {0x02: "read", 0x04: "write-without-response", 0x08: "write", 0x10: "notify", 0x20: "indicate"}


class BluezStandIn:
    """The Bluetooth service: one adapter, and the devices that it has heard."""

    def __init__(self, bus: MessageBus, host: HciHost) -> None:
        self.tree = ObjectTree(bus)
        self._bus = bus
        self._host = host
        self._connecting = asyncio.Lock()
        self._links: dict[str, Connection] = {}
        self._proxies: dict[str, CharacteristicProxy[bytes]] = {}
        self._scanning_for: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._bus.add_message_handler(self._take)
        await self._bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="AddMatch",
                signature="s",
                body=["type='signal',member='NameOwnerChanged'"],
            )
        )
        await self._bus.request_name("org.bluez")
        address = address_text(self._host.device.random_address)
        self.tree.add(
            HCI0,
            ADAPTER,
            Address=("s", address),
            Name=("s", "stand-in"),
            Alias=("s", "stand-in"),
            Powered=("b", True),
            Discovering=("b", False),
            Roles=("as", ["central"]),
            UUIDs=("as", []),
        )

    async def power(self, *, on: bool) -> None:
        self.tree.change(HCI0, ADAPTER, Powered=("b", on), Discovering=("b", False))
        if on:
            return
        if self._scanning_for:
            self._scanning_for.clear()
            await self._host.stop_scan(self._heard)
        for link in list(self._links.values()):
            await link.disconnect()

    def _take(self, message: Message) -> bool:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            if not message.body[2] and message.body[0] in self._scanning_for:
                self._spawn(self._stop_discovery(message))
            return False
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        self._spawn(self._reply(message))
        return True

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reply(self, call: Message) -> None:
        try:
            signature, body = await self._answer(call)
            self._bus.send(Message.new_method_return(call, signature, body))
        except Refusal as refusal:
            self._bus.send(Message.new_error(call, refusal.name, refusal.text))
        except att.ATT_Error as error:
            text = f"Operation failed with ATT error: 0x{int(error.error_code):02x}"
            self._bus.send(Message.new_error(call, "org.bluez.Error.Failed", text))
        except (core.BaseBumbleError, LinkLost, TimeoutError, asyncio.CancelledError) as error:
            self._bus.send(Message.new_error(call, "org.bluez.Error.Failed", f"{error!r}"))

    async def _answer(self, call: Message) -> Answer:
        path, member = str(call.path), str(call.member)
        if member == "GetManagedObjects":
            return "a{oa{sa{sv}}}", [self.tree.objects]
        if path not in self.tree.objects:
            raise Refusal("org.freedesktop.DBus.Error.UnknownObject", path)
        methods: dict[str, Callable[[Message], Coroutine[Any, Any, Answer | None]]] = {
            "SetDiscoveryFilter": self._nothing,
            "StartDiscovery": self._start_discovery,
            "StopDiscovery": self._stop_discovery,
            "Connect": self._connect,
            "Disconnect": self._disconnect,
            "ReadValue": self._read,
            "WriteValue": self._write,
            "StartNotify": self._start_notify,
            "StopNotify": self._stop_notify,
        }
        if member not in methods:
            raise Refusal("org.freedesktop.DBus.Error.UnknownMethod", member)
        return await methods[member](call) or ("", [])

    async def _nothing(self, _call: Message) -> None:
        return

    def _require_power(self) -> None:
        if not self.tree.value(HCI0, ADAPTER, "Powered"):
            raise Refusal("org.bluez.Error.NotReady", "Resource Not Ready")

    async def _start_discovery(self, call: Message) -> None:
        self._require_power()
        if not self._scanning_for:
            await self._host.start_scan(self._heard)
        self._scanning_for.add(str(call.sender))
        self.tree.change(HCI0, ADAPTER, Discovering=("b", True))

    async def _stop_discovery(self, call: Message) -> None:
        self._scanning_for.discard(str(call.sender or call.body[0]))
        if call.message_type is MessageType.SIGNAL:
            self._scanning_for.discard(call.body[0])
        if not self._scanning_for and self.tree.value(HCI0, ADAPTER, "Discovering"):
            await self._host.stop_scan(self._heard)
            self.tree.change(HCI0, ADAPTER, Discovering=("b", False))

    def _heard(self, advertisement: Advertisement) -> None:
        address = address_text(advertisement.address)
        self._host.known[address] = advertisement.address
        path = f"{HCI0}/dev_{address.replace(':', '_')}"
        name = advertised_name(advertisement) or address.replace(":", "-")
        heard: dict[str, tuple[str, Any]] = {
            "RSSI": ("n", advertisement.rssi),
            "UUIDs": ("as", advertised_uuids(advertisement)),
            "Name": ("s", name),
            "Alias": ("s", name),
        }
        if path in self.tree.objects:
            self.tree.change(path, DEVICE, **heard)
            return
        no = ("b", False)
        self.tree.add(
            path,
            DEVICE,
            Address=("s", address),
            AddressType=("s", "random"),
            Adapter=("o", HCI0),
            Paired=no,
            Trusted=no,
            Blocked=no,
            Connected=no,
            ServicesResolved=no,
            **heard,
        )

    async def _connect(self, call: Message) -> None:
        self._require_power()
        path = str(call.path)
        async with self._connecting, asyncio.timeout(CONNECT_TIMEOUT_S):
            if path not in self._links:
                address = self._host.known[self.tree.value(path, DEVICE, "Address")]
                link = await self._host.connect(address)
                link.on("disconnection", lambda _reason: self._gone(path))
                self._links[path] = link
                self.tree.change(path, DEVICE, Connected=("b", True))
                self._spawn(self._resolve(path, link))

    async def _resolve(self, path: str, link: Connection) -> None:
        try:
            await link.cancel_on_disconnection(self._discover(path, Peer(link)))
        except (asyncio.CancelledError, core.BaseBumbleError):
            return
        self.tree.change(path, DEVICE, ServicesResolved=("b", True))

    async def _discover(self, path: str, peer: Peer) -> None:
        mtu = await peer.request_mtu(self._host.largest_mtu)
        await peer.discover_services()
        for service in peer.services:
            uuid = uuid_text(service.uuid)
            if uuid == GAP_SERVICE:
                continue
            below = f"{path}/service{service.handle:04x}"
            self.tree.add(below, SERVICE, UUID=("s", uuid), Device=("o", path), Primary=("b", True))
            for characteristic in await service.discover_characteristics():
                # BlueZ names a characteristic by its declaration, one before its value.
                name = f"{below}/char{characteristic.handle - 1:04x}"
                flags = [flag for bit, flag in FLAGS.items() if characteristic.properties & bit]
                self._proxies[name] = characteristic
                self.tree.add(
                    name,
                    CHARACTERISTIC,
                    UUID=("s", uuid_text(characteristic.uuid)),
                    Service=("o", below),
                    Value=("ay", b""),
                    Flags=("as", flags),
                    MTU=("q", mtu),
                    Notifying=("b", False),
                )

    def _gone(self, path: str) -> None:
        link = self._links.pop(path, None)
        if link is not None:
            self._host.leave_notifications(link)
        for below in self.tree.below(path):
            self._proxies.pop(below, None)
            self.tree.remove(below)
        self.tree.change(path, DEVICE, ServicesResolved=("b", False), Connected=("b", False))

    async def _disconnect(self, call: Message) -> None:
        link = self._links.get(str(call.path))
        if link is not None:
            await link.disconnect()

    def _proxy(self, call: Message) -> CharacteristicProxy[bytes]:
        proxy = self._proxies.get(str(call.path))
        if proxy is None:
            raise Refusal("org.bluez.Error.Failed", "Not connected")
        return proxy

    async def _read(self, call: Message) -> Answer:
        proxy = self._proxy(call)
        return "ay", [bytes(await proxy.client.read_value(proxy.handle))]

    async def _write(self, call: Message) -> None:
        proxy = self._proxy(call)
        kind = call.body[1].get("type", Variant("s", "request")).value
        await proxy.client.write_value(proxy.handle, bytes(call.body[0]), with_response=kind == "request")

    async def _start_notify(self, call: Message) -> None:
        path = str(call.path)
        device = path[: path.index("/service")]
        proxy = self._proxy(call)

        def heard(value: bytes) -> None:
            self.tree.change(path, CHARACTERISTIC, Value=("ay", bytes(value)))

        self._host.take_notifications(self._links[device], proxy.handle, heard)
        await proxy.subscribe(heard)
        self.tree.change(path, CHARACTERISTIC, Notifying=("b", True))

    async def _stop_notify(self, call: Message) -> None:
        await self._proxy(call).unsubscribe(force=True)
        self.tree.change(str(call.path), CHARACTERISTIC, Notifying=("b", False))


async def serve(bus_address: str, moniker: str, largest_mtu: int) -> None:
    bus = await MessageBus(bus_address=bus_address).connect()
    async with open_host(moniker, largest_mtu=largest_mtu) as host:
        stand_in = BluezStandIn(bus, host)
        await stand_in.start()
        print("ready", flush=True)  # noqa: T201 - the test waits for it
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            await stand_in.power(on=line.split()[1] == b"on")
            print("done", flush=True)  # noqa: T201 - the test waits for it


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    parser = argparse.ArgumentParser()
    parser.add_argument("--bus", required=True)
    parser.add_argument("--hci", required=True)
    parser.add_argument("--mtu", type=int, default=247)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.bus, arguments.hci, arguments.mtu))
