"""An InfluxDB that gives the answers it is told to, and remembers what it was sent."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from ingest.influx import InfluxAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACCEPTED = 204


@dataclass
class ScriptedInflux:
    """What the server answers and what it was asked; `judge` gives status and message for a body of lines."""

    judge: Callable[[str], tuple[int, str]]
    address: InfluxAddress
    paths: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)

    def answer(self, path: str, login: str, body: str) -> tuple[int, str]:
        status, message = self.judge(body)
        self.paths.append(path)
        self.logins.append(login)
        if status == ACCEPTED:
            self.accepted += [line for line in body.splitlines() if not line.startswith("#")]
        return status, message


@contextmanager
def scripted_influx(judge: Callable[[str], tuple[int, str]]) -> Iterator[ScriptedInflux]:
    """Run the server."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, message = scripted.answer(self.path, self.headers["Authorization"], body)
            text = json.dumps({"code": "invalid", "message": message}).encode() if message else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        address = InfluxAddress(f"http://127.0.0.1:{server.server_port}", "legs", "home", "secret")
        scripted = ScriptedInflux(judge, address)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield scripted
        finally:
            server.shutdown()
            thread.join()
