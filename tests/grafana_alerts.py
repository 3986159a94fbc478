"""The alert rules that Grafana is given, and whether one fires on what its query returns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

ALERTS: Final = Path(__file__).parents[1] / "deploy/grafana/provisioning/alerting/soleus.json"


def stored_rules() -> dict[str, dict[str, Any]]:
    """Return the rules by name."""
    file = json.loads(ALERTS.read_text(encoding="utf-8"))
    return {rule["uid"]: rule for group in file["groups"] for rule in group["rules"]}


def query_of(rule: dict[str, Any]) -> tuple[str, int]:
    """Return the query of a rule, and how far back it looks, s."""
    (asked,) = (part for part in rule["data"] if part["datasourceUid"] != "__expr__")
    return asked["model"]["query"], asked["relativeTimeRange"]["from"] - asked["relativeTimeRange"]["to"]


def firing(rule: dict[str, Any], series: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the labels of each series that fires: by its last value, or because there is none."""
    if not series:
        return [{}] if rule["noDataState"] == "Alerting" else []
    (told,) = (part["model"]["conditions"] for part in rule["data"] if part["refId"] == rule["condition"])
    (limit,) = told[0]["evaluator"]["params"]
    is_above = told[0]["evaluator"]["type"] == "gt"
    return [
        found.get("tags", {})
        for found in series
        if (found["values"][-1][1] > limit if is_above else found["values"][-1][1] < limit)
    ]
