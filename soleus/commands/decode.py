"""``soleus decode``: packets to samples, gaps and status; the tool for bringing up a new device."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from detectors.signal import Leg
from ingest.decoders.base import Placement
from ingest.decoders.catalogue import DEVICES
from ingest.decoders.reports import BATTERY_LEVEL_UUID, IDENTITY_UUIDS
from soleus import options
from soleus.config import load
from soleus.decoded import Decoding
from soleus.decoding import SENSOR, Replies, is_log, read_lines, read_records
from soleus.devices import known_device
from soleus.result_output import console_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ingest.decoders.layout import Device
    from ingest.decoders.profile import DeviceProfile
    from ingest.night.records import Record

STDIN = "-"


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True))
@click.option("--device", "name", required=True, metavar="NAME", help="Kind of sensor, for example lsp.")
@click.option(
    "--option",
    "given",
    multiple=True,
    metavar="KEY=VALUE",
    help="A fact that the packets do not carry, for example range_g=8; may be repeated.",
)
@click.option("--sensor", metavar="NAME", help="Which sensor of a packet log.")
@options.config_file
@options.output_format("table", "json")
def command(
    file: Path, name: str, given: Sequence[str], *, sensor: str | None, config_file: Path | None, form: str
) -> None:
    """Decode the packets in FILE: lines, or the packet log of a night; - reads standard input.

    A line is "<seconds> <characteristic uuid> <hex>", the UUID in full. Blank lines and lines that
    begin with # are left out.
    """
    described = load(config_file).settings.devices if config_file is not None or name not in DEVICES else ()
    device = known_device(name, described)
    settled = _settled(device, given)
    profile = device.profile(settled)
    from_log = str(file) != STDIN and is_log(file)
    if sensor is not None and not from_log:
        raise click.BadParameter(f"got {sensor!r}, but only a packet log names sensors", param_hint="--sensor")
    sensor, records = read_records(file, sensor) if from_log else (SENSOR, _lines(file, profile))
    decoding = Decoding(device.made(Placement(sensor, Leg.UNKNOWN, ""), settled), _characteristics(profile))
    entries = decoding.run(records, from_zero=from_log, with_samples=form == "json")
    if form == "json":
        _write_json(entries)
        return
    for _ in entries:
        pass
    console = Console()
    console_width(console)
    decoding.show(console)


def _settled(device: Device, given: Sequence[str]) -> dict[str, float]:
    """Return the options in force.

    Raises
    ------
    click.BadParameter
        If one is unknown, or its value makes no sense.
    """
    named: dict[str, object] = {}
    for assignment in given:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise click.BadParameter(f"got {assignment!r}, expected KEY=VALUE", param_hint="--option")
        named[key.strip()] = value.strip()
    try:
        return device.settled(named)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--option") from error


def _lines(file: Path, profile: DeviceProfile) -> Iterable[Record]:
    with click.open_file(str(file), "rb") as lines:
        return read_lines(lines, "standard input" if str(file) == STDIN else str(file), Replies(profile))


def _characteristics(profile: DeviceProfile) -> frozenset[str]:
    standard = {BATTERY_LEVEL_UUID, *IDENTITY_UUIDS}
    steps = profile.setup + profile.stop
    named = {uuid for step in steps for uuid in (step.characteristic, step.answered_on) if uuid}
    return frozenset(standard | named)


def _write_json(entries: Iterator[tuple[str, dict[str, object]]]) -> None:
    """Write one object, its blocks as they come: a night of samples would not fit in memory as text."""
    kept: dict[str, list[dict[str, object]]] = {"gaps": [], "status": []}
    separator = '{"blocks": ['
    for name, entry in entries:
        if name == "blocks":
            sys.stdout.write(separator + json.dumps(entry, allow_nan=False))
            separator = ", "
        else:
            kept[name].append(entry)
    opening = separator if separator.startswith("{") else ""
    rest = ", ".join(f"{json.dumps(name)}: {json.dumps(found, allow_nan=False)}" for name, found in kept.items())
    sys.stdout.write(f"{opening}], {rest}}}\n")
