"""Where the samples of a packet belong on the sample count of their stream: the contract.

A packet that is late is not lost. So a loss of which no counter tells is believed only when the stream stays behind; it
is then placed up to 10 s late.
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
    LATE = "late"
    ANEW = "anew"


class Place(NamedTuple):
    """Where a packet belongs: index of its first sample, and the device's time of it, ns, not wrapped."""

    verdict: Verdict
    start: int = 0
    device_ns: int = 0


class Arrival(NamedTuple):
    """How a packet came.

    Parameters
    ----------
    utc_ns : int
        When, UTC in ns.
    after_link_loss : bool
        Whether the link was lost since the packet before.
    measured_hz : float or None
        The stream's sampling rate as measured so far, Hz; None where the nominal one is all that is known.
    """

    utc_ns: int
    after_link_loss: bool = False
    measured_hz: float | None = None


class Placer(Protocol):
    """The sample count of one segment of one stream."""

    def place(self, samples: Samples, arrival: Arrival) -> Place:
        """Place a packet; one that is `OLD` or `LATE` or counts `ANEW` leaves no trace."""
        ...


def is_possible(ahead_ns: float, elapsed_ns: int, *, after_link_loss: bool) -> bool:
    """Tell whether a sensor can have gone on by `ahead_ns` between two packets that came `elapsed_ns` apart.

    Within a link a packet may be late, so that less than the elapsed time has passed for the sensor, as little as
    nothing. After the link was lost, a sensor that is far behind was off in between.

    Examples
    --------
    >>> is_possible(0, 60 * NS_PER_S, after_link_loss=False), is_possible(0, 60 * NS_PER_S, after_link_loss=True)
    (True, False)
    """
    slack_ns = elapsed_ns * MOST_RATE_ERROR + OLD_NS
    least_ns = elapsed_ns - slack_ns if after_link_loss else 0
    return max(0, least_ns) <= ahead_ns <= elapsed_ns + slack_ns
