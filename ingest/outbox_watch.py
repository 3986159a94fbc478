"""Says in the log, long before it is reached, how near the outbox is to its bound."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ingest.night.outbox_bound import Fill

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.mqtt import MqttLink, Signal
    from ingest.night.outbox_bound import OutboxMeter

log = logging.getLogger(__name__)

# What waits is added up row by row: 0.1 s for 100 000 rows.
LOOK_S = 60.0


class OutboxWatch:
    """Looks at the outbox once a minute, as a guest of the relay.

    Parameters
    ----------
    meter : OutboxMeter
        How full it is; measured every `LOOK_S`.
    """

    subscriptions: Sequence[str] = ()
    fleeting: Sequence[str] = ()

    def __init__(self, meter: OutboxMeter) -> None:
        self._meter = meter
        self._said = Fill.ROOM

    def take(self, _signal: Signal, _link: MqttLink) -> bool:
        """Take nothing."""
        return False

    def send(self, _link: MqttLink) -> None:
        """Look, if it is time, whether or not there is a connection."""
        fullness = self._meter.look()
        if fullness is None:
            return
        if fullness.fill > self._said:
            log.warning("outbox: %s; %s", fullness, fullness.consequence)
        elif self._said is not Fill.ROOM and fullness.fill is Fill.ROOM:
            log.warning("outbox: %s, there is room again", fullness)
        self._said = fullness.fill

    def leave(self, _link: MqttLink) -> None:
        """Say nothing."""
