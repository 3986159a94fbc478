"""*Last night* shows the numbers of the summary, and no event that was taken back, out of a real InfluxDB."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from detectors.signal import NS_PER_S
from ingest.influx import InfluxWriter, Verdict
from ingest.points import points_of
from ingest.wire import Delivered
from tests.influxql import FOLDER, asked, expand
from tests.system.generated_night import START_NS, WHOSE, generated_night, newest
from tests.system.servers import influx

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.system.servers import Influx

pytestmark = pytest.mark.system
SPAN_NS = (START_NS, START_NS + 9 * 3600 * NS_PER_S)
CHOSEN = {"person": WHOSE[0], "scoring": WHOSE[2], "leg": ".*", "sensor": ".*"}
LAST_NIGHT = json.loads((FOLDER / "last_night.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influx]:
    entries = list(newest(generated_night(seed=11)).values())
    withdrawn = [replace(entry, valid=False, revision=9) for entry in entries[:3]]
    with influx(tmp_path_factory.mktemp("influx")) as database, InfluxWriter(database.address()) as writer:
        for entry in (*entries, *withdrawn):
            points = points_of(Delivered("home", "bedroom", 0, entry))
            assert writer.write([point.line() for point in points]).verdict is Verdict.ACCEPTED
        yield database


def rows(database: Influx, title: str) -> list[dict[str, Any]]:
    """Return what the queries of a panel give, one after the other."""
    queries = [one.query for one in asked(LAST_NIGHT) if one.title == title and one.where != "annotation"]
    assert queries
    return [row for query in queries for row in database.rows(expand(query, CHOSEN, SPAN_NS))]


def test_the_numbers_are_those_of_the_summary(loaded: Influx) -> None:
    (cramps, _) = rows(loaded, "Cramp-like events")
    assert cramps["cramp-like"] == 3
    (recorded, _) = rows(loaded, "Periodic movements per hour")
    assert recorded["recorded"] == 11.0
    hours = [row for row in rows(loaded, "Valid hours and grade") if "valid_h" in row]
    assert {(row["sensor"], row["kind"]): row["valid_h"] for row in hours} == {
        ("left-shin", "emg"): 7.5,
        ("left-shin", "acceleration"): 7.75,
        ("right-shin", ""): 7.25,
    }


def test_strips_leave_out_what_was_taken_back_and_unlikely_cramps(loaded: Influx) -> None:
    shown = rows(loaded, "Events by class and leg")
    kept = loaded.rows("SELECT * FROM leg_event")
    expected = [row for row in kept if row["valid"] == 1 and not (row["kind"] == "cramp" and row["tier"] < 1)]
    assert {row["time"] for row in shown} == {row["time"] for row in expected}
    assert {row["end_ms"] for row in shown} == {row["end_ms"] for row in expected}
    assert len(expected) < len(kept)
