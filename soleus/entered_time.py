"""What a person writes for a time: ``02:40`` is the last time that the clock showed so."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from detectors.signal import NS_PER_S

_OF_DAY = re.compile(r"(yesterday )?(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
_EXPECTED = "expected 02:40, yesterday 22:15, 2026-11-20 02:40 or 2026-11-20T02:40+01:00"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Nanoseconds since 1970 fit 64 bits so long.
_END = datetime(2262, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_NS_PER_US = 1000


def entered_ns(text: str, now: datetime | None = None) -> int:
    """Return the instant that a person means, UTC ns.

    Parameters
    ----------
    text : str
        A time of the day (the last one before now, or yesterday's), or a date and a time: local time, unless an offset
        such as ``+01:00`` or ``Z`` follows.
    now : datetime, optional
        What time it is, with its offset; the clock of this computer if not given.

    Returns
    -------
    int
        UTC, ns. Of an hour that comes twice in autumn a time of the day is its later one before now, and a dated time
        the first.

    Raises
    ------
    ValueError
        If it is no time, or one that the clock skipped in spring.

    Examples
    --------
    >>> now = datetime(2026, 11, 20, 7, 30).astimezone()
    >>> [shown_time(entered_ns(text, now))[8:16] for text in ("02:40", "22:15", "yesterday 06:00", "2026-11-02 23:00")]
    ['20 02:40', '19 22:15', '19 06:00', '02 23:00']
    """
    here = (now or datetime.now(UTC)).astimezone().replace(microsecond=0)
    words = " ".join(text.split())
    if words == "now":
        return _ns(here)
    of_day = _OF_DAY.fullmatch(words)
    try:
        found = _of_day(of_day, here) if of_day is not None else _dated(words)
    except (ValueError, OverflowError) as error:  # the second at the ends of the calendar, beyond which UTC lies
        msg = f"got {text!r}, {_EXPECTED}"
        raise ValueError(msg) from error
    if found is None:
        msg = f"got {text!r}, which the clock here passed over, {_EXPECTED}"
        raise ValueError(msg)
    if not _EPOCH <= found < _END:
        msg = f"got {text!r}, expected a time between 1970 and 2262"
        raise ValueError(msg)
    return _ns(found)


def _of_day(found: re.Match[str], here: datetime) -> datetime | None:
    yesterday, *clock = found.groups()
    hour, minute, second = (int(part or 0) for part in clock)
    days = (1,) if yesterday else (0, 1)
    dates = [(here - day * _DAY).date() for day in days]
    instants = [
        one
        for on in dates
        for one in _instants(datetime(on.year, on.month, on.day, hour, minute, second))  # noqa: DTZ001 - local time
    ]
    return max((one for one in instants if one <= here), default=None)


def _dated(words: str) -> datetime | None:
    if _DATED.fullmatch(words) is None:
        msg = "no date and time"
        raise ValueError(msg)
    given = datetime.fromisoformat(words)
    return given if given.tzinfo is not None else next(iter(_instants(given)), None)


def _instants(local: datetime) -> list[datetime]:
    """Return the instants at which the clock here shows a time: one, two where an hour comes twice, or none."""
    found = {local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(one for one in found if one.astimezone().replace(tzinfo=None, fold=0) == local)


def _ns(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1) * _NS_PER_US


def corrected_ns(text: str, time_ns: int, now: datetime | None = None) -> int:
    """Return the instant that a person means who corrects an entry, UTC ns.

    Parameters
    ----------
    text : str
        As in :func:`entered_ns`; a time of the day is the one nearest to that of the entry, and not ahead of now
        unless the entry is.
    time_ns : int
        When the entry is now, UTC ns.
    now : datetime, optional
        What time it is, with its offset; the clock of this computer if not given.

    Raises
    ------
    ValueError
        If it is no time.
    """
    here = now or datetime.now(UTC)
    kept = datetime.fromtimestamp(time_ns // NS_PER_S, UTC)
    near = kept + _DAY / 2
    of_day = _OF_DAY.fullmatch(text.strip()) and text.strip()[0].isdigit()
    # What is planned lies ahead.
    return entered_ns(text, (near if kept > here else min(here, near)) if of_day else here)


def shown_time(time_ns: int) -> str:
    """Return an instant (UTC, ns) as the clock here shows it, to the second, with its offset."""
    return datetime.fromtimestamp(time_ns // NS_PER_S, UTC).astimezone().isoformat(sep=" ")
