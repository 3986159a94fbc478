"""A night's processes together: recorder, scorer, relay and, where none is configured, a broker."""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.night.journal import Journal
from soleus.nights import alone, journal_path
from soleus.supervise import Worker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable
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


@dataclass(slots=True)
class Collector:
    """The running processes of one night.

    Parameters
    ----------
    settings : Settings
        Settings of the night.
    folder : NightFolder
        The night.
    recorder, scorer, relay : Worker
        The processes.
    """

    settings: Settings
    folder: NightFolder
    recorder: Worker
    scorer: Worker
    relay: Worker

    async def end(self) -> bool:
        """End the night in order: stop recording, score to the end, deliver the rest.

        Returns
        -------
        bool
            Whether everything was scored and delivered in time; what was not waits in the log and
            the journal.
        """
        await self.recorder.stop()
        complete = await _within(SCORE_REST_S, self.scorer.wait())
        delivered = await _within(DELIVER_REST_S, self._delivered())
        return complete and delivered

    async def _delivered(self) -> None:
        delivery = self.settings.effective_delivery
        with Journal(journal_path(self.settings)) as journal:
            while journal.waiting(delivery, 1):  # noqa: ASYNC110 - another process empties it
                await asyncio.sleep(POLL_S)


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
        The processes.

    Raises
    ------
    ConfigError
        If another collector is at work on the night.
    """
    clock = (
        "--speed",
        repr(timebase.speed),
        "--epoch-ns",
        str(timebase.epoch_ns),
        "--origin-ns",
        str(timebase.origin_ns),
    )
    virtual = () if hci is None else ("--hci", hci)
    night = ("--config", str(config), str(folder.path))
    port = free_port()
    recorder = Worker("recorder", ("-m", "soleus.workers.recorder", *clock, *virtual, *night))
    scorer = Worker("scorer", ("-m", "soleus.workers.scorer", *night), may_finish=True)
    relay = Worker(
        "relay",
        (
            "-m",
            "soleus.workers.relay",
            "--config",
            str(config),
            "--embedded-port",
            str(port),
            "--night",
            str(folder.path),
        ),
    )
    workers = [recorder, scorer, relay]
    if settings.mqtt.url is None:
        workers.append(Worker("broker", ("-m", "ingest.broker", "--supervised", "--port", str(port))))
    with alone(folder.path / "night.lock", "another collector is at work on this night"):
        tasks = [asyncio.create_task(worker.keep_running(), name=worker.name) for worker in workers]
        try:
            yield Collector(settings, folder, recorder, scorer, relay)
        finally:
            for worker in workers:
                await worker.stop()
            await asyncio.gather(*tasks)


def free_port() -> int:
    """Return a TCP port of the loopback interface that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _within(seconds: float, waiting: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await waiting
    except TimeoutError:
        return False
    return True
