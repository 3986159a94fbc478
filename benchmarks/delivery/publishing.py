"""From the journal to a confirmation out of the database, beside a bare client that publishes to a broker."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from benchmarks.load.stack import connected
from ingest import wire
from ingest.night.entries import Delivery
from ingest.relay import FIRST_RESEND_S, IN_FLIGHT
from tests.system.house import House
from tests.system.known_secrets import password_of
from tests.system.servers import ROOT, python, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ingest.night.entries import Entry
    from tests.system.servers import Influx, Mosquitto

WITHIN_S = 120.0
SITE, COLLECTOR = "home", "bedroom"


@contextmanager
def house(folder: Path, server: Mosquitto, target: Influx, first: Entry) -> Iterator[House]:
    """Run relay and writer, connected and warm: one entry has gone all the way."""
    folder.mkdir()
    built = House(folder, server, target)
    login = (str(server.port), "collector", password_of("collector"), repr(FIRST_RESEND_S))
    script = str(ROOT / "tests/system/relay_process.py")
    built.relay = python(script, str(folder / "journal.db"), *login, log=folder / "relay.log")
    try:
        built.store.start()
        wait_until(partial(connected, built.store.log), "the writer is connected", within_s=WITHIN_S)
        built.relay.start()
        confirm(built, [first])
        yield built
    finally:
        built.end()


def named(entries: Sequence[Entry], scoring: str) -> list[Entry]:
    """Return entries as those of another scoring: new to the journal and to the database."""
    return [replace(entry, scoring=scoring, key=entry.key.replace('"default"', f'"{scoring}"', 1)) for entry in entries]


def confirm(built: House, entries: Sequence[Entry]) -> float:
    """Put entries into the journal and wait until the database has them all; return entries per second."""
    built.journal.put(entries)
    began_s = time.perf_counter()
    wait_until(lambda: not built.journal.waiting(Delivery.STORE, 1), "every entry confirmed", within_s=WITHIN_S)
    return len(entries) / (time.perf_counter() - began_s)


@contextmanager
def bare_client(server: Mosquitto) -> Iterator[paho.Client]:
    """Connect a bare publisher with as much under way as the relay has."""
    client = paho.Client(CallbackAPIVersion.VERSION2, "bare", protocol=MQTTProtocolVersion.MQTTv5)
    client.username_pw_set("collector", password_of("collector"))
    client.max_inflight_messages_set(IN_FLIGHT)
    client.connect("127.0.0.1", server.port)
    client.loop_start()
    try:
        wait_until(client.is_connected, "the bare client is connected")
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


def publish_all(client: paho.Client, messages: Sequence[tuple[str, bytes]]) -> None:
    """Publish at QoS 1 and wait until the broker has taken all."""
    sent = [client.publish(topic, payload, qos=1) for topic, payload in messages]
    for one in sent:
        one.wait_for_publish(WITHIN_S)


def bare(server: Mosquitto, entries: Sequence[Entry]) -> float:
    """Publish the same payloads at QoS 1 with paho, to nobody; return how many the broker took in a second."""
    messages = [(wire.entry_topic(SITE, entry), wire.encode(entry, COLLECTOR)) for entry in entries]
    with bare_client(server) as client:
        began_s = time.perf_counter()
        publish_all(client, messages)
        return len(messages) / (time.perf_counter() - began_s)
