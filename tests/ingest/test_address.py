"""Addresses of brokers: what they say, and what they must not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ingest.address import BrokerAddress, Dialect
from ingest.mqtt import MqttLink, Session

if TYPE_CHECKING:
    from pathlib import Path


def test_an_address_gives_host_port_user_and_dialect() -> None:
    address = BrokerAddress.parse("mqtt://collector@broker.local:2883?protocol=3.1.1", "secret")
    assert address == BrokerAddress("broker.local", 2883, "collector", "secret", dialect=Dialect.MQTT_3_1_1)


def test_an_encrypted_address_has_its_own_port_and_certificates() -> None:
    address = BrokerAddress.parse("mqtts://broker?ca=/etc/soleus/ca.crt")
    assert (address.port, address.tls, address.ca_file) == (8883, True, "/etc/soleus/ca.crt")


@pytest.mark.parametrize(
    "url", ["broker:1883", "http://broker", "mqtt://", "mqtt://broker?qos=2", "mqtt://broker?protocol=4"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"expected mqtt|not a valid Dialect"):
        BrokerAddress.parse(url)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="holds a password") as refusal:
        BrokerAddress.parse("mqtt://user:hunter2@broker")
    assert "hunter2" not in str(refusal.value)


def test_neither_user_nor_password_is_printed() -> None:
    address = BrokerAddress.parse("mqtt://anna@broker", "hunter2")
    assert str(address) == "mqtt://broker:1883"
    assert "hunter2" not in repr(address)


async def test_a_certificate_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    certificate = str(tmp_path / "collector.crt")
    (tmp_path / "collector.crt").write_text("no certificate")
    for address, named in (
        (BrokerAddress("broker", tls=True, ca_file=f"{tmp_path}/ca.crt"), f"{tmp_path}/ca.crt"),
        (BrokerAddress("broker", tls=True, client_cert=certificate, client_key="b.key"), f"{certificate} with b.key"),
    ):
        with pytest.raises(OSError, match=r".") as refused:
            MqttLink(address, Session("probe"))
        assert (refused.value.filename, bool(refused.value.strerror)) == (named, True)
