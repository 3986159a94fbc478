"""The weeks as a table: the same numbers as the pictures, a night in each row."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from dashboards.web.diary_words import line_of
from dashboards.web.weeks_figures import CRAMPS, day_text, diary_cramps, grade, other_entries
from dashboards.web.wording import number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.web.weeks_figures import Nights, Series
    from dashboards.weeks import NightFigures


class Cell(NamedTuple):
    """One cell: what it says, and the number behind it; None where there is none.

    Parameters
    ----------
    text : str
        The number with its unit, or why there is none.
    value : float or None
        The number.
    key : str
        Its key in the summary, or ours.
    aside : bool
        Whether it does not count for median and change.
    """

    text: str
    value: float | None
    key: str
    aside: bool = False


class Row(NamedTuple):
    """One night."""

    path: str
    day: str
    cells: tuple[Cell, ...]


class Table(NamedTuple):
    """Headings and rows, newest night first."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def table_of(nights: Nights, every: Sequence[Series]) -> Table:
    """Return the nights as a table.

    Parameters
    ----------
    nights : Nights
        The nights.
    every : sequence of Series
        The numbers, in the order of the columns.

    Returns
    -------
    Table
        Cramp-like contractions take a column for each part; the diary comes last.
    """
    headings: list[str] = []
    for series in every:
        title = series.metric.title
        headings += [f"{title}, {name}" for name in ("probable", "possible")] if _is_cramps(series) else [title]
    rows = [
        Row(
            f"/night/{quote(one.card.night_id, safe='')}",
            day_text(int(nights.days[position])),
            (*(cell for series in every for cell in _cells(series, position)), *_rest(one)),
        )
        for position, one in enumerate(nights.figures)
    ]
    return Table((*headings, "Grade", "Cramps you noted", "Diary"), tuple(reversed(rows)))


def _is_cramps(series: Series) -> bool:
    return series.metric.name == CRAMPS


def _cells(series: Series, position: int) -> list[Cell]:
    keys = series.metric.keys if _is_cramps(series) else (series.metric.name,)
    why = series.whys[position]
    return [
        Cell(why, None, key)
        if math.isnan(part)
        else Cell(series.metric.text_of(float(part)), float(part), key, aside=bool(why))
        for key, part in zip(keys, series.parts[:, position], strict=True)
    ]


def _rest(one: NightFigures) -> tuple[Cell, ...]:
    noted = diary_cramps(one)
    return (
        Cell(grade(one) or "none", None, "night_grade"),
        Cell("nothing noted" if noted is None else number_text(noted), noted, "noted"),
        Cell("; ".join(map(line_of, other_entries(one))) or "nothing written", None, "diary"),
    )
