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
from ingest.night.records import TimePair
from ingest.watch import SensorWatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ingest.inbox import Log
    from ingest.session import SensorSpec
    from ingest.timebase import Timebase

TIME_PAIR_EVERY_S = 10.0
# At most the last second may be lost to kill -9 or a power cut.
SYNC_EVERY_WALL_S = 0.8
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
        If the log cannot be written.
    """
    inbox = Inbox()
    jitter = rng or Random()  # noqa: S311 - spreads retries, guards nothing
    try:
        async with asyncio.TaskGroup() as chores:
            logging = [
                chores.create_task(_write(inbox, log), name="ble-log"),
                chores.create_task(_sync(log), name="ble-sync"),
                chores.create_task(_tell_time(inbox, timebase), name="ble-time"),
            ]
            async with asyncio.TaskGroup() as watches:
                airs = _airs(sensors, ble, inbox, timebase)
                for spec in sensors:
                    watch = SensorWatch(spec, inbox=inbox, timebase=timebase, air=airs[spec.adapter], rng=jitter)
                    watches.create_task(watch.run(stop), name=f"ble[{spec.name}]")
                watches.create_task(stop.wait(), name="ble-stop")
            for chore in logging:
                chore.cancel()
    finally:
        for waiting in inbox.take():
            log.append(waiting)
        log.sync()


def _airs(sensors: Sequence[SensorSpec], ble: BleBackend, inbox: Inbox, timebase: Timebase) -> dict[str, Airspace]:
    """Return one airspace per adapter, by its name."""
    return {
        adapter: Airspace(
            [spec for spec in sensors if spec.adapter == adapter], ble=ble.on(adapter), inbox=inbox, timebase=timebase
        )
        for adapter in {spec.adapter for spec in sensors}
    }


async def _write(inbox: Inbox, log: Log) -> None:
    """Move what is learnt to the log."""
    while True:
        await inbox.wait()
        for learnt in inbox.take():
            log.append(learnt)


async def _sync(log: Log) -> None:
    """Bring the log to disk again and again."""
    while True:
        await asyncio.sleep(SYNC_EVERY_WALL_S)
        # In a thread, because what is heard while a slow card writes would be dated late.
        syncing = asyncio.create_task(asyncio.to_thread(log.sync))
        try:
            await asyncio.shield(syncing)
        finally:
            await syncing  # the log must not be closed under it


async def _tell_time(inbox: Inbox, timebase: Timebase) -> None:
    """Tie monotonic time to UTC, also while no sensor is there: silence must be dated too."""
    while True:
        inbox.tell(TimePair(timebase.mono_ns(), timebase.now_ns()))
        await timebase.sleep(TIME_PAIR_EVERY_S)
