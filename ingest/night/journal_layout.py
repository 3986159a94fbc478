"""The tables of a journal file, and how one of an older layout becomes one of today's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.errors import DecodeError

if TYPE_CHECKING:
    import sqlite3

LAYOUT = 2
# What makes a journal of an older layout one of the next; the last one needs nothing.
_UPGRADES = {1: "ALTER TABLE entry ADD COLUMN reason TEXT NOT NULL DEFAULT ''"}
_SCHEMA = """
CREATE TABLE entry (
    key TEXT PRIMARY KEY,
    topic TEXT NOT NULL, person TEXT NOT NULL, night TEXT NOT NULL, scoring TEXT NOT NULL,
    revision INTEGER NOT NULL, valid INTEGER NOT NULL, body TEXT NOT NULL,
    position INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    published_revision INTEGER NOT NULL DEFAULT -1,
    stored_revision INTEGER NOT NULL DEFAULT -1,
    rejected INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX entry_position ON entry (position);
CREATE INDEX entry_night ON entry (person, night, scoring, topic);
CREATE INDEX entry_unpublished ON entry (position) WHERE published_revision < revision;
CREATE INDEX entry_unstored ON entry (position) WHERE stored_revision < revision;
"""


def lay_out(db: sqlite3.Connection) -> None:
    """Create the tables in a new file, or bring an older one up to date; within the caller's transaction.

    Parameters
    ----------
    db : sqlite3.Connection
        The file. Two processes may open it at the same moment: the transaction holds the write lock.

    Raises
    ------
    DecodeError
        If the file was written by a newer version.
    """
    (layout,) = db.execute("PRAGMA user_version").fetchone()
    if layout > LAYOUT:
        msg = f"layout {layout}, expected at most {LAYOUT}"
        raise DecodeError(msg)
    if layout == LAYOUT:
        return
    steps = _SCHEMA.split(";\n") if layout == 0 else [_UPGRADES[older] for older in range(layout, LAYOUT)]
    for statement in steps:
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {LAYOUT}")
