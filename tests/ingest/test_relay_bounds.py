"""What waits for a broker or a writer costs bounded memory, and what is stuck holds up nothing behind it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from ingest.address import BrokerAddress
from ingest.mqtt import MOST_QUEUED, Acknowledged, MqttLink, Session
from ingest.night.entries import Confirmation, Delivery, Entry, TopicKind
from ingest.night.journal import Journal
from ingest.recent import Recent
from ingest.relay import IN_FLIGHT, MOST_BYTES
from tests.relay_scene import WITHIN_S, entry, listener, relay, until
from tests.system.valve import Valve

if TYPE_CHECKING:
    from pathlib import Path


# The scorer of a night with two sensors writes every half second.
MOST_WAIT_S = 2.0


def test_what_was_sent_a_moment_ago_is_known_for_that_moment_only() -> None:
    now_s = 0.0
    recent = Recent[str](5.0, most=100, clock_s=lambda: now_s)
    recent.add("a")
    now_s = 4.0
    assert "a" in recent
    recent.add("b")
    now_s = 5.0
    assert ("a" in recent, "b" in recent) == (False, True)
    recent.add("b")
    assert len(recent) == 1, "what is no longer recent is forgotten"
    recent.discard("b")
    assert "b" not in recent


def test_however_much_is_sent_at_once_only_the_newest_of_it_is_remembered() -> None:
    recent = Recent[int](5.0, most=100, clock_s=lambda: 0.0)
    for number in range(1000):
        recent.add(number)
    assert (len(recent), 899 in recent, 900 in recent) == (100, False, True)


@pytest.mark.slow
async def test_a_connection_that_is_away_holds_a_bounded_number_of_messages() -> None:
    async with MqttLink(BrokerAddress("127.0.0.1", 1), Session("nobody")) as link, asyncio.timeout(WITHIN_S):
        numbers = [link.publish("soleus/v1/home/bedroom/stored", b"{}") for _ in range(MOST_QUEUED + 2)]
        refused: list[Acknowledged] = []
        while len(refused) < 2:
            refused += [signal for signal in await link.signals(1.0) if isinstance(signal, Acknowledged)]
    assert [one.mid for one in refused] == numbers[-2:]
    assert all(one.refusal for one in refused)


@pytest.mark.slow
@pytest.mark.parametrize("delivery", [Delivery.BROKER, Delivery.STORE])
async def test_what_cannot_be_sent_is_set_aside_with_its_reason(
    journal: Journal, broker: BrokerAddress, delivery: Delivery
) -> None:
    clash = Entry(TopicKind.EVENT, "p1", "n1", "default", "clash", 0, valid=True, body={"night": "taken"})
    large = Entry(TopicKind.NIGHT, "p1", "n1", "default", "large", 0, valid=True, body={"summary": "." * MOST_BYTES})
    journal.put([clash, large, entry(1)])
    async with relay(journal, broker, delivery):
        await until(lambda: (journal.counts().published, journal.counts().rejected) == (1, 2))
    reasons = {aside.key: aside.reason for aside in journal.outbox(delivery).set_aside}
    assert "names that belong to the envelope" in reasons["clash"]
    assert f"expected at most {MOST_BYTES}" in reasons["large"]
    assert "clash" not in {waiting.entry.key for waiting in journal.waiting(delivery)}


@pytest.mark.slow
async def test_a_link_that_swallows_everything_neither_blocks_the_journal_nor_fills_the_memory(
    tmp_path: Path, journal: Journal, broker: BrokerAddress
) -> None:
    valve = Valve(broker.port)
    through = BrokerAddress("127.0.0.1", valve.port, dialect=broker.dialect)
    try:
        with Journal(tmp_path / "journal.db", busy_s=MOST_WAIT_S) as relays:
            async with listener(broker) as ear, relay(relays, through, Delivery.STORE):
                journal.put([entry(1)])
                await until(lambda: journal.counts().published == 1)
                valve.swallow()
                for number in range(2, 2002, 100):
                    began_s = time.monotonic()
                    journal.put([entry(number + more) for more in range(100)])
                    assert time.monotonic() - began_s < MOST_WAIT_S
                    await asyncio.sleep(0)
                # Whoever waits, the relay goes on looking at its journal: what it hears next it marks.
                ear.confirm(Confirmation("key 1", "p1", 0))
                await until(lambda: journal.counts().stored == 1)
        assert journal.counts().published == 1
        assert {key for key, _, _ in ear.entries} == {"key 1"}
    finally:
        valve.close()


@pytest.mark.slow
async def test_what_is_never_confirmed_holds_up_nothing_behind_it(journal: Journal, broker: BrokerAddress) -> None:
    stuck = {f"key {number}" for number in range(IN_FLIGHT + 50)}
    behind = [entry(number) for number in range(1000, 1020)]
    journal.put([entry(number) for number in range(IN_FLIGHT + 50)])
    journal.put(behind)
    async with listener(broker) as ear, relay(journal, broker, Delivery.STORE):
        await until(lambda: len(set(ear.entries)) == IN_FLIGHT + 70)
        n_heard = len(ear.entries)
        # The first time the writer was away; it comes back and takes whatever is sent again, but for what is stuck.
        await until(lambda: {key for key, _, _ in ear.entries[n_heard:]} >= {one.key for one in behind})
        ear.confirm(*(Confirmation(one.key, "p1", 0) for one in behind))
        await until(lambda: journal.counts().stored == len(behind))
    assert {waiting.entry.key for waiting in journal.waiting(Delivery.STORE, 1000)} == stuck
