"""The relay's process: journal to broker."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import click

from ingest.address import BrokerAddress, Dialect
from ingest.night.journal import Journal
from ingest.relay import RelaySettings, run_relay
from soleus.build import broker_address
from soleus.config import load
from soleus.nights import journal_path
from soleus.supervise import under_supervision


async def run(config: Path, embedded_port: int | None) -> None:
    """Deliver until told to stop.

    Parameters
    ----------
    config : Path
        Configuration file.
    embedded_port : int or None
        Port of the broker that comes with Soleus, where none is configured.
    """
    settings = load(config).settings
    broker = broker_address(settings.mqtt)
    if broker is None:
        broker = BrokerAddress("127.0.0.1", embedded_port or 0, dialect=Dialect.MQTT_3_1_1)
    delivery = settings.effective_delivery
    relay = RelaySettings(settings.site, settings.collector, broker, delivery)
    async with under_supervision() as orders:
        with Journal(journal_path(settings)) as journal:
            await run_relay(journal, relay, orders.stop)


@click.command()
@click.option("--config", type=click.Path(path_type=Path), required=True)
@click.option("--embedded-port", type=int, default=None)
def main(config: Path, embedded_port: int | None) -> None:
    """Deliver the journal."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s relay: %(message)s")
    asyncio.run(run(config, embedded_port))


if __name__ == "__main__":
    main()
