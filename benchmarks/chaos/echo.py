"""Confirmations that come twice, the second time late: a client that says again what the writers said."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

from ingest.mqtt import MqttLink, Received, Session

if TYPE_CHECKING:
    from random import Random

    from ingest.address import BrokerAddress

# Late enough that an event has often got its next revision meanwhile.
LATE_S = (0.2, 4.0)
LOOK_EVERY_S = 0.1


class Echo:
    """Publish each confirmation a second time, some seconds later and in another order.

    It has a thread and connections of its own, and goes on when the broker is back.

    Parameters
    ----------
    collector, store : BrokerAddress
        The broker for who may hear confirmations, and for who may say them.
    topic : str
        Where they are said.
    rng : random.Random
        How late.
    """

    def __init__(self, collector: BrokerAddress, store: BrokerAddress, topic: str, rng: Random) -> None:
        self._addresses = (collector, store)
        self._topic = topic
        self._rng = rng
        self._due: list[tuple[float, bytes]] = []
        self._said: set[bytes] = set()
        self._deaf = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="echo")
        self._thread.start()

    @property
    def n_said(self) -> int:
        """How many messages were said again."""
        return len(self._said)

    @property
    def is_idle(self) -> bool:
        """Whether everything that was heard has been said again."""
        return not self._due

    def hear_no_more(self) -> None:
        """Say again only what was heard so far."""
        self._deaf.set()

    def close(self) -> None:
        """End it."""
        self._stop.set()
        self._thread.join()

    async def _run(self) -> None:
        collector, store = self._addresses
        hearing = Session("echo-ear", [self._topic], persistent=False)
        saying = Session("echo-mouth", persistent=False)
        async with MqttLink(collector, hearing) as ear, MqttLink(store, saying) as mouth:
            while not self._stop.is_set():
                for signal in await ear.signals(LOOK_EVERY_S):
                    if isinstance(signal, Received):
                        ear.acknowledge(signal)
                        self._hear(signal.payload)
                now_s = time.monotonic()
                for _, payload in [due for due in self._due if due[0] <= now_s]:
                    mouth.publish(self._topic, payload)
                self._due = [due for due in self._due if due[0] > now_s]
                await mouth.signals(0.0)

    def _hear(self, payload: bytes) -> None:
        # What comes back is not said a third time.
        if payload not in self._said and not self._deaf.is_set():
            self._said.add(payload)
            self._due.append((time.monotonic() + self._rng.uniform(*LATE_S), payload))
