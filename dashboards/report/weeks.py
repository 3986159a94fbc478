"""What the report of weeks says, before anybody decides what it looks like."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dashboards.report import words
from dashboards.report.compared import compared_periods
from dashboards.report.weeks_pictures import letter_of, picture_of
from dashboards.web import clocktime
from dashboards.web import weeks_words as said
from dashboards.web.diary_words import line_of, title_of
from dashboards.web.weeks_figures import METRICS, day_text, nights_of, other_entries, series_of, valid_hours
from dashboards.web.weeks_periods import bands_of
from dashboards.web.weeks_table import table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.book import NightBook
    from dashboards.report.shapes import Picture
    from dashboards.web.weeks_figures import Nights, Series
    from dashboards.web.weeks_periods import Band
    from dashboards.web.weeks_table import Cell, Table
    from dashboards.weeks import NightFigures

DAYS_PER_WEEK = 7
# Nights of one day, such as a nap and a night, that are looked through for those of the weeks.
_A_DAY = 2
LEGEND = (
    "A bar is a night: filled where it counts, outlined where its signal was too short to count, hatched without the "
    "number; of cramp-like contractions probable ones are filled and possible ones, on top, outlined. Grey is the "
    "middle half of the nights that count, dashed their median; a thick line is drawn only where a change can be told."
)
TICKS = "A tick under the bars is a day with a remedy in the diary."


BRACKETS = "In brackets: a night that is too short to count."
# Columns of the table that hold words.
_TEXTS = frozenset({"night_grade", "diary"})


class Panel(NamedTuple):
    """One number over the nights.

    Parameters
    ----------
    name : str
        What the answers call it.
    title : str
        What a person calls it.
    middle : str
        Its median and the middle half of the nights.
    trend : str
        Whether it changed, with the interval, or that one cannot tell.
    counted : str
        How many nights count, and why the others do not.
    picture : Picture
        The nights.
    """

    name: str
    title: str
    middle: str
    trend: str
    counted: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class WeeksReport:
    """The report of some weeks.

    Parameters
    ----------
    nights : Nights
        The nights; at least one.
    title, when : str
        What it covers.
    answer : tuple of str
        The weeks in sentences, the first one before all; what makes the nights hard to compare comes last.
    panels : tuple of Panel
        The numbers.
    legend : str
        How to read the pictures.
    compared : tuple of str
        Two periods side by side in lines, the first one their names; empty where there are no two to compare.
    diary : tuple of str
        What was noted beside what the sensors marked, and how much was written.
    entries : tuple of tuple of str
        Day and line of each entry that is no cramp, oldest first.
    table : Table
        The nights, newest first.
    whys : tuple of str
        Why numbers are missing in the table, each reason once.
    assumes : str
        What the intervals assume.
    safety, footer : tuple of str
        When to get medical help, and what the report is and is not.
    """

    nights: Nights
    title: str
    when: str
    answer: tuple[str, ...]
    panels: tuple[Panel, ...]
    legend: str
    compared: tuple[str, ...]
    diary: tuple[str, ...]
    entries: tuple[tuple[str, str], ...]
    table: Table
    whys: tuple[str, ...]
    assumes: str
    safety: tuple[str, ...]
    footer: tuple[str, ...]

    @property
    def n_simulated(self) -> int:
        """How many of the nights virtual sensors made."""
        return sum(one.card.simulated for one in self.nights.figures)


def weeks_report(book: NightBook, night_id: str, n_weeks: int) -> WeeksReport | None:
    """Return the report of some weeks.

    Parameters
    ----------
    book : NightBook
        Where the nights are.
    night_id : str
        The last night of them.
    n_weeks : int
        How many weeks; 1 or more.

    Returns
    -------
    WeeksReport or None
        None where no night of these weeks is over.

    Raises
    ------
    KeyError
        If there is no night of this name.
    """
    last = book.card(night_id)
    n_later = sum(card.start_ns > last.start_ns for card in book.nights())
    newest = book.weeks(n_later + _A_DAY * DAYS_PER_WEEK * n_weeks)
    until = [one for one in newest if one.card.start_ns <= last.start_ns]
    if not until:
        return None
    every = nights_of(until)
    after = int(every.days[-1]) - DAYS_PER_WEEK * n_weeks
    nights = nights_of([one for one, day in every.dated if day > after])
    bands = bands_of(book.periods(), nights)
    return _report(nights, n_weeks, bands, compared_periods(book, nights))


def is_missing(cell: Cell) -> bool:
    """Return whether a cell of the table has no number where there could be one."""
    return cell.value is None and cell.key not in _TEXTS


def _report(nights: Nights, n_weeks: int, bands: Sequence[Band], compared: tuple[str, ...]) -> WeeksReport:
    numbers = [series_of(nights, metric) for metric in METRICS]
    cramps = numbers[0]
    remedies = [day for one, day in nights.dated if any(e.kind.startswith("remedy") for e in other_entries(one))]
    first, last = nights.figures[0], nights.figures[-1]
    dates, table = _dates(nights), table_of(nights, numbers)
    n_nights = len(nights.figures)
    return WeeksReport(
        nights,
        f"{n_weeks} weeks" if n_weeks > 1 else "One week",
        f"{dates}: {n_nights} {'night' if n_nights == 1 else 'nights'}",
        (said.headline(cramps), *said.caveats(nights)),
        tuple(_panel(series, picture_of(nights, series, remedies, bands)) for series in numbers),
        _legend(remedies, bands),
        compared,
        (*map(words.of_wearer, said.diary_text(nights, cramps)), *_written(nights)),
        tuple((day_text(day), words.of_wearer(line_of(e))) for one, day in nights.dated for e in other_entries(one)),
        table,
        tuple(dict.fromkeys(cell.text for row in table.rows for cell in row.cells if is_missing(cell))),
        said.ASSUMES,
        words.safety(),
        (words.footer(dates, _hours(nights), _sensors(nights), _versions((first, last))), words.NOT_A_DEVICE),
    )


def _panel(series: Series, picture: Picture) -> Panel:
    return Panel(
        series.metric.name,
        series.metric.title,
        said.middle_text(series),
        said.trend_text(series),
        said.counted_text(series),
        picture,
    )


def _legend(remedies: Sequence[int], bands: Sequence[Band]) -> str:
    if not bands:
        return f"{LEGEND} {TICKS}" if remedies else LEGEND
    named = "; ".join(dict.fromkeys(f"{letter_of(band)} {band.text}" for band in bands))
    return f"{LEGEND} Under the bars, periods of the diary: {named}."


def _dates(nights: Nights) -> str:
    first, last = nights.figures[0].card, nights.figures[-1].card
    begin, end = (clocktime.date_text(card.start_ns, card.utc_offset_s) for card in (first, last))
    return begin if begin == end else f"{begin} to {end}"


def _hours(nights: Nights) -> str:
    hours = [valid_hours(one) for one in nights.figures]
    if not any(hours):
        return ""
    n_with = sum(one > 0 for one in hours)
    return f"{sum(hours):.1f} h of usable signal in {n_with} {'night' if n_with == 1 else 'nights'}"


def _sensors(nights: Nights) -> str:
    streams = (one.summary.get("valid_h") for one in nights.figures)
    names = {name.partition("/")[0] for hours in streams if isinstance(hours, dict) for name in hours}
    return ", ".join(sorted(names))


def _versions(figures: Sequence[NightFigures]) -> str:
    found = dict.fromkeys(words.version_text(one.version, one.criteria) for one in figures)
    return " and ".join(found)


def _written(nights: Nights) -> tuple[str, ...]:
    """Return how often something was written, by kind."""
    counts = Counter(entry.kind for one in nights.figures for entry in other_entries(one))
    listed = ", ".join(f"{title_of(kind).lower()} {n}" for kind, n in counts.most_common())
    return (f"Other entries in the diary: {listed}.",) if listed else ()
