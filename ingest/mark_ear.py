"""Markers that come over MQTT, from a button or a phone: ``docs/mqtt.md#mark``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ingest import wire
from ingest.bucket import Bucket
from ingest.errors import DecodeError
from ingest.guest import Complaints
from ingest.mqtt import Received

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.mqtt import MqttLink, Signal

MOST_AT_ONCE = 10
"""As many may come at once, from a button that bounces or is pressed in anger; after that one a second."""


class MarkEar:
    """Hears markers that come over MQTT, as a guest of the relay.

    Parameters
    ----------
    topic : str
        Where they come.
    heard : callable of str
        Takes the label of a marker at the moment at which it came.
    clock_s : callable
        Returns a time that only goes on, s; it measures how many come.
    """

    subscriptions: Sequence[str] = ()

    def __init__(
        self, topic: str, heard: Callable[[str], None], *, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._topic = topic
        self._heard = heard
        self._bucket = Bucket(MOST_AT_ONCE, clock_s)
        # What was pressed while nobody listened cannot be dated any more.
        self.fleeting = (topic,)
        self.refused = Complaints("a mark is passed over", clock_s)

    def take(self, signal: Signal, _link: MqttLink) -> bool:
        """Hear a marker; what comes faster than it may is counted."""
        if not isinstance(signal, Received) or signal.topic != self._topic:
            return False
        if signal.retained:
            # It comes again with every connection, and nobody knows when it was pressed.
            return True
        try:
            # Each is a file, and a record of the packet log that stays: a flood must not fill the disk.
            self._bucket.take()
        except DecodeError as error:
            self.refused.say(error)
        else:
            self._heard(wire.decode_mark(signal.payload))
        return True

    def send(self, link: MqttLink) -> None:
        """Say nothing."""

    def leave(self, link: MqttLink) -> None:
        """Say nothing."""
