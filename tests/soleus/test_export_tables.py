"""``soleus export --format csv`` and ``parquet``: tables of nights that say the same as the files of the nights."""

from __future__ import annotations

import csv
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from detectors.events import Event, EventKind
from detectors.signal import NS_PER_S, Leg
from ingest.measures import EVENT_MEASURES, NIGHT_MEASURES
from ingest.night.entries import event_entry
from ingest.night.folder import NightFolder
from ingest.night.journal import Journal
from ingest.schema import PER_SENSOR
from soleus.__main__ import run
from soleus.sheets.event_words import EVENT_WORDS
from soleus.sheets.night_sheets import sheets_of
from soleus.sheets.night_words import NUMBER_WORDS
from tests.night_log import INFO, UTC_NS

DOCUMENT = Path(__file__).parents[2] / "docs" / "export.md"
MOVEMENT = Event(
    EventKind.LEG_MOVEMENT, "left-shin", Leg.LEFT, UTC_NS + 5_123_456_789, UTC_NS + 7 * NS_PER_S, {"peak_uv": 0.1 + 0.2}
)
TWITCH = Event(EventKind.TWITCH, "=cmd", Leg.RIGHT, UTC_NS + 9, UTC_NS + 10, {})
SUMMARY = {
    "lm": 1,
    "lm_per_h": None,
    "one_leg": True,
    "night_grade": "C",
    "valid_h": {"left-shin/emg": 0.5},
    "grade": {"left-shin/emg": "B"},
    "by_hour": [{"hour": 0, "lm": 1, "valid_h": 0.5, "plms_wasm_per_h": None, "reason": "too short"}],
    "reasons": {"lm_per_h": "too short"},
}


def scored(home: Path, night: str, *, final: bool = True) -> NightFolder:
    folder = NightFolder(home / "data" / "nights" / night)
    folder.path.mkdir(parents=True)
    folder.write_info(replace(INFO, night=night))
    folder.packets.touch()
    folder.write_events([TWITCH, MOVEMENT])
    folder.write_summary({"start_ns": UTC_NS, "end_ns": UTC_NS + 1, "final": final, "summary": SUMMARY})
    return folder


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "soleus.toml"
    file.write_text(f"data_dir = '{tmp_path / 'data'}'\n", encoding="utf-8")
    return str(file)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_an_event_is_in_the_table_to_the_nanosecond_and_the_last_digit(tmp_path: Path, config: str) -> None:
    scored(tmp_path, "a")
    assert run(["export", "a", "--format", "csv", "--to", str(tmp_path / "out"), "--config", config]) == 0
    _, movement = rows(tmp_path / "out" / "events.csv")
    assert int(movement["onset_ns"]) == MOVEMENT.onset_ns
    assert movement["onset_local"] == "2026-09-21T22:30:05.123+02:00"
    assert float(movement["peak_uv"]) == MOVEMENT.measures["peak_uv"]
    assert (movement["kind"], movement["leg"], movement["median_uv"]) == ("leg_movement", "left", "")


def test_a_number_that_is_not_known_is_an_empty_cell_and_has_its_reason_in_a_table(tmp_path: Path, config: str) -> None:
    scored(tmp_path, "a")
    assert run(["export", "a", "--format", "csv", "--to", str(tmp_path / "out"), "--config", config]) == 0
    (night,) = rows(tmp_path / "out" / "nights.csv")
    assert (night["lm"], night["lm_per_h"], night["one_leg"], night["night_grade"]) == ("1.0", "", "true", "C")
    assert [(row["number"], row["reason"]) for row in rows(tmp_path / "out" / "unknown.csv")] == [
        ("lm_per_h", "too short")
    ]
    (sensor,) = rows(tmp_path / "out" / "sensors.csv")
    assert (sensor["sensor"], sensor["quantity"], sensor["valid_h"], sensor["grade"]) == (
        "left-shin", "emg", "0.5", "B"
    )  # fmt: skip
    (hour,) = rows(tmp_path / "out" / "hours.csv")
    assert (hour["valid_h"], hour["plms_wasm_per_h"], hour["reason"]) == ("0.5", "", "too short")


def test_a_text_that_a_spreadsheet_would_run_does_not_begin_as_a_formula(tmp_path: Path, config: str) -> None:
    scored(tmp_path, "a")
    assert run(["export", "a", "--format", "csv", "--config", config]) == 0
    home = tmp_path / "data" / "nights" / "a" / "export-csv"
    assert rows(home / "events.csv")[0]["sensor"] == "'=cmd"
    assert (home / "events.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_parquet_holds_the_same_as_csv_and_says_what_columns_mean(tmp_path: Path, config: str) -> None:
    for night in ("a", "b"):
        scored(tmp_path, night)
    for form in ("csv", "parquet"):
        assert run(["export", "--all", "--format", form, "--to", str(tmp_path / form), "--config", config]) == 0
    for name in ("events", "nights", "sensors", "hours", "unknown"):
        table = parquet.read_table(tmp_path / "parquet" / f"{name}.parquet")
        theirs = [{key: _text(value) for key, value in row.items()} for row in table.to_pylist()]
        assert theirs == rows(tmp_path / "csv" / f"{name}.csv")
        assert len(theirs) >= 2
        assert all(field.metadata[b"description"] for field in table.schema)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return "'=cmd" if value == "=cmd" else str(value)


def test_every_column_is_told_in_the_package(tmp_path: Path, config: str) -> None:
    scored(tmp_path, "a")
    assert run(["export", "a", "--format", "csv", "--to", str(tmp_path / "out"), "--config", config]) == 0
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        with (tmp_path / "out" / resource["path"]).open(encoding="utf-8") as file:
            header = next(csv.reader(file))
        assert [field["name"] for field in resource["schema"]["fields"]] == header
        assert all(field["description"] for field in resource["schema"]["fields"])


def test_every_measure_and_every_number_of_a_night_has_words() -> None:
    assert EVENT_WORDS.keys() == set(EVENT_MEASURES.split())
    assert set(NIGHT_MEASURES.split()) - PER_SENSOR <= NUMBER_WORDS.keys()


def test_every_column_is_told_in_the_document() -> None:
    told = set(re.findall(r"^\| `(\w+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
    columns = {column.name for sheet in sheets_of([]) for column in sheet.columns if sheet.name in {"events", "nights"}}
    assert columns - told <= {"kind", "leg", "sensor", "onset_ns", "onset_local", "duration_s", "quality", "revision"}


def test_without_pyarrow_parquet_is_refused_in_one_line_and_csv_is_not(
    tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scored(tmp_path, "a")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert run(["export", "a", "--format", "parquet", "--config", config]) == 2
    printed = capsys.readouterr().err
    assert "Parquet needs pyarrow, which is not installed" in printed
    assert printed.count("\n") == 1
    assert not (tmp_path / "data" / "nights" / "a" / "export-parquet").exists()
    assert run(["export", "a", "--format", "csv", "--config", config]) == 0


def test_the_wearers_word_on_an_event_is_in_the_table(tmp_path: Path, config: str) -> None:
    info = scored(tmp_path, "a").read_info()
    entry = event_entry(MOVEMENT, info.person, info.night, info.scoring)
    with Journal(tmp_path / "data" / "journal.sqlite") as journal:
        journal.put([entry])
        journal.judge(entry.key, confirmed=False)
    assert run(["export", "a", "--format", "csv", "--to", str(tmp_path / "out"), "--config", config]) == 0
    assert [row["confirmed"] for row in rows(tmp_path / "out" / "events.csv")] == ["", "0.0"]


def test_a_night_that_was_not_scored_to_its_end_is_left_out_of_many_and_refused_alone(
    tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(tmp_path, "a")
    scored(tmp_path, "b", final=False)
    assert run(["export", "--all", "--format", "csv", "--to", str(tmp_path / "out"), "--config", config]) == 0
    assert "b: was not scored to its end" in capsys.readouterr().err
    assert [row["night"] for row in rows(tmp_path / "out" / "nights.csv")] == ["a"]
    assert run(["export", "b", "--format", "csv", "--config", config]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_folder_with_something_else_in_it_is_never_replaced(
    tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scored(tmp_path, "a")
    order = ["export", "a", "--format", "csv", "--to", str(tmp_path / "out"), "--config", config]
    assert [run(order), run(order), run([*order, "--force"])] == [0, 2, 0]
    assert "exists already, expected a new folder (or --force to replace it)" in capsys.readouterr().err
    (tmp_path / "out" / "mine.txt").touch()
    assert run([*order, "--force"]) == 2
    assert "holds mine.txt, which this export does not write" in capsys.readouterr().err
    assert (tmp_path / "out" / "events.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a", "--format", "csv", "--format", "parquet"], "got --format csv and parquet, expected one of them"),
        (["a", "--all"], "expected one of the two"),
        ([], "expected one of the two"),
        (["a", "b", "--format", "csv"], "expected --to FOLDER"),
        (["a", "--format", "csv", "--to", "data/nights/a/tracks"], "expected export-csv there or another folder"),
    ],
)
def test_an_order_that_cannot_be_meant_is_refused_in_one_line(
    tmp_path: Path,
    config: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for night in ("a", "b"):
        scored(tmp_path, night)
    assert run(["export", *arguments, "--config", config]) == 2
    assert said in capsys.readouterr().err
