"""One copy through its importer: what came of it, how long it took, how much memory it needed."""

from __future__ import annotations

import math
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from benchmarks.fuzz.promises import Promises
from benchmarks.fuzz_files.damage import Copy, damaged
from benchmarks.fuzz_files.examples import example
from ingest.errors import IngestError
from ingest.files.opening import open_recording
from ingest.files.scorings import read_scoring

if TYPE_CHECKING:
    from benchmarks.fuzz_files.damage import Example

READ, REFUSED, FAULT = "read", "refused", "fault"
_MB = 1024
"""Kilobytes, which is what the system counts in."""
_MOST_FAULTS = 3


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one copy.

    Parameters
    ----------
    what : str
        What was wrong with it.
    outcome : str
        `READ`, `REFUSED` or `FAULT`.
    said : str
        The error, or the fault.
    seconds : float
        Of the processor that it took.
    peak_mb, growth_mb : float
        The most memory that the process had, and how much more that was than before, MB.
    """

    what: str
    outcome: str
    said: str
    seconds: float
    peak_mb: float
    growth_mb: float


def nth_copy(kind: str, number: int, seed: int) -> Copy:
    """Return one damaged copy; the same for the same numbers."""
    return damaged(example(kind), Random(f"{kind} {seed} {number}"))  # noqa: S311 - damage that comes again


def tried(good: Example, copy: Copy, folder: Path) -> Came:
    """Read a copy to its end.

    Parameters
    ----------
    good : Example
        What it is a copy of.
    copy : Copy
        The copy.
    folder : Path
        Where it is written.

    Returns
    -------
    Came
        Anything but our own error in one line, and any broken promise, is a fault.
    """
    for name, stored in copy.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(stored)
    before_mb = _forget_peak()
    began_s = time.process_time()
    outcome, said = _outcome(folder / good.opened, is_scoring=good.is_scoring)
    seconds = time.process_time() - began_s
    peak_mb = _status_mb("VmHWM")
    return Came(copy.what, outcome, said, seconds, peak_mb, max(0.0, peak_mb - before_mb))


def _outcome(path: Path, *, is_scoring: bool) -> tuple[str, str]:
    try:
        broken = _scoring(path) if is_scoring else _recording(path)
    except IngestError as error:
        said = str(error)
        is_clear = "\n" not in said and str(path.parent) in said
        return (REFUSED, said) if is_clear else (FAULT, f"not one line that names the file: {said!r}")
    except BaseException:  # noqa: BLE001 - to find whatever else comes is what this is for
        return FAULT, traceback.format_exc()
    return (FAULT, "; ".join(broken[:_MOST_FAULTS])) if broken else (READ, "")


def _recording(path: Path) -> list[str]:
    """Read all samples and return which promises of a recording are broken."""
    recording = open_recording(path)
    promises = Promises(math.inf)
    broken = [each for item in recording.items(None) for each in promises.broken_by(item)]
    begin_ns, end_ns = recording.span_ns
    if not begin_ns <= end_ns:
        broken.append(f"lasts from {begin_ns} to {end_ns} ns, expected an end after its begin")
    return broken


def _scoring(path: Path) -> list[str]:
    scored = read_scoring(path)
    backwards = [one for one in scored.movements if one.end_ns < one.onset_ns]
    backwards_in_sleep = [one for one in scored.annotations.stages if one.end_ns < one.onset_ns]
    return [f"{one} ends before it begins" for one in (*backwards, *backwards_in_sleep)]


def _forget_peak() -> float:
    """Let the peak of memory be what there is now, and return that, MB."""
    # Linux, proc(5): 5 resets the peak resident set size.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _status_mb("VmRSS")


def _status_mb(key: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{key}:")) / _MB
