"""``python -m benchmarks.chaos``: a night with everything that can go wrong, and one whose collector is killed."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmarks.chaos.fault_night import live_through
from benchmarks.chaos.killing import Plan, kill_again_and_again
from benchmarks.chaos.night import TOP
from benchmarks.chaos.plot import memory_svg

if TYPE_CHECKING:
    from collections.abc import Callable

PICTURE = TOP / "docs" / "pictures" / "fault-night.svg"


def faults(arguments: argparse.Namespace, folder: Path, say: Callable[[str], None]) -> bool:
    """Play a night of faults, print what became of it and draw its memory; return whether it held."""
    hours, speed = arguments.hours, arguments.fault_speed
    night = live_through(folder, hours=hours, speed=speed, seed=arguments.seed, say=say)
    print(
        f"a simulated night of {hours:g} h at {speed:g} times real time:"
        f" {len(night.recovered_s)} faults, {night.seconds:.0f} s"
    )
    worst: dict[str, float] = {}
    for name, seconds in night.recovered_s:
        worst[name] = max(worst.get(name, 0.0), seconds)
    for name, seconds in worst.items():
        print(f"  {name}: both sensors again within {seconds:.1f} s of the wall clock")
    for balance in night.balances:
        print(
            f"  {balance.sensor} {balance.quantity}: {balance.produced} taken, {balance.air} lost on the air,"
            f" {balance.resent} of them sent again, {balance.lost} lost in all;"
            f" in the log {balance.received}, unexplained {balance.unexplained}:"
            f" {'even' if balance.is_even else 'NOT EVEN'}"
        )
    for name, course in night.memory_mb.items():
        print(f"  {name}: {course[0][1]:.0f} MB at first, {max(mb for _, mb in course):.0f} MB at most")
    print(f"  certificate: {night.certificate['verdict']}")
    PICTURE.write_text(
        memory_svg(night.memory_mb, f"Memory in a simulated night of faults, {hours:g} h"), encoding="utf-8"
    )
    return night.holds


def kills(arguments: argparse.Namespace, folder: Path, say: Callable[[str], None]) -> bool:
    """Kill the collector of a night again and again, and print what is left; return whether it held."""
    plan = Plan(arguments.hours, arguments.kill_speed, arguments.kills, arguments.seed)
    survival = kill_again_and_again(folder, plan, say)
    print(
        f"killed {survival.kills} times with -9, {survival.recording} of them while recording; {survival.seconds:.0f} s"
    )
    print(f"  log: opened every time; {survival.records} records, {survival.starts} starts, {survival.ends} end")
    print(f"  missing before a kill: at most {survival.worst_missing_s:.2f} s of the wall clock (aim 5 s)")
    print(f"  events: {survival.events}, doubled {survival.doubled}, different from a replay {survival.differing}")
    return survival.holds


PLAYS = {"faults": faults, "kills": kills}


def main() -> int:
    """Run what is asked for; the exit code says whether the nights held."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--only", choices=PLAYS, help="one of the two nights")
    parser.add_argument("--hours", type=float, default=8.0, help="length of each simulated night")
    parser.add_argument("--fault-speed", type=float, default=40.0, help="seconds of the night of faults per second")
    parser.add_argument("--kill-speed", type=float, default=30.0, help="seconds of the other night per second")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="of the nights and of what happens in them")
    arguments = parser.parse_args()
    console = Console(stderr=True)
    held = True
    for name in (arguments.only,) if arguments.only else PLAYS:
        with (
            tempfile.TemporaryDirectory(prefix="soleus-chaos-") as folder,
            console.status(f"{name}: starting") as status,
        ):
            held &= PLAYS[name](arguments, Path(folder), lambda what, name=name: status.update(f"{name}: {what}"))
    print("holds" if held else "DOES NOT HOLD")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
