"""What is read of a journal: the entries of a scoring or their outlines, one by its key, the latest of a night."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.events import EventKind
from detectors.signal import Leg
from ingest.errors import DecodeError
from ingest.night.entries import TopicKind
from ingest.night.journal_rows import JUDGED, TAKEN_BACK, entry_of

if TYPE_CHECKING:
    import sqlite3

    from ingest.night.entries import Entry


# From one night to the next in the index, so that the many rows of a night that are no diary are passed over.
_WRITTEN = f"""
WITH RECURSIVE own (named) AS (
    SELECT min(night) FROM entry WHERE person = :person
    UNION ALL
    SELECT (SELECT min(night) FROM entry WHERE person = :person AND night > named) FROM own WHERE named IS NOT NULL)
SELECT {JUDGED} FROM own CROSS JOIN entry
    ON person = :person AND night = named AND scoring = '' AND topic = :topic
    AND CASE WHEN :mentions IS NULL THEN valid ELSE instr(body, :mentions) END
"""  # noqa: S608 - constants


class Outline(NamedTuple):
    """An event without its measures; `tier` is 0 where it has none, `confirmed` is the person's own word."""

    kind: EventKind
    leg: Leg
    onset_ns: int
    end_ns: int
    tier: int
    confirmed: bool | None


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


def written_of(db: sqlite3.Connection, person: str, kind: TopicKind, *, time_ns: int | None = None) -> list[Entry]:
    """Return what a person wrote, whatever night it is of.

    Parameters
    ----------
    db : sqlite3.Connection
        The journal.
    person : str
        Whose.
    kind : TopicKind
        The diary, or markers.
    time_ns : int, optional
        Of this instant only, UTC ns, taken back or not, those that were of it once included; every valid one if not
        given.
    """
    mentions = None if time_ns is None else f'"time_ns":{time_ns}'
    rows = db.execute(_WRITTEN, {"person": person, "topic": kind, "mentions": mentions})
    return [entry_of(row) for row in rows.fetchall()]


def outlines_of(db: sqlite3.Connection, whose: tuple[str, str, str]) -> list[Outline]:
    """Return the outlines of the valid events of one scoring, by onset.

    Parameters
    ----------
    db : sqlite3.Connection
        The journal.
    whose : tuple of str
        Person, night and scoring.

    Raises
    ------
    DecodeError
        If one is not an event that this version knows.
    """
    # SQLite finds six values of an event in a third of the time in which Python reads all of it.
    rows = db.execute(
        "SELECT json_extract(body, '$.kind'), json_extract(body, '$.leg'), json_extract(body, '$.onset_ns'),"
        " json_extract(body, '$.end_ns'), coalesce(json_extract(body, '$.measures.tier'), 0), confirmed FROM entry"
        " WHERE person = ? AND night = ? AND scoring = ? AND topic = ? AND valid ORDER BY 3, 1, 2",
        (*whose, TopicKind.EVENT),
    )
    return [_outline(*row) for row in rows.fetchall()]


def _outline(kind: str, leg: str, onset_ns: int, end_ns: int, tier: float, confirmed: int | None) -> Outline:
    try:
        word = None if confirmed in {None, TAKEN_BACK} else bool(confirmed)
        return Outline(EventKind(kind), Leg(leg), int(onset_ns), int(end_ns), int(tier), word)
    except (TypeError, ValueError) as error:
        msg = f"{TopicKind.EVENT}: not an event ({error})"
        raise DecodeError(msg) from error
