"""``soleus setup``: ask a few questions and write a commented ``soleus.toml``."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detectors.signal import Leg
from soleus.asking import LEGS, SITE, Search, ask_all, confirmed, made, with_broker, with_store
from soleus.config import FILE_NAME, STORE_TOKEN_VARIABLE, find
from soleus.devices import known_device
from soleus.errors import ConfigError
from soleus.settings import SensorSettings, Settings
from soleus.settings_file import read
from soleus.settings_text import kept_tables
from soleus.settings_writing import write
from soleus.stack_setup import StackWish, set_up

if TYPE_CHECKING:
    from collections.abc import Mapping

SCAN_S = 5.0
EXPECTED = "LEG=ADDRESS,DEVICE or LEG=ADDRESS,DEVICE,PLACE with LEG one of left, right, unknown"


@click.command()
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What to write; otherwise the configuration in force, or ./soleus.toml.",
)
@click.option(
    "--sensor",
    "sensors",
    metavar="LEG=ADDRESS,DEVICE[,PLACE]",
    multiple=True,
    help="A sensor, for example left=C4:00:00:00:00:01,lsp; may be repeated. With any, none is asked for.",
)
@click.option("--person", help="Who wears the sensors: one word for file names.")
@click.option("--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Where nights are kept.")
@click.option("--alarm/--no-alarm", default=None, help="Ring the bell if a sensor stays away at night.")
@click.option("--alarm-after", type=float, metavar="MINUTES", help="Time without a sensor before the bell rings.")
@click.option("--broker", metavar="URL", help="MQTT broker, mqtt://host:1883, or none.")
@click.option("--store", metavar="URL", help="InfluxDB, http://host:8086, or none.")
@click.option("--yes", is_flag=True, help="Ask nothing: take the options given and defaults.")
@click.option("--overwrite", is_flag=True, help="With --yes: change a file that exists (it is kept as .before).")
@click.option("--stack", is_flag=True, help="Instead: passwords, tokens and accounts for docker-compose.yml here.")
@click.option(
    "--account",
    "accounts",
    metavar="NAME:SITE:PERSON:COLLECTOR",
    multiple=True,
    help="With --stack: one more collector's account at the broker; may be repeated.",
)
@click.option(
    "--reader",
    "readers",
    metavar="NAME:SITE:PERSON:COLLECTOR",
    multiple=True,
    help="With --stack: an account that only reads, and leaves marks and notes; + is all.",
)
@click.option("--tls", is_flag=True, help="With --stack: certificates of an authority of your own.")
@click.option("--host", "hosts", metavar="NAME", multiple=True, help="With --tls: a name or address of this computer.")
@click.option("--hci", hidden=True, help="Transport of a virtual Bluetooth adapter.")
def command(file: Path | None, *, yes: bool, overwrite: bool, hci: str | None, **given: Any) -> int:
    """Ask a few questions and write a commented soleus.toml.

    Every setting is in the file with an explanation. A file that exists is changed only if you say so,
    and kept beside the new one; what it says is offered as answers. The options answer questions
    beforehand, and --yes asks none.
    """
    stack = StackWish(given.pop("accounts"), given.pop("readers"), tls=given.pop("tls"), hosts=given.pop("hosts"))
    if given.pop("stack"):
        return set_up(file or find(), stack)
    if stack != StackWish():
        msg = "--account, --reader, --tls and --host go with --stack"
        raise click.UsageError(msg)
    file = file or find() or Path(FILE_NAME)
    before, kept = _before(file, yes=yes, overwrite=overwrite)
    settings = _given(before, given)
    if not yes:
        click.echo(f"A few questions, then {file} is written. Enter takes what stands in brackets;")
        click.echo("Ctrl-C ends and changes nothing.\n")
        settings = ask_all(settings, Search(SCAN_S, hci))
    earlier = write(settings, file, kept)
    click.echo(f"\nWritten: {file}" + (f" (the earlier one is {earlier.name})" if earlier else ""))
    if settings.store.url and not settings.store.token_file and not os.environ.get(STORE_TOKEN_VARIABLE):
        click.echo(
            f"The store asks for a token: put it into a file and name that in [store] token_file, or in "
            f"{STORE_TOKEN_VARIABLE}. soleus doctor tries it."
        )
    click.echo("Next: soleus check, with the sensors on." if settings.sensors else "Next: soleus scan.")
    return 0


def _before(file: Path, *, yes: bool, overwrite: bool) -> tuple[Settings, str]:
    """Return what an existing file says and which of its tables to keep, if it may be changed."""
    if not file.exists():
        return Settings(), ""
    if yes and not overwrite:
        msg = f"{file} exists, expected a new file; --overwrite changes it and keeps the earlier one"
        raise ConfigError(msg)
    try:
        settings, _ = read(file)
    except ConfigError as error:
        if yes:
            raise
        click.echo(f"{file} cannot be read: {error}")
        _expect(confirmed("Begin anew? It is kept beside the new one.", default=False))
        return Settings(), ""
    if not yes:
        _expect(confirmed(f"{file} exists. Change it? It is kept beside the new one.", default=False))
    return settings, kept_tables(file.read_text(encoding="utf-8"))


def _expect(wanted: bool) -> None:  # noqa: FBT001 - it is an answer
    if not wanted:
        raise click.Abort


def _given(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """Return settings with what the command line says."""
    try:
        alarm = settings.alarm
        if given["alarm"] is not None:
            alarm = replace(alarm, sound=given["alarm"])
        if given["alarm_after"] is not None:
            alarm = replace(alarm, after_min=given["alarm_after"])
        return replace(
            settings,
            person=settings.person if given["person"] is None else given["person"],
            data_dir=given["data_dir"] or settings.data_dir,
            alarm=alarm,
            mqtt=with_broker(settings.mqtt, given["broker"]) if given["broker"] else settings.mqtt,
            store=with_store(settings.store, given["store"]) if given["store"] else settings.store,
            sensors=_sensors(settings, given["sensors"]) or settings.sensors,
        )
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _sensors(settings: Settings, texts: tuple[str, ...]) -> tuple[SensorSettings, ...]:
    known: list[SensorSettings] = []
    for text in texts:
        leg, _, rest = text.partition("=")
        address, _, kind = rest.partition(",")
        device, _, site = kind.partition(",")
        if leg not in LEGS or not address or not device:
            msg = f"--sensor is {text!r}, expected {EXPECTED}"
            raise ConfigError(msg)
        try:
            known_device(device, settings.devices)
        except ConfigError as error:
            msg = f"--sensor {text}: {error}"
            raise ConfigError(msg) from error
        known.append(made(known, Leg(leg), device, address, site or SITE))
    return tuple(known)
