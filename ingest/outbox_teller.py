"""Tells the database what waits in the outbox, every few minutes, without adding anything to it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ingest import wire
from ingest.decoders.base import Status, StatusKind
from ingest.mqtt import Down, Up
from ingest.night.entries import health_entry
from ingest.seldom import Seldom

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.mqtt import MqttLink, Signal
    from ingest.night.changes import NightName
    from ingest.night.entries import Delivery, Entry
    from ingest.night.journal import Journal
    from ingest.night.outbox import Backlog

# What waits is added up row by row: 0.1 s for 100 000 rows.
TELL_S = 300.0
_BYTES_PER_MB = 1e6
_NS_PER_S = 1e9
_DETAIL = "outbox"


class OutboxTeller:
    """Publishes how much waits and since when, as a guest of the relay.

    Parameters
    ----------
    journal : Journal
        Whose outbox.
    delivery : Delivery
        Who empties it.
    whose : NightName
        On whose topic it is said; the night may be empty where none runs.
    names : tuple of str
        Site and collector.
    clock_s, now_ns : callable
        Return a time that only goes on, s, and UTC, ns.

    Notes
    -----
    It is published and not put into the journal: a broker that is away for a year makes no outbox longer. It is said
    at once on every new connection, when what waited is still there.
    """

    subscriptions: Sequence[str] = ()
    fleeting: Sequence[str] = ()

    def __init__(
        self,
        journal: Journal,
        delivery: Delivery,
        whose: NightName,
        names: tuple[str, str],
        *,
        clock_s: Callable[[], float] = time.monotonic,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._journal = journal
        self._delivery = delivery
        self._whose = whose
        self._site, self._collector = names
        self._clock_s = clock_s
        self._now_ns = now_ns
        self._seldom = Seldom(TELL_S, clock_s)
        self._connected = False

    def take(self, signal: Signal, _link: MqttLink) -> bool:
        """Follow the connection; nothing is for this guest alone."""
        match signal:
            case Up():
                self._connected = True
                self._seldom = Seldom(TELL_S, self._clock_s)
            case Down():
                self._connected = False
        return False

    def send(self, link: MqttLink) -> None:
        """Publish what waits, if there is a connection and it is time."""
        if self._connected and self._seldom.is_time():
            self._tell(link)

    def leave(self, link: MqttLink) -> None:
        """Publish what is left: whether a night was delivered is known in the morning."""
        if self._connected:
            self._tell(link)

    def _tell(self, link: MqttLink) -> None:
        now_ns = self._now_ns()
        entry = outbox_entry(self._journal.backlog(self._delivery), self._whose, now_ns)
        link.publish(wire.entry_topic(self._site, entry), wire.encode(entry, self._collector, 0, now_ns))


def outbox_entry(backlog: Backlog, whose: NightName, now_ns: int) -> Entry:
    """Return what is said of an outbox.

    Parameters
    ----------
    backlog : Backlog
        What has not been delivered.
    whose : NightName
        On whose topic.
    now_ns : int
        UTC, ns.
    """
    since_ns = now_ns if backlog.oldest is None else backlog.oldest.since_ns
    values = {
        "n_waiting": float(backlog.waiting),
        "oldest_s": max(0.0, (now_ns - since_ns) / _NS_PER_S),
        "n_set_aside": float(backlog.set_aside),
        "waiting_mb": backlog.waiting_bytes / _BYTES_PER_MB,
    }
    status = Status("", StatusKind.OUTBOX, 0, _DETAIL, values)
    return health_entry(status, whose.person, whose.night, time_ns=now_ns)
