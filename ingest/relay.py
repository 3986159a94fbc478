"""From the journal to the broker: sends what waits, marks what arrived, sends again what got lost.

A change is sent once as soon as it is seen, in the order of changes. What stays unsettled after that (a broker lost its
queue, the writer is down) is sent again in passes over the journal, oldest first, with a limited number unsettled at a
time: a writer that is down for a week costs a few messages a minute, and one that answers gets everything as fast as it
confirms. A pass that ran out of room goes on where it ended: what is never confirmed holds up nothing behind it.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ingest import wire
from ingest.errors import DecodeError
from ingest.mqtt import Acknowledged, Down, MqttLink, Received, Refused, Session, Subscribed, Up, Will
from ingest.night.entries import Confirmation, Delivery
from ingest.recent import Recent
from ingest.seldom import Seldom

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from ingest.address import BrokerAddress
    from ingest.guest import Guest
    from ingest.mqtt import Signal
    from ingest.night.entries import Waiting
    from ingest.night.journal import Journal

log = logging.getLogger(__name__)

# How late a new entry may notice that it can go; reading an empty outbox costs microseconds.
POLL_S = 0.1
# Kept small enough that one transaction that marks them stays in the milliseconds.
IN_FLIGHT = 200
# A pass over what is unsettled starts this long after the last sign of progress, later each time nothing comes of it.
FIRST_RESEND_S = 5.0
LONGEST_RESEND_S = 600.0
SAY_AGAIN_S = 60.0
# A writer whose database is away holds an older revision for hours; longer than a day nobody leaves it so.
DOUBT_NS = 24 * 3600 * 1_000_000_000
# What was sent a moment ago is not sent again at once; some 4 MB, and more than a broker takes in that time.
MOST_RECENT = 10_000
# A night's summary has some ten kilobytes. A broker drops the connection of who sends more than it takes, each time.
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """What the relay needs to know.

    Parameters
    ----------
    site : str
        Where this collector stands.
    collector : str
        Its name; also its name at the broker, so no two may share it.
    broker : BrokerAddress
        Where to send.
    delivery : Delivery
        What empties the outbox.
    first_resend_s : float
        Wait before what is unsettled is sent again, s.
    """

    site: str
    collector: str
    broker: BrokerAddress
    delivery: Delivery
    first_resend_s: float = FIRST_RESEND_S


async def run_relay(
    journal: Journal, settings: RelaySettings, stop: asyncio.Event, guests: Sequence[Guest] = ()
) -> None:
    """Deliver a journal until told to stop.

    Parameters
    ----------
    journal : Journal
        Opened by the calling thread; other processes may write to it meanwhile.
    settings : RelaySettings
        Where to and how.
    stop : asyncio.Event
        Ends the relay; what is not delivered by then waits in the journal.
    guests : sequence of Guest
        Who else uses the connection.

    Raises
    ------
    ValueError
        If site or collector cannot stand in a topic.
    """
    availability = wire.availability_topic(settings.site, settings.collector)
    if settings.delivery is Delivery.NONE:
        await stop.wait()
        return
    stored = wire.stored_topic(settings.site, settings.collector)
    session = Session(
        client_id=f"soleus-collector-{settings.collector}",
        subscriptions=[stored],
        in_flight=IN_FLIGHT,
        will=Will(availability, wire.encode_availability(wire.OFFLINE)),
        fleeting=[topic for guest in guests for topic in guest.fleeting],
        # What a guest may not hear must not keep the outbox from being emptied.
        optional=[topic for guest in guests for topic in guest.subscriptions],
    )
    async with MqttLink(settings.broker, session) as link:
        relay = _Relay(journal, settings, link)
        while not stop.is_set():
            signals = await link.signals(POLL_S)
            relay.take([signal for signal in signals if not any(guest.take(signal, link) for guest in guests)])
            relay.send()
            for guest in guests:
                guest.send(link)
        for guest in guests:
            guest.leave(link)
        link.publish(availability, wire.encode_availability(wire.OFFLINE), retain=True)


class _Sent(NamedTuple):
    key: str
    revision: int
    attempt: int


class _Relay:
    """What is under way, what was sent when, and how far the passes over the journal have come."""

    def __init__(self, journal: Journal, settings: RelaySettings, link: MqttLink) -> None:
        self._journal = journal
        self._settings = settings
        self._link = link
        self._connected = False
        self._most_under_way = IN_FLIGHT
        self._under_way: dict[int, _Sent] = {}
        self._flying: set[_Sent] = set()
        self._recent = Recent[_Sent](settings.first_resend_s, most=MOST_RECENT)
        self._resent: set[str] = set()
        self._fresh_after = 0
        self._resend_after = 0
        self._pass_is_over = False
        self._patience_s = settings.first_resend_s
        self._pass_at_s = 0.0
        self._seldom = Seldom(SAY_AGAIN_S)

    def take(self, signals: list[Signal]) -> None:
        """Mark in the journal what the signals tell; one transaction for all of a kind."""
        receipts = [
            sent for signal in signals if isinstance(signal, Acknowledged) for sent in self._acknowledged(signal)
        ]
        messages = [signal for signal in signals if isinstance(signal, Received)]
        confirmations = [confirmation for message in messages for confirmation in self._confirmed(message)]
        for signal in signals:
            self._follow(signal)
        if receipts:
            self._journal.published((sent.key, sent.revision) for sent in receipts)
        if confirmations:
            self._journal.stored(confirmations)
        for message in messages:
            self._link.acknowledge(message)
        by_store = [_Sent(said.key, said.revision, said.attempt) for said in confirmations]
        self._settle(receipts if self._settings.delivery is Delivery.BROKER else by_store)

    def send(self) -> None:
        """Publish what waits, as far as there is room: first what is new, then what got no answer."""
        if not self._connected:
            return
        if time.monotonic() >= self._pass_at_s:
            self._begin_pass()
        fresh = self._read(Delivery.BROKER, self._fresh_after)
        for waiting in fresh:
            self._fresh_after = waiting.position
            self._publish(waiting)
        if fresh or self._settings.delivery is Delivery.BROKER or self._pass_is_over:
            return
        if len(self._resent) < IN_FLIGHT:
            self._resend()

    def _resend(self) -> None:
        if self._room <= 0:
            return
        unsettled = self._read(Delivery.STORE, self._resend_after)
        for waiting in unsettled:
            self._resend_after = waiting.position
            if waiting.published and self._publish(waiting):
                self._resent.add(waiting.entry.key)
        if not unsettled:
            self._resend_after, self._pass_is_over = 0, True

    def _follow(self, signal: Signal) -> None:
        match signal:
            case Up():
                self._connect(signal)
            case Subscribed() if signal.without:
                self._say("the broker %s does not let this collector hear %s", self._settings.broker, signal.without)
            case Down():
                self._connected = False
            case Refused():
                self._connected = False
                self._say("the broker %s refuses this collector: %s", self._settings.broker, signal.reason)

    def _connect(self, up: Up) -> None:
        self._connected = True
        # Guests, and the word that we are there, share what a broker takes unacknowledged.
        self._most_under_way = min(IN_FLIGHT, max(1, up.receive_maximum // 2))
        topic = wire.availability_topic(self._settings.site, self._settings.collector)
        self._link.publish(topic, wire.encode_availability(wire.ONLINE), retain=True)
        if not up.resumed:
            # The broker has lost what it held for the writer, or holds it for somebody else.
            self._recent.clear()
        if self._settings.delivery is Delivery.STORE:
            self._journal.doubt(since_ns=time.time_ns() - DOUBT_NS)
        self._patience_s = self._settings.first_resend_s
        self._pass_at_s = time.monotonic()

    def _acknowledged(self, signal: Acknowledged) -> list[_Sent]:
        sent = self._under_way.pop(signal.mid, None)
        if sent is None:
            return []
        self._flying.discard(sent)
        if signal.refusal is None:
            return [sent]
        self._say("the broker refuses what this collector publishes: %s", signal.refusal)
        return []

    def _confirmed(self, signal: Received) -> list[Confirmation]:
        try:
            return wire.decode_confirmations(signal.payload)
        except DecodeError as error:
            self._say("a confirmation cannot be read: %s", error)
            return []

    def _settle(self, settled: list[_Sent]) -> None:
        if not settled:
            return
        for sent in settled:
            self._recent.discard(sent)
            self._resent.discard(sent.key)
        # Somebody answers: the rest need not wait for long.
        self._pass_at_s = min(self._pass_at_s, time.monotonic() + self._settings.first_resend_s)
        self._patience_s = self._settings.first_resend_s

    def _begin_pass(self) -> None:
        now_s = time.monotonic()
        self._pass_at_s = now_s + self._patience_s
        self._patience_s = min(2 * self._patience_s, LONGEST_RESEND_S)
        self._fresh_after = 0
        self._pass_is_over = False
        self._resent.clear()

    @property
    def _room(self) -> int:
        return self._most_under_way - len(self._under_way)

    def _read(self, delivery: Delivery, after: int) -> list[Waiting]:
        return self._journal.waiting(delivery, self._room, after=after) if self._room > 0 else []

    def _publish(self, waiting: Waiting) -> bool:
        """Send an entry unless it is under way or was sent a moment ago; return whether it was sent."""
        entry = waiting.entry
        sent = _Sent(entry.key, entry.revision, waiting.attempt)
        if sent in self._recent or sent in self._flying:
            return False
        try:
            topic = wire.entry_topic(self._settings.site, entry)
            payload = wire.encode(entry, self._settings.collector, waiting.attempt, time.time_ns())
        except ValueError as error:
            self._set_aside(waiting, str(error))
            return False
        if len(payload) > MOST_BYTES:
            self._set_aside(waiting, f"it has {len(payload)} bytes, expected at most {MOST_BYTES}")
            return False
        # What is taken back must not stay where the night that replaced it is kept.
        retained = entry.valid and entry.topic_kind in wire.RETAINED
        mid = self._link.publish(topic, payload, retain=retained)
        if mid in self._under_way:
            # Numbers come again after 65 535 messages; of what had this one nobody will hear any more.
            self._flying.discard(self._under_way[mid])
        self._under_way[mid] = sent
        self._flying.add(sent)
        self._recent.add(sent)
        return True

    def _set_aside(self, waiting: Waiting, why: str) -> None:
        """Let what cannot be sent wait no longer; `soleus outbox` shows it."""
        # The reason may hold a name, which no log is to have.
        self._say("an entry cannot be sent and is set aside: soleus outbox says why")
        entry = waiting.entry
        refused = Confirmation(entry.key, entry.person, entry.revision, waiting.attempt, accepted=False, reason=why)
        self._journal.stored([refused])

    def _say(self, message: str, *arguments: object) -> None:
        """Log at most once a minute: the broker is asked again and again."""
        if self._seldom.is_time():
            log.warning(message, *arguments)
