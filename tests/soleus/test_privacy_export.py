"""``soleus privacy export``: a person gets everything, nobody else's, readable by them alone."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from soleus.__main__ import run
from tests.kept_nights import NIGHTS, OTHER, kept_nights

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path) -> str:
    return str(kept_nights(tmp_path))


def test_a_person_gets_all_that_is_kept_and_nothing_of_anybody_else(config: str, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    assert run(["privacy", "export", str(target), "--config", config]) == 0
    assert {path.name for path in (target / "nights").iterdir()} == set(NIGHTS)
    for name in NIGHTS:
        source = tmp_path / "data" / "nights" / name
        for path in source.rglob("*"):
            if path.is_file() and path.suffix != ".lock":
                copied = target / "nights" / name / path.relative_to(source)
                assert copied.read_bytes() == path.read_bytes()
    assert list(target.rglob("*.lock")) == []
    texts = [path.read_text() for path in target.rglob("*") if path.is_file()]
    assert not [text for text in texts if OTHER in text]
    rows = [json.loads(line) for line in (target / "journal/journal.jsonl").read_text().splitlines()]
    assert {(row["person"], row["night"]) for row in rows} == {("p1", name) for name in NIGHTS}


def test_the_diary_is_a_table_that_a_spreadsheet_opens_and_does_not_run(config: str, tmp_path: Path) -> None:
    assert run(["privacy", "export", str(tmp_path / "mine"), "--config", config]) == 0
    with (tmp_path / "mine/journal/diary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["time_utc"], row["text"]) for row in rows] == [
        ("2026-09-21T18:40:00.000000Z", "magnesium, 300 mg"),
        ("2026-09-22T18:40:00.000000Z", "'=1+1"),
    ]
    assert rows[0]["values.dose_mg"] == "300.0"


def test_the_list_names_every_file_with_its_hash(config: str, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    assert run(["privacy", "export", str(target), "--config", config]) == 0
    listed = json.loads((target / "manifest.json").read_text())["files"]
    files = {path.relative_to(target).as_posix(): path for path in target.rglob("*") if path.is_file()}
    assert listed.keys() == files.keys() - {"manifest.json"}
    for name, stated in listed.items():
        content = files[name].read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (stated["bytes"], stated["sha256"])


def test_only_the_owner_can_read_it_whatever_others_would_allow(config: str, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.mkdir(mode=0o777)
    before = os.umask(0)
    try:
        assert run(["privacy", "export", str(target), "--config", config]) == 0
    finally:
        os.umask(before)
    for path in (target, *target.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: (path.mkdir(), (path / "letter").touch()), "holds files already"),
        (lambda path: path.touch(), "is a file"),
    ],
)
def test_it_writes_into_an_empty_folder_only(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], make: object, says: str
) -> None:
    assert callable(make)
    make(tmp_path / "mine")
    assert run(["privacy", "export", str(tmp_path / "mine"), "--config", config]) == 2
    assert says in capsys.readouterr().err


def test_it_does_not_write_among_the_nights(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["privacy", "export", str(tmp_path / "data" / "mine"), "--config", config]) == 2
    assert "lies in the data folder" in capsys.readouterr().err


def test_what_cannot_be_had_is_said_and_the_rest_is_written(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "soleus.toml").open("a") as file:
        file.write('[store]\nurl = "http://127.0.0.1:1"\n')
    (tmp_path / "data/nights" / NIGHTS[0] / "night.json").write_text("{")
    target = tmp_path / "mine"
    (tmp_path / "token").write_text("quince-token")
    arguments = ["--config", config, "--token-file", str(tmp_path / "token"), "--format", "json"]
    assert run(["privacy", "export", str(target), *arguments]) == 1
    printed = capsys.readouterr().out
    first, second = json.loads(printed)["missing"]
    assert NIGHTS[0] in first
    assert "nobody can say whose night it is" in first
    assert second == "InfluxDB http://127.0.0.1:1 does not answer: NewConnectionError"
    assert [path.name for path in (target / "nights").iterdir()] == [NIGHTS[1]]
    assert second in (target / "README.txt").read_text()


def test_a_link_in_a_night_is_not_followed_and_is_named(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packets = tmp_path / "data/nights" / NIGHTS[0] / "packets.log"
    packets.rename(tmp_path / "moved")
    packets.symlink_to(tmp_path / "moved")
    assert run(["privacy", "export", str(tmp_path / "mine"), "--config", config, "--json"]) == 1
    (line,) = json.loads(capsys.readouterr().out)["missing"]
    assert line == f"{packets}: is a link to {tmp_path / 'moved'}, and links are not followed"
    assert not (tmp_path / "mine/nights" / NIGHTS[0] / "packets.log").exists()


def test_a_missing_token_is_one_line(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / "soleus.toml").open("a") as file:
        file.write('[store]\nurl = "http://127.0.0.1:1"\n')
    assert run(["privacy", "export", str(tmp_path / "mine"), "--config", config]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("soleus: not in it: InfluxDB http://127.0.0.1:1 wants a token: give --token-file")
