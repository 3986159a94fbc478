"""A relay at work beside the embedded broker, and somebody who listens to everything and may confirm."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ingest import wire
from ingest.mqtt import MqttLink, Received, Session, Subscribed
from ingest.night.entries import Confirmation, Delivery, Entry, TopicKind
from ingest.relay import RelaySettings, run_relay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from ingest.address import BrokerAddress
    from ingest.guest import Guest
    from ingest.night.journal import Journal

WITHIN_S = 60.0


def entry(number: int, revision: int = 0, kind: TopicKind = TopicKind.EVENT) -> Entry:
    return Entry(kind, "p1", "n1", "default", f"key {number}", revision, valid=True, body={"onset_ns": number})


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not done():  # noqa: ASYNC110 - the journal is a file; nobody tells when it changes
            await asyncio.sleep(0.01)


@asynccontextmanager
async def relay(journal: Journal, broker: BrokerAddress, delivery: Delivery, *guests: Guest) -> AsyncIterator[None]:
    stop = asyncio.Event()
    settings = RelaySettings("home", "bedroom", broker, delivery, first_resend_s=0.1)
    task = asyncio.create_task(run_relay(journal, settings, stop, guests))
    try:
        yield
    finally:
        stop.set()
        await task


class Listener:
    """Somebody who listens to everything, and may confirm."""

    def __init__(self, link: MqttLink) -> None:
        self.link = link
        self.heard: list[tuple[str, bytes]] = []
        self.entries: list[tuple[str, int, int]] = []
        self.subscribed = False

    async def listen(self) -> None:
        while True:
            for signal in await self.link.signals(1.0):
                if isinstance(signal, Received):
                    self._take(signal)
                elif isinstance(signal, Subscribed):
                    self.subscribed = True

    def _take(self, message: Received) -> None:
        self.heard.append((message.topic, message.payload))
        self.link.acknowledge(message)
        if message.topic.endswith("/event"):
            one = wire.decode(message.topic, message.payload)
            self.entries.append((one.entry.key, one.entry.revision, one.attempt))

    def confirm(self, *confirmations: Confirmation) -> None:
        self.link.publish(wire.stored_topic("home", "bedroom"), wire.encode_confirmations(confirmations))


@asynccontextmanager
async def listener(broker: BrokerAddress) -> AsyncIterator[Listener]:
    async with MqttLink(broker, Session("listener", ["soleus/v1/#"])) as link:
        one = Listener(link)
        task = asyncio.create_task(one.listen())
        await until(lambda: one.subscribed)
        try:
            yield one
        finally:
            task.cancel()
