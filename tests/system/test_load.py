"""Twenty sensors into one recorder for twelve seconds; ``make load`` does it for ten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.load.loading import load

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.system, pytest.mark.timeout(350)]

SECONDS = 12


def test_twenty_sensors_of_fifty_notifications_per_second_lose_nothing_in_one_recorder(tmp_path: Path) -> None:
    found = load(tmp_path, 20, SECONDS, print)
    assert found.received == found.produced == 20 * SECONDS * 1000 + 20 * SECONDS * 200 // 3
    assert found.gaps == 0
    assert found.notifications == pytest.approx(20 * SECONDS * 50, rel=0.02)
    assert found.holds
