"""A way to a server on which a test can hold up everything that is sent to it."""

from __future__ import annotations

import contextlib
import socket
import threading


class HoldingProxy:
    """Passes connections on to a port of this computer; while `held` is set nothing goes up, and it goes later."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._free = threading.Event()
        self._free.set()
        self.n_held = 0
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def hold(self) -> None:
        self._free.clear()

    def release(self) -> None:
        self._free.set()

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
                if up and not self._free.is_set():
                    self.n_held += 1
                    self._free.wait()
                target.sendall(data)

    def close(self) -> None:
        self.release()
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join()
