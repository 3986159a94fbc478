"""A collector that is killed again and again; ``make chaos`` does it 200 times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.chaos.killing import Plan, kill_again_and_again

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]


def test_a_collector_killed_four_times_loses_seconds_and_doubles_nothing(tmp_path: Path) -> None:
    survival = kill_again_and_again(tmp_path, Plan(hours=0.3, speed=30.0, kills=4, seed=2), print)
    assert survival.recording >= 2
    assert survival.worst_missing_s <= 5.0
    assert (survival.doubled, survival.differing) == (0, 0)
    assert survival.ends == 1
    assert survival.starts > survival.recording
    assert survival.events > 0
    assert survival.holds
