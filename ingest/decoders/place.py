"""Where the samples of a packet belong on the sample count of their stream: the contract.

A packet that is late is not lost. So a loss that a counter cannot show, because it repeats too soon or there is none,
is believed only when the stream stays behind; it is then placed up to 10 s late.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from ingest.decoders.layout import Samples

OLD_NS = 10 * NS_PER_S
"""What is behind by less came late or twice; by more, the sensor counts anew."""
MOST_RATE_ERROR = 0.1
"""Cheap sensors miss their nominal rate by a few percent, never by more than this."""


class Verdict(Enum):
    """What a packet is."""

    NEXT = "next"
    OLD = "old"
    ANEW = "anew"


class Place(NamedTuple):
    """Where a packet belongs: index of its first sample, and the device's time of it, ns, not wrapped."""

    verdict: Verdict
    start: int = 0
    device_ns: int = 0


class Placer(Protocol):
    """The sample count of one segment of one stream."""

    def place(self, samples: Samples, arrival_ns: int, *, after_link_loss: bool) -> Place:
        """Place a packet that arrived at `arrival_ns`; one that is `OLD` or counts `ANEW` leaves no trace."""
        ...
