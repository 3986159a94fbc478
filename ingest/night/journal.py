"""The journal: record of what a night said, and outbox of what still has to be delivered.

One row per key with its newest revision. A row is *published* when the broker has acknowledged its newest revision, and
*stored* when a writer has confirmed that the database accepted it; :class:`Delivery` says which of the two empties the
outbox. Several processes use one journal at once (the scorer writes, the relay marks, pages read).
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from ingest.errors import DecodeError
from ingest.night.belongings import erase, rows_of
from ingest.night.changes import changes_of
from ingest.night.entries import SCORED, Counts, Delivery, Entry, TopicKind, Waiting
from ingest.night.journal_layout import lay_out
from ingest.night.journal_rows import COLUMNS, differences, entry_of, onset_ns, row_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from ingest.night.belongings import Erased
    from ingest.night.changes import NightName
    from ingest.night.entries import Confirmation

# A commit of another process takes milliseconds; on a worn-out memory card a sync can take seconds.
BUSY_S = 20.0
NEVER = -1

_COUNT = """
SELECT count(*), coalesce(sum(published_revision = revision), 0),
    coalesce(sum(stored_revision = revision AND NOT rejected), 0), coalesce(sum(rejected), 0)
FROM entry
"""
_NEXT = "(SELECT coalesce(max(position), 0) + 1 FROM entry)"
_PUT = f"""
INSERT INTO entry ({COLUMNS}, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, {_NEXT})
ON CONFLICT (key) DO UPDATE SET
    revision = excluded.revision, valid = excluded.valid, body = excluded.body,
    position = excluded.position, rejected = 0, reason = ''
WHERE excluded.revision > entry.revision
"""  # noqa: S608 - constants of this module
_SETTLE = """
UPDATE entry SET stored_revision = revision, rejected = ?, reason = ?
WHERE key = ? AND person = ? AND revision = ? AND attempt = ?
"""
_REOPEN = f"""
UPDATE entry SET attempt = attempt + 1, stored_revision = {NEVER}, published_revision = {NEVER}, position = {_NEXT}
WHERE key = ? AND person = ? AND revision > ?
"""  # noqa: S608 - constants of this module


class Journal:
    """A journal file, opened by one thread of one process.

    Parameters
    ----------
    path : Path
        The file; made when it is missing.
    busy_s : float
        How long to wait for another process that writes, s.

    Raises
    ------
    DecodeError
        If the file is not a journal of this layout.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from ingest.night.entries import Delivery, Entry, TopicKind
    >>> with tempfile.TemporaryDirectory() as folder, Journal(pathlib.Path(folder) / "journal.db") as journal:
    ...     movement = Entry(TopicKind.EVENT, "p1", "n1", "default", "k1", 0, True, {"onset_ns": 1})
    ...     journal.put([movement]), journal.put([movement])
    ...     [waiting.entry.key for waiting in journal.waiting(Delivery.BROKER)]
    ...     journal.published([("k1", 0)])
    ...     journal.waiting(Delivery.BROKER)
    (1, 0)
    ['k1']
    []
    """

    def __init__(self, path: Path, *, busy_s: float = BUSY_S) -> None:
        self._db = sqlite3.connect(path, timeout=busy_s, isolation_level=None)
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            with self._transaction():
                lay_out(self._db)
        except (sqlite3.DatabaseError, DecodeError) as error:
            self._db.close()
            if isinstance(error, sqlite3.OperationalError):
                raise
            msg = f"{path}: not a journal that this version reads ({error})"
            raise DecodeError(msg) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Hold the write lock from the start: a lock that is upgraded midway cannot wait for another writer."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # SQLite has rolled back by itself where the disk was full
                self._db.execute("ROLLBACK")
            raise

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def put(self, entries: Iterable[Entry]) -> int:
        """Keep entries in one transaction; on return they survive a power cut.

        Parameters
        ----------
        entries : iterable of Entry
            A revision that is not higher than the one kept is ignored.

        Returns
        -------
        int
            How many were new.
        """
        rows = [row_of(entry) for entry in entries]
        if not rows:
            return 0
        with self._transaction():
            return self._db.executemany(_PUT, rows).rowcount

    def reconcile(self, person: str, night: str, scoring: str, final_entries: Iterable[Entry]) -> int:
        """Make the journal say exactly what a finished scoring run says.

        Parameters
        ----------
        person, night, scoring : str
            The scoring that is complete.
        final_entries : iterable of Entry
            All its events, epochs and summaries (see `SCORED`); their own revisions do not matter. What differs from
            the kept body gets the next revision, what is not among them is taken back, what is equal stays untouched.

        Returns
        -------
        int
            How many entries changed.
        """
        final = {entry.key: entry for entry in final_entries}
        with self._transaction():
            kept = {
                entry.key: entry
                for kind in SCORED
                for entry in self._read(kind, person, night, scoring, valid_only=False)
            }
            changed = [row_of(entry) for entry in differences(kept, final)]
            self._db.executemany(_PUT, changed)
        return len(changed)

    def waiting(self, delivery: Delivery, limit: int = 100, *, after: int = 0) -> list[Waiting]:
        """Return what has not been delivered, oldest change first.

        Parameters
        ----------
        delivery : Delivery
            Who empties the outbox.
        limit : int
            At most so many.
        after : int
            Only changes with a higher position.
        """
        if delivery is Delivery.NONE:
            return []
        column = "stored_revision" if delivery is Delivery.STORE else "published_revision"
        rows = self._db.execute(
            f"SELECT position, attempt, published_revision = revision, {COLUMNS} FROM entry"  # noqa: S608 - constants
            f" WHERE {column} < revision AND position > ? ORDER BY position LIMIT ?",
            (after, limit),
        )
        return [Waiting(row[0], row[1], bool(row[2]), entry_of(row[3:])) for row in rows.fetchall()]

    def published(self, receipts: Iterable[tuple[str, int]]) -> None:
        """Note that the broker has acknowledged (key, revision) pairs."""
        with self._transaction():
            self._db.executemany(
                "UPDATE entry SET published_revision = max(published_revision, ?2) WHERE key = ?1 AND revision >= ?2",
                list(receipts),
            )

    def stored(self, confirmations: Iterable[Confirmation]) -> None:
        """Note what writers have confirmed.

        A confirmation of an older revision than the newest one tells that a late write may have replaced the newest in
        the database: the newest waits again, and only a confirmation of a new attempt settles it.
        """
        with self._transaction():
            for key, person, revision, attempt, accepted, reason in confirmations:
                why = "" if accepted else reason
                self._db.execute(_SETTLE, (int(not accepted), why, key, person, revision, attempt))
                self._db.execute(_REOPEN, (key, person, revision))

    def counts(self, kind: TopicKind | None = None) -> Counts:
        """Count the entries of one kind, or of all kinds; reads every row."""
        return Counts(*self._db.execute(f"{_COUNT} WHERE ?1 IS NULL OR topic = ?1", (kind,)).fetchone())

    def counts_of(self, person: str, night: str, scoring: str) -> Counts:
        """Count the entries of one scoring; reads its rows only, however many nights there are."""
        where = f"{_COUNT} WHERE person = ? AND night = ? AND scoring = ?"
        return Counts(*self._db.execute(where, (person, night, scoring)).fetchone())

    def entries(self, kind: TopicKind, person: str, night: str, scoring: str) -> list[Entry]:
        """Return the valid entries of one kind of one scoring, in the order of their last change."""
        return self._read(kind, person, night, scoring, valid_only=True)

    def changes(self, whose: NightName, *, after: int, limit: int) -> list[tuple[int, Entry]]:
        """Return what changed in a night but its epochs, each with its position; see `changes_of`."""
        return changes_of(self._db, whose, after, limit)

    def events(self, person: str, night: str, scoring: str) -> list[Entry]:
        """Return the valid events of one scoring by onset."""
        return sorted(self.entries(TopicKind.EVENT, person, night, scoring), key=onset_ns)

    def everything(
        self, person: str, night: str | None = None, *, kind: TopicKind | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """Yield every row of a person, of one night or of one kind, as it is kept, with how far it was delivered."""
        return rows_of(self._db, person, night, kind=kind)

    def forget(self, person: str, night: str | None = None) -> Erased:
        """Remove every row of a person, or of one night, delivered or not; no relay may be at work."""
        return erase(self._db, person, night)

    def _read(self, kind: TopicKind, person: str, night: str, scoring: str, *, valid_only: bool) -> list[Entry]:
        rows = self._db.execute(
            f"SELECT {COLUMNS} FROM entry WHERE person = ? AND night = ? AND scoring = ? AND topic = ?"  # noqa: S608 - constants
            " AND valid >= ? ORDER BY position",
            (person, night, scoring, kind, int(valid_only)),
        )
        return [entry_of(row) for row in rows.fetchall()]
