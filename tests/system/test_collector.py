"""The whole collector against real servers: killed in the middle, it loses nothing and doubles nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.chaos.night import collecting, new_clock, sensors, servers_at, the_night, write_config
from ingest.night.entries import Delivery, TopicKind
from ingest.night.journal import Journal
from ingest.night.packets import read_log
from ingest.night.records import LinkUp, NightEnd, NightStart
from tests.system.generated_night import by_time, expected_rows
from tests.system.known_secrets import password_of
from tests.system.servers import ROOT, influx, mosquitto, python, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.night.folder import NightFolder

pytestmark = pytest.mark.system

SPEED = 60.0
# Spastic legs do as much in so long as healthy ones in hours.
HOURS, REGIME = 0.3, "spastic"
PATIENCE_S = 120.0


def night_of(folder: Path) -> NightFolder:
    night = the_night(folder)
    assert night is not None
    return night


def test_a_collector_killed_in_the_middle_of_a_night_goes_on_with_it_and_every_event_is_stored_once(
    tmp_path: Path,
) -> None:
    (tmp_path / "influx").mkdir()
    clock, environ = new_clock(SPEED), {"SOLEUS_MQTT_PASSWORD": password_of("collector")}
    with ExitStack() as stack:
        broker = stack.enter_context(mosquitto(tmp_path / "mosquitto"))
        database = stack.enter_context(influx(tmp_path / "influx"))
        legs = stack.enter_context(sensors(HOURS, 3, clock, REGIME))
        config = write_config(tmp_path, servers_at(broker.port, database.port))
        secrets = {"SOLEUS_MQTT_PASSWORD": password_of("store"), "SOLEUS_STORE_TOKEN": f"store:{password_of('store')}"}
        url = f"mqtt://store@127.0.0.1:{broker.port}"
        arguments = ("-m", "soleus", "store", "--config", str(config), "--broker", url)
        store = python(*arguments, log=tmp_path / "store.log", environ=secrets)
        stack.callback(store.kill)
        store.start()
        with collecting(config, legs.port, clock, environ) as first:
            legs.wait_for("started")
            journal_file = tmp_path / "data" / "journal.sqlite"
            wait_until(lambda: _n_events(journal_file) > 0, f"events of the night: {first.log}", within_s=PATIENCE_S)
        with collecting(config, legs.port, clock, environ) as second:
            legs.wait_for("done")
            assert second.interrupt() == 0, second.log.read_text()
        _assert_one_night_goes_on(night_of(tmp_path))
        with Journal(journal_file) as journal:
            wait_until(lambda: not journal.waiting(Delivery.STORE, 1), "all confirmed", within_s=PATIENCE_S)
            info = night_of(tmp_path).read_info()
            entries = journal.events(info.person, info.night, info.scoring)
        assert len(entries) > 8
        rows = by_time(database.rows("SELECT * FROM leg_event WHERE valid = 1"))
        assert rows == expected_rows(entries)
        _assert_replay_agrees(tmp_path, entries)


def test_ctrl_c_while_the_collector_is_still_starting_ends_the_night_in_order(tmp_path: Path) -> None:
    nowhere = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path}/no-bus"}
    with collecting(write_config(tmp_path), None, new_clock(SPEED), nowhere) as collector:
        wait_until(lambda: "Ctrl-C ends" in collector.log.read_text(), "that a night begins", within_s=PATIENCE_S)
        assert collector.interrupt() == 0
        said = collector.log.read_text()
    assert "Night kept" in said
    assert "Traceback" not in said
    assert sum(isinstance(record, NightEnd) for _, record in read_log(night_of(tmp_path).packets)) == 1


def _n_events(journal_file: Path) -> int:
    if not journal_file.exists():
        return 0
    with Journal(journal_file) as journal:
        return journal.counts(TopicKind.EVENT).entries


def _assert_one_night_goes_on(night: NightFolder) -> None:
    records = [record for _, record in read_log(night.packets)]
    assert sum(isinstance(record, NightStart) for record in records) == 2
    assert sum(isinstance(record, NightEnd) for record in records) == 1
    assert sum(isinstance(record, LinkUp) for record in records) >= 4


def _assert_replay_agrees(folder: Path, entries: list[Any]) -> None:
    """The journal says what the log says: replayed offline, event by event."""
    arguments = ["replay", night_of(folder).path.name, "--config", str(folder / "soleus.toml"), "--format", "json"]
    out = subprocess.run([sys.executable, "-m", "soleus", *arguments], capture_output=True, check=True, cwd=ROOT)
    replayed = json.loads(out.stdout)["events"]
    assert [(e["kind"], e["leg"], e["measures"]) for e in replayed] == [
        (e.body["kind"], e.body["leg"], e.body["measures"]) for e in sorted(entries, key=_order)
    ]


def _order(entry: Any) -> tuple[int, str, str, str]:
    body = entry.body
    return body["onset_ns"], body["kind"], body["leg"], body["sensor"]
