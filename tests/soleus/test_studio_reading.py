"""Files are read on the pages as on the command line: what a channel is, what a column is, where it was recorded."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import edfio
import numpy as np
import pytest
from click.testing import CliRunner

from dashboards.bench_values import Asked, Setting
from detectors.signal import NS_PER_S
from detectors.simulate import simulate_night
from ingest.files.opening import open_recording
from soleus.__main__ import run
from soleus.commands.evaluate import command as evaluate_command
from soleus.commands.score import command as score_command
from soleus.commands.serve import command as serve_command
from soleus.commands.tune import command as tune_command
from soleus.errors import ConfigError
from soleus.reading import Reading
from soleus.settings import Settings
from soleus.shelf import Shelf
from soleus.studio.catalogue import Catalogue
from soleus.studio.opening import Said, studio_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dashboards.bench import Studio
    from dashboards.bench_values import BenchNight

pytestmark = pytest.mark.slow

FILES = Path(__file__).parents[1] / "data" / "device_files"
FOREVER_S = 600.0
HOURS = 0.1
ZONE = "Europe/Berlin"
BEGIN = "2026-03-14T22:30:00"
LAYOUT = f"""\
start = {BEGIN}
fs_hz = {{fs_hz:g}}
[columns]
DC7 = {{{{channel = "EMG TA-L", unit = "uV", scale = {{scale}}}}}}
DC8 = {{{{channel = "EMG TA-R", unit = "uV", scale = {{scale}}}}}}
"""
MEANT = {"DC7": "EMG TA-L", "DC8": "EMG TA-R"}
SERVED = re.compile(r"http://127\.0\.0\.1:\d+")


def options(folder: Path) -> list[str]:
    channels = [word for label, channel in MEANT.items() for word in ("--channel", f"{label}={channel}")]
    return [*channels, "--layout", str(folder / "columns.toml"), "--time-zone", ZONE]


def reading(folder: Path) -> Reading:
    return Reading(tuple(MEANT.items()), folder / "columns.toml", ZONE)


def declare(folder: Path, fs_hz: float, *, scale: float = 1.0) -> None:
    (folder / "columns.toml").write_text(LAYOUT.format(fs_hz=fs_hz, scale=scale), encoding="utf-8")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a simulated night in forms that nobody understands who is told nothing."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "files").mkdir()
    (folder / "ann").mkdir()
    legs = simulate_night(HOURS, seed=5, regime="clean").legs
    emg = np.stack([leg.emg(0, leg.n_emg)[:, 0].astype(float) for leg in legs], axis=1)
    fs_hz = legs[0].emg_fs_hz
    signals = [
        edfio.EdfSignal(emg[:, at], fs_hz, label=label, physical_dimension="uV", physical_range=(-3000, 3000))
        for at, label in enumerate(MEANT)
    ]
    begin = datetime.fromisoformat(BEGIN)
    about = edfio.Recording(startdate=begin.date())
    edfio.Edf(signals, recording=about, starttime=begin.time()).write(folder / "files" / "lab.edf")
    np.savetxt(folder / "files" / "table.csv", emg, fmt="%.3f", delimiter=",", header=",".join(MEANT), comments="")
    declare(folder, fs_hz)
    for name in ("lab", "table"):
        listed = "onset,duration,event\n22:31:00,2,LM left\n22:33:30,3,LM right\n"
        (folder / "ann" / f"{name}.csv").write_text(listed, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def studio(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    settings = replace(Settings(), data_dir=tmp_path_factory.mktemp("data"))
    said = Said([study / "ann"], reading(study))
    with studio_of(settings, [study / "files"], said, patience_s=FOREVER_S, n_workers=1) as opened:
        yield opened


def scored(capsys: pytest.CaptureFixture[str], file: Path, *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["score", str(file), *words, "--criteria", "wasm-2016", "--format", "json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def movements(answer: Mapping[str, Any]) -> list[tuple[object, ...]]:
    found = [event for event in answer["events"] if event["kind"] == "leg_movement"]
    return sorted((event["onset_s"], event["end_s"], event["leg"]) for event in found)


def settled(studio: Studio, key: str, reference: str = "") -> BenchNight:
    (night,) = studio.bench.settle(Asked((key,), Setting("wasm-2016"), "leg_movement", reference)).nights
    assert not night.problem
    return night


@pytest.mark.parametrize("name", ["lab.edf", "table.csv"])
def test_the_page_shows_what_the_command_says_of_a_file_that_is_read_in_the_same_way(
    name: str, study: Path, studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    told, night = scored(capsys, study / "files" / name, *options(study)), settled(studio, name.partition(".")[0])
    assert [(one.onset_s, one.end_s, one.leg) for one in night.events] == movements(told)
    assert night.events
    known = {key: value for key, value in told["summary"].items() if isinstance(value, float)}
    assert known == {key: night.numbers[key] for key in known}
    about = studio.bench.recording(night.key)
    assert about.start_ns == round(datetime.fromisoformat(told["recording"]["start"]).timestamp()) * NS_PER_S
    assert told["recording"]["start"] == "2026-03-14T21:30:00Z"
    # The page shows what the clock on the wall showed.
    assert about.utc_offset_s == 3600


@pytest.mark.parametrize("name", ["lab.edf", "table.csv"])
def test_the_signals_that_are_drawn_are_those_that_are_scored(name: str, study: Path, studio: Studio) -> None:
    layout = study / "columns.toml"
    recording = open_recording(study / "files" / name, channels=MEANT, layout=layout, time_zone=ZONE)
    views = studio.bench.signals(name.partition(".")[0], 0.0, recording.duration_s, 200)
    assert [(view.leg, view.quantity) for view in views] == [("left", "emg"), ("right", "emg")]
    for view, source in zip(views, recording.sources, strict=True):
        samples = source.read(0, source.n_samples)
        assert view.start_ns == recording.start_ns
        assert view.low.min() == pytest.approx(samples.min())
        assert view.high.max() == pytest.approx(samples.max())


def test_times_of_the_day_in_a_list_are_those_of_the_place(studio: Studio) -> None:
    for key in ("lab", "table"):
        assert [one.onset_s for one in settled(studio, key, "ann").marks] == [60.0, 210.0]
        assert [one.onset_s for one in studio.labels.others(key, "Bob")["ann"]] == [60.0, 210.0]
        imported = studio.labels.imported(key, "Bob", "b.csv", b"onset,duration,event\n22:32:00,2,LM left\n")
        assert [one.onset_s for one in imported.labels] == [120.0]


def test_a_layout_that_is_mended_meanwhile_is_read_again(study: Path, tmp_path: Path) -> None:
    legs = simulate_night(HOURS, seed=5, regime="clean").legs
    declare(tmp_path, legs[0].emg_fs_hz, scale=0.001)
    settings = replace(Settings(), data_dir=tmp_path / "data")
    said = Said((), Reading(layout=tmp_path / "columns.toml"))
    file = study / "files" / "table.csv"
    with studio_of(settings, [file], said, patience_s=FOREVER_S, n_workers=1) as studio:
        (flat,) = studio.bench.settle(Asked(("table",), Setting("wasm-2016"))).nights
        declare(tmp_path, legs[0].emg_fs_hz)
        (mended,) = studio.bench.settle(Asked(("table",), Setting("wasm-2016"))).nights
    assert not flat.events
    assert mended.events


def test_a_damaged_file_is_on_the_page_where_that_is_asked_for(tmp_path: Path) -> None:
    shelf, file = Shelf(replace(Settings(), data_dir=tmp_path)), FILES / "geneactiv_cut_off.bin"
    worn = (("acceleration", "ACC-L"),)
    (refused,), (whole,) = (
        Catalogue(shelf, [file], (), Reading(worn, salvage=salvage)).recordings() for salvage in (False, True)
    )
    assert "ends within page 17" in refused.problem
    assert (whole.problem, whole.duration_s > 0) == ("", True)


def test_marks_are_imported_into_a_file_that_is_read_in_the_same_way(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path)
    words = ["labels", "import", "lab", str(study / "ann" / "lab.csv"), "--rater", "Ann", "--config", str(config)]
    words += ["--recordings", str(study / "files" / "lab.edf")]
    assert run(words) == 2
    assert "--channel 'LABEL=EMG TA-L'" in capsys.readouterr().err
    assert run([*words, *options(study)]) == 0
    assert "2 new" in capsys.readouterr().out
    settings, said = replace(Settings(), data_dir=tmp_path / "data"), Said((), reading(study))
    with studio_of(settings, [study / "files"], said, n_workers=1) as studio:
        assert [one.onset_s for one in studio.labels.sheet("lab", "Ann").labels] == [60.0, 210.0]


@pytest.mark.parametrize("place", ["files", "files/table.csv"])
def test_a_table_is_judged_that_only_the_given_layout_says_the_columns_of(
    place: str, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run(["evaluate", str(study / place), "--reference", str(study / "ann"), *options(study), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert "table" in {one["recording"] for one in answer["recordings"]}
    assert [pair["scored"] for pair in answer["pairs"]] == ["soleus"]
    assert answer["criteria"]["name"] == "wasm-2016"


def configured(folder: Path) -> Path:
    (folder / "soleus.toml").write_text(f"data_dir = {json.dumps(str(folder / 'data'))}\n", encoding="utf-8")
    return folder / "soleus.toml"


@contextmanager
def served(folder: Path, *words: str) -> Iterator[str]:
    command = [sys.executable, "-m", "soleus", "serve", "--config", str(configured(folder)), "--port", "0", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = SERVED.search(process.stdout.readline())
            assert found
            yield found[0]
        finally:
            process.terminate()


def test_the_program_that_serves_takes_the_options_of_the_one_that_scores(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(tmp_path, "--recordings", str(study / "files"), *options(study)) as url:
        asked = {"keys": ["lab", "table"], "criteria": "wasm-2016", "word": "leg_movement", "reference": ""}
        question = Request(  # noqa: S310 - of this computer
            f"{url}/api/bench/settle", json.dumps(asked).encode(), {"content-type": "application/json"}
        )
        answer = {"nights": [{"opening": True}]}
        while any(night["opening"] for night in answer["nights"]):
            with urlopen(question, timeout=FOREVER_S) as response:  # noqa: S310 - of this computer
                answer = json.load(response)
    told = [scored(capsys, study / "files" / name, *options(study)) for name in ("lab.edf", "table.csv")]
    shown: Any = [night["events"] for night in answer["nights"]]
    found = [sorted(zip(one["onset_s"], one["end_s"], one["leg"], strict=True)) for one in shown]
    # A leg is a letter where thousands of events are sent.
    assert found == [[(onset_s, end_s, str(leg)[0]) for onset_s, end_s, leg in movements(one)] for one in told]


def test_all_commands_that_read_recordings_say_the_same_of_how_they_do() -> None:
    commands = (serve_command, score_command, evaluate_command, tune_command)
    told = [{one.name: one.to_info_dict() for one in command.params} for command in commands]
    for name in ("channels", "layout", "time_zone", "salvage"):
        assert all(one[name] == told[0][name] for one in told)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--channel", "DC7"), "got 'DC7', expected LABEL=CHANNEL"),
        (("--time-zone", "Mars"), "time zone 'Mars': there is none of that name"),
        (("--layout", "nowhere.toml"), "'nowhere.toml' does not exist"),
    ],
)
def test_what_is_no_such_option_is_refused_as_the_command_refuses_it(
    words: tuple[str, str], expected: str, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    for command in (["serve", "--recordings"], ["score"]):
        assert run([*command, str(study / "files"), *words]) == 2
        said.append(capsys.readouterr().err.replace(f"soleus {command[0]} --help", ""))
    assert expected in said[0]
    assert said[0] == said[1]


def test_what_is_said_of_no_recordings_is_refused(tmp_path: Path) -> None:
    words = ["--config", str(configured(tmp_path)), "--port", "0", "--time-zone", ZONE, "--salvage"]
    refused = CliRunner().invoke(serve_command, words, standalone_mode=False).exception
    assert isinstance(refused, ConfigError)
    assert str(refused).startswith("--time-zone, --salvage: got no --recordings")
