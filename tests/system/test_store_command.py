"""``soleus store`` against real servers: one line when it is refused; and what the broker's access list allows."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ingest import wire
from ingest.mqtt import Acknowledged, MqttLink, Received, Session, Subscribed
from ingest.night.entries import TopicKind
from tests.system.known_secrets import password_of
from tests.system.servers import READY_S, ROOT

if TYPE_CHECKING:
    from ingest.address import BrokerAddress
    from ingest.influx import InfluxAddress
    from tests.system.servers import Influx, Mosquitto

pytestmark = pytest.mark.system


def store(broker: BrokerAddress, database: InfluxAddress, *options: str) -> subprocess.CompletedProcess[str]:
    login = f"{broker.user}@" if broker.user else ""
    argv = ["-m", "soleus", "store", "--broker", f"mqtt://{login}{broker.host}:{broker.port}"]
    argv += ["--influx", database.url, "--bucket", database.bucket, *options]
    environ = {"SOLEUS_MQTT_PASSWORD": broker.password or "", "SOLEUS_STORE_TOKEN": database.token}
    return subprocess.run(
        [sys.executable, *argv], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=READY_S, check=False
    )


def test_the_check_says_in_one_line_that_both_sides_let_us_in(broker: Mosquitto, database: Influx) -> None:
    done = store(broker.address("store"), database.address(), "--check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ok: broker mqtt://127.0.0.1:")
    assert done.stdout.count("\n") == 1
    assert database.query("SHOW MEASUREMENTS") == []


@pytest.mark.parametrize(
    ("user", "login", "bucket", "says"),
    [
        ("store", "wrong", "soleus", "does not accept the token"),
        ("grafana", password_of("grafana"), "soleus", "does not let this token write to bucket 'soleus'"),
        ("store", password_of("store"), "nothing", "has no bucket 'nothing'"),
    ],
)
def test_a_refusal_of_the_database_is_one_clear_line(
    broker: Mosquitto, database: Influx, user: str, login: str, bucket: str, says: str
) -> None:
    address = database.address(user, login, bucket=bucket)
    for options, code in ((["--check"], 1), ([], 2)):
        done = store(broker.address("store"), address, *options)
        assert done.returncode == code
        assert done.stderr.count("\n") == 1
        assert says in done.stderr
        assert login not in done.stderr


@pytest.mark.parametrize("password", ["wrong", None])
def test_a_refusal_of_the_broker_is_one_clear_line(broker: Mosquitto, database: Influx, password: str | None) -> None:
    address = broker.address("store", password) if password else replace(broker.address("store"), user=None)
    for options, code in ((["--check"], 1), ([], 2)):
        done = store(address, database.address(), *options)
        assert done.returncode == code
        assert done.stderr.splitlines()[-1] == "soleus: the broker does not let us in: Not authorized"


async def publish(broker: BrokerAddress, topic: str) -> str | None:
    """Publish something and return why the broker refuses it."""
    async with MqttLink(broker, Session("probe", persistent=False)) as link, asyncio.timeout(READY_S):
        link.publish(topic, b"{}")
        while True:
            for signal in await link.signals(READY_S):
                if isinstance(signal, Acknowledged):
                    return signal.refusal


async def test_a_collector_may_say_what_it_found_and_not_what_was_stored(broker: Mosquitto) -> None:
    address = broker.address("collector")
    for kind in TopicKind:
        assert await publish(address, f"{wire.ROOT}/bedroom/p1/{kind}") is None
    assert await publish(address, wire.availability_topic("home", "bedroom")) is None
    assert await publish(address, wire.stored_topic("home", "bedroom")) == "Not authorized"
    assert await publish(address, "elsewhere") == "Not authorized"


async def test_a_writer_may_say_what_it_stored_and_no_event(broker: Mosquitto) -> None:
    address = broker.address("store")
    assert await publish(address, wire.stored_topic("home", "bedroom")) is None
    assert await publish(address, f"{wire.ROOT}/bedroom/p1/event") == "Not authorized"


async def test_a_collector_does_not_hear_what_others_found(broker: Mosquitto) -> None:
    nosy = Session("nosy", [f"{wire.ROOT}/#"], persistent=False)
    heard: list[str] = []
    async with MqttLink(broker.address("collector"), nosy) as link, asyncio.timeout(READY_S):
        while not any(isinstance(signal, Subscribed) for signal in await link.signals(READY_S)):
            pass
        await publish(broker.address("collector"), f"{wire.ROOT}/bedroom/p1/event")
        await publish(broker.address("store"), wire.stored_topic("home", "bedroom"))
        while wire.stored_topic("home", "bedroom") not in heard:
            heard += [signal.topic for signal in await link.signals(READY_S) if isinstance(signal, Received)]
    assert f"{wire.ROOT}/bedroom/p1/event" not in heard
