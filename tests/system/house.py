"""A collector's journal, its relay, a broker, the writer and the database, each a real process that can be killed."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from ingest.night.entries import Delivery
from ingest.night.journal import Journal
from tests.system.generated_night import by_time, expected_rows, newest
from tests.system.known_secrets import password_of
from tests.system.servers import ROOT, influx, mosquitto, python, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest.address import BrokerAddress
    from ingest.night.entries import Entry
    from tests.system.servers import Influx, Mosquitto, Process

# Takes seconds; on a machine that has much else to do, more.
WITHIN_S = 120.0


class House:
    """Broker, database, a collector's journal, its relay, and the writer, each a real process."""

    def __init__(self, folder: Path, broker: Mosquitto, database: Influx, journal: str = "journal.db") -> None:
        self.broker = broker
        self.database = database
        self.journal = Journal(folder / journal)
        script = str(ROOT / "tests/system/relay_process.py")
        login = (str(broker.port), "collector", password_of("collector"))
        self.relay = python(script, str(folder / journal), *login, log=folder / "relay.log")
        self.store = self.store_by(broker.address("store"), folder / "store.log")

    def store_by(self, broker: BrokerAddress, log: Path, *options: str) -> Process:
        target = self.database.address()
        return python(
            *("-m", "soleus", "store", "--broker", f"mqtt://{broker.user}@{broker.host}:{broker.port}"),
            *("--influx", target.url, "--bucket", target.bucket, *options),
            log=log,
            environ={"SOLEUS_MQTT_PASSWORD": broker.password or "", "SOLEUS_STORE_TOKEN": target.token},
        )

    def await_store(self, store: Process | None = None) -> None:
        log = (store or self.store).log
        wait_until(lambda: log.exists() and "connected to the broker" in log.read_text(), f"store connected: {log}")

    def await_stored(self, entries: list[Entry], *, within_s: float = WITHIN_S) -> None:
        wait_until(
            lambda: self.journal.counts().stored == len(newest(entries)),
            "every entry confirmed by the writer",
            within_s=within_s,
        )

    def assert_exactly_once(self, entries: list[Entry]) -> None:
        rows = by_time(self.database.rows("SELECT * FROM leg_event"))
        assert rows == expected_rows(entries)
        assert not self.journal.waiting(Delivery.STORE)

    def end(self) -> None:
        self.relay.kill()
        self.store.kill()
        self.journal.close()


@contextlib.contextmanager
def at_home(folder: Path, journal: str = "journal.db") -> Iterator[House]:
    """Start broker and database in a folder; the house in front of them ends with the context."""
    (folder / "influx").mkdir()
    with mosquitto(folder / "mosquitto") as broker, influx(folder / "influx") as database:
        house = House(folder, broker, database, journal)
        try:
            yield house
        finally:
            house.end()
