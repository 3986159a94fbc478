"""Start the processes of a night, start them again when they die, and end them in order.

Every worker gets a pipe on standard input that nobody writes to: when the supervisor itself is
killed the pipe closes, and the worker ends cleanly instead of becoming a second collector.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

# A worker that dies at once is not restarted in a tight loop; after a minute of work it starts at once again.
FIRST_RESTART_S = 0.2
LONGEST_RESTART_S = 30.0
SETTLED_S = 60.0


@dataclass(slots=True)
class Worker:
    """One process of a night.

    Parameters
    ----------
    name : str
        What it does; in the log.
    argv : sequence of str
        Arguments after the Python interpreter.
    grace_s : float
        How long it may take to end cleanly.
    """

    name: str
    argv: Sequence[str]
    grace_s: float = 10.0
    restarts: int = 0
    process: asyncio.subprocess.Process | None = field(default=None, repr=False)
    _done: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    async def keep_running(self) -> None:
        """Run the process until it ends by itself with code 0 or is stopped; restart it when it dies."""
        delay_s = FIRST_RESTART_S
        loop = asyncio.get_running_loop()
        try:
            while not self._stopping.is_set():
                started = loop.time()
                code = await self._run_once()
                if code == 0 or self._stopping.is_set():
                    return
                self.restarts += 1
                delay_s = FIRST_RESTART_S if loop.time() - started > SETTLED_S else min(delay_s * 2, LONGEST_RESTART_S)
                log.warning("%s ended with code %s; starting it again in %.1f s", self.name, code, delay_s)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), delay_s)
        finally:
            self._done.set()

    async def _run_once(self) -> int:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, *self.argv, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
        )
        try:
            return await self.process.wait()
        except asyncio.CancelledError:
            await self._end(self.process)
            raise

    async def stop(self) -> None:
        """Ask the process to end and wait for it; kill it when its grace is over."""
        self._stopping.set()
        if self.process is not None:
            await self._end(self.process)
        await self._done.wait()

    async def wait(self) -> None:
        """Wait until the process has ended for good."""
        await self._done.wait()

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(self.grace_s):
                await process.wait()
        except TimeoutError:
            log.warning("%s did not end within %.0f s and was killed", self.name, self.grace_s)
            process.kill()
            await process.wait()


def stop_event() -> asyncio.Event:
    """Return an event that is set on Ctrl-C, on SIGTERM, or when standard input closes.

    Returns
    -------
    asyncio.Event
        Set once; belongs to the running loop.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def watch_parent(stop: asyncio.Event) -> None:
    """Set `stop` when the supervisor is gone (its end of standard input closes)."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while await reader.read(1024):
            pass
        stop.set()
    finally:
        transport.close()
