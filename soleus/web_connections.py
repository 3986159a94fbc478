"""Connections to the pages that say nothing: so many of them, and so long."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from dashboards.web.tonight_stream import ENDING

if TYPE_CHECKING:
    import asyncio

MOST_CONNECTIONS = 256
"""Open at a time, from everywhere together; a process may often open no more than 1024 files."""
PATIENCE_S = 10
"""A request is at most 64 KiB, and one of a browser that waits for it comes at once."""
UNREAD_MS = 30_000
"""Whoever takes nothing of an answer for so long has gone without a word: out of the network's reach, or asleep."""


class Door(socket.socket):
    """A listening socket that closes at once whom it has no room for.

    It counts before TLS begins, where the server does not know a connection yet.

    Parameters
    ----------
    listening : socket.socket
        Already listening; it is taken over.
    most : int
        Connections open at a time.
    """

    def __init__(self, listening: socket.socket, most: int = MOST_CONNECTIONS) -> None:
        super().__init__(listening.family, listening.type, listening.proto, listening.detach())
        self._most = most
        self._open: list[socket.socket] = []

    def accept(self) -> tuple[socket.socket, Any]:
        """Return the next connection.

        Returns
        -------
        connection : socket.socket
            Of somebody.
        address : tuple
            Of whom.

        Raises
        ------
        ConnectionAbortedError
            If there was no room for it; asyncio then goes on in silence.
        """
        connection, address = super().accept()
        if len(self._open) >= self._most:
            self._open = [other for other in self._open if other.fileno() >= 0]
        if len(self._open) >= self._most:
            connection.close()
            msg = f"more than {self._most} connections"
            raise ConnectionAbortedError(msg)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # Else the kernel (Linux) goes on trying for a quarter of an hour.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS)
        self._open.append(connection)
        return connection, address


class Impatient(H11Protocol):
    """HTTP/1.1 that hangs up when a request takes too long to arrive, and ends what would go on for ever.

    The server's own ``timeout_keep_alive`` holds for the pause after an answer only, and ends with the first letter
    that follows. Here it is also the time for the first request, and for the whole of each. An answer that goes on as
    long as the night leaves what ends it in the scope of its request.
    """

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # so it is there, too
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """End the connection in good order: the answer that is under way comes to its end."""
        super().shutdown()
        if self.cycle and not self.cycle.response_complete and ENDING in self.cycle.scope:
            self.cycle.scope[ENDING]()  # type: ignore[typeddict-item] # a key of ours

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._wait()
        super().on_response_complete()

    def _wait(self) -> None:
        self._wait_no_more()
        self._patience = self.loop.call_later(self.timeout_keep_alive, self._hang_up)

    def _wait_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _hang_up(self) -> None:
        if not self.cycle:
            # Not a polite end: with TLS that would wait for the other side once more.
            self.transport.abort()
        elif self.cycle.response_complete or self.cycle.more_body:
            # The last answer may still be on its way to somebody with a slow network.
            self.transport.close()
