"""The whole collector against real servers: killed in the middle, it loses nothing and doubles nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from ingest.night.entries import Delivery, TopicKind
from ingest.night.folder import NightFolder
from ingest.night.journal import Journal
from ingest.night.packets import read_log
from ingest.night.records import LinkUp, NightEnd, NightStart
from ingest.timebase import steady_ns
from tests.system.generated_night import by_time, expected_rows
from tests.system.servers import ROOT, influx, mosquitto, python, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.system

SPEED = 60.0
HOURS = 0.5
CONFIG = """\
person = "p1"
data_dir = "{folder}/data"

[mqtt]
url = "mqtt://127.0.0.1:{broker_port}"
user = "collector"

[store]
url = "http://127.0.0.1:{influx_port}"

[[sensor]]
name = "left-shin"
device = "lsp"
address = "C4:00:00:00:00:01"
leg = "left"

[[sensor]]
name = "right-shin"
device = "lsp"
address = "C4:00:00:00:00:02"
leg = "right"
"""


class Sensors:
    """The virtual sensors' process."""

    def __init__(self, clock: tuple[float, int, int]) -> None:
        speed, epoch_ns, origin_ns = map(str, clock)
        arguments = ("--hours", str(HOURS), "--seed", "3", "--speed", speed)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ingest.virtual", *arguments, "--epoch-ns", epoch_ns, "--origin-ns", origin_ns],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        self.port: int = self.wait_for("ready")["port"]

    def wait_for(self, event: str) -> dict[str, Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            report: dict[str, Any] = json.loads(line)
            if report["event"] == event:
                return report
        message = f"the sensors ended before they reported {event}"
        raise AssertionError(message)


@contextmanager
def sensors(clock: tuple[float, int, int]) -> Iterator[Sensors]:
    playing = Sensors(clock)
    try:
        yield playing
    finally:
        playing.process.communicate(timeout=20)


class Collector:
    """`soleus night` with its workers, in a process group of its own."""

    def __init__(self, folder: Path, port: int, clock: tuple[float, int, int]) -> None:
        arguments = ["night", "--config", str(folder / "soleus.toml"), "--hci", f"tcp-client:127.0.0.1:{port}"]
        self.log = folder / "collector.log"
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "soleus", *arguments, "--clock", *map(str, clock)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=ROOT,
                env={**os.environ, "SOLEUS_MQTT_PASSWORD": "collector-secret"},
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill every process of the collector as a power cut would."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def interrupt(self) -> int:
        """Press Ctrl-C and wait until the night is kept."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(120)


def night_of(folder: Path) -> NightFolder:
    (path,) = (folder / "data" / "nights").iterdir()
    return NightFolder(path)


def test_a_collector_killed_in_the_middle_of_a_night_goes_on_with_it_and_every_event_is_stored_once(
    tmp_path: Path,
) -> None:
    (tmp_path / "influx").mkdir()
    clock = (SPEED, 1_790_000_000 * 10**9, steady_ns())
    with mosquitto(tmp_path / "mosquitto") as broker, influx(tmp_path / "influx") as database, sensors(clock) as legs:
        ports = {"broker_port": broker.port, "influx_port": database.port}
        (tmp_path / "soleus.toml").write_text(CONFIG.format(folder=tmp_path, **ports))
        secrets = {"SOLEUS_MQTT_PASSWORD": "store-secret", "SOLEUS_STORE_TOKEN": "store:store-secret"}
        url = f"mqtt://store@127.0.0.1:{broker.port}"
        config = str(tmp_path / "soleus.toml")
        store = python(
            *("-m", "soleus", "store", "--config", config, "--broker", url), log=tmp_path / "store.log", environ=secrets
        )
        store.start()
        first = Collector(tmp_path, legs.port, clock)
        try:
            legs.wait_for("started")
            journal_file = tmp_path / "data" / "journal.sqlite"
            wait_until(lambda: _n_events(journal_file) > 0, f"events of the night: {first.log}", within_s=60)
            first.kill()
            second = Collector(tmp_path, legs.port, clock)
            try:
                legs.wait_for("done")
                assert second.interrupt() == 0, second.log.read_text()
            finally:
                second.kill()
            _assert_one_night_goes_on(night_of(tmp_path))
            with Journal(journal_file) as journal:
                wait_until(lambda: not journal.waiting(Delivery.STORE, 1), "all confirmed", within_s=60)
                info = night_of(tmp_path).read_info()
                entries = journal.events(info.person, info.night, info.scoring)
            assert len(entries) > 8
            rows = by_time(database.rows("SELECT * FROM leg_event WHERE valid = 1"))
            assert rows == expected_rows(entries)
            _assert_replay_agrees(tmp_path, entries)
        finally:
            first.kill()
            store.kill()


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
