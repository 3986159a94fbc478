"""``python -m benchmarks.load.slow_line PORT UPSTREAM MS``: a TCP line on which requests take longer to arrive."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

HOST = "127.0.0.1"
PIECE = 65536
# What may be on the line at once; beyond that the sender waits, as with a full socket.
MOST_PIECES = 256
MS_PER_S = 1000.0


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float) -> None:
    """Pass on what comes in, each piece `delay_s` after it came."""
    loop = asyncio.get_running_loop()
    line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(MOST_PIECES)

    async def arrive() -> None:
        while True:
            due_s, piece = await line.get()
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            if not piece:
                break
            writer.write(piece)
            await writer.drain()
        writer.close()

    arriving = asyncio.create_task(arrive())
    try:
        while piece := await reader.read(PIECE):
            await line.put((loop.time() + delay_s, piece))
    except ConnectionError:
        pass
    await line.put((0.0, b""))
    with suppress(ConnectionError):
        await arriving


async def serve(port: int, upstream: int, delay_s: float) -> None:
    """Listen on loopback until the process ends; answers come back at once."""

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, onward = await asyncio.open_connection(HOST, upstream)
        await asyncio.gather(pass_on(reader, onward, delay_s), pass_on(back, writer, 0.0))

    server = await asyncio.start_server(connect, HOST, port)
    await server.serve_forever()


if __name__ == "__main__":
    listen, target, latency_ms = sys.argv[1:]
    asyncio.run(serve(int(listen), int(target), float(latency_ms) / MS_PER_S))
