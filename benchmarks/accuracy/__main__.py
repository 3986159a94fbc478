"""``make accuracy``: how well events are found on signals whose truth is known; writes the pages about it.

Figures go to stdout, progress to stderr. Exit code 0: every cell of the robustness matrix was scored,
whether or not the aims are reached; 1: one crashed; 2: asked for what cannot be done.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks.accuracy.conditions import CONDITIONS, seeds_for_tests
from benchmarks.accuracy.matrix import signal_cells, signals
from benchmarks.accuracy.matrix_page import matrix_page
from benchmarks.accuracy.nights import night_rows
from benchmarks.accuracy.page import Results, summary, validation_page
from benchmarks.accuracy.real import real_rows, semi_real_rows
from benchmarks.accuracy.work import TOP, Job, results

NIGHTS, HOURS = 10, 2.0
QUICK_NIGHTS, QUICK_HOURS = 2, 0.5
SEMI_REAL_REGIMES = ("clean", "hard")
DOCS = TOP / "docs"


def jobs(n_nights: int, hours: float, *, quick: bool) -> list[Job]:
    """Return everything that is to be done, the longest first.

    Raises
    ------
    ValueError
        If there are not so many seeds for tests.
    """
    seeds = seeds_for_tests(n_nights)
    nights = [
        Job(f"night-{one.name.replace(' ', '-')}-{seed}-{hours:g}h", night_rows, (one, seed, hours))
        for one in CONDITIONS
        for seed in seeds
    ]
    cells = [
        Job(f"matrix-{'-'.join(f'{value:g}' for value in one)}", signal_cells, one) for one in signals(quick=quick)
    ]
    mixed = [Job(f"semi-{name}-{seed}", semi_real_rows, (name, seed)) for name in SEMI_REAL_REGIMES for seed in seeds]
    return [*nights, *cells, *mixed, Job("real", real_rows, ())]


def gathered(asked: list[Job]) -> Results:
    """Do it all, or read what an earlier run has done."""
    done = results(asked, "scoring")
    nights = [row for name, row in done.items() if name.startswith("night-")]
    return Results(
        nights={one.name: [row for row in nights if row["condition"] == one.name] for one in CONDITIONS},
        semi_real={
            regime: [row for name, row in done.items() if name.startswith(f"semi-{regime}-")]
            for regime in SEMI_REAL_REGIMES
        },
        real=done["real"],
        cells=[cell for name, row in done.items() if name.startswith("matrix-") for cell in row["cells"]],
    )


def main() -> int:
    """Score, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, help=f"simulated nights of each kind ({NIGHTS})")
    parser.add_argument("--hours", type=float, help=f"length of each ({HOURS})")
    parser.add_argument("--quick", action="store_true", help="few short nights and the corners of the matrix; no page")
    asked = parser.parse_args()
    n_nights = asked.nights if asked.nights is not None else QUICK_NIGHTS if asked.quick else NIGHTS
    hours = asked.hours if asked.hours is not None else QUICK_HOURS if asked.quick else HOURS
    try:
        all_jobs = jobs(n_nights, hours, quick=asked.quick)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    found = gathered(all_jobs)
    print(summary(found))
    crashed = [cell for cell in found.cells if cell["error"]]
    for cell in crashed:
        print(f"CRASHED: {cell}", file=sys.stderr)
    if not asked.quick:
        # Drawn last: only this needs the drawing library.
        from benchmarks.accuracy.picture import draw  # noqa: PLC0415 - a development-only dependency

        draw(found.nights, DOCS / "pictures" / "accuracy.png")
        (DOCS / "validation.md").write_text(validation_page(found), encoding="utf-8")
        (DOCS / "robustness.md").write_text(matrix_page(found.cells), encoding="utf-8")
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main())
