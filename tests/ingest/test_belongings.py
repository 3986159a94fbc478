"""What a journal keeps of a person: all of it is handed over, and none of it stays when it is removed."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest

from ingest.night.entries import Delivery, Entry, TopicKind
from ingest.night.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORD = "zwetschgenmus"


def entry(person: str, night: str, number: int) -> Entry:
    body = {"text": f"{WORD}-{person}-{night}-{number}", "time_ns": number, "values": {}}
    return Entry(TopicKind.DIARY, person, night, "", f"{WORD}-{person}-{night}-{number}", 0, valid=True, body=body)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite", busy_s=0.1) as opened:
        for person in ("p1", "p2"):
            opened.put(entry(person, night, number) for night in ("n1", "n2") for number in range(100))
        yield opened


def found(folder: Path, word: str) -> list[str]:
    """Return the files in which a word still stands."""
    return [path.name for path in folder.iterdir() if word.encode() in path.read_bytes()]


def test_no_byte_of_a_person_stays_in_the_journal_or_beside_it(journal: Journal, tmp_path: Path) -> None:
    assert found(tmp_path, f"{WORD}-p1")
    assert journal.forget("p1") == (200, True)
    assert found(tmp_path, f"{WORD}-p1") == []
    assert len(list(journal.everything("p2"))) == 200


def test_one_night_goes_and_the_others_stay(journal: Journal, tmp_path: Path) -> None:
    assert journal.forget("p1", "n1") == (100, True)
    assert found(tmp_path, f"{WORD}-p1-n1") == []
    assert {row["night"] for row in journal.everything("p1")} == {"n2"}
    assert list(journal.everything("p1", "n1")) == []


def test_what_is_removed_is_not_sent_any_more(journal: Journal) -> None:
    journal.forget("p1")
    assert {waiting.entry.person for waiting in journal.waiting(Delivery.BROKER, 1000)} == {"p2"}


def test_removing_again_finishes_what_was_interrupted(journal: Journal, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)) as killed:
        killed.execute("DELETE FROM entry WHERE person = 'p1'")
    assert found(tmp_path, f"{WORD}-p1")
    assert journal.forget("p1") == (0, True)
    assert found(tmp_path, f"{WORD}-p1") == []


def test_a_reader_that_holds_the_log_is_told_of(journal: Journal, tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entry").fetchone()
        assert journal.forget("p1") == (200, False)
    assert journal.forget("p1") == (0, True)
    assert found(tmp_path, f"{WORD}-p1") == []


def test_every_row_is_handed_over_as_it_is_kept(journal: Journal) -> None:
    journal.published([(f"{WORD}-p1-n1-0", 0)])
    rows = {row["key"]: row for row in journal.everything("p1", "n1")}
    assert len(rows) == 100
    first = rows[f"{WORD}-p1-n1-0"]
    assert (first["table"], first["published_revision"], first["stored_revision"]) == ("entry", 0, -1)
    assert first["body"] == {"text": f"{WORD}-p1-n1-0", "time_ns": 0, "values": {}}


def test_every_table_of_the_journal_says_whose_its_rows_are(journal: Journal, tmp_path: Path) -> None:
    """Otherwise a later table would be neither handed over nor removed."""
    journal.put([entry("p1", "n3", 1)])
    with contextlib.closing(sqlite3.connect(tmp_path / "journal.sqlite")) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {name: {column[1] for column in db.execute(f"PRAGMA table_info({name})")} for name in tables}
    assert columns
    assert [name for name, its in columns.items() if "person" not in its] == []
