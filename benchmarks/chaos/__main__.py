"""``python -m benchmarks.chaos``: kill the collector of a compressed night 200 times, and say what is left of it."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from benchmarks.chaos.killing import Plan, kill_again_and_again


def main() -> int:
    """Run one plan; the exit code says whether the night held."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0, help="length of the simulated night")
    parser.add_argument("--speed", type=float, default=30.0, help="seconds of the night per second")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="of the moments and of the night")
    arguments = parser.parse_args()
    plan = Plan(arguments.hours, arguments.speed, arguments.kills, arguments.seed)
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="soleus-chaos-") as folder, console.status("starting") as status:
        survival = kill_again_and_again(Path(folder), plan, status.update)
    print(
        f"killed {survival.kills} times with -9, {survival.recording} of them while recording; {survival.seconds:.0f} s"
    )
    print(f"log: opened every time; {survival.records} records, {survival.starts} starts, {survival.ends} end")
    print(f"missing before a kill: at most {survival.worst_missing_s:.2f} s of the wall clock (aim 5 s)")
    print(f"events: {survival.events}, doubled {survival.doubled}, different from a replay {survival.differing}")
    print("holds" if survival.holds else "DOES NOT HOLD")
    return 0 if survival.holds else 1


if __name__ == "__main__":
    sys.exit(main())
