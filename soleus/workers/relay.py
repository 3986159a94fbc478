"""The relay's process: journal to broker."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ingest import wire
from ingest.address import BrokerAddress, Dialect
from ingest.home_assistant import Collector, Discovery, config_topic, device_config
from ingest.mark_ear import MarkEar
from ingest.night.changes import NightName
from ingest.night.folder import NightFolder
from ingest.night.journal import Journal
from ingest.night.marks import leave_mark
from ingest.night.outbox_bound import OutboxMeter
from ingest.notes import NoteEar
from ingest.outbox_teller import OutboxTeller
from ingest.outbox_watch import LOOK_S, OutboxWatch
from ingest.relay import RelaySettings, run_relay
from ingest.seldom import Seldom
from ingest.tonight import Tonight, TonightTeller
from soleus import __version__
from soleus.build import broker_address
from soleus.config import load_settings
from soleus.nights import journal_path
from soleus.supervise import under_supervision
from soleus.workers.full_disk import noting_a_full_disk

if TYPE_CHECKING:
    from ingest.guest import Guest
    from soleus.settings import Settings

log = logging.getLogger(__name__)

# What Home Assistant was told of, beside the journal: it outlives the nights.
MEMORY = "home_assistant.json"


async def run(config: Path, embedded_port: int | None, night: Path | None) -> None:
    """Deliver until told to stop.

    Parameters
    ----------
    config : Path
        Configuration file.
    embedded_port : int or None
        Port of the broker that comes with Soleus, where none is configured.
    night : Path or None
        Folder of the running night, to which markers from the broker go.
    """
    settings = load_settings(config)
    broker = broker_address(settings.mqtt)
    if broker is None:
        broker = BrokerAddress("127.0.0.1", embedded_port or 0, dialect=Dialect.MQTT_3_1_1)
    delivery = settings.effective_delivery
    relay = RelaySettings(settings.site, settings.collector, broker, delivery)
    async with under_supervision() as orders:
        with Journal(journal_path(settings)) as journal:
            watch = OutboxWatch(OutboxMeter(journal, delivery, settings.outbox.max_bytes, Seldom(LOOK_S)))
            guests = [] if night is None else guests_of(settings, journal, NightFolder(night))
            name = "" if night is None else NightFolder(night).read_info().night
            whose = NightName(settings.person, name, "")
            teller = OutboxTeller(journal, delivery, whose, (settings.site, settings.collector))
            await run_relay(journal, relay, orders.stop, [watch, teller, *guests])


def guests_of(settings: Settings, journal: Journal, folder: NightFolder) -> list[Guest]:
    """Return who uses the relay's connection while a night runs.

    Parameters
    ----------
    settings : Settings
        Of this collector.
    journal : Journal
        Its journal.
    folder : NightFolder
        The running night.
    """
    info = folder.read_info()
    whose = NightName(info.person, info.night, info.scoring)
    site, collector = settings.site, settings.collector
    sensors = [sensor.name for sensor in info.sensors]
    return [
        MarkEar(wire.mark_topic(site, info.person), lambda label: _leave(folder.path, label)),
        NoteEar(journal, whose, wire.note_topic(site, info.person)),
        TonightTeller(
            journal, whose, Tonight(whose, info.start_ns, sensors), topic=wire.tonight_topic(site, collector)
        ),
        Discovery(_devices(settings), settings.data_dir / MEMORY),
    ]


def _devices(settings: Settings) -> dict[str, bytes]:
    if not settings.mqtt.home_assistant:
        return {}
    whose = Collector(settings.site, settings.person, settings.collector, __version__)
    return {
        config_topic(settings.collector, sensor.name): device_config(
            whose, sensor.name, f"{sensor.device}, {sensor.leg} {sensor.site}"
        )
        for sensor in settings.sensors
    }


def _leave(night: Path, label: str) -> None:
    try:
        leave_mark(night, label, "mqtt")
    except OSError as error:
        log.warning("a marker from the broker could not be kept: %s", error)


@click.command()
@click.option("--config", type=click.Path(path_type=Path), required=True)
@click.option("--embedded-port", type=int, default=None)
@click.option("--night", type=click.Path(path_type=Path), default=None)
def main(config: Path, embedded_port: int | None, night: Path | None) -> None:
    """Deliver the journal."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s relay: %(message)s")
    with noting_a_full_disk():
        asyncio.run(run(config, embedded_port, night))


if __name__ == "__main__":
    main()
