"""The recorder's process: Bluetooth to packet log."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from pathlib import Path

import click

from ingest import adapter
from ingest.ble import BleBackend
from ingest.night.folder import NightFolder
from ingest.night.marks import MarkBox, carry_marks
from ingest.night.packets import PacketLogWriter
from ingest.night.records import NightEnd, NightStart
from ingest.recorder import record
from ingest.refill import heard_last, remembering
from ingest.timebase import Timebase
from soleus import __version__
from soleus.build import sensor_spec
from soleus.config import load_settings
from soleus.nights import alone
from soleus.supervise import under_supervision
from soleus.workers.full_disk import noting_a_full_disk


async def run(folder: NightFolder, config: Path, timebase: Timebase, hci: str | None) -> None:
    """Record until told to stop.

    Parameters
    ----------
    folder : NightFolder
        The night.
    config : Path
        Configuration file.
    timebase : Timebase
        Time of the night.
    hci : str or None
        Transport of a virtual Bluetooth adapter; None for the computer's own.
    """
    settings = load_settings(config)
    past = heard_last(folder.packets)
    sensors = [
        replace(spec, profile=remembering(spec.profile, spec.name, past)) for spec in map(sensor_spec, settings.sensors)
    ]
    async with AsyncExitStack() as stack:
        orders = await stack.enter_async_context(under_supervision())
        ble = await _backend(stack, hci)
        if settings.bluetooth.reset_adapter and hci is None:
            ble = replace(ble, reset=adapter.reset)
        log = stack.enter_context(closing(PacketLogWriter(folder.packets)))
        log.append(NightStart(timebase.mono_ns(), timebase.now_ns(), timebase.speed, __version__))
        carrying = asyncio.create_task(carry_marks(MarkBox(folder.path, timebase), log), name="marks")
        try:
            await record(sensors, log, timebase, stop=orders.stop, ble=ble)
        finally:
            carrying.cancel()
            await asyncio.wait({carrying})
        if orders.on_purpose:
            # Without it the night was cut off, and the next collector goes on with it.
            log.append(NightEnd(timebase.mono_ns(), timebase.now_ns(), "stopped"))
        log.sync()


async def _backend(stack: AsyncExitStack, hci: str | None) -> BleBackend:
    if hci is None:
        return BleBackend()
    # Bumble is needed only here: a night with real sensors does not load it.
    from ingest.virtual.backend import hci_backend  # noqa: PLC0415 - see above

    return await stack.enter_async_context(hci_backend(hci))


@click.command()
@click.argument("night", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--config", type=click.Path(path_type=Path), required=True)
@click.option("--speed", type=float, default=1.0)
@click.option("--epoch-ns", type=int, default=0)
@click.option("--origin-ns", type=int, default=0)
@click.option("--hci", default=None)
def main(night: Path, config: Path, speed: float, epoch_ns: int, origin_ns: int, hci: str | None) -> None:
    """Record one night."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s recorder: %(message)s")
    with noting_a_full_disk():
        folder = NightFolder(night)
        with alone(folder.path / "recorder.lock", "another recorder is writing this night"):
            asyncio.run(run(folder, config, Timebase(speed, epoch_ns, origin_ns), hci))


if __name__ == "__main__":
    main()
