"""Notes in, the state of tonight and devices for Home Assistant out, through a real Mosquitto with its access list."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from detectors.signal import Leg
from ingest import wire
from ingest.home_assistant import config_topic
from ingest.mqtt import Acknowledged, MqttLink, Received, Session, Subscribed
from ingest.night.entries import Delivery, Entry, TopicKind
from ingest.night.journal import Journal
from ingest.relay import RelaySettings, run_relay
from soleus.nights import journal_path, start_or_resume
from soleus.settings import MqttSettings, SensorSettings, Settings
from soleus.workers.relay import guests_of
from tests.message_schemas import faults
from tests.system.generated_night import generated_night, newest
from tests.system.house import House
from tests.system.servers import mosquitto

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from ingest.address import BrokerAddress
    from tests.system.servers import Influx, Mosquitto

pytestmark = pytest.mark.system

WITHIN_S = 60.0
RULES = json.loads((Path(__file__).parents[1] / "home_assistant_discovery.schema.json").read_text(encoding="utf-8"))
ACCOUNT = "collector:home:p1:bedroom:left-shin"
DEVICE = config_topic("bedroom", "left-shin")
TONIGHT = wire.tonight_topic("home", "bedroom")
NOTE = wire.note_topic("home", "p1")
SENSOR = SensorSettings("left-shin", "lsp", "C4:00:00:00:00:01", Leg.LEFT)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path_factory.mktemp("messages"), [ACCOUNT]) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    mqtt = MqttSettings("mqtt://localhost", home_assistant=True)
    return Settings("home", "p1", "bedroom", data_dir=tmp_path / "data", sensors=(SENSOR,), mqtt=mqtt)


class Ear:
    """A connection that keeps what it receives, the newest of each topic and all of them in their order."""

    def __init__(self, link: MqttLink) -> None:
        self.link = link
        self.all: list[Received] = []
        self.subscribed = False
        self.taken: list[int] = []

    async def until(self, done: Callable[[], object]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not done():
                for signal in await self.link.signals(0.2):
                    if isinstance(signal, Received):
                        self.all.append(signal)
                        self.link.acknowledge(signal)
                    elif isinstance(signal, Acknowledged):
                        assert signal.refusal is None
                        self.taken.append(signal.mid)
                    self.subscribed = self.subscribed or isinstance(signal, Subscribed)

    @property
    def topics(self) -> set[str]:
        return {message.topic for message in self.all}

    def on(self, topic: str) -> list[bytes]:
        return [message.payload for message in self.all if message.topic == topic]

    async def say(self, topic: str, fields: object, *, retain: bool = False) -> None:
        mid = self.link.publish(topic, b"" if fields is None else json.dumps(fields).encode(), retain=retain)
        await self.until(lambda: mid in self.taken)


@asynccontextmanager
async def ear(address: BrokerAddress, name: str, *topics: str) -> AsyncIterator[Ear]:
    async with MqttLink(address, Session(name, topics, persistent=False)) as link:
        listening = Ear(link)
        await listening.until(lambda: listening.subscribed)
        yield listening


@asynccontextmanager
async def collecting(settings: Settings, broker: Mosquitto) -> AsyncIterator[Journal]:
    """The relay of a running night with all of its guests, as the collector starts it."""
    folder = start_or_resume(settings)
    relay = RelaySettings("home", "bedroom", broker.address("collector"), Delivery.BROKER, first_resend_s=0.2)
    stop = asyncio.Event()
    with Journal(journal_path(settings)) as journal:
        task = asyncio.create_task(run_relay(journal, relay, stop, guests_of(settings, journal, folder)))
        try:
            yield journal
        finally:
            stop.set()
            await task


def night_of(settings: Settings) -> str:
    return start_or_resume(settings).path.name


def tonight(payload: bytes) -> dict[str, object]:
    assert faults(TONIGHT, payload) == []
    state: dict[str, object] = json.loads(payload)
    return state


async def test_a_note_becomes_one_entry_of_the_diary_and_is_published(settings: Settings, broker: Mosquitto) -> None:
    remedy = {"kind": "remedy", "text": "magnesium", "values": {"dose_mg": 300}, "time_ns": 1_795_209_000_000_000_000}
    diary = "soleus/v1/home/p1/diary"
    async with ear(broker.address("reader"), "phone", diary, TONIGHT) as phone:
        await phone.say(NOTE, {"kind": "caffeine", "text": "nobody knows when"}, retain=True)
        async with collecting(settings, broker) as journal:
            await phone.until(lambda: phone.on(TONIGHT))
            for note in (remedy, remedy, {"kind": "?"}, {**remedy, "text": "magnesium, again"}):
                await phone.say(NOTE, note)
            await phone.until(lambda: any(b"again" in said for said in phone.on(diary)))
            kept = journal.entries(TopicKind.DIARY, "p1", night_of(settings), "")
        await phone.say(NOTE, None, retain=True)
    assert [(entry.revision, entry.body["text"]) for entry in kept] == [(1, "magnesium, again")]
    assert [fault for said in phone.on(diary) for fault in faults(diary, said)] == []
    assert {wire.decode(diary, said).entry.key for said in phone.on(diary)} == {kept[0].key}


async def test_a_note_that_was_written_while_the_collector_was_away_is_kept_when_it_is_back(
    settings: Settings, broker: Mosquitto
) -> None:
    async with ear(broker.address("reader"), "phone", TONIGHT) as phone:
        async with collecting(settings, broker):
            await phone.until(lambda: phone.on(TONIGHT))
        await phone.say(NOTE, {"kind": "cramp", "text": "calf", "time_ns": 5})
        async with collecting(settings, broker) as journal:
            await phone.until(lambda: journal.entries(TopicKind.DIARY, "p1", night_of(settings), ""))
            (kept,) = journal.entries(TopicKind.DIARY, "p1", night_of(settings), "")
    assert (kept.body["kind"], kept.body["text"], kept.body["time_ns"]) == ("cramp", "calf", 5)


async def test_tonight_stays_at_the_broker_for_whoever_comes_late(settings: Settings, broker: Mosquitto) -> None:
    entries = [replace(entry, night=night_of(settings)) for entry in newest(generated_night(seed=4)).values()]
    movements = sum(entry.body.get("kind") == "leg_movement" for entry in entries)
    async with collecting(settings, broker) as journal:
        journal.put(entries)
        async with ear(broker.address("reader"), "early", TONIGHT) as early:
            await early.until(lambda: early.on(TONIGHT))
    async with ear(broker.address("reader"), "late", TONIGHT) as late:
        await late.until(lambda: late.on(TONIGHT))
    (message,) = late.all
    assert message.retained
    state = tonight(message.payload)
    assert state["ended"] is True
    assert state["counts"]["leg_movement"] == movements  # type: ignore[index]  # the schema says what it is


async def test_devices_stay_at_the_broker_until_they_are_taken_back(settings: Settings, broker: Mosquitto) -> None:
    off = replace(settings, mqtt=MqttSettings())
    async with ear(broker.address("reader"), "automation", DEVICE) as automation:
        async with collecting(settings, broker):
            await automation.until(lambda: automation.on(DEVICE))
        async with ear(broker.address("reader"), "late automation", DEVICE) as late:
            await late.until(lambda: late.on(DEVICE))
        assert late.all[0].retained
        assert [
            error.message for error in Draft202012Validator(RULES).iter_errors(json.loads(late.on(DEVICE)[0]))
        ] == []
        async with collecting(off, broker):
            await automation.until(lambda: automation.on(DEVICE)[-1] == b"")
    async with ear(broker.address("reader"), "latest automation", DEVICE, TONIGHT) as latest:
        await latest.until(lambda: latest.on(TONIGHT))
    assert latest.on(DEVICE) == []


async def test_every_message_of_a_real_relay_and_a_real_writer_fits_its_schema(
    tmp_path: Path, broker: Mosquitto, database: Influx
) -> None:
    entries: list[Entry] = generated_night(seed=6, n_movements=40)
    house = House(tmp_path, broker, database)
    stored = wire.stored_topic("home", "bedroom")
    spoken = [f"soleus/v1/home/p1/{kind}" for kind in TopicKind] + [wire.availability_topic("home", "bedroom")]
    try:
        async with (
            ear(broker.address("reader"), "reader", *spoken) as reader,
            ear(broker.address("collector"), "eavesdropper", stored) as confirmed,
        ):
            house.store.start()
            house.await_store()
            house.journal.put(entries)
            house.relay.start()
            await confirmed.until(lambda: house.journal.counts().stored == len(newest(entries)) and confirmed.all)
            await reader.until(lambda: len(reader.all) > len(newest(entries)) and reader.topics >= {*spoken[:4]})
    finally:
        house.end()
    heard = [*reader.all, *confirmed.all]
    assert reader.topics | confirmed.topics >= {stored, *spoken[:4]}
    assert [fault for message in heard for fault in faults(message.topic, message.payload)] == []
