"""What each answer of InfluxDB means, from a server that gives every answer there is."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from ingest.influx import InfluxAddress, InfluxWriter, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFLICT = 'partial write: field type conflict: input field "x" is type float, already exists as type integer dropped=1'
QUOTED = "unable to parse 'leg_event,person=anna x=': missing field value"


@contextmanager
def database(status: int, message: str = "", *, seen: list[str] | None = None) -> Iterator[InfluxWriter]:
    """Run a server that answers every write with one status, and a writer to it."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if seen is not None:
                seen.extend([self.path, self.headers["Authorization"], body.decode()])
            text = json.dumps({"code": "invalid", "message": message}).encode() if message else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        address = InfluxAddress(f"http://127.0.0.1:{server.server_port}", "legs", "home", "secret")
        try:
            with InfluxWriter(address) as writer:
                yield writer
        finally:
            server.shutdown()
            thread.join()


def test_a_batch_is_one_request_with_nanoseconds_and_the_token() -> None:
    seen: list[str] = []
    with database(204, seen=seen) as writer:
        assert writer.write(["a x=1 1", "b x=2 2"]).verdict is Verdict.ACCEPTED
    path, login, body = seen
    assert path == "/api/v2/write?org=home&bucket=legs&precision=ns"
    assert (login, body) == ("Token secret", "a x=1 1\nb x=2 2")


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (400, Verdict.BAD_POINT),
        (413, Verdict.BAD_POINT),
        (422, Verdict.BAD_POINT),
        (401, Verdict.REFUSED),
        (403, Verdict.REFUSED),
        (404, Verdict.REFUSED),
        (429, Verdict.UNAVAILABLE),
        (500, Verdict.UNAVAILABLE),
        (502, Verdict.UNAVAILABLE),
        (503, Verdict.UNAVAILABLE),
    ],
)
def test_only_the_points_themselves_are_ever_given_up(status: int, verdict: Verdict) -> None:
    with database(status, "no") as writer:
        assert writer.write(["a x=1 1"]).verdict is verdict


def test_a_database_that_is_not_there_is_unavailable() -> None:
    with InfluxWriter(InfluxAddress("http://127.0.0.1:1", "legs", "home", "secret")) as writer:
        answer = writer.write(["a x=1 1"])
    assert answer.verdict is Verdict.UNAVAILABLE
    assert "does not answer" in answer.reason


def test_the_reason_for_a_bad_point_is_told_unless_it_quotes_the_line() -> None:
    with database(422, CONFLICT) as writer:
        assert writer.write(["a x=1 1"]).reason == CONFLICT
    with database(400, QUOTED) as writer:
        assert writer.write(["a x=1 1"]).reason == "HTTP 400"


def test_the_check_writes_nothing_and_passes_where_an_empty_batch_is_a_bad_request() -> None:
    seen: list[str] = []
    with database(400, "writing requires points", seen=seen) as writer:
        assert writer.check().verdict is Verdict.ACCEPTED
    assert seen[2].startswith("#")
    with database(401, "unauthorized") as writer:
        assert writer.check().reason.endswith("does not accept the token (HTTP 401)")


def test_the_token_is_in_no_representation() -> None:
    assert "secret" not in repr(InfluxAddress("http://127.0.0.1:1", "legs", "home", "secret"))
