"""How long writers take for what waits at the broker: the writers alone, with everything else at rest."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

import psutil

from benchmarks.load.nights import home, of
from benchmarks.load.stack import broker, slow_line, writers
from benchmarks.load.stages import since, used
from ingest import wire
from ingest.address import BrokerAddress
from ingest.mqtt import Acknowledged, MqttLink, Received, Session, Subscribed
from tests.system.known_secrets import password_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.load.nights import Home
    from ingest.night.entries import Entry
    from tests.system.servers import Influx

# What Mosquitto keeps for one session, see deploy/mosquitto/mosquitto.conf; beyond that it drops.
MOST_QUEUED = 5000
AT_ONCE = 500
WITHIN_S = 120.0
STORE = ("-m", "soleus", "store")


class Drained(NamedTuple):
    """How long it took until all messages were confirmed, how many, and the processor time by stage, s."""

    seconds: float
    messages: int
    cpu_s: Mapping[str, float]

    @property
    def per_s(self) -> float:
        """Return messages per second."""
        return self.messages / self.seconds


class Way(NamedTuple):
    """The way from the broker to the database: how many writers, and how much longer a request takes, ms."""

    writers: int
    latency_ms: float = 0.0


def drain(folder: Path, target: Influx, entries: Sequence[Entry], number: int, way: Way) -> Drained:
    """Let messages wait at a new broker for stopped writers, and time the writers from their start.

    Parameters
    ----------
    folder : Path
        Where the broker lives; empty.
    target : Influx
        The database.
    entries : sequence of Entry
        What waits, each key once: of two revisions that a writer has at once it writes and confirms the newer.
    number : int
        Of the home whose entries they are: another one for each run.
    way : Way
        How many writers, and how far the database is.
    """
    whose = home(number)
    mine = [of(whose, entry) for entry in entries]
    messages = [(wire.entry_topic(whose.site, one), wire.encode(one, whose.collector)) for one in mine]
    if len(messages) > way.writers * MOST_QUEUED:
        raise ValueError(f"{len(messages)} messages, expected at most {way.writers * MOST_QUEUED}: a broker drops more")
    with ExitStack() as stack:
        server = stack.enter_context(broker(folder / "broker", number, 1))
        port = stack.enter_context(slow_line(folder, target.port, way.latency_ms)) if way.latency_ms else target.port
        stack.enter_context(writers(folder, server, target, port, way.writers))
        address = BrokerAddress("127.0.0.1", server.port, whose.account, password_of(whose.account))
        return asyncio.run(_timed(address, whose, messages))


async def _timed(address: BrokerAddress, whose: Home, messages: Sequence[tuple[str, bytes]]) -> Drained:
    stored = wire.stored_topic(whose.site, whose.collector)
    async with MqttLink(address, Session("drain", [stored], in_flight=AT_ONCE)) as link, asyncio.timeout(WITHIN_S):
        await _until(link, lambda signal: isinstance(signal, Subscribed), 1)
        _each_writer(psutil.Process.suspend)
        for start in range(0, len(messages), AT_ONCE):
            piece = messages[start : start + AT_ONCE]
            for topic, payload in piece:
                link.publish(topic, payload)
            await _until(link, lambda signal: isinstance(signal, Acknowledged), len(piece))
        before, began_s = used(), time.monotonic()
        _each_writer(psutil.Process.resume)
        await _until(link, _confirmed, len(messages))
        seconds = time.monotonic() - began_s
        return Drained(seconds, len(messages), since(before, used()))


async def _until(link: MqttLink, count: Callable[[object], int], wanted: int) -> None:
    found = 0
    while found < wanted:
        for signal in await link.signals(1.0):
            found += count(signal)
            if isinstance(signal, Received):
                link.acknowledge(signal)


def _confirmed(signal: object) -> int:
    return len(wire.decode_confirmations(signal.payload)) if isinstance(signal, Received) else 0


def _each_writer(do: Callable[[psutil.Process], None]) -> None:
    for process in psutil.Process().children(recursive=True):
        if tuple(process.cmdline()[1 : 1 + len(STORE)]) == STORE:
            do(process)
