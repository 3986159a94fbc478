"""A way to a server on which a test can hold up, or lose, everything that is sent to it."""

from __future__ import annotations

import contextlib
import socket
import threading


class Valve:
    """Passes connections on to a port of this computer; when it is told so, what goes up waits, or is lost."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open = threading.Event()
        self._open.set()
        self._swallows = False
        self.n_held = 0
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def hold(self) -> None:
        """Let everything that goes up wait until `release`."""
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def swallow(self) -> None:
        """Lose everything that goes up from now on."""
        self._swallows = True

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            self._sockets += [client, server]
            for pair in ((client, server, True), (server, client, False)):
                self._threads.append(threading.Thread(target=self._pump, args=pair))
                self._threads[-1].start()

    def _pump(self, source: socket.socket, target: socket.socket, up: bool) -> None:  # noqa: FBT001 - a thread's target
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if up and not self._open.is_set():
                    self.n_held += 1
                    self._open.wait()
                if not (up and self._swallows):
                    target.sendall(data)

    def close(self) -> None:
        self.release()
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join()
