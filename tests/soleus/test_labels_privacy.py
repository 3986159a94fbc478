"""Marks in a person's nights are that person's: handed over with everything else, and gone with it to the last byte."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from dashboards.labelling import Act, ActWay, Label
from detectors.signal import NS_PER_S
from soleus.__main__ import run
from soleus.labels.ledger import FILE, LabelLedger, Placed
from soleus.labels.store import LabelStore
from tests.kept_nights import HOURS_NS, NIGHTS, OTHER, STARTS_NS, kept_nights

if TYPE_CHECKING:
    from pathlib import Path

MARK = Label("quittenkey", "cramp", "left", 10.5, 40.0)
PLACED = {
    NIGHTS[0]: Placed(STARTS_NS[0], HOURS_NS / NS_PER_S, 7200, "p1"),
    NIGHTS[1]: Placed(STARTS_NS[1], HOURS_NS / NS_PER_S, 7200, "p1"),
    "2026-09-22": Placed(STARTS_NS[1], HOURS_NS / NS_PER_S, 7200, OTHER),
    "lab-7": Placed(0, 3600.0),
}


@pytest.fixture
def store(tmp_path: Path) -> LabelStore:
    kept_nights(tmp_path)
    store = LabelStore(tmp_path / "data" / FILE, PLACED.__getitem__)
    for key in PLACED:
        store.act(key, "Berenike", Act("1", ActWay.ADD, MARK._replace(key=f"mark of {key}")))
        store.act(key, "Berenike", Act("2", ActWay.ADD, MARK))
        store.undo(key, "Berenike", "3")
    return store


def privacy(folder: Path, *words: str) -> int:
    return run(["privacy", *words, "--config", str(folder / "soleus.toml")])


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (folder / "data").glob(f"{FILE}*"))


@pytest.mark.usefixtures("store")
def test_a_person_gets_every_act_and_the_marks_that_stand_and_nobody_elses(tmp_path: Path) -> None:
    assert privacy(tmp_path, "export", str(tmp_path / "mine")) == 0
    acts = [json.loads(line) for line in (tmp_path / "mine/labels/acts.jsonl").read_text().splitlines()]
    assert [(act["recording"], act["rater"], act["way"]) for act in acts] == [
        (night, "Berenike", way) for night in NIGHTS for way in ("add", "add", "undo")
    ]
    with (tmp_path / "mine/labels/marks.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["time_utc"], row["night"], row["rater"], row["kind"], row["leg"], row["end_s"]) for row in rows] == [
        (f"{night[:10]}T20:30:10.500000Z", night, "Berenike", "cramp", "left", "40.0") for night in NIGHTS
    ]


def test_a_person_without_marks_gets_no_folder_of_them(tmp_path: Path) -> None:
    kept_nights(tmp_path)
    assert privacy(tmp_path, "export", str(tmp_path / "mine")) == 0
    assert not (tmp_path / "mine/labels").exists()


def test_no_byte_of_the_marks_in_the_nights_stays_and_those_of_others_do(
    store: LabelStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert NIGHTS[0].encode() in bytes_of(tmp_path)
    assert privacy(tmp_path, "delete", "--yes") == 0
    assert not [night for night in NIGHTS if night.encode() in bytes_of(tmp_path)]
    assert [len(store.sheet(key, "Berenike").labels) for key in PLACED] == [0, 0, 1, 1]
    told = capsys.readouterr()
    assert "removed: 6 acts of raters" in told.out
    assert "stays: marks of raters in lab-7, a recording of a file: `soleus labels remove lab-7`" in told.err


def test_the_marks_in_one_night_go_with_it(store: LabelStore, tmp_path: Path) -> None:
    assert privacy(tmp_path, "delete", "--yes", "--night", NIGHTS[0]) == 0
    assert NIGHTS[0].encode() not in bytes_of(tmp_path)
    assert [len(store.sheet(key, "Berenike").labels) for key in PLACED] == [0, 1, 1, 1]


def test_it_is_said_what_would_go_before_it_does(
    store: LabelStore, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("somebody\n"))
    assert privacy(tmp_path, "delete") == 2
    assert "  6 acts of raters who marked events in the nights" in capsys.readouterr().err
    assert len(store.sheet(NIGHTS[0], "Berenike").labels) == 1


def test_a_file_of_marks_that_cannot_be_read_is_told_and_the_rest_is_handed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept_nights(tmp_path)
    (tmp_path / "data" / FILE).write_bytes(b"no database" * 100)
    assert privacy(tmp_path, "export", str(tmp_path / "mine")) == 1
    assert "labels.sqlite: not a file of labels" in capsys.readouterr().err
    assert (tmp_path / "mine/journal/journal.jsonl").exists()


@pytest.mark.usefixtures("store")
def test_that_bytes_stay_while_another_program_reads_is_told_and_removing_twice_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / FILE
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM act").fetchone()
    with LabelLedger(path, busy_s=0.05) as ledger:
        assert ledger.erase(NIGHTS) == (6, False)
        assert NIGHTS[0].encode() in bytes_of(tmp_path)
    reader.execute("COMMIT")
    assert privacy(tmp_path, "delete", "--yes") == 0
    assert not [night for night in NIGHTS if night.encode() in bytes_of(tmp_path)]
    reader.close()


def test_a_night_that_is_known_by_its_marks_alone_can_still_be_removed(store: LabelStore, tmp_path: Path) -> None:
    placed = Placed(0, 60.0, 0, "p1")
    other = LabelStore(tmp_path / "data" / FILE, lambda _: placed)
    other.act("2020-01-01-220000", "Berenike", Act("1", ActWay.ADD, MARK))
    assert privacy(tmp_path, "delete", "--yes", "--night", "2020-01-01-220000") == 0
    with LabelLedger(tmp_path / "data" / FILE) as ledger:
        assert "2020-01-01-220000" not in ledger.recordings()
    assert store.sheet(NIGHTS[0], "Berenike").labels
