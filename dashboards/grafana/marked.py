"""What is marked in all curves of a dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import dashboard

from dashboards.grafana.about import BLUE, GREEN, GREY, PROBABLE, PURPLE
from dashboards.grafana.influxql import CHOSEN, SCORED, SOURCE, Query, column, select
from dashboards.grafana.variables import ON_LEG
from ingest.schema import DIARY, LEG_EVENT

if TYPE_CHECKING:
    from ingest.schema import Measurement

SHOWN_CRAMP = f"\"kind\" = 'cramp' AND {column(LEG_EVENT, 'tier')} >= 1"
"""A cramp candidate of tier 0 is kept for research and shown nowhere."""


def cramps(*, enabled: bool = True) -> dashboard.AnnotationQuery:
    """Return cramp-like events, each as long as it lasted."""
    where = f"{SCORED} AND {ON_LEG} AND {SHOWN_CRAMP}"
    return _spans("Cramp-like events", PROBABLE, LEG_EVENT, '"leg"', where, enabled=enabled)


def awakenings() -> dashboard.AnnotationQuery:
    """Return awakenings, as estimated or by stages that were given."""
    return _spans("Awake", GREY, LEG_EVENT, '"kind"', f"{SCORED} AND \"kind\" = 'awakening'", enabled=False)


def said() -> dashboard.AnnotationQuery:
    """Return what the person marked or wrote in the night."""
    return _spans("Marks and notes", BLUE, DIARY, column(DIARY, "text"), CHOSEN)


def taken() -> dashboard.AnnotationQuery:
    """Return remedies and medicines: a band from the entry on where it says for how long, else a line."""
    kinds = '"kind" =~ /^(remedy|remedy_on|remedy_off|medicine|medication|dose_change)$/'
    return _spans("Remedies and medicines", GREEN, DIARY, column(DIARY, "text"), f"{CHOSEN} AND {kinds}")


def periods() -> dashboard.AnnotationQuery:
    """Return the periods that are compared, each a band from its first evening to its last morning."""
    return _spans("Periods", PURPLE, DIARY, column(DIARY, "text"), f"{CHOSEN} AND \"kind\" = 'period'")


def _spans(
    name: str, colour: str, measurement: Measurement, text: str, where: str, *, enabled: bool = True
) -> dashboard.AnnotationQuery:
    """Return an annotation from the time of each row to its ``end_ms``, with the column `text`."""
    shape = {
        "resultFormat": "table",
        "fromAnnotations": True,
        "textEditor": True,
        "queryType": "tags",
        "textColumn": text.strip('"'),
        "tagsColumn": "kind",
        "timeEndColumn": "end_ms",
        "titleColumn": "",
        "name": name,
    }
    columns = dict.fromkeys((column(measurement, "end_ms"), text, '"kind"', column(measurement, "revision")))
    query = Query(select(", ".join(columns), measurement, where), "Anno", extra=shape)
    return (
        dashboard.AnnotationQuery()
        .name(name)
        .datasource(SOURCE)
        .enable(enable=enabled)
        .icon_color(colour)
        .target(query)
    )
