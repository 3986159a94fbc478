"""What changed over the weeks besides the count on top, in plain sentences; nothing where one cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.web.weeks_figures import CRAMPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.web.weeks_figures import Series


def notice(every: Sequence[Series]) -> tuple[str, ...]:
    """Return a sentence for each number that changed, as far as one can tell.

    Parameters
    ----------
    every : sequence of Series
        The numbers over nights. The count of cramp-like contractions is left out: the headline tells of it.

    Returns
    -------
    tuple of str
        Empty where nothing changed that one could tell of, and with fewer than 14 valid nights; never why.
    """
    return tuple(_changed(series) for series in every if series.metric.name != CRAMPS and series.trend.changed)


def _changed(series: Series) -> str:
    text_of, found = series.metric.text_of, series.trend
    first, last = (text_of(max(value, 0.0)) for value in (found.first, found.last))
    return f"{series.metric.title}: changed from about {first} to about {last} over {found.n_nights} valid nights."
