"""Lends a computer an adapter on the virtual radio: Bluetooth's host controller interface over TCP on loopback."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING

from bumble.transport.common import StreamPacketSource

from ingest.virtual.radio import RadioController

if TYPE_CHECKING:
    from typing import Self

    from ingest.virtual.radio import Radio

ADDRESS = "00:AA:01:00:{:02X}:{:02X}/P"
BYTE = 256


class Adapter(asyncio.Protocol):
    """One computer's Bluetooth adapter: HCI over one TCP connection, unplugged when that ends.

    Parameters
    ----------
    radio : Radio
        The air.
    number : int
        Tells adapters apart in their addresses.
    lent : set of Adapter
        Where it enters itself while it is in use.
    """

    def __init__(self, radio: Radio, number: int, lent: set[Adapter]) -> None:
        self._radio = radio
        self._number = number
        self._lent = lent
        self._transport: asyncio.Transport | None = None
        self._controller: RadioController | None = None
        self._source: StreamPacketSource | None = None
        self._outgoing: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Plug the adapter in."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a stream server makes no other
        self._transport = transport
        self._lent.add(self)
        address = ADDRESS.format(*divmod(self._number % BYTE**2, BYTE))
        self._controller = RadioController(f"adapter {self._number}", self._radio, address)
        self._source = StreamPacketSource()
        self._source.set_packet_sink(self._controller)
        self._controller.set_packet_sink(self)

    def data_received(self, data: bytes) -> None:
        """Take HCI from the computer."""
        if self._source is not None:
            self._source.data_received(data)

    def on_packet(self, packet: bytes) -> None:
        """Give HCI to the computer, all of one round of the event loop in one piece: a system call is dear."""
        if not self._outgoing:
            asyncio.get_running_loop().call_soon(self._flush)
        self._outgoing.append(packet)

    def _flush(self) -> None:
        if self._transport is not None:
            self._transport.write(b"".join(self._outgoing))
        self._outgoing.clear()

    def close(self) -> None:
        """Let go of the computer."""
        if self._transport is not None:
            self._transport.close()

    def pause_writing(self) -> None:
        """Stop the air towards a computer that does not keep up."""
        if self._controller is not None:
            self._radio.congest(self._controller)

    def resume_writing(self) -> None:
        """Let it flow again."""
        if self._controller is not None:
            self._radio.relieve(self._controller)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Unplug the adapter; the computer died or let go."""
        self._transport = None
        self._lent.discard(self)
        if self._controller is not None:
            self._radio.unplug(self._controller)
            self._controller = None


class AdapterServer:
    """The socket that lends adapters: each connection is a freshly plugged one.

    Parameters
    ----------
    radio : Radio
        The air behind them.

    Examples
    --------
    >>> from ingest.virtual.radio import Radio
    >>> async def lend() -> bool:
    ...     async with AdapterServer(Radio(supervision_s=1.0)) as server:
    ...         return server.port > 0
    >>> asyncio.run(lend())
    True
    """

    def __init__(self, radio: Radio) -> None:
        self._radio = radio
        self._numbers = count(1)
        self._lent: set[Adapter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        """Listen on a free port of the loopback interface."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._lend, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_exc: object) -> None:
        """Stop listening and unplug what is lent."""
        for adapter in list(self._lent):
            adapter.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _lend(self) -> Adapter:
        return Adapter(self._radio, next(self._numbers), self._lent)
