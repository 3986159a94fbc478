"""Two hours without a broker: everything arrives afterwards, once and in order, and the relay stays small and idle.

Time is compressed: the events, epochs and health messages of two hours are written within `OUTAGE_S` seconds.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import TYPE_CHECKING

import psutil
import pytest

from detectors.events import Epoch
from detectors.signal import NS_PER_S, Leg, Quantity
from ingest import wire
from ingest.address import BrokerAddress
from ingest.decoders.base import Status, StatusKind
from ingest.mqtt import MqttLink, Received, Session, Subscribed, Up
from ingest.night.entries import Delivery, Entry, TopicKind, epoch_entry, health_entry
from ingest.night.journal import Journal
from ingest.relay import RelaySettings, run_relay
from tests.system.generated_night import START_NS, WHOSE, generated_night, newest
from tests.system.servers import Process, free_port, listens, program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.system.house import House

pytestmark = pytest.mark.system

HOURS = 2
# paho tries again after 1, 3, 7 and 15 s: the broker is back just before the last of these.
OUTAGE_S = 13.0
TICK_S = 0.1
WITHIN_S = 120.0
MOST_GROWTH_MB = 12.0
MOST_CPU = 0.25


def two_hours() -> list[Entry]:
    """Return what a collector with two sensors writes in two hours, in the order in which it does."""
    events = [entry for entry in generated_night(seed=21) if entry.topic_kind is TopicKind.EVENT]
    dated: list[tuple[int, Entry]] = [(onset_ns(entry), entry) for entry in events]
    for leg in (Leg.LEFT, Leg.RIGHT):
        for half_minute in range(HOURS * 120):
            start_ns = START_NS + half_minute * 30 * NS_PER_S
            for quantity in (Quantity.EMG, Quantity.ACCELERATION):
                epoch = Epoch(f"{leg}-shin", leg, quantity, start_ns, 30.0, {"valid_s": 30.0})
                dated.append((start_ns + 30 * NS_PER_S, epoch_entry(epoch, *WHOSE)))
        for minute in range(HOURS * 60):
            at_ns = START_NS + minute * 60 * NS_PER_S
            status = Status(f"{leg}-shin", StatusKind.BATTERY, 0, "", {"battery_pct": 90.0})
            dated.append((at_ns, health_entry(status, *WHOSE[:2], time_ns=at_ns)))
    return [entry for _, entry in sorted(dated, key=lambda pair: pair[0])]


def onset_ns(entry: Entry) -> int:
    onset = entry.body["onset_ns"]
    assert isinstance(onset, int)
    return onset


class Ear:
    """Somebody who hears every entry, and writes down what comes for the first time."""

    def __init__(self) -> None:
        self.first: dict[tuple[str, int], None] = {}
        self.n_again = 0
        self.subscribed = asyncio.Event()

    async def listen(self, link: MqttLink) -> None:
        while True:
            for signal in await link.signals(1.0):
                if isinstance(signal, Subscribed):
                    self.subscribed.set()
                elif isinstance(signal, Received):
                    entry = wire.decode(signal.topic, signal.payload).entry
                    self.n_again += (entry.key, entry.revision) in self.first
                    self.first.setdefault((entry.key, entry.revision))
                    link.acknowledge(signal)


@asynccontextmanager
async def listening(broker: BrokerAddress) -> AsyncIterator[Ear]:
    async with MqttLink(broker, Session("ear", wire.every_entry(), in_flight=500)) as link:
        ear = Ear()
        task = asyncio.create_task(ear.listen(link))
        await asyncio.wait_for(ear.subscribed.wait(), WITHIN_S)
        try:
            yield ear
        finally:
            task.cancel()


async def until(done: Callable[[], bool], what: str) -> None:
    until_s = time.monotonic() + WITHIN_S
    while not done():
        assert time.monotonic() < until_s, f"not within {WITHIN_S} s: {what}"
        await asyncio.sleep(0.05)


class Meter:
    """What the relay takes of the computer, looked at while the night goes on."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.rss_mb: list[float] = []

    def look(self) -> float:
        """Note its memory and return the seconds of CPU that it has taken."""
        self.rss_mb.append(self._process.memory_info().rss / 1e6)
        times = self._process.cpu_times()
        return float(times.user + times.system)


async def write_meanwhile(house: House, entries: list[Entry], meter: Meter) -> None:
    """Write entries at an even pace while the broker is away."""
    n_ticks = round(OUTAGE_S / TICK_S)
    start_s = time.monotonic()
    for tick in range(n_ticks):
        house.journal.put(entries[tick * len(entries) // n_ticks : (tick + 1) * len(entries) // n_ticks])
        meter.look()
        await asyncio.sleep(max(0.0, start_s + (tick + 1) * TICK_S - time.monotonic()))


async def test_after_two_hours_without_a_broker_everything_arrives_once_and_in_order(house: House) -> None:
    entries = two_hours()
    n_before = len(entries) // 20
    house.store.start()
    house.await_store()
    house.relay.start()
    assert house.relay._popen is not None
    async with listening(house.broker.address("store")) as ear:
        house.journal.put(entries[:n_before])
        await until(lambda: house.journal.counts().stored == len(newest(entries[:n_before])), "the first minutes")
        meter = Meter(house.relay._popen.pid)
        cpu_before_s, began_s = meter.look(), time.monotonic()
        house.broker.process.stop()
        await write_meanwhile(house, entries[n_before:], meter)
        cpu_share = (meter.look() - cpu_before_s) / (time.monotonic() - began_s)
        assert house.journal.counts().stored <= len(newest(entries[:n_before]))
        house.broker.start()
        settled = len(newest(entries))
        await until(lambda: bool(meter.look()) and house.journal.counts().stored == settled, "every entry confirmed")
        await until(lambda: newest(entries).keys() <= {key for key, _ in ear.first}, "every entry heard")
    house.assert_exactly_once(entries)
    assert len(house.database.rows("SELECT valid_s FROM leg_epoch")) == HOURS * 4 * 120
    in_order(ear, entries)
    assert max(meter.rss_mb) - meter.rss_mb[0] < MOST_GROWTH_MB, meter.rss_mb
    assert cpu_share < MOST_CPU, "the relay does next to nothing while the broker is away"


async def test_a_broker_that_takes_few_messages_at_a_time_gets_no_more_and_gets_all(tmp_path: Path) -> None:
    port = free_port()
    conf = tmp_path / "mosquitto.conf"
    conf.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\nmax_inflight_messages 20\n")
    server = Process([program("mosquitto"), "-c", str(conf)], tmp_path / "log")
    server.start()
    address = BrokerAddress("127.0.0.1", port)
    stop = asyncio.Event()
    try:
        await until(lambda: listens(port), "mosquitto listens")
        async with MqttLink(address, Session("look")) as link:
            (up,) = [signal for signal in await link.signals(WITHIN_S) if isinstance(signal, Up)]
        assert up.receive_maximum == 20
        with Journal(tmp_path / "journal.db") as journal:
            journal.put(two_hours()[:500])
            settings = RelaySettings("home", "bedroom", address, Delivery.BROKER)
            relay = asyncio.create_task(run_relay(journal, settings, stop))
            await until(lambda: not journal.waiting(Delivery.BROKER, 1), "everything is acknowledged")
            stop.set()
            await relay
    finally:
        server.kill()


def in_order(ear: Ear, entries: list[Entry]) -> None:
    """Check that what was heard for the first time came in the order in which it was written."""
    written = {(entry.key, entry.revision): number for number, entry in enumerate(entries)}
    # What the relay says of its outbox is in no journal.
    heard = [written[first] for first in ear.first if first in written]
    late = [(before, after) for before, after in pairwise(heard) if after < before]
    assert not late, f"{len(late)} of {len(heard)} came after later ones: {late[:5]}"
