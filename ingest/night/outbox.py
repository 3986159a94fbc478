"""What is in a journal's outbox: how far everything got, what waits and since when, and what was set aside and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ingest.night.journal_rows import WAITING, waiting_of
from ingest.night.journal_statements import WAITS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from ingest.night.entries import Delivery, Waiting

# What an entry takes besides its body: its key twice (row and index), its names in the row and in the index of the
# night, numbers and positions. Measured: see tests/ingest/test_outbox.py.
_ROW_BYTES = 160
_BYTES = f"length(CAST(body AS BLOB)) + 2 * length(key) + {_ROW_BYTES}"


class Tally(NamedTuple):
    """How far the entries of one kind or night got; `published` and `stored` count newest revisions."""

    name: str
    entries: int
    waiting: int
    published: int
    stored: int
    set_aside: int


class Oldest(NamedTuple):
    """What waits for the longest time; `since_ns` (UTC) is when it changed last or was to be sent again."""

    key: str
    kind: str
    night: str
    since_ns: int


class SetAside(NamedTuple):
    """What was refused for good for one reason; `key` is that of one of them, and `since_ns` (UTC) of the oldest."""

    reason: str
    kind: str
    entries: int
    key: str
    since_ns: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What has not been delivered.

    Parameters
    ----------
    waiting, set_aside : int
        Entries that wait, and that were refused for good.
    waiting_bytes : int
        Room on the disk that is taken by what waits, about.
    oldest : Oldest or None
        What waits for the longest time.
    """

    waiting: int = 0
    set_aside: int = 0
    waiting_bytes: int = 0
    oldest: Oldest | None = None


@dataclass(frozen=True, slots=True)
class Outbox:
    """Everything in a journal, and how far it got.

    Parameters
    ----------
    total : Tally
        Everything.
    kinds, nights : tuple of Tally
        By the kind of entry, and by night (the newest first).
    set_aside : tuple of SetAside
        What was refused for good, the most frequent reason first.
    """

    total: Tally
    kinds: tuple[Tally, ...]
    nights: tuple[Tally, ...]
    set_aside: tuple[SetAside, ...]


def waiting_in(db: sqlite3.Connection, delivery: Delivery, limit: int, after: int) -> list[Waiting]:
    """Return what has not been delivered and changed after the position `after`, oldest change first."""
    rows = db.execute(
        f"SELECT {WAITING} FROM entry WHERE {WAITS[delivery]} AND position > ? ORDER BY position LIMIT ?",  # noqa: S608 - constants
        (after, limit),
    )
    return [waiting_of(row) for row in rows.fetchall()]


def doubtful(db: sqlite3.Connection, since_ns: int) -> list[tuple[str]]:
    """Return the keys of what changed since then (UTC), is confirmed, and had an older revision.

    Parameters
    ----------
    db : sqlite3.Connection
        The journal.
    since_ns : int
        UTC, ns.
    """
    return db.execute(
        "SELECT key FROM entry WHERE revision > 0 AND since_ns >= ? AND stored_revision = revision AND NOT rejected"
        " ORDER BY position",
        (since_ns,),
    ).fetchall()


def backlog_of(db: sqlite3.Connection, delivery: Delivery) -> Backlog:
    """Return what has not been delivered; reads only that.

    Parameters
    ----------
    db : sqlite3.Connection
        The journal. Others may write to it meanwhile.
    delivery : Delivery
        Who empties the outbox.
    """
    waits = WAITS[delivery]
    waiting, size = db.execute(
        f"SELECT count(*), coalesce(sum({_BYTES}), 0) FROM entry WHERE {waits}"  # noqa: S608 - constants
    ).fetchone()
    (set_aside,) = db.execute("SELECT count(*) FROM entry WHERE rejected").fetchone()
    oldest = db.execute(
        f"SELECT key, topic, night, since_ns FROM entry WHERE {waits} ORDER BY position LIMIT 1"  # noqa: S608 - constants
    ).fetchone()
    return Backlog(waiting, set_aside, size, None if oldest is None else Oldest(*oldest))


def outbox_of(db: sqlite3.Connection, delivery: Delivery) -> Outbox:
    """Return how far everything in a journal got; reads every row, some 5 s for a million.

    Parameters
    ----------
    db : sqlite3.Connection
        The journal. Others may write to it meanwhile.
    delivery : Delivery
        Who empties the outbox.
    """
    counted = db.execute(
        f"SELECT topic, night, count(*), sum({WAITS[delivery]}), sum(published_revision = revision),"  # noqa: S608 - constants
        " sum(stored_revision = revision AND NOT rejected), sum(rejected) FROM entry GROUP BY topic, night"
    ).fetchall()
    aside = db.execute(
        "SELECT reason, topic, count(*), min(key), min(since_ns) FROM entry WHERE rejected"
        " GROUP BY reason, topic ORDER BY count(*) DESC, reason"
    ).fetchall()
    return Outbox(
        total=_sum("all", (row[2:] for row in counted)),
        kinds=_by(counted, 0),
        nights=tuple(reversed(_by(counted, 1))),
        set_aside=tuple(SetAside(*row) for row in aside),
    )


def _by(counted: Iterable[tuple[str | int, ...]], column: int) -> tuple[Tally, ...]:
    groups: dict[str, list[tuple[str | int, ...]]] = defaultdict(list)
    for row in counted:
        groups[str(row[column])].append(row[2:])
    return tuple(_sum(name, groups[name]) for name in sorted(groups))


def _sum(name: str, rows: Iterable[tuple[str | int, ...]]) -> Tally:
    sums = [0] * 5
    for row in rows:
        sums = [total + int(one) for total, one in zip(sums, row, strict=True)]
    return Tally(name, *sums)
