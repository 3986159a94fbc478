"""A night whose log grows as the clock of a test says, and the pages that follow it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from detectors.criteria import named
from detectors.signal import NS_PER_S, Quantity
from ingest.night.packets import PacketLogWriter
from soleus.live import LiveNights
from tests.night_log import UTC_NS

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.live import LiveFeed
    from dashboards.signals import RawView
    from ingest.night.folder import NightFolder
    from ingest.night.records import Record

S = NS_PER_S
SENSOR = "left-shin"
EMG_BYTES = 200
"""A packet of 100 samples of EMG has more, one of acceleration less."""


@dataclass
class Bed:
    """A night whose log grows as its clock does; every page's clock is this one."""

    folder: NightFolder
    records: list[Record]
    now_ns: int = 0
    n_written: int = 0
    live: LiveNights = field(init=False)
    log: PacketLogWriter | None = None
    pages: list[LiveFeed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.live = LiveNights(named("wasm-2016"), now_s=lambda: self.now_ns / S, now_ns=lambda: UTC_NS + self.now_ns)

    def page(self) -> LiveFeed:
        self.pages.append(self.live.feed(self.folder))
        return self.pages[-1]

    def until(self, seconds: float) -> None:
        """Let the recorder write what came until then."""
        self.now_ns = round(seconds * S)
        self.log = self.log or PacketLogWriter(self.folder.packets)
        while self.n_written < len(self.records) and self.records[self.n_written].mono_ns <= self.now_ns:
            self.log.append(self.records[self.n_written])
            self.n_written += 1

    def stop(self) -> None:
        """Let the recorder stop; it begins again with the next word."""
        if self.log is not None:
            self.log.close()
        self.log = None


def samples_of(views: list[RawView], sensor: str = SENSOR, quantity: Quantity = Quantity.EMG) -> np.ndarray[Any, Any]:
    found = [view.data[:, 0] for view in views if (view.sensor, view.quantity) == (sensor, quantity)]
    return np.concatenate(found) if found else np.empty(0, np.float32)


def followed(bed: Bed, feed: LiveFeed, to_s: float, step_s: float = 0.2) -> list[RawView]:
    """Poll until then and return all that came."""
    views: list[RawView] = []
    while bed.now_ns < to_s * S:
        bed.until(min(bed.now_ns / S + step_s, to_s))
        views += feed.poll()
    return views


def without(records: list[Record], gone: Callable[[Record], bool]) -> list[Record]:
    return [record for record in records if not gone(record)]
