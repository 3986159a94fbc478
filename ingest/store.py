"""From MQTT to InfluxDB: writes in batches, confirms to the collector, and only then acknowledges to the broker.

Any number of writers may run. None of them keeps anything: what was not acknowledged comes again from the broker, what
was not confirmed comes again from the collector, and writing a point twice changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ingest import wire
from ingest.errors import BrokerRefused, StoreRejected
from ingest.influx import TIMEOUT_S, InfluxWriter, Verdict
from ingest.mqtt import Acknowledged, Down, MqttLink, Received, Refused, Session, Subscribed, Up
from ingest.night.entries import Confirmation
from ingest.patient_writer import FIRST_RETRY_S, PatientWriter
from ingest.store_batch import Aside, read_batch
from ingest.store_tally import StoreTally

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.address import BrokerAddress
    from ingest.influx import InfluxAddress
    from ingest.mqtt import Signal
    from ingest.store_batch import Item
    from ingest.wire import Delivered

log = logging.getLogger(__name__)

# Larger batches gain nothing on a local network; this many messages may be unacknowledged at the broker.
BATCH = 500
# A batch is written when no message has come for so long.
LINGER_S = 0.02
WAKE_S = 60.0
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
    fresh_token : callable or None
        Returns InfluxDB's token as it is now, so that it can be exchanged without a restart; empty if there is none.
    timeout_s : float
        Longest wait for InfluxDB's answer, s.
    first_retry_s : float
        Wait before InfluxDB is asked again, s; longer each time.
    """

    broker: BrokerAddress
    influx: InfluxAddress
    name: str = "soleus-store"
    group: str = ""
    fresh_token: Callable[[], str] | None = None
    timeout_s: float = TIMEOUT_S
    first_retry_s: float = FIRST_RETRY_S

    def session(self) -> Session:
        """Return what to ask of the broker."""
        shared = f"$share/{self.group}/" if self.group else ""
        return Session(self.name, [shared + topic for topic in wire.every_entry()], in_flight=BATCH)


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
    with InfluxWriter(settings.influx, timeout_s=settings.timeout_s) as influx:
        answer = await asyncio.to_thread(influx.check)
        if answer.verdict is Verdict.REFUSED:
            raise StoreRejected(answer.reason)
        if answer.verdict is Verdict.UNAVAILABLE:
            log.warning("%s; messages wait until it does", answer.reason)
        async with MqttLink(settings.broker, settings.session()) as link:
            store = Store(link, influx, settings)
            work = asyncio.create_task(store.run(), name="store")
            ended = asyncio.create_task(stop.wait(), name="store[stop]")
            try:
                await asyncio.wait({work, ended}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                ended.cancel()
                work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            # A database that is away would hold up the end.
            if not store.is_waiting:
                await store.report()


def refusal_line(signal: Refused) -> str:
    """Return what a broker refuses us."""
    what, _, why = signal.reason.rpartition(": ")
    if what == "subscription":
        return f"the broker does not let us subscribe: {why}"
    return f"the broker does not let us in: {signal.reason}"


class Link(Protocol):
    """What a writer needs of its connection to the broker, see `ingest.mqtt.MqttLink`."""

    async def signals(self, wait_s: float) -> list[Signal]:
        """Return what has happened; wait up to `wait_s` for something to happen."""
        ...

    def publish(self, topic: str, payload: bytes) -> object:
        """Send a message at least once."""
        ...

    def acknowledge(self, message: Received) -> None:
        """Tell the broker that a message is done with."""
        ...


class Store:
    """Gathers messages, writes them, confirms them, acknowledges them.

    Parameters
    ----------
    link : Link
        Where messages come from and confirmations go to.
    influx : InfluxWriter
        Where points go.
    settings : StoreSettings
        What the writer needs to know.
    """

    def __init__(self, link: Link, influx: InfluxWriter, settings: StoreSettings) -> None:
        self._link = link
        self._influx = influx
        self._tally = StoreTally(settings.name)
        self._writer = PatientWriter(
            influx, settings.fresh_token, first_retry_s=settings.first_retry_s, sleep=self._hear_for
        )
        self._held: list[Received] = []
        self._was_let_in = False
        self._n_aside = 0
        self._last_fault = ""
        self._say_at_s = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether the database does not take anything at present."""
        return self._writer.is_waiting

    async def run(self) -> None:
        """Work until cancelled.

        Raises
        ------
        BrokerRefused
            If the broker refuses the login or the subscription at the start.
        """
        try:
            while True:
                await self._hear(0.0 if self._held else min(WAKE_S, self._tally.due_s))
                while 0 < len(self._held) < BATCH and await self._hear(LINGER_S):
                    pass
                batch, self._held = self._held[:BATCH], self._held[BATCH:]
                if batch:
                    await self._deliver(batch)
                if time.monotonic() >= self._say_at_s:
                    self._say_faults()
                if not self._tally.due_s:
                    await self.report()
        finally:
            self._say_faults()

    async def report(self) -> None:
        """Write what this writer did; where the database does not take it now, the next report says it too."""
        answer = await asyncio.to_thread(self._influx.write, [self._tally.report().line()])
        if answer.verdict is Verdict.ACCEPTED:
            self._tally.begin_again()

    async def _hear_for(self, wait_s: float) -> None:
        """Wait, and listen meanwhile: what a connection brings again replaces what the last one brought."""
        until_s = time.monotonic() + wait_s
        while (left_s := until_s - time.monotonic()) > 0:
            await self._hear(left_s)

    async def _hear(self, wait_s: float) -> bool:
        """Take what happens within a time; return whether a message came."""
        heard = False
        for signal in await self._link.signals(wait_s):
            match signal:
                case Received():
                    self._held.append(signal)
                    heard = True
                case Up(resumed=resumed):
                    # The broker sends again what it has no acknowledgement for: kept, it would be there twice, and once
                    # more after each loss of the connection for as long as the database is away. Where it has forgotten
                    # what it sent, the collectors send again; what they were told is delivered is only here.
                    self._held = [] if resumed else self._held[-BATCH:]
                case Subscribed():
                    self._was_let_in = True
                    log.info("connected to the broker")
                case Acknowledged(refusal=str(reason)):
                    log.warning("the broker refuses our confirmations: %s", reason)
                case Refused() if not self._was_let_in:
                    raise BrokerRefused(refusal_line(signal))
                case Refused() | Down():
                    log.warning("no connection to the broker: %s", signal.reason)
        return heard

    async def _deliver(self, batch: Sequence[Received]) -> None:
        items, aside = read_batch(batch)
        refused = await self._refused(items) if items else {}
        # An older revision may lie in the database already: of it, too, the collector hears.
        aside += [
            Aside(delivered, reason)
            for number, reason in refused.items()
            for delivered in (*items[number].older, items[number].delivered)
        ]
        self._n_aside += len(aside)
        self._last_fault = aside[-1].reason if aside else self._last_fault
        written = [item.delivered for number, item in enumerate(items) if number not in refused]
        self._tally.wrote(written)
        self._tally.set_aside(len(refused), sum(one.delivered is None for one in aside))
        self._confirm([(delivered, "") for delivered in written])
        self._confirm([(delivered, reason) for delivered, reason in aside if delivered is not None])
        for message in batch:
            self._link.acknowledge(message)

    async def _refused(self, items: Sequence[Item], first: int = 0) -> dict[int, str]:
        """Write items and return those that the database will never take (counted from `first`), and why.

        Halving finds the bad among the good; what the database has already taken of a batch is written once more.
        """
        answer = await self._writer.write([line for item in items for line in item.lines])
        if answer.verdict is Verdict.ACCEPTED:
            return {}
        if len(items) == 1:
            return {first: answer.reason}
        half = len(items) // 2
        return {**await self._refused(items[:half], first), **await self._refused(items[half:], first + half)}

    def _say_faults(self) -> None:
        """Log what was set aside; asked for once a minute, because who sends one bad message sends many."""
        if self._n_aside:
            log.warning("messages set aside: %d, the last because %s", self._n_aside, self._last_fault)
            self._n_aside = 0
            self._say_at_s = time.monotonic() + SAY_AGAIN_S

    def _confirm(self, fates: Sequence[tuple[Delivered, str]]) -> None:
        """Tell each collector what became of its entries: written, or set aside for a reason."""
        by_topic: dict[str, list[Confirmation]] = defaultdict(list)
        for delivered, reason in fates:
            topic = wire.stored_topic(delivered.site, delivered.collector)
            entry, why = delivered.entry, reason[: wire.MOST_REASON]
            said = Confirmation(entry.key, entry.person, entry.revision, delivered.attempt, not reason, why)
            by_topic[topic].append(said)
        for topic, confirmations in by_topic.items():
            for payload in wire.confirmation_payloads(confirmations):
                self._link.publish(topic, payload)
