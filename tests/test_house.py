"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import functools
import os
import re
import subprocess
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

TOP = Path(__file__).parent.parent
PACKAGES = ("detectors", "ingest", "dashboards", "soleus")
SOURCES = sorted(path for package in PACKAGES for path in (TOP / package).rglob("*.py"))
TESTS = sorted((TOP / "tests").rglob("*.py"))
RECORDS = sorted((TOP / "docs" / "adr").glob("*.md"))
PINNED = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)
MOST_LINES = 300
MOST_FUNCTION_LINES = 40
MOST_RECORD_LINES = 20

# Where a third-party client may be imported.
CLIENTS = {
    "bleak": {"ingest/ble.py", "ingest/ble_link.py", "ingest/virtual/backend.py", "ingest/virtual/scanner.py"},
    "bumble": {"ingest/virtual/"},
    "paho": {"ingest/mqtt.py"},
    "amqtt": {"ingest/broker.py"},
    "influxdb_client": {"ingest/influx.py"},
    "fpdf": {"dashboards/report/paper.py"},
    "edfio": {"ingest/files/edf_writing.py"},
    "cattrs": {"soleus/settings_file.py"},
    "pyarrow": {"ingest/files/parquet.py", "ingest/files/csv_pieces.py"},
    "defusedxml": {"ingest/files/scoring_xml.py"},
    "cryptography": {"soleus/authority.py"},
    "dask": {"soleus/cohort/cluster.py"},
    "dbus_fast": {"ingest/adapter.py"},
    "distributed": {"soleus/cohort/cluster.py"},
    "grafana_foundation_sdk": {"dashboards/grafana/"},
    "statsmodels": {"soleus/helped/rate_ratio.py"},
    "optuna": {"soleus/tune/search.py"},
    "sqlalchemy": {"soleus/tune/search.py"},
}
# All that the science needs: nothing here has a clock, a file, a socket or a log.
SCIENCE = {
    "__future__", "_typeshed", "array", "bisect", "collections", "dataclasses", "detectors", "enum", "functools",
    "hashlib", "heapq", "importlib", "itertools", "math", "numpy", "operator", "scipy", "statistics", "types",
    "typing",
}  # fmt: skip


def name_of(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


@dataclass(frozen=True, slots=True)
class Code:
    """What the rules ask about a source file; its tree, with thousands of nodes, is not kept.

    Parameters
    ----------
    imports : frozenset of str
        The packages that it imports, anywhere.
    calls : frozenset of str
        The names that it calls.
    is_async : bool
        Whether anything in it awaits.
    lines : mapping of str to int
        The length of each function without its docstring.
    """

    imports: frozenset[str]
    calls: frozenset[str]
    is_async: bool
    lines: Mapping[str, int]


@functools.cache
def code(path: Path) -> Code:
    """Return what the rules ask about a source file."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    imports = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    imports += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    calls = [node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return Code(
        imports=frozenset(name.partition(".")[0] for name in imports),
        calls=frozenset(calls),
        is_async=any(isinstance(node, ast.AsyncFunctionDef | ast.Await) for node in nodes),
        lines={function.name: n_lines(function) for function in sorted(functions, key=n_lines)},
    )


def n_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    docstring = ast.get_docstring(function, clean=False)
    lines = (function.end_lineno or 0) - function.lineno + 1
    return lines - (docstring.count("\n") + 1 if docstring else 0)


@pytest.mark.parametrize("lock", sorted(path.name for path in TOP.glob("requirements*.lock")))
def test_a_lock_pins_every_package_by_hash_and_names_no_address(lock: str) -> None:
    text = (TOP / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|@ ", text)
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert all(PINNED.match(entry) and "--hash=sha256:" in entry for entry in requirements)


def test_the_locks_agree_and_hold_what_the_project_asks_for() -> None:
    run = PINNED.findall((TOP / "requirements.lock").read_text(encoding="utf-8"))
    test = PINNED.findall((TOP / "requirements-test.lock").read_text(encoding="utf-8"))
    assert set(run) <= set(test)
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    names = {name for name, _ in run}
    assert {re.split(r"[=<>\[;]", entry)[0] for entry in asked} <= names
    assert {entry.partition("==")[0]: entry.partition("==")[2] for entry in asked if "==" in entry}.items() <= set(run)


@pytest.mark.parametrize(
    "path",
    [
        "LICENSE", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/dependencies.md", "docs/benchmarks.md",
        "docs/mqtt.md", "docs/influxdb.md", "docs/edf.md", "docker-compose.yml", ".ci/run", ".pre-commit-config.yaml",
        ".editorconfig",
        *(f"{package}/py.typed" for package in PACKAGES),
    ],
)  # fmt: skip
def test_the_house_is_furnished(path: str) -> None:
    assert (TOP / path).stat().st_size or path.endswith("py.typed")


def test_the_project_is_tested_by_its_own_command() -> None:
    assert os.access(TOP / ".ci" / "run", os.X_OK)
    assert "make test" in (TOP / ".ci" / "run").read_text(encoding="utf-8")


def test_what_needs_a_server_stands_where_make_test_looks_for_it() -> None:
    """Tests with servers are run from these two folders alone, so that nothing else has to be collected with them."""
    mark = "mark." + "system"
    with_servers = {name_of(path).split("/")[1] for path in TESTS if mark in path.read_text(encoding="utf-8")}
    assert with_servers == {"browser", "system"}
    assert "-m system tests/system tests/browser" in (TOP / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *map(name_of, sorted((TOP / "docs").glob("*.md")))]
)
def test_links_inside_the_documents_lead_somewhere(path: str) -> None:
    text = (TOP / path).read_text(encoding="utf-8")
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (TOP / path).parent.joinpath(link).exists()] == []


def test_the_changelog_lists_changes_of_events_apart() -> None:
    text = (TOP / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "### Scoring" in text.partition("## [Unreleased]")[2].partition("\n## ")[0]


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_decision_is_told_in_twenty_lines(record: Path) -> None:
    lines = record.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MOST_RECORD_LINES
    assert lines[0].startswith(f"# {int(record.stem[:4])}. ")
    for part in ("Status: ", "**Context.**", "**Decision.**", "**Consequences.**"):
        assert any(line.startswith(part) for line in lines)


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(record.stem[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_is_imported_where_it_belongs_and_nowhere_else(client: str) -> None:
    found = [name_of(path) for path in SOURCES if client in code(path).imports]
    assert found
    assert [path for path in found if not path.startswith(tuple(CLIENTS[client]))] == []


def test_the_science_knows_no_clock_file_socket_or_log() -> None:
    science = [path for path in SOURCES if name_of(path).startswith("detectors/")]
    assert {(name_of(path), name) for path in science for name in code(path).imports - SCIENCE} == set()
    calls = {"open", "print", "input", "exec", "eval"}
    assert {(name_of(path), name) for path in science for name in code(path).calls & calls} == set()
    assert [name_of(path) for path in science if code(path).is_async] == []


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_test_file_is_longer_either() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in TESTS}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    lengths = {f"{name_of(path)}:{name}": lines for path in SOURCES for name, lines in code(path).lines.items()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_FUNCTION_LINES} == {}


def test_no_file_is_named_after_nothing() -> None:
    names = {"util", "utils", "helper", "helpers", "common", "core", "misc", "manager", "processor"}
    assert [name_of(path) for path in SOURCES if path.stem in names] == []


def test_every_silenced_warning_says_why() -> None:
    bare = re.compile(r"# noqa(?!: [A-Z0-9, ]+ - \S)|# type: ignore(?!\[[\w, -]+\]\s+#)|# pragma: no cover(?! - )")
    lines = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in [*SOURCES, *TESTS]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if bare.search(line) and path != Path(__file__)
    ]
    assert lines == []


def test_test_files_have_different_names() -> None:
    counts = Counter(path.name for path in TESTS)
    assert [name for name, count in counts.items() if count > 1 and name not in {"__init__.py", "conftest.py"}] == []


@pytest.mark.parametrize("name", ["night.edf", "a/b.bdf", "x.npz", "nights/2026-01-01/packets.log", "raw.mat"])
def test_a_recording_is_kept_out_of_the_repository(name: str) -> None:
    hooks = yaml.safe_load((TOP / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    (hook,) = [hook for hook in hooks if hook["id"] == "recordings"]
    assert re.search(hook["files"], name)
    assert not re.search(hook["exclude"], name)
    assert re.search(hook["exclude"], f"tests/data/{name}")


def test_the_readme_starts_the_services_in_the_order_that_works() -> None:
    text = (TOP / "README.md").read_text(encoding="utf-8")
    order = [text.find(part) for part in ("soleus setup --stack", "docker compose up", "[mqtt]", "docs/influxdb.md")]
    assert -1 not in order
    assert order == sorted(order)


def test_make_prints_nothing_of_its_own_when_asked_to_be_silent() -> None:
    make = ["make", "-s", "-C", str(TOP), "help"]
    done = subprocess.run(make, capture_output=True, text=True, check=True, cwd="/")
    assert "irectory" not in done.stdout


def test_nothing_in_the_repository_names_one_machine() -> None:
    homes = re.compile(r"(?<![\w.$])/(?:root|work|home/\w+)/")
    texts = [
        *SOURCES,
        *TESTS,
        *(TOP / "docs").rglob("*.md"),
        *TOP.glob("*.*"),
        TOP / "Makefile",
        *(TOP / ".ci").iterdir(),
    ]
    named = [name_of(path) for path in texts if path.is_file() and homes.search(path.read_text(encoding="utf-8"))]
    assert named == []


def test_recordings_come_with_their_licence_and_source() -> None:
    folders = (
        {path for path in (TOP / "tests" / "data").iterdir() if path.is_dir()}
        if (TOP / "tests" / "data").exists()
        else set()
    )
    for folder in folders:
        readme = (folder / "README.md").read_text(encoding="utf-8").lower()
        assert "licence" in readme or "license" in readme, folder
        assert "source" in readme, folder
