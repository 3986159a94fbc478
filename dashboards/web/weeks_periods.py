"""The periods of the diary as bands behind the charts of many nights."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from dashboards.web.period_words import period_text
from dashboards.web.weeks_drawing import DAY_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dashboards.comparison import Period
    from dashboards.web.weeks_figures import Nights

N_STYLES = 4
"""Bands have so many looks; with more names they begin anew."""
EPOCH = date(1970, 1, 1)
_DAY = timedelta(days=1)


class Stretch(NamedTuple):
    """Evenings in a row, in units of the charts."""

    x: int
    width: int


class Band(NamedTuple):
    """One period.

    Parameters
    ----------
    text : str
        Its name and its evenings.
    style : int
        How it looks, from 0; the same for the same name.
    stretches : tuple of Stretch
        Where it lies.
    """

    text: str
    style: int
    stretches: tuple[Stretch, ...]


def bands_of(periods: Sequence[Period], nights: Nights) -> tuple[Band, ...]:
    """Return the periods that reach into some nights, in the order given.

    Parameters
    ----------
    periods : sequence of Period
        The periods.
    nights : Nights
        The nights; at least one.
    """
    first, last = (EPOCH + int(day) * _DAY for day in (nights.days[0], nights.days[-1]))
    names = list(dict.fromkeys(period.name for period in periods))
    drawn = (
        Band(
            period_text(period),
            names.index(period.name) % N_STYLES,
            tuple(_stretch(run, first) for run in _runs(period, first, last)),
        )
        for period in periods
    )
    return tuple(band for band in drawn if band.stretches)


def _runs(period: Period, first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield the first and the last of evenings in a row, as far as they are shown."""
    if not period.evenings:
        if period.first <= last and period.last >= first:
            yield max(period.first, first), min(period.last, last)
        return
    shown = sorted(evening for evening in period.evenings if first <= evening <= last)
    begin = None
    for evening, following in zip(shown, [*shown[1:], None], strict=True):
        begin = evening if begin is None else begin
        if following is None or following - evening > _DAY:
            yield begin, evening
            begin = None


def _stretch(run: tuple[date, date], first: date) -> Stretch:
    begin, end = run
    return Stretch((begin - first).days * DAY_WIDTH, ((end - begin).days + 1) * DAY_WIDTH)
