"""Times and durations as a person reads them, in the night's own local time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from detectors.signal import NS_PER_S

S_PER_H = 3600
S_PER_MIN = 60
MIN_PER_H = 60
EXACT_BELOW_S = 10
"""Durations under this are shown to a tenth of a second."""


def _local(t_ns: int, utc_offset_s: int) -> datetime:
    """Return the wall clock of the night as if it were UTC."""
    return datetime.fromtimestamp(t_ns // NS_PER_S, UTC) + timedelta(seconds=utc_offset_s)


def clock_text(t_ns: int, utc_offset_s: int, *, seconds: bool = False) -> str:
    """Return the local time of day.

    Parameters
    ----------
    t_ns : int
        UTC, ns.
    utc_offset_s : int
        Local time minus UTC, s.
    seconds : bool
        Whether to show seconds.

    Returns
    -------
    str
        For example ``23:04`` or ``23:04:51``.

    Examples
    --------
    >>> clock_text(0, 3600), clock_text(59_900_000_000, -1800, seconds=True)
    ('01:00', '23:30:59')
    """
    return _local(t_ns, utc_offset_s).strftime("%H:%M:%S" if seconds else "%H:%M")


def date_text(t_ns: int, utc_offset_s: int) -> str:
    """Return the local date in words, as in ``Saturday 14 March 2026``.

    Examples
    --------
    >>> date_text(0, 0)
    'Thursday 1 January 1970'
    """
    local = _local(t_ns, utc_offset_s)
    return f"{local:%A} {local.day} {local:%B %Y}"


def night_text(start_ns: int, end_ns: int, utc_offset_s: int) -> str:
    """Return the date of a night, naming both days where it spans midnight.

    Examples
    --------
    >>> night_text(0, 8 * 3600 * 10**9, -3600), night_text(0, 10**9, 0)
    ('Wednesday 31 December to Thursday 1 January 1970', 'Thursday 1 January 1970')
    """
    first, last = _local(start_ns, utc_offset_s), _local(end_ns, utc_offset_s)
    if first.date() == last.date():
        return date_text(start_ns, utc_offset_s)
    return f"{first:%A} {first.day} {first:%B} to {date_text(end_ns, utc_offset_s)}"


def zone_text(utc_offset_s: int) -> str:
    """Return the offset of the clock, as in ``UTC+1`` or ``UTC-3:30``.

    Examples
    --------
    >>> zone_text(3600), zone_text(-12600), zone_text(0)
    ('UTC+1', 'UTC-3:30', 'UTC')
    """
    if utc_offset_s == 0:
        return "UTC"
    hours, minutes = divmod(abs(utc_offset_s) // S_PER_MIN, MIN_PER_H)
    return f"UTC{'-' if utc_offset_s < 0 else '+'}{hours}{f':{minutes:02d}' if minutes else ''}"


def duration_text(duration_s: float) -> str:
    """Return a duration in the two largest units that matter.

    Examples
    --------
    >>> duration_text(0.84), duration_text(31.2), duration_text(74), duration_text(9660)
    ('0.8 s', '31 s', '1 min 14 s', '2 h 41 min')
    """
    if duration_s < EXACT_BELOW_S:
        return f"{duration_s:.1f} s"
    whole_s = round(duration_s)
    if whole_s < S_PER_MIN:
        return f"{whole_s} s"
    if whole_s < S_PER_H:
        minutes, seconds = divmod(whole_s, S_PER_MIN)
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    hours, minutes = divmod(round(duration_s / S_PER_MIN), MIN_PER_H)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def elapsed_text(duration_s: float) -> str:
    """Return hours and minutes as a counter shows them.

    Examples
    --------
    >>> elapsed_text(11_520)
    '03:12'
    """
    hours, minutes = divmod(int(duration_s) // S_PER_MIN, MIN_PER_H)
    return f"{hours:02d}:{minutes:02d}"
