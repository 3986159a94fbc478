"""The newest entries of the diary by night, ready to print, and one entry with what it said before."""

from __future__ import annotations

import time
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from dashboards.web import clocktime
from dashboards.web.diary_words import entry_text, line_of, title_of
from dashboards.web.weeks_figures import day_text, evening_day
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboards.diary import DiaryBook, DiaryEntry, PastEntry
    from dashboards.web.diary_times import LocalClock

DAY_NS = 86_400 * NS_PER_S
MOST_SHOWN = 60
"""Entries on one page; older ones have pages of their own."""
# A diary of years is read only as far back as it takes.
_LOOK_BACK_DAYS = (14, 90, 400)
AHEAD_NS = DAY_NS
"""A clock may be set to another zone, and what is planned for tomorrow may be written down today."""
FOR_EVER_NS = 2**63 - 1
MARKER = "marker"


class EntryRow(NamedTuple):
    """One entry of the list.

    Parameters
    ----------
    key : str
        What it is called; empty of a marker.
    at_ns : str
        UTC, ns.
    clock, title, text : str
        When, what, and what it says.
    n_changes : int
        How often it was changed.
    """

    key: str
    at_ns: str
    clock: str
    title: str
    text: str
    n_changes: int


class DiaryDay(NamedTuple):
    """The entries from noon to noon, newest first.

    Parameters
    ----------
    title : str
        The day of its evening.
    night : str
        Address of its night; empty where none was recorded.
    rows : tuple of EntryRow
        The entries.
    """

    title: str
    night: str
    rows: tuple[EntryRow, ...]


class PastRow(NamedTuple):
    """What an entry said before: until when, and the whole of it with its time."""

    until: str
    text: str


def newest_entries(book: DiaryBook, before_ns: int | None = None) -> tuple[list[DiaryEntry], int | None]:
    """Return the newest entries before a time, newest first, and the time from which older ones are found.

    Parameters
    ----------
    book : DiaryBook
        Where they are.
    before_ns : int, optional
        UTC, ns; a day from now if not given.

    Returns
    -------
    entries : list of DiaryEntry
        About 60: those of the same time as the last one are all there.
    older_ns : int or None
        None where there are no older ones.
    """
    end_ns = time.time_ns() + AHEAD_NS if before_ns is None else before_ns
    found: Sequence[DiaryEntry] = ()
    for days in (*_LOOK_BACK_DAYS, None):
        found = book.diary_between(0 if days is None else max(0, end_ns - days * DAY_NS), end_ns)
        if len(found) > MOST_SHOWN:
            break
    newest = list(reversed(found))
    if len(newest) <= MOST_SHOWN:
        return newest, None
    # What was imported may have many entries of one minute: a page ends where the time does.
    last_ns = newest[MOST_SHOWN - 1].time_ns
    shown = [entry for entry in newest if entry.time_ns >= last_ns]
    return shown, last_ns if len(shown) < len(newest) else None


def entry_of(book: DiaryBook, key: str) -> DiaryEntry:
    """Return one entry.

    Raises
    ------
    KeyError
        If there is none of this key.
    """
    if not key:
        raise KeyError(key)
    # Whoever asks follows a link to it: most often one of the last weeks.
    now_ns = time.time_ns()
    for onset_ns in (max(0, now_ns - _LOOK_BACK_DAYS[0] * DAY_NS), 0):
        for entry in book.diary_between(onset_ns, FOR_EVER_NS):
            if entry.key == key:
                return entry
    raise KeyError(key)


def row_of(entry: DiaryEntry, clock: LocalClock) -> EntryRow:
    """Return an entry, ready to print."""
    return EntryRow(
        entry.key,
        str(entry.time_ns),
        clocktime.clock_text(entry.time_ns, clock.offset_s(entry.time_ns)),
        title_of(entry.kind),
        entry_text(entry),
        len(entry.history),
    )


def days_of(entries: Sequence[DiaryEntry], clock: LocalClock) -> list[DiaryDay]:
    """Return entries, newest first, by the day that their evening is of."""
    nights = {evening_day(card.start_ns, card.utc_offset_s): card.night_id for card in clock.cards}

    def day(entry: DiaryEntry) -> int:
        return evening_day(entry.time_ns, clock.offset_s(entry.time_ns))

    return [
        DiaryDay(day_text(one), _address(nights, one), tuple(row_of(entry, clock) for entry in of_day))
        for one, of_day in groupby(entries, key=day)
    ]


def _address(nights: Mapping[int, str], day: int) -> str:
    return f"/night/{quote(nights[day], safe='')}" if day in nights else ""


def moment_text(t_ns: int, clock: LocalClock) -> str:
    """Return date and time as a person reads them."""
    offset_s = clock.offset_s(t_ns)
    return f"{clocktime.date_text(t_ns, offset_s)}, {clocktime.clock_text(t_ns, offset_s)}"


def past_rows(history: Sequence[PastEntry], clock: LocalClock) -> list[PastRow]:
    """Return what an entry said before, newest first."""
    return [
        PastRow(moment_text(past.changed_ns, clock), f"{moment_text(past.time_ns, clock)}, {line_of(past)}")
        for past in reversed(history)
    ]
