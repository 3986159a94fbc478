"""The pages among connections that say nothing, over real ones on this computer."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from soleus.authority import new_authority, new_server, utc_now
from soleus.web import Access, serving
from soleus.web_connections import MOST_CONNECTIONS, Door, Impatient
from tests.fakes import FakeNightBook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HERE = "127.0.0.1"
TOO_MANY = 60
"""Connections beyond those that there is room for."""
SPARE_FILES = 40
"""Of the loop, of a look at a night, and of the test."""
WITHIN_S = 60.0
REQUEST = b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
BEGUN = b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 9\r\n\r\nhalf"


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def is_closed(client: socket.socket) -> bool:
    """Tell whether the other side has hung up."""
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def silent_clients(stack: contextlib.ExitStack, port: int, number: int) -> list[socket.socket]:
    clients = [stack.enter_context(socket.create_connection((HERE, port))) for _ in range(number)]
    for client in clients:
        client.settimeout(0)
    return clients


async def first_line(port: int, request: bytes = REQUEST) -> bytes:
    reader, writer = await asyncio.open_connection(HERE, port)
    writer.write(request)
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return line


async def until_closed(clients: list[socket.socket], number: int) -> None:
    async with asyncio.timeout(WITHIN_S):
        while sum(map(is_closed, clients)) < number:  # noqa: ASYNC110 - sockets of a kernel have no event
            await asyncio.sleep(0)


@pytest.mark.slow
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_silent_connections_take_no_more_files_and_write_no_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], *, tls: bool
) -> None:
    faults: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, fault: faults.append(fault))
    access = Access()
    if tls:
        own = new_server(new_authority(utc_now()), [HERE], utc_now())
        (tmp_path / "cert").write_text(own.certificate_pem())
        (tmp_path / "key").write_text(own.key_pem())
        access = Access(tls_cert=tmp_path / "cert", tls_key=tmp_path / "key")
    async with serving(FakeNightBook(), HERE, 0, access) as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        with contextlib.ExitStack() as stack:
            before = open_files()
            clients = silent_clients(stack, port, MOST_CONNECTIONS + TOO_MANY)
            await until_closed(clients, TOO_MANY)
            assert sum(map(is_closed, clients)) == TOO_MANY
            assert open_files() - before - len(clients) <= MOST_CONNECTIONS + SPARE_FILES
        if not tls:
            # Those above have gone when the server has seen it: after what it had to do for each of them.
            async with asyncio.timeout(WITHIN_S):
                while not (line := await asked_again(port)):  # noqa: ASYNC110 - the server has no event for it
                    await asyncio.sleep(0)
            assert line.startswith(b"HTTP/1.1 307 ")
    assert (faults, caplog.records, capfd.readouterr()) == ([], [], ("", ""))


async def asked_again(port: int) -> bytes:
    """Ask; the answer of a full house is none."""
    with contextlib.suppress(ConnectionError):
        return await first_line(port)
    return b""


@pytest.mark.slow
async def test_what_is_no_request_is_answered_and_writes_no_line(capfd: pytest.CaptureFixture[str]) -> None:
    async with serving(FakeNightBook(), HERE, 0) as url:
        assert b" 400 " in await first_line(int(url.rstrip("/").rpartition(":")[2]), b"\x16\x03\x01 no words\r\n\r\n")
    assert capfd.readouterr() == ("", "")


async def answer(_scope: Any, receive: Any, send: Any) -> None:
    """Answer when the whole request is there."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@contextlib.asynccontextmanager
async def impatient(patience_s: int) -> AsyncIterator[int]:
    config = uvicorn.Config(answer, http=Impatient, timeout_keep_alive=patience_s, lifespan="off", log_config=None)
    config.load()
    loop = asyncio.get_running_loop()
    state = uvicorn.Server(config).server_state
    door = Door(socket.create_server((HERE, 0)))
    server = await loop.create_server(lambda: Impatient(config, state, {}), sock=door)
    async with server:
        yield door.getsockname()[1]


@pytest.mark.slow
async def test_whoever_does_not_end_a_request_is_hung_up_on() -> None:
    first = (b"", b"G", REQUEST[:-2], BEGUN)
    async with impatient(1) as port:
        ends = await asyncio.gather(*(last_bytes(port, sent) for sent in first), last_bytes(port, REQUEST, b"G"))
    assert ends == [b""] * 5


async def last_bytes(port: int, sent: bytes, after_answer: bytes = b"") -> bytes:
    """Send something, or ask and then send something, and return what comes until the other side hangs up."""
    reader, writer = await asyncio.open_connection(HERE, port)
    writer.write(sent)
    try:
        async with asyncio.timeout(WITHIN_S):
            if after_answer:
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
                writer.write(after_answer)
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()
