"""``soleus privacy`` with a real broker and a real database: all of it comes out, none of it stays."""

from __future__ import annotations

import asyncio
import csv
import json
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from ingest import wire
from ingest.mqtt import MqttLink, Received, Session
from ingest.night.entries import Delivery
from ingest.night.folder import NightFolder
from ingest.night.journal import Journal
from ingest.retained import keep_instead
from soleus.__main__ import run
from tests.kept_nights import NIGHTS, OTHER, STARTS_NS, entries, kept_nights, servers_at
from tests.system.servers import READY_S, ROOT, influx, mosquitto, python, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.servers import Influx, Mosquitto, Process

pytestmark = pytest.mark.system

# On a machine that is at work on other things, too.
PATIENCE_S = 120.0
SITE = "home"
NIGHT_TOPIC = f"{wire.ROOT}/{SITE}/p1/night"
NEIGHBOUR = f"leg_event,site=home,person={OTHER},kind=cramp peak_uv=1 {STARTS_NS[0] + 1}"
# What docs/influxdb.md makes of the epochs, and a program that nobody here knows: at the start of the ten minutes.
WINDOW_NS = 600 * 10**9
BY_OTHERS = [
    f"{name},site=home,person=p1 mean=1 {start_ns // WINDOW_NS * WINDOW_NS}"
    for name in ("leg_epoch_10min", "pulse")
    for start_ns in STARTS_NS
]
NAMESAKE = f"leg_event,site=elsewhere,person=p1,kind=cramp peak_uv=1 {STARTS_NS[0] + 1}"


@dataclass
class Home:
    """A data folder, a broker, a database, a relay and a writer."""

    folder: Path
    broker: Mosquitto
    database: Influx
    relay: Process
    store: Process

    def privacy(self, *arguments: str) -> int:
        return run(["privacy", *arguments, "--config", str(self.folder / "soleus.toml")])

    def times(self, measurement: str = "leg_event", *, person: str = "p1", site: str = "home") -> list[int]:
        rows = self.database.rows(f"SELECT * FROM {measurement} WHERE person = '{person}' AND site = '{site}'")  # noqa: S608 - ours
        return sorted(row["time"] for row in rows)

    def await_stored(self) -> None:
        with Journal(self.folder / "data/journal.sqlite") as journal:
            wait_until(lambda: not journal.waiting(Delivery.STORE, 1), "everything is confirmed", within_s=PATIENCE_S)

    def token_of(self, user: str) -> None:
        (self.folder / "influx_token").write_text(self.database.address(user).token)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    (tmp_path / "influx").mkdir()
    with ExitStack() as stack:
        broker = stack.enter_context(mosquitto(tmp_path / "mosquitto"))
        database = stack.enter_context(influx(tmp_path / "influx"))
        login = broker.address("collector")
        (tmp_path / "mqtt_password").write_text(login.password or "")
        target = database.address()
        kept_nights(tmp_path, servers_at(broker.port, database.port, tmp_path))
        with Journal(tmp_path / "data/journal.sqlite") as journal:
            journal.forget(OTHER)
        NightFolder(tmp_path / "data/nights/2026-09-22").path.rename(tmp_path / "elsewhere")
        script = str(ROOT / "tests/system/relay_process.py")
        file = str(tmp_path / "data/journal.sqlite")
        relay = python(script, file, str(broker.port), "collector", login.password or "", log=tmp_path / "relay.log")
        writer = broker.address("store")
        store = python(
            *("-m", "soleus", "store", "--broker", f"mqtt://store@127.0.0.1:{broker.port}", "--influx", target.url),
            log=tmp_path / "store.log",
            environ={"SOLEUS_MQTT_PASSWORD": writer.password or "", "SOLEUS_STORE_TOKEN": target.token},
        )
        made = Home(tmp_path, broker, database, relay, store)
        stack.callback(relay.kill)
        stack.callback(store.kill)
        made.token_of("store")
        for line in (NEIGHBOUR, NAMESAKE, *BY_OTHERS):
            database.write(line)
        store.start()
        relay.start()
        made.await_stored()
        yield made


def retained(home: Home, topic: str) -> bytes | None:
    """Return what the broker hands to a new listener."""
    return asyncio.run(_retained(home, topic))


async def _retained(home: Home, topic: str) -> bytes | None:
    # What is retained comes in the order of the subscriptions: when the last one's is here, there is no other.
    last = f"{wire.ROOT}/bedroom/p1/night"
    night = entries(OTHER, NIGHTS[0], STARTS_NS[0])[-1]
    await keep_instead(home.broker.address("collector"), "last", {last: wire.encode(night, "bedroom")})
    listener = Session("listener", [topic, last], persistent=False)
    heard: dict[str, bytes] = {}
    async with MqttLink(home.broker.address("store"), listener) as link, asyncio.timeout(READY_S):
        while last not in heard:
            heard |= {s.topic: s.payload for s in await link.signals(READY_S) if isinstance(s, Received)}
    return heard.get(topic)


def test_everything_comes_out_and_then_nothing_stays(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.relay.kill()
    home.token_of("grafana")
    _assert_all_is_handed_over(home)
    assert len(home.times()) == 4
    _assert_a_token_that_may_only_read_removes_nothing(home, capsys)
    _assert_one_night_goes(home)
    home.token_of("store")
    capsys.readouterr()
    assert home.privacy("delete", "--yes", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert len(said["removed"]) == 4
    for measurement in ("leg_event", "night", "diary", "leg_epoch_10min", "pulse"):
        assert home.times(measurement) == []
    assert home.times(person=OTHER) == [STARTS_NS[0] + 1]
    assert home.times(site="elsewhere") == [STARTS_NS[0] + 1]
    people = home.database.rows("SHOW TAG VALUES FROM diary WITH KEY = person")
    assert people == []
    assert retained(home, NIGHT_TOPIC) is None
    assert not list((home.folder / "data/nights").iterdir())
    assert not (home.folder / "data/deleting.json").exists()
    assert "set aside" not in (home.folder / "store.log").read_text()


def _assert_all_is_handed_over(home: Home) -> None:
    target = home.folder / "mine"
    assert home.privacy("export", str(target)) == 0
    texts = {path.stem: path.read_text() for path in (target / "influxdb").iterdir()}
    tables = {name: list(csv.DictReader(text.splitlines())) for name, text in texts.items()}
    assert tables.keys() == {"leg_event", "night", "diary", "leg_epoch_10min", "pulse"}
    assert [int(row["time_ns"]) for row in tables["leg_event"]] == home.times()
    assert {row["peak_uv"] for row in tables["leg_event"]} == {"41.5"}
    assert {(row["site"], row["person"]) for rows in tables.values() for row in rows} == {("home", "p1")}
    assert tables["diary"][0]["text"] == "magnesium, 300 mg"


def _assert_a_token_that_may_only_read_removes_nothing(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert home.privacy("delete", "--yes", "--night", NIGHTS[1]) == 1
    said, url = capsys.readouterr(), home.database.address().url
    assert said.err.splitlines() == [
        f"soleus: NOT removed: points stay: InfluxDB {url} does not let this token remove in bucket 'soleus'"
    ]
    assert len(home.times()) == 4


def _assert_one_night_goes(home: Home) -> None:
    """The folder and the rows are gone by now; what could not be reached is removed by the same command."""
    token = home.folder / "other_token"
    token.write_text(home.database.address().token)
    assert home.privacy("delete", "--yes", "--night", NIGHTS[1], "--token-file", str(token)) == 0
    for measurement, n_left in (("leg_event", 2), ("night", 1), ("diary", 1), ("leg_epoch_10min", 1), ("pulse", 1)):
        assert len(home.times(measurement)) == n_left
        assert max(home.times(measurement)) < STARTS_NS[1] - 6600 * 10**9
    stays = json.loads(retained(home, NIGHT_TOPIC) or b"{}")
    assert stays["night"] == NIGHTS[0]


def test_what_was_on_its_way_is_said_and_goes_when_the_command_is_repeated(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.store.kill()
    late = entries("p1", "2026-09-23-223000", STARTS_NS[1] + 86_400 * 10**9)
    with Journal(home.folder / "data/journal.sqlite") as journal:
        journal.put(late)
        wait_until(lambda: journal.counts().published == 12, "handed to the broker", within_s=PATIENCE_S)
    home.relay.kill()
    assert home.privacy("delete", "--yes") == 1
    assert "NOT removed: 4 entries were sent and never confirmed" in capsys.readouterr().err
    assert home.times() == []
    home.store.start()
    wait_until(lambda: len(home.times()) == 2, "the writer got what it had missed", within_s=PATIENCE_S)
    assert home.privacy("delete", "--yes") == 0
    assert home.times() == []
