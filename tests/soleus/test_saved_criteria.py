"""Criteria files name the nights that they were chosen on, until the person wants these forgotten."""

from __future__ import annotations

import json
import os
import tomllib
from datetime import date
from typing import TYPE_CHECKING

import pytest

from dashboards.bench_values import Asked, Setting
from soleus.__main__ import run
from soleus.config import load
from soleus.saved_criteria import criteria_folder, forget, naming
from soleus.settings import Settings
from soleus.studio.settings import Seen, SeenRecording, save

if TYPE_CHECKING:
    from pathlib import Path

NIGHTS = (SeenRecording("n1", "anna"), SeenRecording("n2", "anna"), SeenRecording("n1", "bert"))
ASKED = Asked(("n1", "n2"), Setting("wasm-2016", (("leg_movement.onset_uv", "6"),)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data_dir=tmp_path)
    for name, nights in (("both", NIGHTS), ("bert", NIGHTS[2:]), ("anna", NIGHTS[:2])):
        save(criteria_folder(made), name, Seen(ASKED, nights), "fewer", date(2026, 11, 22))
    (criteria_folder(made) / "own.toml").write_text("criteria = 'wasm-2016'\nchosen = 3\n", encoding="utf-8")
    (criteria_folder(made) / "broken.toml").write_text("[[", encoding="utf-8")
    return made


def named(path: Path) -> list[tuple[str, str]]:
    told = tomllib.loads(path.read_text(encoding="utf-8"))["chosen"]
    return [(one["name"], one["subject"]) for one in told.get("recording", [])]


def test_files_that_name_a_person_or_a_night_are_found(settings: Settings) -> None:
    folder = criteria_folder(settings)
    assert naming(settings, "anna") == [folder / "anna.toml", folder / "both.toml"]
    assert naming(settings, "bert", "n1") == [folder / "bert.toml", folder / "both.toml"]
    assert naming(settings, "bert", "n2") == naming(settings, "cleo") == []


def test_a_person_is_forgotten_in_every_file_and_the_thresholds_stay(settings: Settings) -> None:
    folder = criteria_folder(settings)
    head = (folder / "both.toml").read_text(encoding="utf-8").partition("criteria =")[0]
    others = (folder / "bert.toml").read_bytes()
    assert forget(settings, "anna") == (2, ())
    assert named(folder / "both.toml") == [("n1", "bert")]
    assert named(folder / "anna.toml") == []
    assert (folder / "bert.toml").read_bytes() == others
    assert (folder / "both.toml").read_text(encoding="utf-8").startswith(head)
    assert "anna" not in (folder / "both.toml").read_text(encoding="utf-8")
    assert load(folder / "both.toml").criteria.leg_movement.onset_uv == 6.0
    assert forget(settings, "anna") == (0, ())


def test_a_night_is_forgotten_and_the_other_nights_stay(settings: Settings) -> None:
    assert forget(settings, "anna", "n1") == (2, ())
    assert named(criteria_folder(settings) / "both.toml") == [("n2", "anna"), ("n1", "bert")]


def test_what_was_not_reached_is_said(settings: Settings) -> None:
    folder = criteria_folder(settings)
    kept = (folder / "anna.toml").read_bytes()
    (folder / f".anna.toml.{os.getpid()}.part").mkdir()
    told = forget(settings, "anna")
    assert told.n_files == 1
    assert told.failed == (f"{folder / 'anna.toml'}: Is a directory",)
    assert (folder / "anna.toml").read_bytes() == kept
    (folder / "unread.toml").mkdir()
    assert f"{folder / 'unread.toml'}: Is a directory" in forget(settings, "anna").failed


def test_where_nothing_was_saved_nothing_is_forgotten(tmp_path: Path) -> None:
    assert forget(Settings(data_dir=tmp_path / "nowhere"), "anna") == (0, ())


@pytest.mark.slow
def test_a_person_is_told_of_the_files_and_removed_from_them_by_the_commands(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "soleus.toml").write_text(f'data_dir = "{settings.data_dir}"\nperson = "anna"\n', encoding="utf-8")
    target = tmp_path.parent / f"{tmp_path.name}-mine"
    assert run(["privacy", "export", str(target), "--config", str(tmp_path / "soleus.toml")]) == 0
    rows = [json.loads(line) for line in (target / "criteria/chosen_on.jsonl").read_text("utf-8").splitlines()]
    assert [(row["criteria"], row["name"], row["subject"]) for row in rows] == [
        (f"{name}.toml", night, "anna") for name in ("anna", "both") for night in ("n1", "n2")
    ]
    assert run(["privacy", "delete", "--yes", "--config", str(tmp_path / "soleus.toml")]) == 0
    assert "removed: names of nights in 2 criteria files" in capsys.readouterr().out
    assert naming(settings, "anna") == []
    assert len(naming(settings, "bert")) == 2
