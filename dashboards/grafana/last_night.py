"""The dashboard *Last night*: the answer in one row, then what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grafana_foundation_sdk.builders import common, dashboard, stat, timeseries
from grafana_foundation_sdk.models import common as forms
from grafana_foundation_sdk.models import dashboard as parts

from dashboards.grafana.influxql import CHOSEN, SCORED, SOURCE, Query, column, select
from ingest.schema import LEG_EPOCH, LEG_EVENT, NIGHT, SENSOR_HEALTH

if TYPE_CHECKING:
    from ingest.schema import Measurement

FULL_WIDTH = 24
NOTE = "Research tool, not a medical device. Events are found by rules in EMG and acceleration; they are no diagnosis."
_WHOSE = '"person" =~ /^${person:regex}$/'


def last_night() -> parts.Dashboard:
    """Return the dashboard."""
    board = (
        dashboard.Dashboard("Last night")
        .uid("soleus-last-night")
        .description(NOTE)
        .tags(["soleus"])
        .timezone("browser")
        .time("now-16h", "now")
        .refresh("1m")
        .readonly()
        .tooltip(parts.DashboardCursorSync.CROSSHAIR)
        .with_variable(_variable("person", "Person", 'SHOW TAG VALUES FROM "leg_epoch" WITH KEY = "person"'))
        .with_variable(
            _variable("scoring", "Scoring", f'SHOW TAG VALUES FROM "night" WITH KEY = "scoring" WHERE {_WHOSE}')
        )
        .annotation(_cramps_as_ranges())
    )
    for panel in (*_answer(), _timeline(), _emg_level(), _movement(), _link(), _battery()):
        board = board.with_panel(panel)
    return board.build()


def _variable(name: str, label: str, query: str) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query(query)
        .refresh(parts.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(parts.VariableSort.ALPHABETICAL_ASC)
    )


def _cramps_as_ranges() -> dashboard.AnnotationQuery:
    shown = f"{SCORED} AND \"kind\" = 'cramp' AND {column(LEG_EVENT, 'tier')} >= 1"
    columns = f'{column(LEG_EVENT, "end_ms")}, {column(LEG_EVENT, "duration_s")}, "leg"'
    shape = {
        "resultFormat": "table",
        "fromAnnotations": True,
        "textEditor": True,
        "queryType": "tags",
        "textColumn": "leg",
        "tagsColumn": "leg",
        "timeEndColumn": "end_ms",
        "titleColumn": "",
        "name": "Cramp-like events",
    }
    query = Query(select(columns, LEG_EVENT, shown), "Anno", extra=shape)
    return (
        dashboard.AnnotationQuery()
        .name("Cramp-like events")
        .datasource(SOURCE)
        .enable(enable=True)
        .icon_color("red")
        .target(query)
    )


def _answer() -> list[stat.Panel]:
    probable, possible = column(NIGHT, "cramp_probable"), column(NIGHT, "cramp_possible")
    return [
        _number(
            "Cramp-like events",
            "Probable and possible together; 'no data' means that no EMG was valid, not that there were none.",
            Query(select(f"{probable} + {possible}", NIGHT, SCORED), alias="cramp-like"),
        ),
        _number(
            "Periodic movements per hour",
            "WASM 2016, per hour of sleep where stages were given, else of valid recording; 'no data' means that less "
            "than four hours were valid.",
            Query(select(column(NIGHT, "plms_wasm_per_h"), NIGHT, SCORED), alias="per hour"),
        ).decimals(1),
        _number(
            "Longest undisturbed stretch",
            "Without a periodic series, a cramp-like event, restlessness, getting up or, where sleep is known, wake.",
            Query(select(column(NIGHT, "longest_undisturbed_min"), NIGHT, SCORED), alias="minutes"),
        ).unit("m"),
        _number(
            "Valid hours",
            "Hours of signal good enough to score, by sensor.",
            Query(select(column(NIGHT, "valid_h"), NIGHT, SCORED, '"sensor", "kind"'), alias="$tag_sensor $tag_kind"),
        )
        .unit("h")
        .decimals(1),
    ]


def _number(title: str, meaning: str, query: Query) -> stat.Panel:
    return (
        stat.Panel()
        .title(title)
        .description(meaning)
        .datasource(SOURCE)
        .span(FULL_WIDTH // 4)
        .height(5)
        .graph_mode(forms.BigValueGraphMode.NONE)
        .color_mode(forms.BigValueColorMode.NONE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(values=False))
        .no_value("no data")
        .with_target(query)
    )


def _timeline() -> timeseries.Panel:
    duration = column(LEG_EVENT, "duration_s")
    # A cramp candidate of tier 0 is kept for research and shown nowhere.
    shown = f"{SCORED} AND (\"kind\" != 'cramp' OR {column(LEG_EVENT, 'tier')} >= 1)"
    query = select(duration, LEG_EVENT, shown, '"leg", "kind"')
    return (
        _curves("Events by leg and class", "One point per event, placed by its onset and its length.")
        .height(9)
        .unit("s")
        .draw_style(forms.GraphDrawStyle.POINTS)
        .point_size(6)
        .scale_distribution(common.ScaleDistributionConfig().type(forms.ScaleDistribution.LOG).log(10))
        .with_target(Query(query, alias="$tag_leg $tag_kind"))
    )


def _emg_level() -> timeseries.Panel:
    return (
        _curves("EMG level", "Highest envelope and resting level in each 30 s.")
        .unit("µV")
        .interval("30s")
        .with_target(Query(_level(LEG_EPOCH, "envelope_max_uv"), "A", "$tag_sensor"))
        .with_target(Query(_level(LEG_EPOCH, "resting_uv"), "B", "$tag_sensor resting"))
    )


def _movement() -> timeseries.Panel:
    return (
        _curves("Movement", "Strongest movement in each 30 s.")
        .unit("accG")
        .interval("30s")
        .with_target(Query(_level(LEG_EPOCH, "movement_max_g"), alias="$tag_sensor"))
    )


def _level(measurement: Measurement, name: str) -> str:
    return select(f"max({column(measurement, name)})", measurement, SCORED, 'time($__interval), "sensor" fill(null)')


def _link() -> timeseries.Panel:
    missing = f"sum({column(LEG_EVENT, 'duration_s')})"
    gaps = f"{SCORED} AND \"kind\" = 'signal_gap'"
    return (
        _curves("Link", "Seconds of signal that are missing in each 10 min.")
        .span(FULL_WIDTH // 2)
        .unit("s")
        .draw_style(forms.GraphDrawStyle.BARS)
        .interval("10m")
        .with_target(Query(select(missing, LEG_EVENT, gaps, 'time(10m), "sensor" fill(0)'), alias="$tag_sensor"))
    )


def _battery() -> timeseries.Panel:
    charge = f"last({column(SENSOR_HEALTH, 'battery_pct')})"
    query = select(charge, SENSOR_HEALTH, CHOSEN, 'time($__interval), "sensor" fill(none)')
    return (
        _curves("Battery", "What the sensors say about their charge.")
        .span(FULL_WIDTH // 2)
        .unit("percent")
        .min(0)
        .max(100)
        .interval("1m")
        .with_target(Query(query, alias="$tag_sensor"))
    )


def _curves(title: str, meaning: str) -> timeseries.Panel:
    return (
        timeseries.Panel()
        .title(title)
        .description(meaning)
        .datasource(SOURCE)
        .span(FULL_WIDTH)
        .height(7)
        .line_width(1)
        .fill_opacity(8)
        .no_value("no data")
    )
