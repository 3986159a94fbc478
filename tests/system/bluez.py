"""What bluetoothd says on D-Bus, said by a process of our own with Bumble underneath.

``python -m tests.system.bluez --bus ADDRESS --hci tcp-client:127.0.0.1:PORT`` owns ``org.bluez`` on a private bus, with
an adapter for each ``--hci``. bleak's production backend talks to it through a real dbus-daemon; below it are real HCI,
L2CAP and ATT. It serves what bleak 3.1 asks for, in the manner of BlueZ 5.66: a link outlives the client that asked for
it, GAP is hidden, a device that is off answers ``NotReady``. On stdin: ``power on``, ``power off``, each for the first
adapter or the one that is named, ``forget`` and ``hang``; the end of stdin ends it. It says ``discovery`` and how many
devices streamed through the adapter when each scan began, and ``powered`` whenever a client switched an adapter.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any

from bumble import att, core
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from ingest.errors import LinkLost
from ingest.stdin import stdin_lines
from ingest.virtual.host import open_host
from tests.system.bluez_adapter import StandInAdapter
from tests.system.bluez_objects import ObjectTree, Refusal, send

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ingest.virtual.host import HciHost

    Answer = tuple[str, list[Any]]


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201 - the test reads it


class BluezStandIn:
    """The Bluetooth service: its adapters on the bus."""

    def __init__(self, bus: MessageBus, hosts: list[HciHost]) -> None:
        self.tree = ObjectTree(bus)
        self._bus = bus
        paths = [f"/org/bluez/hci{number}" for number in range(len(hosts))]
        self.adapters = {path: StandInAdapter(self.tree, host, path) for path, host in zip(paths, hosts, strict=True)}
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
        for adapter in self.adapters.values():
            adapter.announce()

    def _take(self, message: Message) -> bool:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            if not message.body[2]:
                for adapter in self.adapters.values():
                    self._spawn(adapter.stop_discovery(message.body[0]))
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
            send(self._bus, Message.new_method_return(call, signature, body))
        except Refusal as refusal:
            send(self._bus, Message.new_error(call, refusal.name, refusal.text))
        except att.ATT_Error as error:
            text = f"Operation failed with ATT error: 0x{int(error.error_code):02x}"
            send(self._bus, Message.new_error(call, "org.bluez.Error.Failed", text))
        except (core.BaseBumbleError, LinkLost, TimeoutError, asyncio.CancelledError) as error:
            send(self._bus, Message.new_error(call, "org.bluez.Error.Failed", f"{error!r}"))

    async def _answer(self, call: Message) -> Answer:
        path, member = str(call.path), str(call.member)
        if member == "GetManagedObjects":
            return "a{oa{sa{sv}}}", [self.tree.objects]
        if path not in self.tree.objects:
            raise Refusal("org.freedesktop.DBus.Error.UnknownObject", path)
        adapter = self.adapters["/".join(path.split("/")[:4])]
        methods: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
            "Set": lambda: self._set(adapter, call.body),
            "SetDiscoveryFilter": lambda: asyncio.sleep(0),
            "StartDiscovery": lambda: self._start_discovery(adapter, str(call.sender)),
            "StopDiscovery": lambda: adapter.stop_discovery(str(call.sender)),
            "Connect": lambda: adapter.connect(path),
            "Disconnect": lambda: adapter.disconnect(path),
            "ReadValue": lambda: adapter.read(path),
            "WriteValue": lambda: self._write(adapter, path, call.body),
            "StartNotify": lambda: adapter.start_notify(path),
            "StopNotify": lambda: adapter.stop_notify(path),
        }
        if member not in methods:
            raise Refusal("org.freedesktop.DBus.Error.UnknownMethod", member)
        value = await methods[member]()
        return ("", []) if value is None else ("ay", [value])

    async def _set(self, adapter: StandInAdapter, body: list[Any]) -> None:
        if body[1] != "Powered":
            raise Refusal("org.freedesktop.DBus.Error.PropertyReadOnly", body[1])
        say("powered", adapter.path.rpartition("/")[2], "on" if body[2].value else "off")
        await adapter.power(on=body[2].value)

    async def _start_discovery(self, adapter: StandInAdapter, sender: str) -> None:
        say("discovery", adapter.path.rpartition("/")[2], len(adapter.streaming))
        await adapter.start_discovery(sender)

    async def _write(self, adapter: StandInAdapter, path: str, body: list[Any]) -> None:
        kind = body[1].get("type", Variant("s", "request")).value
        await adapter.write(path, bytes(body[0]), response=kind == "request")

    async def obey(self, order: str, number: str = "hci0") -> None:
        adapter = self.adapters[f"/org/bluez/{number}"]
        if order == "forget":
            adapter.forget()
        elif order == "hang":
            await adapter.hang()
        else:
            await adapter.power(on=order == "power-on")


async def serve(bus_address: str, monikers: list[str], largest_mtu: int) -> None:
    bus = await MessageBus(bus_address=bus_address).connect()
    async with contextlib.AsyncExitStack() as stack:
        hosts = [await stack.enter_async_context(open_host(moniker, largest_mtu=largest_mtu)) for moniker in monikers]
        stand_in = BluezStandIn(bus, hosts)
        await stand_in.start()
        say("ready")
        async for line in stdin_lines():
            await stand_in.obey(*line.replace("power ", "power-").split())
            say("done")


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    parser = argparse.ArgumentParser()
    parser.add_argument("--bus", required=True)
    parser.add_argument("--hci", required=True, action="append")
    parser.add_argument("--mtu", type=int, default=247)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.bus, arguments.hci, arguments.mtu))
