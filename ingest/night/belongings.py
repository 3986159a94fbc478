"""What a journal keeps of a person: to be handed over, or to be removed so that no byte of it stays in the file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from ingest.night.transaction import transaction

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping

# Columns that hold JSON.
_JSON = frozenset({"body", "gone"})


class Erased(NamedTuple):
    """How many rows were removed, and whether their bytes are gone from the file and its write-ahead log, too.

    `overwritten` is False when another process was reading all the time: the log could not be emptied.
    """

    n_rows: int
    overwritten: bool


def tables_of_people(db: sqlite3.Connection) -> list[str]:
    """Return the tables whose rows belong to a person: those with a column ``person``.

    Parameters
    ----------
    db : sqlite3.Connection
        The journal. Its layout is asked for and not assumed, so that no later table can be forgotten.
    """
    found = db.execute(
        "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND c.name = 'person' ORDER BY m.name"
    )
    return [name for (name,) in found.fetchall()]


def rows_of(
    db: sqlite3.Connection, person: str, night: str | None = None, *, kind: str | None = None
) -> Iterator[Mapping[str, Any]]:
    """Yield everything that is kept of a person, with how far it was delivered.

    Parameters
    ----------
    db : sqlite3.Connection
        The journal.
    person : str
        Whose rows.
    night : str, optional
        Of this night only.
    kind : str, optional
        Of this kind only, the last level of the topic.

    Yields
    ------
    mapping of str to value
        The columns by their names, and the ``table``.
    """
    for table in tables_of_people(db):
        where, values = _where(db, table, person=person, night=night, topic=kind)
        cursor = db.execute(f'SELECT * FROM "{table}" WHERE {where}', values)  # noqa: S608 - a name of the layout
        names = [column[0] for column in cursor.description]
        for row in cursor:
            read = {name: json.loads(v) if name in _JSON else v for name, v in zip(names, row, strict=True)}
            yield {"table": table, **read}


def erase(db: sqlite3.Connection, person: str, night: str | None = None) -> Erased:
    """Remove everything that is kept of a person, its bytes included.

    Parameters
    ----------
    db : sqlite3.Connection
        The journal, in no transaction. Removing twice is as good as once: what an interrupted call left is finished.
    person : str
        Whose rows.
    night : str, optional
        Of this night only.

    Returns
    -------
    Erased
        What became of them.
    """

    def remove() -> int:
        n_rows = 0
        for table in tables_of_people(db):
            where, values = _where(db, table, person=person, night=night)
            n_rows += db.execute(f'DELETE FROM "{table}" WHERE {where}', values).rowcount  # noqa: S608 - as above
        return n_rows

    return erased(db, remove)


def erased(db: sqlite3.Connection, remove: Callable[[], int]) -> Erased:
    """Remove rows from a file, so that none of their bytes stays in it.

    Parameters
    ----------
    db : sqlite3.Connection
        The file, in no transaction.
    remove : callable
        Deletes them, and returns how many there were.

    Returns
    -------
    Erased
        What became of them.
    """
    db.execute("PRAGMA secure_delete = ON")
    with transaction(db):
        n_rows = remove()
    # Indexes keep old keys in pages that are still in use, and the write-ahead log keeps whole pages as they were.
    db.execute("VACUUM")
    busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return Erased(n_rows, overwritten=not busy)


def _where(db: sqlite3.Connection, table: str, **wanted: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the condition of a table's rows; what belongs to no night goes with the person, not with one night."""
    asked = {name: value for name, value in wanted.items() if value is not None}
    columns = {name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()}
    if not asked.keys() <= columns:
        return "0", ()
    return " AND ".join(f"{name} = ?" for name in asked), tuple(asked.values())
