"""Start the processes of a night, start them again when they die, and end them in order.

Every worker has a pipe on standard input. The supervisor writes one word to it when the worker is
to end; when the supervisor itself is killed the pipe closes without that word, and the worker stops
as if it had been cut off instead of becoming a second collector.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.stdin import stdin_lines
from soleus.interrupts import start_python

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

log = logging.getLogger(__name__)

# What the supervisor writes when a worker is to end.
END = "end\n"
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
    may_finish : bool
        Whether an end with code 0 that nobody asked for is its work done; otherwise it is a death.

    Attributes
    ----------
    restarts : int
        How often it died and was started again.
    obeyed : bool
        Whether it was told to end on purpose and did so cleanly and in time.
    process : asyncio.subprocess.Process or None
        The process that runs, or ran last.
    """

    name: str
    argv: Sequence[str]
    grace_s: float = 10.0
    may_finish: bool = False
    restarts: int = 0
    obeyed: bool = False
    process: asyncio.subprocess.Process | None = field(default=None, repr=False)
    _done: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    async def keep_running(self) -> None:
        """Run the process until it is stopped or has finished; start it again when it dies."""
        delay_s = FIRST_RESTART_S
        loop = asyncio.get_running_loop()
        try:
            while not self._stopping.is_set():
                started = loop.time()
                code = await self._run_once()
                if self._stopping.is_set() or (code == 0 and self.may_finish):
                    return
                self.restarts += 1
                delay_s = FIRST_RESTART_S if loop.time() - started > SETTLED_S else min(delay_s * 2, LONGEST_RESTART_S)
                log.warning("%s ended with code %s; starting it again in %.1f s", self.name, code, delay_s)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), delay_s)
        finally:
            self._done.set()

    async def _run_once(self) -> int:
        # Ctrl-C reaches every process of the terminal; the supervisor alone decides in which order they end.
        self.process = await start_python(*self.argv, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL)
        try:
            if self._stopping.is_set():
                # It was stopped while the process was being made.
                await self._end(self.process, on_purpose=False)
            return await self.process.wait()
        except asyncio.CancelledError:
            await self._end(self.process, on_purpose=True)
            raise

    async def stop(self, *, on_purpose: bool = True) -> None:
        """Tell the process to end and wait for it; kill it when its grace is over.

        Parameters
        ----------
        on_purpose : bool
            Whether the night is over; otherwise the process stops as if it had been cut off.
        """
        self._stopping.set()
        if self.process is not None:
            await self._end(self.process, on_purpose=on_purpose)
        await self._done.wait()

    async def wait(self) -> None:
        """Wait until the process has ended for good."""
        await self._done.wait()

    async def _end(self, process: asyncio.subprocess.Process, *, on_purpose: bool) -> None:
        if process.returncode is not None or process.stdin is None:
            return
        with contextlib.suppress(ConnectionError):
            if on_purpose:
                process.stdin.write(END.encode())
            process.stdin.close()
        try:
            async with asyncio.timeout(self.grace_s):
                self.obeyed = await process.wait() == 0 and on_purpose
        except TimeoutError:
            log.warning("%s did not end within %.0f s and was killed", self.name, self.grace_s)
            process.kill()
            await process.wait()


@dataclass(slots=True)
class Orders:
    """What a worker was told.

    Parameters
    ----------
    stop : asyncio.Event
        Set when the worker is to stop, for whatever reason.
    on_purpose : bool
        Whether the supervisor said so; otherwise it is gone, or the process was sent a signal.
    """

    stop: asyncio.Event
    on_purpose: bool = False


def stop_event() -> asyncio.Event:
    """Return an event that is set on Ctrl-C or SIGTERM.

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


@asynccontextmanager
async def under_supervision() -> AsyncIterator[Orders]:
    """Listen to the supervisor of this process.

    Yields
    ------
    Orders
        What it said so far.
    """
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    orders = Orders(stop)
    listening = asyncio.create_task(_listen(orders), name="supervisor")
    try:
        yield orders
    finally:
        listening.cancel()


async def _listen(orders: Orders) -> None:
    async with contextlib.aclosing(stdin_lines()) as lines:
        orders.on_purpose = await anext(lines, "") == END
        orders.stop.set()
