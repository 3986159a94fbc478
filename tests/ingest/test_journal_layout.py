"""A journal that an older version wrote is read on; one of a newer version is left alone."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest

from ingest.errors import DecodeError
from ingest.night.entries import Confirmation, Entry, TopicKind
from ingest.night.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

EVENT = Entry(TopicKind.EVENT, "p1", "n1", "default", "a", 0, valid=True, body={"onset_ns": 1})


def test_a_journal_of_layout_1_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with Journal(path) as journal:
        journal.put([EVENT])
    with contextlib.closing(sqlite3.connect(path)) as before:
        before.execute("ALTER TABLE entry DROP COLUMN reason")
        before.execute("PRAGMA user_version = 1")
    with Journal(path) as journal:
        journal.stored([Confirmation("a", "p1", 0, accepted=False, reason="field type conflict")])
        assert tuple(journal.counts()) == (1, 0, 0, 1)


def test_a_journal_of_a_newer_layout_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with contextlib.closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 99")
    with pytest.raises(DecodeError, match=r"journal\.db: not a journal that this version reads \(layout 99"):
        Journal(path)
    with contextlib.closing(sqlite3.connect(path)) as newer:
        assert newer.execute("PRAGMA user_version").fetchone() == (99,)
