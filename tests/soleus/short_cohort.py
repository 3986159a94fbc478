"""A folder of a few short recordings of simulated legs, one file among them that is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.simulate import simulate_night
from ingest.files.edf_writing import write_edf

if TYPE_CHECKING:
    from pathlib import Path

HOURS = 0.05
SEEDS = (5, 6, 7, 8, 9, 10)
BROKEN = "broken.edf"


def short_cohort(folder: Path, *, n: int = len(SEEDS), hours: float = HOURS) -> list[Path]:
    """Write `n` recordings, and one file that is none; return their paths by name, the broken one first."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / BROKEN).write_text("this is no recording\n" * 50, encoding="utf-8")
    for seed in SEEDS[:n]:
        write_edf(folder / f"night-{seed:02}.edf", simulate_night(hours, seed, "clean"))
    return sorted(folder.iterdir())
