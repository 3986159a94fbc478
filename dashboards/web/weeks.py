"""The page of many nights: a raster, small charts, what changed as far as one can tell, and the same as a table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dashboards.web import weeks_words as words
from dashboards.web.classes import TEXTS
from dashboards.web.diary_words import line_of
from dashboards.web.weeks_drawing import Chart, Path, Window, chart, raster_row, ticks, window_of
from dashboards.web.weeks_figures import METRICS, Nights, Series, day_text, nights_of, other_entries, series_of
from dashboards.web.weeks_hours import by_clock, since_sleep_onset
from dashboards.web.weeks_json import weeks_json
from dashboards.web.weeks_notice import notice
from dashboards.web.weeks_periods import bands_of
from dashboards.web.weeks_table import table_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.templating import Jinja2Templates

    from dashboards.book import NightBook

BAD_REQUEST = 400
CHOICES = (14, 30, 90)
USUAL = 30
H_PER_DAY = 24
# Periods are bands, and what is written every day or night would be a line of ticks without an end.
_NO_TICK = frozenset({"period", "remedy_on", "remedy_off", "morning", "rating", "soreness", "urge", "drink", "tag"})


@dataclass(frozen=True, slots=True)
class RasterRow:
    """One night of the raster.

    Parameters
    ----------
    path : str
        Address of the night.
    day : str
        Its date.
    text : str
        What was marked in it, in a few words.
    paths : tuple of Path
        The picture.
    pause : str
        How many days without a recording come before it; empty where it is the next day.
    """

    path: str
    day: str
    text: str
    paths: tuple[Path, ...]
    pause: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One number over the nights, as a picture and in words."""

    series: Series
    chart: Chart
    middle: str
    counted: str
    trend: str
    top: str


@dataclass(frozen=True, slots=True)
class WeeksPages:
    """The addresses of the page; Starlette calls each in a worker thread, so the book may block.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    templates : Jinja2Templates
        The pages.
    """

    book: NightBook
    templates: Jinja2Templates

    def page(self, request: Request) -> Response:
        """Show the newest nights."""
        n_nights = asked_nights(request)
        nights = nights_of(self.book.weeks(n_nights))
        context: dict[str, object] = {"n_nights": n_nights, "choices": CHOICES, "nights": nights.figures}
        if nights.figures:
            context |= {**_content(nights), "bands": bands_of(self.book.periods(), nights)}
        return self.templates.TemplateResponse(request, "weeks.html", context)

    def json(self, request: Request) -> Response:
        """Return the numbers of the newest nights, their events in columns, and what the page says of them."""
        return JSONResponse(weeks_json(nights_of(self.book.weeks(asked_nights(request))), self.book.periods()))


def weeks_routes(book: NightBook, templates: Jinja2Templates) -> list[BaseRoute]:
    """Return the addresses of the page of many nights."""
    pages = WeeksPages(book, templates)
    return [Route("/weeks", pages.page, name="weeks"), Route("/api/weeks", pages.json, name="weeks_json")]


def asked_nights(request: Request) -> int:
    """Return how many nights are asked for.

    Raises
    ------
    HTTPException
        If it is none of the numbers that are offered.
    """
    text = request.query_params.get("n", str(USUAL))
    if text not in map(str, CHOICES):
        raise HTTPException(BAD_REQUEST, f"n is {text[:40]!r}, expected {', '.join(map(str, CHOICES))}")
    return int(text)


def _content(nights: Nights) -> dict[str, object]:
    every = [series_of(nights, metric) for metric in METRICS]
    cramps, window = every[0], window_of(nights)
    entries = [(day_text(int(day)), entry) for one, day in nights.dated for entry in other_entries(one)]
    sleep, n_sleep = since_sleep_onset(nights, cramps)
    rows = raster_rows(nights, cramps, window)
    drawn = {path.name for row in rows for path in row.paths}
    return {
        "headline": words.headline(cramps),
        "caveats": words.caveats(nights),
        "notice": notice(every),
        "n_simulated": sum(one.card.simulated for one in nights.figures),
        "window": window,
        "rows": rows,
        "legend": [(name, TEXTS[name].legend) for name in TEXTS if name in drawn],
        "panels": [_panel(nights, series) for series in every],
        "days": (day_text(int(nights.days[0])), day_text(int(nights.days[-1]))),
        "marks": [(kind, ticks(days, int(nights.days[0]))) for kind, days in _written(nights).items()],
        "clock": by_clock(nights, cramps),
        "since_onset": sleep,
        "n_since_onset": n_sleep,
        "diary_lines": words.diary_text(nights, cramps),
        "entries": [(day, line_of(entry)) for day, entry in entries],
        "table": table_of(nights, every),
        "assumes": words.ASSUMES,
    }


def raster_rows(nights: Nights, cramps: Series, window: Window) -> tuple[RasterRow, ...]:
    """Return the rows of the raster, newest night first."""
    rows = []
    for position, (one, day) in enumerate(nights.dated):
        away = day - int(nights.days[position - 1]) - 1 if position else 0
        why, value = cramps.whys[position], cramps.values[position]
        text = why if math.isnan(value) else ", ".join((*_parts(cramps, position), *([why] if why else [])))
        pause = "" if away < 1 else "1 day without a night" if away == 1 else f"{away} days without a night"
        path = f"/night/{quote(one.card.night_id, safe='')}"
        rows.append(RasterRow(path, day_text(day), text, raster_row(nights, position, window), pause))
    return tuple(reversed(rows))


def _parts(cramps: Series, position: int) -> tuple[str, ...]:
    probable, possible = (int(part[position]) for part in cramps.parts)
    if not probable + possible:
        return ("none marked",)
    return tuple(f"{n} {name}" for n, name in ((probable, "probable"), (possible, "possible")) if n)


def _panel(nights: Nights, series: Series) -> Panel:
    picture = chart(nights, series)
    return Panel(
        series,
        picture,
        words.middle_text(series),
        words.counted_text(series),
        words.trend_text(series),
        series.metric.text_of(picture.top),
    )


def _written(nights: Nights) -> dict[str, list[int]]:
    """Return the days on which something was written, by kind; what was taken for weeks has all of its days."""
    found: dict[str, list[int]] = {}
    last = int(nights.days[-1])
    for one, day in nights.dated:
        for entry in other_entries(one):
            if entry.kind in _NO_TICK:
                continue
            n_days = max(1, math.ceil(entry.values.get("duration_h", 0.0) / H_PER_DAY))
            found.setdefault(entry.kind, []).extend(range(day, min(day + n_days, last + 1)))
    return {kind: found[kind] for kind in words.in_order(found)}
