"""``soleus diary``: log, list, edit, remove, and the table that goes out and comes in."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from dashboards.diary import DiaryEntry
from detectors.signal import NS_PER_S
from ingest.night.entries import Delivery, TopicKind
from ingest.night.journal import Journal
from ingest.points import points_of
from ingest.wire import Delivered
from soleus.__main__ import run
from soleus.config import load
from soleus.diary_csv import read_table, written_table
from soleus.entered_time import shown_time
from soleus.nights import journal_path

if TYPE_CHECKING:
    from pathlib import Path

CRAMP = ("cramp", "--at", "2026-11-20 02:40", "--leg", "left", "--minutes", "3", "--pain", "7")
HEAD = "time,kind,minutes,pain_0_10,leg,name,text"


class Shell:
    """A person at the command line, with a configuration of their own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = folder / "soleus.toml"
        self.config.write_text(f'data_dir = "{folder / "data"}"\nperson = "p1"\n', encoding="utf-8")
        self._capsys = capsys

    def says(self, *words: str) -> tuple[int, str, str]:
        code = run(["diary", *words, "--config", str(self.config)])
        told = self._capsys.readouterr()
        return code, told.out, told.err

    def done(self, *words: str) -> str:
        code, out, err = self.says(*words)
        assert (code, err) == (0, "")
        return out

    def refused(self, *words: str) -> str:
        code, out, err = self.says(*words)
        assert (code, out) == (2, "")
        assert "Traceback" not in err
        return err

    def entries(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.done("list", "--days", "40000", "--format", "json"))
        return found

    def journal(self) -> Journal:
        return Journal(journal_path(load(self.config).settings))


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, capsys)


def test_a_cramp_is_logged_in_one_line_and_listed(shell: Shell) -> None:
    assert shell.done("log", *CRAMP).startswith("kept: 2026-11-20 02:40  cramp: left, 3 min, pain 7 of 10  (")
    (entry,) = shell.entries()
    assert (entry["kind"], entry["values"], entry["words"], entry["history"]) == (
        "cramp", {"minutes": 3.0, "pain_0_10": 7.0}, {"leg": "left"}, []
    )  # fmt: skip
    assert "cramp       left, 3 min, pain 7 of 10" in shell.done("list", "--days", "40000")


@pytest.mark.slow
def test_the_same_entry_twice_is_one_and_another_at_the_same_time_is_a_second(shell: Shell) -> None:
    for _ in range(2):
        shell.done("log", *CRAMP)
        shell.done("log", "urge")
    shell.done("log", *CRAMP, "--muscle", "calf")
    assert [entry["kind"] for entry in shell.entries()] == ["cramp", "cramp", "urge"]


def test_what_was_logged_waits_for_delivery_with_its_words(shell: Shell) -> None:
    shell.done("log", *CRAMP, "--not-woke")
    with shell.journal() as journal:
        (waiting,) = journal.waiting(Delivery.STORE)
    assert waiting.entry.topic_kind is TopicKind.DIARY
    (point,) = points_of(Delivered("home", "bedroom", 0, waiting.entry))
    assert 'leg="left"' in point.line()
    assert "woke=0.0" in point.line()
    assert waiting.entry.night == "2026-11-19"


def test_an_edit_keeps_what_was_said_before(shell: Shell) -> None:
    shell.done("log", *CRAMP)
    (before,) = shell.entries()
    told = shell.done("edit", before["id"][:5], "--pain", "4", "--at", "2026-11-20 03:10", "--clear", "minutes")
    assert told.startswith("changed: 2026-11-20 03:10  cramp: left, pain 4 of 10")
    (after,) = shell.entries()
    assert (after["key"], after["values"]) == (before["key"], {"pain_0_10": 4.0})
    assert [(past["time"], past["values"]) for past in after["history"]] == [(before["time"], before["values"])]
    assert "(changed 1x)" in shell.done("list", "--days", "40000")


def test_the_last_entry_is_the_latest_that_is_not_planned_for_later(shell: Shell) -> None:
    shell.done("log", *CRAMP)
    shell.done("log", "period", "--name", "plan", "--at", shown_time(time.time_ns() + 10**16))
    assert shell.done("edit", "last", "--pain", "4").startswith("changed: 2026-11-20 02:40  cramp")


def test_a_removed_entry_is_listed_no_more_and_is_taken_back_in_the_database(shell: Shell) -> None:
    shell.done("log", *CRAMP)
    assert shell.done("remove", "last").startswith("taken back: 2026-11-20 02:40")
    assert shell.entries() == []
    with shell.journal() as journal:
        (waiting,) = journal.waiting(Delivery.STORE)
    (point,) = points_of(Delivered("home", "bedroom", 0, waiting.entry))
    assert (point.fields["valid"], point.fields["revision"]) == (0, 1)
    assert "no entry is called so" in shell.refused("remove", "last")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("log", "cramp", "--pain", "17"), "--pain is 17, expected 0 to 10"),
        (("log", "cramp", "--pain", "nan"), "nan is not a number"),
        (("log", "cramp", "--dose-mg", "5"), "cramp has no dose_mg, expected of: minutes, pain_0_10"),
        (("log", "cramp", "--leg", "lft"), "'lft' is not one of"),
        (("log", "crimp"), "'crimp' is not one of"),
        (("log", "cramp", "--at", "25:00"), "--at: got '25:00', expected 02:40"),
        (("log", "cramp", "--at", "2199-01-01 00:00"), "time is 2199-01-01 00:00:00"),
        (("log", "note"), "a note is empty, expected words"),
        (("log", "note", "--text", "x" * 1001), "expected at most 1000 characters"),
        (("edit", "last", "--pain", "3"), "'last': no entry is called so"),
        (("edit", "last"), "nothing to change was given"),
        (("list", "--days", "0"), "0"),
        (("import", "absent.csv"), "absent.csv: No such file"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(shell: Shell, words: tuple[str, ...], says: str) -> None:
    fault = shell.refused(*words)
    assert says in fault
    assert fault.count("\n") == 1
    assert not journal_path(load(shell.config).settings).exists()


def test_a_journal_that_cannot_be_written_or_read_is_said_in_one_line(shell: Shell) -> None:
    shell.done("log", *CRAMP)
    path = journal_path(load(shell.config).settings)
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE entry")
    for words in (("log", "urge"), ("list",), ("edit", "last", "--pain", "3"), ("export", "-")):
        fault = shell.refused(*words)
        assert fault.startswith(f"soleus: {path}: ")
        assert fault.count("\n") == 1


def test_an_edit_that_cannot_be_changes_nothing(shell: Shell) -> None:
    shell.done("log", *CRAMP)
    for words in (("--pain", "11"), ("--kind", "remedy"), ("--quality", "3")):
        shell.refused("edit", "last", *words)
    assert [entry["history"] for entry in shell.entries()] == [[]]


@pytest.mark.slow
def test_a_table_goes_out_and_comes_in_as_the_same_diary(shell: Shell, tmp_path: Path) -> None:
    shell.done("log", *CRAMP)
    shell.done("log", "note", "--text", '=1+1, "quoted"', "--at", "2026-11-20 08:00", "--tags", "work late")
    table = tmp_path / "diary.csv"
    assert shell.says("export", str(table))[:2] == (0, "")
    assert stat.S_IMODE(table.stat().st_mode) == 0o600
    assert "'=1+1" in table.read_text(encoding="utf-8")
    assert "is there already" in shell.refused("export", str(table))
    assert shell.done("import", str(table)) == "0 new, 0 changed, 2 there already\n"
    (tmp_path / "other").mkdir()
    other = Shell(tmp_path / "other", shell._capsys)
    assert other.done("import", str(table)) == "2 new, 0 changed, 0 there already\n"
    said = [[{**one, "key": "", "id": ""} for one in of.entries()] for of in (shell, other)]
    assert said[0] == said[1]


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "''-5", "'", "'s war schlimm", "+49 170"])
def test_a_text_is_no_formula_of_a_spreadsheet_and_comes_back_with_its_own_apostrophes(text: str) -> None:
    table = written_table([DiaryEntry(NS_PER_S, "note", text, {}, {"tags": text}, "k")])
    assert f",{text}," not in table or text[:1] == "'"
    (row,) = read_table(table, "diary.csv").rows
    assert (row.entry.text, row.entry.words) == (text, {"tags": text})


def test_a_row_with_a_key_changes_that_entry(shell: Shell, tmp_path: Path) -> None:
    shell.done("log", *CRAMP)
    shell.done("log", "urge", "--at", "2026-11-20 01:00")
    table = tmp_path / "diary.csv"
    changed = shell.done("export", "-").replace("left", "right").replace("2026-11-20 01:00", "2026-11-20 01:30")
    table.write_text(changed, encoding="utf-8")
    assert json.loads(shell.done("import", str(table), "--json")) == {"new": 0, "changed": 2, "known": 0}
    urge, cramp = shell.entries()
    assert (cramp["words"], cramp["history"][0]["words"]) == ({"leg": "right"}, {"leg": "left"})
    assert urge["time"].startswith("2026-11-20 01:30")


def test_every_bad_row_has_its_line_and_nothing_is_kept(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        "2026-11-20 02:40,cramp,3,7,left,,",
        "2026-11-20 02:40,cramp,3,70,left,,",
        "02:40,cramp,3,7,left,,",
        "2026-13-20 02:40,cramp,3,7,left,,",
        "2026-11-20 02:40,crmp,3,7,left,,",
        "2026-11-20 02:40,cramp,three,7,left,,",
        "2026-11-20 02:40,cramp,3,7,lft,,",
        "2026-11-20 02:40,cramp,3,7,left,magnesium,",
        "2026-11-20 02:40,cramp,3,7",
        "",
        "2199-11-20 02:40,cramp,3,7,left,,",
        "2026-11-20 02:40,note,,,,,",
    ]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join([HEAD, *rows]).encode())))
    fault = shell.refused("import", "-")
    expected = {
        3: "pain_0_10 is 70, expected 0 to 10",
        4: "time: got '02:40', expected a date and a time",
        5: "time: got '2026-13-20 02:40', expected",
        6: "kind: got 'crmp', expected one of: cramp",
        7: "minutes: got 'three', expected a number",
        8: "leg: got 'lft', expected one of: left, right, both",
        9: "cramp has no name, expected of",
        10: "got 4 cells, expected 7 as in line 1",
        12: "time is 2199-11-20 02:40:00",
        13: "a note is empty, expected words",
    }
    lines = fault.splitlines()
    for line, (number, says) in zip(
        sorted(lines[:-1], key=lambda one: int(one.split("line ")[1].split(":")[0])), expected.items(), strict=True
    ):
        assert line.startswith(f"soleus: standard input, line {number}: {says}")
    assert lines[-1] == "soleus: nothing was kept of standard input: 10 faults, expected none"
    assert not journal_path(load(shell.config).settings).exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no column 'time', expected at least: time, kind"),
        (b"time,kind,mood\n", "column 'mood' is unknown, expected of: time, kind, minutes"),
        (b"time,kind,kind\n", "column 'kind' is there twice"),
        (b"time,kind,key,values.\x1b[2J\n2026-11-20 02:40,cramp,k,x\n", r"column 'values.\x1b[2J' is unknown"),
        (b"time,kind\n\xff,cramp\n", "byte 10 is no UTF-8"),
        (b'time,kind\n"2026-11-20 02:40,cramp\n', "expected comma-separated values"),
        (b"time,kind,key\n2026-11-20 02:40,cramp,k\n2026-11-20 02:40,cramp,k\n", "line 3: key: got that of an earlier"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(shell: Shell, tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "bad.csv").write_bytes(content)
    fault = shell.refused("import", str(tmp_path / "bad.csv"))
    assert says in fault
    assert "bad.csv" in fault


def test_a_table_of_a_spreadsheet_with_semicolons_and_decimal_commas_is_read(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "de.csv").write_bytes("\ufefftime;kind;minutes;text\r\n2026-11-20 02:40;cramp;2,5;Wade\r\n".encode())
    assert shell.done("import", str(tmp_path / "de.csv")) == "1 new, 0 changed, 0 there already\n"
    assert [(entry["values"], entry["text"]) for entry in shell.entries()] == [({"minutes": 2.5}, "Wade")]


def test_rows_of_the_same_second_become_entries_that_no_database_mixes_up(shell: Shell, tmp_path: Path) -> None:
    rows = [f"2026-11-20 02:40,cramp,{minutes}" for minutes in (1, 2, 3, 3)]
    (tmp_path / "same.csv").write_text("\n".join(["time,kind,minutes", *rows]), encoding="utf-8")
    assert shell.done("import", str(tmp_path / "same.csv")) == "3 new, 0 changed, 1 there already\n"
    assert len({(entry["kind"], entry["time_ns"]) for entry in shell.entries()}) == 3
