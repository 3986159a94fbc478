"""The file in which every act of every rater is kept: SQLite, appended to, and never changed."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from dashboards.labelling import Label
from ingest.night.belongings import erased
from ingest.night.transaction import transaction
from soleus.errors import ConfigError
from soleus.labels.acts import MS_PER_S, SCORING, Done, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from ingest.night.belongings import Erased

LAYOUT: Final = 1
# A commit of another page takes milliseconds; on a worn-out memory card a sync can take seconds.
BUSY_S: Final = 20.0
FILE: Final = "labels.sqlite"
"""In the data folder."""
MENDING: Final = (
    f"nothing in it was changed; move it, and {FILE}-wal beside it, elsewhere and put a whole copy in its place"
)
"""What to do about a damaged file."""
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# SQLite says in the higher bits of a code what of it is damaged.
_PRIMARY: Final = 0xFF
# `at_ns` (UTC) is when an act was kept. Times of labels count from `start_ns` of their recording, which stays as it was
# when its first act was kept. `person` and `content` are those of `Placed`.
_SCHEMA: Final = """
CREATE TABLE recording (
    recording TEXT PRIMARY KEY, start_ns INTEGER NOT NULL, duration_ms INTEGER NOT NULL, utc_offset_s INTEGER NOT NULL,
    person TEXT NOT NULL, content TEXT NOT NULL
) STRICT;
CREATE TABLE act (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    recording TEXT NOT NULL, rater TEXT NOT NULL, key TEXT NOT NULL, way TEXT NOT NULL,
    label TEXT NOT NULL, kind TEXT NOT NULL, leg TEXT NOT NULL, onset_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,
    at_ns INTEGER NOT NULL,
    UNIQUE (recording, rater, key)
) STRICT;
CREATE INDEX act_order ON act (recording, rater, position)
"""
_ACTS: Final = (
    "SELECT key, way, label, kind, leg, onset_ms, end_ms FROM act WHERE recording = ? AND rater = ? ORDER BY position"
)
_STAMP: Final = "SELECT count(*), max(position) FROM act WHERE recording = ? AND rater = ?"
_APPEND: Final = (
    "INSERT INTO act (recording, rater, key, way, label, kind, leg, onset_ms, end_ms, at_ns)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_PLACE: Final = (
    "INSERT INTO recording VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (recording) DO UPDATE SET"
    " duration_ms = max(duration_ms, excluded.duration_ms), utc_offset_s = excluded.utc_offset_s,"
    " person = excluded.person"
)


class Placed(NamedTuple):
    """When a recording began (UTC, ns), how long it is (s), and local time minus UTC there (s).

    `person` is whose stored night it is; empty of a file. `content` differs between recordings of the same name, and
    stays while one is recorded on.
    """

    start_ns: int
    duration_s: float
    utc_offset_s: int = 0
    person: str = ""
    content: str = ""


class Stamp(NamedTuple):
    """What changes with every act of a rater."""

    n_acts: int
    last: int | None


class LabelLedger:
    """A file of acts, opened by one thread for a moment; any number of pages and programs use it at once.

    Parameters
    ----------
    path : Path
        The file; made when it is missing, in a folder that is there.
    busy_s : float
        How long to wait for another page that writes, s.
    now_ns : callable
        Returns the time that dates an act, UTC ns.

    Raises
    ------
    ConfigError
        If the file is not one that this version reads.
    """

    def __init__(self, path: Path, *, busy_s: float = BUSY_S, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._now_ns = now_ns
        self._db = sqlite3.connect(path, timeout=busy_s, isolation_level=None)
        try:
            # Before anything is written: a file that is none of ours stays as it is.
            self._expect_ours()
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._lay_out()
        except (sqlite3.DatabaseError, ValueError) as error:
            self._db.close()
            if isinstance(error, sqlite3.OperationalError):
                raise
            msg = f"{path}: not a file of labels that this version reads ({error}); {MENDING}"
            raise ConfigError(msg) from error

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the file, so that nobody else writes between what is read and what is kept; on the disk at the end."""
        with transaction(self._db):
            yield

    def acts(self, recording: str, rater: str, later_ms: int = 0) -> list[Done]:
        """Return what a rater did in a recording, in its order, counted from so much later than it began once."""
        return [_done(later_ms, *row) for row in self._db.execute(_ACTS, (recording, rater))]

    def stamp(self, recording: str, rater: str) -> Stamp:
        """Return how many acts there are, and the position of the last, which no other act ever gets."""
        return Stamp(*self._db.execute(_STAMP, (recording, rater)).fetchone())

    def raters(self, recording: str) -> list[str]:
        """Return who did something in a recording, by name."""
        rows = self._db.execute("SELECT DISTINCT rater FROM act WHERE recording = ? ORDER BY rater", (recording,))
        return [rater for (rater,) in rows]

    def last(self) -> tuple[int, int] | None:
        """Return position and time of the last act of anybody; None where there is none."""
        # In a copy that was put in the place of the file another act may have the same position.
        found = self._db.execute("SELECT position, at_ns FROM act ORDER BY position DESC LIMIT 1").fetchone()
        return None if found is None else (int(found[0]), int(found[1]))

    def has_acts(self, recording: str, rater: str) -> bool:
        """Return whether a rater did anything in a recording; no longer once that was removed."""
        found = self._db.execute("SELECT 1 FROM act WHERE recording = ? AND rater = ? LIMIT 1", (recording, rater))
        return found.fetchone() is not None

    def sheet_ways(self) -> list[tuple[str, str, Way]]:
        """Return recording, rater and way of every act that says how a rater scores, in their order."""
        marks = ", ".join("?" * len(SCORING))
        found = self._db.execute(
            f"SELECT recording, rater, way FROM act WHERE way IN ({marks}) ORDER BY position",  # noqa: S608 - marks alone
            sorted(SCORING),
        )
        return [(recording, rater, _way(recording, way)) for recording, rater, way in found]

    def recordings(self) -> dict[str, Placed]:
        """Return the recordings in which something was done, by key, as they were known last."""
        rows = self._db.execute("SELECT * FROM recording ORDER BY recording")
        return {key: Placed(start_ns, _seconds(key, ms), *more) for key, start_ns, ms, *more in rows}

    def append(self, recording: str, rater: str, acts: Iterable[Done], later_ms: int = 0) -> None:
        """Keep acts that are counted as in :meth:`acts`; within :meth:`writing`."""
        now_ns = self._now_ns()
        rows = [
            (recording, rater, key, way, *label[:3], *(ms_of(at_s) + later_ms for at_s in label[3:]), now_ns)
            for key, way, label in acts
        ]
        self._db.executemany(_APPEND, rows)

    def place(self, recording: str, placed: Placed) -> None:
        """Keep when a recording began; one that is still going on grows. Within :meth:`writing`."""
        start_ns, duration_s, *more = placed
        self._db.execute(_PLACE, (recording, start_ns, ms_of(duration_s), *more))

    def everything(self, recordings: Collection[str]) -> Iterator[Mapping[str, Any]]:
        """Yield every act in some recordings as it is kept, whoever did it."""
        for recording in sorted(recordings):
            cursor = self._db.execute("SELECT * FROM act WHERE recording = ? ORDER BY position", (recording,))
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row, strict=True))

    def erase(self, recordings: Collection[str], rater: str | None = None) -> Erased:
        """Remove every act in some recordings, or those of one rater there, so that no byte stays in the file."""

        def remove() -> int:
            n_rows = 0
            for recording in recordings:
                n_rows += self._db.execute(
                    "DELETE FROM act WHERE recording = ?1 AND (?2 IS NULL OR rater = ?2)", (recording, rater)
                ).rowcount
            self._db.execute("DELETE FROM recording WHERE recording NOT IN (SELECT recording FROM act)")
            return n_rows

        return erased(self._db, remove)

    def _lay_out(self) -> None:
        if self._layout() == LAYOUT:
            return
        with self.writing():
            # Somebody else may have done so meanwhile.
            layout = self._expect_ours()
            for statement in _SCHEMA.split(";\n") if layout == 0 else ():
                self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {LAYOUT}")

    def _expect_ours(self) -> int:
        """Return the layout of a file that is empty or one of ours."""
        layout = self._layout()
        if layout not in range(LAYOUT + 1):
            msg = f"layout {layout}, expected at most {LAYOUT}"
            raise ValueError(msg)
        if layout == 0 and self._db.execute("SELECT name FROM sqlite_schema").fetchone() is not None:
            # Two statements: between them another page may have laid it out.
            layout = self._layout()
            if layout == 0:
                msg = "it holds tables of another program"
                raise ValueError(msg)
        return layout

    def _layout(self) -> int:
        (layout,) = self._db.execute("PRAGMA user_version").fetchone()
        return int(layout)


@contextmanager
def opened(path: Path, *, now_ns: Callable[[], int] = time.time_ns) -> Iterator[LabelLedger]:
    """Open a file of acts for a moment.

    Parameters
    ----------
    path : Path
        See :class:`LabelLedger`.
    now_ns : callable
        Returns the time that dates an act, UTC ns.

    Raises
    ------
    ConfigError
        If the file is not one that this version reads.
    OSError
        If another page holds it for too long, the disk is full, or the file is damaged.
    """
    try:
        with LabelLedger(path, now_ns=now_ns) as ledger:
            yield ledger
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise  # a fault of the program, and none of the disk
        msg = f"{path}: {error}; {MENDING}" if _is_damage(error) else f"{path}: {error}"
        raise OSError(msg) from error


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Return whether the file is damaged; what is damaged within a row has no code of SQLite's."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code is None or code & _PRIMARY in _DAMAGED


def ms_of(seconds: float) -> int:
    """Return whole milliseconds."""
    return round(seconds * MS_PER_S)


def _done(later_ms: int, key: str, way: str, *told: Any) -> Done:
    label, kind, leg, *span_ms = told
    onset_s, end_s = (_seconds(key, at_ms, later_ms) for at_ms in span_ms)
    return Done(key, _way(key, way), Label(label, kind, leg, onset_s, end_s))


# The file knows no checksums: what is damaged within a row comes as it is.
def _way(key: str, way: str) -> Way:
    try:
        return Way(way)
    except ValueError as error:
        msg = f"{key!r}: {way!r} is no act"
        raise sqlite3.DatabaseError(msg) from error


def _seconds(key: str, at_ms: Any, later_ms: int = 0) -> float:
    if not isinstance(at_ms, int):
        msg = f"{key!r}: {at_ms!r} is no time in ms"
        raise sqlite3.DatabaseError(msg)
    return (at_ms - later_ms) / MS_PER_S
