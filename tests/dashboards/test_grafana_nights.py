"""*Last night* and *Weeks*: what is asked for, and that a night without a number never shows another's."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from dashboards.grafana.about import About
from dashboards.grafana.influxql import column, known
from dashboards.grafana.links import to_event
from dashboards.grafana.variables import tag_values
from ingest.schema import LEG_EPOCH, NIGHT
from tests.influxql import FOLDER, Asked, asked, panels

pytestmark = pytest.mark.filterwarnings("ignore:Prefer using dashboardv2:DeprecationWarning")
LAST_NIGHT, WEEKS = (
    json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in ("last_night", "weeks")
)
ANSWER = [
    "Cramp-like events",
    "Awake after them (estimate)",
    "Periodic movements per hour",
    "Longest undisturbed stretch",
    "Valid hours and grade",
]
AT_TIME = "${web:raw}/at/${__value.time}?person=${person:percentencode}"
# These two are known of every night, also of one without valid signal: 0 h and C.
ALWAYS_KNOWN = {"duration_s", "valid_h", "night_grade"}


def of_panel(dashboard: dict[str, Any], title: str) -> list[Asked]:
    return [one for one in asked(dashboard) if one.title == title]


def test_the_answer_is_in_the_first_row() -> None:
    first = [panel for panel in LAST_NIGHT["panels"] if panel["gridPos"]["y"] == 0]
    assert [panel["title"] for panel in first] == ANSWER
    assert sum(panel["gridPos"]["w"] for panel in first) == 24


@pytest.mark.parametrize("title", ANSWER)
def test_a_last_night_without_a_number_keeps_its_row_so_that_no_other_night_stands_there(title: str) -> None:
    (panel,) = [panel for panel in panels(LAST_NIGHT) if panel["title"] == title]
    every = of_panel(LAST_NIGHT, title)[-1].query
    assert re.fullmatch(r'SELECT "duration_s" AS "lasted" FROM "night" WHERE [^/]+/[^/]+/[^/]+/[^/]+/', every)
    (joined,) = panel["transformations"]
    assert (joined["id"], joined["options"]) == ("joinByField", {"byField": "Time", "mode": "outer"})
    reduced = panel["options"]["reduceOptions"]
    assert reduced["calcs"] == ["last"]
    shown = re.compile(reduced["fields"].strip("/"))
    assert not shown.match("Time")
    assert not shown.match("lasted")
    assert panel["fieldConfig"]["defaults"]["noValue"] == "no night, or no valid signal"
    # Longer than from the start of a night to the end of the next.
    assert panel["timeFrom"] == "36h"


@pytest.mark.parametrize("dashboard", [LAST_NIGHT, WEEKS], ids=["last_night", "weeks"])
def test_every_number_of_a_night_is_asked_for_only_where_its_latest_scoring_knows_it(dashboard: dict[str, Any]) -> None:
    asked_for = [one for one in asked(dashboard) if 'FROM "night"' in one.query]
    assert asked_for
    for one in asked_for:
        columns = re.sub(r'AS "[^"]+"', "", one.query.partition(" FROM ")[0])
        for number in set(re.findall(r'"(\w+)"', columns)) - ALWAYS_KNOWN:
            assert known(number) in one.query, one


def test_levels_are_those_of_usable_signal() -> None:
    levels = [one for one in asked(LAST_NIGHT) if 'FROM "leg_epoch"' in one.query]
    assert levels
    for one in levels:
        assert '"quality_class" >= 1' in one.query, one
        assert "fill(null)" in one.query, one


@pytest.mark.parametrize("dashboard", [LAST_NIGHT, WEEKS], ids=["last_night", "weeks"])
def test_nothing_is_filled_with_a_number_that_nobody_measured(dashboard: dict[str, Any]) -> None:
    for one in asked(dashboard):
        assert not re.search(r"fill\((?!null\)|none\))", one.query), one
        # Without a fill InfluxDB takes null, and Grafana asks for nothing else.
        assert "fill(" in one.query or "GROUP BY time" not in one.query, one


def test_candidates_of_the_lowest_tier_are_shown_nowhere() -> None:
    for dashboard in (LAST_NIGHT, WEEKS):
        for one in asked(dashboard):
            if 'FROM "leg_event"' in one.query and "\"kind\" = 'cramp'" in one.query:
                assert '"tier" >= 1' in one.query or '"confirmed"' in one.query, one


def test_a_strip_of_events_ends_where_its_events_end() -> None:
    (panel,) = [panel for panel in panels(LAST_NIGHT) if panel["title"] == "Events by class and leg"]
    (turned,) = panel["transformations"]
    assert turned["options"]["conversions"] == [{"targetField": "end_ms", "destinationType": "time"}]
    (looks,) = panel["fieldConfig"]["defaults"]["mappings"]
    asked_for = " ".join(one.query for one in of_panel(LAST_NIGHT, panel["title"]))
    assert set(re.findall(r"\"kind\" = '(\w+)'", asked_for)) == set(looks["options"])
    assert all('"end_ms"' in one.query for one in of_panel(LAST_NIGHT, panel["title"]))
    assert looks["options"]["cramp"]["text"] == "cramp-like"


def test_a_cell_of_the_clock_begins_at_its_week_and_stays_empty_where_nothing_was_marked() -> None:
    title = "Cramp-like events by the hour of the clock"
    (panel,) = [panel for panel in panels(WEEKS) if panel["title"] == title]
    # Grafana's own heat map would end each cell at the time at which its week begins.
    assert panel["type"] == "state-timeline"
    assert all("time(7d, 4d)" in one.query and "fill(null)" in one.query for one in of_panel(WEEKS, title))
    (nothing,) = panel["fieldConfig"]["defaults"]["mappings"]
    assert nothing["options"]["0"]["color"] == "transparent"


def test_the_evening_comes_before_the_morning_in_the_heat_map_of_the_clock() -> None:
    evening, morning = of_panel(WEEKS, "Cramp-like events by the hour of the clock")
    hours = [f"{hour:02d}" for hour in range(24)]
    shown = [
        [hour for hour in hours if re.search(re.findall(r'"hour" =~ /([^/]+)/', one.query)[0], hour)]
        for one in (evening, morning)
    ]
    assert shown == [hours[12:], hours[:12]]


def test_remedies_are_bands_where_the_diary_says_for_how_long() -> None:
    (taken,) = [one for one in WEEKS["annotations"]["list"] if one["name"] == "Remedies and medicines"]
    assert taken["target"]["timeEndColumn"] == "end_ms"
    assert '"end_ms"' in taken["target"]["query"]
    kinds = re.findall(r'"kind" =~ /([^/]+)/', taken["target"]["query"])[0]
    shown = [bool(re.search(kinds, kind)) for kind in ("remedy", "remedy_on", "medicine", "caffeine", "period")]
    assert shown == [True, True, True, False, False]


def test_a_period_that_is_compared_is_a_band_of_its_own() -> None:
    (periods,) = [one for one in WEEKS["annotations"]["list"] if one["name"] == "Periods"]
    assert periods["target"]["timeEndColumn"] == "end_ms"
    assert "\"kind\" = 'period'" in periods["target"]["query"]


@pytest.mark.parametrize("missing", ["title", "meaning", "unit", "empty"])
def test_a_panel_without_words_cannot_be_made(missing: str) -> None:
    words = {"title": "Movement", "meaning": "How it moves.", "unit": "g", "empty": "no data", missing: " "}
    with pytest.raises(ValueError, match=f"{missing} is empty"):
        About(**words)


def test_a_query_cannot_name_what_the_schema_does_not() -> None:
    with pytest.raises(ValueError, match="night has no field 'lm_per_hour'"):
        known("lm_per_hour")
    with pytest.raises(ValueError, match="leg_epoch has no field 'envelope'"):
        column(LEG_EPOCH, "envelope")
    with pytest.raises(ValueError, match="night has no tag 'leg'"):
        tag_values(NIGHT, "leg")


def test_a_row_of_the_table_says_in_words_how_sure_it_is_and_whether_you_confirmed_it() -> None:
    (panel,) = [panel for panel in panels(LAST_NIGHT) if panel["type"] == "table"]
    words = {
        override["matcher"]["options"]: {value: told["text"] for value, told in one["value"][0]["options"].items()}
        for override in panel["fieldConfig"]["overrides"]
        for one in override["properties"]
        if one["id"] == "mappings"
    }
    assert words == {
        "tier": {"2": "probable", "1": "possible"},
        "confidence": {"-1": "not known"},
        "confirmed": {"1": "yes", "0": "no", "-1": ""},
    }
    (link,) = panel["fieldConfig"]["defaults"]["links"]
    assert link["url"] == f"{AT_TIME}&kind=cramp&leg=${{__data.fields.leg}}"


def test_only_what_has_the_very_time_of_an_event_offers_to_open_it() -> None:
    for panel in panels(LAST_NIGHT):
        told = [link["title"] for link in panel["fieldConfig"]["defaults"].get("links", ())]
        # A curve has the times of its buckets.
        assert ("Open the event" in told) == (panel["type"] in {"table", "state-timeline"} and bool(told)), panel[
            "title"
        ]


def test_a_number_of_the_last_night_opens_the_newest_night_that_is_over() -> None:
    for panel in panels(LAST_NIGHT):
        if panel["type"] == "stat":
            (link,) = panel["fieldConfig"]["defaults"]["links"]
            assert link["url"].endswith("&over=1"), panel["title"]


def test_the_median_of_a_week_offers_to_open_no_night() -> None:
    of_weeks = [
        {one["id"]: one.get("value") for one in override["properties"]}
        for panel in panels(WEEKS)
        for override in panel["fieldConfig"]["overrides"]
        if override["matcher"]["options"] in {"median of the week", "lowest", "highest"}
    ]
    assert len(of_weeks) == 4 * 3
    assert all(look["links"] == [] for look in of_weeks)


@pytest.mark.parametrize("dashboard", [LAST_NIGHT, WEEKS], ids=["last_night", "weeks"])
def test_a_count_of_cramp_like_events_says_that_it_has_those_that_were_denied(dashboard: dict[str, Any]) -> None:
    counted = {
        one.title: one.panel["description"]
        for one in asked(dashboard)
        if re.search(r'"(cramp_\w+|cramps|awake_after_cramps_est_min)"|count\(.*\'cramp\'.* >= 1', one.query)
        and "confirmed by you" not in str(one.panel["targets"])
    }
    assert counted
    for title, meaning in counted.items():
        assert "what you denied is still counted" in meaning, title


def test_a_link_to_an_event_tells_what_it_was_where_the_panel_knows_it() -> None:
    assert to_event().build().url == AT_TIME
    assert to_event("cramp", "left").build().url == f"{AT_TIME}&kind=cramp&leg=left"


def test_minutes_stay_minutes_and_hours_hours() -> None:
    # Where Grafana knows the unit, it says 2 hours for 90 minutes and 4 days for 90 hours.
    units = {
        panel["fieldConfig"]["defaults"]["unit"] for dashboard in (LAST_NIGHT, WEEKS) for panel in panels(dashboard)
    }
    assert not units & {"m", "h"}
    assert {"min", "hours"} <= units
