"""The proxy that the chaos night puts between processes, and what it overhears."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.chaos.faulty_link import FaultyLink, Trouble
from benchmarks.chaos.overheard import Deaf, MqttEar, Overheard
from ingest import wire
from ingest.night.entries import Entry, TopicKind

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_S = 60.0


class Parrot:
    """A server that says whatever it hears."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._repeat, args=(connection,)))
                self._threads[-1].start()

    def _repeat(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while data := connection.recv(4096):
                connection.sendall(data)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def link() -> Iterator[FaultyLink]:
    rng = Random(1)  # noqa: S311 - seeded delays
    with closing(Parrot()) as parrot, closing(FaultyLink(parrot.port, rng, lambda: (Deaf(), Deaf()))) as link:
        yield link


def connected(link: FaultyLink) -> socket.socket:
    return socket.create_connection(("127.0.0.1", link.port), timeout=PATIENCE_S)


def answer(connection: socket.socket, said: bytes) -> bytes:
    connection.sendall(said)
    heard = b""
    while len(heard) < len(said):
        heard += connection.recv(4096)
    return heard


def test_a_calm_link_carries_everything_both_ways(link: FaultyLink) -> None:
    said = bytes(range(256)) * 400
    with connected(link) as connection:
        writing = threading.Thread(target=connection.sendall, args=(said,))
        writing.start()
        heard = b""
        while len(heard) < len(said):
            heard += connection.recv(65536)
        writing.join()
    assert heard == said


def test_a_cut_link_resets_what_was_connected_and_takes_who_comes_anew(link: FaultyLink) -> None:
    with connected(link) as connection:
        assert answer(connection, b"one") == b"one"
        link.suffer(Trouble("cut", is_cut=True))
        with pytest.raises(ConnectionResetError):
            connection.recv(10)
    with connected(link) as connection:
        assert answer(connection, b"two") == b"two"


def test_a_refusing_link_resets_who_comes(link: FaultyLink) -> None:
    link.suffer(Trouble("refused", is_refusing=True))
    # The reset may come before the system has told us that we are connected.
    with pytest.raises(ConnectionResetError), connected(link) as connection:
        connection.recv(10)


def test_a_black_hole_takes_what_is_sent_and_resets_when_it_ends(link: FaultyLink) -> None:
    with connected(link) as connection:
        assert answer(connection, b"one") == b"one"
        link.suffer(Trouble("black hole", is_black_hole=True))
        connection.sendall(b"two")
        connection.settimeout(0.05)
        with pytest.raises(TimeoutError):
            connection.recv(10)
        link.calm()
        connection.settimeout(PATIENCE_S)
        with pytest.raises(ConnectionResetError):
            connection.recv(10)


@pytest.mark.slow
def test_a_full_link_carries_so_many_bytes_a_second(link: FaultyLink) -> None:
    link.suffer(Trouble("full", bytes_per_s=10_000.0))
    with connected(link) as connection:
        began_s = time.monotonic()
        assert len(answer(connection, bytes(1000))) == 1000
        assert time.monotonic() - began_s >= 2 * 0.1


def entry(key: str, revision: int) -> Entry:
    return Entry(TopicKind.EVENT, "p1", "n1", "default", key, revision, valid=True, body={"text": "x" * 150})


def published(entry: Entry, qos: int = 1) -> bytes:
    """Return a PUBLISH of MQTT 5 as it is on the wire, written down from the standard."""
    topic = wire.entry_topic("home", entry).encode()
    body = len(topic).to_bytes(2, "big") + topic + (b"\x00\x07" if qos else b"") + b"\x00"
    body += wire.encode(entry, "collector")
    return bytes((0x30 | qos << 1, len(body) & 0x7F | 0x80, len(body) >> 7)) + body


PING, OTHER = b"\xc0\x00", b"\x30\x06\x00\x01x\x00{}"


@pytest.mark.slow
@settings(max_examples=40)
@given(st.lists(st.integers(0, 2000), max_size=12))
def test_every_way_of_cutting_a_stream_of_packets_gives_the_same_count(cuts: list[int]) -> None:
    messages = [published(entry("a", 0)), PING, published(entry("b", 1), qos=0), OTHER, published(entry("a", 0))]
    stream = b"".join(messages)
    times: Counter[tuple[str, int]] = Counter()
    ear = MqttEar(times)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    for start, stop in pairwise(edges):
        ear.hear(stream[start:stop])
    assert times == {("a", 0): 2, ("b", 1): 1}


def test_what_was_sent_before_is_counted_as_sent_again_on_whichever_connection() -> None:
    overheard = Overheard()
    overheard.ear().hear(published(entry("a", 0)) + published(entry("a", 1)))
    overheard.ear().hear(published(entry("a", 1))[:-1])
    overheard.ear().hear(published(entry("a", 1)))
    assert (overheard.total, overheard.again) == (3, 1)
