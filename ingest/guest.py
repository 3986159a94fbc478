"""What shares the relay's connection to the broker: others hear, and say, what is no part of the outbox."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Protocol

from ingest.mqtt import Acknowledged, Down, Up
from ingest.seldom import Seldom

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.mqtt import MqttLink, Signal

log = logging.getLogger(__name__)

SAY_AGAIN_S = 60.0


class Guest(Protocol):
    """Somebody on the relay's connection."""

    @property
    def subscriptions(self) -> Sequence[str]:
        """Topics to receive, at least once."""
        ...

    @property
    def fleeting(self) -> Sequence[str]:
        """Topics of which only what comes now is wanted."""
        ...

    def take(self, signal: Signal, link: MqttLink) -> bool:
        """Look at what happened; return whether it was for this guest alone."""
        ...

    def send(self, link: MqttLink) -> None:
        """Publish what is due; asked many times a second."""
        ...

    def leave(self, link: MqttLink) -> None:
        """Say the last word before the connection ends."""
        ...


class Complaints:
    """Counts what goes wrong again and again, and says it at most once a minute.

    Parameters
    ----------
    what : str
        What goes wrong.
    clock_s : callable
        Returns a time that only goes on, s.
    """

    def __init__(self, what: str, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._seldom = Seldom(SAY_AGAIN_S, clock_s)
        self.count = 0

    def say(self, why: object) -> None:
        """Count one more; log it with the count unless something was said a moment ago."""
        self.count += 1
        if self._seldom.is_time():
            log.warning("%s: %s (%d so far)", self._what, why, self.count)


class Notices:
    """What the broker is to keep, topic by topic: said when it changes, and again on every new connection.

    Parameters
    ----------
    what : str
        What the notices are; for the log.
    """

    def __init__(self, what: str) -> None:
        self._wanted: dict[str, bytes] = {}
        self._unsaid: set[str] = set()
        self._under_way: set[int] = set()
        self._complaints = Complaints(f"the broker refuses {what}")
        self._connected = False
        self.refused = False

    @property
    def connected(self) -> bool:
        """Whether there is anybody to say it to."""
        return self._connected

    @property
    def settled(self) -> bool:
        """Whether the broker has taken everything."""
        return not (self._unsaid or self._under_way or self.refused)

    def put(self, topic: str, payload: bytes) -> None:
        """Have the broker keep `payload`; an empty one removes what it kept."""
        if self._wanted.get(topic) != payload:
            self._wanted[topic] = payload
            self._unsaid.add(topic)

    def follow(self, signal: Signal) -> None:
        """Look at what happened to the connection and to what was published."""
        match signal:
            case Up():
                # A broker that lost its disk has nothing any more, and nobody says so.
                self._connected, self.refused = True, False
                self._unsaid = set(self._wanted)
                self._under_way.clear()
            case Down():
                self._connected = False
            case Acknowledged() if signal.mid in self._under_way:
                self._under_way.discard(signal.mid)
                if signal.refusal is not None:
                    self.refused = True
                    self._complaints.say(signal.refusal)

    def send(self, link: MqttLink) -> None:
        """Publish what is not yet said; after a refusal nothing until the next connection."""
        if not self._connected or self.refused:
            return
        for topic in sorted(self._unsaid):
            self._under_way.add(link.publish(topic, self._wanted[topic], retain=True))
        self._unsaid.clear()
