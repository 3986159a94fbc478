"""Questions that are open when the program ends, and curves that nobody reads to their end."""

from __future__ import annotations

import asyncio
import json
from threading import Event
from typing import TYPE_CHECKING, Any

from dashboards.bench import Studio
from dashboards.bench_values import CurvePoint
from dashboards.unavailable import EndingError
from dashboards.web.app import create_app
from dashboards.web.bench import _lines
from tests.fake_bench import EASY, ONSET, SCORER, WASM, FakeBench
from tests.fake_labels import FakeLabels
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.web_client import client_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from dashboards.bench_values import Answer, Asked

WITHIN_S = 60.0
SAID = "the program is ending"
ASKED: dict[str, Any] = {
    "keys": [NIGHT_ID], "criteria": WASM, "changes": {}, "word": "leg_movement", "reference": SCORER,
}  # fmt: skip


class EndingBench(FakeBench):
    """A bench that is closed while it is asked."""

    def settle(self, asked: Asked) -> Answer:  # noqa: ARG002 - whatever it is
        raise EndingError(SAID)

    def curve(self, asked: Asked, threshold: str, values: Sequence[float]) -> Iterator[CurvePoint]:
        yield next(super().curve(asked, threshold, values))
        raise EndingError(SAID)


def test_a_question_that_is_open_is_told_so_in_one_line() -> None:
    client = client_of(FakeNightBook(), Studio(EndingBench(), FakeLabels()))
    answer = client.post("/api/bench/settle", json=ASKED)
    assert (answer.status_code, answer.json()) == (503, {"error": SAID})
    page = client.get(f"/bench/compare?a={WASM}&b={EASY}&r=night-01&word=leg_movement&ref={SCORER}")
    assert (page.status_code, SAID.capitalize() in page.text) == (503, True)


def test_a_curve_ends_with_what_is_known() -> None:
    client = client_of(FakeNightBook(), Studio(EndingBench(), FakeLabels()))
    lines = client.post("/api/bench/curve", json={**ASKED, "threshold": ONSET, "values": [6.0, 7.0, 8.0]}).text
    assert [json.loads(line)["value"] for line in lines.splitlines()] == [6.0]


def test_a_curve_that_is_broken_off_while_it_works_is_closed_when_it_does_no_more() -> None:
    at_work, go_on, closed = Event(), Event(), Event()

    def points() -> Iterator[CurvePoint]:
        try:
            at_work.set()
            go_on.wait()
            yield CurvePoint(1.0, None, None, None, None, None)
        finally:
            closed.set()

    async def read(lines: AsyncIterator[str]) -> None:
        async for _ in lines:
            pass

    async def break_off() -> None:
        task = asyncio.create_task(read(_lines(None, points())))
        await asyncio.to_thread(at_work.wait)
        task.cancel()
        await asyncio.wait((task,))
        go_on.set()
        assert task.cancelled()

    asyncio.run(break_off())
    assert closed.wait(WITHIN_S)


def test_who_leaves_while_we_still_listen_is_no_error_of_the_server() -> None:
    told = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json"), (b"content-length", b"100")]
    scope = {
        "type": "http", "method": "POST", "path": "/api/bench/look", "raw_path": b"/api/bench/look", "root_path": "",
        "query_string": b"", "headers": headers, "scheme": "http", "server": ("127.0.0.1", 80), "client": None,
        "http_version": "1.1",
    }  # fmt: skip

    async def receive() -> Any:
        return told.pop(0)

    async def send(_: Any) -> None:
        pass

    app = create_app(FakeNightBook(), studio=Studio(FakeBench(), FakeLabels()))
    asyncio.run(app(scope, receive, send))
    assert told == []
