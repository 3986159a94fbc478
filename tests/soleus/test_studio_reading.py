"""Files are read on the pages as on the command line: what a channel is, what a column is, where it was recorded."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dashboards.bench_values import Asked, Setting
from detectors.signal import NS_PER_S
from ingest.files.opening import open_recording
from soleus.__main__ import run
from soleus.reading import Reading
from soleus.settings import Settings
from soleus.shelf import Shelf
from soleus.studio.catalogue import Catalogue
from soleus.studio.opening import Said, studio_of
from tests.served import configured
from tests.untold_files import MEANT, ZONE, make_study, movements, options, reading, scored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dashboards.bench import Studio
    from dashboards.bench_values import BenchNight

pytestmark = pytest.mark.slow

FILES = Path(__file__).parents[1] / "data" / "device_files"
FOREVER_S = 600.0


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def studio(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    settings = replace(Settings(), data_dir=tmp_path_factory.mktemp("data"))
    said = Said([study / "ann"], reading(study))
    with studio_of(settings, [study / "files"], said, patience_s=FOREVER_S, n_workers=1) as opened:
        yield opened


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


def test_a_layout_that_is_gone_is_said_and_nothing_is_saved(study: Path, tmp_path: Path) -> None:
    shutil.copy(study / "columns.toml", tmp_path)
    shelf, said = Shelf(replace(Settings(), data_dir=tmp_path / "data")), Reading(layout=tmp_path / "columns.toml")
    catalogue = Catalogue(shelf, [study / "files" / "table.csv"], (), said)
    assert catalogue.read_as(["table"]).keys() == {"layout_sha256"}
    assert not catalogue.read_as([])
    (tmp_path / "columns.toml").unlink()
    assert "columns.toml" in catalogue.recordings()[0].problem
    with pytest.raises(ValueError, match=r"columns\.toml: No such file"):
        catalogue.read_as(["table"])


def test_a_layout_that_is_mended_meanwhile_is_read_again(study: Path, tmp_path: Path) -> None:
    whole, layout = (study / "columns.toml").read_text(encoding="utf-8"), tmp_path / "columns.toml"
    layout.write_text(whole.replace("scale = 1.0", "scale = 0.001"), encoding="utf-8")
    settings = replace(Settings(), data_dir=tmp_path / "data")
    said = Said((), Reading(layout=layout))
    file = study / "files" / "table.csv"
    with studio_of(settings, [file], said, patience_s=FOREVER_S, n_workers=1) as studio:
        (flat,) = studio.bench.settle(Asked(("table",), Setting("wasm-2016"))).nights
        layout.write_text(whole, encoding="utf-8")
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
