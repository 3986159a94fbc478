"""What each stage of the way uses: processor time and memory of the processes that this one has started."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import NamedTuple

import psutil

# By a word of the command line; nginx stands in front of InfluxDB 1.6 in these tests only.
STAGES = {
    "mosquitto": "broker",
    "influxd": "database",
    "nginx": "rewrite",
    "relay_process.py": "relay",
    "store": "writers",
}
MB = 1e6


class Used(NamedTuple):
    """Processor time, s, and resident memory, MB."""

    cpu_s: float
    resident_mb: float


def used() -> dict[str, Used]:
    """Return what every stage has used so far, and holds."""
    found: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            stage = stage_of(process.cmdline())
            times = process.cpu_times()
            found[stage][0] += times.user + times.system
            found[stage][1] += process.memory_info().rss / MB
    return {stage: Used(*numbers) for stage, numbers in found.items()}


def stage_of(argv: list[str]) -> str:
    """Return the stage that a command line is of; ``other`` for what is none."""
    words = [word.rpartition("/")[2].partition(":")[0] for word in argv]
    return next((stage for name, stage in STAGES.items() if name in words), "other")


def since(before: dict[str, Used], after: dict[str, Used]) -> dict[str, float]:
    """Return the processor time of each stage between two looks, s."""
    return {stage: numbers.cpu_s - before.get(stage, Used(0.0, 0.0)).cpu_s for stage, numbers in after.items()}
