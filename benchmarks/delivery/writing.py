"""From the broker into InfluxDB, and lines into InfluxDB, beside bare clients that do the same."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from benchmarks.delivery.publishing import COLLECTOR, SITE, bare_client, publish_all
from ingest import wire
from ingest.influx import InfluxWriter, Verdict
from ingest.points import points_of
from ingest.store import BATCH
from tests.system.known_secrets import password_of
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.influx import InfluxAddress
    from ingest.night.entries import Entry
    from tests.system.servers import Mosquitto

NAME = "bare-writer"
SESSION_S = 3600
WITHIN_S = 120.0


def batches_of(entries: Sequence[Entry]) -> list[list[str]]:
    """Return the lines of entries in batches, as a writer that always finds enough waiting makes them."""
    lines = lines_of(entries)
    return [[line for one in lines[start : start + BATCH] for line in one] for start in range(0, len(entries), BATCH)]


def lines_of(entries: Sequence[Entry]) -> list[list[str]]:
    """Return the lines of each entry."""
    delivered = (wire.decode(wire.entry_topic(SITE, entry), wire.encode(entry, COLLECTOR)) for entry in entries)
    return [[point.line() for point in points_of(one)] for one in delivered]


def lines(target: InfluxAddress, entries: Sequence[Entry]) -> float:
    """Write ready lines with our writer; return entries per second."""
    batches = batches_of(entries)
    with InfluxWriter(target) as writer:
        began_s = time.perf_counter()
        if any(writer.write(batch).verdict is not Verdict.ACCEPTED for batch in batches):
            raise RuntimeError("the database did not take a batch")
        return len(entries) / (time.perf_counter() - began_s)


def bare_lines(target: InfluxAddress, entries: Sequence[Entry]) -> float:
    """Write the same lines in the same batches with influxdb-client; return entries per second."""
    batches = batches_of(entries)
    with (
        InfluxDBClient(url=target.url, token=target.token, org=target.org) as client,
        closing(client.write_api(write_options=SYNCHRONOUS)) as api,
    ):
        began_s = time.perf_counter()
        for batch in batches:
            api.write(target.bucket, target.org, batch)
        return len(entries) / (time.perf_counter() - began_s)


class BareWriter:
    """The least between paho and influxdb-client: nothing is checked or confirmed, and the lines are known.

    paho acknowledges by itself when the callback returns, that is before the batch is written.
    """

    def __init__(self, server: Mosquitto, target: InfluxAddress, lines: dict[bytes, list[str]]) -> None:
        self._port = server.port
        self._address = target
        self._lines = lines
        self._batch: list[str] = []
        self._n_batched = self.n_written = 0
        self._influx = InfluxDBClient(url=target.url, token=target.token, org=target.org)
        self._api = self._influx.write_api(write_options=SYNCHRONOUS)
        self.client = paho.Client(CallbackAPIVersion.VERSION2, NAME, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.username_pw_set("store", password_of("store"))
        self.client.on_message = self._take
        self.subscribed = threading.Event()
        self.client.on_subscribe = lambda *_: self.subscribed.set()

    def connect(self) -> None:
        """Connect to the session that the broker keeps."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho leaves it untyped
        properties.SessionExpiryInterval = SESSION_S
        properties.ReceiveMaximum = BATCH
        self.client.connect("127.0.0.1", self._port, clean_start=False, properties=properties)
        self.client.loop_start()
        wait_until(self.client.is_connected, "the bare writer is connected")

    def disconnect(self) -> None:
        """Leave; the broker keeps what comes meanwhile."""
        self.client.disconnect()
        self.client.loop_stop()

    def close(self) -> None:
        """Give everything back."""
        self.disconnect()
        self._api.close()  # type: ignore[no-untyped-call] # the client leaves it untyped
        self._influx.close()  # type: ignore[no-untyped-call] # the client leaves it untyped

    def _take(self, _client: paho.Client, _userdata: object, message: paho.MQTTMessage) -> None:
        self._batch += self._lines[bytes(message.payload)]
        self._n_batched += 1
        if self._n_batched == BATCH or self.n_written + self._n_batched == len(self._lines):
            self._api.write(self._address.bucket, self._address.org, self._batch)
            self.n_written += self._n_batched
            self._batch, self._n_batched = [], 0


def bare_drain(server: Mosquitto, target: InfluxAddress, entries: Sequence[Entry]) -> float:
    """Let entries wait at the broker and write them with the bare clients; return entries per second."""
    messages = [(wire.entry_topic(SITE, entry), wire.encode(entry, COLLECTOR)) for entry in entries]
    ready = dict(zip([payload for _, payload in messages], lines_of(entries), strict=True))
    with closing(BareWriter(server, target, ready)) as writer:
        writer.connect()
        writer.client.subscribe([(topic, 1) for topic in wire.every_entry()])
        if not writer.subscribed.wait(WITHIN_S):
            raise TimeoutError(f"no subscription within {WITHIN_S} s")
        writer.disconnect()
        with bare_client(server) as client:
            publish_all(client, messages)
        began_s = time.perf_counter()
        writer.connect()
        wait_until(lambda: writer.n_written == len(messages), "everything is written", within_s=WITHIN_S)
        return len(entries) / (time.perf_counter() - began_s)
