"""The committed dashboards are what the code says, and they ask only for what the schema has."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from ingest.schema import MEASUREMENTS
from tests.grafana_queries import FOLDER, queries_of

if TYPE_CHECKING:
    from pathlib import Path

# The SDK announces the next form of dashboards; Grafana 13 loads the present one from files.
pytestmark = pytest.mark.filterwarnings("ignore:Prefer using dashboardv2:DeprecationWarning")
DASHBOARDS = sorted(FOLDER.glob("*.json"))


@pytest.fixture(params=DASHBOARDS, ids=lambda path: path.name)
def dashboard(request: pytest.FixtureRequest) -> dict[str, Any]:
    path: Path = request.param
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def test_the_committed_json_is_what_the_code_makes() -> None:
    from dashboards.grafana.__main__ import rendered  # noqa: PLC0415 - its import warns, see above

    made = rendered()
    assert {path.name for path in DASHBOARDS} == set(made)
    for name, text in made.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: run make dashboards"


def test_every_name_in_a_query_is_in_the_schema(dashboard: dict[str, Any]) -> None:
    for title, query in queries_of(dashboard):
        (name,) = re.findall(r'FROM "([^"]+)"', query)
        measurement = MEASUREMENTS[name]
        known = {*measurement.tags, *measurement.fields, *measurement.measures, name}
        assert set(re.findall(r'"([^"]+)"', query)) <= known, title


def test_every_panel_leaves_out_what_was_taken_back(dashboard: dict[str, Any]) -> None:
    for title, query in queries_of(dashboard):
        if query.startswith("SELECT"):
            assert '"valid" = 1' in query, title


def test_the_answer_is_in_the_first_row(dashboard: dict[str, Any]) -> None:
    first = [panel["title"] for panel in dashboard["panels"] if panel["gridPos"]["y"] == 0]
    assert first == [
        "Cramp-like events",
        "Periodic movements per hour",
        "Longest undisturbed stretch",
        "Valid hours",
    ]


def test_no_word_is_a_diagnosis(dashboard: dict[str, Any]) -> None:
    shown = json.dumps(
        [[p["title"], p["description"]] for p in dashboard["panels"]] + [dashboard["description"]]
    ).lower()
    for word in ("restless legs", "rls", "plmd", "disorder", "disease", "patient", "normal", "abnormal"):
        assert word not in shown
    assert "cramp" not in shown.replace("cramp-like", "")


def test_panels_touch_no_data_source_but_the_provisioned_one(dashboard: dict[str, Any]) -> None:
    provisioned = (FOLDER.parents[1] / "deploy/grafana/provisioning/datasources/influxdb.yml").read_text()
    assert re.findall(r"uid: (\S+)", provisioned) == ["soleus"]
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"]} == {"soleus"}
