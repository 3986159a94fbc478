"""A button beside the bed: its message is in the diary and in InfluxDB, and what is corrected in the morning as well.

Mosquitto with its access list, the relay of a running night, ``soleus store`` and InfluxDB are the real ones.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from dashboards.diary import DiaryEntry, Written
from detectors.criteria import named
from detectors.signal import NS_PER_S, Leg
from ingest import wire
from ingest.night.entries import Delivery
from ingest.night.journal import Journal
from ingest.relay import RelaySettings, run_relay
from soleus.book import FolderBook
from soleus.nights import journal_path, start_or_resume
from soleus.settings import SensorSettings, Settings
from soleus.workers.relay import guests_of
from tests.system.house import House
from tests.system.servers import mosquitto, wait_until
from tests.system.test_messages import ear

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.system.servers import Influx, Mosquitto

pytestmark = pytest.mark.system

WITHIN_S = 60.0
SITE = "bedside"
ACCOUNT = f"collector:{SITE}:p1:bedroom:left-shin"
NOTE = wire.note_topic(SITE, "p1")
TONIGHT = wire.tonight_topic(SITE, "bedroom")
"""Retained: who has heard it knows that the collector listens."""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path_factory.mktemp("bedside"), [ACCOUNT]) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    sensor = SensorSettings("left-shin", "lsp", "C4:00:00:00:00:01", Leg.LEFT)
    return Settings(SITE, "p1", "bedroom", data_dir=tmp_path / "data", sensors=(sensor,))


@asynccontextmanager
async def collecting(settings: Settings, broker: Mosquitto) -> AsyncIterator[None]:
    """The relay of a running night with its guests, as the collector starts it."""
    folder = start_or_resume(settings)
    relay = RelaySettings(SITE, "bedroom", broker.address("collector"), Delivery.STORE, first_resend_s=0.2)
    stop = asyncio.Event()
    with Journal(journal_path(settings)) as journal:
        task = asyncio.create_task(run_relay(journal, relay, stop, guests_of(settings, journal, folder)))
        try:
            yield
        finally:
            stop.set()
            await task


@asynccontextmanager
async def at_home(settings: Settings, broker: Mosquitto, database: Influx, logs: Path) -> AsyncIterator[None]:
    """A night that is being collected, and the writer."""
    house = House(logs, broker, database)
    try:
        house.store.start()
        await asyncio.to_thread(house.await_store)
        async with collecting(settings, broker):
            yield
    finally:
        house.end()


async def until(done: Callable[[], bool], what: str) -> None:
    """Wait beside the relay, which runs in this loop."""
    await asyncio.to_thread(wait_until, done, what, within_s=WITHIN_S)


def stored(database: Influx) -> list[dict[str, Any]]:
    return [row for row in database.rows("SELECT * FROM diary") if row["site"] == SITE and row["valid"] == 1]


def written(book: FolderBook, night: str) -> list[DiaryEntry]:
    return [entry for entry in book.diary(night) if entry.key]


async def test_a_press_is_in_the_diary_and_in_the_database_and_so_is_its_correction(
    settings: Settings, broker: Mosquitto, database: Influx, tmp_path: Path
) -> None:
    book = FolderBook(settings, named("wasm-2016"))
    night = start_or_resume(settings).path.name
    async with (
        at_home(settings, broker, database, tmp_path),
        ear(broker.address("reader"), "button", TONIGHT) as button,
    ):
        await button.until(lambda: button.on(TONIGHT))
        await button.say(NOTE, {"kind": "cramp", "words": {"leg": "left"}, "values": {"pain_0_10": 7}})
        await until(lambda: bool(written(book, night)), "the press in the diary")
        (pressed,) = written(book, night)
        assert (pressed.kind, pressed.words, pressed.values) == ("cramp", {"leg": "left"}, {"pain_0_10": 7.0})
        await until(lambda: [row.get("leg") for row in stored(database)] == ["left"], "the press in InfluxDB")
        earlier_ns = pressed.time_ns - 600 * NS_PER_S
        said = Written("cramp", earlier_ns, "stood up", {"minutes": 4.0}, {"muscle": "calf"})
        corrected = book.amend(pressed.key, said)
        assert [past.values for past in corrected.history] == [{"pain_0_10": 7.0}]
        await until(lambda: [row.get("minutes") for row in stored(database)] == [4.0], "the correction in InfluxDB")
        (row,) = stored(database)
        assert (row["text"], row["muscle"], row.get("leg"), row.get("pain_0_10")) == ("stood up", "calf", "", None)
        book.strike(corrected.key)
        await until(lambda: stored(database) == [], "the entry taken back")
    assert written(book, night) == []
