"""The dashboard *Last night*: the answer in one row, then what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.grafana import event_strips, links, marked, panels, variables
from dashboards.grafana.about import (
    AS_MARKED,
    COUNT,
    DEGREES,
    GRAVITY,
    HOURS,
    MICROVOLT,
    MINUTES,
    NO_SIGNAL,
    PER_HOUR,
    PLAIN_SECONDS,
    SECONDS,
    SHARE,
    About,
)
from dashboards.grafana.frame import Frame, board, filled
from dashboards.grafana.influxql import CHOSEN, SCORED, Query, column, known, select
from dashboards.grafana.variables import OF_SENSOR, ON_LEG
from ingest.schema import LEG_EPOCH, LEG_EVENT, NIGHT, SENSOR_HEALTH

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import stat, table, timeseries
    from grafana_foundation_sdk.models import dashboard as parts

FRAME = Frame("soleus-last-night", "Last night", "How was the last night, and what does that rest on?", "now-16h", "1m")
# Signal of the lowest class is no valid signal: its level is not that of a muscle.
_USABLE = f"{column(LEG_EPOCH, 'quality_class')} >= 1"
# The point of a night lies at its start and comes when it is over: the last one is there until the next one is over.
_ANSWER_WITHIN = "36h"
# Five numbers in a row of 24.
_WIDTHS = (5, 5, 5, 4, 5)


def last_night() -> parts.Dashboard:
    """Return the dashboard."""
    chosen = (variables.person(), variables.scoring(), variables.leg(), variables.sensor())
    shown = (marked.cramps(), marked.awakenings(), marked.said())
    answer = [panel.span(width) for panel, width in zip(_answer(), _WIDTHS, strict=True)]
    return filled(
        board(FRAME, chosen, shown),
        [
            *answer,
            event_strips.sleep(),
            event_strips.events(),
            _cramp_rows(),
            _movement(),
            _emg_level(),
            _orientation(),
            _usable(),
            _link(),
        ],
    )


def _answer() -> list[stat.Panel]:
    return [_cramps(), _awake_after(), _periodic(), _undisturbed(), _valid()]


def _of_night(name: str, what: str, *numbers: str, ref_id: str = "A") -> Query:
    """Return a number of the nights under a name; nights without the numbers that it is made of are left out."""
    query = select(f'{what} AS "{name}"', NIGHT, " AND ".join((SCORED, *map(known, numbers))))
    return Query(query, ref_id, "$col")


def _answer_of(about: About, shown: str, *queries: Query, decimals: int = 0) -> stat.Panel:
    """Return the numbers of the last night that match `shown`.

    The last night stays as a row where it has no number; else that of the night before would stand in its place. Asked
    for the time up to now it looks further back than the strips, which show a part of the night by the afternoon.
    """
    every = Query(select(f'{column(NIGHT, "duration_s")} AS "lasted"', NIGHT, SCORED), "Z", "$col")
    panel = panels.number(about, *queries, every, decimals=decimals, shown=shown)
    return panels.by_time(panel).time_from(_ANSWER_WITHIN).data_links([links.to_last_night()])


def _cramps() -> stat.Panel:
    about = About(
        "Cramp-like events",
        f"Probable and possible together, in sustained muscle activity. {AS_MARKED} Please confirm them on the page of "
        f"the night. '{NO_SIGNAL}' means that no night is over yet, or that no EMG could be used; not that there were "
        "none.",
        COUNT,
        NO_SIGNAL,
    )
    query = _of_night("cramp-like", column(NIGHT, "cramp_events"), "cramp_events")
    return _answer_of(about, "/^cramp-like$/", query)


def _awake_after() -> stat.Panel:
    about = About(
        "Awake after them (estimate)",
        "Minutes of signs of wake that began within five minutes after a cramp-like event out of sleep. Wake is "
        f"estimated from the movement of the legs, unless stages were given. {AS_MARKED}",
        MINUTES,
        NO_SIGNAL,
    )
    query = _of_night("awake", column(NIGHT, "awake_after_cramps_est_min"), "awake_after_cramps_est_min")
    return _answer_of(about, "/^awake$/", query)


def _periodic() -> stat.Panel:
    about = About(
        "Periodic movements per hour",
        "WASM 2016, per hour of sleep where stages were given, else of valid recording; and per hour of estimated "
        "sleep. Many healthy people have some, and one night can differ a lot from the next. "
        f"'{NO_SIGNAL}' also means less than four valid hours, or no estimate.",
        PER_HOUR,
        NO_SIGNAL,
    )
    recorded = _of_night("recorded", column(NIGHT, "plms_wasm_per_h"), "plms_wasm_per_h")
    asleep = _of_night("est. asleep", column(NIGHT, "plms_wasm_per_h_est"), "plms_wasm_per_h_est", ref_id="B")
    return _answer_of(about, "/^(recorded|est. asleep)$/", recorded, asleep, decimals=1)


def _undisturbed() -> stat.Panel:
    about = About(
        "Longest undisturbed stretch",
        "Without a periodic series, a cramp-like event, restlessness, getting up or, where sleep is known, wake.",
        MINUTES,
        NO_SIGNAL,
    )
    query = _of_night("undisturbed", column(NIGHT, "longest_undisturbed_min"), "longest_undisturbed_min")
    return _answer_of(about, "/^undisturbed$/", query)


def _valid() -> stat.Panel:
    about = About(
        "Valid hours and grade",
        "Hours of signal good enough to score, by sensor, and the grade of the night: A from six hours of it on, C "
        "where it was too little.",
        HOURS,
        NO_SIGNAL,
    )
    grade = _of_night("grade", column(NIGHT, "night_grade"), ref_id="A")
    hours = select(column(NIGHT, "valid_h"), NIGHT, f"{SCORED} AND {OF_SENSOR}", '"sensor", "kind"')
    # Every column but these two: the names of the sensors are not known here, and the grade is a letter.
    return _answer_of(about, "/^(?!Time$|lasted$)/", grade, Query(hours, "B", "$tag_sensor $tag_kind"), decimals=1)


def _cramp_rows() -> table.Panel:
    about = About(
        "Cramp-like events one by one",
        "Confidence is how well the signal fits the rules, not how likely a cramp was; confirmed is your own word. "
        "Click to open the event on its page.",
        COUNT,
        "none marked in this time",
    )
    told = ("tier", "confidence", "confirmed")
    columns = ['"leg"', f'{column(LEG_EVENT, "duration_s")} AS "lasted"', *(column(LEG_EVENT, name) for name in told)]
    where = f"{SCORED} AND {ON_LEG} AND {marked.SHOWN_CRAMP}"
    query = Query.table(select(", ".join(columns), LEG_EVENT, where))
    return (
        panels.rows_of(about, query, height=panels.MIDDLE)
        .override_by_name(*panels.in_unit("lasted", PLAIN_SECONDS))
        .override_by_name(*panels.in_unit("confidence", SHARE))
        .override_by_name(*panels.in_words("confidence", {"-1": "not known"}))
        .override_by_name(*panels.in_words("tier", {"2": "probable", "1": "possible"}))
        .override_by_name(*panels.in_words("confirmed", {"1": "yes", "0": "no", "-1": ""}))
        .data_links([links.to_event_of_row("cramp")])
    )


def _movement() -> timeseries.Panel:
    about = About("Movement", "Strongest movement in each 30 s, from acceleration.", GRAVITY, NO_SIGNAL)
    return panels.curves(about, _level("movement_max_g")).interval("30s").data_links([links.to_night()])


def _emg_level() -> timeseries.Panel:
    about = About("EMG level", "Highest envelope in each 30 s, and the resting level below it.", MICROVOLT, NO_SIGNAL)
    resting = _level("resting_uv", "B", "$tag_sensor resting")
    return panels.curves(about, _level("envelope_max_uv"), resting).interval("30s").data_links([links.to_night()])


def _orientation() -> timeseries.Panel:
    about = About(
        "Orientation",
        "Angle between the axis of the sensor and the vertical: it changes when the leg turns. How the sensor is "
        "mounted decides which angle is which position.",
        DEGREES,
        NO_SIGNAL,
    )
    return panels.curves(about, _level("tilt_deg"), span=panels.FULL).interval("30s")


def _level(name: str, ref_id: str = "A", alias: str = "$tag_sensor") -> Query:
    # -1 is what a later scoring has no value for.
    where = f"{SCORED} AND {ON_LEG} AND {OF_SENSOR} AND {_USABLE} AND {column(LEG_EPOCH, name)} >= 0"
    what = f"max({column(LEG_EPOCH, name)})"
    return Query(select(what, LEG_EPOCH, where, 'time($__interval), "sensor" fill(null)'), ref_id, alias)


def _usable() -> timeseries.Panel:
    about = About(
        "Usable signal",
        "Seconds of each 30 s that could be scored, by sensor and kind of signal; a hole is where none could.",
        SECONDS,
        NO_SIGNAL,
    )
    where = f"{SCORED} AND {ON_LEG} AND {OF_SENSOR} AND {_USABLE}"
    what = f"min({column(LEG_EPOCH, 'valid_s')})"
    query = select(what, LEG_EPOCH, where, 'time($__interval), "sensor", "kind" fill(null)')
    return panels.curves(about, Query(query, alias="$tag_sensor $tag_kind"), span=panels.HALF).interval("30s").min(0)


def _link() -> timeseries.Panel:
    about = About(
        "Link",
        "Share of each minute in which the sensor was connected; a hole is where nobody collected.",
        SHARE,
    )
    where = f"{CHOSEN} AND {OF_SENSOR} AND \"kind\" = 'minute'"
    what = f"min({column(SENSOR_HEALTH, 'linked_share')})"
    query = select(what, SENSOR_HEALTH, where, 'time($__interval), "sensor" fill(null)')
    return panels.curves(about, Query(query, alias="$tag_sensor"), span=panels.HALF).interval("1m").min(0).max(1)
