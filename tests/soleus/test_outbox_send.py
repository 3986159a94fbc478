"""``soleus outbox --send``: what waits is delivered without a night."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from detectors.signal import Leg
from ingest.night.entries import Delivery, Entry, TopicKind
from ingest.night.folder import NightFolder, NightInfo, NightSensor
from ingest.night.journal import Journal
from soleus.__main__ import run
from soleus.config import load
from soleus.errors import ConfigError
from soleus.nights import alone, journal_path
from soleus.sending import send_waiting
from tests.broker_process import broker_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest.address import BrokerAddress

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def broker() -> Iterator[BrokerAddress]:
    with broker_process() as address:
        yield address


@pytest.fixture
def config(tmp_path: Path, broker: BrokerAddress) -> Path:
    (tmp_path / "data").mkdir()
    file = tmp_path / "soleus.toml"
    url = f"mqtt://{broker.host}:{broker.port}?protocol=3.1.1"
    file.write_text(f'data_dir = "{tmp_path / "data"}"\n[mqtt]\nurl = "{url}"\n')
    with Journal(journal_path(load(file).settings)) as journal:
        journal.put(
            Entry(TopicKind.EVENT, "me", "n1", "default", f"key {number}", 0, valid=True, body={"onset_ns": number})
            for number in range(300)
        )
    return file


def test_what_waits_is_delivered_now(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["outbox", "--config", str(config), "--send", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["delivered"], answer["total"]["waiting"], answer["total"]["published"]) == (300, 0, 300)


def test_what_can_never_be_sent_is_not_counted_as_delivered(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Journal(journal_path(load(config).settings)) as journal:
        journal.put([Entry(TopicKind.EVENT, "a/b", "n1", "default", "no topic", 0, valid=True, body={"onset_ns": 1})])
    assert run(["outbox", "--config", str(config), "--send", "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["delivered"], answer["total"]["waiting"], answer["total"]["set_aside"]) == (300, 0, 1)


def test_it_ends_when_nobody_answers(config: Path) -> None:
    text = config.read_text()
    config.write_text(text.replace("[mqtt]", 'delivery = "store"\n[store]\nurl = "http://localhost:8086"\n[mqtt]'))
    settings = load(config).settings
    with Journal(journal_path(settings)) as journal:
        assert send_waiting(journal, settings, patience_s=0.5) == 0
        assert len(journal.waiting(Delivery.STORE, 1000)) == 300


def test_nothing_is_sent_beside_a_night_that_is_being_collected(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = config.parent / "data" / "nights" / "2026-11-20-220000"
    path.mkdir(parents=True)
    sensor = NightSensor("left-shin", "lsp", "C4:00:00:00:00:01", Leg.LEFT, "tibialis anterior")
    folder = NightFolder(path)
    folder.write_info(
        NightInfo(
            site="home",
            person="me",
            night=path.name,
            scoring="default",
            speed=1.0,
            sensors=(sensor,),
            start_ns=1_795_212_000_000_000_000,
            utc_offset_s=0,
            version="0",
        )
    )
    with alone(path / "night.lock", "locked"):
        for option in (["--send"], ["--forget", "30"]):
            assert run(["outbox", "--config", str(config), *option]) == 2
            said = capsys.readouterr().err
            assert f"{option[0]}: the night 2026-11-20-220000 is being collected, and sends what waits" in said
        assert run(["outbox", "--config", str(config), "--retry"]) == 0


def test_without_a_broker_there_is_nowhere_to_send_to(config: Path) -> None:
    text = config.read_text()
    config.write_text(text[: text.index("[mqtt]")])
    settings = load(config).settings
    with Journal(journal_path(settings)) as journal, pytest.raises(ConfigError, match="there is no broker to send to"):
        send_waiting(journal, settings)
