"""``python -m benchmarks.chaos``: three nights: every fault of a sensor, a killed collector, a way that is cut."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmarks.chaos import delivery_night
from benchmarks.chaos.fault_night import live_through
from benchmarks.chaos.killing import Plan, kill_again_and_again
from benchmarks.chaos.night import TOP
from benchmarks.chaos.plot import memory_svg
from benchmarks.chaos.undisturbed import by_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TERMINATED = 128 + signal.SIGTERM
# Of the first 60 seeds the hard night in which most happens: some 2400 things in 8 h.
RICH_NIGHT = 34
PICTURE = TOP / "docs" / "pictures" / "fault-night.svg"


def faults(arguments: argparse.Namespace, folder: Path, say: Callable[[str], None]) -> bool:
    """Play a night of faults, print what became of it and draw its memory; return whether it held."""
    hours, speed = arguments.hours, arguments.fault_speed
    night = live_through(folder, hours=hours, speed=speed, seed=arguments.seed or 1, say=say)
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
    plan = Plan(arguments.hours, arguments.kill_speed, arguments.kills or 200, arguments.seed or 1)
    survival = kill_again_and_again(folder, plan, say)
    print(
        f"killed {survival.kills} times with -9, {survival.recording} of them while recording; {survival.seconds:.0f} s"
    )
    print(f"  log: opened every time; {survival.records} records, {survival.starts} starts, {survival.ends} end")
    print(f"  missing before a kill: at most {survival.worst_missing_s:.2f} s of the wall clock (aim 5 s)")
    print(f"  events: {survival.events}, doubled {survival.doubled}, different from a replay {survival.differing}")
    return survival.holds


def delivery(arguments: argparse.Namespace, folder: Path, say: Callable[[str], None]) -> bool:
    """Kill everything between two legs and InfluxDB, and print what arrived; return whether it held."""
    plan = delivery_night.Plan(
        arguments.hours,
        arguments.delivery_speed,
        arguments.kills or 100,
        arguments.seed or RICH_NIGHT,
        arguments.regime,
    )
    night = delivery_night.live_through(folder, plan, say)
    same = night.comparison
    print(
        f"a simulated {plan.regime} night of {plan.hours:g} h at {plan.speed:g} times real time:"
        f" {sum(night.kills.values())} kills -9, {night.events} events, {night.resent} resends,"
        f" {night.doubled} duplicates swallowed, {night.converge_s:.1f} s to converge; {night.seconds:.0f} s"
    )
    print(f"  killed: {_listed(night.kills)}; ended by themselves: {_listed(night.died)}")
    print(f"  links: {_listed(night.troubles)}; {night.echoed} confirmations said again late")
    print(f"  messages: {night.sent} sent by the collector, {night.handed} handed to the writers")
    print(f"  InfluxDB: {night.lost} rows missing, {night.wrong} wrong; {night.waiting} entries wait")
    print(f"  journal: {night.differing} events different from a replay of the log")
    print(
        f"  undisturbed night: {same.compared} events in the {same.compared_h:.1f} h further than 120 s from a gap;"
        f" {len(same.moved)} begin or end elsewhere; missing {by_kind(same.missing)}; added {by_kind(same.added)}"
    )
    return night.holds


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in counts.items()) or "none"


PLAYS = {"faults": faults, "kills": kills, "delivery": delivery}


def main() -> int:
    """Run what is asked for; the exit code says whether the nights held."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--only", choices=PLAYS, help="one of the three nights")
    parser.add_argument("--hours", type=float, default=8.0, help="length of each simulated night")
    parser.add_argument("--fault-speed", type=float, default=40.0, help="seconds of the night of faults per second")
    parser.add_argument("--kill-speed", type=float, default=20.0, help="seconds of the other night per second")
    parser.add_argument("--delivery-speed", type=float, default=30.0, help="seconds of the third night per second")
    parser.add_argument("--kills", type=int, help="how many: 200 of the collector, 100 of everything")
    parser.add_argument("--regime", default="hard", help="kind of the third night, as for `soleus simulate`")
    parser.add_argument("--seed", type=int, help="of the nights and of what happens in them: 1, and 34 of the third")
    arguments = parser.parse_args()
    # Who ends this ends every process of it, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
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
