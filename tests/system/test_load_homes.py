"""A few homes and writers at real servers for seconds; ``make load`` plays twenty for minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.load.draining import Way, drain
from benchmarks.load.homes import Plan, play_homes
from benchmarks.load.nights import Said, newest, rows
from benchmarks.load.stack import database
from benchmarks.load.text import told
from tests.system.generated_night import generated_night

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system

NIGHT = [Said(float(second), entry) for second, entry in enumerate(generated_night(seed=20, n_movements=60))]


def test_the_nights_of_three_homes_reach_the_database_through_two_writers_far_from_it(tmp_path: Path) -> None:
    found = play_homes(tmp_path, NIGHT, Plan(homes=3, writers=2, seconds=2.0, latency_ms=20.0), print)
    assert found.found == found.expected
    assert found.found["leg_event"].points == 3 * 60
    assert found.holds
    # A revision that is replaced before the relay has seen it is not sent.
    assert 3 * len(newest(NIGHT)) <= found.messages <= 3 * len(NIGHT)
    assert found.cpu_s.keys() >= {"journal", "relay", "broker", "writers", "database"}
    assert min(found.cpu_s.values()) >= 0.0
    assert 20.0 <= found.lag_ms[0] <= found.lag_ms[1] <= found.lag_ms[2]
    assert told(NIGHT, found)[-1] == "nothing lost"


def test_writers_that_find_a_queue_share_it_and_lose_nothing(tmp_path: Path) -> None:
    entries = list(newest(NIGHT).values())
    with database(tmp_path / "database") as target:
        for number, writers in enumerate((1, 2)):
            (tmp_path / str(number)).mkdir()
            found = drain(tmp_path / str(number), target, entries, number, Way(writers, latency_ms=20.0))
            assert (found.messages, found.seconds > 0.0) == (len(entries), True)
        per_home = target.rows("SELECT count(revision) FROM leg_event GROUP BY site")
    assert [row["count"] for row in per_home] == [rows(NIGHT)["leg_event"].points] * 2
