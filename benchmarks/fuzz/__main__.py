"""``python -m benchmarks.fuzz``: random and damaged notifications into every decoder, on all processors.

Nothing may raise, memory must stay bounded, what comes out must keep every promise of a decoder
(:mod:`benchmarks.fuzz.promises`), and a good packet after the noise must be read as without it.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

from benchmarks.fuzz.fuzzing import Found, fuzz, fuzz_devices

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PIECE = 50_000
"""Notifications that one decoder is given; a night of a small sensor."""
TENTHS = 10
"""Where no bar can be drawn, a line is printed so often."""


def pieces(devices: Sequence[str], n_notifications: int, seed: int) -> Iterator[tuple[str, int, int]]:
    """Yield device, notifications and seed of each piece of work, the devices taking turns.

    Examples
    --------
    >>> list(pieces(["lsp", "myo"], 110_000, 1))
    [('lsp', 50000, 1), ('myo', 50000, 1), ('lsp', 5000, 2), ('myo', 5000, 2)]
    """
    left = -(-n_notifications // len(devices))
    while left > 0:
        for name in devices:
            yield name, min(left, PIECE), seed
        left, seed = left - PIECE, seed + 1


def run(devices: Sequence[str], n_notifications: int, seed: int) -> tuple[list[Found], list[str]]:
    """Do all the work and return what was found and what must not be; says on stderr how far it is."""
    work = list(pieces(devices, n_notifications, seed))
    console = Console(stderr=True)
    found, faults = [], []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        waiting = [pool.submit(fuzz, *piece) for piece in work]
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("fuzz", total=len(work))
            for n_done, done in enumerate(as_completed(waiting), start=1):
                raised = done.exception()
                if raised is None:
                    found.append(done.result())
                    faults += found[-1].faults
                else:
                    faults.append("".join(traceback.format_exception(raised)))
                bar.advance(task)
                if not console.is_terminal and n_done * TENTHS // len(work) > (n_done - 1) * TENTHS // len(work):
                    console.print(f"{n_done} of {len(work)} pieces, {len(faults)} faults")
    return found, faults


def line(name: str, found: Sequence[Found]) -> str:
    """Return what was found of one device."""
    notifications, seconds = sum(each.notifications for each in found), sum(each.seconds for each in found)
    counts = " ".join(
        f"{sum(getattr(each, what) for each in found):>9} {what}" for what in ("malformed", "samples", "gaps")
    )
    each_us = 1e6 * seconds / max(notifications, 1)
    growth_mb = max((each.growth_mb for each in found), default=0.0)
    return (
        f"{name:<11} {notifications:>9} notifications {counts} {seconds:7.1f} s {each_us:6.1f} µs +{growth_mb:.0f} MB"
    )


def main() -> int:
    """Fuzz; the exit code says whether something was found that must not be."""
    known = sorted(fuzz_devices())
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--notifications", type=int, default=10_000_000, help="in all, shared by the devices")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", choices=known, help="only this one")
    arguments = parser.parse_args()
    devices = [arguments.device] if arguments.device else known
    started_s = time.monotonic()
    found, faults = run(devices, arguments.notifications, arguments.seed)
    n_notifications = sum(each.notifications for each in found)
    a_second = n_notifications / (time.monotonic() - started_s)
    for name in devices:
        print(line(name, [each for each in found if each.device == name]))
    for fault in faults:
        print(fault)
    print(f"{n_notifications} notifications, {a_second:.0f} a second, {len(faults)} faults, seed {arguments.seed}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
