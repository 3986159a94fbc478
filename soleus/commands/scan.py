"""``soleus scan``: which leg sensors are in range, and what each is taken for."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import click
from rich.table import Table

from ingest.decoders.catalogue import DEVICES
from ingest.errors import LinkLost
from soleus import options
from soleus.config import find, load
from soleus.errors import ConfigError
from soleus.in_range import NoBluetooth, backends, is_sensor, kinds, listen, strength
from soleus.settings import Settings
from soleus.verdicts import terminal

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from soleus.in_range import InRange
    from soleus.settings import SensorSettings

# A sensor that saves its battery advertises about once a second.
DEFAULT_SECONDS = 5.0
SAYS_NO = 1
NOTHING = "No leg sensor in range. Is it charged, switched on, near, and not connected to a phone?"


@click.command()
@options.config_file
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.0, min_open=True),
    callback=options.finite,
    default=DEFAULT_SECONDS,
    show_default=True,
    help="How long to listen.",
)
@click.option("--all", "everything", is_flag=True, help="List devices of unknown kind too.")
@click.option("--adapter", default="", metavar="NAME", help="Use this Bluetooth adapter only, for example hci1.")
@click.option("--hci", metavar="TRANSPORT", help="Drive a Bluetooth adapter through Bumble, for example usb:0.")
@options.output_format("table", "json")
def command(
    config_file: Path | None, seconds: float, adapter: str, *, everything: bool, hci: str | None, form: str
) -> int:
    """List the leg sensors in range.

    A device is taken for what its advertised services or its name say. The address (or the name)
    is what the configuration file asks for; soleus setup writes it there.
    """
    settings = _configured(config_file)
    try:
        found = asyncio.run(_listen(seconds, adapter, hci, settings))
    except (NoBluetooth, LinkLost) as error:
        click.echo(f"soleus: {error}", err=True)
        return SAYS_NO
    worn = None if settings is None else settings.sensors
    listed = [heard for heard in found if heard.device or everything]
    missing = [sensor for sensor in worn or () if not any(is_sensor(sensor, heard) for heard in found)]
    if form == "json":
        sensors = [_answer(heard, worn or ()) for heard in listed]
        click.echo(json.dumps({"sensors": sensors, "missing": [sensor.name for sensor in missing]}))
        return 0
    console = terminal()
    if listed:
        console.print(_table(listed, worn or ()))
    else:
        console.print(NOTHING)
    _tell_next(console, listed, worn, missing)
    if len(found) > len(listed):
        console.print(f"{len(found) - len(listed)} other devices; soleus scan --all lists them.")
    return 0


async def _listen(seconds: float, adapter: str, hci: str | None, settings: Settings | None) -> list[InRange]:
    async with backends(adapter, hci) as through:
        return await listen(seconds, through, kinds(settings or Settings()))


def _configured(config_file: Path | None) -> Settings | None:
    """Return what is configured; None without a configuration that can be read."""
    if find(config_file) is None:
        return None
    try:
        return load(config_file).settings
    except ConfigError as error:
        click.echo(f"soleus: {error}; what is configured is not known", err=True)
        return None


def _name_of(heard: InRange, worn: tuple[SensorSettings, ...]) -> str:
    return next((sensor.name for sensor in worn if is_sensor(sensor, heard)), "")


def _answer(heard: InRange, worn: tuple[SensorSettings, ...]) -> dict[str, object]:
    sighting = heard.sighting
    return {
        "name": sighting.name,
        "address": sighting.address,
        "rssi_dbm": sighting.rssi_dbm,
        "signal": strength(sighting.rssi_dbm),
        "device": heard.device,
        "adapter": heard.adapter,
        "configured_as": _name_of(heard, worn) or None,
        "service_uuids": list(sighting.service_uuids),
    }


def _table(listed: list[InRange], worn: tuple[SensorSettings, ...]) -> Table:
    several = len({heard.adapter for heard in listed}) > 1
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "address", "signal"):
        table.add_column(heading, no_wrap=True)
    for heading in ("taken for", "configured as", *(["adapter"] if several else [])):
        table.add_column(heading)
    for heard in listed:
        sighting = heard.sighting
        signal = f"{strength(sighting.rssi_dbm)} ({sighting.rssi_dbm} dBm)"
        kind = f"{heard.device}: {DEVICES[heard.device].card.title}" if heard.device in DEVICES else heard.device
        row = (sighting.name or "-", sighting.address, signal, kind or "unknown", _name_of(heard, worn) or "not yet")
        table.add_row(*row, *([heard.adapter] if several else []))
    return table


def _tell_next(
    console: Console,
    listed: list[InRange],
    worn: tuple[SensorSettings, ...] | None,
    missing: list[SensorSettings],
) -> None:
    """Say what is missing, and what to type next."""
    for sensor in missing:
        console.print(f"{sensor.name} ({sensor.address}) is configured and was not heard.")
    known = [heard for heard in listed if heard.device]
    if known and not all(_name_of(heard, worn or ()) for heard in known):
        console.print("Next: soleus setup, which puts them into the configuration file.")
    elif known and not missing:
        console.print("Next: soleus check, once they are on the legs.")
