"""A connection to a broker that only writes down what is done with it, for the guests of the relay."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ingest.mqtt import Acknowledged, Up

if TYPE_CHECKING:
    from ingest.guest import Guest
    from ingest.mqtt import Received


@dataclass
class LinkLog:
    """What a guest published and acknowledged."""

    kept: dict[str, bytes] = field(default_factory=dict)
    published: list[tuple[str, bytes]] = field(default_factory=list)
    n_published: int = 0
    acknowledged: list[Received] = field(default_factory=list)
    refusal: str | None = None

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        if retain:
            self.kept[topic] = payload
        else:
            self.published.append((topic, payload))
        self.n_published += 1
        return self.n_published

    def acknowledge(self, message: Received) -> None:
        self.acknowledged.append(message)

    def answer(self, guest: Guest) -> None:
        """Have the broker take everything, or refuse it."""
        for mid in range(1, self.n_published + 1):
            guest.take(Acknowledged(mid, self.refusal), self.typed)

    def connect(self, guest: Guest) -> None:
        guest.take(Up(resumed=False), self.typed)

    @property
    def typed(self) -> Any:
        """Itself, where a connection is asked for."""
        return self
