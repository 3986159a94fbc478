"""Detectors of others: installed, switched on by name, live and on a file, and what is said when one breaks."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dashboards.web.classes import EventClass, class_of, title_of
from detectors.criteria import named
from detectors.events import EventKind
from detectors.simulate import simulate_night
from ingest.files.edf_writing import write_edf
from ingest.night.entries import TopicKind, event_of
from ingest.night.journal import Journal
from ingest.night.packets import LogFollower
from ingest.points import points_of
from ingest.wire import decode, encode, entry_topic
from soleus.__main__ import run
from soleus.book import FolderBook
from soleus.config import Config, load, load_settings
from soleus.errors import ConfigError
from soleus.nights import journal_path, nights_dir
from soleus.plugins import installed, switched_on
from soleus.settings import Settings
from soleus.workers.scorer import LiveScorer
from tests.message_schemas import faults
from tests.night_log import night_records, write_night
from tests.web_client import client_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from detectors.events import Event

LAB = Path(__file__).parents[1] / "data" / "lab_detectors"
KIND = EventKind("plugin_long_activity")
ON = ("--detector", "long_activity", "--set", "long_activity.min_s=0.5")


@pytest.fixture(autouse=True)
def lab(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the distribution of a third party on the path, as pip does."""
    monkeypatch.syspath_prepend(LAB)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plugins") / "night.edf"
    write_edf(path, simulate_night(0.06, seed=3, regime="clean"))
    return path


@pytest.fixture
def scored(recording: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[Any, str]]:
    def runner(*args: str) -> tuple[Any, str]:
        assert run(["score", "--criteria", "wasm-2016", *args, str(recording), "--json"]) == 0
        said = capsys.readouterr()
        return json.loads(said.out), said.err

    return runner


def test_what_is_installed_is_found_and_nothing_of_it_is_switched_on(
    scored: Callable[..., tuple[Any, str]],
) -> None:
    assert {"long_activity", "gives_up"} <= set(installed())
    assert load(None, environ={}).criteria.plugins == ()
    answer, _ = scored()
    assert KIND not in {event["kind"] for event in answer["events"]}
    assert answer["criteria"]["plugins"] == []


def test_a_file_is_scored_with_a_detector_of_a_third_party_and_says_which(
    scored: Callable[..., tuple[Any, str]],
) -> None:
    alone, _ = scored()
    answer, _ = scored(*ON)
    found = [event for event in answer["events"] if event["kind"] == KIND]
    assert found
    assert set(found[0]["measures"]) == {"peak_uv", "lab_score"}
    assert [event for event in answer["events"] if event not in found] == alone["events"]
    assert answer["summary"] == alone["summary"]
    (plugin,) = answer["criteria"]["plugins"]
    assert plugin == {
        "name": "long_activity", "version": "1.2.0", "quantity": "emg", "detector": "lab_detectors:LongActivity",
        "criteria": {"onset_uv": 20.0, "min_s": 0.5},
    }  # fmt: skip


@pytest.mark.parametrize("form", ["table", "csv", "tsv"])
def test_every_form_of_a_result_takes_its_events(
    form: str, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["score", *ON, str(recording), "--format", form, *(["--explain"] if form == "table" else [])]) == 0
    assert ("plugin" in capsys.readouterr().out) is (form != "tsv")


def test_a_detector_that_breaks_is_one_line_and_the_others_go_on(scored: Callable[..., tuple[Any, str]]) -> None:
    alone, _ = scored()
    answer, said = scored("--detector", "gives_up")
    assert answer["events"] == alone["events"]
    assert list(answer["summary"]["failed_plugins"]) == ["gives_up"]
    lines = [line for line in said.splitlines() if "gives_up" in line]
    assert len(lines) == 1
    assert "detector gives_up ended, the others went on: left: Attr" in lines[0]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nobodys", "--detector: there is no detector 'nobodys', expected one of those installed: "),
        ("not_there", "--detector: detector not_there 1.2.0 (lab_detectors_missing:Nothing) cannot be loaded: Mod"),
        ("other_name", "(lab_detectors:LongActivity) calls itself 'long_activity', expected its entry point's name"),
        ("leg_movement", "a plug-in is called leg_movement, expected a name that no other and no group of thresholds"),
    ],
)  # fmt: skip
def test_one_that_cannot_be_used_is_refused_before_anything_is_scored(
    name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["score", "--criteria", "wasm-2016", "--detector", name, "no-such.edf"]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert said in lines[0]


def test_numbers_of_a_detector_that_is_not_switched_on_are_unknown_and_wrong_ones_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"--set: unknown setting long_activity\.min_s"):
        load(None, assignments=["long_activity.min_s=1"], environ={})
    with pytest.raises(ConfigError, match=r"min_s is -1\.0, expected positive numbers"):
        load(None, assignments=["detectors=long_activity", "long_activity.min_s=-1"], environ={})
    with pytest.raises(ConfigError, match=r"--set: long_activity\.min_s is 'x', expected a number"):
        load(None, assignments=["detectors=long_activity", "long_activity.min_s=x"], environ={})


def test_a_configuration_file_switches_on_and_sets_numbers_and_tells_where_each_is_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "soleus.toml"
    file.write_text('detectors = ["long_activity"]\n[set.long_activity]\nmin_s = 4.0\n', encoding="utf-8")
    config = load(file)
    assert config.criteria.plugins[0].criteria.min_s == 4.0
    assert run(["config", "--config", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["settings"]["detectors"] == {"value": "long_activity", "origin": "soleus.toml:1"}
    assert told["criteria"]["long_activity.min_s"]["origin"] == "soleus.toml:3"
    assert told["criteria"]["long_activity.onset_uv"]["source"] == "plug-in long_activity 1.2.0"
    assert told["detectors"] == {"long_activity": "1.2.0"}
    assert told["installed_detectors"]["gives_up"] == "1.2.0"
    assert run(["config", "--config", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "(--detector NAME switches one on): gives_up 1.2.0, " in printed
    assert "plug-in long_activity 1.2.0" in printed


def test_where_packets_are_recorded_and_delivered_no_detector_is_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "soleus.toml"
    file.write_text('detectors = ["nobodys"]\n[set.nobodys]\nmin_s = 4.0\n', encoding="utf-8")
    assert load_settings(file).detectors == ("nobodys",)
    with pytest.raises(ConfigError, match=r"soleus\.toml:1: there is no detector 'nobodys'"):
        load(file)


@pytest.mark.slow
def test_a_live_night_keeps_sends_and_shows_its_events_and_a_broken_one_does_not_end_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data_dir=tmp_path / "data", person="p1")
    journal_path(settings).parent.mkdir(parents=True)
    (plugin, broken) = switched_on(("long_activity", "gives_up"), "here")
    quick = replace(plugin, criteria=replace(plugin.criteria, min_s=0.5))
    criteria = replace(named("wasm-2016"), plugins=(quick, broken))
    folder = write_night(nights_dir(settings) / "one", night_records(0.06, seed=3))
    scorer, follower = LiveScorer(folder, Config(settings, criteria, {})), LogFollower(folder.packets)
    while scorer.step(follower):
        pass
    scorer.finish()
    scorer.close()
    follower.close()
    with Journal(journal_path(settings)) as journal:
        info = folder.read_info()
        entries = journal.events(info.person, info.night, info.scoring)
        (night,) = journal.entries(TopicKind.NIGHT, info.person, info.night, info.scoring)
    found = [event for event in map(event_of, entries) if event.kind is KIND]
    assert found
    assert {event.kind for event in map(event_of, entries)} >= {KIND, EventKind.LEG_MOVEMENT}
    _expect_shown(found[0])
    with client_of(FolderBook(settings, criteria)) as client:  # type: ignore[arg-type]  # a book of real nights
        page = client.get("/night/one").text
    assert "The detector gives_up ended, the others went on: left-shin: AttributeError" in page
    assert 'id="group-plug-in"' in page
    assert night.body["criteria"] == "wasm-2016 with long_activity 1.2.0 and gives_up 1.2.0, long_activity.min_s = 0.5"
    assert folder.read_config()["detectors"] == {"long_activity": "1.2.0", "gives_up": "1.2.0"}
    (sent, *_) = (entry for entry in entries if entry.body["kind"] == KIND)
    topic, payload = entry_topic("home", sent), encode(sent, "bedroom")
    assert faults(topic, payload) == []
    (point,) = points_of(decode(topic, payload))
    assert f"kind={KIND}" in point.line()
    assert "lab_score=" in point.line()
    assert sum("detector gives_up ended" in record.message for record in caplog.records) == 1
    assert list(json.loads((folder.path / "summary.json").read_text())["summary"]["failed_plugins"]) == ["gives_up"]


def _expect_shown(event: Event) -> None:
    assert class_of(event) is EventClass.PLUGIN
    assert title_of(event) == "Long activity (plug-in)"
