"""Panels as all dashboards here build them: each says its unit, what it means, and what it means to be empty.

Grafana stacks panels below a width of 768 pixels, so each must be understood alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import barchart, common, stat, table, timeseries
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import common as forms
from grafana_foundation_sdk.models import dashboard as parts

from dashboards.grafana.about import BLUE, ORANGE, About, no_thresholds
from dashboards.grafana.influxql import SOURCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.grafana.influxql import Query

FULL, HALF, THIRD, QUARTER = 24, 12, 8, 6
"""Widths, of 24."""
SHORT, MIDDLE, TALL = 5, 8, 11
"""Heights, of 30 pixels and a gap: a number, a curve, a table."""

_LEGS = {"/left/i": BLUE, "/right/i": ORANGE}


def number(about: About, *queries: Query, span: int = QUARTER, decimals: int = 0, shown: str = "") -> stat.Panel:
    """Return one number for each series: its last value; what is missing says so and is not 0.

    Parameters
    ----------
    about : About
        What it shows.
    *queries : Query
        What it asks; give each an alias where there are several.
    span : int
        Width, of 24.
    decimals : int
        Digits behind the point.
    shown : str
        Regular expression for the columns to show, where a query has others, so that each row stays: then the last row
        counts even where it has no number. Without it the last number counts.
    """
    panel = (
        stat.Panel()
        .title(about.title)
        .description(about.meaning)
        .unit(about.unit)
        .no_value(about.empty)
        .datasource(SOURCE)
        .span(span)
        .height(SHORT)
        .decimals(decimals)
        .color_scheme(fixed("text"))
        .thresholds(no_thresholds())
        .graph_mode(forms.BigValueGraphMode.NONE)
        .color_mode(forms.BigValueColorMode.NONE)
        .reduce_options(last_of(shown))
    )
    for query in queries:
        panel = panel.with_target(query)
    return panel


def last_of(shown: str) -> common.ReduceDataOptions:
    """Return how a number is made of rows: the last row of the columns `shown`, or, without these, the last number."""
    return common.ReduceDataOptions().calcs(["last" if shown else "lastNotNull"]).values(values=False).fields(shown)


def by_time(panel: stat.Panel) -> stat.Panel:
    """Join the queries of a panel by their time, so that a row which one of them lacks is a row without its number."""
    return panel.with_transformation(
        parts.DataTransformerConfig("joinByField", options={"byField": "Time", "mode": "outer"})
    )


def curves(about: About, *queries: Query, span: int = FULL, height: int = MIDDLE) -> timeseries.Panel:
    """Return curves over time; what is missing is a hole, and series of a leg have the colour of the leg.

    Parameters
    ----------
    about : About
        What it shows.
    *queries : Query
        What it asks; an alias with ``left`` or ``right`` in it chooses the colour.
    span, height : int
        Width, of 24, and height.
    """
    panel = (
        timeseries.Panel()
        .title(about.title)
        .description(about.meaning)
        .unit(about.unit)
        .no_value(about.empty)
        .datasource(SOURCE)
        .span(span)
        .height(height)
        .line_width(1)
        .fill_opacity(8)
        .span_nulls(span_nulls=False)
        .color_scheme(_shades(BLUE))
        .thresholds(no_thresholds())
        .legend(_legend_below())
        .tooltip(common.VizTooltipOptions().mode(forms.TooltipDisplayMode.MULTI))
    )
    for pattern, colour in _LEGS.items():
        panel = panel.override_by_regexp(pattern, [coloured(_shades(colour))])
    for query in queries:
        panel = panel.with_target(query)
    return panel


def bars(about: About, *queries: Query, span: int = FULL, height: int = MIDDLE) -> timeseries.Panel:
    """Return one bar for each point, such as a night; where a point is missing there is none."""
    return (
        curves(about, *queries, span=span, height=height)
        .draw_style(forms.GraphDrawStyle.BARS)
        .fill_opacity(60)
        .min(0)
        .show_points(forms.VisibilityMode.NEVER)
    )


def points(about: About, *queries: Query, span: int = FULL, height: int = MIDDLE) -> timeseries.Panel:
    """Return one point for each row."""
    return (
        curves(about, *queries, span=span, height=height)
        .draw_style(forms.GraphDrawStyle.POINTS)
        .point_size(6)
        .show_points(forms.VisibilityMode.ALWAYS)
    )


def rows_of(about: About, *queries: Query, span: int = FULL, height: int = TALL) -> table.Panel:
    """Return a table; each query is in the format ``table``, its columns named ``AS`` the reader shall see them."""
    panel = (
        table.Panel()
        .title(about.title)
        .description(about.meaning)
        .unit(about.unit)
        .no_value(about.empty)
        .datasource(SOURCE)
        .span(span)
        .height(height)
        .filterable(filterable=False)
        .color_scheme(fixed("text"))
        .thresholds(no_thresholds())
    )
    for query in queries:
        panel = panel.with_target(query)
    return panel


def bar_chart(about: About, *queries: Query, of: str, span: int = HALF, height: int = MIDDLE) -> barchart.Panel:
    """Return one bar for each row of a table, by the column `of`: a tag or a field named ``AS`` that."""
    panel = (
        barchart.Panel()
        .title(about.title)
        .description(about.meaning)
        .unit(about.unit)
        .no_value(about.empty)
        .datasource(SOURCE)
        .span(span)
        .height(height)
        .x_field(of)
        .min(0)
        .fill_opacity(70)
        .color_scheme(fixed(BLUE))
        .thresholds(no_thresholds())
        .legend(_legend_below())
    )
    for query in queries:
        panel = panel.with_target(query)
    return panel


def section(title: str) -> builders.Row:
    """Return a heading; the panels after it are below it."""
    return builders.Row(title)


def in_unit(name: str, unit: str) -> tuple[str, list[parts.DynamicConfigValue]]:
    """Return what gives a column or series a unit of its own, for ``panel.override_by_name(*in_unit(...))``."""
    return name, [parts.DynamicConfigValue("unit", unit)]


def in_words(name: str, words: Mapping[str, str]) -> tuple[str, list[parts.DynamicConfigValue]]:
    """Return what shows words in place of the numbers of a column, for ``panel.override_by_name(*in_words(...))``."""
    told = {value: parts.ValueMappingResult(text=word, index=at) for at, (value, word) in enumerate(words.items())}
    return name, [parts.DynamicConfigValue("mappings", [parts.ValueMap(options=told)])]


def _legend_below() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .show_legend(show_legend=True)
        .display_mode(forms.LegendDisplayMode.LIST)
        .placement(forms.LegendPlacement.BOTTOM)
    )


def fixed(colour: str) -> builders.FieldColor:
    """Return one colour, whatever the value."""
    return builders.FieldColor().mode(parts.FieldColorModeId.FIXED).fixed_color(colour)


def _shades(colour: str) -> builders.FieldColor:
    return builders.FieldColor().mode(parts.FieldColorModeId.SHADES).fixed_color(colour)


def coloured(scheme: builders.FieldColor) -> parts.DynamicConfigValue:
    """Return what gives a series a colour of its own, for an override."""
    return parts.DynamicConfigValue("color", scheme.build())
