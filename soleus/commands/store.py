"""``soleus store``: from MQTT to InfluxDB."""

from __future__ import annotations

import asyncio
import logging
import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest.errors import IngestError
from ingest.influx import InfluxAddress
from ingest.store import StoreSettings, run_store
from ingest.store_check import check_store
from ingest.wire import level
from soleus import options
from soleus.build import broker_address
from soleus.config import MQTT_PASSWORD_VARIABLE, STORE_TOKEN_VARIABLE, load
from soleus.errors import ConfigError
from soleus.store_token import TokenSource

if TYPE_CHECKING:
    from soleus.settings import Settings

SAYS_NO = 1
_file = click.Path(path_type=Path, dir_okay=False)


@click.command(short_help="Write what arrives over MQTT into InfluxDB.")
@options.config_file
@click.option("--broker", "broker_url", metavar="URL", help="MQTT broker, mqtt://user@host:1883 (or [mqtt] url).")
@click.option("--influx", "influx_url", metavar="URL", help="InfluxDB, http://host:8086 (or [store] url).")
@click.option("--bucket", help="Bucket to write to; the database with InfluxDB 1.x (or [store] bucket).")
@click.option("--org", help="Organisation (or [store] org).")
@click.option("--password-file", type=_file, help=f"File with the broker's password; or ${MQTT_PASSWORD_VARIABLE}.")
@click.option("--token-file", type=_file, help=f"File with InfluxDB's token; or ${STORE_TOKEN_VARIABLE}.")
@click.option("--name", default="soleus-store", show_default=True, help="This writer's name at the broker.")
@click.option("--group", default="", help="Share the work with other writers of this group (MQTT 5).")
@click.option("--check", "only_check", is_flag=True, help="Say in one line whether both sides accept us, and end.")
def command(config_file: Path | None, name: str, group: str, *, only_check: bool, **given: str | Path | None) -> int:
    """Write what arrives over MQTT into InfluxDB, and confirm it to the collector.

    A message is acknowledged after InfluxDB has accepted it, never before. The password and the
    token come from files or from the environment; a token file is read again when InfluxDB does not
    accept the token any more. With InfluxDB 1.x the token is user:password.
    """
    settings = _settings(load(config_file).settings, given)
    try:
        settings = replace(settings, name=level(name, "--name"), group=group and level(group, "--group"))
    except ValueError as error:
        raise ConfigError(str(error)) from error
    if only_check:
        return _check(settings)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(_run(settings))
    return 0


def _settings(settings: Settings, given: dict[str, str | Path | None]) -> StoreSettings:
    """Return the settings of the configuration with those of the command line over them."""
    url, password_file = given["broker_url"], _path(given["password_file"])
    try:
        mqtt = replace(
            settings.mqtt,
            url=settings.mqtt.url if url is None else str(url),
            password_file=password_file or settings.mqtt.password_file,
        )
    except ValueError as error:
        msg = f"--broker: {error}"
        raise ConfigError(msg) from error
    broker = broker_address(mqtt)
    influx_url = settings.store.url if given["influx_url"] is None else str(given["influx_url"])
    try:
        replace(settings.store, url=influx_url)
    except ValueError as error:
        msg = f"--influx: {error}"
        raise ConfigError(msg) from error
    if broker is None or not influx_url:
        msg = "store needs a broker and an InfluxDB: give --broker and --influx, or url in [mqtt] and [store]"
        raise ConfigError(msg)
    source = TokenSource(_path(given["token_file"]) or settings.store.token_file)
    token = source.read()
    if exposure := source.exposure():
        click.echo(f"soleus: {exposure}", err=True)
    bucket, org = given["bucket"] or settings.store.bucket, given["org"] or settings.store.org
    return StoreSettings(broker, InfluxAddress(influx_url, str(bucket), str(org), token), fresh_token=source.fresh)


def _path(value: str | Path | None) -> Path | None:
    return None if value is None else Path(value)


def _check(settings: StoreSettings) -> int:
    try:
        click.echo(asyncio.run(check_store(settings)))
    except IngestError as error:
        click.echo(f"soleus: {error}", err=True)
        return SAYS_NO
    return 0


async def _run(settings: StoreSettings) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await run_store(settings, stop)
