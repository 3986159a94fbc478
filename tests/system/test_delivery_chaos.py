"""A night of which everything on the way to InfluxDB is killed and cut; ``make chaos`` plays eight hours, 100 kills."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.chaos.delivery_night import Plan, live_through
from benchmarks.chaos.faulty_link import TROUBLES

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.system, pytest.mark.timeout(500)]


def test_whatever_is_killed_and_cut_every_event_of_a_night_is_in_the_database_once_as_the_journal_has_it(
    tmp_path: Path,
) -> None:
    night = live_through(tmp_path, Plan(hours=0.35, speed=45.0, kills=8, seed=3, regime="spastic"), print)
    assert set(night.kills) == {"collector", "broker", "broker and its disk", "writer", "database"}
    assert sum(night.kills.values()) == 8
    assert set(night.troubles) == {trouble.name for trouble in TROUBLES}
    assert (night.lost, night.wrong, night.waiting) == (0, 0, 0)
    assert night.differing == 0
    assert night.comparison.differing == 0
    assert night.comparison.compared > 0
    # How often something is sent again is chance; that a confirmation is said late is not.
    assert night.echoed > 0
    assert night.holds
