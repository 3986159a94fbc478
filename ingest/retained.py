"""Replacing or clearing what a broker keeps for whoever subscribes later."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ingest.errors import BrokerRefused
from ingest.mqtt import Acknowledged, Down, MqttLink, Refused, Session, Up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ingest.address import BrokerAddress

# A broker in the same house answers within milliseconds, one far away within a second.
WITHIN_S = 10.0
# What makes a broker forget what it keeps on a topic.
NOTHING = b""


async def keep_instead(broker: BrokerAddress, name: str, messages: Mapping[str, bytes]) -> None:
    """Replace what a broker keeps on some topics, and wait until it has said that it did.

    Parameters
    ----------
    broker : BrokerAddress
        The broker. One that speaks only MQTT 3.1.1 does not tell that we may not publish.
    name : str
        Our name at the broker; one that nobody else has.
    messages : mapping of str to bytes
        By topic what to keep from now on; `NOTHING` clears it.

    Raises
    ------
    BrokerRefused
        If the broker does not answer, or does not let us.
    """
    try:
        async with asyncio.timeout(WITHIN_S), MqttLink(broker, Session(name, persistent=False)) as link:
            await _connected(link, broker)
            waiting = {link.publish(topic, payload, retain=True) for topic, payload in messages.items()}
            while waiting:
                for signal in await link.signals(WITHIN_S):
                    if isinstance(signal, Acknowledged):
                        _expect_taken(signal, broker)
                        waiting.discard(signal.mid)
    except TimeoutError as error:
        raise BrokerRefused(f"the broker {broker} does not answer within {WITHIN_S:.0f} s") from error
    except OSError as error:
        raise BrokerRefused(f"{broker}: {error.strerror or error}") from error


async def _connected(link: MqttLink, broker: BrokerAddress) -> None:
    while True:
        for signal in await link.signals(WITHIN_S):
            if isinstance(signal, Up):
                return
            if isinstance(signal, Refused):
                raise BrokerRefused(f"the broker {broker} does not let us in: {signal.reason}")
            if isinstance(signal, Down):
                raise BrokerRefused(f"the broker {broker} cannot be reached: {signal.reason}")


def _expect_taken(signal: Acknowledged, broker: BrokerAddress) -> None:
    if signal.refusal is not None:
        raise BrokerRefused(f"the broker {broker} does not let us replace what it keeps: {signal.refusal}")
