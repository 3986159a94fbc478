"""The night of two EMG channels per leg and acceleration, as a whole process: time and memory over the bare pass."""

from __future__ import annotations

import statistics
import sys

from benchmarks.speed.processes import Cost, cost, floor, median, night_file, scoring
from benchmarks.speed.rows import Row, at_most

AIM_RATIO, AIM_MORE_MB = 3.0, 250.0


def paired(hours: float, runs: int) -> tuple[list[Cost], list[Cost]]:
    """Return what scoring and the floor cost, in turns."""
    path = night_file(hours)
    cost([sys.executable, "-m", "soleus", "score", "--help"])  # writes the byte code
    scores, floors = [], []
    for _ in range(runs):
        floors.append(cost(floor(path)))
        scores.append(cost(scoring(path)))
    return scores, floors


def whole_night_rows(hours: float, runs: int) -> list[Row]:
    """Return the row on time and the row on memory."""
    scores, floors = paired(hours, runs)
    ours, bare = median(scores), median(floors)
    # Processor time, for both read a file that is in the page cache: other work on the machine does not count.
    ratio = statistics.median(one.cpu_s / other.cpu_s for one, other in zip(scores, floors, strict=True))
    wall = statistics.median(one.wall_s / other.wall_s for one, other in zip(scores, floors, strict=True))
    more_mb = ours.peak_mb - bare.peak_mb
    what = f"score a night of {hours:g} h, 2 legs x 2 EMG channels and acceleration, everything on, whole process"
    return [
        Row(
            what,
            "read the same EDF, one band-pass per EMG channel",
            f"{ratio:.2f} times ({ours.cpu_s:.2f} s of processor, {bare.cpu_s:.2f} s; by the clock {wall:.2f} times)",
            f"{AIM_RATIO:g} times or less",
            at_most(ratio, AIM_RATIO),
            {"ratio": ratio, "wall_ratio": wall, "cpu_s": ours.cpu_s, "anchor_cpu_s": bare.cpu_s},
        ),
        Row(
            "peak memory of that process",
            "that of reading the same EDF",
            f"{more_mb:.0f} MB more ({ours.peak_mb:.0f} MB, {bare.peak_mb:.0f} MB)",
            f"{AIM_MORE_MB:g} MB more or less",
            at_most(more_mb, AIM_MORE_MB),
            {"more_mb": more_mb, "peak_mb": ours.peak_mb, "anchor_peak_mb": bare.peak_mb},
        ),
    ]
