"""Clock times that a file says without an offset, in the time zone where it was recorded."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from detectors.signal import NS_PER_S
from ingest.errors import DecodeError

_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?([0-5]\d))?")
_FARTHEST = timedelta(hours=24)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NS_PER_US = 1000
# As ns since 1970 no other year is a whole number of 64 bits; dates that were shifted to protect a person lie in 18...
_FIRST_YEAR, _LAST_YEAR = 1700, 2200
_EXPECTED = "expected a name like 'Europe/Berlin' or an offset like '+01:00'"


@lru_cache(maxsize=16)
def zone_of(name: str) -> tzinfo:
    """Return a time zone.

    Parameters
    ----------
    name : str
        ``Europe/Berlin``, ``UTC``, or an offset from UTC such as ``+02:00`` or ``UTC-5``.

    Returns
    -------
    tzinfo
        The zone.

    Raises
    ------
    DecodeError
        If there is none of that name.

    Examples
    --------
    >>> zone_of("UTC+2").utcoffset(None)
    datetime.timedelta(seconds=7200)
    """
    offset = _OFFSET.fullmatch(name.strip())
    if offset is not None:
        sign, hours, minutes = offset.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
        if ahead >= _FARTHEST:
            raise DecodeError(f"time zone {name!r}: {_EXPECTED}")
        return timezone(-ahead if sign == "-" else ahead)
    try:
        return ZoneInfo(name.strip())
    # A name may also be that of a folder of the data base, or no path at all.
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise DecodeError(f"time zone {name!r}: there is none of that name, {_EXPECTED}") from error


def utc_ns(local: datetime, time_zone: str | None, place: str) -> int:
    """Return the instant at which the clock on the wall showed a time.

    Parameters
    ----------
    local : datetime
        What the file says; one with an offset is already an instant.
    time_zone : str or None
        Where it was recorded, see :func:`zone_of`; None takes the time as UTC as it is written.
    place : str
        The file, for the message.

    Returns
    -------
    int
        UTC, ns.

    Raises
    ------
    DecodeError
        If the clock showed that time twice (autumn) or never (spring), there is no such zone, or no recording can have
        begun in that year.

    Examples
    --------
    >>> utc_ns(datetime(2026, 1, 1, 1), "Europe/Berlin", "night.edf") == utc_ns(datetime(2026, 1, 1), None, "")
    True
    """
    if not _FIRST_YEAR <= local.year <= _LAST_YEAR:
        raise DecodeError(f"{place}: begins in the year {local.year}, expected {_FIRST_YEAR} to {_LAST_YEAR}")
    if local.tzinfo is not None:
        return instant_ns(local)
    zone = UTC if time_zone is None else zone_of(time_zone)
    found = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    # What is shown at an instant says whether the clock ever stood there.
    shown = sorted(one for one in found if one.astimezone(zone).replace(tzinfo=None, fold=0) == local)
    if len(shown) == 1:
        return instant_ns(shown[0])
    offsets = " or ".join(_offset_text(one.astimezone(zone)) for one in sorted(found))
    often = "never, as the clocks went forward" if not shown else "twice, as the clocks went back"
    msg = (
        f"{place}: begins at {local:%Y-%m-%d %H:%M:%S}, which {time_zone} had {often}; "
        f"expected the offset instead of the zone: {offsets}"
    )
    raise DecodeError(msg)


def instant_ns(instant: datetime) -> int:
    """Return an instant as UTC, ns.

    Parameters
    ----------
    instant : datetime
        With its offset.

    Returns
    -------
    int
        Exact to the microsecond.
    """
    return (instant - _EPOCH) // timedelta(microseconds=1) * _NS_PER_US


def elapsed_ns(local: datetime, start_ns: int, time_zone: str | None) -> int:
    """Return how long after the start of a recording a list says that something was.

    Parameters
    ----------
    local : datetime
        What the list says, without an offset.
    start_ns : int
        When the recording began, UTC ns.
    time_zone : str or None
        Where it was recorded; None where its start was taken as UTC as it is written.

    Returns
    -------
    int
        ns. Programs that label a recording add what has elapsed to the clock time of its start, so that their clocks
        do not go back in autumn.
    """
    began = local_start(start_ns // NS_PER_S * NS_PER_S, time_zone)
    return (local - began) // timedelta(microseconds=1) * _NS_PER_US - start_ns % NS_PER_S


def local_start(start_ns: int, time_zone: str | None) -> datetime:
    """Return what the clock on the wall showed at an instant (UTC, ns), to the microsecond; UTC without a zone."""
    zone = UTC if time_zone is None else zone_of(time_zone)
    instant = _EPOCH + timedelta(microseconds=start_ns // _NS_PER_US)
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _offset_text(instant: datetime) -> str:
    text = instant.strftime("%z")
    return f"{text[:3]}:{text[3:5]}"
