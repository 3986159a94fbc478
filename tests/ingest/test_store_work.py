"""A writer between a connection of ours and a scripted database: what is written, set aside, confirmed, held."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from detectors.events import Event, EventKind
from detectors.signal import Leg
from ingest import wire
from ingest.address import BrokerAddress
from ingest.influx import InfluxWriter
from ingest.mqtt import Received, Subscribed, Up
from ingest.night.entries import Entry, TopicKind, event_entry
from ingest.store import BATCH, Store, StoreSettings
from tests.scripted_influx import ACCEPTED, scripted_influx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from ingest.mqtt import Signal
    from ingest.night.entries import Confirmation
    from tests.scripted_influx import ScriptedInflux

WITHIN_S = 60.0
LAST = 9999
PERSON = "anna"
CONFLICT = (
    '{"error":"partial write: field type conflict: input field \\"odd\\" on measurement \\"leg_event\\" is type float, '
    'already exists as type integer dropped=1"}'
)


class Connection:
    """A connection whose other end is the test."""

    def __init__(self) -> None:
        self._signals: asyncio.Queue[Signal] = asyncio.Queue()
        self._changed = asyncio.Event()
        self.confirmed: list[Confirmation] = []
        self.acknowledged: list[int] = []

    def bring(self, *signals: Signal) -> None:
        for signal in signals:
            self._signals.put_nowait(signal)

    async def signals(self, wait_s: float) -> list[Signal]:
        try:
            async with asyncio.timeout(wait_s):
                found = [await self._signals.get()]
        except TimeoutError:
            return []
        while not self._signals.empty():
            found.append(self._signals.get_nowait())
        return found

    def publish(self, topic: str, payload: bytes) -> None:
        assert topic == "soleus/v1/home/bedroom/stored"
        self.confirmed += wire.decode_confirmations(payload)

    def acknowledge(self, message: Received) -> None:
        self.acknowledged.append(message.mid)
        self._changed.set()

    async def settled(self, last: int) -> None:
        """Wait until the message of that number is acknowledged."""
        async with asyncio.timeout(WITHIN_S):
            while last not in self.acknowledged:
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def at_work(judge: Callable[[str], tuple[int, str]]) -> AsyncIterator[tuple[Connection, ScriptedInflux]]:
    connection = Connection()
    with scripted_influx(judge) as server, InfluxWriter(server.address) as influx:
        settings = StoreSettings(BrokerAddress("nowhere"), server.address, first_retry_s=0.02)
        task = asyncio.create_task(Store(connection, influx, settings).run())
        connection.bring(Up(resumed=False), Subscribed())
        try:
            yield connection, server
        finally:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


def event(number: int, **measures: float) -> Entry:
    found = Event(EventKind.CRAMP, "left-calf", Leg.LEFT, number, number + 10, {"peak_uv": 20.0, **measures})
    return event_entry(found, PERSON, "n1", "default")


def message(entry: Entry, number: int, connection: int = 1) -> Received:
    return Received(wire.entry_topic("home", entry), wire.encode(entry, "bedroom"), number, connection)


@pytest.mark.parametrize("status", [400, 422])
async def test_a_bad_point_is_set_aside_alone_with_its_reason(status: int, caplog: pytest.LogCaptureFixture) -> None:
    entries = [event(number, **({"odd": 1.0} if number in {3, 50} else {})) for number in range(60)]
    async with at_work(lambda body: (status, CONFLICT) if "odd=" in body else (ACCEPTED, "")) as (connection, server):
        connection.bring(*(message(entry, number) for number, entry in enumerate(entries)))
        await connection.settled(59)
    aside = {said.key: said.reason for said in connection.confirmed if not said.accepted}
    reason = "field type conflict: odd of leg_event is integer in the database, and float here"
    assert aside == {entries[3].key: reason, entries[50].key: reason}
    assert len(connection.confirmed) == 60
    assert len(set(server.accepted)) == 58
    assert f"messages set aside: 2, the last because {reason}" in caplog.text
    assert PERSON not in caplog.text


async def test_413_halves_the_batch_until_it_fits() -> None:
    requests: list[int] = []

    def judge(body: str) -> tuple[int, str]:
        requests.append(len(body))
        return (413, "<html>") if len(body) > 2000 else (ACCEPTED, "")

    async with at_work(judge) as (connection, server):
        connection.bring(*(message(event(number), number) for number in range(40)))
        await connection.settled(39)
    assert len(connection.confirmed) == 40
    assert all(said.accepted for said in connection.confirmed)
    assert len(set(server.accepted)) == 40
    assert requests[0] > 2000


async def test_413_for_a_single_point_sets_it_aside() -> None:
    body = {"kind": "remedy", "time_ns": 4, "text": "x" * 5000, "values": {}}
    note = Entry(TopicKind.DIARY, PERSON, "n1", "", "note", 0, valid=True, body=body)
    async with at_work(lambda body: (413, "") if len(body) > 2000 else (ACCEPTED, "")) as (connection, _):
        connection.bring(message(event(1), 0), message(note, 1), message(event(2), 2))
        await connection.settled(2)
    assert {said.key: said.reason for said in connection.confirmed} == {
        event(1).key: "",
        event(2).key: "",
        "note": "it is larger than what InfluxDB takes at once (HTTP 413)",
    }


@pytest.mark.slow
@pytest.mark.parametrize("status", [401, 403, 404, 429, 503])
async def test_nothing_is_confirmed_or_acknowledged_before_the_database_has_it(status: int) -> None:
    n_asked = 0
    heard_before: list[int] = []

    def judge(_: str) -> tuple[int, str]:
        nonlocal n_asked
        n_asked += 1
        heard_before.append(len(connection.acknowledged) + len(connection.confirmed))
        return (status, "no") if n_asked < 4 else (ACCEPTED, "")

    async with at_work(judge) as (connection, server):
        connection.bring(message(event(1), 0))
        await connection.settled(0)
    assert heard_before == [0, 0, 0, 0]
    assert len(server.accepted) == 1
    assert [said.accepted for said in connection.confirmed] == [True]


async def test_what_does_not_fit_the_schema_is_set_aside_without_saying_what_it_says(
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = {"kind": "remedy", "time_ns": 4, "text": ["Anna", "took", "tea"], "values": {}}
    note = Entry(TopicKind.DIARY, PERSON, "n1", "", "note", 0, valid=True, body=body)
    async with at_work(lambda _: (ACCEPTED, "")) as (connection, _):
        connection.bring(message(note, 0))
        await connection.settled(0)
    (said,) = connection.confirmed
    assert said.reason == "diary does not fit the schema: text is a list, expected a string"
    assert "tea" not in caplog.text


async def test_messages_that_come_again_after_each_lost_connection_are_held_once() -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    away = True

    def judge(_: str) -> tuple[int, str]:
        loop.call_soon_threadsafe(asked.set)
        return (503, "") if away else (ACCEPTED, "")

    async with at_work(judge) as (connection, server):
        connection.bring(message(event(0), 0))
        await asked.wait()
        for number in range(2, 12):
            connection.bring(Up(resumed=True), *(message(event(n), n, number) for n in range(40)))
        connection.bring(message(event(40), LAST, 11))
        away = False
        await connection.settled(LAST)
    # The one that it was at when the connection was lost, and then what the last connection brought, once.
    assert connection.acknowledged == [0, *range(40), LAST]
    assert len(set(server.accepted)) == 41


async def test_of_a_newer_revision_that_is_refused_the_collector_hears_what_became_of_the_older_one() -> None:
    older, newer = event(1), replace(event(1), revision=1)
    async with at_work(lambda _: (400, "no")) as (connection, _):
        connection.bring(message(newer, 0), message(older, 1), message(event(2), LAST))
        await connection.settled(LAST)
    assert sorted((one.key, one.revision, one.accepted) for one in connection.confirmed) == sorted(
        (entry.key, entry.revision, False) for entry in (older, newer, event(2))
    )


@pytest.mark.slow
async def test_messages_of_a_broker_that_forgets_us_again_and_again_do_not_pile_up() -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    away = True

    def judge(_: str) -> tuple[int, str]:
        loop.call_soon_threadsafe(asked.set)
        return (503, "") if away else (ACCEPTED, "")

    async with at_work(judge) as (connection, _):
        connection.bring(message(event(0), 0))
        await asked.wait()
        for number in range(2, 12):
            connection.bring(Up(resumed=False), *(message(event(n), n, number) for n in range(BATCH)))
        connection.bring(message(event(BATCH), LAST, 11))
        away = False
        await connection.settled(LAST)
    assert len(connection.acknowledged) <= 2 * BATCH + 2


async def test_messages_of_a_broker_that_forgot_us_are_kept() -> None:
    gate = iter([(503, "")])
    async with at_work(lambda _: next(gate, (ACCEPTED, ""))) as (connection, server):
        connection.bring(message(event(0), 0), message(event(1), 1), Up(resumed=False), message(event(2), 2, 2))
        await connection.settled(2)
    assert len(server.accepted) == 3
