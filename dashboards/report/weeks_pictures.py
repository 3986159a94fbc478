"""One number over many nights as a small picture: a bar a night, the middle half, and a change where there is one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dashboards.report import shapes
from dashboards.report.shapes import Box, Label, Line, Picture, hatched
from dashboards.web.weeks_drawing import DAY_WIDTH, round_up
from dashboards.web.weeks_figures import CRAMPS, day_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dashboards.report.shapes import Shape
    from dashboards.web.weeks_figures import Nights, Series
    from dashboards.web.weeks_periods import Band

WIDTH_MM, HEIGHT_MM = 90.0, 26.0
_TOP_MM, _PLOT_MM = 3.0, 18.0
_TICKS_MM = 1.6
_BAND_MM, _BAND_PT = 2.2, 5.2
_BANDS = (shapes.PAPER, shapes.ASLEEP, shapes.GROUND, shapes.LINE)
_TEXT_PT = 6.2
_WIDEST_MM = 2.4
_NONE_MM = 0.35
"""A night with 0 is no night without a number: it has a mark on the ground."""


class _Plot(NamedTuple):
    """A day in mm, and what the upper edge stands for."""

    first_day: int
    day_mm: float
    top: float

    def x(self, day: int) -> float:
        """Return where a day begins, mm."""
        return (day - self.first_day) * self.day_mm

    def y(self, value: float) -> float:
        """Return where a value stands, mm from the top."""
        return _TOP_MM + _PLOT_MM * (1.0 - min(max(value / self.top, 0.0), 1.0))


def picture_of(nights: Nights, series: Series, marked: Sequence[int] = (), bands: Sequence[Band] = ()) -> Picture:
    """Return the picture of one number over nights.

    Parameters
    ----------
    nights : Nights
        The nights; at least one.
    series : Series
        The number.
    marked : sequence of int
        Days that have a tick under the bars.
    bands : sequence of Band
        Periods that lie under the bars; with them there are no ticks.

    Returns
    -------
    Picture
        Nights that do not count are outlined, and nights without the number are hatched.
    """
    values = series.values[np.isfinite(series.values)]
    top = round_up(float(values.max())) if len(values) else 1.0
    first, last = int(nights.days[0]), int(nights.days[-1])
    plot = _Plot(first, WIDTH_MM / (last - first + 1), top)
    drawn = [
        *_ground(plot, series),
        *_bars(plot, nights, series),
        *_middle(plot, series),
        *_change(plot, nights, series),
    ]
    below = _TOP_MM + _PLOT_MM
    drawn += [
        Line(((x, below + 0.4), (x, below + 0.4 + _TICKS_MM)), shapes.INK, 0.5)
        for x in (plot.x(day) + plot.day_mm / 2 for day in sorted(set(marked)) if first <= day <= last and not bands)
    ]
    drawn += [shape for band in bands for shape in _band(plot, band)]
    drawn += [
        Label(0.0, HEIGHT_MM - 0.4, day_text(first), _TEXT_PT, shapes.SOFT),
        Label(WIDTH_MM, HEIGHT_MM - 0.4, day_text(last), _TEXT_PT, shapes.SOFT, "end"),
    ]
    n_nights = len(nights.figures)
    return Picture(WIDTH_MM, HEIGHT_MM, tuple(drawn), f"{series.metric.title} by night, {n_nights} nights.")


def _band(plot: _Plot, band: Band) -> Iterator[Shape]:
    """Yield the evenings of a period, with its letter; the text says what it is."""
    for stretch in band.stretches:
        left, width = stretch.x / DAY_WIDTH * plot.day_mm, stretch.width / DAY_WIDTH * plot.day_mm
        top = _TOP_MM + _PLOT_MM + 0.5
        yield Box(left, top, width, _BAND_MM, _BANDS[band.style % len(_BANDS)], shapes.SOFT)
        yield Label(left + width / 2, top + _BAND_MM - 0.55, letter_of(band), _BAND_PT, shapes.INK, "middle")


def letter_of(band: Band) -> str:
    """Return the letter that a period has in the pictures.

    Examples
    --------
    >>> from dashboards.web.weeks_periods import Band
    >>> letter_of(Band("off", 0, ())), letter_of(Band("on", 1, ()))
    ('A', 'B')
    """
    return chr(ord("A") + band.style)


def _ground(plot: _Plot, series: Series) -> Iterator[Shape]:
    low, median, high = series.middle
    yield Label(0.0, _TOP_MM - 0.8, series.metric.text_of(plot.top), _TEXT_PT, shapes.SOFT)
    if not math.isnan(low):
        yield Box(0.0, plot.y(high), WIDTH_MM, plot.y(low) - plot.y(high), shapes.GROUND)
    yield Line(((0.0, _TOP_MM), (WIDTH_MM, _TOP_MM)), shapes.LINE, shapes.HAIRLINE_MM)
    yield Line(((0.0, _TOP_MM + _PLOT_MM), (WIDTH_MM, _TOP_MM + _PLOT_MM)), shapes.LINE)
    if not math.isnan(median) and math.isnan(low):
        yield Line(((0.0, plot.y(median)), (WIDTH_MM, plot.y(median))), shapes.SOFT, shapes.HAIRLINE_MM)


def _bars(plot: _Plot, nights: Nights, series: Series) -> Iterator[Shape]:
    """Yield the nights, a part of the number on the other."""
    width = min(0.72 * plot.day_mm, _WIDEST_MM)
    fills = (shapes.CRAMP, shapes.PAPER) if series.metric.name == CRAMPS else (shapes.TRACE,)
    edge = shapes.CRAMP if series.metric.name == CRAMPS else shapes.TRACE
    for position, day in enumerate(nights.days.tolist()):
        left = plot.x(day) + (plot.day_mm - width) / 2
        if not math.isfinite(series.values[position]):
            yield from hatched(Box(left, _TOP_MM, width, _PLOT_MM, shapes.PAPER))
            continue
        if series.values[position] == 0:
            yield Box(left, plot.y(0.0) - _NONE_MM, width, _NONE_MM, edge)
        base = 0.0
        for fill, part in zip(fills, series.parts[:, position].tolist(), strict=False):
            low, base = base, base + part
            if part > 0:
                shown = shapes.PAPER if series.whys[position] else fill
                yield Box(left, plot.y(base), width, plot.y(low) - plot.y(base), shown, edge)


def _middle(plot: _Plot, series: Series) -> Iterator[Shape]:
    if not math.isnan(series.middle.median):
        at = plot.y(series.middle.median)
        yield Line(((0.0, at), (WIDTH_MM, at)), shapes.SOFT, shapes.HAIRLINE_MM, dashed=True)


def _change(plot: _Plot, nights: Nights, series: Series) -> Iterator[Shape]:
    """Yield the line of a change; nothing where one cannot tell."""
    if series.trend.changed:
        counted = [day for day, why in zip(nights.days.tolist(), series.whys, strict=True) if not why]
        first, last = (plot.x(day) + plot.day_mm / 2 for day in (counted[0], counted[-1]))
        yield Line(((first, plot.y(series.trend.first)), (last, plot.y(series.trend.last))), shapes.INK, 0.6)
