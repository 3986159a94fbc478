"""Brings what is learnt to the packet log, also when the disk takes nothing for a while."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.night.records import RecoveryStep

if TYPE_CHECKING:
    from ingest.inbox import Inbox, Log
    from ingest.night.records import Record
    from ingest.timebase import Timebase

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait between attempts, s of the wall clock.

    Parameters
    ----------
    sync_s : float
        Between syncs: at most the last second may be lost to a power cut.
    retry_s : float
        Between writes to a disk that refuses.
    last_s : float
        For a disk that refuses at the end of the night; the supervisor waits longer before it kills.
    """

    sync_s: float = 0.8
    retry_s: float = 1.0
    last_s: float = 5.0


USUAL = Patience()


class LogKeeper:
    """Moves records from the inbox to the log.

    A disk that is full, or fails, is tried again every second. What is learnt meanwhile waits; when the inbox is full
    as well, notifications are counted and dropped, and both are logged as soon as there is room.

    Parameters
    ----------
    packet_log : Log
        The packet log.
    inbox : Inbox
        What is to be logged.
    timebase : Timebase
        Time of the night.
    patience : Patience
        How long to wait between attempts.
    """

    def __init__(self, packet_log: Log, inbox: Inbox, timebase: Timebase, patience: Patience = USUAL) -> None:
        self._patience = patience
        self._log = packet_log
        self._inbox = inbox
        self._timebase = timebase
        self._waiting: deque[Record] = deque()
        self._refused: tuple[float, str] | None = None
        self._unsynced: tuple[float, str] | None = None

    async def write(self) -> None:
        """Move what is learnt to the log, for ever."""
        while True:
            await self._inbox.wait()
            while not self._flushed():  # noqa: ASYNC110 - a disk does not say when it has room
                await asyncio.sleep(self._patience.retry_s)

    async def sync(self) -> None:
        """Bring the log to disk again and again."""
        while True:
            await asyncio.sleep(self._patience.sync_s)
            # In a thread, because what is heard while a slow card writes would be dated late.
            syncing = asyncio.create_task(asyncio.to_thread(self._log.sync))
            try:
                await asyncio.shield(syncing)
            except OSError as error:
                if self._unsynced is None:
                    log.warning("the packet log cannot be synced: %s", error)
                    self._unsynced = (time.monotonic(), str(error))
            except asyncio.CancelledError:
                with contextlib.suppress(OSError):
                    await syncing  # the log must not be closed under it
                raise
            else:
                self._say("log not synced", self._unsynced)
                self._unsynced = None

    async def finish(self) -> None:
        """Write and sync what is left; the night is over.

        Raises
        ------
        OSError
            If the disk does not take it even now.
        """
        give_up_s = time.monotonic() + self._patience.last_s
        while not self._flushed() and time.monotonic() < give_up_s:  # noqa: ASYNC110 - as above
            await asyncio.sleep(self._patience.retry_s)
        for record in [*self._waiting, *self._inbox.take()]:
            self._log.append(record)
        self._log.sync()

    def _flushed(self) -> bool:
        """Write what waits, and tell whether all of it was taken."""
        try:
            if not self._waiting:
                self._waiting.extend(self._inbox.take())
            while self._waiting:
                self._log.append(self._waiting[0])
                self._waiting.popleft()
        except OSError as error:
            if self._refused is None:
                log.warning("the packet log cannot be written, what is heard waits in memory: %s", error)
                self._refused = (time.monotonic(), str(error))
            return False
        self._say("log not written", self._refused)
        self._refused = None
        return True

    def _say(self, step: str, trouble: tuple[float, str] | None) -> None:
        """Log a trouble that is over."""
        if trouble is not None:
            since_s, why = trouble
            lasted_s = (time.monotonic() - since_s) * self._timebase.speed
            self._inbox.tell(RecoveryStep(self._timebase.mono_ns(), "", step, f"for {lasted_s:.0f} s: {why}"))
