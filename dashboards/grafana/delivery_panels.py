"""Panels about delivery: what waits in outboxes, and what the writers do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.grafana import panels
from dashboards.grafana.about import COUNT, SECONDS, About
from dashboards.grafana.influxql import CHOSEN, Query, column, select
from ingest.schema import DELIVERY

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import dashboard, stat, table, timeseries
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.models import dashboard as parts

OUTBOX = f"{CHOSEN} AND \"kind\" = 'outbox'"
# A writer serves all homes: its points are of no person.
WRITER = "$timeFilter AND \"kind\" = 'writer'"
NO_WORD = "no word of it in this time"


def delivery() -> list[Builder[parts.Panel] | dashboard.Row]:
    """Return the heading and the panels below it."""
    return [
        panels.section("Delivery"),
        _waiting_now(),
        _oldest_now(),
        _set_aside(),
        _lag_now(),
        _oldest(),
        _lag(),
        _written(),
        _errors(),
        _last_words(),
    ]


def _field(name: str) -> str:
    return column(DELIVERY, name)


def _number(about: About, what: str, where: str, decimals: int = 0) -> stat.Panel:
    return panels.number(about, Query(select(what, DELIVERY, where, '"name"'), alias="$tag_name"), decimals=decimals)


def _curve(what: str, where: str, ref_id: str = "A", words: str = "") -> Query:
    return Query(select(what, DELIVERY, where, 'time($__interval), "name" fill(null)'), ref_id, f"$tag_name{words}")


def _waiting_now() -> stat.Panel:
    about = About(
        "Waiting in the outbox",
        "Entries that wait for delivery, by collector. A collector says it every five minutes while a night runs; "
        "while it does not reach the broker, nothing is said.",
        COUNT,
        NO_WORD,
    )
    return _number(about, f"last({_field('n_waiting')})", OUTBOX)


def _oldest_now() -> stat.Panel:
    about = About("Oldest of them", "For how long the oldest entry has waited.", SECONDS, NO_WORD)
    return _number(about, f"last({_field('oldest_s')})", OUTBOX)


def _set_aside() -> stat.Panel:
    about = About(
        "Set aside",
        "Entries that the database refused for good, or that cannot be sent: soleus outbox says why, and "
        "soleus outbox --retry sends them again once that is mended.",
        COUNT,
        NO_WORD,
    )
    return _number(about, f"last({_field('n_set_aside')})", OUTBOX)


def _lag_now() -> stat.Panel:
    about = About(
        "Writer behind by",
        "Time from publishing to the database's yes, of the slowest in a hundred entries, in the writer's last minute "
        "with entries; by the clocks of two computers.",
        SECONDS,
        NO_WORD,
    )
    return _number(about, f"last({_field('lag_p99_s')})", WRITER, decimals=2)


def _oldest() -> timeseries.Panel:
    about = About(
        "Age of the oldest entry in the outbox",
        "It goes up and down by seconds while everything works. A hole in a night is a collector that does not reach "
        "the broker, or a writer that does not reach the database.",
        SECONDS,
    )
    return panels.curves(about, _curve(f"max({_field('oldest_s')})", OUTBOX), span=panels.HALF).min(0).interval("5m")


def _lag() -> timeseries.Panel:
    about = About(
        "Writer behind by, over time",
        "Median, and the slowest in a hundred entries, of the time from publishing to the database's yes.",
        SECONDS,
    )
    median = _curve(f"max({_field('lag_p50_s')})", WRITER, "A", " median")
    slowest = _curve(f"max({_field('lag_p99_s')})", WRITER, "B", " 99 %")
    return panels.curves(about, median, slowest, span=panels.HALF).min(0).interval("1m")


def _written() -> timeseries.Panel:
    about = About(
        "Entries written",
        "By writer. A writer reports every minute, also when there was nothing to write: a hole is a writer that is "
        "down, or does not reach the database.",
        COUNT,
    )
    return panels.bars(about, _curve(f"sum({_field('n_entries')})", WRITER), span=panels.HALF).interval("1m")


def _errors() -> timeseries.Panel:
    about = About(
        "Errors of the writer",
        "Entries that the database refused for good, and messages that nobody can read.",
        COUNT,
    )
    refused = _curve(f"sum({_field('n_refused')})", WRITER, "A", " refused")
    unreadable = _curve(f"sum({_field('n_unreadable')})", WRITER, "B", " unreadable")
    return panels.bars(about, refused, unreadable, span=panels.HALF).interval("1m")


def _last_words() -> table.Panel:
    about = About(
        "What was said last",
        "The last reports of collectors, newest first: what waited when, and how much room it takes.",
        COUNT,
        NO_WORD,
    )
    names = {"n_waiting": "waiting", "oldest_s": "oldest", "n_set_aside": "set aside", "waiting_mb": "MB"}
    columns = ", ".join(['"name"', *(f'{_field(name)} AS "{words}"' for name, words in names.items())])
    query = Query.table(f"{select(columns, DELIVERY, OUTBOX)} ORDER BY time DESC LIMIT 50")
    return panels.rows_of(about, query, height=panels.MIDDLE).override_by_name(*panels.in_unit("oldest", SECONDS))
