"""``python -m benchmarks.fuzz_files``: files that are cut off or have wrong bits, into every importer.

Nothing may come of them but samples that keep every promise of a recording, or our own error in one line; nothing may
hang, crash, or need more than twice the memory that the good file needs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.progress import Progress

from benchmarks.fuzz_files.examples import MADE
from benchmarks.fuzz_files.trial import FAULT, READ, REFUSED, Came

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

N_COPIES = 1000
MOST_TIMES = 2.0
NOISE_MB = 16.0
"""Below this the memory of a process goes up and down by itself."""
SHOWN_FAULTS = 20
SHOWN_END = 60
STDERR_LINES = 12


class Tally(NamedTuple):
    """What came of all copies of one kind.

    Parameters
    ----------
    kind : str
        The kind.
    good : Came
        Of the good file.
    came : list of Came
        Of the copies.
    faults : list of str
        What must not be.
    """

    kind: str
    good: Came
    came: list[Came]
    faults: list[str]


def run(kind: str, n_copies: int, seed: int, advance: Callable[[], None]) -> Tally:
    """Try the copies of one kind; a process that ends too soon is a fault, and the next begins behind that copy."""
    good: Came | None = None
    came: list[Came] = []
    faults: list[str] = []
    while len(came) < n_copies:
        command = [sys.executable, "-m", "benchmarks.fuzz_files.child", kind, str(len(came)), str(n_copies), str(seed)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            lines = _lines(child)
            good = next(lines, good)
            for each in lines:
                came.append(each)
                advance()
            said = child.stderr.read() if child.stderr else ""
        if good is None or good.outcome != READ:
            return Tally(kind, good or _died(said), came, [f"{kind}: the good file is not read: {good} {said}"])
        if len(came) < n_copies:
            came.append(_died(said))
            advance()
    for number, each in enumerate(came):
        fault = _fault(each, good) if good else None
        if fault:
            faults.append(f"{kind}, copy {number} ({each.what}): {fault}")
    return Tally(kind, good or came[0], came, faults)


def _lines(child: subprocess.Popen[str]) -> Iterator[Came]:
    for line in child.stdout or ():
        yield Came(**json.loads(line))


def _died(said: str) -> Came:
    return Came("?", FAULT, "the process hung or died: " + "\n".join(said.splitlines()[-STDERR_LINES:]), 0.0, 0.0, 0.0)


def _fault(came: Came, good: Came) -> str | None:
    if came.outcome == FAULT:
        return came.said
    most_mb = MOST_TIMES * max(good.growth_mb, NOISE_MB)
    if came.growth_mb > most_mb or came.peak_mb > MOST_TIMES * good.peak_mb:
        return f"needed {came.growth_mb:.0f} MB, the good file {good.growth_mb:.0f} MB"
    return None


def line(tally: Tally) -> str:
    """Return the figures of one kind."""
    counts = Counter(each.outcome for each in tally.came)
    longest_s = max((each.seconds for each in tally.came), default=0.0)
    growth_mb = max((each.growth_mb for each in tally.came), default=0.0)
    peak_mb = max((each.peak_mb for each in tally.came), default=0.0)
    return (
        f"{tally.kind:<15} {len(tally.came):>6} copies {counts[READ]:>6} read {counts[REFUSED]:>6} refused "
        f"{len(tally.faults):>4} faults   longest {longest_s:6.3f} s (good {tally.good.seconds:6.3f})   "
        f"memory +{growth_mb:.0f} MB (good +{tally.good.growth_mb:.0f}), peak {peak_mb / tally.good.peak_mb:.2f} times"
        if tally.good.peak_mb
        else f"{tally.kind:<15} was not tried"
    )


def distinct(faults: Sequence[str]) -> list[str]:
    r"""Return faults that end alike once, the most frequent first, with how many there are.

    Examples
    --------
    >>> distinct(["edf, copy 1: Traceback\n  File\nKeyError: 3", "edf, copy 7: Traceback\n  Other\nKeyError: 3"])
    ['2 times KeyError: 3; for example edf, copy 1: Traceback\n  File\nKeyError: 3']
    """
    by_end: dict[str, list[str]] = {}
    for fault in faults:
        by_end.setdefault(fault.rstrip().splitlines()[-1][-SHOWN_END:], []).append(fault)
    frequent = sorted(by_end.items(), key=lambda each: -len(each[1]))
    return [f"{len(alike)} times {end}; for example {alike[0]}" for end, alike in frequent]


def tallies(kinds: Sequence[str], n_copies: int, seed: int) -> list[Tally]:
    """Try every kind, as many at a time as there are processors; says on stderr how far it is."""
    console = Console(stderr=True)
    done: dict[str, Tally] = {}
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("damaged files", total=len(kinds) * n_copies)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            waiting = [pool.submit(run, kind, n_copies, seed, lambda: bar.advance(task)) for kind in kinds]
            for each in as_completed(waiting):
                tally = each.result()
                done[tally.kind] = tally
                if not console.is_terminal:
                    console.print(f"{len(done)} of {len(kinds)} kinds: {tally.kind}", highlight=False)
    return [done[kind] for kind in kinds]


def main() -> int:
    """Fuzz; the exit code says whether something was found that must not be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz_files", description=__doc__)
    parser.add_argument("--copies", type=int, default=N_COPIES, help="of each kind of file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=sorted(MADE), action="append", help="only this one; may come again")
    parser.add_argument("--json", action="store_true", help="figures as JSON")
    arguments = parser.parse_args()
    found = tallies(arguments.kind or list(MADE), arguments.copies, arguments.seed)
    faults = [fault for tally in found for fault in tally.faults]
    if arguments.json:
        print(json.dumps([tally._asdict() for tally in found], default=lambda came: came.outcome))
        return 1 if faults else 0
    for tally in found:
        print(line(tally))
    for said in distinct(faults)[:SHOWN_FAULTS]:
        print(said)
    n_copies = sum(len(tally.came) for tally in found)
    print(f"{n_copies} damaged copies of {len(found)} kinds of file, {len(faults)} faults, seed {arguments.seed}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
