"""``python -m benchmarks.load``: many sensors into one recorder, and the nights of many homes into one database."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmarks.load.cost import costs
from benchmarks.load.homes import Plan, play_homes
from benchmarks.load.loading import load
from benchmarks.load.nights import night
from benchmarks.load.page import PAGE, Measured, packet_log_mb_per_h, page
from benchmarks.load.text import told

if TYPE_CHECKING:
    from collections.abc import Callable

    Say = Callable[[str], None]

S_PER_MIN = 60.0


def sensors(arguments: argparse.Namespace, folder: Path, say: Say) -> bool:
    """Let virtual sensors of 50 notifications per second stream into one recorder; return whether it held."""
    minutes = 10.0 if arguments.minutes is None else arguments.minutes
    found = load(folder, arguments.sensors, minutes * S_PER_MIN, say)
    rate_hz = found.notifications / found.seconds / found.sensors
    print(f"{found.sensors} virtual sensors for {found.seconds:.0f} s, {rate_hz:.1f} notifications per second each")
    print(
        f"samples: {found.produced} taken, {found.received} in the log; {found.gaps} gaps, {found.steps} recovery steps"
    )
    p50, p99, most = found.latency_ms
    print(f"latency above the fastest packet: median {p50:.1f} ms, 99th percentile {p99:.1f} ms, largest {most:.1f} ms")
    print(f"recorder: {found.cpu_percent:.1f} % of one core, {found.peak_mb:.0f} MB")
    print("nothing lost" if found.holds else "LOST SOMETHING, or the sensors did not keep up")
    return found.holds


def homes(arguments: argparse.Namespace, folder: Path, say: Say) -> bool:
    """Play the nights of many homes; return whether the database has all of them."""
    minutes = 2.0 if arguments.minutes is None else arguments.minutes
    say(f"a simulated night of {arguments.hours:g} h")
    said = night(arguments.hours)
    plan = Plan(arguments.homes, arguments.writers, minutes * S_PER_MIN, arguments.latency_ms, arguments.write)
    (folder / "night").mkdir()
    found = play_homes(folder / "night", said, plan, say)
    print("\n".join(told(said, found)))
    if arguments.write:
        each = costs(folder, said, say)
        say("half an hour of a simulated night, for the size of its packet log")
        log_mb = arguments.log_mb_per_h or packet_log_mb_per_h(folder / "demo")
        PAGE.write_text(page(Measured(arguments.hours, said, found, each, log_mb)), encoding="utf-8")
    return found.holds


PLAYS = {"sensors": sensors, "homes": homes}


def main() -> int:
    """Run what is asked for; the exit code says whether anything was lost."""
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--what", choices=PLAYS, help="one of the two")
    parser.add_argument("--minutes", type=float, help="how long it takes (sensors: 10, homes: 2); homes: 0 for at once")
    parser.add_argument("--sensors", type=int, default=20, help="how many virtual sensors")
    parser.add_argument("--homes", type=int, default=20, help="how many homes, each with broker account and journal")
    parser.add_argument("--writers", type=int, default=2, help="how many writers share the work")
    parser.add_argument("--hours", type=float, default=8.0, help="length of the night that every home sends")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="how much longer a request to the database takes")
    parser.add_argument("--log-mb-per-h", type=float, help="size of a packet log, MB per hour, if it is known already")
    parser.add_argument("--write", action="store_true", help="measure what docs/scaling.md needs, and write it")
    arguments = parser.parse_args()
    console = Console(stderr=True)
    held = True
    for name in (arguments.what,) if arguments.what else PLAYS:
        with tempfile.TemporaryDirectory(prefix="soleus-load-") as folder, console.status("starting") as status:
            held &= PLAYS[name](arguments, Path(folder), lambda what, name=name: status.update(f"{name}: {what}"))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
