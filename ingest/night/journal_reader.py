"""Reading a journal while others write it: nothing is locked, and nothing can be changed."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Self

from ingest.errors import DecodeError
from ingest.night.journal import BUSY_S, Journal
from ingest.night.journal_layout import LAYOUT
from ingest.night.journal_reads import entries_of, entry_at, outlines_of, written_of
from ingest.night.journal_rows import JUDGED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from ingest.night.entries import Entry, TopicKind
    from ingest.night.journal_reads import Outline


class JournalReader:
    """A journal file that is only read, by one thread.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    FileNotFoundError
        If there is none.
    DecodeError
        If the file is not a journal of this layout.

    Notes
    -----
    :class:`ingest.night.journal.Journal` takes the write lock when it is opened, so a page that opens one waits for a
    scorer that is writing a night down. A reader does not.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            msg = f"{path}: there is no journal"
            raise FileNotFoundError(msg)
        self._db = _opened(path)
        try:
            (layout,) = self._db.execute("PRAGMA user_version").fetchone()
        except sqlite3.DatabaseError as error:
            self._db.close()
            if isinstance(error, sqlite3.OperationalError):
                raise
            msg = f"{path}: not a journal that this version reads ({error})"
            raise DecodeError(msg) from error
        if layout != LAYOUT:
            self._db.close()
            # Whoever may write brings an older layout up to date, and refuses a newer one.
            Journal(path).close()
            self._db = _opened(path)

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

    def entry(self, key: str) -> Entry | None:
        """Return what is kept under a key, taken back or not; None if there is nothing."""
        return entry_at(self._db, key)

    def entries(self, kind: TopicKind, person: str, night: str, scoring: str) -> list[Entry]:
        """Return the valid entries of one kind of one scoring, in the order of their last change."""
        return entries_of(self._db, JUDGED, kind, (person, night, scoring), valid_only=True)

    def written(self, kind: TopicKind, person: str) -> list[Entry]:
        """Return what a person wrote: the valid entries of the diary, or the markers, of every night."""
        return written_of(self._db, person, kind)

    def outlines(self, person: str, night: str, scoring: str) -> Sequence[Outline]:
        """Return the valid events of one scoring without their measures, by onset."""
        return outlines_of(self._db, (person, night, scoring))


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)
