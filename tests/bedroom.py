"""A bedroom for tests: virtual sensors on their radio, a recorder listening to them, and a log in memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from detectors.signal import Gap, Leg, SampleBlock
from ingest.decoders.base import Placement
from ingest.decoders.lsp import LSP, LspDecoder
from ingest.night.records import NightEnd, NightStart, RecoveryStep
from ingest.recorder import record
from ingest.session import SensorSpec
from ingest.timebase import Timebase, steady_ns
from ingest.virtual.backend import hci_backend
from ingest.virtual.leg import DeviceSpec
from ingest.virtual.process import SensorRoom
from tests.counting_leg import SPAN, CountingLeg

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from ingest.ble import BleBackend
    from ingest.decoders.profile import DeviceProfile
    from ingest.night.records import Record

T = TypeVar("T")
EPOCH_NS = 1_790_000_000_000_000_000
PATIENCE_S = 60.0
LEFT = DeviceSpec("left", "C4:00:00:00:00:01", "LSP-L001", uid=1, location=3, ring_s=400.0)
RIGHT = DeviceSpec("right", "C4:00:00:00:00:02", "LSP-R002", uid=2, location=4, ring_s=400.0)


def timebase(speed: float) -> Timebase:
    """Begin a night now."""
    return Timebase(speed, EPOCH_NS, steady_ns())


@dataclass
class MemoryLog:
    """A packet log that lets a test wait for a record."""

    records: list[Record] = field(default_factory=list)
    synced: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def append(self, record: Record) -> None:
        self.records.append(record)
        self._news.set()

    def sync(self) -> None:
        self.synced += 1

    async def until(self, wanted: Callable[[Record], bool]) -> Record:
        """Wait for a record, among the old ones too."""
        seen = 0
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for record in self.records[seen:]:
                    if wanted(record):
                        return record
                seen = len(self.records)
                self._news.clear()
                await self._news.wait()

    def of(self, kind: type[T]) -> list[T]:
        return [record for record in self.records if isinstance(record, kind)]

    def steps(self) -> list[str]:
        """Return what was done about a fault: no sensor has everything that it may be asked for when it is set up."""
        steps = [record.step for record in self.records if isinstance(record, RecoveryStep)]
        return [step for step in steps if step != "set-up step left out"]


class Bedroom:
    """The sensors of one test, played in its own event loop."""

    def __init__(self, specs: Iterable[DeviceSpec], clock: Timebase, *, hours: float, supervision_s: float) -> None:
        self.clock = clock
        self.reports: list[dict[str, object]] = []
        self._news = asyncio.Event()
        self._orders: asyncio.Queue[str] = asyncio.Queue()
        self.specs = tuple(specs)
        sensors = [(spec, CountingLeg(hours * 3600)) for spec in self.specs]
        self.room = SensorRoom(sensors, clock, seed=1, report=self._report, supervision_s=supervision_s)

    def order(self, **command: object) -> None:
        self._orders.put_nowait(json.dumps(command))

    async def until(self, event: str) -> dict[str, object]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for report in self.reports:
                    if report["event"] == event:
                        return report
                self._news.clear()
                await self._news.wait()

    async def play(self) -> None:
        await self.room.play(self._lines())

    def _report(self, report: dict[str, object]) -> None:
        self.reports.append(report)
        self._news.set()

    async def _lines(self) -> AsyncIterator[str]:
        while True:
            yield await self._orders.get()


@contextlib.asynccontextmanager
async def bedroom(
    *specs: DeviceSpec, speed: float = 300.0, hours: float = 0.1, supervision_s: float = 6.0
) -> AsyncIterator[Bedroom]:
    """Have sensors on the air."""
    room = Bedroom(specs or (LEFT,), timebase(speed), hours=hours, supervision_s=supervision_s)
    playing = asyncio.create_task(room.play())
    try:
        await room.until("ready")
        yield room
    finally:
        room.order(do="quit")
        await playing


@contextlib.asynccontextmanager
async def adapter(room: Bedroom, *, largest_mtu: int = 247) -> AsyncIterator[BleBackend]:
    """Plug an adapter into the bedroom's radio."""
    ready = await room.until("ready")
    async with hci_backend(f"tcp-client:127.0.0.1:{ready['port']}", largest_mtu=largest_mtu) as ble:
        yield ble


@contextlib.asynccontextmanager
async def recording(
    room: Bedroom, ble: BleBackend, *, profile: DeviceProfile = LSP, clock: Timebase | None = None
) -> AsyncIterator[MemoryLog]:
    """Record the bedroom's sensors for as long as the context lasts, then end the night."""
    log, stop = MemoryLog(), asyncio.Event()
    clock = clock or room.clock
    log.append(NightStart(clock.mono_ns(), clock.now_ns(), clock.speed, "test"))
    sensors = [SensorSpec(spec.name, profile, spec.address) for spec in room.specs]
    night = asyncio.create_task(record(sensors, log, clock, stop=stop, ble=ble))
    try:
        yield log
    finally:
        stop.set()
        await night
        log.append(NightEnd(clock.mono_ns(), clock.now_ns(), "test"))


@dataclass
class Decoded:
    """What a decoder made of one stream."""

    indices: list[int] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    @property
    def missing(self) -> int:
        return sum(gap.n_missing or 0 for gap in self.gaps)


def decode(records: Iterable[Record], sensor: str, speed: float, window_s: float) -> dict[str, Decoded]:
    """Decode one sensor's samples, and check that each sample is the one that its index says."""
    decoder = LspDecoder(Placement(sensor, Leg.LEFT, "shin"), speed=speed, backfill_window_s=window_s)
    found: dict[str, Decoded] = defaultdict(Decoded)
    items = [item for learnt in records for item in decoder.feed(learnt)] + decoder.finish()
    for item in items:
        if isinstance(item, SampleBlock):
            name = item.stream.quantity.value
            scale = {"emg": 4.0, "acceleration": 8192.0}[name]
            indices = np.arange(item.start, item.stop)
            np.testing.assert_array_equal(np.rint(item.data[:, 0] * scale), indices % SPAN)
            found[name].indices += indices.tolist()
        elif isinstance(item, Gap):
            found[item.stream.quantity.value].gaps.append(item)
    return dict(found)


def with_ring(spec: DeviceSpec, ring_s: float) -> DeviceSpec:
    """Give a sensor a memory of this length, s."""
    return replace(spec, ring_s=ring_s)
