"""From the journal to a broker and back: what is marked, what is sent again, and what is never said."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from ingest import wire
from ingest.address import BrokerAddress, Dialect
from ingest.mark_ear import MarkEar
from ingest.mqtt import Acknowledged, MqttLink, Received, Session
from ingest.night.entries import Confirmation, Delivery
from tests.broker_process import broker_process
from tests.relay_scene import WITHIN_S, entry, listener, relay, until
from tests.system.servers import free_port

if TYPE_CHECKING:
    from ingest.night.journal import Journal


@pytest.mark.slow
async def test_the_brokers_acknowledgement_empties_the_outbox(journal: Journal, broker: BrokerAddress) -> None:
    journal.put([entry(number) for number in range(600)])
    async with relay(journal, broker, Delivery.BROKER):
        await until(lambda: journal.counts().published == 600)
    assert journal.waiting(Delivery.BROKER) == []
    assert journal.counts().stored == 0


@pytest.mark.slow
async def test_what_is_written_while_the_relay_runs_follows_at_once(journal: Journal, broker: BrokerAddress) -> None:
    async with listener(broker) as ear, relay(journal, broker, Delivery.BROKER):
        journal.put([entry(1)])
        await until(lambda: len(ear.entries) == 1)
        journal.put([entry(1, 1)])
        await until(lambda: len(ear.entries) > 1)
    assert ear.entries == [("key 1", 0, 0), ("key 1", 1, 0)]


@pytest.mark.slow
async def test_an_entry_is_sent_again_until_a_writer_confirms_it(journal: Journal, broker: BrokerAddress) -> None:
    journal.put([entry(1), entry(2)])
    async with listener(broker) as ear, relay(journal, broker, Delivery.STORE):
        await until(lambda: ear.entries.count(("key 1", 0, 0)) > 2)
        ear.confirm(Confirmation("key 1", "p1", 0))
        await until(lambda: journal.counts().stored == 1)
        # What was said before the confirmation came has been heard when this one is.
        journal.put([entry(3)])
        await until(lambda: ("key 3", 0, 0) in ear.entries)
        n_heard = ear.entries.count(("key 1", 0, 0))
        n_other = ear.entries.count(("key 2", 0, 0))
        await until(lambda: ear.entries.count(("key 2", 0, 0)) > n_other + 1)
        assert ear.entries.count(("key 1", 0, 0)) <= n_heard + 1


@pytest.mark.slow
async def test_a_late_confirmation_of_an_older_revision_brings_the_newest_again(
    journal: Journal, broker: BrokerAddress
) -> None:
    journal.put([entry(1, 3)])
    async with listener(broker) as ear, relay(journal, broker, Delivery.STORE):
        await until(lambda: ("key 1", 3, 0) in ear.entries)
        ear.confirm(Confirmation("key 1", "p1", 3), Confirmation("key 1", "p1", 2))
        await until(lambda: ("key 1", 3, 1) in ear.entries)
        assert journal.counts().stored == 0
        ear.confirm(Confirmation("key 1", "p1", 3, 1))
        await until(lambda: journal.counts().stored == 1)
    assert journal.waiting(Delivery.STORE) == []
    assert {revision for _, revision, _ in ear.entries} == {3}


async def test_what_replaced_an_older_revision_goes_once_more_with_the_next_connection(
    journal: Journal, broker: BrokerAddress
) -> None:
    journal.put([entry(1)])
    journal.put([entry(1, 1), entry(2)])
    journal.stored([Confirmation("key 1", "p1", 1), Confirmation("key 2", "p1", 0)])
    assert not journal.waiting(Delivery.STORE)
    async with listener(broker) as ear, relay(journal, broker, Delivery.STORE):
        await until(lambda: ("key 1", 1, 1) in ear.entries)
        assert journal.counts().stored == 1


@pytest.mark.slow
async def test_a_confirmation_that_no_journal_can_hold_stops_nobody(journal: Journal, broker: BrokerAddress) -> None:
    journal.put([entry(1)])
    good = wire.encode_confirmations([Confirmation("key 1", "p1", 0)])
    bad = [good.replace(b'"revision":0', b'"revision":1' + 400 * b"0"), good.replace(b'"key 1"', b'"\\ud800"')]
    async with listener(broker) as ear, relay(journal, broker, Delivery.STORE):
        await until(lambda: bool(ear.entries))
        for payload in (*bad, good):
            ear.link.publish(wire.stored_topic("home", "bedroom"), payload)
        await until(lambda: journal.counts().stored == 1)
    assert journal.waiting(Delivery.STORE) == []
    assert set(ear.entries) == {("key 1", 0, 0)}


@pytest.mark.slow
async def test_a_dead_writer_costs_a_bounded_number_of_messages(journal: Journal, broker: BrokerAddress) -> None:
    journal.put([entry(number) for number in range(600)])
    async with listener(broker) as ear, relay(journal, broker, Delivery.STORE):
        await until(lambda: len(set(ear.entries)) == 600)
        await until(lambda: len(ear.entries) > 600)
    # Passes after 0.1, 0.2, 0.4 s and so on, so at most 11 in all this patience, each of 200 messages at most.
    assert len(ear.entries) <= 600 + 11 * 200


async def test_delivery_none_sends_nothing(journal: Journal) -> None:
    journal.put([entry(1)])
    nowhere = BrokerAddress("127.0.0.1", 1, dialect=Dialect.MQTT_3_1_1)
    async with relay(journal, nowhere, Delivery.NONE):
        pass
    assert journal.counts().published == 0


async def test_a_collector_says_when_it_comes_and_goes(journal: Journal, broker: BrokerAddress) -> None:
    topic = wire.availability_topic("home", "bedroom")
    online, offline = (topic, wire.encode_availability(wire.ONLINE)), (topic, wire.encode_availability(wire.OFFLINE))
    async with listener(broker) as ear:
        async with relay(journal, broker, Delivery.BROKER):
            await until(lambda: online in ear.heard)
        await until(lambda: ear.heard[-1] == offline)
        async with MqttLink(broker, Session("late", ["soleus/v1/#"])) as late:
            async with asyncio.timeout(WITHIN_S):
                kept: list[Received] = []
                while not kept:
                    kept = [signal for signal in await late.signals(1.0) if isinstance(signal, Received)]
            assert (kept[0].topic, kept[0].payload) == offline


@pytest.mark.slow
async def test_a_marker_from_a_button_is_heard_while_somebody_listens_and_not_afterwards(
    journal: Journal, broker: BrokerAddress
) -> None:
    labels: list[str] = []
    topic, pressed = wire.mark_topic("home", "p1"), [b"cramp", b'{"label": "urge"}', b"", b"{}", b"\xff", b"7"]
    journal.put([entry(1)])
    async with listener(broker) as ear:
        async with relay(journal, broker, Delivery.BROKER, MarkEar(wire.mark_topic("home", "p1"), labels.append)):
            await until(lambda: journal.counts().published == 1)
            while not labels:
                ear.link.publish(topic, pressed[0])
                await asyncio.sleep(0.05)
            for payload in pressed[1:]:
                ear.link.publish(topic, payload)
            # More of the first may still be on their way.
            await until(lambda: labels[-len(pressed) + 1 :] == ["urge", "", "", "\ufffd", "7"])
        ear.link.publish(topic, b"nobody there")
        await until(lambda: (topic, b"nobody there") in ear.heard)
        async with relay(journal, broker, Delivery.BROKER, MarkEar(wire.mark_topic("home", "p1"), labels.append)):
            journal.put([entry(2)])
            await until(lambda: journal.counts().published == 2)
    assert "nobody there" not in labels


async def kept_by(broker: BrokerAddress, topic: str, payload: bytes) -> None:
    async with MqttLink(broker, Session("button")) as button, asyncio.timeout(WITHIN_S):
        mid = button.publish(topic, payload, retain=True)
        while not any(isinstance(one, Acknowledged) and one.mid == mid for one in await button.signals(1.0)):
            pass


@pytest.mark.slow
async def test_a_retained_mark_is_not_a_new_marker_at_each_start(journal: Journal, broker: BrokerAddress) -> None:
    labels: list[str] = []
    topic = wire.mark_topic("home", "p1")
    journal.put([entry(1)])
    async with listener(broker) as ear:
        await kept_by(broker, topic, b"retained")
        async with relay(journal, broker, Delivery.BROKER, MarkEar(wire.mark_topic("home", "p1"), labels.append)):
            while "live" not in labels:
                ear.link.publish(topic, b"live")
                await asyncio.sleep(0.05)
        await kept_by(broker, topic, b"")
    assert set(labels) == {"live"}


@pytest.mark.slow
async def test_a_broker_that_is_away_is_waited_for_and_nothing_personal_is_logged(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    gone = BrokerAddress("127.0.0.1", port, dialect=Dialect.MQTT_3_1_1)
    journal.put([entry(1)])
    with caplog.at_level(logging.DEBUG):
        async with relay(journal, gone, Delivery.BROKER):
            with broker_process(port):
                await until(lambda: journal.counts().published == 1)
    assert "p1" not in caplog.text
