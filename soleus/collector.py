"""A night's processes together: recorder, scorer, relay and, where none is configured, a broker."""

from __future__ import annotations

import asyncio
import logging
import socket
import sqlite3
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.errors import DecodeError
from ingest.night.journal import Journal
from ingest.night.packets import PacketLogWriter
from ingest.night.records import NightEnd
from soleus.nights import alone, journal_path
from soleus.supervise import Worker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from pathlib import Path

    from ingest.night.folder import NightFolder
    from ingest.timebase import Timebase
    from soleus.settings import Settings

log = logging.getLogger(__name__)

# What the scorer may take for the rest of the log and the final numbers: a night with late samples is read a second
# time, which takes a small computer minutes.
SCORE_REST_S = 900.0
# What the relay may take for the rest of the outbox.
DELIVER_REST_S = 60.0
POLL_S = 0.1
# Another process holds the journal: it is asked again soon, and nothing else waits for it.
BUSY_S = 1.0


@dataclass(slots=True)
class Collector:
    """The running processes of one night.

    Parameters
    ----------
    settings : Settings
        Settings of the night.
    folder : NightFolder
        The night.
    timebase : Timebase
        Time of the night.
    recorder, scorer, relay : Worker
        The processes.
    """

    settings: Settings
    folder: NightFolder
    timebase: Timebase
    recorder: Worker
    scorer: Worker
    relay: Worker
    _ended: bool = False

    async def end(self, hurry: asyncio.Event | None = None) -> bool:
        """End the night in order: stop recording, score to the end, deliver the rest.

        Parameters
        ----------
        hurry : asyncio.Event, optional
            Breaks the waits when it is set.

        Returns
        -------
        bool
            Whether everything was scored and delivered in time; what was not waits in the log and
            the journal.
        """
        if not await self.end_recording():
            return False
        complete = await _within(SCORE_REST_S, self.scorer.wait(), hurry)
        delivered = await _within(DELIVER_REST_S, self._delivered(), hurry)
        return complete and delivered

    async def end_recording(self) -> bool:
        """Stop the recorder; return whether the log says that the night is over.

        A recorder that did not hear and was killed cannot write that itself, and the scorer would wait for it.
        """
        if self._ended:
            return True
        await self.recorder.stop()
        if not self.recorder.obeyed:
            try:
                await asyncio.to_thread(self._append_end)
            except (OSError, DecodeError) as error:
                log.warning("the end of the night could not be written: %s", error)
                return False
        self._ended = True
        return True

    def _append_end(self) -> None:
        with PacketLogWriter(self.folder.packets) as packets:
            packets.append(NightEnd(self.timebase.mono_ns(), self.timebase.now_ns(), "recorder killed"))

    async def _delivered(self) -> None:
        while not await asyncio.to_thread(self._is_empty):  # noqa: ASYNC110 - another process empties it
            await asyncio.sleep(POLL_S)

    def _is_empty(self) -> bool:
        try:
            with Journal(journal_path(self.settings), busy_s=BUSY_S) as journal:
                return not journal.waiting(self.settings.effective_delivery, 1)
        except (sqlite3.Error, OSError):
            return False


@asynccontextmanager
async def collecting(
    settings: Settings, config: Path, folder: NightFolder, timebase: Timebase, *, hci: str | None = None
) -> AsyncIterator[Collector]:
    """Run the processes of a night and end them on the way out.

    Parameters
    ----------
    settings : Settings
        What `config` says.
    config : Path
        Configuration file that the processes read.
    folder : NightFolder
        The night.
    timebase : Timebase
        Time of the night.
    hci : str, optional
        Transport of a virtual Bluetooth adapter; the computer's own if not given.

    Yields
    ------
    Collector
        The processes. Left by an exception, they stop without the word that the night is over: it goes on next time.

    Raises
    ------
    ConfigError
        If another collector is at work on the night.
    """
    origin = ("--origin-ns", str(timebase.origin_ns))
    clock = ("--speed", repr(timebase.speed), "--epoch-ns", str(timebase.epoch_ns), *origin)
    virtual = () if hci is None else ("--hci", hci)
    night = ("--config", str(config), str(folder.path))
    at = ("--night", str(folder.path))
    port = free_port()
    recorder = Worker("recorder", ("-m", "soleus.workers.recorder", *clock, *virtual, *night))
    scorer = Worker("scorer", ("-m", "soleus.workers.scorer", *night), may_finish=True)
    relay = Worker(
        "relay",
        ("-m", "soleus.workers.relay", "--config", str(config), *("--embedded-port", str(port)), *at),
    )
    workers = [recorder, scorer, relay]
    if settings.mqtt.url is None:
        workers.append(Worker("broker", ("-m", "ingest.broker", "--supervised", "--port", str(port))))
    with alone(folder.path / "night.lock", "another collector is at work on this night"):
        tasks = [asyncio.create_task(worker.keep_running(), name=worker.name) for worker in workers]
        collector = Collector(settings, folder, timebase, recorder, scorer, relay)
        on_purpose = False
        try:
            yield collector
            on_purpose = True
            await collector.end_recording()
        finally:
            for worker in workers:
                await worker.stop(on_purpose=on_purpose)
            await asyncio.gather(*tasks)


def free_port() -> int:
    """Return a TCP port of the loopback interface that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _within(seconds: float, waiting: Coroutine[None, None, None], hurry: asyncio.Event | None) -> bool:
    """Wait at most so long, and no longer once somebody is in a hurry; return whether it came to its end."""
    task = asyncio.create_task(waiting, name="end of the night")
    hurrying = asyncio.create_task((hurry or asyncio.Event()).wait(), name="hurry")
    try:
        await asyncio.wait({task, hurrying}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return task.done()
    finally:
        task.cancel()
        hurrying.cancel()
        await asyncio.wait({task, hurrying})
