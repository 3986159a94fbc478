"""A file of two gigabytes and one of a tenth of it: memory must not grow with the file."""

from __future__ import annotations

from pathlib import Path

from benchmarks.speed.processes import cost, night_file, said, scoring
from benchmarks.speed.rows import Row, at_most

LARGE_MB, SMALL_MB = 2000, 200
AIM_SHARE = 1.2
WORDS = {
    "wide": "a night beside other channels, as a polysomnography has them",
    "long": "many nights in one file",
}


def large_file_row(hours: float, way: str, large_mb: int = LARGE_MB) -> Row:
    """Score both files and compare the peak memory."""
    files = [
        Path(said("benchmarks.speed.large_made", way, str(night_file(hours)), str(mb))) for mb in (SMALL_MB, large_mb)
    ]
    small, large = (cost(scoring(path)) for path in files)
    for path in files:
        path.unlink()
    share = large.peak_mb / small.peak_mb
    return Row(
        f"peak memory of scoring a file of {large_mb / 1000:g} GB: {WORDS[way]}",
        f"that of one of {SMALL_MB} MB, the same way",
        f"{share:.2f} times ({large.peak_mb:.0f} MB, {small.peak_mb:.0f} MB; {large.cpu_s:.0f} s of processor)",
        f"{AIM_SHARE:g} times or less",
        at_most(share, AIM_SHARE),
        {"ratio": share, "peak_mb": large.peak_mb, "anchor_peak_mb": small.peak_mb, "cpu_s": large.cpu_s},
    )
