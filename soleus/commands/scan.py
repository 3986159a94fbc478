"""``soleus scan``: which leg sensors are in range, and what each is taken for."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from ingest.ble import BleBackend, scan
from ingest.decoders.catalogue import DEVICES
from soleus import options

if TYPE_CHECKING:
    from ingest.ble import Sighting
    from ingest.decoders.profile import DeviceProfile

# A sensor that saves its battery advertises about once a second.
DEFAULT_SECONDS = 5.0


@click.command()
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.0, min_open=True),
    callback=options.finite,
    default=DEFAULT_SECONDS,
    show_default=True,
    help="How long to listen.",
)
@click.option("--all", "everything", is_flag=True, help="List devices of unknown kind too.")
@click.option("--hci", metavar="TRANSPORT", help="Use this Bluetooth adapter through Bumble, for example usb:0.")
@options.output_format("table", "json")
def command(seconds: float, *, everything: bool, hci: str | None, form: str) -> None:
    """List the leg sensors in range.

    A device is taken for what its advertised services or its name say. The address (or the name)
    is what the configuration file asks for.
    """
    found = [(sighting, guess(sighting)) for sighting in asyncio.run(_listen(seconds, hci))]
    listed = [(sighting, device) for sighting, device in found if device or everything]
    if form == "json":
        click.echo(json.dumps({"sensors": [_answer(sighting, device) for sighting, device in listed]}))
    else:
        _show(listed, unknown=len(found) - len(listed))


def guess(sighting: Sighting) -> str:
    """Return the name of the profile that a device is taken for.

    Parameters
    ----------
    sighting : Sighting
        What it advertised.

    Returns
    -------
    str
        A key of :data:`ingest.decoders.catalogue.DEVICES`, or empty.
    """
    profiles = (device.profile(device.settled({})) for device in DEVICES.values())
    return next((profile.name for profile in profiles if _fits(profile, sighting)), "")


def _fits(profile: DeviceProfile, sighting: Sighting) -> bool:
    by_service = any(uuid in sighting.service_uuids for uuid in profile.service_uuids)
    return by_service or (bool(profile.name_prefixes) and sighting.name.startswith(profile.name_prefixes))


async def _listen(seconds: float, hci: str | None) -> list[Sighting]:
    async with AsyncExitStack() as stack:
        ble = BleBackend()
        if hci is not None:
            # Bumble is loaded only where it is asked for: the platform's own Bluetooth does without.
            from ingest.virtual.backend import hci_backend  # noqa: PLC0415 - only a virtual adapter needs Bumble

            ble = await stack.enter_async_context(hci_backend(hci))
        return await scan(seconds, ble)


def _answer(sighting: Sighting, device: str) -> dict[str, object]:
    return {
        "name": sighting.name,
        "address": sighting.address,
        "rssi_dbm": sighting.rssi_dbm,
        "device": device,
        "service_uuids": list(sighting.service_uuids),
    }


def _show(listed: list[tuple[Sighting, str]], *, unknown: int) -> None:
    console = Console()
    if listed:
        table = Table("name", "address", "signal dBm", "device")
        for sighting, device in listed:
            table.add_row(sighting.name or "-", sighting.address, str(sighting.rssi_dbm), device or "unknown")
        console.print(table)
    else:
        console.print("No leg sensor in range: is it switched on, near, and not connected to a phone?")
    if unknown:
        console.print(f"{unknown} other devices; --all lists them.")
