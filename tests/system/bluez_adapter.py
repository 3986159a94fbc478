"""One adapter of the BlueZ stand-in: its scans, its links and their attributes, with Bumble underneath."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bumble import core
from bumble.device import Connection, Peer

from ingest.virtual.host import HciHost, address_text, advertised_name, advertised_uuids, uuid_text
from tests.system.bluez_objects import ADAPTER, CHARACTERISTIC, DEVICE, SERVICE, ObjectTree, Refusal

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bumble.device import Advertisement
    from bumble.gatt_client import CharacteristicProxy

CONNECT_TIMEOUT_S = 10.0
GAP_SERVICE = "00001800-0000-1000-8000-00805f9b34fb"
FLAGS = {0x02: "read", 0x04: "write-without-response", 0x08: "write", 0x10: "notify", 0x20: "indicate"}
# A link that notified so recently streams.
STREAMS_WITHIN_S = 0.5


class StandInAdapter:
    """One adapter, and the devices that it has heard."""

    def __init__(self, tree: ObjectTree, host: HciHost, path: str) -> None:
        self.tree = tree
        self.path = path
        self._host = host
        self._connecting = asyncio.Lock()
        self._links: dict[str, Connection] = {}
        self._proxies: dict[str, CharacteristicProxy[bytes]] = {}
        self._notified_s: dict[str, float] = {}
        self._scanning_for: set[str] = set()
        self._hangs = False
        self._tasks: set[asyncio.Task[None]] = set()

    def announce(self) -> None:
        address = address_text(self._host.device.random_address)
        self.tree.add(
            self.path,
            ADAPTER,
            Address=("s", address),
            Name=("s", "stand-in"),
            Alias=("s", "stand-in"),
            Powered=("b", True),
            Discovering=("b", False),
            Roles=("as", ["central"]),
            UUIDs=("as", []),
        )

    @property
    def streaming(self) -> list[str]:
        """Devices whose notifications flow."""
        now_s = asyncio.get_running_loop().time()
        return [path for path, at_s in self._notified_s.items() if now_s - at_s < STREAMS_WITHIN_S]

    async def power(self, *, on: bool) -> None:
        self.tree.change(self.path, ADAPTER, Powered=("b", on), Discovering=("b", False))
        if on:
            return
        self._hangs = False
        if self._scanning_for:
            self._scanning_for.clear()
            await self._host.stop_scan(self._heard)
        await self._drop_links()

    async def hang(self) -> None:
        """Do nothing any more until switched off and on."""
        self._hangs = True
        await self._drop_links()

    async def _drop_links(self) -> None:
        for link in list(self._links.values()):
            await link.disconnect()

    def forget(self) -> None:
        """Forget every device that has no link."""
        for path in [path for path, faces in self.tree.objects.items() if DEVICE in faces]:
            if path.startswith(f"{self.path}/") and path not in self._links:
                self.tree.remove(path)

    def _require_power(self) -> None:
        if not self.tree.value(self.path, ADAPTER, "Powered"):
            raise Refusal("org.bluez.Error.NotReady", "Resource Not Ready")
        if self._hangs:
            raise Refusal("org.bluez.Error.Failed", "Input/output error")

    async def start_discovery(self, sender: str) -> None:
        self._require_power()
        if not self._scanning_for:
            await self._host.start_scan(self._heard)
        self._scanning_for.add(sender)
        self.tree.change(self.path, ADAPTER, Discovering=("b", True))

    async def stop_discovery(self, sender: str) -> None:
        self._scanning_for.discard(sender)
        if not self._scanning_for and self.tree.value(self.path, ADAPTER, "Discovering"):
            await self._host.stop_scan(self._heard)
            self.tree.change(self.path, ADAPTER, Discovering=("b", False))

    def _heard(self, advertisement: Advertisement) -> None:
        address = address_text(advertisement.address)
        self._host.known[address] = advertisement.address
        path = f"{self.path}/dev_{address.replace(':', '_')}"
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
            Adapter=("o", self.path),
            Paired=no,
            Trusted=no,
            Blocked=no,
            Connected=no,
            ServicesResolved=no,
            **heard,
        )

    async def connect(self, path: str) -> None:
        self._require_power()
        async with self._connecting, asyncio.timeout(CONNECT_TIMEOUT_S):
            if path not in self._links:
                address = self._host.known[self.tree.value(path, DEVICE, "Address")]
                link = await self._host.connect(address)
                if path not in self.tree.objects:
                    await link.disconnect()
                    raise Refusal("org.freedesktop.DBus.Error.UnknownObject", path)
                link.on("disconnection", lambda _reason: self._gone(path))
                self._links[path] = link
                self.tree.change(path, DEVICE, Connected=("b", True))
                self._spawn(self._resolve(path, link))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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
        self._notified_s.pop(path, None)
        if link is not None:
            self._host.leave_notifications(link)
        for below in self.tree.below(path):
            self._proxies.pop(below, None)
            self.tree.remove(below)
        self.tree.change(path, DEVICE, ServicesResolved=("b", False), Connected=("b", False))

    async def disconnect(self, path: str) -> None:
        link = self._links.get(path)
        if link is not None:
            await link.disconnect()

    def _proxy(self, path: str) -> CharacteristicProxy[bytes]:
        proxy = self._proxies.get(path)
        if proxy is None:
            raise Refusal("org.bluez.Error.Failed", "Not connected")
        return proxy

    async def read(self, path: str) -> bytes:
        proxy = self._proxy(path)
        return bytes(await proxy.client.read_value(proxy.handle))

    async def write(self, path: str, value: bytes, *, response: bool) -> None:
        proxy = self._proxy(path)
        await proxy.client.write_value(proxy.handle, value, with_response=response)

    async def start_notify(self, path: str) -> None:
        device = path[: path.index("/service")]
        proxy = self._proxy(path)
        loop = asyncio.get_running_loop()

        def heard(value: bytes) -> None:
            self._notified_s[device] = loop.time()
            self.tree.change(path, CHARACTERISTIC, Value=("ay", bytes(value)))

        self._host.take_notifications(self._links[device], proxy.handle, heard)
        await proxy.subscribe(heard)
        self.tree.change(path, CHARACTERISTIC, Notifying=("b", True))

    async def stop_notify(self, path: str) -> None:
        await self._proxy(path).unsubscribe(force=True)
        self.tree.change(path, CHARACTERISTIC, Notifying=("b", False))
