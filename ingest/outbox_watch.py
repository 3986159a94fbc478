"""Says in the log, long before it is reached, how near the outbox is to its bound."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from ingest.night.outbox_bound import Fill, Fullness

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.mqtt import MqttLink, Signal
    from ingest.night.entries import Delivery
    from ingest.night.journal import Journal

log = logging.getLogger(__name__)

# What waits is added up row by row: 0.1 s for 100 000 rows.
LOOK_S = 60.0


class OutboxWatch:
    """Looks at the outbox once a minute, as a guest of the relay.

    Parameters
    ----------
    journal : Journal
        The journal.
    delivery : Delivery
        Who empties its outbox.
    most_bytes : int
        What may wait, bytes.
    clock_s : callable
        Returns a time that only goes on, s.
    """

    subscriptions: Sequence[str] = ()
    fleeting: Sequence[str] = ()

    def __init__(
        self, journal: Journal, delivery: Delivery, most_bytes: int, *, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._journal = journal
        self._delivery = delivery
        self._most_bytes = most_bytes
        self._clock_s = clock_s
        self._look_at_s = 0.0
        self._said = Fill.ROOM

    def take(self, _signal: Signal, _link: MqttLink) -> bool:
        """Take nothing."""
        return False

    def send(self, _link: MqttLink) -> None:
        """Look, if it is time, whether or not there is a connection."""
        if self._clock_s() < self._look_at_s:
            return
        self._look_at_s = self._clock_s() + LOOK_S
        fullness = Fullness(self._journal.backlog(self._delivery).waiting_bytes, self._most_bytes)
        if fullness.fill > self._said:
            log.warning("outbox: %s; %s", fullness, fullness.consequence)
        elif self._said is not Fill.ROOM and fullness.fill is Fill.ROOM:
            log.warning("outbox: %s, there is room again", fullness)
        self._said = fullness.fill

    def leave(self, _link: MqttLink) -> None:
        """Say nothing."""
