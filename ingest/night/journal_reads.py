"""What is read of a journal: the entries of a scoring, one by its key, and the latest of a night."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.night.journal_rows import JUDGED, entry_of

if TYPE_CHECKING:
    import sqlite3

    from ingest.night.entries import Entry, TopicKind


def entries_of(
    db: sqlite3.Connection, columns: str, kind: TopicKind, whose: tuple[str, str, str], *, valid_only: bool
) -> list[Entry]:
    """Return the entries of one kind of one scoring, in the order of their last change.

    Parameters
    ----------
    db : sqlite3.Connection
        The journal.
    columns : str
        `JUDGED` or `SCORED_ALONE`.
    kind : TopicKind
        Which.
    whose : tuple of str
        Person, night and scoring.
    valid_only : bool
        Whether those that were taken back are left out.
    """
    rows = db.execute(
        f"SELECT {columns} FROM entry WHERE person = ? AND night = ? AND scoring = ? AND topic = ?"  # noqa: S608 - constants
        " AND valid >= ? ORDER BY position",
        (*whose, kind, int(valid_only)),
    )
    return [entry_of(row) for row in rows.fetchall()]


def entry_at(db: sqlite3.Connection, key: str) -> Entry | None:
    """Return what is kept under a key, taken back or not; None if there is nothing."""
    row = db.execute(f"SELECT {JUDGED} FROM entry WHERE key = ?", (key,)).fetchone()  # noqa: S608 - constants
    return None if row is None else entry_of(row)


def latest_of(db: sqlite3.Connection, kind: TopicKind, whose: tuple[str, str, str], limit: int) -> list[Entry]:
    """Return the valid entries of one kind of one scoring that were first kept last, newest first, at most `limit`."""
    # The index of names ends with the rowid, which grows with every new row: so many rows are read, none sorted.
    rows = db.execute(
        f"SELECT {JUDGED} FROM entry WHERE person = ? AND night = ? AND scoring = ? AND topic = ? AND valid"  # noqa: S608 - constants
        " ORDER BY rowid DESC LIMIT ?",
        (*whose, kind, limit),
    )
    return [entry_of(row) for row in rows.fetchall()]
