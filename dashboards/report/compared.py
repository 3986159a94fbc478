"""Two periods of the diary side by side, in the lines of a report."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from dashboards.comparison import Phase
from dashboards.web.compare_words import TITLES
from dashboards.web.period_words import period_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.book import NightBook
    from dashboards.comparison import Comparison, Period
    from dashboards.web.weeks_figures import Nights

_EPOCH = date(1970, 1, 1)


def compared_periods(book: NightBook, nights: Nights) -> tuple[str, ...]:
    """Return the comparison of two periods that end in some nights.

    Parameters
    ----------
    book : NightBook
        Where the periods and the nights are.
    nights : Nights
        The nights; at least one.

    Returns
    -------
    tuple of str
        First what is compared, then a line for each number: off and on of a plan that reaches into the nights,
        otherwise the last two periods of different names that do; empty where there are none.
    """
    pair = _pair(book, nights)
    if pair is None:
        return ()
    try:
        found = book.compare(*pair)
    except ValueError:  # an evening is in both: such periods cannot be compared
        return ()
    return (f"{period_text(pair[0])}, and {period_text(pair[1])}", *map(_line, found))


def _pair(book: NightBook, nights: Nights) -> tuple[Period, Period] | None:
    first, last = (_EPOCH + timedelta(days=int(day)) for day in (nights.days[0], nights.days[-1]))
    plan = book.plan()
    if plan is not None:
        off, on = plan.period(Phase.OFF), plan.period(Phase.ON)
        if off is not None and on is not None and off.first <= last and max(off.last, on.last) >= first:
            return off, on
    return _last_two([period for period in book.periods() if period.first <= last and period.last >= first])


def _last_two(periods: Sequence[Period]) -> tuple[Period, Period] | None:
    """Return the last period, and the last one before it that bears another name."""
    by_end = sorted(periods, key=lambda period: (period.last, period.first))
    others = [period for period in by_end if period.name != by_end[-1].name]
    return (others[-1], by_end[-1]) if others else None


def _line(comparison: Comparison) -> str:
    return f"{TITLES[comparison.measure]}: {comparison.why}"
