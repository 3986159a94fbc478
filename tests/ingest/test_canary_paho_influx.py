"""What the program relies on in paho, amqtt and influxdb-client; a red test here means: read their changelog."""

from __future__ import annotations

import inspect

from amqtt.contexts import BrokerConfig
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from urllib3.exceptions import HTTPError, ReadTimeoutError

from ingest.broker import embedded_broker


def make_client() -> paho.Client:
    return paho.Client(CallbackAPIVersion.VERSION2, client_id="canary", protocol=paho.MQTTv5, manual_ack=True)


def test_paho_leaves_the_acknowledgement_to_us_and_takes_it_by_number() -> None:
    assert list(inspect.signature(paho.Client.ack).parameters) == ["self", "mid", "qos"]
    client = make_client()
    assert client._manual_ack


def test_paho_queues_what_is_published_while_there_is_no_connection() -> None:
    info = make_client().publish("a", b"b", 1)
    assert (info.rc, info.mid) == (paho.MQTT_ERR_NO_CONN, 1)


def test_paho_queues_without_bound_unless_told_otherwise() -> None:
    assert make_client()._max_queued_messages == 0


def test_paho_keeps_trying_when_the_first_connection_fails() -> None:
    assert "retry_first_connection=True" in inspect.getsource(paho.Client._thread_main)


def test_paho_names_the_refusal_of_a_publish() -> None:
    refusal = ReasonCode(PacketTypes.PUBACK, identifier=135)
    assert (str(refusal), refusal.is_failure) == ("Not authorized", True)


def test_paho_says_of_a_message_whether_it_was_kept_and_whether_it_comes_again() -> None:
    message = paho.MQTTMessage(mid=1, topic=b"a")
    assert (message.retain, message.dup) == (False, False)


def test_paho_knows_the_connect_properties_that_we_set() -> None:
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = 3600
    properties.ReceiveMaximum = 500
    assert properties.json() == {"SessionExpiryInterval": 3600, "ReceiveMaximum": 500}


def test_influxdb_client_neither_retries_nor_batches_when_it_is_synchronous() -> None:
    client = InfluxDBClient(url="http://127.0.0.1:1", token="t", org="o")  # noqa: S106 - no secret
    assert client.retries is False
    api = client.write_api(write_options=SYNCHRONOUS)
    assert api._subject is None
    default = inspect.signature(api.write).parameters["write_precision"].default
    assert default == "ns"
    api.close()
    client.close()


def test_influxdb_client_reports_by_exceptions_that_we_catch() -> None:
    assert {"status", "body"} <= set(vars(ApiException(status=400, reason="r")))
    assert issubclass(ReadTimeoutError, HTTPError)


async def test_amqtt_tells_its_port_and_listens_on_loopback_alone() -> None:
    async with embedded_broker() as address:
        assert address.host == "127.0.0.1"
        assert address.port > 0


def test_amqtt_would_log_every_packet_unless_plugins_are_named() -> None:
    assert any("PacketLogger" in name for name in BrokerConfig().plugins or {})
