"""``python -m benchmarks.cohort``: a cohort of simulated nights with two workers beside one, as a ratio of one run."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from detectors.simulate import simulate_night
from ingest.files.edf_writing import write_edf
from soleus import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

TOP = Path(__file__).parent.parent.parent
AIM = 1.5
# In one process without Dask, then in so many.
STAFFS: tuple[tuple[str, ...], ...] = ((), ("--workers", "1"), ("--workers", "2"))


@dataclass(frozen=True, slots=True)
class CohortSpeed:
    """How long a cohort took; medians of whole processes, the start of workers and all imports included.

    Parameters
    ----------
    n_nights : int
        Nights, of two legs with EMG at 500 Hz and acceleration at 50 Hz each.
    hours : float
        Length of each.
    n_runs : int
        Runs of each, in turns.
    alone_s, one_worker_s, two_workers_s : float
        Without workers, with one, with two.
    one_worker_cpu_s, two_workers_cpu_s : float
        Processor time of all processes of the last two: what is more of it with two is the price of the second one.
    ratio : float
        How many times as fast two are as one.
    is_same : bool
        Whether all of them printed the same, byte for byte.
    load : float
        Load average of the machine at the end: other work on the same processors makes the ratio smaller.
    n_processors : int
        What the machine has.
    """

    n_nights: int
    hours: float
    n_runs: int
    alone_s: float
    one_worker_s: float
    two_workers_s: float
    one_worker_cpu_s: float
    two_workers_cpu_s: float
    ratio: float
    is_same: bool
    load: float
    n_processors: int

    @property
    def holds(self) -> bool:
        """Whether the aim is met."""
        return self.is_same and self.ratio >= AIM


def cohort_speed(n_nights: int, hours: float, n_runs: int) -> CohortSpeed:
    """Score a cohort without workers, with one and with two, in turns.

    Parameters
    ----------
    n_nights : int
        How many nights.
    hours : float
        Length of each.
    n_runs : int
        How often.

    Returns
    -------
    CohortSpeed
        What it took.
    """
    files = nights(n_nights, hours)
    runs: dict[tuple[str, ...], list[Run]] = {staff: [] for staff in STAFFS}
    for number in range(n_runs):
        for staff in STAFFS:
            print(f"run {number + 1} of {n_runs}: {' '.join(staff) or 'one process'} ...", file=sys.stderr, flush=True)
            runs[staff].append(timed([sys.executable, "-m", "soleus", "score", "--format", "json", *staff, *files]))
    alone_s, one_s, two_s = (statistics.median(run.wall_s for run in runs[staff]) for staff in STAFFS)
    one_cpu_s, two_cpu_s = (statistics.median(run.cpu_s for run in runs[staff]) for staff in STAFFS[1:])
    pairs = zip(runs[STAFFS[1]], runs[STAFFS[2]], strict=True)
    return CohortSpeed(
        n_nights,
        hours,
        n_runs,
        alone_s,
        one_s,
        two_s,
        one_cpu_s,
        two_cpu_s,
        ratio=statistics.median(one.wall_s / two.wall_s for one, two in pairs),
        is_same=len({run.sha256 for told in runs.values() for run in told}) == 1,
        load=os.getloadavg()[0],
        n_processors=os.cpu_count() or 1,
    )


class Run(NamedTuple):
    """One process and those that it started: seconds on the clock and of processors, SHA-256 of what it printed."""

    wall_s: float
    cpu_s: float
    sha256: str


def timed(command: Sequence[str]) -> Run:
    """Run a command to its end."""
    began_s, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=TOP)
    wall_s, after = time.perf_counter() - began_s, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall_s, cpu_s, hashlib.sha256(done.stdout).hexdigest())


def nights(n_nights: int, hours: float) -> list[str]:
    """Return the files of simulated nights; they are made once on a computer."""
    folder = Path(tempfile.gettempdir()) / f"soleus-bench-{os.getuid()}-{__version__}" / f"cohort-{hours:g}h"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = [folder / f"night-{seed:03}.edf" for seed in range(1, n_nights + 1)]
    for seed, path in enumerate(paths, start=1):
        if not path.exists():
            part = path.with_suffix(".part")
            write_edf(part, simulate_night(hours, seed, "clean"))
            part.replace(path)
    return [str(path) for path in paths]


def text(speed: CohortSpeed) -> str:
    """Return the figures as a table for docs/benchmarks.md."""
    same = "the same bytes" if speed.is_same else "NOT THE SAME"
    return "\n".join(
        [
            f"{speed.n_nights} simulated nights of {speed.hours:g} h, whole processes, median of {speed.n_runs} runs",
            f"in turns, {speed.n_processors} processors, load average {speed.load:.1f}; all print {same}.",
            "",
            "| what | measured | aim |",
            "|---|---|---|",
            f"| one process, without workers | {speed.alone_s:.1f} s |  |",
            f"| `--workers 1` | {speed.one_worker_s:.1f} s ({speed.one_worker_cpu_s:.1f} s of processors) |  |",
            f"| `--workers 2` | {speed.two_workers_s:.1f} s ({speed.two_workers_cpu_s:.1f} s) |  |",
            f"| two workers against one | {speed.ratio:.2f} times as fast | {AIM} or more |",
        ]
    )


def main() -> int:
    """Measure and print; 1 if the aim is missed."""
    parser = argparse.ArgumentParser(prog="benchmarks.cohort", description=__doc__)
    parser.add_argument("--nights", type=int, default=16)
    parser.add_argument("--hours", type=float, default=2.0, help="length of a night (2)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each, in turns (3)")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    chosen = parser.parse_args()
    speed = cohort_speed(chosen.nights, chosen.hours, chosen.runs)
    print(json.dumps(asdict(speed) | {"aim": AIM, "holds": speed.holds}) if chosen.json else text(speed))
    return 0 if speed.holds else 1


if __name__ == "__main__":
    sys.exit(main())
