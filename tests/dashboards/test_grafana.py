"""The committed dashboards are what the code says, say what they show, and ask only for what there is."""

from __future__ import annotations

import importlib
import json
import re
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from ingest.schema import LEG_EPOCH, LEG_EVENT, MEASUREMENTS
from tests.influxql import FOLDER, asked, panels, unknown_names, variables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# The SDK announces the next form of dashboards; Grafana 13 loads the present one from files.
pytestmark = pytest.mark.filterwarnings("ignore:Prefer using dashboardv2:DeprecationWarning")
DASHBOARDS = sorted(FOLDER.glob("*.json"))
SCHEMA = {name: (*one.tags, *one.fields, *one.measures) for name, one in MEASUREMENTS.items()}
# Every scoring says how much of an epoch was valid.
KNOWN_OF_EACH = {"valid_s"}
FULL_WIDTH = 24
# The narrowest panel of a wide screen: a number with its unit.
LEAST_WIDTH = 4
# Grafana's colours by turns hold a red, and so do these schemes.
COLOURED_BY_CHANCE = ("palette", "RdYlGr", "GrYlRd", "reds", "YlRd")


@pytest.fixture(params=DASHBOARDS, ids=lambda path: path.stem)
def dashboard(request: pytest.FixtureRequest) -> dict[str, Any]:
    path: Path = request.param
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def words_of(dashboard: dict[str, Any]) -> str:
    """Return what a reader may read, apart from numbers."""
    told = [dashboard["title"], dashboard["description"]]
    told += [text for panel in panels(dashboard) for text in (panel["title"], panel["description"])]
    told += [panel["fieldConfig"]["defaults"].get("noValue", "") for panel in panels(dashboard)]
    told += [target.get("alias", "") for panel in panels(dashboard) for target in panel["targets"]]
    told += [name for one in asked(dashboard) for name in re.findall(r'AS "([^"]+)"', one.query)]
    told += [one["name"] for one in dashboard["annotations"].get("list", ())]
    return "\n".join(told)


def test_the_committed_json_is_what_the_code_makes() -> None:
    made = importlib.import_module("dashboards.grafana.__main__").rendered()
    assert {path.name for path in DASHBOARDS} == set(made)
    for name, text in made.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: run make dashboards"


def test_each_dashboard_has_an_address_and_a_name_of_its_own() -> None:
    loaded = [json.loads(path.read_text(encoding="utf-8")) for path in DASHBOARDS]
    for name in ("uid", "title"):
        assert len({one[name] for one in loaded}) == len(loaded)


def test_every_name_in_a_query_is_in_the_schema(dashboard: dict[str, Any]) -> None:
    queries = [one["query"] for one in variables(dashboard)] + [one.query for one in asked(dashboard)]
    assert {query: wrong for query in queries if (wrong := unknown_names(query, SCHEMA))} == {}


def test_no_panel_takes_minus_one_of_a_measure_that_is_not_known_for_its_value(dashboard: dict[str, Any]) -> None:
    for one in asked(dashboard):
        chosen, _, rest = one.query.partition(" FROM ")
        if not rest.startswith(('"leg_event"', '"leg_epoch"')):
            continue
        overrides = one.panel.get("fieldConfig", {}).get("overrides", ())
        said = {override["matcher"]["options"] for override in overrides if in_words(override)}
        for name, alias in re.findall(r'"(\w+)"\)?(?: AS "(\w+)")?', chosen):
            if name in (LEG_EVENT.measures | LEG_EPOCH.measures) - KNOWN_OF_EACH:
                assert re.search(rf'"{name}" >=? \d', rest) or (alias or name) in said, (one, name)


def in_words(override: Mapping[str, Any]) -> bool:
    """Whether a column says -1 in words."""
    mapped = [one["value"] for one in override["properties"] if one["id"] == "mappings"]
    return any("-1" in told["options"] for several in mapped for told in several)


def test_every_panel_leaves_out_what_was_taken_back(dashboard: dict[str, Any]) -> None:
    for one in asked(dashboard):
        # What a program reports of itself is of nobody's night, and nobody takes it back.
        assert '"valid" = 1' in one.query or 'FROM "delivery"' in one.query, one


def test_every_panel_says_what_it_shows_in_which_unit_and_what_it_means_to_be_empty(dashboard: dict[str, Any]) -> None:
    for panel in panels(dashboard):
        told = panel["fieldConfig"]["defaults"]
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert told["unit"], panel["title"]
        assert told["noValue"], panel["title"]


def test_no_panel_lies_over_another_or_beyond_the_edge(dashboard: dict[str, Any]) -> None:
    places = [panel["gridPos"] for panel in dashboard["panels"]]
    assert all(one["w"] >= LEAST_WIDTH and one["x"] + one["w"] <= FULL_WIDTH for one in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)


def test_each_panel_of_a_phone_stands_alone(dashboard: dict[str, Any]) -> None:
    # Grafana stacks panels there: a title must say what it is of, and no two may be called the same.
    titles = [panel["title"] for panel in panels(dashboard)]
    assert len(set(titles)) == len(titles)


def test_nothing_is_coloured_by_chance_and_no_threshold_comes_of_itself(dashboard: dict[str, Any]) -> None:
    for panel in panels(dashboard):
        text, told = json.dumps(panel), panel["fieldConfig"]["defaults"]
        assert not any(name in text for name in COLOURED_BY_CHANCE), panel["title"]
        assert told["color"]["mode"] in {"fixed", "shades", "thresholds", "continuous-blues"}, panel["title"]
        # Without steps Grafana makes its own: red from 80 on.
        assert told["thresholds"]["steps"], panel["title"]


def test_no_word_is_a_diagnosis(dashboard: dict[str, Any]) -> None:
    shown = words_of(dashboard).lower()
    for word in ("restless legs", "rls", "plmd", "disorder", "disease", "patient", "normal", "arousal", "pain level"):
        assert not re.search(rf"\b{word}", shown), word
    for line in shown.splitlines():
        assert not re.search(r"(detects?|caused by|working|better|worse|improved)\b", line), line


def test_a_cramp_is_called_cramp_like_unless_the_person_wrote_it(dashboard: dict[str, Any]) -> None:
    own_words = (r"cramps in your diary", r"that say cramp", r"how strong a cramp felt", r"how likely a cramp was")
    shown = re.sub("|".join((r"cramp-like", *own_words)), "", words_of(dashboard).lower().replace("\n", " "))
    assert "cramp" not in shown


def test_panels_touch_no_data_source_but_the_provisioned_one(dashboard: dict[str, Any]) -> None:
    provisioned = (FOLDER.parents[1] / "deploy/grafana/provisioning/datasources/influxdb.yml").read_text()
    assert re.findall(r"uid: (\S+)", provisioned) == ["soleus"]
    assert {panel["datasource"]["uid"] for panel in panels(dashboard)} == {"soleus"}


def test_dashboards_lead_to_each_other_with_their_variables_and_time_and_to_the_pages(
    dashboard: dict[str, Any],
) -> None:
    others, pages = dashboard["links"]
    assert (others["type"], others["tags"]) == ("dashboards", dashboard["tags"])
    assert others["includeVars"]
    assert others["keepTime"]
    assert pages["url"] == "${web:raw}/"
    (web,) = [one for one in dashboard["templating"]["list"] if one["name"] == "web"]
    assert web["query"] == "http://127.0.0.1:8642"


def test_every_link_of_a_panel_leads_to_a_time_of_the_pages_or_to_a_dashboard(dashboard: dict[str, Any]) -> None:
    whose = r"\?person=\$\{person:percentencode\}(&kind=[^&]+&leg=[^&]+|&over=1)?"
    to_page = re.compile(rf"\$\{{web:raw\}}/at/\$\{{__(value\.time|to)\}}{whose}")
    uids = {json.loads(path.read_text(encoding="utf-8"))["uid"] for path in DASHBOARDS}
    for panel in panels(dashboard):
        for link in panel["fieldConfig"]["defaults"].get("links", ()):
            to_board = re.match(r"/d/([a-z-]+)\?", link["url"])
            assert to_page.fullmatch(link["url"]) or (to_board and to_board[1] in uids), (panel["title"], link["url"])
