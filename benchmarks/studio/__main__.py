"""``python -m benchmarks.studio``: how fast the bench answers while a threshold is dragged.

Simulated nights of two legs with their truth as reference, of which the first ones are different and the others the
same again; each question has another value of a threshold, as a slider gives it. Times are by the clock, from the
question to the answer with all events, numbers and intervals, without the web server and the browser
(``python -m benchmarks.studio.dragging``); what else the computer does is told as its load. Five minutes on two
processors.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from rich.console import Console
from rich.progress import track

from dashboards.bench_values import Asked, Setting
from detectors.simulate import simulate_night
from ingest.files.edf_writing import write_edf
from soleus import __version__
from soleus.commands.simulate import PARAMETERS, RECORDING, TRUTH, write_parameters, write_truth
from soleus.settings import Settings
from soleus.studio.opening import studio_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.bench import BenchBook

    Row = dict[str, Any]

ONSET: Final = "leg_movement.onset_uv"
LOW_UV, HIGH_UV = 6.0, 16.0
FIRST_SEED: Final = 1
FOREVER_S: Final = 1e6
MS: Final = 1000.0
MB: Final = 1e6
LOOK_AIMS_MS: Final = {1: 50.0, 30: 700.0}
"""By how many nights of 8 h: what the 95th percentile of a look should be below on two processors."""
AIM_HOURS: Final = 8.0
REGIMES: Final = ("clean", "hard", "healthy")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studio", description=(__doc__ or "").split("\n\n")[1])
    parser.add_argument("--hours", type=float, default=AIM_HOURS, help="length of each night")
    parser.add_argument("--nights", type=int, default=30, help="how many nights at most")
    parser.add_argument("--distinct", type=int, default=3, help="so many of them are different")
    parser.add_argument("--looks", type=int, default=40, help="values of the threshold")
    parser.add_argument("--keep", type=Path, help="where the simulated nights stay for the next time")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    wanted = parser.parse_args()
    with TemporaryDirectory() as folder:
        paths = nights(wanted.keep or kept_folder(wanted.hours), wanted.nights, wanted.distinct, wanted.hours)
        distinct = min(wanted.distinct, wanted.nights)
        result = measured(paths, Path(folder) / "data", wanted.looks) | {"hours": wanted.hours, "distinct": distinct}
    print(json.dumps(result, indent=2) if wanted.json else text(result))
    return 0


def kept_folder(hours: float) -> Path:
    """Return where simulated nights of a length stay for the next time, on this computer."""
    return Path(gettempdir()) / f"soleus-bench-{os.getuid()}-{__version__}" / f"studio-{hours:g}"


def nights(folder: Path, n: int, n_distinct: int, hours: float) -> list[Path]:
    """Return folders of so many nights, of which the first ones are different and the others these again."""
    paths = simulated(folder, min(n, n_distinct), hours)
    return paths + [repeated(paths[number % len(paths)], number) for number in range(len(paths), n)]


def simulated(folder: Path, n_nights: int, hours: float) -> list[Path]:
    """Return folders of simulated nights; one that is there already is not simulated again."""
    paths = [folder / f"night-{number:02}" for number in range(n_nights)]
    for number, path in _shown(list(enumerate(paths)), "simulating"):
        if (path / RECORDING).exists():
            continue
        path.mkdir(parents=True, exist_ok=True)
        night = simulate_night(hours, FIRST_SEED + number, REGIMES[number % len(REGIMES)])
        write_edf(path / "part", night)
        write_truth(path / TRUTH, night.truth)
        write_parameters(path / PARAMETERS, night)
        (path / "part").replace(path / RECORDING)
    return paths


def repeated(path: Path, number: int) -> Path:
    """Return a night under another name; its files are the same on the disk."""
    other = path.with_name(f"again-{number:02}")
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(path, other, copy_function=os.link)
    return other


def measured(paths: Sequence[Path], data_dir: Path, n_looks: int) -> Row:
    """Return how long opening takes, and how long answers about one night and about all of them."""
    with studio_of(replace(Settings(), data_dir=data_dir), paths, patience_s=FOREVER_S) as studio:
        keys = tuple(one.key for one in studio.bench.recordings())
        began = time.perf_counter()
        answer = studio.bench.look(Asked(keys, Setting(), reference="truth"))
        opened_s = time.perf_counter() - began
        held = held_mb()
        looks = {n: timed(studio.bench, keys[:n], n_looks, settle=False) for n in dict.fromkeys((1, len(keys)))}
        settles = {n: timed(studio.bench, keys[:n], n_looks // 8, settle=True) for n in looks}
    return {
        "nights": len(keys),
        "events": sum(len(night.events) for night in answer.nights),
        "processors": len(os.sched_getaffinity(0)),
        "opened_s": opened_s,
        **held,
        "look": looks,
        "settle": settles,
    }


def held_mb() -> Row:
    """Return what the processes of this one hold in memory of their own, and in files without a name, MB."""
    memory = disk = 0
    for process in multiprocessing.active_children():
        about = Path(f"/proc/{process.pid}")
        status = dict(line.split(":", 1) for line in (about / "status").read_text().splitlines())
        memory += 1024 * int(status["RssAnon"].split()[0])
        for line in (about / "maps").read_text().splitlines():
            first, stop = (int(at, 16) for at in line.split()[0].split("-"))
            disk += stop - first if line.endswith("(deleted)") else 0
    return {"memory_mb": memory / MB, "disk_mb": disk / MB}


def timed(bench: BenchBook, keys: Sequence[str], n: int, *, settle: bool) -> Row:
    """Return the times of so many answers, ms, and how loaded the computer was."""
    values = np.random.default_rng(n).permutation(np.linspace(LOW_UV, HIGH_UV, n) + (0.01 if settle else 0.0))
    took_ms = []
    for value in _shown(values.tolist(), f"{'settle' if settle else 'look'}, {len(keys)} nights"):
        asked = Asked(tuple(keys), Setting(changes=((ONSET, f"{value:.4g}"),)), reference="truth")
        began = time.perf_counter()
        answer = bench.settle(asked) if settle else bench.look(asked)
        took_ms.append(MS * (time.perf_counter() - began))
        if any(night.problem or night.opening for night in answer.nights):
            raise RuntimeError(answer.nights)
    p50, p95 = np.percentile(took_ms, [50, 95]).tolist() if took_ms else (None, None)
    return {"answers": n, "p50_ms": p50, "p95_ms": p95, "load": os.getloadavg()[0]}


def _shown(items: Sequence[Any], what: str) -> Any:
    return track(items, what, console=Console(file=sys.stderr))


def text(result: Row) -> str:
    """Return the result as a table."""
    about = f"{result['nights']} simulated nights ({result['distinct']} distinct) of {result['hours']:g} h"
    rows = [
        f"{about}, {result['events']} leg movements",
        f"{result['processors']} processors; opened in {result['opened_s']:.1f} s",
        f"held ready: {result['memory_mb']:.0f} MB of memory, {result['disk_mb']:.0f} MB of disk",
        f"{'':>8} {'nights':>7} {'p50':>9} {'p95':>9} {'load':>6}",
    ]
    for what in ("look", "settle"):
        for n, row in result[what].items():
            if row["answers"]:
                times = f"{row['p50_ms']:>6.0f} ms {row['p95_ms']:>6.0f} ms {row['load']:>6.1f}"
                rows.append(f"{what:>8} {n:>7} {times}{aim_text(what, n, row['p95_ms'], result['hours'])}")
    return "\n".join(rows)


def aim_text(what: str, n_nights: int, p95_ms: float, hours: float) -> str:
    """Return whether answers come as soon as they should, where that is said.

    Examples
    --------
    >>> aim_text("look", 1, 30.0, 8.0), aim_text("look", 30, 900.0, 8.0), aim_text("settle", 1, 9.0, 8.0)
    ('  below 50 ms: yes', '  below 700 ms: no', '')
    """
    aim_ms = LOOK_AIMS_MS.get(n_nights)
    if what != "look" or aim_ms is None or hours != AIM_HOURS:
        return ""
    return f"  below {aim_ms:.0f} ms: {'yes' if p95_ms < aim_ms else 'no'}"


if __name__ == "__main__":
    sys.exit(main())
