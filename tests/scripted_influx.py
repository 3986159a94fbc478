"""An InfluxDB that gives the answers it is told to, and remembers what it was sent."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from ingest.influx import InfluxAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ACCEPTED = 204
# What happens instead of an answer: nothing at all, and a connection that is torn down.
SILENCE, RESET = 0, -1
_TEAR_DOWN = struct.pack("ii", 1, 0)


@dataclass
class ScriptedInflux:
    """What the server answers and what it was asked; `judge` gives status and message for a body of lines.

    A message is said as 2.x says it, unless it is a whole body (``{...}``, ``<html>...``). `headers` go with every
    answer that is not 204.
    """

    judge: Callable[[str], tuple[int, str]]
    address: InfluxAddress
    headers: Mapping[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str, login: str, body: str) -> tuple[int, str]:
        status, message = self.judge(body)
        self.paths.append(path)
        self.logins.append(login)
        if status == ACCEPTED:
            lines = [line for line in body.splitlines() if not line.startswith("#")]
            # What a writer says of itself is apart from what it was given.
            self.reports += [line for line in lines if line.startswith("delivery,kind=writer,")]
            self.accepted += [line for line in lines if not line.startswith("delivery,kind=writer,")]
        return status, message


def body_of(message: str) -> bytes:
    if message.startswith(("{", "<")) or not message:
        return message.encode()
    return json.dumps({"code": "invalid", "message": message}).encode()


@contextmanager
def scripted_influx(
    judge: Callable[[str], tuple[int, str]], headers: Mapping[str, str] | None = None
) -> Iterator[ScriptedInflux]:
    """Run the server."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, message = scripted.answer(self.path, self.headers["Authorization"], body)
            if status == SILENCE:
                scripted.ended.wait()
            elif status == RESET:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _TEAR_DOWN)
                os.close(self.connection.detach())
            else:
                self._say(status, body_of(message))

        def _say(self, status: int, text: bytes) -> None:
            self.send_response(status)
            for name, value in scripted.headers.items() if status != ACCEPTED else ():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        address = InfluxAddress(f"http://127.0.0.1:{server.server_port}", "legs", "home", "secret")
        scripted = ScriptedInflux(judge, address, headers or {})
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield scripted
        finally:
            scripted.ended.set()
            server.shutdown()
            thread.join()
