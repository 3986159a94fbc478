"""The dashboard *Sensors and delivery*: is every sensor well, and does what it sent arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.grafana import links, panels, variables
from dashboards.grafana.about import (
    COUNT,
    DBM,
    PERCENT,
    SECONDS,
    SHARE,
    TEXT,
    About,
)
from dashboards.grafana.delivery_panels import delivery
from dashboards.grafana.frame import Frame, board, filled
from dashboards.grafana.influxql import CHOSEN, SCORED, Query, column, select
from dashboards.grafana.variables import OF_SENSOR
from ingest.schema import LEG_EVENT, SENSOR_HEALTH

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import stat, table, timeseries
    from grafana_foundation_sdk.models import dashboard as parts

FRAME = Frame(
    "soleus-sensors",
    "Sensors and delivery",
    "Is every sensor charged, linked and in time, and does what it sent reach the database?",
    "now-24h",
    "1m",
)
_MINUTE = f"{CHOSEN} AND {OF_SENSOR} AND \"kind\" = 'minute'"
_LOST: Final = {
    "air": "lost on the air",
    "device": "the sensor says so",
    "reconnect": "while the link was away",
    "malformed": "could not be read",
}
NO_REPORT = "no report"


def sensors() -> parts.Dashboard:
    """Return the dashboard."""
    return filled(
        board(FRAME, (variables.person(), variables.scoring(), variables.sensor())),
        [
            _battery_now(),
            _linked(),
            _lost_percent(),
            _silence(),
            _battery(),
            _signal_strength(),
            _lost(),
            _late(),
            _spread(),
            _pace(),
            _gaps(),
            _reports(),
            *delivery(),
        ],
    )


def _field(name: str) -> str:
    return column(SENSOR_HEALTH, name)


def _over_time(what: str, ref_id: str = "A", alias: str = "$tag_sensor") -> Query:
    grouped = 'time($__interval), "sensor" fill(null)'
    return Query(select(what, SENSOR_HEALTH, _MINUTE, grouped), ref_id, alias)


def _in_all(what: str, where: str = _MINUTE) -> Query:
    return Query(select(what, SENSOR_HEALTH, where, '"sensor"'), alias="$tag_sensor")


def _battery_now() -> stat.Panel:
    about = About(
        "Battery, last word", "The last that each sensor said of its battery in this time.", PERCENT, NO_REPORT
    )
    return panels.number(about, _in_all(f"last({_field('battery_pct')})"))


def _linked() -> stat.Panel:
    about = About(
        "Linked",
        "Share of the minutes of the nights in this time in which the sensor had a link; empty where no night ran.",
        SHARE,
        NO_REPORT,
    )
    return panels.number(about, _in_all(f"mean({_field('linked_share')})"), decimals=1)


def _lost_percent() -> stat.Panel:
    about = About(
        "Lost on the air",
        "Samples that were sent, never came and were not sent again, of all that came or were lost so.",
        PERCENT,
        NO_REPORT,
    )
    lost, received = f"sum({_field('n_lost_air')})", f"sum({_field('n_received')})"
    # InfluxQL divides by 0 to 0: a sensor that never sent anything would have lost nothing.
    where = f"{_MINUTE} AND ({_field('n_received')} > 0 OR {_field('n_lost_air')} > 0)"
    return panels.number(about, _in_all(f"100 * {lost} / ({received} + {lost})", where), decimals=2)


def _silence() -> stat.Panel:
    about = About("Longest silence", "Longest time without a packet inside one minute of a night.", SECONDS, NO_REPORT)
    return panels.number(about, _in_all(f"max({_field('longest_silence_s')})"), decimals=1)


def _battery() -> timeseries.Panel:
    about = About("Battery", "What each sensor says of its battery; a hole is where it said nothing.", PERCENT)
    return panels.curves(about, _over_time(f"mean({_field('battery_pct')})"), span=panels.HALF).min(0).max(100)


def _signal_strength() -> timeseries.Panel:
    about = About(
        "Signal strength",
        "As the computer's radio receives the sensor; not every radio and sensor tells it.",
        DBM,
    )
    return panels.curves(about, _over_time(f"mean({_field('rssi_dbm')})"), span=panels.HALF)


def _lost() -> timeseries.Panel:
    about = About(
        "Missing samples by cause",
        "Samples of the chosen sensors that are missing: lost on the air, said by the sensor itself, missing after the "
        "link was away, or in packets that could not be read.",
        COUNT,
    )
    queries = [
        Query(
            select(f"sum({_field(f'n_lost_{cause}')})", SENSOR_HEALTH, _MINUTE, "time($__interval) fill(null)"),
            letter,
            words,
        )
        for letter, (cause, words) in zip("ABCD", _LOST.items(), strict=True)
    ]
    return panels.bars(about, *queries, span=panels.HALF).interval("1m")


def _late() -> timeseries.Panel:
    about = About(
        "Late samples",
        "Samples that came so late that the scoring of the running night was past them; the final one has them.",
        COUNT,
    )
    return panels.bars(about, _over_time(f"sum({_field('n_late')})"), span=panels.HALF).interval("1m")


def _spread() -> timeseries.Panel:
    about = About(
        "Fit of the clock",
        "How far the soonest packets scatter about the line from the sensor's time to the computer's: what an onset "
        "may be off between two sensors.",
        "ms",
    )
    return panels.curves(about, _over_time(f"max({_field('clock_spread_ms')})"), span=panels.HALF).min(0)


def _pace() -> timeseries.Panel:
    about = About(
        "Pace of the clock",
        "By how much a second of the sensor is longer than one of the computer, parts per million. Crystals stay "
        "within 200; sensors without a clock miss their rate by some percent, and a percent is 10 000.",
        "ppm",
    )
    return panels.curves(about, _over_time(f"mean({_field('clock_ppm')})"), span=panels.HALF)


def _gaps() -> table.Panel:
    about = About(
        "Gaps",
        "Stretches without samples that are long enough to be told, and how many are missing where that is known.",
        COUNT,
        "no gap in this time",
    )
    where = f"{SCORED} AND {OF_SENSOR} AND \"kind\" = 'signal_gap'"
    lasted, missing = column(LEG_EVENT, "duration_s"), column(LEG_EVENT, "n_missing")
    query = Query.table(select(f'"sensor", "leg", {lasted} AS "lasted", {missing} AS "missing"', LEG_EVENT, where))
    return (
        panels.rows_of(about, query, span=panels.HALF)
        .override_by_name(*panels.in_unit("lasted", SECONDS))
        .override_by_name(*panels.in_words("missing", {"-1": "not known"}))
        .data_links([links.to_event_of_row("signal_gap")])
    )


def _reports() -> table.Panel:
    about = About(
        "What sensors reported",
        "Links that came and went, electrodes that came off, sensors that were away or began again, packets that could "
        "not be read; what is read again and again is reported once.",
        TEXT,
        "nothing was reported in this time",
    )
    where = f"{CHOSEN} AND {OF_SENSOR} AND \"kind\" != 'minute'"
    query = Query.table(select(f'"sensor", "kind", {_field("detail")}', SENSOR_HEALTH, where))
    return panels.rows_of(about, query, span=panels.HALF)
