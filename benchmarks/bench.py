"""``make bench``: how fast and how large, as ratios measured in one run; writes docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import scipy

from detectors.criteria import named
from detectors.pipeline import Pipeline
from detectors.recording import steady_clock
from detectors.signal import Quantity, SampleBlock, Stream, Unit
from detectors.simulate import simulate_night
from soleus import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

TOP = Path(__file__).parent.parent
PAGE = TOP / "docs" / "benchmarks.md"
DELIVERY = "\n## Delivery\n"
PAGES = "\n## Pages\n"
AIM_RATIO, AIM_MB, AIM_US = 4.0, 400.0, 500.0
LIVE_BLOCK = 25
LIVE_S = 300
NS_PER_US = 1000


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process used: wall and processor seconds, largest resident memory."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def installed() -> dict[str, str]:
    """Return an environment that keeps byte code, as a program has it where it is installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(folder() / "bytecode")}


def cost(command: Sequence[str]) -> Cost:
    """Run a process to its end and return what it used, its own children included."""
    environment = installed()
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=TOP, env=environment) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with code {process.returncode}")
    wall_s = time.perf_counter() - began
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each quantity."""
    return Cost(*(statistics.median(getattr(one, name) for one in costs) for name in ("wall_s", "cpu_s", "peak_mb")))


def folder() -> Path:
    """Return where this computer keeps what is made once."""
    return Path(tempfile.gettempdir()) / f"soleus-bench-{os.getuid()}-{__version__}"


def night_file(hours: float) -> Path:
    """Return the EDF of a simulated night with two EMG channels per leg, made once per computer."""
    path = folder() / f"{hours:g}h" / "night.edf"
    if not path.exists():
        print(f"simulating a night of {hours:g} h once ...", file=sys.stderr)
        with tempfile.TemporaryDirectory() as made:
            # In a process of its own: what this one has held in memory counts for every process that it starts.
            simulate = ("simulate", made, "--hours", f"{hours:g}", "--muscles", "ta,gm", "--force")
            subprocess.run([sys.executable, "-m", "soleus", *simulate], check=True, stdout=sys.stderr, cwd=TOP)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(Path(made) / "night.edf", path)
    return path


def offline(path: Path, runs: int) -> tuple[Cost, Cost, float]:
    """Return what scoring and the floor cost, and the median of the ratio of neighbouring runs."""
    cost([sys.executable, "-m", "soleus", "score", "--help"])  # writes the byte code
    scores, floors = [], []
    for _ in range(runs):
        floors.append(cost([sys.executable, "benchmarks/floor.py", str(path)]))
        scores.append(
            cost([sys.executable, "-m", "soleus", "score", "--criteria", "wasm-2016", "--format", "json", str(path)])
        )
    ratio = statistics.median(one.wall_s / floor.wall_s for one, floor in zip(scores, floors, strict=True))
    return median(scores), median(floors), ratio


def live_blocks() -> list[SampleBlock]:
    """Return the blocks of two sensors in the order in which they would arrive."""
    timed: list[tuple[float, SampleBlock]] = []
    for leg in simulate_night(LIVE_S / 3600, seed=2, regime="clean").legs:
        emg = Stream(
            f"{leg.leg}-shin", leg.leg, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("emg",), leg.emg_fs_hz
        )
        axes, fs_hz = ("x", "y", "z"), leg.acceleration_fs_hz
        motion = Stream(f"{leg.leg}-shin", leg.leg, "shin", Quantity.ACCELERATION, Unit.G, axes, fs_hz)
        for stream, data in ((emg, leg.emg(0, leg.n_emg)), (motion, leg.acceleration(0, leg.n_acceleration))):
            clock = steady_clock(0, stream.fs_hz)
            timed += [
                (start / stream.fs_hz, SampleBlock(stream, clock, start, data[start : start + LIVE_BLOCK]))
                for start in range(0, len(data), LIVE_BLOCK)
            ]
    return [block for _, block in sorted(timed, key=lambda entry: entry[0])]


def live_us() -> dict[str, float]:
    """Return microseconds per block of 25 samples, by stream, when a night is scored as it arrives."""
    spent_ns: dict[str, list[int]] = {}
    pipeline = Pipeline(named("wasm-2016"))
    for block in live_blocks():
        stream = block.stream
        began = time.perf_counter_ns()
        pipeline.feed(block)
        taken = time.perf_counter_ns() - began
        spent_ns.setdefault(f"{stream.quantity}, {len(stream.axes)} x {stream.fs_hz:g} Hz", []).append(taken)
    return {name: statistics.fmean(taken) / NS_PER_US for name, taken in spent_ns.items()}


def sensors_per_core(hours: float) -> tuple[float, Cost]:
    """Return how many sensors the whole path holds per core, from a compressed night of two."""
    used = cost([sys.executable, "-m", "soleus", "demo", "--hours", f"{hours:g}", "--seed", "1", "--exit", "--json"])
    return 2 * hours * 3600 / used.cpu_s, used


def delivery(runs: int) -> str:
    """Return the section on delivery, measured by a process of its own with real servers."""
    command = [sys.executable, "-m", "benchmarks.delivery", "--runs", str(runs)]
    measured = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=TOP).stdout)
    lines = [
        "",
        f"Entries of a simulated night ({measured['entries']} in each run, {measured['runs']} runs of both sides in",
        "turns, median of the ratios), with real servers on the same computer: Mosquitto, and InfluxDB 1.6 behind a",
        "rewrite of its path. *Bare* is what the client library does alone. An event's way is measured from the",
        "return of the journal's `put` to the first query that finds its row; before that come what the detector must",
        "wait, and at most 0.5 s until the scorer looks at its log. The load average at the end of the measurement was",
        f"{os.getloadavg()[1]:.0f}: beyond 1 or 2 is other work on the same processors, and then two writers cannot be",
        "twice as fast as one.",
        "",
        *table(measured["rows"]),
        *(f"\n{note}" for note in measured["notes"]),
    ]
    return "\n".join(lines) + "\n"


def pages(runs: int) -> str:
    """Return the section on the pages, measured in a browser by a process of its own."""
    command = [sys.executable, "-m", "benchmarks.pages", "--runs", str(runs)]
    measured = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=TOP).stdout)
    lines = [
        "",
        "In a headless Chromium with the window of a laptop (1280 x 800 pixels) that draws in software, over real",
        "folders of made-up nights; each page in a browser of its own with nothing in its cache",
        f"({measured['runs']} runs, median). *Bare* is a page with nothing but uPlot that asks the same server for",
        "the same data, in turns with ours; an empty page says what the browser itself takes. *First paint with",
        "data* is when the numbers and every chart in the window are there; what lies below it is drawn a moment",
        f"later. The load average at the end of the measurement was {os.getloadavg()[0]:.0f}, on {os.cpu_count()}",
        "processors that browser and server share.",
        "",
        *table(measured["rows"]),
    ]
    return "\n".join(lines) + "\n"


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table of what was measured."""
    return [
        "| what | measured | aim |",
        "|---|---|---|",
        *(f"| {what} | {measured} | {aim} |" for what, measured, aim in rows),
    ]


def head(rows: Sequence[tuple[str, str, str]], arguments: argparse.Namespace) -> str:
    """Return the page up to the section on delivery."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Times belong to the computer that they were measured on; what compares is the ratio,",
        "both of whose sides ran in turns in the same run.",
        "",
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()},",
        f"numpy {np.__version__}, scipy {scipy.__version__}, Soleus {__version__}.",
        f"A night of {arguments.hours:g} h, median of {arguments.runs} runs.",
        "",
        *table(rows),
    ]
    return "\n".join(lines) + "\n"


def scoring(arguments: argparse.Namespace) -> str:
    """Measure scoring and return its part of the page."""
    ours, floor, ratio = offline(night_file(arguments.hours), arguments.runs)
    rows = [
        ("score a night from EDF, whole process", f"{ours.wall_s:.2f} s ({ours.cpu_s:.2f} s of processor)", ""),
        ("read the same EDF, one band-pass per EMG channel", f"{floor.wall_s:.2f} s ({floor.cpu_s:.2f} s)", ""),
        ("ratio of the two", f"{ratio:.2f}", f"{AIM_RATIO:g} or less"),
        (
            "peak memory of scoring",
            f"{ours.peak_mb:.0f} MB (reading alone: {floor.peak_mb:.0f} MB)",
            f"under {AIM_MB:g} MB",
        ),
    ]
    rows += [
        (f"live, per block of 25 samples: {name}", f"{us:.0f} µs", f"{AIM_US:g} µs or less")
        for name, us in live_us().items()
    ]
    if arguments.demo_hours:
        held, used = sensors_per_core(arguments.demo_hours)
        played = (
            f"{held:.0f} ({arguments.demo_hours:g} h of two in {used.wall_s:.0f} s, {used.cpu_s:.0f} s of processor)"
        )
        rows.append(("virtual sensors held per core, the whole path included", played, ""))
    return head(rows, arguments)


def main() -> None:
    """Measure, print and write the page; what is not asked for stays as it was written last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0, help="length of the night that is scored")
    parser.add_argument("--runs", type=int, default=5, help="runs of which the median counts")
    parser.add_argument("--demo-hours", type=float, default=1.0, help="length of the night that is played; 0 for none")
    parser.add_argument("--only", choices=("scoring", "delivery", "pages"), help="one part of the page")
    arguments = parser.parse_args()
    first, _, rest = PAGE.read_text(encoding="utf-8").partition(DELIVERY)
    second, _, third = rest.partition(PAGES)
    if arguments.only in {None, "scoring"}:
        first = scoring(arguments)
    if arguments.only in {None, "delivery"}:
        second = delivery(arguments.runs)
    if arguments.only in {None, "pages"}:
        third = pages(arguments.runs)
    text = f"{first}{DELIVERY}{second}{PAGES}{third}"
    print(text)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
