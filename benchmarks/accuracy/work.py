"""Many independent pieces of work on two processes, with a progress bar, kept from run to run."""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TOP = Path(__file__).parents[2]
CACHE = TOP / ".cache" / "accuracy"
PROCESSES = 2
# What a result depends on: the detectors, and how a night is made and handed to them.
SOURCES = (
    "detectors",
    "benchmarks/accuracy",
    "benchmarks/playing.py",
    "ingest/files/events_tsv.py",
    "tests/assemble_edf.py",
)
# Written from results, never into them.
TEXTS = frozenset(
    {
        "__main__.py", "aims.py", "matrix_page.py", "page.py", "picture.py", "tables.py",
        "text.py", "work.py",
    }
)  # fmt: skip
# One process is one core: two of them with as many threads each would be slower.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work.

    Parameters
    ----------
    name : str
        What it is called where it is kept; names are unique.
    function : callable
        A function of a module, so that another process can call it.
    arguments : tuple
        Its arguments.
    """

    name: str
    function: Callable[..., dict[str, Any]]
    arguments: tuple[Any, ...]


def source_key() -> str:
    """Return a name for the sources that results depend on."""
    digest = hashlib.sha256()
    for place in SOURCES:
        top = TOP / place
        for path in sorted(top.rglob("*.py")) if top.is_dir() else [top]:
            if path.parent.name != "accuracy" or path.name not in TEXTS:
                digest.update(path.relative_to(TOP).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def results(jobs: Sequence[Job], what: str) -> dict[str, dict[str, Any]]:
    """Return the result of each job by its name; those of an earlier run are read.

    Parameters
    ----------
    jobs : sequence of Job
        What is to be done.
    what : str
        What the progress bar is called.
    """
    folder = CACHE / source_key()
    folder.mkdir(parents=True, exist_ok=True)
    done = {job.name: json.loads(_file(folder, job).read_text("utf-8")) for job in jobs if _file(folder, job).exists()}
    left = [job for job in jobs if job.name not in done]
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=len(jobs), completed=len(done))
        for name, result in _worked(left, folder):
            done[name] = result
            bar.advance(task)
    return {job.name: done[job.name] for job in jobs}


def _worked(jobs: Sequence[Job], folder: Path) -> Any:
    """Yield the results as they come."""
    if not jobs:
        return
    os.environ.update(dict.fromkeys(THREADS, "1"))
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(job.function, *job.arguments): job for job in jobs}
        for future in as_completed(futures):
            job, result = futures[future], future.result()
            part = _file(folder, job).with_suffix(".part")
            part.write_text(json.dumps(result), encoding="utf-8")
            part.replace(_file(folder, job))
            yield job.name, json.loads(json.dumps(result))


def _file(folder: Path, job: Job) -> Path:
    return folder / f"{job.name}.json"
