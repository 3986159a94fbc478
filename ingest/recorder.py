"""From Bluetooth to the packet log, and nothing else that can fail.

One task per sensor finds it, connects, runs its profile's set-up and listens; when it is lost or silent the recovery
ladder is climbed, and it is tried again for ever. Every step is a record. No byte of a sensor is looked at here.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

from ingest.airspace import Airspace
from ingest.ble import BleBackend
from ingest.inbox import Inbox
from ingest.log_keeper import LogKeeper
from ingest.timekeeping import notice_sleep, tell_time
from ingest.watch import SensorWatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.inbox import Log
    from ingest.session import SensorSpec
    from ingest.timebase import Timebase

PLATFORM = BleBackend()


async def record(
    sensors: Sequence[SensorSpec],
    log: Log,
    timebase: Timebase,
    *,
    stop: asyncio.Event,
    ble: BleBackend = PLATFORM,
    rng: Random | None = None,
) -> None:
    """Record sensors into a packet log until told to stop.

    The caller writes :class:`~ingest.night.records.NightStart` before and
    :class:`~ingest.night.records.NightEnd` after; everything between comes from here. What had been heard is in the
    log when this returns or raises.

    Parameters
    ----------
    sensors : sequence of SensorSpec
        The sensors.
    log : Log
        The packet log; synced at least once per second of the wall clock.
    timebase : Timebase
        Time of the night.
    stop : asyncio.Event
        Set it to end the night: streams are stopped and sensors disconnected.
    ble : BleBackend
        The Bluetooth to use, by default the platform's.
    rng : random.Random, optional
        Source of the jitter of reconnects.

    Raises
    ------
    OSError
        If the log cannot be written at the end of the night; during the night it is tried again.
    """
    inbox = Inbox()
    keeper = LogKeeper(log, inbox, timebase)
    airs = _airs(sensors, ble, inbox, timebase)
    jitter = rng or Random()  # noqa: S311 - spreads retries, guards nothing
    watching = [
        SensorWatch(spec, inbox=inbox, timebase=timebase, air=airs[spec.adapter], rng=jitter) for spec in sensors
    ]

    def wake() -> None:
        for watch in watching:
            watch.wake()

    try:
        async with asyncio.TaskGroup() as chores:
            logging = [
                chores.create_task(keeper.write(), name="ble-log"),
                chores.create_task(keeper.sync(), name="ble-sync"),
                chores.create_task(tell_time(inbox, timebase), name="ble-time"),
                chores.create_task(notice_sleep(inbox, timebase, wake), name="ble-sleep"),
            ]
            async with asyncio.TaskGroup() as watches:
                for spec, watch in zip(sensors, watching, strict=True):
                    watches.create_task(watch.run(stop), name=f"ble[{spec.name}]")
                watches.create_task(stop.wait(), name="ble-stop")
            for chore in logging:
                chore.cancel()
    finally:
        await keeper.finish()


def _airs(sensors: Sequence[SensorSpec], ble: BleBackend, inbox: Inbox, timebase: Timebase) -> dict[str, Airspace]:
    """Return one airspace per adapter, by its name."""
    return {
        adapter: Airspace(
            [spec for spec in sensors if spec.adapter == adapter], ble=ble.on(adapter), inbox=inbox, timebase=timebase
        )
        for adapter in {spec.adapter for spec in sensors}
    }
