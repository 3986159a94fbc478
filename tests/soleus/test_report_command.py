"""``soleus report``: a night or weeks as PDF and HTML, for their owner only, never in the place of something else."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

from soleus.__main__ import run
from soleus.config import load
from tests.made_folder import Made, made_folder
from tests.night_log import night_records, score_night, write_night

if TYPE_CHECKING:
    from pathlib import Path

N_NIGHTS = 2


@pytest.fixture
def config(tmp_path: Path) -> str:
    """Return a configuration file beside three nights."""
    made_folder(tmp_path / "data", N_NIGHTS, Made(n_events=3, n_minutes=1))
    return written(tmp_path)


def written(home: Path) -> str:
    file = home / "soleus.toml"
    file.write_text(f"person = 'p1'\ndata_dir = '{home / 'data'}'\n", encoding="utf-8")
    return str(file)


def nights_in(home: Path) -> list[Path]:
    return sorted((home / "data" / "nights").iterdir())


def answer(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, Any]:
    assert run(["report", *args, "--format", "json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def n_pages(path: Path) -> int:
    with pypdfium2.PdfDocument(path.read_bytes()) as document:
        return len(document)


@pytest.mark.slow
def test_without_names_both_files_are_in_the_folder_of_the_newest_night_for_its_owner_only(
    tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = answer(capsys, "--config", config)
    newest = nights_in(tmp_path)[-1]
    assert told["night"] == newest.name
    assert told["files"] == {kind: str(newest / f"report.{kind}") for kind in ("pdf", "html")}
    for path in map(newest.joinpath, ("report.pdf", "report.html")):
        assert path.stat().st_mode & 0o777 == 0o600
    assert n_pages(newest / "report.pdf") == 1
    # In the morning, after something was written into the diary, it is simply made again.
    assert run(["report", "--config", config]) == 0
    assert sorted(path.name for path in newest.iterdir() if "report" in path.name) == ["report.html", "report.pdf"]


@pytest.mark.slow
def test_the_numbers_of_the_answer_are_those_of_the_summary(
    tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = answer(capsys, nights_in(tmp_path)[0].name, "--html", str(tmp_path / "a.html"), "--config", config)
    summary = json.loads((nights_in(tmp_path)[0] / "summary.json").read_text(encoding="utf-8"))["summary"]
    assert told["numbers"]
    assert {key: summary.get(key) for key in told["numbers"]} == told["numbers"]
    assert list(told["files"]) == ["html"]
    assert "<script" not in (tmp_path / "a.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_weeks_are_those_that_end_with_the_night(
    tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [path.name for path in nights_in(tmp_path)]
    told = answer(capsys, names[0], "--weeks", "6", "--pdf", str(tmp_path / "w.pdf"), "--config", config)
    assert told["nights"] == names[:1]
    assert n_pages(tmp_path / "w.pdf") == 2
    assert all("Cannot tell" in number["trend"] for number in told["numbers"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["none"], "night 'none' is not in"),
        (["--weeks", "0"], "not in the range"),
        (["--pdf", "taken.pdf"], "taken.pdf: exists already, expected a new file (or --force to replace it)"),
        (["--pdf", "data/nights/{night}/packets.log"], "lies in the folder of a night"),
        (["--html", "nowhere/a.html"], "nowhere is not a folder"),
    ],
)
def test_what_cannot_be_written_is_one_line_and_nothing_is_touched(
    tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str], args: list[str], said: str
) -> None:
    (tmp_path / "taken.pdf").write_text("mine", encoding="utf-8")
    night = nights_in(tmp_path)[-1].name
    places = [str(tmp_path / arg.format(night=night)) if "." in arg else arg for arg in args]
    assert run(["report", *places, "--config", config]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert (tmp_path / "taken.pdf").read_text(encoding="utf-8") == "mine"
    assert not list(nights_in(tmp_path)[-1].glob("report.*"))


@pytest.mark.slow
def test_a_night_that_lies_elsewhere_is_refused_for_its_events_and_diary_are_not_there(
    tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(nights_in(tmp_path)[0], tmp_path / "copy")
    assert run(["report", str(tmp_path / "copy"), "--config", config]) == 2
    assert "expected a night whose events and diary are known there" in capsys.readouterr().err
    assert run(["report", str(nights_in(tmp_path)[0]), "--html", str(tmp_path / "b.html"), "--config", config]) == 0


def test_without_a_night_there_is_no_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "--config", written(tmp_path)]) == 2
    assert "no night in" in capsys.readouterr().err


@pytest.mark.slow
def test_a_scored_night_is_reported_with_the_traces_of_its_strongest_events(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = written(tmp_path)
    folder = write_night(tmp_path / "data" / "nights" / "2026-09-21-223000", night_records())
    score_night(folder, load(tmp_path / "soleus.toml").settings)
    told = answer(capsys, "--config", config)
    assert len(told["events"]) == 3
    assert all(event["traces"] for event in told["events"])
    assert n_pages(folder.path / "report.pdf") == 1
    html = (folder.path / "report.html").read_text(encoding="utf-8")
    assert html.count("Raw signal, 25 s") == 3
    # The log may be put away later: what was scored is reported without its traces.
    folder.packets.unlink()
    assert not any(event["traces"] for event in answer(capsys, "--config", config)["events"])
