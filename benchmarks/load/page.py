"""docs/scaling.md: the text of ``scaling.md.in`` with what a run has measured."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from benchmarks.load.nights import fields_and_series, size
from benchmarks.load.sizing import CATCHING_UP, NIGHTS_PER_YEAR, need, night_of
from benchmarks.load.text import ORDER, told
from ingest.night.entries import TopicKind
from soleus import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.load.cost import Cost
    from benchmarks.load.homes import Homes
    from benchmarks.load.nights import Said

TOP = Path(__file__).parents[2]
PAGE = TOP / "docs" / "scaling.md"
TEXT = Path(__file__).parent / "scaling.md.in"
WEARERS = (1, 100, 10_000, 1_000_000)
KB, MB, TB = 1e3, 1e6, 1e12
# A message of QoS 1 with its fixed header, lengths, number and empty properties, and the acknowledgement.
FRAME_BYTES = 12
DEMO_HOURS = 0.5


@dataclass(frozen=True, slots=True)
class Measured:
    """What the page tells.

    Parameters
    ----------
    hours : float
        Length of the night.
    said : sequence of Said
        The night.
    found : Homes
        What became of it in many homes.
    each : mapping of TopicKind to Cost
        What an event and an epoch cost.
    log_mb_per_h : float
        Size of the packet log of two sensors, MB per hour.
    """

    hours: float
    said: Sequence[Said]
    found: Homes
    each: Mapping[TopicKind, Cost]
    log_mb_per_h: float

    @property
    def disk_bytes(self) -> float:
        """Return what the database keeps of a night."""
        return self.found.disk_bytes / self.found.plan.homes

    @property
    def log_mb(self) -> float:
        """Return the size of the packet log of a night."""
        return self.hours * self.log_mb_per_h


def packet_log_mb_per_h(folder: Path) -> float:
    """Play two virtual sensors through the whole path and return how large their packet log gets, MB per hour."""
    demo = ("demo", "--hours", f"{DEMO_HOURS:g}", "--seed", "1", "--exit", "--json", "--keep", str(folder))
    subprocess.run([sys.executable, "-m", "soleus", *demo], check=True, stdout=subprocess.DEVNULL, cwd=TOP)
    return sum(log.stat().st_size for log in folder.rglob("packets.log")) / MB / DEMO_HOURS


def page(measured: Measured) -> str:
    """Return the page."""
    said, found = measured.said, measured.found
    everything = size(said)
    fields, series = fields_and_series(said)
    night = night_of(said)
    figures = {
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
        "version": __version__,
        "busy": f"{os.getloadavg()[1]:.0f}",
        "hours": f"{measured.hours:g}",
        "sizes": "\n".join(_sizes(said)),
        "frame_bytes": FRAME_BYTES,
        "frames_kb": f"{everything.messages * FRAME_BYTES / KB:.0f}",
        "confirmations_kb": f"{found.confirmation_bytes / found.plan.homes / KB:.0f}",
        "disk_kb": f"{measured.disk_bytes / KB:.0f}",
        "disk_bytes_per_point": f"{measured.disk_bytes / everything.points:.0f}",
        "log_mb": f"{measured.log_mb:.0f}",
        "log_share": f"{measured.log_mb * MB / everything.mqtt_bytes:.0f}",
        "fields": f"{fields}",
        "series": f"{series}",
        "at_end": night.at_end,
        "run": "\n".join(told(said, found)),
        "costs": "\n".join(_costs(measured)),
        "catching_up": f"{CATCHING_UP:g}",
        "needs": "\n".join(_needs(measured, series, fields)),
    }
    return Template(TEXT.read_text(encoding="utf-8")).substitute({name: str(value) for name, value in figures.items()})


def _sizes(said: Sequence[Said]) -> list[str]:
    rows = [(f"`{kind}`", size(said, [kind])) for kind in TopicKind] + [("all", size(said))]
    return [
        f"| {name} | {one.entries} | {one.messages} | {one.mqtt_bytes / KB:.0f} kB | {one.points}"
        f" | {one.line_bytes / KB:.0f} kB |"
        for name, one in rows
        if one.messages
    ]


def _costs(measured: Measured) -> list[str]:
    event, epoch = measured.each[TopicKind.EVENT], measured.each[TopicKind.EPOCH]
    lines = [
        f"| {stage} | {event.cpu_us[stage]:.0f} µs | {epoch.cpu_us[stage]:.0f} µs |"
        for stage in ORDER
        if stage in event.cpu_us
    ]
    return [*lines, f"| through all of them, one writer | {event.per_s:.0f}/s | {epoch.per_s:.0f}/s |"]


def _needs(measured: Measured, series: int, fields: int) -> list[str]:
    night = night_of(measured.said)
    lines = []
    for wearers in WEARERS:
        one = need(wearers, night, measured.each)
        disk = wearers * NIGHTS_PER_YEAR * measured.disk_bytes
        folders = wearers * NIGHTS_PER_YEAR * measured.log_mb * MB
        cells = (
            f"{wearers:,}".replace(",", " "),
            _round(one.mean_per_s),
            _round(one.peak_per_s),
            *(_round(one.cores[stage]) for stage in ("broker", "writers", "database")),
            _round(one.peak_per_s * fields / size(measured.said).messages),
            _round(wearers * series),
            _bytes(disk),
            _bytes(folders),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _round(value: float) -> str:
    """Return a number with two figures that count: the rest would be pretence."""
    if value < 0.01:  # noqa: PLR2004 - what is shown as next to nothing
        return "< 0.01"
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}".replace(",", " ") if rounded >= 10 else f"{rounded:g}"  # noqa: PLR2004 - two figures


def _bytes(value: float) -> str:
    for unit, size_ in (("TB", TB), ("GB", 1e9), ("MB", MB)):
        if value >= size_:
            return f"{_round(value / size_)} {unit}"
    return f"{_round(value / KB)} kB"
