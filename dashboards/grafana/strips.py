"""Panels with a row for each series and a stretch for each state: events, sleep, counts by hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import common, statetimeline
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import common as forms
from grafana_foundation_sdk.models import dashboard as parts

from dashboards.grafana import panels
from dashboards.grafana.about import BLUE, About, no_thresholds
from dashboards.grafana.influxql import SOURCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.grafana.influxql import Query


def states(
    about: About, *queries: Query, colours: Mapping[str, str], height: int = panels.MIDDLE
) -> statetimeline.Panel:
    """Return a strip for each query, coloured from the time of a row to its field ``end_ms``.

    Parameters
    ----------
    about : About
        What it shows.
    *queries : Query
        Each in the format ``table``: time, one field, named ``AS`` the strip, and, where a state ends by itself, the
        field ``end_ms``.
    colours : mapping of str to str
        Colour by a regular expression for the names of strips.
    height : int
        Height.
    """
    panel = (
        statetimeline.Panel()
        .title(about.title)
        .description(about.meaning)
        .unit(about.unit)
        .no_value(about.empty)
        .datasource(SOURCE)
        .span(panels.FULL)
        .height(height)
        .line_width(0)
        .fill_opacity(80)
        .row_height(0.8)
        .merge_values(merge_values=False)
        .show_value(forms.VisibilityMode.NEVER)
        .color_scheme(panels.fixed(BLUE))
        .thresholds(no_thresholds())
        .legend(common.VizLegendOptions().show_legend(show_legend=False))
        .with_transformation(
            parts.DataTransformerConfig(
                "convertFieldType",
                options={"conversions": [{"targetField": "end_ms", "destinationType": "time"}], "fields": {}},
            )
        )
    )
    for pattern, colour in colours.items():
        panel = panel.override_by_regexp(pattern, [panels.coloured(panels.fixed(colour))])
    for query in queries:
        panel = panel.with_target(query)
    return panel


def heat_map(about: About, *queries: Query, span: int = panels.FULL, height: int = panels.TALL) -> statetimeline.Panel:
    """Return one row for each series, from the first at the top, and a cell from each of its points to the next.

    Parameters
    ----------
    about : About
        What it shows.
    *queries : Query
        What it asks, by time with ``fill(null)``; the alias names the row. A cell of 0, or of null, stays empty.
    span, height : int
        Width, of 24, and height.

    Notes
    -----
    Grafana's own heat map takes the time of a point for the end of its cell, and InfluxDB tells the begin: every cell
    would be drawn a week early.
    """
    nothing = parts.ValueMap(options={"0": parts.ValueMappingResult(text=" ", color="transparent", index=0)})
    panel = (
        statetimeline.Panel()
        .title(about.title)
        .description(about.meaning)
        .unit(about.unit)
        .no_value(about.empty)
        .datasource(SOURCE)
        .span(span)
        .height(height)
        .min(0)
        .decimals(0)
        .line_width(0)
        .fill_opacity(100)
        .row_height(0.95)
        .merge_values(merge_values=False)
        .show_value(forms.VisibilityMode.AUTO)
        .mappings([nothing])
        .color_scheme(builders.FieldColor().mode(parts.FieldColorModeId.CONTINUOUS_BLUES))
        .thresholds(no_thresholds())
        .legend(common.VizLegendOptions().show_legend(show_legend=False))
    )
    for query in queries:
        panel = panel.with_target(query)
    return panel
