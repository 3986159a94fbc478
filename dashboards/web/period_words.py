"""Periods of the diary in words, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from dashboards.comparison import Period


def day_text(day: date) -> str:
    """Return a date, as in ``14 Mar 2026``."""
    return f"{day.day} {day:%b %Y}"


def evenings_text(period: Period) -> str:
    """Return the evenings of a period.

    Examples
    --------
    >>> from datetime import date
    >>> from dashboards.comparison import Period
    >>> evenings_text(Period("off", date(2026, 3, 1), date(2026, 3, 14)))
    '1 Mar 2026 to 14 Mar 2026'
    """
    span = f"{day_text(period.first)} to {day_text(period.last)}"
    return f"{len(period.evenings)} evenings of {span}" if period.evenings else span


def period_text(period: Period) -> str:
    """Return a period in a line."""
    return f"{period.name}, {evenings_text(period)}" if period.name else evenings_text(period)


def period_key(period: Period) -> str:
    """Return what the form calls a period of the diary."""
    return f"{period.first}/{period.last}/{period.name}"


def period_json(period: Period) -> dict[str, object]:
    """Return a period as plain JSON values."""
    return {
        "key": period_key(period),
        "name": period.name,
        "first": str(period.first),
        "last": str(period.last),
        "evenings": [str(evening) for evening in period.evenings],
    }
