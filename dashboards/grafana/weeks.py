"""The dashboard *Sleep disruption over weeks*: what changes from night to night, and what was taken meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from grafana_foundation_sdk.builders import common
from grafana_foundation_sdk.models import common as forms

from dashboards.grafana import marked, panels, strips, variables
from dashboards.grafana.about import (
    AS_MARKED,
    COUNT,
    HOURS,
    MINUTES,
    NO_NIGHT,
    NO_SIGNAL,
    PER_HOUR,
    PER_NIGHT,
    PERCENT,
    About,
)
from dashboards.grafana.frame import Frame, board, filled
from dashboards.grafana.influxql import CHOSEN, SCORED, Query, column, known, select
from dashboards.grafana.night_series import WEEKLY, by_night, in_short, with_range
from dashboards.grafana.variables import ON_LEG
from ingest.schema import DIARY, LEG_EVENT, NIGHT, NIGHT_HOUR

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import barchart, dashboard, stat, statetimeline, timeseries
    from grafana_foundation_sdk.cog.builder import Builder
    from grafana_foundation_sdk.models import dashboard as parts

FRAME = Frame(
    "soleus-weeks",
    "Sleep disruption over weeks",
    "What changed from night to night, and what was taken then?",
    "now-90d",
)
RANGE: Final = (
    "Bars are nights; the line is the median of each week from Monday on, between its lowest and highest night, of the "
    "nights in the chosen time."
)
# A night goes from noon to noon: the evening first, from the top down.
_EVENING, _MORNING = "/^(1[2-9]|2[0-3])$/", "/^(0[0-9]|1[01])$/"
# An hour without a valid signal says -1.
_KNOWN: Final = f"{column(NIGHT_HOUR, 'cramps')} >= 0"
SAYS_CRAMP: Final = f"{column(DIARY, 'text')} =~ /(?i)cramp/"
"""A button or a page names a mark; of those that say so, it is one."""


def weeks() -> parts.Dashboard:
    """Return the dashboard."""
    chosen = (variables.person(), variables.scoring(), variables.leg())
    shown: list[Builder[parts.Panel] | dashboard.Row] = [
        *_in_short(),
        panels.section("Night by night"),
        *_nights(),
        panels.section("When in the night"),
        _by_clock(),
        _since_onset(),
        _since_onset_by_week(),
        _by_leg(),
        panels.section("Beside what you wrote"),
        _sensor_and_diary(),
        _ratings(),
    ]
    return filled(board(FRAME, chosen, [marked.taken(), marked.periods(), marked.cramps(enabled=False)]), shown)


def _in_short() -> list[stat.Panel]:
    of = "Median, lowest and highest of the nights in the chosen time in which it was known, and how many those were."
    cramps = About(
        "Cramp-like events per night", f"{of} Probable and possible together. {AS_MARKED}", PER_NIGHT, NO_SIGNAL
    )
    awake = About(
        "Awake after them (estimate)",
        f"{of} Signs of wake that began within five minutes after a cramp-like event out of sleep. {AS_MARKED}",
        MINUTES,
        NO_SIGNAL,
    )
    periodic = About(
        "Periodic movements per hour",
        f"{of} WASM 2016, per hour of valid recording, or of sleep where stages were given. Many healthy people have "
        "some.",
        PER_HOUR,
        NO_SIGNAL,
    )
    calm = About("Longest undisturbed stretch", of, MINUTES, NO_SIGNAL)
    return [
        in_short(cramps, "cramp_events"),
        in_short(awake, "awake_after_cramps_est_min"),
        in_short(periodic, "plms_wasm_per_h", decimals=1),
        in_short(calm, "longest_undisturbed_min"),
    ]


def _nights() -> list[timeseries.Panel]:
    return [
        _cramps(),
        with_range(
            by_night(
                _minutes("Awake after cramp-like events by night (estimate)", f" {AS_MARKED}"),
                awake="awake_after_cramps_est_min",
            ),
            "awake_after_cramps_est_min",
        ),
        with_range(by_night(_periodic(), by_night="plms_wasm_per_h"), "plms_wasm_per_h"),
        with_range(
            by_night(_minutes("Longest undisturbed stretch by night"), by_night="longest_undisturbed_min"),
            "longest_undisturbed_min",
        ),
        _awakenings(),
        _wake(),
        _fragmentation(),
        _valid(),
    ]


def _cramps() -> timeseries.Panel:
    about = About(
        "Cramp-like events by night",
        f"Probable and possible, one on the other. {RANGE} No bar where none was marked or no EMG was valid. "
        f"{AS_MARKED}",
        COUNT,
        NO_SIGNAL,
    )
    panel = by_night(about, probable="cramp_probable", possible="cramp_possible")
    stacked = common.StackingConfig().mode(forms.StackingMode.NORMAL).group("nights")
    return with_range(panel.stacking(stacked), "cramp_events")


def _minutes(title: str, besides: str = "") -> About:
    return About(title, f"{RANGE} No bar where it is not known.{besides}", MINUTES, NO_SIGNAL)


def _periodic() -> About:
    meaning = f"WASM 2016, per hour of valid recording, or of sleep where stages were given. {RANGE} One night can "
    title = "Periodic movements per hour by night"
    return About(title, f"{meaning}differ a lot from the next; no bar below four valid hours.", PER_HOUR, NO_SIGNAL)


def _awakenings() -> timeseries.Panel:
    about = About(
        "Awakenings (estimate)",
        "Wake of two and of five minutes or more between falling asleep and the last sleep, as the legs show it.",
        COUNT,
        NO_SIGNAL,
    )
    return by_night(about, from_2_min="awakenings_est", from_5_min="awakenings_5min_est").span(panels.HALF)


def _wake() -> timeseries.Panel:
    about = About(
        "Awake after falling asleep (estimate)",
        "Minutes of wake between falling asleep and the last sleep.",
        MINUTES,
        NO_SIGNAL,
    )
    return by_night(about, awake="waso_est_min").span(panels.HALF)


def _fragmentation() -> timeseries.Panel:
    about = About(
        "Fragmentation and movement",
        "Fragmentation adds the share of minutes with movement and that of the shortest among the still stretches, 0 "
        "to 200 %; half minutes with movement are counted alone. Of estimated sleep where there is an estimate, else "
        "of the recording.",
        PERCENT,
        NO_SIGNAL,
    )
    return by_night(
        about,
        fragmentation_est="fragmentation_index_est",
        fragmentation_recorded="fragmentation_index",
        half_minutes_with_movement="movement_index_percent",
    )


def _valid() -> timeseries.Panel:
    about = About("Valid hours", "Hours of signal good enough to score, by sensor and kind of signal.", HOURS, NO_NIGHT)
    query = select(column(NIGHT, "valid_h"), NIGHT, SCORED, '"sensor", "kind"')
    return panels.bars(about, Query(query, alias="$tag_sensor $tag_kind"))


def _by_clock() -> statetimeline.Panel:
    about = About(
        "Cramp-like events by the hour of the clock",
        "How many began in each hour, by week from Monday on; hours are those of the clock where the night was "
        "collected, the evening at the top. An empty cell has none marked, or nothing was recorded then. "
        f"{AS_MARKED}",
        COUNT,
        NO_SIGNAL,
    )
    return strips.heat_map(about, _hours("midnight", _EVENING, "A"), _hours("midnight", _MORNING, "B"))


def _hours(since: str, hours: str, ref_id: str) -> Query:
    where = f'{SCORED} AND {_KNOWN} AND "since" = \'{since}\' AND "hour" =~ {hours}'
    return Query(
        select(f"sum({column(NIGHT_HOUR, 'cramps')})", NIGHT_HOUR, where, f'{WEEKLY}, "hour" fill(null)'),
        ref_id,
        "$tag_hour h",
    )


def _since_onset() -> barchart.Panel:
    about = About(
        "Cramp-like events by hour since falling asleep (estimate)",
        "Mean of the nights in which that hour had a valid signal; hour 00 is the first. Only nights whose sleep is "
        f"known. {AS_MARKED}",
        PER_NIGHT,
        NO_SIGNAL,
    )
    mean = f'mean({column(NIGHT_HOUR, "cramps")}) AS "per night"'
    where = f"{SCORED} AND {_KNOWN} AND \"since\" = 'sleep_onset'"
    return panels.bar_chart(about, Query.table(select(mean, NIGHT_HOUR, where, '"hour"')), of="hour")


def _since_onset_by_week() -> statetimeline.Panel:
    about = About(
        "The same by week",
        "How many began in each hour since falling asleep, by week from Monday on, the first hour at the top. "
        f"{AS_MARKED}",
        COUNT,
        NO_SIGNAL,
    )
    query = _hours("sleep_onset", "/./", "A")
    return strips.heat_map(about, query, span=panels.HALF, height=panels.MIDDLE)


def _by_leg() -> timeseries.Panel:
    about = About(
        "Cramp-like events by leg",
        "How many were marked on each leg, by week from Monday on; no bar where none was marked, or nothing was "
        f"recorded. {AS_MARKED}",
        COUNT,
    )
    where = f"{SCORED} AND {ON_LEG} AND {marked.SHOWN_CRAMP}"
    counted = f"count({column(LEG_EVENT, 'duration_s')})"
    return panels.bars(about, Query(select(counted, LEG_EVENT, where, f'{WEEKLY}, "leg" fill(none)'), alias="$tag_leg"))


def _sensor_and_diary() -> timeseries.Panel:
    about = About(
        "What the sensor marked and what you wrote",
        "By week from Monday on: cramp-like events that were marked; of these, those that you confirmed or denied; "
        "cramps in your diary; and marks of a button that say cramp. The same one may be in several. No bar where "
        "nothing was written.",
        COUNT,
    )
    marked_n = f"sum({column(NIGHT, 'cramp_events')})"
    judged = f"{SCORED} AND \"kind\" = 'cramp' AND {column(LEG_EVENT, 'confirmed')}"
    one, note = f"count({column(LEG_EVENT, 'duration_s')})", f"count({column(DIARY, 'revision')})"
    of_week = f"{WEEKLY} fill(none)"
    queries = (
        Query(select(marked_n, NIGHT, f"{SCORED} AND {known('cramp_events')}", of_week), "A", "marked by the sensor"),
        Query(select(one, LEG_EVENT, f"{judged} = 1", of_week), "B", "confirmed by you"),
        Query(select(one, LEG_EVENT, f"{judged} = 0", of_week), "C", "denied by you"),
        Query(select(note, DIARY, f"{CHOSEN} AND \"kind\" = 'cramp'", of_week), "D", "in the diary"),
        Query(select(note, DIARY, f"{CHOSEN} AND \"kind\" = 'marker' AND {SAYS_CRAMP}", of_week), "E", "by the button"),
    )
    return panels.bars(about, *queries)


def _ratings() -> timeseries.Panel:
    about = About(
        "What you rated",
        "Numbers of your diary: sleep quality as you rate it, 1 to 5, and how strong a cramp felt to you, 1 to 10, or "
        "how much it hurt, 0 to 10.",
        COUNT,
    )
    quality = select(column(DIARY, "sleep_quality"), DIARY, CHOSEN)
    strength = select(column(DIARY, "intensity_1_10"), DIARY, CHOSEN)
    pain = select(column(DIARY, "pain_0_10"), DIARY, f"{CHOSEN} AND \"kind\" = 'cramp'")
    queries = Query(quality, "A", "sleep quality"), Query(strength, "B", "how strong"), Query(pain, "C", "pain")
    return panels.points(about, *queries).min(0)
