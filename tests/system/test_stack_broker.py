"""The deployed broker itself: TLS of one's own authority, and what a kill leaves behind."""

from __future__ import annotations

import asyncio
import re
import socket
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from ingest import wire
from ingest.mqtt import Acknowledged, Down, MqttLink, Received, Refused, Session, Subscribed, Up
from soleus.stack_tls import write_certificates
from tests.system.servers import READY_S, ROOT, Process, free_port, listens, mosquitto, program, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest.address import BrokerAddress
    from ingest.mqtt import Signal
    from tests.system.servers import Mosquitto

pytestmark = pytest.mark.system

ANNA = ("house", "anna", "attic")
UP, ACCEPTED = "up", "accepted"
EVENT = f"{wire.ROOT}/house/anna/event"
# Paho leaves the socket of a handshake that failed to the garbage collector.
LEFT_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path_factory.mktemp("broker") / "mosquitto", [f"anna:{':'.join(ANNA)}"], tls=True) as server:
        wait_until(lambda: listens(server.certificate_port), f"TLS: {server.home / 'log'}")
        yield server


def by_password(broker: Mosquitto) -> BrokerAddress:
    ca_file = str(broker.home / "secrets/tls/ca.crt")
    return replace(broker.address("anna"), host="localhost", port=broker.tls_port, tls=True, ca_file=ca_file)


def by_certificate(broker: Mosquitto, folder: Path | None = None) -> BrokerAddress:
    clients = (folder or broker.home / "secrets") / "clients"
    pair = {"client_cert": str(clients / "anna.crt"), "client_key": str(clients / "anna.key")}
    return replace(by_password(broker), port=broker.certificate_port, user=None, password=None, **pair)


async def answers(address: BrokerAddress, topic: str = EVENT) -> list[str]:
    """Connect, publish, and return what came of it."""
    found: list[Signal] = []
    async with MqttLink(address, Session("probe", persistent=False)) as link, asyncio.timeout(READY_S):
        while not any(isinstance(signal, Acknowledged | Refused | Down) for signal in found):
            found += await link.signals(READY_S)
            if [type(signal) for signal in found] == [Up]:
                link.publish(topic, b"{}")
    return [_in_a_word(signal) for signal in found]


def _in_a_word(signal: Signal) -> str:
    if isinstance(signal, Up):
        return UP
    return ACCEPTED if isinstance(signal, Acknowledged) and signal.refusal is None else str(signal)


async def test_a_password_works_over_tls(broker: Mosquitto) -> None:
    assert await answers(by_password(broker)) == [UP, ACCEPTED]


async def test_a_wrong_password_does_not_work_over_tls_either(broker: Mosquitto) -> None:
    refused, *_ = await answers(replace(by_password(broker), password="wrong"))  # noqa: S106 - a wrong one
    assert "Not authorized" in refused


async def test_a_certificate_is_an_account_with_its_rights(broker: Mosquitto) -> None:
    assert await answers(by_certificate(broker)) == [UP, ACCEPTED]
    *_, refused = await answers(by_certificate(broker), f"{wire.ROOT}/house/ben/event")
    assert "Not authorized" in refused


async def test_without_a_certificate_a_password_does_not_help_where_one_is_asked_for(broker: Mosquitto) -> None:
    address = replace(by_password(broker), port=broker.certificate_port)
    assert UP not in await answers(address)


@LEFT_OPEN
async def test_another_authority_is_trusted_by_neither_side(broker: Mosquitto, tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    write_certificates(tmp_path, ["anna"], [], datetime.now(UTC))
    theirs = str(tmp_path / "tls/ca.crt")
    assert UP not in await answers(replace(by_password(broker), ca_file=theirs))
    assert UP not in await answers(replace(by_password(broker), ca_file=None))
    assert UP not in await answers(by_certificate(broker, tmp_path))


@LEFT_OPEN
async def test_a_name_that_is_not_in_the_certificate_is_not_this_broker(broker: Mosquitto) -> None:
    assert UP not in await answers(replace(by_password(broker), host="127.1"))


async def test_without_certificates_there_is_no_listener_for_them(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "mosquitto") as plain:
        assert not listens(plain.tls_port)
        assert not listens(plain.certificate_port)


def test_the_broker_writes_into_its_volume_and_into_memory_only(broker: Mosquitto) -> None:
    fresh = {"config", "data", "log", "run", "secrets", "tls"}
    assert {path.name for path in broker.home.iterdir()} == fresh
    started = (broker.home / "config/mosquitto.conf").stat().st_mtime_ns
    written = {
        path.relative_to(broker.home).parts[0]
        for path in broker.home.rglob("*")
        if path.is_file() and path.stat().st_mtime_ns > started and not path.name.endswith(".conf")
    }
    assert written <= {"data", "log", "run"}
    assert not [path for path in (broker.home / "run").rglob("*") if path.stat().st_mode & 0o077]


async def _queue_and_retain(broker: Mosquitto) -> None:
    """Leave a session with a queue behind, and something retained."""
    async with MqttLink(broker.address("store"), Session("writer", [EVENT])) as link, asyncio.timeout(READY_S):
        while not any(isinstance(signal, Subscribed) for signal in await link.signals(READY_S)):
            pass
    async with MqttLink(broker.address("anna"), Session("anna", persistent=False)) as link, asyncio.timeout(READY_S):
        link.publish(EVENT, b"queued")
        last = link.publish(f"{wire.ROOT}/house/anna/night", b"retained", retain=True)
        while not any(isinstance(s, Acknowledged) and s.mid == last for s in await link.signals(READY_S)):
            pass


async def test_sessions_queues_and_what_is_retained_survive_a_kill(tmp_path: Path) -> None:
    with mosquitto(tmp_path / "mosquitto", [f"anna:{':'.join(ANNA)}"]) as server:
        await _queue_and_retain(server)
        saved = server.home / "data/mosquitto.db"
        wait_until(lambda: saved.exists() and b"retained" in saved.read_bytes(), "saved by itself")
        server.process.kill()
        server.start()
        found: list[Signal] = []
        async with MqttLink(server.address("store"), Session("writer", [EVENT])) as link, asyncio.timeout(READY_S):
            while not any(isinstance(signal, Received) for signal in found):
                found += await link.signals(READY_S)
        assert [signal.resumed for signal in found if isinstance(signal, Up)] == [True]
        assert [signal.payload for signal in found if isinstance(signal, Received)] == [b"queued"]
        reader = Session("reader", [f"{wire.ROOT}/+/+/night"], persistent=False)
        async with MqttLink(server.address("reader"), reader) as link, asyncio.timeout(READY_S):
            kept: list[Signal] = []
            while not any(isinstance(signal, Received) for signal in kept):
                kept += await link.signals(READY_S)
        assert [(signal.payload, signal.retained) for signal in kept if isinstance(signal, Received)] == [
            (b"retained", True)
        ]


@pytest.fixture
def door(broker: Mosquitto, tmp_path: Path) -> Iterator[dict[int, int]]:
    """Start the door of the profile tls in front of the broker; return its ports by those of the container."""
    conf = (ROOT / "deploy/door/nginx.conf").read_text()
    ports = {8883: free_port(), 8884: free_port()}
    for theirs, behind in ((8883, broker.tls_port), (8884, broker.certificate_port)):
        conf = conf.replace(f"listen {theirs};", f"listen 127.0.0.1:{ports[theirs]};")
        conf = conf.replace(f"mosquitto:{theirs}", f"127.0.0.1:{behind}")
    conf = conf.replace("/tmp/", f"{tmp_path}/")  # noqa: S108 - the container's own
    assert not re.search(r"listen \d+;|mosquitto:", conf)
    # The module is part of the container's nginx, and a package of its own here.
    (tmp_path / "nginx.conf").write_text(f"load_module modules/ngx_stream_module.so;\n{conf}")
    nginx = Process([program("nginx"), "-e", "stderr", "-c", str(tmp_path / "nginx.conf")], tmp_path / "nginx.log")
    nginx.start()
    try:
        wait_until(lambda: listens(ports[8884]), f"nginx: {tmp_path / 'nginx.log'}")
        yield ports
    finally:
        nginx.stop()


async def test_the_door_passes_on_what_is_encrypted_and_bounds_what_one_address_may_hold(
    broker: Mosquitto, door: dict[int, int], tmp_path: Path
) -> None:
    assert await answers(replace(by_password(broker), port=door[8883])) == [UP, ACCEPTED]
    assert await answers(replace(by_certificate(broker), port=door[8884])) == [UP, ACCEPTED]
    held: list[socket.socket] = []
    try:
        # The door looks at a connection some time after the system has taken it.
        wait_until(lambda: _one_more_is_closed(held, door[8883]), "one address holds too many")
        assert len(held) > 15
        assert "limiting connections by zone" in (tmp_path / "nginx.log").read_text()
    finally:
        for one in held:
            one.close()


def _one_more_is_closed(held: list[socket.socket], port: int) -> bool:
    """Open one more connection and return whether the door has closed it at once."""
    held.append(socket.create_connection(("127.0.0.1", port)))
    held[-1].settimeout(0.1)
    try:
        return held[-1].recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
