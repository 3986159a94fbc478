"""Markers that come over MQTT, from a button or a phone: ``docs/mqtt.md#mark``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest import wire
from ingest.mqtt import Received

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.mqtt import MqttLink, Signal


@dataclass(frozen=True, slots=True)
class MarkEar:
    """Hears markers that come over MQTT, as a guest of the relay.

    Parameters
    ----------
    topic : str
        Where they come.
    heard : callable of str
        Takes the label of a marker at the moment at which it came.
    """

    topic: str
    heard: Callable[[str], None]

    @property
    def subscriptions(self) -> Sequence[str]:
        """None."""
        return ()

    @property
    def fleeting(self) -> Sequence[str]:
        """What was pressed while nobody listened cannot be dated any more."""
        return (self.topic,)

    def take(self, signal: Signal, _link: MqttLink) -> bool:
        """Hear a marker."""
        if not isinstance(signal, Received) or signal.topic != self.topic:
            return False
        if not signal.retained:
            # A retained one comes again with every connection, and nobody knows when it was pressed.
            self.heard(wire.decode_mark(signal.payload))
        return True

    def send(self, link: MqttLink) -> None:
        """Say nothing."""

    def leave(self, link: MqttLink) -> None:
        """Say nothing."""
