"""``soleus check``: is each sensor good for tonight."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from detectors.signal import NS_PER_S
from ingest.ble import BleBackend
from ingest.errors import LinkLost
from ingest.timebase import Timebase
from soleus import machine, options, outbox
from soleus.battery import use_of
from soleus.config import find, load
from soleus.errors import ConfigError
from soleus.in_range import NoBluetooth, backends, is_sensor
from soleus.in_range import listen as scan
from soleus.listening import Heard, listen, measure_contact
from soleus.picture import draw, draws_braille
from soleus.sensor_check import SensorCheck, judge_sensor
from soleus.verdicts import Finding, Verdict, show, terminal, worst
from soleus.wearing import WEARING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from soleus.config import Config

    Report = Callable[[float, str], None]

SAYS_NO = 1
# Sensors are looked for in short scans until all are heard; one that saves its battery advertises every second or two.
SCAN_S, MOST_SCANS = 1.0, 8
# A picture wider than this shows nothing more.
WIDEST = 100


@dataclass(frozen=True, slots=True)
class _Checked:
    sensors: tuple[SensorCheck, ...]
    computer: tuple[Finding, ...]

    @property
    def findings(self) -> list[Finding]:
        return [finding for sensor in self.sensors for finding in sensor.findings] + list(self.computer)


@click.command()
@options.config_file
@click.option(
    "--seconds",
    type=click.FloatRange(min=3, max=120),
    callback=options.finite,
    default=10.0,
    show_default=True,
    help="How long to listen to each sensor.",
)
@click.option(
    "--hours",
    type=click.FloatRange(min=0, max=48, min_open=True),
    callback=options.finite,
    default=8.0,
    show_default=True,
    help="Length of the night to come.",
)
@click.option("--picture/--no-picture", default=True, show_default=True, help="Draw what was heard.")
@click.option("--hci", hidden=True, help="Transport of a virtual Bluetooth adapter.")
@click.option(
    "--clock",
    type=(click.FloatRange(min=1), int, int),
    hidden=True,
    help="Speed, epoch and origin of a compressed night.",
)
@options.output_format("table", "json")
def command(
    config_file: Path | None,
    seconds: float,
    hours: float,
    hci: str | None,
    clock: tuple[float, int, int] | None,
    **shown: bool | str,
) -> int:
    """Check before bed whether each sensor is good for tonight.

    Put the sensors on first, then lie still. Every sensor is connected and listened to as at night;
    nothing is recorded. What is green stays as it is, what is red comes with what to do. Exit code 1
    if anything is red.
    """
    config = _expect_sensors(config_file)
    at_work = machine.collector_at_work(config.settings)
    if at_work is not None:
        click.echo(f"soleus: a night is being collected from these sensors ({at_work.name}): end it first", err=True)
        return SAYS_NO
    timebase = Timebase() if clock is None else Timebase(*clock)
    heard = [Heard(sensor) for sensor in config.settings.sensors]
    before_ns = time.time_ns() - time.monotonic_ns()
    try:
        with _bar() as report:
            asyncio.run(_hear(heard, seconds, timebase, hci, report))
    except (NoBluetooth, LinkLost) as error:
        click.echo(f"soleus: {error}", err=True)
        return SAYS_NO
    jumped_s = (time.time_ns() - time.monotonic_ns() - before_ns) / NS_PER_S
    checked = _judged(heard, config, hours, (seconds, jumped_s))
    if shown["form"] == "json":
        click.echo(json.dumps(_answer(checked)))
    else:
        _tell(checked, picture=bool(shown["picture"]))
    return SAYS_NO if worst(checked.findings) is Verdict.WRONG else 0


def _expect_sensors(config_file: Path | None) -> Config:
    file = find(config_file)
    config = load(file)
    if file is None or not config.settings.sensors:
        msg = f"{file or 'soleus.toml'}: no [[sensor]] table, expected at least one; see soleus setup"
        raise ConfigError(msg)
    return config


async def _hear(heard: Sequence[Heard], seconds: float, timebase: Timebase, hci: str | None, report: Report) -> None:
    async with backends(hci=hci) as through:
        for _ in range(MOST_SCANS):
            missing = [each for each in heard if each.rssi_dbm is None]
            if not missing:
                break
            report(0.0, f"looking for {', '.join(each.sensor.name for each in missing)}")
            found = await scan(SCAN_S, through)
            for each in missing:
                own = next((device for device in found if is_sensor(each.sensor, device)), None)
                each.rssi_dbm = None if own is None else own.sighting.rssi_dbm
        ble = BleBackend() if hci is None else through[""]
        await listen(heard, seconds, timebase=timebase, ble=ble, progress=report)
        await measure_contact(heard, timebase=timebase, ble=ble, progress=report)


@contextmanager
def _bar() -> Iterator[Report]:
    """Show how far it is, where somebody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=1.0)

        def report(share: float, doing: str) -> None:
            bar.update(task, completed=share, description=doing)

        yield report


def _judged(heard: Sequence[Heard], config: Config, hours: float, took: tuple[float, float]) -> _Checked:
    seconds, jumped_s = took
    sensors = tuple(
        judge_sensor(each, config.criteria, hours=hours, seconds=seconds, use=use_of(config.settings, each.sensor.name))
        for each in heard
    )
    bytes_per_h = sum(each.bytes_per_h for each in heard)
    computer = [*machine.distinct(config.settings), machine.disk(config.settings.data_dir, hours, bytes_per_h)]
    # Before bed it matters only if there is something to look at.
    waiting = outbox.finding(config.settings)
    left = [] if waiting is None or waiting.verdict is Verdict.OK else [waiting]
    return _Checked(sensors, (*computer, machine.clock(jumped_s), *left))


def _answer(checked: _Checked) -> Mapping[str, object]:
    return {
        "ready": worst(checked.findings) is not Verdict.WRONG,
        "sensors": [
            {
                "name": sensor.name,
                "verdict": worst(sensor.findings).value,
                "findings": [finding.as_json() for finding in sensor.findings],
            }
            for sensor in checked.sensors
        ],
        "computer": [finding.as_json() for finding in checked.computer],
    }


def _tell(checked: _Checked, *, picture: bool) -> None:
    console = terminal()
    for sensor in checked.sensors:
        show(console, sensor.title, sensor.findings)
        if picture:
            for line in _pictures(sensor, min(console.width, WIDEST)):
                console.print(line, markup=False)
        console.print()
    show(console, "this computer", checked.computer)
    console.print("\nWearing them:")
    for line in WEARING:
        console.print(f"- {line}", markup=False)
    console.print()
    n_wrong = sum(finding.verdict is Verdict.WRONG for finding in checked.findings)
    if n_wrong:
        console.print(f"Not ready: {n_wrong} to put right, see the lines that say wrong. Then: soleus check")
    else:
        console.print("Ready. Next: soleus night")


def _pictures(sensor: SensorCheck, width: int) -> Iterator[str]:
    braille = draws_braille(sys.stdout)
    for blocks in sensor.streams:
        yield f"  {blocks[0].stream.quantity}:"
        yield from draw(blocks, width, braille=braille)
