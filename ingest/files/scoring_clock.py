"""Clock times in lists of scored events, as time since the recording began."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from detectors.signal import NS_PER_S
from ingest.errors import DecodeError
from ingest.files.wall_clock import elapsed_ns, instant_ns

_OF_DAY: Final = re.compile(r"(\d{1,2})[:.](\d\d)[:.](\d\d)(?:[.,](\d{1,9}))?\s*([AaPp][Mm])?")
_HALF_DAY_H, _DAY_H, _SIXTY = 12, 24, 60
_NS_PER_H: Final = 3600 * NS_PER_S
# A list is sorted by onset, or nearly: an event that stands behind one that began later is no new day.
_BACK_NS: Final = 2 * _NS_PER_H
_LONGEST: Final = timedelta(days=1)
_DATES: Final = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d-%m-%Y", "%Y/%m/%d", "%d.%m.%y")
_AFTER_NOON: Final = "pm"
_TWELVE_HOURS: Final = re.compile(r"[AP]M\s*$", re.IGNORECASE)


def is_clock(text: str) -> bool:
    """Return whether a text is a time of the day."""
    return _OF_DAY.fullmatch(text.strip()) is not None


def of_day_ns(text: str, place: str) -> int:
    """Return a time of the day as ns since midnight.

    Parameters
    ----------
    text : str
        ``22:30:00``, ``01:00:00,750``, ``10:30:00 PM`` or ``01.00.00``.
    place : str
        The file and the line, for the message.

    Returns
    -------
    int
        ns since midnight.

    Raises
    ------
    DecodeError
        If it is none.

    Examples
    --------
    >>> of_day_ns("10:30:00,5 PM", "list.txt:7") == of_day_ns("22:30:00.500", "list.txt:7")
    True
    """
    found = _OF_DAY.fullmatch(text.strip())
    if found is None:
        raise DecodeError(f"{place}: got {text[:40]!r}, expected a time of the day like 22:30:00")
    hour, minute, second = (int(part) for part in found.groups()[:3])
    if found[5]:
        hour = hour % _HALF_DAY_H + _HALF_DAY_H * (found[5].lower() == _AFTER_NOON)
    if hour >= _DAY_H or max(minute, second) >= _SIXTY:
        raise DecodeError(f"{place}: got {text[:40]!r}, expected a time of the day like 22:30:00")
    return ((hour * _SIXTY + minute) * _SIXTY + second) * NS_PER_S + int((found[4] or "0").ljust(9, "0"))


def date_time(text: str, place: str, near: datetime | None = None) -> datetime:
    """Return a date with a time, as programs of laboratories write them.

    Parameters
    ----------
    text : str
        ``2026-09-23T01:00:00``, ``23.09.2020 01:00:00``, ``23/09/2020 01:00:00`` or ``9/23/2020 01:00:00 PM``: before
        a slash stands the day, or the month where the clock has twelve hours.
    place : str
        The file and the line, for the message.
    near : datetime, optional
        When it can only have been, if that is known: the nearest of what a text may mean is meant.

    Returns
    -------
    datetime
        With an offset where one is written.

    Raises
    ------
    DecodeError
        If it is none.
    """
    try:
        return datetime.fromisoformat(text.strip().replace(",", "."))
    except ValueError:
        pass
    day, _, clock = text.strip().partition(" ")
    found = []
    for form in _DATES:
        try:
            date = datetime.strptime(day, form)  # noqa: DTZ007 - a clock on the wall
        except ValueError:
            continue
        found.append(date + timedelta(microseconds=of_day_ns(clock, place) // 1000))
    if not found:
        raise DecodeError(f"{place}: got {text[:40]!r}, expected a date and a time like 2026-09-23 22:30:00")
    if near is not None:
        return min(found, key=lambda one: abs(one - near))
    return found[-1 if has_twelve_hours(text) else 0]


def has_twelve_hours(text: str) -> bool:
    """Return whether a time is that of a clock of twelve hours."""
    return _TWELVE_HOURS.search(text) is not None


class Elapsed:
    """Times of the day in their order, as time since a list began.

    Parameters
    ----------
    begin : datetime
        When the list says that it begins.
    offset_ns : int
        How long after the recording that is, ns.
    is_half_day : bool
        Whether the times are of a clock of twelve hours that does not say which half.
    """

    __slots__ = ("_begin_ns", "_offset_ns", "_period_ns", "_previous_ns")

    def __init__(self, begin: datetime, offset_ns: int, *, is_half_day: bool = False) -> None:
        midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
        self._begin_ns = (begin - midnight) // timedelta(microseconds=1) * 1000
        self._offset_ns = offset_ns
        self._period_ns = (_HALF_DAY_H if is_half_day else _DAY_H) * _NS_PER_H
        self._previous_ns = 0

    def since(self, clock_ns: int) -> int:
        """Return how long after the start of the recording a clock showed a time, ns.

        Parameters
        ----------
        clock_ns : int
            Time of the day, ns since midnight; the times are asked for in the order of the list.
        """
        ahead_ns = (clock_ns - self._begin_ns - self._previous_ns + _BACK_NS) % self._period_ns - _BACK_NS
        self._previous_ns += ahead_ns
        return self._offset_ns + self._previous_ns

    def after(self, onset_ns: int, clock_ns: int) -> int:
        """Return how long after an onset (ns since the recording began) a clock showed the time of its end, ns."""
        return (clock_ns - self._begin_ns - (onset_ns - self._offset_ns)) % self._period_ns


def offset_of(begin: datetime, start_ns: int | None, time_zone: str | None, place: str) -> int:
    """Return how long after a recording a list begins, ns; 0 where nobody says when the recording does.

    Parameters
    ----------
    begin : datetime
        When the list begins, as it says.
    start_ns : int or None
        When the recording began, UTC ns.
    time_zone : str or None
        Where it was recorded.
    place : str
        The list, for the message.

    Returns
    -------
    int
        ns.

    Raises
    ------
    DecodeError
        If the two are more than a day apart: then the list is of another night.
    """
    if start_ns is None:
        return 0
    apart_ns = instant_ns(begin) - start_ns if begin.tzinfo is not None else elapsed_ns(begin, start_ns, time_zone)
    if abs(apart_ns) > _LONGEST // timedelta(microseconds=1) * 1000:
        days = apart_ns / NS_PER_S / _LONGEST.total_seconds()
        raise DecodeError(
            f"{place}: begins at {begin:%Y-%m-%d %H:%M:%S}, {abs(days):.1f} days {'after' if days > 0 else 'before'} "
            "the recording, expected the same night"
        )
    return apart_ns
