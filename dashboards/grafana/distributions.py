"""Panels about many events at once: how often each size is, and one number against another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import histogram, xychart
from grafana_foundation_sdk.models import dashboard as parts
from grafana_foundation_sdk.models import xychart as xy

from dashboards.grafana import panels
from dashboards.grafana.about import BLUE, About, no_thresholds
from dashboards.grafana.influxql import SOURCE

if TYPE_CHECKING:
    from dashboards.grafana.influxql import Query


def how_often(about: About, *queries: Query, bucket: float, span: int = panels.HALF) -> histogram.Panel:
    """Return how many rows lie in each bucket of so many units; Grafana counts them itself.

    Parameters
    ----------
    about : About
        What it shows.
    *queries : Query
        What it asks: the values themselves, not counts.
    bucket : float
        Width of a bucket, in the unit of the values.
    span : int
        Width, of 24.
    """
    panel = (
        histogram.Panel()
        .title(about.title)
        .description(about.meaning)
        .unit(about.unit)
        .no_value(about.empty)
        .datasource(SOURCE)
        .span(span)
        .height(panels.MIDDLE)
        .bucket_size(bucket)  # type: ignore[arg-type] # Grafana takes any number, the SDK says int
        .fill_opacity(70)
        .color_scheme(_blue())
        .thresholds(no_thresholds())
    )
    for query in queries:
        panel = panel.with_target(query)
    return panel


def against(about: About, query: Query, *, across: str, up: str, span: int = panels.HALF) -> xychart.Panel:
    """Return one point for each row of a table: its column `across` to the right, its column `up` upwards."""
    series = (
        xychart.XYSeriesConfig()
        .x(xychart.XychartXYSeriesConfigX().matcher(_named(across)))
        .y(xychart.XychartXYSeriesConfigY().matcher(_named(up)))
    )
    return (
        xychart.Panel()
        .title(about.title)
        .description(about.meaning)
        .unit(about.unit)
        .no_value(about.empty)
        .datasource(SOURCE)
        .span(span)
        .height(panels.MIDDLE)
        .mapping(xy.SeriesMapping.MANUAL)
        .series([series])
        .show(xy.XYShowMode.POINTS)
        .color_scheme(_blue())
        .thresholds(no_thresholds())
        .with_target(query)
    )


def _named(column: str) -> xychart.MatcherConfig:
    return xychart.MatcherConfig().id("byName").options(column)


def _blue() -> builders.FieldColor:
    return builders.FieldColor().mode(parts.FieldColorModeId.FIXED).fixed_color(BLUE)
