"""A way over TCP that can be slow, full, dead or cut: a proxy in user space, because not every machine has netem."""

from __future__ import annotations

import asyncio
import math
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from random import Random
    from typing import Any

HOST = "127.0.0.1"
# Small, so that a full link is felt by who sends, instead of by the buffers of the machine.
BUFFER_BYTES = 16_384
PIECE_BYTES = 2_048
# Closing with this option set throws away what waits and says so to the other side (RST).
RESET_AT_ONCE = struct.pack("ii", 1, 0)


class Ear(Protocol):
    """Who listens to one direction of one connection."""

    def hear(self, data: bytes) -> None:
        """Take the next bytes, before anything happens to them."""
        ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a link.

    Parameters
    ----------
    name : str
        In words.
    delay_s : float
        How much later each piece arrives, s; up to twice as much, by chance.
    bytes_per_s : float
        What it carries each way.
    is_black_hole : bool
        What is sent is taken and never arrives, new connections included; when it ends, all are reset.
    is_refusing : bool
        New connections are reset at once.
    is_cut : bool
        Every connection is reset when it begins.
    """

    name: str
    delay_s: float = 0.0
    bytes_per_s: float = math.inf
    is_black_hole: bool = False
    is_refusing: bool = False
    is_cut: bool = False


CALM = Trouble("calm")
TROUBLES = (
    Trouble("slow", delay_s=0.3),
    Trouble("full", bytes_per_s=3_000.0),
    Trouble("black hole", is_black_hole=True),
    Trouble("cut", is_cut=True),
    Trouble("refused", is_refusing=True, is_cut=True),
)
"""One after the other."""


class FaultyLink:
    """A port on loopback that leads to another one; it has a thread and an event loop of its own.

    Parameters
    ----------
    port : int
        Where it leads to.
    rng : random.Random
        Of the delays.
    ears : callable
        Makes, for each connection, who listens to what the client says and to what the server says.
    """

    def __init__(self, port: int, rng: Random, ears: Callable[[], tuple[Ear, Ear]]) -> None:
        self._target = port
        self._rng = rng
        self._ears = ears
        self._trouble = CALM
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._pumps: set[asyncio.Future[None]] = set()
        self._listener = socket.socket()
        # What a connection takes ahead is inherited from here.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._listener.bind((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"link[{port}]")
        self._thread.start()
        self._server: asyncio.Server = self._do(self._listen())

    def suffer(self, trouble: Trouble) -> None:
        """Let something be wrong from now on."""
        self._do(self._change(trouble))

    def calm(self) -> None:
        """Let nothing be wrong any more."""
        self.suffer(CALM)

    def close(self) -> None:
        """End every connection, and the thread."""
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._carry, sock=self._listener, limit=BUFFER_BYTES)

    async def _change(self, trouble: Trouble) -> None:
        # A connection out of which bytes are missing can only be begun anew.
        if trouble.is_cut or self._trouble.is_black_hole:
            for writer in tuple(self._open):
                _reset(writer)
        self._trouble = trouble

    async def _end(self) -> None:
        self._server.close()
        await self._change(Trouble("end", is_cut=True, is_refusing=True))
        # The connections' own tasks are left to end by themselves: asyncio reports those that are cancelled.
        for pump in tuple(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # Transports close in the loop's next round.
        await asyncio.sleep(0)

    async def _carry(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - it runs in one
        self._tasks.add(task)
        try:
            if self._trouble.is_refusing:
                return
            with suppress(OSError):
                answers, server = await asyncio.open_connection(HOST, self._target, limit=BUFFER_BYTES)
                await self._connect((reader, client), (answers, server))
        finally:
            _reset(client)
            self._tasks.discard(task)

    async def _connect(
        self,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Carry both ways until one end is gone."""
        up, down = self._ears()
        pumps = {
            asyncio.ensure_future(self._pump(client[0], server[1], up)),
            asyncio.ensure_future(self._pump(server[0], client[1], down)),
        }
        self._open |= {client[1], server[1]}
        self._pumps |= pumps
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open -= {client[1], server[1]}
            self._pumps -= pumps
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            # What the server said last still arrives; after a reset there is nothing left to say.
            server[1].close()
            client[1].close()

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, ear: Ear) -> None:
        with suppress(OSError):
            while data := await source.read(PIECE_BYTES):
                ear.hear(data)
                if self._trouble.is_black_hole:
                    continue
                wait_s = self._trouble.delay_s * self._rng.uniform(1.0, 2.0) + len(data) / self._trouble.bytes_per_s
                if wait_s:
                    await asyncio.sleep(wait_s)
                target.write(data)
                await target.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as one that broke."""
    if not writer.transport.is_closing():
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
        writer.transport.abort()
