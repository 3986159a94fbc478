"""Writing into an SQLite file that other processes write into as well."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock from the start to the end: a lock that is upgraded midway cannot wait for another writer.

    Parameters
    ----------
    db : sqlite3.Connection
        A connection without transactions of its own (``isolation_level=None``).
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite has rolled back by itself where the disk was full
            db.execute("ROLLBACK")
        raise
