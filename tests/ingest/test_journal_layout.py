"""A journal that an older version wrote is read on; one of a newer version is left alone."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from pathlib import Path

import pytest

from ingest.errors import DecodeError
from ingest.night.entries import Confirmation, Counts, Delivery, TopicKind, night_entry
from ingest.night.journal import Journal
from ingest.night.journal_layout import LAYOUT

OLDER = Path(__file__).parent / "journals"
WHOSE = ("p1", "2026-11-20", "default")
NS_PER_S = 1_000_000_000
WITH_TIMES, CHANGED_NS = 3, 1_790_000_000 * NS_PER_S


def older_journal(path: Path, layout: int) -> None:
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.executescript((OLDER / f"layout_{layout}.sql").read_text())
        assert file.execute("PRAGMA user_version").fetchone() == (layout,)


def layout_of(path: Path) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    with contextlib.closing(sqlite3.connect(path)) as file:
        columns = file.execute('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info("entry")')
        return set(columns), set(file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'"))


@pytest.mark.parametrize("layout", range(1, LAYOUT))
def test_a_journal_of_an_older_layout_is_read_on(tmp_path: Path, layout: int) -> None:
    path = tmp_path / "journal.db"
    older_journal(path, layout)
    before_ns = time.time_ns()
    with Journal(path) as journal:
        assert journal.counts() == Counts(entries=3, published=1, stored=1, rejected=1)
        (waiting,) = journal.waiting(Delivery.STORE)
        assert (waiting.entry.revision, waiting.entry.body["measures"]) == (1, {"peak_uv": 42.0})
        oldest = journal.backlog(Delivery.STORE).oldest
        assert oldest is not None
        # What knew no times waits at least since it was read on.
        since_ns = before_ns if layout < WITH_TIMES else CHANGED_NS
        assert abs(oldest.since_ns - since_ns) < 60 * NS_PER_S


@pytest.mark.parametrize("layout", range(1, LAYOUT))
def test_what_a_journal_of_an_older_layout_takes_is_what_a_new_one_takes(tmp_path: Path, layout: int) -> None:
    path, new = tmp_path / "journal.db", tmp_path / "new.db"
    older_journal(path, layout)
    Journal(new).close()
    with Journal(path) as journal:
        (waiting,) = journal.waiting(Delivery.STORE)
        key = waiting.entry.key
        assert journal.judge(key, confirmed=True)
        journal.stored([Confirmation(key, "p1", 2, accepted=False, reason="field type conflict")])
        assert journal.retry() == 2
        assert {w.entry.revision for w in journal.waiting(Delivery.STORE)} == {0, 2}
    assert layout_of(path) == layout_of(new)


def test_a_night_of_an_older_layout_is_the_same_night_when_it_is_scored_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    older_journal(path, 3)
    night = night_entry({"lm_per_h": 3.0}, *WHOSE, span_ns=(5, 9))
    with contextlib.closing(sqlite3.connect(path)) as file:
        kept = ('["night", "p1", "2026-11-20", "default"]', "night", *WHOSE, 0, 1, json.dumps(night.body), 9)
        columns = "key, topic, person, night, scoring, revision, valid, body, position"
        file.execute(f"INSERT INTO entry ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", kept)  # noqa: S608 - constants
        file.commit()
    with Journal(path) as journal:
        assert journal.reconcile(*WHOSE, [night], kinds=[TopicKind.NIGHT]) == 0
        assert journal.entries(TopicKind.NIGHT, *WHOSE) == [night]


def test_a_journal_of_a_newer_layout_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with contextlib.closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 99")
    with pytest.raises(DecodeError, match=r"journal\.db: not a journal that this version reads \(layout 99"):
        Journal(path)
    with contextlib.closing(sqlite3.connect(path)) as newer:
        assert newer.execute("PRAGMA user_version").fetchone() == (99,)
