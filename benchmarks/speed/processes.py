"""Processes one at a time, and what each of them used."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress

from soleus import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.speed.rows import Row

TOP = Path(__file__).parent.parent.parent
KB_PER_MB = 1024


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
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=TOP, env=installed()) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with code {process.returncode}")
    wall_s = time.perf_counter() - began
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / KB_PER_MB)


def said(module: str, *arguments: str) -> Any:
    """Run a module in a process of its own and return the JSON that it prints."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=TOP, env=installed())
    return json.loads(done.stdout)


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each quantity."""
    return Cost(*(statistics.median(getattr(one, name) for one in costs) for name in ("wall_s", "cpu_s", "peak_mb")))


def scoring(path: Path) -> list[str]:
    """Return the command that scores a file with everything on."""
    return [sys.executable, "-m", "soleus", "score", "--criteria", "wasm-2016", "--format", "json", str(path)]


def floor(path: Path) -> list[str]:
    """Return the command that reads a file and band-passes each EMG channel once."""
    return [sys.executable, "benchmarks/floor.py", str(path)]


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


def progress(parts: Mapping[str, Callable[[], list[Row]]]) -> Iterator[tuple[str, Callable[[], list[Row]]]]:
    """Yield the parts of a long measurement, with a bar on stderr."""
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=len(parts))
        for name, part in parts.items():
            bar.update(task, description=name)
            yield name, part
            bar.advance(task)
