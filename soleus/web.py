"""The web server, inside the event loop of the command that shows the pages."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import uvicorn

from dashboards.web.app import create_app
from dashboards.web.guard import LOOPBACK_HOSTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from dashboards.book import NightBook

START_TIMEOUT_S = 15.0
POLL_S = 0.02


@asynccontextmanager
async def serving(book: NightBook, host: str, port: int) -> AsyncIterator[str]:
    """Serve the pages inside this event loop.

    Parameters
    ----------
    book : NightBook
        The nights.
    host : str
        Address to listen on.
    port : int
        Port; 0 takes a free one.

    Yields
    ------
    str
        Address of the pages.

    Raises
    ------
    OSError
        If the port is taken.
    """
    app = create_app(book, hosts=(*LOOPBACK_HOSTS, host))
    # A browser keeps its connections open; they are not waited for.
    config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = _Server(config)
    sock = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    task = asyncio.create_task(server.serve([sock]), name="web")
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            while not server.started and not task.done():  # noqa: ASYNC110 - the server has a flag, no event
                await asyncio.sleep(POLL_S)
        yield f"http://{host}:{sock.getsockname()[1]}/"
    finally:
        server.should_exit = True
        await task


class _Server(uvicorn.Server):
    """A server that leaves Ctrl-C to the command that runs it."""

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override] # a generator there
        """Capture none."""
        return contextlib.nullcontext()
