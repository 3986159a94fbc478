"""Every query of every dashboard returns rows from a real InfluxDB that a night was delivered to."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from detectors.events import Event, EventKind
from detectors.signal import NS_PER_S, Leg
from ingest.influx import InfluxWriter, Verdict
from ingest.night.entries import event_entry
from ingest.points import points_of
from ingest.wire import Delivered
from tests.grafana_queries import FOLDER, expand, queries_of
from tests.system.generated_night import START_NS, WHOSE, generated_night, newest
from tests.system.servers import influx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.system.servers import Influx

pytestmark = pytest.mark.system
END_NS = START_NS + 9 * 3600 * NS_PER_S


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    gap = Event(EventKind.SIGNAL_GAP, "left-shin", Leg.LEFT, START_NS, START_NS + 5 * NS_PER_S, {"n_missing": 2500.0})
    entries = [*newest(generated_night(seed=11)).values(), event_entry(gap, *WHOSE)]
    withdrawn = [replace(entry, valid=False, revision=9) for entry in entries[:3]]
    with influx(tmp_path_factory.mktemp("influx")) as database, InfluxWriter(database.address()) as writer:
        for entry in (*entries, *withdrawn):
            points = points_of(Delivered("home", "bedroom", 0, entry))
            assert writer.write([point.line() for point in points]).verdict is Verdict.ACCEPTED
        yield database


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_every_query_returns_rows(loaded: Influx, path: Path) -> None:
    dashboard = json.loads(path.read_text())
    variables: dict[str, str] = {}
    for title, query in queries_of(dashboard):
        rows = loaded.rows(expand(query, variables, START_NS, END_NS))
        assert rows, title
        if query.startswith("SHOW TAG VALUES"):
            variables[title] = str(rows[0]["value"])
    assert variables == {"person": WHOSE[0], "scoring": WHOSE[2]}


def test_the_number_of_cramp_like_events_is_the_summarys(loaded: Influx) -> None:
    dashboard = json.loads((FOLDER / "last_night.json").read_text())
    queries = dict(queries_of(dashboard))
    variables = {"person": WHOSE[0], "scoring": WHOSE[2]}
    (row,) = loaded.rows(expand(queries["Periodic movements per hour"], variables, START_NS, END_NS))
    assert row["plms_wasm_per_h"] == 11.0
    hours = loaded.rows(expand(queries["Valid hours"], variables, START_NS, END_NS))
    assert {(row["sensor"], row["kind"]): row["valid_h"] for row in hours} == {
        ("left-shin", "emg"): 7.5,
        ("left-shin", "acceleration"): 7.75,
        ("right-shin", ""): 7.25,
    }


def test_the_timeline_leaves_out_what_was_taken_back_and_unlikely_cramps(loaded: Influx) -> None:
    dashboard = json.loads((FOLDER / "last_night.json").read_text())
    query = dict(queries_of(dashboard))["Events by leg and class"]
    shown = loaded.rows(expand(query, {"person": WHOSE[0], "scoring": WHOSE[2]}, START_NS, END_NS))
    kept = loaded.rows("SELECT * FROM leg_event")
    expected = [row for row in kept if row["valid"] == 1 and not (row["kind"] == "cramp" and row["tier"] < 1)]
    assert {row["time"] for row in shown} == {row["time"] for row in expected}
    assert len(expected) < len(kept)
