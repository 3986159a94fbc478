"""How full the outbox is, and what is still taken into it when it is full: ``docs/delivery.md#a-full-outbox``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from ingest.night.entries import SCORED, TopicKind
from ingest.seldom import Seldom

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.night.entries import Delivery, Entry
    from ingest.night.journal import Journal

# What is left out of a full outbox: the bulk of a night, and made again from its log by a replay.
LEFT_OUT = frozenset({TopicKind.EPOCH, TopicKind.HEALTH})
# A night adds a megabyte an hour at most: within half a minute nothing happens to an outbox of hundreds of them.
LOOK_S = 30.0
_HALF, _NEARLY = 0.5, 0.8
_BYTES_PER_MB = 1e6


class Fill(IntEnum):
    """How full an outbox is: from half on it is said, from the bound on epochs and health are left out."""

    ROOM = 0
    HALF = 1
    NEARLY = 2
    FULL = 3


_CONSEQUENCES = {
    Fill.ROOM: "",
    Fill.HALF: "nobody has confirmed anything for long: look at the broker and the store",
    Fill.NEARLY: "look at the broker and the store: once it is full, epochs and health are left out of it",
    Fill.FULL: (
        "epochs and health are left out, events are not; once it has emptied, soleus replay NIGHT --publish brings"
        " them from the night's folder"
    ),
}


@dataclass(frozen=True, slots=True)
class Fullness:
    """How much waits, and how much may.

    Parameters
    ----------
    waiting_bytes : int
        Room on the disk that is taken by what waits, bytes.
    most_bytes : int
        The bound, bytes.

    Examples
    --------
    >>> print(Fullness(420_000_000, 500_000_000))
    420 MB of 500 MB wait for delivery (84 %)
    >>> Fullness(420_000_000, 500_000_000).fill
    <Fill.NEARLY: 2>
    """

    waiting_bytes: int
    most_bytes: int

    def __str__(self) -> str:
        """Return it in words."""
        waiting_mb, most_mb = self.waiting_bytes / _BYTES_PER_MB, self.most_bytes / _BYTES_PER_MB
        return f"{waiting_mb:.3g} MB of {most_mb:g} MB wait for delivery ({self.share:.0%})".replace("%)", " %)")

    @property
    def share(self) -> float:
        """Return the part of the bound that is taken."""
        return self.waiting_bytes / self.most_bytes

    @property
    def fill(self) -> Fill:
        """Return how full that is."""
        return Fill(sum(self.share >= limit for limit in (_HALF, _NEARLY, 1.0)))

    @property
    def consequence(self) -> str:
        """Return what becomes of it, in words; empty where there is room."""
        return _CONSEQUENCES[self.fill]


class OutboxMeter:
    """Measures how full an outbox is, from time to time.

    Parameters
    ----------
    journal : Journal
        The journal.
    delivery : Delivery
        Who empties its outbox.
    most_bytes : int
        What may wait, bytes.
    seldom : Seldom, optional
        How often it is measured; every half minute if not given.
    """

    def __init__(self, journal: Journal, delivery: Delivery, most_bytes: int, seldom: Seldom | None = None) -> None:
        self._journal = journal
        self._delivery = delivery
        self._most_bytes = most_bytes
        self._seldom = seldom or Seldom(LOOK_S)

    def look(self) -> Fullness | None:
        """Return how full it is, or None if that was measured a moment ago."""
        if not self._seldom.is_time():
            return None
        return Fullness(self._journal.backlog(self._delivery).waiting_bytes, self._most_bytes)


class OutboxGate:
    """Lets entries into a journal: all while there is room in its outbox, without epochs and health when it is full.

    Nothing is lost by it. What is left out is in the night's folder, and a replay brings it.

    Parameters
    ----------
    meter : OutboxMeter
        How full it is.
    """

    def __init__(self, meter: OutboxMeter) -> None:
        self._meter = meter
        self._full = False
        self.n_left_out = 0

    @property
    def is_full(self) -> bool:
        """Return whether something is left out now."""
        return self._full

    @property
    def kinds(self) -> tuple[TopicKind, ...]:
        """Return what of a finished scoring is let in now."""
        self._look()
        return tuple(kind for kind in SCORED if not (self._full and kind in LEFT_OUT))

    def admit(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the entries that are let in now; the others are counted."""
        self._look()
        offered = list(entries)
        admitted = [entry for entry in offered if not (self._full and entry.topic_kind in LEFT_OUT)]
        self.n_left_out += len(offered) - len(admitted)
        return admitted

    def _look(self) -> None:
        fullness = self._meter.look()
        if fullness is not None:
            self._full = fullness.fill is Fill.FULL
