"""From MQTT to InfluxDB: writes in batches, confirms to the collector, and only then acknowledges to the broker.

Any number of writers may run. None of them keeps anything: what was not acknowledged comes again from the broker, what
was not confirmed comes again from the collector, and writing a point twice changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ingest import wire
from ingest.errors import BrokerRefused, DecodeError, StoreRejected
from ingest.influx import InfluxWriter, Verdict
from ingest.mqtt import Acknowledged, Down, MqttLink, Received, Refused, Session, Subscribed
from ingest.night.entries import Confirmation
from ingest.points import points_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.address import BrokerAddress
    from ingest.influx import Answer, InfluxAddress
    from ingest.mqtt import Signal
    from ingest.wire import Delivered

log = logging.getLogger(__name__)

# Larger batches gain nothing on a local network; this many messages may be unacknowledged at the broker.
BATCH = 500
# A batch is written when no message has come for so long.
LINGER_S = 0.02
WAKE_S = 60.0
FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 60.0
CHECK_S = 10.0
SAY_AGAIN_S = 60.0


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """What a writer needs to know.

    Parameters
    ----------
    broker : BrokerAddress
        Where messages come from.
    influx : InfluxAddress
        Where points go.
    name : str
        Its name at the broker, which keeps a queue under it: fixed, and another one for each writer.
    group : str
        Writers of one group share the messages (MQTT 5 shared subscription); empty for a writer alone.
    """

    broker: BrokerAddress
    influx: InfluxAddress
    name: str = "soleus-store"
    group: str = ""

    def session(self) -> Session:
        """Return what to ask of the broker."""
        shared = f"$share/{self.group}/" if self.group else ""
        return Session(self.name, [shared + topic for topic in wire.every_entry()], in_flight=BATCH)


class _Item(NamedTuple):
    delivered: Delivered
    lines: tuple[str, ...]


async def run_store(settings: StoreSettings, stop: asyncio.Event) -> None:
    """Carry messages to InfluxDB until told to stop.

    Parameters
    ----------
    settings : StoreSettings
        Where from and where to.
    stop : asyncio.Event
        Ends the writer; what it has not acknowledged comes again.

    Raises
    ------
    StoreRejected
        If InfluxDB refuses the token, the bucket or the organisation at the start.
    BrokerRefused
        If the broker refuses the login or the subscription at the start.
    """
    with InfluxWriter(settings.influx) as writer:
        answer = await asyncio.to_thread(writer.check)
        if answer.verdict is Verdict.REFUSED:
            raise StoreRejected(answer.reason)
        async with MqttLink(settings.broker, settings.session()) as link:
            work = asyncio.create_task(_Writer(link, writer).run(), name="store")
            ended = asyncio.create_task(stop.wait(), name="store[stop]")
            try:
                await asyncio.wait({work, ended}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                ended.cancel()
                work.cancel()
            with suppress(asyncio.CancelledError):
                await work


async def check_store(settings: StoreSettings) -> str:
    """Return one line that says that both sides accept us.

    Raises
    ------
    StoreRejected
        If InfluxDB does not answer or refuses us.
    BrokerRefused
        If the broker does not answer or refuses us.
    """
    with InfluxWriter(settings.influx) as writer:
        answer = await asyncio.to_thread(writer.check)
    if answer.verdict is not Verdict.ACCEPTED:
        raise StoreRejected(answer.reason)
    # A name of its own, so that the check does not throw the running writer out.
    session = Session(f"{settings.name}-check", settings.session().subscriptions, persistent=False)
    async with MqttLink(settings.broker, session) as link:
        try:
            async with asyncio.timeout(CHECK_S):
                await _subscribed(link)
        except TimeoutError as error:
            msg = f"the broker {settings.broker} does not answer within {CHECK_S:.0f} s"
            raise BrokerRefused(msg) from error
    return (
        f"ok: broker {settings.broker} lets us in, "
        f"InfluxDB {settings.influx.url} lets us write to bucket {settings.influx.bucket!r}"
    )


async def _subscribed(link: MqttLink) -> None:
    while True:
        for signal in await link.signals(CHECK_S):
            if isinstance(signal, Subscribed):
                return
            if isinstance(signal, Refused | Down):
                msg = f"the broker does not let us in: {signal.reason}"
                raise BrokerRefused(msg)


class _Writer:
    """Gathers messages, writes them, confirms them, acknowledges them."""

    def __init__(self, link: MqttLink, writer: InfluxWriter) -> None:
        self._link = link
        self._writer = writer
        self._was_let_in = False
        self._n_aside = 0
        self._last_fault = ""
        self._say_at_s = 0.0
        self._jitter = random.Random()  # noqa: S311 - spreads retries, guards nothing

    async def run(self) -> None:
        try:
            while True:
                batch = self._received(await self._link.signals(WAKE_S))
                while 0 < len(batch) < BATCH and (more := self._received(await self._link.signals(LINGER_S))):
                    batch += more
                if batch:
                    await self._deliver(batch)
                if time.monotonic() >= self._say_at_s:
                    self._say_faults()
        finally:
            self._say_faults()

    def _received(self, signals: Sequence[Signal]) -> list[Received]:
        """Return the messages among signals."""
        messages = []
        for signal in signals:
            match signal:
                case Received():
                    messages.append(signal)
                case Subscribed():
                    self._was_let_in = True
                    log.info("connected to the broker")
                case Acknowledged(refusal=str(reason)):
                    log.warning("the broker refuses our confirmations: %s", reason)
                case Refused() if not self._was_let_in:
                    msg = f"the broker does not let us in: {signal.reason}"
                    raise BrokerRefused(msg)
                case Refused() | Down():
                    log.warning("no connection to the broker: %s", signal.reason)
        return messages

    async def _deliver(self, batch: Sequence[Received]) -> None:
        items, misfits, faults = _read(batch)
        self._n_aside += len(faults)
        self._last_fault = faults[-1] if faults else self._last_fault
        bad = await self._bad(items) if items else []
        accepted = [item for item in items if item not in bad]
        self._confirm([item.delivered for item in accepted], accepted=True)
        self._confirm([*misfits, *(item.delivered for item in bad)], accepted=False)
        for message in batch:
            self._link.acknowledge(message)

    async def _bad(self, items: Sequence[_Item]) -> list[_Item]:
        """Write items and return those that the database will never take; halving finds the bad among the good."""
        answer = await self._answer([line for item in items for line in item.lines])
        if answer.verdict is Verdict.ACCEPTED:
            return []
        if len(items) == 1:
            log.error("InfluxDB refuses a %s for good: %s", items[0].delivered.entry.topic_kind, answer.reason)
            return list(items)
        half = len(items) // 2
        return await self._bad(items[:half]) + await self._bad(items[half:])

    async def _answer(self, lines: Sequence[str]) -> Answer:
        """Write lines until the database says yes or no to the points themselves."""
        delay_s = FIRST_RETRY_S
        while True:
            answer = await asyncio.to_thread(self._writer.write, lines)
            if answer.verdict in {Verdict.ACCEPTED, Verdict.BAD_POINT}:
                return answer
            log.warning("%s; trying again in %.1f s", answer.reason, delay_s)
            await asyncio.sleep(delay_s * self._jitter.uniform(0.75, 1.25))
            delay_s = min(2 * delay_s, LONGEST_RETRY_S)

    def _say_faults(self) -> None:
        """Log what was set aside; asked for once a minute, because who sends one bad message sends many."""
        if self._n_aside:
            log.warning("messages set aside: %d, the last because %s", self._n_aside, self._last_fault)
            self._n_aside = 0
            self._say_at_s = time.monotonic() + SAY_AGAIN_S

    def _confirm(self, deliveries: Sequence[Delivered], *, accepted: bool) -> None:
        """Tell each collector what became of its entries."""
        by_topic: dict[str, list[Confirmation]] = defaultdict(list)
        for delivered in deliveries:
            try:
                topic = wire.stored_topic(delivered.site, delivered.collector)
            except ValueError as error:
                log.warning("a message cannot be confirmed: %s", error)
                continue
            entry = delivered.entry
            by_topic[topic].append(Confirmation(entry.key, entry.person, entry.revision, delivered.attempt, accepted))
        for topic, confirmations in by_topic.items():
            self._link.publish(topic, wire.encode_confirmations(confirmations))


def _read(batch: Sequence[Received]) -> tuple[list[_Item], list[Delivered], list[str]]:
    """Return what can be written, what came whole but does not fit the schema, and why messages are set aside.

    Two revisions of a collector's key are one point: only the newer is written, and only the newer is confirmed.
    """
    newest: dict[tuple[str, str, str], _Item] = {}
    misfits: list[Delivered] = []
    faults: list[str] = []
    for message in batch:
        try:
            delivered = wire.decode(message.topic, message.payload)
        except DecodeError as error:
            faults.append(f"it cannot be read: {error}")
            continue
        entry = delivered.entry
        try:
            item = _Item(delivered, tuple(point.line() for point in points_of(delivered)))
        except (DecodeError, ValueError) as error:
            faults.append(f"{entry.topic_kind} does not fit the schema: {error}")
            misfits.append(delivered)
            continue
        # Two homes may give their people and nights the same names.
        fact = (delivered.site, delivered.collector, entry.key)
        if fact not in newest or newest[fact].delivered.entry.revision <= entry.revision:
            newest[fact] = item
    return list(newest.values()), misfits, faults
