"""The relay's process: journal to broker."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import click

from ingest.address import BrokerAddress, Dialect
from ingest.night.journal import Journal
from ingest.night.marks import leave_mark
from ingest.relay import MarkEar, RelaySettings, run_relay
from soleus.build import broker_address
from soleus.config import load
from soleus.nights import journal_path
from soleus.supervise import under_supervision

log = logging.getLogger(__name__)


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
    settings = load(config).settings
    broker = broker_address(settings.mqtt)
    if broker is None:
        broker = BrokerAddress("127.0.0.1", embedded_port or 0, dialect=Dialect.MQTT_3_1_1)
    delivery = settings.effective_delivery
    relay = RelaySettings(settings.site, settings.collector, broker, delivery)
    ear = None if night is None else MarkEar(settings.person, lambda label: _leave(night, label))
    async with under_supervision() as orders:
        with Journal(journal_path(settings)) as journal:
            await run_relay(journal, relay, orders.stop, ear)


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
    asyncio.run(run(config, embedded_port, night))


if __name__ == "__main__":
    main()
