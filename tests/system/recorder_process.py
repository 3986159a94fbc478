"""``python -m tests.system.recorder_process``: the recorder on the platform's Bluetooth; the end of stdin ends it.

With ``--most-bytes`` no file may grow longer, as on a full disk, until a line comes on stdin.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import resource
from pathlib import Path

from ingest import adapter
from ingest.ble import BleBackend
from ingest.decoders.lsp import LSP
from ingest.night.packets import PacketLogWriter
from ingest.night.records import NightEnd, NightStart
from ingest.recorder import record
from ingest.session import SensorSpec
from ingest.stdin import stdin_lines
from ingest.timebase import Timebase

# Those of `tests.bedroom`, which would bring a whole radio into this process.
SENSORS = (("left", "C4:00:00:00:00:01"), ("right", "C4:00:00:00:00:02"))


def limit_files(most_bytes: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))


async def until_stdin_ends(stop: asyncio.Event) -> None:
    async for _ in stdin_lines():
        limit_files(resource.RLIM_INFINITY)
    stop.set()


async def night(arguments: argparse.Namespace) -> None:
    timebase = Timebase(arguments.speed, arguments.epoch_ns, arguments.origin_ns)
    stop = asyncio.Event()
    limit_files(arguments.most_bytes)
    adapters = arguments.adapters.split(",") if arguments.adapters else [""] * arguments.sensors
    sensors = [
        SensorSpec(name, LSP, address, adapter=hci)
        for (name, address), hci in zip(SENSORS[: arguments.sensors], adapters, strict=True)
    ]
    ble = BleBackend(reset=adapter.reset if arguments.may_reset else None)
    with PacketLogWriter(arguments.log) as log:
        log.append(NightStart(timebase.mono_ns(), timebase.now_ns(), timebase.speed, "test"))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(until_stdin_ends(stop), name="stdin")
            tasks.create_task(record(sensors, log, timebase, stop=stop, ble=ble), name="night")
        log.append(NightEnd(timebase.mono_ns(), timebase.now_ns(), "test"))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    parser = argparse.ArgumentParser()
    parser.add_argument("--speed", type=float, required=True)
    parser.add_argument("--epoch-ns", type=int, required=True)
    parser.add_argument("--origin-ns", type=int, required=True)
    parser.add_argument("--sensors", type=int, default=1)
    parser.add_argument("--adapters", default="")
    parser.add_argument("--most-bytes", type=int, default=resource.RLIM_INFINITY)
    parser.add_argument("--may-reset", action="store_true")
    parser.add_argument("--log", type=Path, required=True)
    asyncio.run(night(parser.parse_args()))
