"""Entries into a journal, beside the same rows into a bare table with the same durability."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from ingest.night.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ingest.night.entries import Entry

# The least that keeps an entry for good: its key, so that it is kept once, and what there is to send.
TABLE = "CREATE TABLE entry (key TEXT PRIMARY KEY, topic TEXT, person TEXT, night TEXT, scoring TEXT, body TEXT)"


def journal(path: Path, entries: Sequence[Entry], at_once: int) -> float:
    """Put entries into a new journal, so many in one transaction; return entries per second."""
    with Journal(path) as kept:
        began_s = time.perf_counter()
        for some in _pieces(entries, at_once):
            kept.put(some)
        return len(entries) / (time.perf_counter() - began_s)


def bare(path: Path, entries: Sequence[Entry], at_once: int) -> float:
    """Insert the same into a table with `executemany`; return rows per second."""
    with closing(sqlite3.connect(path, isolation_level=None)) as table:
        table.execute("PRAGMA journal_mode = WAL")
        table.execute("PRAGMA synchronous = FULL")
        table.execute(TABLE)
        began_s = time.perf_counter()
        for some in _pieces(entries, at_once):
            rows = [(one.key, one.topic_kind, one.person, one.night, one.scoring, json.dumps(one.body)) for one in some]
            table.execute("BEGIN")
            table.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", rows)
            table.execute("COMMIT")
        return len(entries) / (time.perf_counter() - began_s)


def _pieces(entries: Sequence[Entry], at_once: int) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), at_once):
        yield entries[start : start + at_once]
