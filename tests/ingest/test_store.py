"""The writer between MQTT and InfluxDB: what is written, confirmed, set aside, and tried again."""

from __future__ import annotations

import asyncio
import re
import threading
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from detectors.events import Event, EventKind
from detectors.signal import Leg
from ingest import wire
from ingest.errors import StoreRejected
from ingest.mqtt import MqttLink, Received, Session, Subscribed
from ingest.night.entries import Confirmation, Entry, TopicKind, event_entry, event_of
from ingest.store import StoreSettings, run_store
from tests.scripted_influx import ACCEPTED, scripted_influx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from ingest.address import BrokerAddress
    from tests.scripted_influx import ScriptedInflux

WITHIN_S = 60.0
TOPIC = "soleus/v1/home/p1/event"


def event(number: int, **measures: float) -> Entry:
    return event_entry(
        Event(EventKind.LEG_MOVEMENT, "left-shin", Leg.LEFT, number, number + 10, {"peak_uv": 20.0, **measures}),
        *("p1", "n1", "default"),
    )


class Collector:
    """Publishes like a collector and hears what is confirmed."""

    def __init__(self, link: MqttLink) -> None:
        self.link = link
        self.confirmed: list[Confirmation] = []

    def say(self, *entries: Entry) -> None:
        for entry in entries:
            self.link.publish(wire.entry_topic("home", entry), wire.encode(entry, "bedroom"))

    async def hear(self, n_confirmed: int) -> list[Confirmation]:
        async with asyncio.timeout(WITHIN_S):
            while len(self.confirmed) < n_confirmed:
                for signal in await self.link.signals(1.0):
                    if isinstance(signal, Received):
                        self.confirmed += wire.decode_confirmations(signal.payload)
                        self.link.acknowledge(signal)
        return self.confirmed


async def subscribed(link: MqttLink) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not any(isinstance(signal, Subscribed) for signal in await link.signals(1.0)):
            pass


@asynccontextmanager
async def at_work(
    broker: BrokerAddress, server: ScriptedInflux, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Collector]:
    """Run a writer, and a collector that talks to it."""
    caplog.set_level("INFO", logger="ingest.store")
    stop = asyncio.Event()
    writer = asyncio.create_task(run_store(StoreSettings(broker, server.address), stop))
    heard = Session("collector", [wire.stored_topic("home", "bedroom")], persistent=False)
    async with MqttLink(broker, heard) as link:
        await subscribed(link)
        await until(lambda: "connected to the broker" in caplog.text)
        try:
            yield Collector(link)
        finally:
            stop.set()
            await writer


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not done():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.01)


async def test_what_is_written_is_confirmed(broker: BrokerAddress, caplog: pytest.LogCaptureFixture) -> None:
    entries = [event(number) for number in range(30)]
    with scripted_influx(lambda _: (ACCEPTED, "")) as server:
        async with at_work(broker, server, caplog) as collector:
            collector.say(*entries)
            confirmed = await collector.hear(30)
    assert set(confirmed) == {Confirmation(entry.key, "p1", 0) for entry in entries}
    assert len(server.accepted) == 30


@pytest.mark.slow
async def test_a_database_that_is_not_ready_is_asked_again(
    broker: BrokerAddress, caplog: pytest.LogCaptureFixture
) -> None:
    answers = iter([(ACCEPTED, ""), (503, ""), (429, "")])
    with scripted_influx(lambda _: next(answers, (ACCEPTED, ""))) as server:
        async with at_work(broker, server, caplog) as collector:
            collector.say(event(1))
            assert await collector.hear(1) == [Confirmation(event(1).key, "p1", 0)]
    assert caplog.text.count("trying again") == 2
    assert "p1" not in caplog.text


async def test_one_bad_point_is_found_among_good_ones(broker: BrokerAddress, caplog: pytest.LogCaptureFixture) -> None:
    entries = [event(number, **({"odd": 1.0} if number == 13 else {})) for number in range(40)]
    conflict = 'partial write: field type conflict: input field "odd" on measurement "leg_event" is type float'
    with scripted_influx(lambda body: (422, conflict) if "odd=" in body else (ACCEPTED, "")) as server:
        async with at_work(broker, server, caplog) as collector:
            collector.say(*entries)
            confirmed = await collector.hear(40)
    refused = Confirmation(entries[13].key, "p1", 0, accepted=False, reason="field type conflict")
    assert [one for one in confirmed if not one.accepted] == [refused]
    assert len(set(server.accepted)) == 39
    assert "field type conflict" in caplog.text


async def test_what_cannot_be_read_is_set_aside_and_holds_nobody_up(
    broker: BrokerAddress, caplog: pytest.LogCaptureFixture
) -> None:
    misfit = replace(event(7), key="misfit", body={"kind": "leg_movement"})
    diary = Entry(TopicKind.DIARY, "p1", "n1", "", "d", 0, valid=True, body={"text": "tea"})
    with scripted_influx(lambda _: (ACCEPTED, "")) as server:
        async with at_work(broker, server, caplog) as collector:
            long_collector = wire.encode(event(9), "bedroom").replace(b"bedroom", b"b" * 70_000)
            for payload in (b"", b"{", b"[1]", b'{"v": 9}', b'{"v": 1, "key": 3}', long_collector):
                collector.link.publish(TOPIC, payload)
            half_pair = wire.encode(replace(event(10), key="half"), "bedroom").replace(b'"half"', b'"\\ud800"')
            huge = wire.encode(event(11), "bedroom").replace(
                b'"duration_s":', b'"duration_s":1' + 400 * b"0" + b',"x":'
            )
            for payload in (half_pair, huge):
                collector.link.publish(TOPIC, payload)
            collector.say(misfit, diary, event(8))
            confirmed = await collector.hear(3)
    assert {one.key: one.accepted for one in confirmed} == {"misfit": False, "d": False, event(8).key: True}
    # Said at once, then at most once a minute and at the end: 7 that cannot be read and 2 that do not fit. The
    # empty one is how a broker is made to forget what it retained.
    said = [int(number) for number in re.findall(r"messages set aside: (\d+)", caplog.text)]
    assert sum(said) == 9
    assert len(caplog.text) < 70_000
    assert len(said) <= 2


async def test_two_homes_that_give_the_same_names_lose_nothing(
    broker: BrokerAddress, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = replace(event(1), person="p2", revision=9)
    senders = [
        ("home", "bedroom", event(1)),
        ("cabin", "bedroom", event(1)),
        ("home", "guestroom", event(1)),
        ("home", "bedroom", stranger),
    ]
    with scripted_influx(lambda _: (ACCEPTED, "")) as server:
        async with at_work(broker, server, caplog) as collector:
            for site, name, entry in senders:
                collector.link.publish(wire.entry_topic(site, entry), wire.encode(entry, name))
            await until(lambda: len(server.accepted) == len(senders))
    rows = re.findall(r"person=(\w+),.*site=(\w+)", "\n".join(server.accepted))
    assert sorted(rows) == [("p1", "cabin"), ("p1", "home"), ("p1", "home"), ("p2", "home")]


async def test_of_two_revisions_the_database_ends_with_the_newer(
    broker: BrokerAddress, caplog: pytest.LogCaptureFixture
) -> None:
    first = event(5)
    newer = replace(
        event_entry(replace(event_of(first), measures={"peak_uv": 30.0}), "p1", "n1", "default"), revision=1
    )
    with scripted_influx(lambda _: (ACCEPTED, "")) as server:
        async with at_work(broker, server, caplog) as collector:
            collector.say(first, newer)
            while Confirmation(first.key, "p1", 1) not in await collector.hear(len(collector.confirmed) + 1):
                pass
    assert "peak_uv=30.0" in server.accepted[-1]


async def test_a_database_that_refuses_us_at_the_start_ends_the_writer(broker: BrokerAddress) -> None:
    refused = pytest.raises(StoreRejected, match="does not let this token write to bucket 'legs'")
    with scripted_influx(lambda _: (403, "")) as server, refused:
        await run_store(StoreSettings(broker, server.address), asyncio.Event())


@pytest.mark.slow
async def test_a_writer_that_ends_says_what_it_did(broker: BrokerAddress, caplog: pytest.LogCaptureFixture) -> None:
    with scripted_influx(lambda _: (ACCEPTED, "")) as server:
        async with at_work(broker, server, caplog) as collector:
            collector.say(event(1), event(2))
            await collector.hear(2)
    (report,) = server.reports
    assert report.startswith("delivery,kind=writer,name=soleus-store n_entries=2.0,n_refused=0.0,n_unreadable=0.0,")


@pytest.mark.slow
async def test_a_writer_that_ends_while_it_writes_says_what_it_did(
    broker: BrokerAddress, caplog: pytest.LogCaptureFixture
) -> None:
    reported, writes = threading.Event(), threading.Event()

    def judge(body: str) -> tuple[int, str]:
        if body.startswith("delivery,kind=writer,"):
            reported.set()
        else:
            writes.set()
            # Until the report has come: it does not wait for this write.
            reported.wait(WITHIN_S)
        return ACCEPTED, ""

    with scripted_influx(judge) as server:
        async with at_work(broker, server, caplog) as collector:
            collector.say(event(1))
            await until(writes.is_set)
    assert reported.is_set()
