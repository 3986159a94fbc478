"""Every query of every dashboard, run against a real InfluxDB that forty nights were delivered to."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from detectors.signal import NS_PER_S
from tests.forty_nights import DARK
from tests.grafana_alerts import firing, query_of, stored_rules
from tests.influxql import FOLDER, Variable, asked, combinations, expand, variables, widest
from tests.system.forty_nights_scene import forty_nights

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.influxql import Asked
    from tests.system.forty_nights_scene import FortyNights

pytestmark = pytest.mark.system

DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
MINUTE_NS = 60 * NS_PER_S
# What it shows of a time is one night's.
OF_ONE_NIGHT = frozenset({"last_night"})
each_dashboard = pytest.mark.parametrize("name", DASHBOARDS)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FortyNights]:
    with forty_nights(tmp_path_factory.mktemp("nights")) as nights:
        yield nights


def chosen_span(nights: FortyNights, name: str) -> tuple[int, int]:
    return nights.one_ns() if name in OF_ONE_NIGHT else nights.all_ns


def known_variables(nights: FortyNights, name: str) -> dict[str, Variable]:
    """Ask for the values of each variable, with the widest choice of those before it."""
    known: dict[str, Variable] = {}
    for one in variables(DASHBOARDS[name]):
        query = expand(one["query"], widest(one["query"], known), chosen_span(nights, name))
        (series,) = nights.ask([query])
        values = [row[1] for found in series for row in found["values"]]
        assert values, f"{name}: the variable {one['name']} has no values"
        assert all(isinstance(value, str) for value in values)
        all_value = (one.get("allValue") or ".*") if one.get("includeAll") else None
        known[one["name"]] = Variable(one["name"], tuple(dict.fromkeys(values)), all_value)
    return known


def rows_of(series: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**found.get("tags", {}), **dict(zip(found["columns"], row, strict=True))}
        for found in series
        for row in found["values"]
    ]


def expect_shape(one: Asked, series: list[dict[str, Any]]) -> None:
    """See that what comes can be drawn as its panel draws it."""
    for found in series:
        assert found["columns"][0] == "time", one
        assert len(found["columns"]) > 1, one
        assert all(isinstance(row[0], int) for row in found["values"]), one
    if not series:
        return
    columns = {name for found in series for name in (*found["columns"], *found.get("tags", {}))}
    assert columns >= columns_wanted(one), f"{one}: {sorted(columns_wanted(one) - columns)} is not there"
    values = [value for found in series for row in found["values"] for value in row[1:]]
    assert any(value is not None for value in values), one
    if one.target.get("resultFormat") == "time_series" and not takes_words(one):
        assert all(value is None or isinstance(value, int | float) for value in values), one


def takes_words(one: Asked) -> bool:
    """Whether a panel draws words: strips do, and a number's panel where it is told to take every field."""
    takes_all = one.panel.get("options", {}).get("reduceOptions", {}).get("fields")
    return one.where in {"annotation", "state-timeline"} or bool(takes_all)


def columns_wanted(one: Asked) -> set[str]:
    """Return the columns that a panel or an annotation draws by their names."""
    if one.where == "annotation":
        keys = ("textColumn", "tagsColumn", "timeEndColumn", "titleColumn")
        return {name for key in keys for name in one.target.get(key, "").split(",") if name}
    told = set(re.findall(r"\$tag_(\w+)", one.target.get("alias", "")))
    if x_field := one.panel.get("options", {}).get("xField"):
        told.add(x_field)
    return told


@each_dashboard
def test_every_query_returns_rows_of_the_right_shape_however_its_variables_are_chosen(
    nights: FortyNights, name: str
) -> None:
    known, span_ns = known_variables(nights, name), chosen_span(nights, name)
    for one in asked(DASHBOARDS[name]):
        choices = combinations(one.query, known)
        answers = nights.ask([expand(one.query, choice, span_ns) for choice in choices])
        for series in answers:
            expect_shape(one, series)
        assert answers[choices.index(widest(one.query, known))], f"{one} returns nothing"
        for variable, seen in rows_by_choice(choices, answers).items():
            assert any(seen.values()), f"{one} returns nothing for any {variable}"


def rows_by_choice(choices: list[dict[str, str]], answers: list[list[dict[str, Any]]]) -> Mapping[str, dict[str, bool]]:
    """Return, for each variable, which of its choices gives rows whatever else is chosen."""
    seen: dict[str, dict[str, bool]] = {}
    for choice, series in zip(choices, answers, strict=True):
        for variable, value in choice.items():
            kept = seen.setdefault(variable, {})
            kept[value] = kept.get(value, False) or bool(series)
    return seen


def test_last_night_can_be_drawn_of_the_night_that_came_through_the_whole_pipeline(nights: FortyNights) -> None:
    known, drawn = known_variables(nights, "last_night"), set()
    for one in asked(DASHBOARDS["last_night"]):
        (series,) = nights.ask([expand(one.query, widest(one.query, known), nights.scored_ns)])
        expect_shape(one, series)
        drawn |= {one.title} if series else set()
    assert drawn >= {"Valid hours and grade", "Movement", "EMG level", "Usable signal"}


def test_last_night_shows_no_number_for_a_night_without_valid_signal(nights: FortyNights) -> None:
    known = known_variables(nights, "last_night")
    shown = {}
    for one in asked(DASHBOARDS["last_night"]):
        (series,) = nights.ask([expand(one.query, widest(one.query, known), nights.one_ns(is_dark=True))])
        if numbers := drawn_numbers(one, series):
            shown[str(one)] = numbers[:3]
    assert shown == {}


# What says that there was nothing to be seen, and for how long.
SAYS_SO = frozenset({"valid_h", "end_ms"})
# Battery and link are what they are, whether or not the electrode holds.
NOT_OF_THE_LEG = frozenset({"sensor_health", "diary", "delivery"})


def drawn_numbers(one: Asked, series: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with a number other than 0 that a panel draws and that is one of the leg."""
    fields = one.panel.get("options", {}).get("reduceOptions", {}).get("fields", "").strip("/")
    return [
        row
        for found in series
        if found["name"] not in NOT_OF_THE_LEG
        for row in rows_of([found])
        if any(
            isinstance(value, int | float) and value and name not in SAYS_SO and re.search(fields, name)
            for name, value in row.items()
            if name != "time"
        )
    ]


def alarms(nights: FortyNights, uid: str, at_ns: int) -> list[dict[str, str]]:
    """Return what a rule fires for at a time."""
    rule = stored_rules()[uid]
    query, within_s = query_of(rule)
    (series,) = nights.ask([expand(query, {}, (at_ns - within_s * NS_PER_S, at_ns))])
    return firing(rule, series)


def test_a_sensor_without_a_link_is_told_of_while_its_night_runs(nights: FortyNights) -> None:
    silent = next(night for night in nights.made if night.ago in DARK)
    begun_ns = silent.start_ns + 30 * MINUTE_NS
    assert alarms(nights, "soleus-sensor-silent", begun_ns) == [{"person": "p1", "sensor": "right-shin"}]
    assert alarms(nights, "soleus-sensor-silent", silent.start_ns + 8 * MINUTE_NS) == []
    assert alarms(nights, "soleus-sensor-silent", silent.end_ns - MINUTE_NS // 2) != []


def test_no_sensor_is_told_of_in_a_good_night_or_when_a_night_is_over(nights: FortyNights) -> None:
    for night in nights.made:
        times_ns = [night.end_ns + minutes * MINUTE_NS for minutes in (3, 5, 10, 14, 60, 600)]
        times_ns += [] if night.ago in DARK else range(night.start_ns, night.end_ns, 60 * MINUTE_NS)
        assert [at_ns for at_ns in times_ns if alarms(nights, "soleus-sensor-silent", at_ns)] == []


def test_an_outbox_is_told_of_when_what_waits_stays_old(nights: FortyNights) -> None:
    now_ns = time.time_ns() + NS_PER_S
    assert alarms(nights, "soleus-outbox-old", now_ns) == []
    # Months later, where no other test looks.
    later_ns = now_ns + 400 * 24 * 60 * MINUTE_NS
    for minutes, oldest_s in ((0, 7200.0), (5, 7500.0), (10, 0.0)):
        at_ns = later_ns + minutes * MINUTE_NS
        nights.database.write(f"delivery,kind=outbox,name=far oldest_s={oldest_s},valid=1i {at_ns}")
    assert alarms(nights, "soleus-outbox-old", later_ns + 6 * MINUTE_NS) == [{"name": "far"}]
    assert alarms(nights, "soleus-outbox-old", later_ns + 11 * MINUTE_NS) == []
    assert alarms(nights, "soleus-outbox-old", later_ns + 60 * MINUTE_NS) == []


def test_a_writer_is_told_of_when_it_says_nothing_for_five_minutes(nights: FortyNights) -> None:
    ended_ns = max(row["time"] for row in nights.database.rows("SELECT n_entries FROM delivery WHERE kind = 'writer'"))
    assert alarms(nights, "soleus-writer-down", ended_ns + MINUTE_NS) == []
    assert alarms(nights, "soleus-writer-down", ended_ns + 6 * MINUTE_NS) == [{}]
