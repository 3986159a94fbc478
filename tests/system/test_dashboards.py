"""Every query of every dashboard, run against a real InfluxDB that forty nights were delivered to."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from ingest.schema import MEASUREMENTS
from tests.influxql import FOLDER, Variable, asked, combinations, expand, unknown_names, variables, widest
from tests.system.forty_nights_scene import forty_nights

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.influxql import Asked
    from tests.system.forty_nights_scene import FortyNights

pytestmark = pytest.mark.system

DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
SCHEMA = {name: (*one.tags, *one.fields, *one.measures) for name, one in MEASUREMENTS.items()}
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
def test_every_name_in_a_query_is_in_the_schema(name: str) -> None:
    dashboard = DASHBOARDS[name]
    queries = [one["query"] for one in variables(dashboard)] + [one.query for one in asked(dashboard)]
    assert queries
    assert {query: wrong for query in queries if (wrong := unknown_names(query, SCHEMA))} == {}


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
