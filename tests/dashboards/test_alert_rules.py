"""The file with alert rules: what the code makes, in the keys that Grafana reads, about what the database has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from dashboards.grafana import alert_rules
from dashboards.grafana.alert_rules import EXPRESSION, Rule
from ingest.schema import MEASUREMENTS
from tests.grafana_alerts import ALERTS, firing, query_of, stored_rules
from tests.influxql import unknown_names

ROOT = Path(__file__).parents[2]
SCHEMA = {name: (*one.tags, *one.fields, *one.measures) for name, one in MEASUREMENTS.items()}
# What pkg/services/provisioning/alerting/rules_types.go of Grafana reads; it drops other keys without a word.
READ = {
    "group": {"orgId", "name", "folder", "interval", "rules"},
    "rule": {"uid", "title", "condition", "data", "dashboardUid", "panelId", "noDataState", "execErrState", "for"}
    | {"keepFiringFor", "annotations", "labels", "isPaused", "notification_settings", "record"},
    "query": {"refId", "queryType", "relativeTimeRange", "datasourceUid", "model"},
}
REQUIRED = {"uid", "title", "condition", "data"}
each_rule = pytest.mark.parametrize("uid", stored_rules())


def test_the_committed_file_is_what_the_code_makes() -> None:
    assert alert_rules.PATH == ALERTS
    assert ALERTS.read_text(encoding="utf-8") == alert_rules.text(), "run make dashboards"


def test_grafana_is_given_the_file_and_takes_its_name() -> None:
    grafana = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["grafana"]
    assert "./deploy/grafana/provisioning:/etc/grafana/provisioning:ro" in grafana["volumes"]
    assert ALERTS.parent == ROOT / "deploy/grafana/provisioning/alerting"
    assert [path.suffix for path in ALERTS.parent.iterdir()] == [".json"]


def test_every_key_is_one_that_grafana_reads() -> None:
    file = yaml.safe_load(ALERTS.read_text())
    assert file.keys() == {"apiVersion", "groups"}
    for group in file["groups"]:
        assert group.keys() == READ["group"]
        assert re.fullmatch(r"\d+[smh]", group["interval"])
        for rule in group["rules"]:
            assert REQUIRED <= rule.keys() <= READ["rule"]
            assert rule["noDataState"] in {"OK", "NoData", "Alerting", "KeepLast"}
            assert rule["execErrState"] in {"OK", "Error", "Alerting", "KeepLast"}
            assert re.fullmatch(r"\d+[smh]", rule["for"])
            assert all(part.keys() <= READ["query"] for part in rule["data"])


@each_rule
def test_a_rule_names_its_parts_and_the_source_that_is_provisioned(uid: str) -> None:
    rule = stored_rules()[uid]
    sources = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasources/influxdb.yml").read_text())["datasources"]
    parts = {part["refId"]: part for part in rule["data"]}
    assert list(parts) == ["A", "B", "C"]
    assert rule["condition"] in parts
    assert {part["datasourceUid"] for part in rule["data"]} == {sources[0]["uid"], EXPRESSION}
    assert [parts[name]["model"]["expression"] for name in "BC"] == ["A", "B"]
    assert all(part["model"]["refId"] == name for name, part in parts.items())


@each_rule
def test_every_name_in_a_rule_is_in_the_schema(uid: str) -> None:
    rule = stored_rules()[uid]
    query, within_s = query_of(rule)
    assert unknown_names(query, SCHEMA) == []
    assert within_s > 0
    tags = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    assert tags <= set(re.findall(r'"(\w+)"', query.partition("GROUP BY")[2]))


def test_only_the_writer_is_missed_where_nothing_is_said() -> None:
    assert {uid for uid, rule in stored_rules().items() if firing(rule, [])} == {"soleus-writer-down"}


def test_a_rule_fires_above_or_below_a_value_and_not_both() -> None:
    with pytest.raises(ValueError, match="expected one of them"):
        Rule("u", "t", "s", "m", "SELECT", 60, above=1.0, below=2.0)
    with pytest.raises(ValueError, match="expected one of them"):
        Rule("u", "t", "s", "m", "SELECT", 60)
