"""``python -m tests.system.counting_sensors``: virtual sensors whose samples count, as a process."""

from __future__ import annotations

import argparse
import asyncio
import json

from ingest.stdin import stdin_lines
from ingest.timebase import Timebase
from ingest.virtual.process import SensorRoom
from tests.bedroom import LEFT, RIGHT, with_ring
from tests.counting_leg import CountingLeg


async def play(arguments: argparse.Namespace) -> None:
    timebase = Timebase(arguments.speed, arguments.epoch_ns, arguments.origin_ns)
    sensors = [
        (with_ring(spec, arguments.ring_s), CountingLeg(arguments.duration_s))
        for spec in (LEFT, RIGHT)[: arguments.sensors]
    ]
    room = SensorRoom(sensors, timebase, seed=1, report=report, supervision_s=arguments.supervision_s)
    await room.play(stdin_lines())


def report(said: dict[str, object]) -> None:
    print(json.dumps(said), flush=True)  # noqa: T201 - the test waits for it


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--speed", type=float, required=True)
    parser.add_argument("--epoch-ns", type=int, required=True)
    parser.add_argument("--origin-ns", type=int, required=True)
    parser.add_argument("--duration-s", type=float, required=True)
    parser.add_argument("--ring-s", type=float, required=True)
    parser.add_argument("--supervision-s", type=float, default=2.0)
    parser.add_argument("--sensors", type=int, default=1)
    asyncio.run(play(parser.parse_args()))
