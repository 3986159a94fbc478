"""``python -m benchmarks.load.sensors``: virtual sensors on one radio, each with a leg whose samples count."""

from __future__ import annotations

import argparse
import asyncio
import json

from ingest.stdin import stdin_lines
from ingest.timebase import Timebase
from ingest.virtual.leg import DeviceSpec
from ingest.virtual.process import SensorRoom
from tests.counting_leg import CountingLeg

# At an MTU of 64 a packet holds 24 samples of EMG or 8 of acceleration: 41.7 and 8.3 packets per second.
MTU = 64
EMG_HZ, ACCELERATION_HZ = 1000.0, 200.0 / 3
PACKETS_PER_S = 50.0
RING_S = 30.0


def specs(n_sensors: int) -> list[DeviceSpec]:
    """Return the sensors; names, addresses and advertised names differ."""
    return [
        DeviceSpec(f"s{number:02d}", f"C4:00:00:00:01:{number:02X}", f"LSP-{number:04d}", number, 0, RING_S)
        for number in range(1, n_sensors + 1)
    ]


async def _play(n_sensors: int, seconds: float) -> None:
    leg = CountingLeg(seconds, EMG_HZ, ACCELERATION_HZ)
    sensors = [(spec, leg) for spec in specs(n_sensors)]
    room = SensorRoom(sensors, Timebase(), seed=1, report=lambda said: print(json.dumps(said), flush=True))
    await room.play(stdin_lines())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--sensors", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    arguments = parser.parse_args()
    asyncio.run(_play(arguments.sensors, arguments.seconds))
