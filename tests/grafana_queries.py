"""The queries of a Grafana dashboard, as Grafana sends them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "dashboards/grafana"


def queries_of(dashboard: dict[str, Any]) -> list[tuple[str, str]]:
    """Return title and query of every variable, annotation and panel."""
    variables = [(v["name"], v["query"]) for v in dashboard["templating"]["list"] if v["type"] == "query"]
    annotations = [(a["name"], a["target"]["query"]) for a in dashboard["annotations"]["list"] if "target" in a]
    panels = [(p["title"], target["query"]) for p in dashboard["panels"] for target in p["targets"]]
    return variables + annotations + panels


def expand(query: str, variables: dict[str, str], start_ns: int, end_ns: int) -> str:
    """Put in what Grafana puts in: time range, interval, variables as regular expressions."""
    query = query.replace("$timeFilter", f"time >= {start_ns} AND time <= {end_ns}").replace("$__interval", "60s")
    for name, value in variables.items():
        query = query.replace(f"${{{name}:regex}}", re.escape(value))
    left = re.findall(r"\$\{?\w+", query)
    if left:
        msg = f"{left} stay in the query {query}"
        raise ValueError(msg)
    return query
