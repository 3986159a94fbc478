"""Numbers of the night over weeks: night by night, and as median and range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grafana_foundation_sdk.models import dashboard as parts

from dashboards.grafana import links, panels
from dashboards.grafana.about import BLUE, GREY
from dashboards.grafana.influxql import SCORED, Query, column, known, select
from ingest.schema import NIGHT

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import stat, timeseries

    from dashboards.grafana.about import About

WEEKLY: Final = "time(7d, 4d)"
"""Weeks from Monday, UTC: days are counted from a Thursday."""
MEDIAN, LOWEST, HIGHEST = "median of the week", "lowest", "highest"


def in_short(about: About, number: str, decimals: int = 0) -> stat.Panel:
    """Return the median, the lowest and the highest of a number over the nights of the chosen time, and how many.

    Parameters
    ----------
    about : About
        What it shows.
    number : str
        Name of the number in ``night``.
    decimals : int
        Digits behind the point.
    """
    field, where = column(NIGHT, number), f"{SCORED} AND {known(number)}"
    shown = {"median": f"percentile({field}, 50)", "lowest": f"min({field})", "highest": f"max({field})"}
    queries = [Query(select(what, NIGHT, where), name[0].upper(), name) for name, what in shown.items()]
    counted = Query(select(f"count({field})", NIGHT, where), "N", "nights")
    panel = panels.number(about, *queries, counted, decimals=decimals)
    return panel.override_by_name(
        "nights", [parts.DynamicConfigValue("unit", "none"), parts.DynamicConfigValue("decimals", 0)]
    )


def by_night(about: About, **numbers: str) -> timeseries.Panel:
    """Return a bar for each night and number; a night without the number has none.

    Parameters
    ----------
    about : About
        What it shows.
    **numbers : str
        Names of numbers in ``night`` by what to call them; ``_`` becomes a blank.
    """
    queries = [
        Query(select(column(NIGHT, number), NIGHT, f"{SCORED} AND {known(number)}"), f"N{at}", label.replace("_", " "))
        for at, (label, number) in enumerate(numbers.items())
    ]
    return panels.bars(about, *queries).data_links([links.to_night()])


def with_range(panel: timeseries.Panel, number: str) -> timeseries.Panel:
    """Add the median of each week and the range of its nights to the bars of a number."""
    field, where = column(NIGHT, number), f"{SCORED} AND {known(number)}"
    shown = {MEDIAN: f"percentile({field}, 50)", LOWEST: f"min({field})", HIGHEST: f"max({field})"}
    for at, (name, what) in enumerate(shown.items()):
        panel = panel.with_target(Query(select(what, NIGHT, where, f"{WEEKLY} fill(none)"), f"W{at}", name))
        panel = panel.override_by_name(name, _stepped(BLUE if name == MEDIAN else GREY, 2 if name == MEDIAN else 1))
    return panel


def _stepped(colour: str, width: int) -> list[parts.DynamicConfigValue]:
    """Return the look of a line that stays for a week."""
    look = {
        "custom.drawStyle": "line",
        "custom.lineInterpolation": "stepAfter",
        "custom.lineWidth": width,
        "custom.fillOpacity": 0,
        "custom.showPoints": "always",
        "custom.stacking": {"mode": "none", "group": "week"},
        "color": {"mode": "fixed", "fixedColor": colour},
        # Its points lie at the begin of a week: no night is there to be opened.
        "links": [],
    }
    return [parts.DynamicConfigValue(name, value) for name, value in look.items()]
