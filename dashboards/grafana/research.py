"""The dashboard *Research*: how events are distributed, one rule set against another, one scoring against another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.grafana import links, marked, panels, variables
from dashboards.grafana.about import COUNT, MICROVOLT, NO_SIGNAL, PER_HOUR, SECONDS, SHARE, About
from dashboards.grafana.distributions import against, how_often
from dashboards.grafana.frame import Frame, board, filled
from dashboards.grafana.influxql import SCORED, Query, column, known, select
from dashboards.grafana.variables import ON_LEG
from ingest.schema import LEG_EVENT, NIGHT, NIGHT_INTERVAL

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import barchart, histogram, table, timeseries, xychart
    from grafana_foundation_sdk.models import dashboard as parts

FRAME = Frame(
    "soleus-research",
    "Research",
    "How long, how strong and how certain are events, and what do other rules and other thresholds make of them?",
    "now-90d",
)
_OF_LEG = f"{SCORED} AND {ON_LEG}"
_MOVEMENT = f"{_OF_LEG} AND \"kind\" = 'leg_movement'"
_CRAMP = f"{_OF_LEG} AND \"kind\" = 'cramp'"
_OF_EMG = "Movements found in acceleration have no amplitude in EMG and are left out."
_WASM, _AASM = "plms_wasm_per_h", "plms_aasm_per_h"
# Several scorings put several points into one night.
_ONE = "Choose one scoring: of several, each counts the same night once more."


def research() -> parts.Dashboard:
    """Return the dashboard."""
    return filled(
        board(FRAME, (variables.person(), variables.scorings(), variables.leg())),
        [
            _scorings(),
            _kinds(),
            _nights(),
            panels.section("Leg movements"),
            _durations(),
            _amplitudes(),
            _intervals(),
            panels.section("WASM 2016 against AASM"),
            _rates(),
            _rule_against_rule(),
            _judged(),
            panels.section("Cramp-like events"),
            _confidence(),
            _lengths(),
        ],
    )


def _of(name: str) -> str:
    return column(LEG_EVENT, name)


def _scorings() -> table.Panel:
    about = About(
        "Nights by scoring",
        "One row for each scoring: nights with an index, and the means over them. A night counts in each of its "
        "scorings.",
        COUNT,
        NO_SIGNAL,
    )
    means = {"lm_per_h": "LM/h", _WASM: "WASM/h", _AASM: "AASM/h"}
    told = ", ".join(f'mean({column(NIGHT, name)}) AS "{words}"' for name, words in means.items())
    counted = f'count({column(NIGHT, "duration_s")}) AS "nights", {told}'
    query = Query.table(select(counted, NIGHT, f"{SCORED} AND {known(_WASM)}", '"scoring"'))
    return panels.rows_of(about, query, span=panels.HALF, height=panels.MIDDLE)


def _nights() -> table.Panel:
    about = About(
        "Nights and what they were scored with",
        "One row for each night and scoring, newest first: the set of criteria with every threshold that was changed, "
        "the version of the program, and the movements per hour. Click to open the night.",
        PER_HOUR,
        NO_SIGNAL,
    )
    words = ('"scoring"', f'{column(NIGHT, "criteria")} AS "configuration"', column(NIGHT, "version"))
    rates = (f'{column(NIGHT, name)} AS "{short}"' for name, short in ((_WASM, "WASM"), (_AASM, "AASM")))
    where = f"{SCORED} AND {column(NIGHT, 'criteria')} =~ /./ AND {known(_WASM)}"
    query = Query.table(f"{select(', '.join([*words, *rates]), NIGHT, where)} ORDER BY time DESC")
    return panels.rows_of(about, query).data_links([links.to_night()])


def _kinds() -> barchart.Panel:
    about = About(
        "Events by class",
        "How many events of each class there are, candidates of tier 0 among the cramp-like ones included. " + _ONE,
        COUNT,
        "no event in this time",
    )
    query = Query.table(select(f'count({_of("duration_s")}) AS "events"', LEG_EVENT, _OF_LEG, '"kind"'))
    return panels.bar_chart(about, query, of="kind")


def _durations() -> histogram.Panel:
    about = About(
        "Duration of leg movements",
        f"How many leg movements, each leg's own, last how long. {_ONE}",
        SECONDS,
        NO_SIGNAL,
    )
    return how_often(about, Query(select(f'{_of("duration_s")} AS "lasted"', LEG_EVENT, _MOVEMENT)), bucket=0.5)


def _amplitudes() -> histogram.Panel:
    about = About(
        "Amplitude over the resting level",
        f"Highest envelope of each leg movement less the resting level before it. {_OF_EMG} {_ONE}",
        MICROVOLT,
        NO_SIGNAL,
    )
    where = f"{_MOVEMENT} AND {_of('peak_uv')} > 0 AND {_of('resting_uv')} >= 0"
    over = f'{_of("peak_uv")} - {_of("resting_uv")} AS "over resting level"'
    return how_often(about, Query(select(over, LEG_EVENT, where)), bucket=5)


def _intervals() -> barchart.Panel:
    about = About(
        "Intervals between movements",
        "How many intervals between the onsets of consecutive candidates for a series are how long, in bins of two "
        "seconds by their lower edge, up to 100 s. What both legs did together is one movement, on whichever leg. "
        + _ONE,
        COUNT,
        NO_SIGNAL,
    )
    what = f'sum({column(NIGHT_INTERVAL, "n")}) AS "intervals"'
    query = Query.table(select(what, NIGHT_INTERVAL, SCORED, '"from_s"'))
    return panels.bar_chart(about, query, of="from_s", span=panels.FULL)


def _rates() -> timeseries.Panel:
    about = About(
        "Periodic movements per hour by rule set",
        f"Each night under WASM 2016 and under AASM, per hour of recording or of scored sleep. {_ONE}",
        PER_HOUR,
        NO_SIGNAL,
    )
    queries = [
        Query(select(column(NIGHT, name), NIGHT, f"{SCORED} AND {known(name)}", '"scoring"'), letter, words)
        for letter, name, words in (("A", _WASM, "WASM $tag_scoring"), ("B", _AASM, "AASM $tag_scoring"))
    ]
    return panels.points(about, *queries, span=panels.HALF).data_links([links.to_night()])


def _rule_against_rule() -> xychart.Panel:
    about = About(
        "WASM 2016 to the right, AASM upwards",
        f"One point for each night, periodic movements per hour; on the diagonal both rule sets say the same. {_ONE}",
        PER_HOUR,
        NO_SIGNAL,
    )
    what = f'{column(NIGHT, _WASM)} AS "WASM", {column(NIGHT, _AASM)} AS "AASM"'
    query = Query.table(select(what, NIGHT, f"{SCORED} AND {known(_WASM)} AND {known(_AASM)}"))
    return against(about, query, across="WASM", up="AASM")


def _judged() -> table.Panel:
    about = About(
        "Movements by what the rules make of them",
        "Leg movements, each leg's own, that belong to a candidate, to a series by WASM 2016, and to one by AASM.",
        COUNT,
        NO_SIGNAL,
    )
    told = {"clm": "candidates", "plm_wasm": "periodic (WASM)", "plm_aasm": "periodic (AASM)"}
    sums = ", ".join(f'sum({_of(name)}) AS "{words}"' for name, words in told.items())
    counted = f'count({_of("duration_s")}) AS "movements", {sums}'
    # A movement has all of them or, as -1, none.
    where = " AND ".join([_MOVEMENT, *(f"{_of(name)} >= 0" for name in told)])
    query = Query.table(select(counted, LEG_EVENT, where, '"scoring"'))
    return panels.rows_of(about, query, height=panels.SHORT)


def _confidence() -> histogram.Panel:
    about = About(
        "Confidence of cramp-like events",
        "How well the signal fits the rules, from 0 to 1, candidates that are shown nowhere else included: it is no "
        "probability, and what it is worth was tested on simulated signals only. " + _ONE,
        SHARE,
        NO_SIGNAL,
    )
    return how_often(
        about, Query(select(_of("confidence"), LEG_EVENT, f"{_CRAMP} AND {_of('confidence')} >= 0")), bucket=0.05
    )


def _lengths() -> histogram.Panel:
    about = About(
        "Duration of cramp-like events",
        f"Those of tier 1 (possible) or 2 (probable), whatever was said of them since. {_ONE}",
        SECONDS,
        NO_SIGNAL,
    )
    where = f"{_OF_LEG} AND {marked.SHOWN_CRAMP}"
    return how_often(about, Query(select(f'{_of("duration_s")} AS "lasted"', LEG_EVENT, where)), bucket=10)
