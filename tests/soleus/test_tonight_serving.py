"""The live stream through the real server: nothing in front of it holds it up or cuts it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import httpx2
import numpy as np
import pytest
import uvicorn

from dashboards.web.app import create_app
from dashboards.web.tonight_stream import MOST_STREAMS, STREAM_TYPE
from soleus.web import Access, serving
from soleus.web_connections import UNREAD_MS, Door, Impatient
from tests.fake_live import LiveScene
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.live_frames import frames_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

HERE = "127.0.0.1"
LIVE = f"/api/night/{NIGHT_ID}/live"
WITHIN_S = 30.0
PASSWORD = "correct horse battery"  # noqa: S105 - of no real thing


class Clock:
    s = 100.0

    def __call__(self) -> float:
        return self.s


def running(clock: Clock) -> FakeNightBook:
    return FakeNightBook(running=True, so_far_s=100, scene=LiveScene(2, 100.0), now_s=clock)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not true():  # noqa: ASYNC110 - the other side of a socket has no event
            await asyncio.sleep(0)


@pytest.mark.slow
async def test_each_frame_is_there_when_it_was_sent_and_none_waits_in_a_compressor() -> None:
    clock = Clock()
    async with serving(running(clock), HERE, 0) as url, httpx2.AsyncClient(timeout=WITHIN_S) as client:
        headers = {"accept-encoding": "gzip"}
        async with client.stream("GET", f"{url}{LIVE[1:]}", headers=headers) as answer:
            assert "content-encoding" not in answer.headers
            assert answer.headers["content-type"] == STREAM_TYPE
            assert answer.headers["cache-control"] == "no-store, no-transform"
            got = 0
            async for frame in frames_of(answer.aiter_raw()):
                got += len(frame.columns.get("left-shin/emg", ()))
                if got == 1_050:
                    break
                # Only what has arrived lets the next samples come.
                if got == 1_000 + 10 * round((clock.s - 100.0) * 10):
                    clock.s += 0.1
            assert got == 1_050


@pytest.mark.slow
async def test_a_client_that_goes_frees_its_place_and_its_feed() -> None:
    book = running(Clock())
    async with serving(book, HERE, 0) as url, httpx2.AsyncClient(timeout=WITHIN_S) as client:
        for number in range(MOST_STREAMS + 2):
            async with client.stream("GET", f"{url}{LIVE[1:]}") as answer:
                assert answer.status_code == 200
                await anext(frames_of(answer.aiter_raw()))
            await until(lambda number=number: len(book.feeds) > number and book.feeds[number].closed)  # type: ignore[misc] # bound at once


@pytest.mark.slow
async def test_the_server_stops_at_once_and_in_good_order_while_pages_follow(capfd: pytest.CaptureFixture[str]) -> None:
    book = running(Clock())
    ended = asyncio.Event()

    async def follow(url: str, client: httpx2.AsyncClient, began: asyncio.Event) -> int:
        async with client.stream("GET", f"{url}{LIVE[1:]}") as answer:
            n = 0
            async for _ in frames_of(answer.aiter_raw()):
                n += 1
                began.set()
            # An answer that was cut would have raised.
            ended.set()
            return n

    async with httpx2.AsyncClient(timeout=WITHIN_S) as client:
        async with serving(book, HERE, 0) as url:
            began = [asyncio.Event() for _ in range(3)]
            pages = [asyncio.create_task(follow(url, client, event)) for event in began]
            async with asyncio.timeout(WITHIN_S):
                await asyncio.gather(*(event.wait() for event in began))
            assert not ended.is_set()
        assert all(n > 0 for n in await asyncio.gather(*pages))
    assert all(feed.closed for feed in book.feeds)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
async def test_who_stands_before_the_door_follows_nothing_and_who_is_let_in_does() -> None:
    book = running(Clock())
    access = Access(PASSWORD, (HERE,))
    async with serving(book, HERE, 0, access) as url, httpx2.AsyncClient(base_url=url, timeout=WITHIN_S) as client:
        assert (await client.get(LIVE)).status_code == 401
        token = (await client.get("/login")).text.partition('name="token" value="')[2].partition('"')[0]
        await client.post("/login", data={"token": token, "next": "/", "password": PASSWORD})
        async with client.stream("GET", LIVE) as answer:
            frame = await anext(frames_of(answer.aiter_raw()))
    assert len(frame.columns) == 2


@contextlib.asynccontextmanager
async def impatient(book: FakeNightBook, patience_s: int) -> AsyncIterator[int]:
    config = uvicorn.Config(
        create_app(book), http=Impatient, timeout_keep_alive=patience_s, lifespan="off", log_config=None
    )
    config.load()
    loop = asyncio.get_running_loop()
    state = uvicorn.Server(config).server_state
    door = Door(socket.create_server((HERE, 0)))
    server = await loop.create_server(lambda: Impatient(config, state, {}), sock=door)
    async with server:
        yield door.getsockname()[1]


@pytest.mark.slow
async def test_the_impatience_with_requests_does_not_cut_an_answer_that_goes_on() -> None:
    book = running(Clock())
    async with impatient(book, 1) as port, httpx2.AsyncClient(timeout=WITHIN_S) as client:
        async with client.stream("GET", f"http://{HERE}:{port}{LIVE}") as answer:
            samples = []
            async with asyncio.timeout(WITHIN_S):
                async for frame in frames_of(answer.aiter_raw()):
                    samples.append(frame.columns.get("left-shin/emg", np.empty(0)))
                    # What tells of the sensors comes once a second: three of them outlast the patience.
                    if len(samples) > 3:
                        break
        await until(lambda: book.feeds[0].closed)
    assert len(np.concatenate(samples)) == 1_000


@pytest.mark.slow
async def test_a_reader_that_takes_nothing_is_let_go_with_its_connection() -> None:
    clock = Clock()
    book = FakeNightBook(running=True, so_far_s=100, scene=LiveScene(6, 20_000.0), now_s=clock)
    async with serving(book, HERE, 0) as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        reader, writer = await asyncio.open_connection(HERE, port, limit=1 << 16)
        writer.write(f"GET {LIVE} HTTP/1.1\r\nhost: {HERE}\r\n\r\n".encode())
        # The first frame is larger than what the way to the reader holds, and it does not read.
        await until(lambda: bool(book.feeds))
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.transport.abort()
        await until(lambda: book.feeds[0].closed)


def test_whoever_is_out_of_reach_is_let_go_by_the_kernel() -> None:
    with Door(socket.create_server((HERE, 0))) as door, socket.create_connection(door.getsockname()):
        connection, _ = door.accept()
        with connection:
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == UNREAD_MS
