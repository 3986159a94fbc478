"""A simulated night from end to end: virtual sensors, Bluetooth, collector, page, and what became of the truth."""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detectors.signal import NS_PER_S
from ingest.night.entries import TopicKind, event_of
from ingest.night.journal import Journal
from ingest.timebase import Timebase, steady_ns
from soleus.book import FolderBook
from soleus.collector import collecting
from soleus.config import load
from soleus.interrupts import start_python
from soleus.nights import journal_path, start_or_resume
from soleus.web import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from soleus.collector import Collector
    from soleus.config import Config

# Nights begin in the evening: half past ten, by the clock on the wall.
BEDTIME_S = 22.5 * 3600.0
POLL_S = 1.0
READY_TIMEOUT_S = 60.0
SETTINGS = """\
# Written by `soleus demo`: two virtual sensors on a virtual radio.
person = "demo"
data_dir = {data_dir}
{criteria}
[web]
port = {port}

[[sensor]]
name = "left-shin"
device = "lsp"
address = "C4:00:00:00:00:01"
leg = "left"
site = "tibialis anterior"

[[sensor]]
name = "right-shin"
device = "lsp"
address = "C4:00:00:00:00:02"
leg = "right"
site = "tibialis anterior"
"""


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """What to play.

    Parameters
    ----------
    hours : float
        Length of the night, h.
    seed : int
        Seed of the legs.
    speed : float
        Seconds of the night per second.
    regime : str
        Kind of night, as for ``soleus simulate``.
    port : int
        Port of the pages; 0 takes a free one.
    """

    hours: float
    seed: int
    speed: float
    regime: str
    port: int


class VirtualSensors:
    """The process that plays the sensors.

    Parameters
    ----------
    process : asyncio.subprocess.Process
        It.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.reports: dict[str, dict[str, Any]] = {}
        self._news = asyncio.Event()

    async def listen(self) -> None:
        """Take its reports until it ends."""
        assert self._process.stdout is not None  # noqa: S101 - it was started with a pipe
        while line := await self._process.stdout.readline():
            report = json.loads(line)
            self.reports[report["event"]] = report
            self._news.set()
        self.reports.setdefault("ended", {})
        self._news.set()

    async def wait_for(self, event: str) -> dict[str, Any]:
        """Wait for a report.

        Raises
        ------
        RuntimeError
            If the process ends without it.
        """
        while event not in self.reports:
            if "ended" in self.reports:
                msg = f"the virtual sensors ended before they reported {event!r}"
                raise RuntimeError(msg)
            self._news.clear()
            await self._news.wait()
        return self.reports[event]


@asynccontextmanager
async def virtual_sensors(plan: DemoPlan, timebase: Timebase) -> AsyncIterator[VirtualSensors]:
    """Run the sensors of a plan in a process of their own."""
    arguments = ("--hours", plan.hours, "--seed", plan.seed, "--regime", plan.regime, "--speed", timebase.speed)
    clock = ("--epoch-ns", timebase.epoch_ns, "--origin-ns", timebase.origin_ns)
    pipe = asyncio.subprocess.PIPE
    process = await start_python("-m", "ingest.virtual", *arguments, *clock, stdin=pipe, stdout=pipe)
    sensors = VirtualSensors(process)
    listening = asyncio.create_task(sensors.listen(), name="virtual-sensors")
    try:
        yield sensors
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await listening
        await process.wait()


class Demo:
    """One demonstration.

    Parameters
    ----------
    plan : DemoPlan
        What to play.
    folder : Path
        Where to keep it.
    """

    def __init__(self, plan: DemoPlan, folder: Path) -> None:
        self._plan = plan
        self._folder = folder
        self._config_file = folder / "soleus.toml"

    async def play(
        self,
        progress: Callable[[float, dict[str, int]], None],
        ready: Callable[[str], None],
        *,
        stop: asyncio.Event,
        stay: bool,
    ) -> dict[str, Any] | None:
        """Play the night.

        Parameters
        ----------
        progress : callable
            Takes the share of the night that is over and the events so far by kind.
        ready : callable
            Takes the address of the page when it is up.
        stop : asyncio.Event
            Ends the demonstration.
        stay : bool
            Whether the page stays up after the night.

        Returns
        -------
        dict or None
            The JSON of ``soleus demo --json``; None if it was stopped before the night was over.
        """
        # Loaded here: what tells of the command needs no science.
        from soleus.studio.opening import studio_of  # noqa: PLC0415 - see above

        started = time.monotonic()
        config = self._configure()
        timebase = Timebase(self._plan.speed, _bedtime_ns(), steady_ns())
        async with AsyncExitStack() as stack:
            book = FolderBook(config.settings, config.criteria, simulated=True)
            # Its processes start when somebody looks at the page *Bench*.
            studio = stack.enter_context(studio_of(config.settings, simulated=True))
            url = await stack.enter_async_context(serving(book, "127.0.0.1", self._plan.port, studio=studio))
            sensors = await stack.enter_async_context(virtual_sensors(self._plan, timebase))
            report = await asyncio.wait_for(sensors.wait_for("ready"), READY_TIMEOUT_S)
            night = start_or_resume(config.settings, speed=timebase.speed, utc_ns=timebase.now_ns())
            hci = f"tcp-client:127.0.0.1:{report['port']}"
            collector = await stack.enter_async_context(
                collecting(config.settings, self._config_file, night, timebase, hci=hci)
            )
            ready(f"{url}night/{night.path.name}")
            complete = await self._watch(sensors, timebase, collector, progress, stop)
            result = await self._result(sensors, collector, started) if complete else None
            progress(1.0, _kinds(collector))
            if stay:
                await stop.wait()
        return result

    def _configure(self) -> Config:
        data_dir = json.dumps(str(self._folder / "data"))
        text = SETTINGS.format(data_dir=data_dir, criteria="", port=self._plan.port)
        self._config_file.write_text(text, encoding="utf-8")
        return load(self._config_file)

    async def _watch(
        self,
        sensors: VirtualSensors,
        timebase: Timebase,
        collector: Collector,
        progress: Callable[[float, dict[str, int]], None],
        stop: asyncio.Event,
    ) -> bool:
        """Follow the night; return whether it was played to its end."""
        while "done" not in sensors.reports:
            started = sensors.reports.get("started")
            if started is not None:
                share = (timebase.now_ns() - started["zero_utc_ns"]) / (self._plan.hours * 3600.0 * NS_PER_S)
                progress(min(share, 1.0), _kinds(collector))
            if "ended" in sensors.reports:
                await sensors.wait_for("done")
            try:
                await asyncio.wait_for(stop.wait(), POLL_S)
            except TimeoutError:
                continue
            return False
        return True

    async def _result(self, sensors: VirtualSensors, collector: Collector, started: float) -> dict[str, Any]:
        """End the night and ask another process what became of the truth."""
        await collector.end()
        zero_ns = sensors.reports["started"]["zero_utc_ns"]
        reviewed = await _review(self._config_file, collector.folder.path, self._plan, zero_ns)
        with Journal(journal_path(collector.settings)) as journal:
            counts = journal.counts(TopicKind.EVENT)
        produced = sensors.reports["done"]["sensors"]
        peak_kb = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return {
            "hours": self._plan.hours,
            "seed": self._plan.seed,
            "samples_sent": sum(stream["produced"] for sensor in produced for stream in sensor["streams"].values()),
            **reviewed,
            "events_journal": counts.entries,
            "events_published": counts.published,
            "seconds": round(time.monotonic() - started, 1),
            "peak_mb": round(peak_kb / 1024, 1),
        }


async def _review(config: Path, night: Path, plan: DemoPlan, zero_ns: int) -> dict[str, Any]:
    arguments = ("--config", config, "--hours", plan.hours, "--seed", plan.seed, "--regime", plan.regime)
    review = ("-m", "soleus.workers.review", *arguments, "--zero-ns", zero_ns, night)
    process = await start_python(*review, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    if process.returncode:
        msg = f"the review of the night ended with code {process.returncode}"
        raise RuntimeError(msg)
    reviewed: dict[str, Any] = json.loads(out)
    return reviewed


def _kinds(collector: Collector) -> dict[str, int]:
    """Count the events found so far by kind."""
    settings = collector.settings
    with Journal(journal_path(settings)) as journal:
        entries = journal.events(settings.person, collector.folder.path.name, settings.scoring)
    events = map(event_of, entries)
    # A contraction that is only stored is not one that pages would show.
    return dict(Counter(event.kind.value for event in events if event.measures.get("tier", 1) >= 1))


def _bedtime_ns() -> int:
    """Return yesterday's bedtime by this computer's clock, UTC ns."""
    now = time.time()
    local = time.localtime(now)
    since_midnight_s = local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec
    return int((now // 1 - since_midnight_s - 86_400 + BEDTIME_S) * NS_PER_S)
