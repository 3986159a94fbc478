"""The journal: record of what a night said, and outbox of what still has to be delivered.

One row per key with its newest revision. A row is *published* when the broker has acknowledged its newest revision, and
*stored* when a writer has confirmed that the database accepted it; :class:`Delivery` says which of the two empties the
outbox. Several processes use one journal at once (the scorer writes, the relay marks, pages read).
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from ingest.errors import DecodeError
from ingest.night.belongings import erase, rows_of
from ingest.night.changes import changes_of
from ingest.night.entries import SCORED, Counts, Delivery, Entry, TopicKind, Waiting
from ingest.night.journal_layout import lay_out
from ingest.night.journal_reads import entries_of, entry_at, latest_of, written_of
from ingest.night.journal_rows import JUDGED, SCORED_ALONE, TAKEN_BACK, differences, onset_ns, row_of
from ingest.night.journal_statements import COUNT, DOUBT, JUDGE, PUBLISHED, PUT, REOPEN, RETRY, SETTLE, THIN
from ingest.night.outbox import backlog_of, doubtful, outbox_of, waiting_in
from ingest.night.transaction import transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from ingest.night.belongings import Erased
    from ingest.night.changes import NightName
    from ingest.night.entries import Confirmation
    from ingest.night.outbox import Backlog, Outbox

# A commit of another process takes milliseconds; on a worn-out memory card a sync can take seconds.
BUSY_S = 20.0


class Journal:
    """A journal file, opened by one thread of one process.

    Parameters
    ----------
    path : Path
        The file; made when it is missing.
    busy_s : float
        How long to wait for another process that writes, s.
    now_ns : callable
        Returns the time that dates a change, UTC ns.

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

    def __init__(self, path: Path, *, busy_s: float = BUSY_S, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._now_ns = now_ns
        self._db = sqlite3.connect(path, timeout=busy_s, isolation_level=None)
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            with self._transaction():
                lay_out(self._db)
        except (sqlite3.DatabaseError, DecodeError) as error:
            self._db.close()
            if isinstance(error, sqlite3.OperationalError):
                raise
            msg = f"{path}: not a journal that this version reads ({error})"
            raise DecodeError(msg) from error

    @contextmanager
    def _transaction(self, *, durable: bool = True) -> Iterator[None]:
        """Hold the write lock; what is `durable` is on the disk at the end."""
        self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        with transaction(self._db):
            yield

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
        rows = [(*row_of(entry), self._now_ns()) for entry in entries]
        if not rows:
            return 0
        with self._transaction():
            return self._db.executemany(PUT, rows).rowcount

    def reconcile(
        self,
        person: str,
        night: str,
        scoring: str,
        final_entries: Iterable[Entry],
        *,
        kinds: Collection[TopicKind] = SCORED,
    ) -> int:
        """Make the journal say exactly what a finished scoring run says.

        Parameters
        ----------
        person, night, scoring : str
            The scoring that is complete.
        final_entries : iterable of Entry
            All its events, epochs and summaries (see `SCORED`); their own revisions do not matter. What differs from
            the kept body gets the next revision, what is not among them is taken back, what is equal stays untouched.
            What the person judged stays judged.
        kinds : collection of TopicKind
            Only these; the others stay as they are.

        Returns
        -------
        int
            How many entries changed.
        """
        final = {entry.key: entry for entry in final_entries if entry.topic_kind in kinds}
        with self._transaction():
            kept = {
                entry.key: entry
                for kind in kinds
                for entry in entries_of(self._db, SCORED_ALONE, kind, (person, night, scoring), valid_only=False)
            }
            changed = [(*row_of(entry), self._now_ns()) for entry in differences(kept, final)]
            self._db.executemany(PUT, changed)
        return len(changed)

    def judge(self, key: str, *, confirmed: bool | None) -> bool:
        """Keep what the person says of an event: the measure ``confirmed`` of a new revision, whatever is scored later.

        Parameters
        ----------
        key : str
            The event's key.
        confirmed : bool or None
            Whether it was one; None takes an earlier word back.

        Returns
        -------
        bool
            Whether there is such an event.
        """
        word = TAKEN_BACK if confirmed is None else int(confirmed)
        with self._transaction():
            self._db.execute(JUDGE, (word, self._now_ns(), key))
            found = self._db.execute("SELECT 1 FROM entry WHERE key = ? AND topic = ?", (key, TopicKind.EVENT))
            return found.fetchone() is not None

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
        return waiting_in(self._db, delivery, limit, after)

    def published(self, receipts: Iterable[tuple[str, int]]) -> None:
        """Note that the broker has acknowledged (key, revision) pairs; what a power cut takes of it is sent again."""
        with self._transaction(durable=False):
            self._db.executemany(PUBLISHED, list(receipts))

    def stored(self, confirmations: Iterable[Confirmation]) -> None:
        """Note what writers have confirmed.

        A confirmation of an older revision than the newest one tells that a late write may have replaced the newest in
        the database: the newest waits again, and only a confirmation of a new attempt settles it.
        """
        with self._transaction():
            for key, person, revision, attempt, accepted, reason in confirmations:
                why = "" if accepted else reason
                self._db.execute(SETTLE, (int(not accepted), why, key, person, revision, attempt))
                self._db.execute(REOPEN, (self._now_ns(), key, person, revision))

    def retry(self) -> int:
        """Let everything that was set aside wait again, once the cause is mended; return how many entries that are."""
        with self._transaction():
            aside = self._db.execute("SELECT key FROM entry WHERE rejected ORDER BY position").fetchall()
            self._db.executemany(RETRY, [(self._now_ns(), key) for (key,) in aside])
        return len(aside)

    def doubt(self, *, since_ns: int) -> int:
        """Let wait again what got a newer revision since then (UTC, ns) and is confirmed; return how many that are.

        An older revision, or another copy of one, may have been written last, and the confirmation that tells be lost
        with a broker that died.
        """
        with self._transaction():
            keys = doubtful(self._db, since_ns)
            self._db.executemany(DOUBT, keys)
        return len(keys)

    def thin(self, delivery: Delivery, *, before_ns: int) -> int:
        """Remove epochs and health that were delivered and changed last before `before_ns` (UTC); return how many."""
        with self._transaction():
            n_removed = self._db.execute(THIN[delivery], (before_ns,)).rowcount
        if n_removed:
            self._db.execute("VACUUM")
        return n_removed

    def backlog(self, delivery: Delivery) -> Backlog:
        """Return what has not been delivered; reads only that."""
        return backlog_of(self._db, delivery)

    def outbox(self, delivery: Delivery) -> Outbox:
        """Return how far everything got, by kind and by night; reads every row."""
        return outbox_of(self._db, delivery)

    def counts(self, kind: TopicKind | None = None) -> Counts:
        """Count the entries of one kind, or of all kinds; reads every row."""
        return Counts(*self._db.execute(f"{COUNT} WHERE ?1 IS NULL OR topic = ?1", (kind,)).fetchone())

    def counts_of(self, person: str, night: str, scoring: str) -> Counts:
        """Count the entries of one scoring; reads its rows only, however many nights there are."""
        where = f"{COUNT} WHERE person = ? AND night = ? AND scoring = ?"
        return Counts(*self._db.execute(where, (person, night, scoring)).fetchone())

    def entries(self, kind: TopicKind, person: str, night: str, scoring: str) -> list[Entry]:
        """Return the valid entries of one kind of one scoring, in the order of their last change."""
        return entries_of(self._db, JUDGED, kind, (person, night, scoring), valid_only=True)

    def entry(self, key: str) -> Entry | None:
        """Return what is kept under a key, taken back or not; None if there is nothing."""
        return entry_at(self._db, key)

    def latest(self, kind: TopicKind, whose: tuple[str, str, str], *, limit: int) -> list[Entry]:
        """Return the valid entries of one kind that were first kept last; `whose` is person, night and scoring."""
        return latest_of(self._db, kind, whose, limit)

    def diary_at(self, person: str, time_ns: int) -> list[Entry]:
        """Return what a person wrote of an instant (UTC, ns), taken back or not; see `written_of`."""
        return written_of(self._db, person, TopicKind.DIARY, time_ns=time_ns)

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
