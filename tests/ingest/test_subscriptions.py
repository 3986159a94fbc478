"""What a refused subscription means: the end for a topic that is needed, a word in the log for one that is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from ingest.address import BrokerAddress
from ingest.mqtt import Down, MqttLink, Refused, Session, Signal, Subscribed

if TYPE_CHECKING:
    from collections.abc import Sequence

NOWHERE = BrokerAddress("127.0.0.1", 1)
SESSION = Session("canary", ["stored"], fleeting=["mark"], optional=["note"])
GRANTED, NOT_AUTHORISED = 1, 135


async def answered(identifiers: Sequence[int]) -> list[Signal]:
    """Return what a link says when the broker answers its subscriptions so."""
    reasons = [ReasonCode(PacketTypes.SUBACK, identifier=identifier) for identifier in identifiers]
    async with MqttLink(NOWHERE, SESSION) as link:
        link._on_subscribe(link._client, None, 1, reasons, None)
        found: list[Signal] = []
        while not any(isinstance(signal, Subscribed | Refused) for signal in found):
            found += await link.signals(1.0)
        return [signal for signal in found if not isinstance(signal, Down)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("identifiers", "without"),
    [
        ((GRANTED, GRANTED, 0), ()),
        ((GRANTED, NOT_AUTHORISED, 0), ("note",)),
        ((GRANTED, NOT_AUTHORISED, NOT_AUTHORISED), ("note", "mark")),
    ],
)
async def test_a_topic_that_is_not_needed_may_be_refused(identifiers: Sequence[int], without: tuple[str, ...]) -> None:
    assert await answered(identifiers) == [Subscribed(without)]


@pytest.mark.slow
async def test_a_topic_that_is_needed_may_not() -> None:
    assert await answered((NOT_AUTHORISED, GRANTED, 0)) == [Refused("subscription: Not authorized")]
