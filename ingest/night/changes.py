"""What changed in a night of the journal since somebody last looked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ingest.night.entries import TopicKind
from ingest.night.journal_rows import JUDGED, entry_of

if TYPE_CHECKING:
    import sqlite3

    from ingest.night.entries import Entry


class NightName(NamedTuple):
    """Which night of whom, under which scoring."""

    person: str
    night: str
    scoring: str


def changes_of(db: sqlite3.Connection, whose: NightName, after: int, limit: int) -> list[tuple[int, Entry]]:
    """Return the entries of a night that changed, its epochs excepted, each with its position, oldest change first.

    Parameters
    ----------
    db : sqlite3.Connection
        The journal.
    whose : NightName
        The night; facts that no scoring decides belong to it too.
    after : int
        Only changes with a higher position; 0 for all.
    limit : int
        At most so many.
    """
    if after == 0:
        # The nights before it are passed over by name.
        found = "SELECT coalesce(min(position) - 1, 0) FROM entry WHERE person = ? AND night = ? AND scoring IN (?, '')"
        (after,) = db.execute(found, whose).fetchone()
    # From there on by position: the "+" keeps the index of names out of it, with which the whole night would have to be
    # sorted again for a handful of changes.
    rows = db.execute(
        f"SELECT position, {JUDGED} FROM entry"  # noqa: S608 - constants
        " WHERE position > ? AND +person = ? AND +night = ? AND +scoring IN (?, '') AND topic <> ?"
        " ORDER BY position LIMIT ?",
        (after, *whose, TopicKind.EPOCH, limit),
    )
    return [(row[0], entry_of(row[1:])) for row in rows.fetchall()]
