"""Where everything that is to be logged waits, in the order in which it was learnt."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import TYPE_CHECKING, Protocol

from ingest.night.records import RecoveryStep

if TYPE_CHECKING:
    from ingest.night.records import Notification, Record

# Ten minutes of two sensors that send 30 full packets a second each, some 30 MB, while a full disk is cleared; at 200
# times real time, three seconds of one that stalls.
LIMIT = 40_000


class Log(Protocol):
    """The packet log, as far as the recorder needs it."""

    def append(self, record: Record) -> object:
        """Add one record."""
        ...

    def sync(self) -> None:
        """Return when everything appended before is on disk; called in a thread, while :meth:`append` goes on."""
        ...


class Inbox:
    """A bounded queue between Bluetooth's callbacks and the log.

    Notifications that find it full are counted and dropped, and the count is logged; what the recorder itself has to
    say (links, replies, times) is little and always gets in.

    Parameters
    ----------
    limit : int
        Most records to hold before notifications are dropped.

    Examples
    --------
    >>> from ingest.night.records import Notification
    >>> inbox = Inbox(limit=1)
    >>> for index in range(3):
    ...     inbox.hear(Notification(index, "left-shin", "data", bytes([index])))
    >>> [type(record).__name__ for record in inbox.take()]
    ['Notification', 'RecoveryStep']
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._waiting: deque[Record] = deque()
        self._dropped: Counter[str] = Counter()
        self._some = asyncio.Event()

    def hear(self, notification: Notification) -> None:
        """Take what a sensor sent, or count it as dropped."""
        if len(self._waiting) >= self._limit:
            self._dropped[notification.sensor] += 1
        else:
            self._waiting.append(notification)
        self._some.set()

    def tell(self, record: Record) -> None:
        """Take what the recorder has to say."""
        self._waiting.append(record)
        self._some.set()

    async def wait(self) -> None:
        """Return when there is something to take."""
        await self._some.wait()

    def take(self) -> list[Record]:
        """Return what waits, oldest first, and after it what was dropped meanwhile."""
        taken = list(self._waiting)
        self._waiting.clear()
        self._some.clear()
        now_ns = taken[-1].mono_ns if taken else 0
        for sensor, count in self._dropped.items():
            taken.append(RecoveryStep(now_ns, sensor, "queue full", f"{count} notifications were dropped"))
        self._dropped.clear()
        return taken
