"""``python -m benchmarks.speed``: one table, every figure beside its anchor from the same run."""

from __future__ import annotations

import argparse
import json
import os
import platform
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

from benchmarks.speed.cohorts import cohort_row
from benchmarks.speed.fifty_sensors import fifty_sensors_row
from benchmarks.speed.large_file import LARGE_MB, large_file_row
from benchmarks.speed.live_blocks import live_rows
from benchmarks.speed.peers import neurokit2_row, psgscoring_rows
from benchmarks.speed.processes import progress
from benchmarks.speed.rescoring import rescoring_rows
from benchmarks.speed.rows import table
from benchmarks.speed.whole_night import whole_night_rows
from soleus import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.speed.rows import Row


def parts(arguments: argparse.Namespace) -> Mapping[str, Callable[[], list[Row]]]:
    """Return what can be measured, in the order of the table."""
    hours, runs = arguments.hours, arguments.runs
    return {
        "psgscoring": lambda: psgscoring_rows(hours, runs),
        "neurokit2": lambda: [neurokit2_row(hours, 1)],
        "night": lambda: whole_night_rows(hours, runs),
        "rescore": lambda: rescoring_rows(hours),
        "live": live_rows,
        "sensors": lambda: [fifty_sensors_row(seconds=arguments.seconds)],
        "cohort": lambda: [cohort_row(arguments.cohort_hours, 1)],
        "large": lambda: [large_file_row(hours, way, arguments.large_mb) for way in ("wide", "long")],
    }


def machine(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return where this was measured, and how busy that was."""
    return {
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "soleus": __version__,
        "hours": arguments.hours,
        "runs": arguments.runs,
        "load_before": os.getloadavg()[0],
    }


def parsed() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    parser.add_argument("--only", action="append", help="one part, or several, by name", metavar="PART")
    parser.add_argument("--hours", type=float, default=8.0, help="length of the nights (8)")
    parser.add_argument("--runs", type=int, default=5, help="paired runs, of which the median counts (5)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the sensors are played (60)")
    parser.add_argument("--cohort-hours", type=float, default=2.0, help="length of the nights of the cohort (2)")
    parser.add_argument("--large-mb", type=int, default=LARGE_MB, help="size of the large file, 10^6 bytes")
    arguments = parser.parse_args()
    known = list(parts(arguments))
    unknown = [name for name in arguments.only or known if name not in known]
    if unknown:
        parser.error(f"got --only {', '.join(unknown)}, expected one of {', '.join(known)}")
    return arguments


def main() -> None:
    """Measure one part after the other, and print."""
    arguments = parsed()
    about = machine(arguments)
    wanted = {name: part for name, part in parts(arguments).items() if not arguments.only or name in arguments.only}
    rows = [row for name, part in progress(wanted) for row in part()]
    about["load_after"] = os.getloadavg()[0]
    if arguments.json:
        print(json.dumps({**about, "rows": [row.document() for row in rows]}, indent=2))
    else:
        print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
