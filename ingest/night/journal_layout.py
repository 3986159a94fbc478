"""The tables of a journal file, and how one of an older layout becomes one of today's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.errors import DecodeError

if TYPE_CHECKING:
    import sqlite3

LAYOUT = 4
# What makes a journal of an older layout one of the next; the last one needs nothing.
_UPGRADES = {
    1: ("ALTER TABLE entry ADD COLUMN reason TEXT NOT NULL DEFAULT ''",),
    2: (
        "ALTER TABLE entry ADD COLUMN since_ns INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE entry ADD COLUMN judgements INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE entry ADD COLUMN confirmed INTEGER",
        "ALTER TABLE entry ADD COLUMN overtaken INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX entry_set_aside ON entry (position) WHERE rejected",
        "CREATE INDEX entry_overtaken ON entry (since_ns) WHERE overtaken",
        # Nobody knows when these changed last: they are as they are at least since now.
        "UPDATE entry SET since_ns = CAST(strftime('%s', 'now') AS INTEGER) * 1000000000",
    ),
    3: (
        "DROP INDEX entry_overtaken",
        "ALTER TABLE entry DROP COLUMN overtaken",
        "CREATE INDEX entry_revised ON entry (since_ns) WHERE revision > 0",
        "ALTER TABLE entry ADD COLUMN gone TEXT NOT NULL DEFAULT '[]'",
        # The start of a night became part of its key.
        (
            "UPDATE entry SET key = substr(key, 1, length(key) - 1) || ', ' || json_extract(body, '$.start_ns') || ']'"
            " WHERE topic = 'night' AND json_extract(body, '$.start_ns') IS NOT NULL"
        ),
    ),
}
# `revision` is the scoring's revision and one more for each of the person's `judgements`; `since_ns` (UTC) is when the
# entry changed last, or was to be sent again; `confirmed` is the person's last word; `gone` are measures
# that earlier revisions had and this one has not, a list in JSON.
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
    reason TEXT NOT NULL DEFAULT '',
    since_ns INTEGER NOT NULL DEFAULT 0,
    judgements INTEGER NOT NULL DEFAULT 0,
    confirmed INTEGER,
    gone TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE UNIQUE INDEX entry_position ON entry (position);
CREATE INDEX entry_night ON entry (person, night, scoring, topic);
CREATE INDEX entry_unpublished ON entry (position) WHERE published_revision < revision;
CREATE INDEX entry_unstored ON entry (position) WHERE stored_revision < revision;
CREATE INDEX entry_set_aside ON entry (position) WHERE rejected;
CREATE INDEX entry_revised ON entry (since_ns) WHERE revision > 0;
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
    if layout == 0:
        for statement in _SCHEMA.split(";\n"):
            db.execute(statement)
    else:
        for older in range(layout, LAYOUT):
            for statement in _UPGRADES[older]:
                db.execute(statement)
    db.execute(f"PRAGMA user_version = {LAYOUT}")
