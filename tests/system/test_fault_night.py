"""A compressed night in which everything goes wrong; ``make chaos`` plays eight hours of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.chaos.fault_night import live_through
from benchmarks.chaos.faults import FAULTS

if TYPE_CHECKING:
    from pathlib import Path

# What was on its way when the Bluetooth service died, twice, is lost as well, and nobody counts it: what a busy
# computer leaves lying for half a second of the clock.
DEATHS, ON_THE_WAY_S = 2, 0.5
# The night ends after the last fault: hours are what the slowest computer may take for all of them.
HOURS, SPEED = 3.0, 25.0
# Whether memory is flat is seen when every process has met every fault: some come a second time.
COURSE = (*FAULTS, *FAULTS[:8])
FS_HZ = {"emg": 500.0, "acceleration": 50.0}

pytestmark = [pytest.mark.system, pytest.mark.timeout(500)]


def test_what_is_missing_in_the_morning_is_what_the_air_took_less_what_was_sent_again(tmp_path: Path) -> None:
    night = live_through(tmp_path, hours=HOURS, speed=SPEED, seed=5, say=print, faults=COURSE)
    assert [name for name, _ in night.recovered_s] == [fault.name for fault in COURSE]
    for balance in night.balances:
        assert balance.air >= balance.resent > 0
        on_its_way = balance.produced - balance.lost - balance.received
        assert 0 <= on_its_way <= DEATHS * ON_THE_WAY_S * SPEED * FS_HZ[balance.quantity]
        assert balance.unexplained == 0
        assert balance.lost_on_the_way == balance.air - balance.resent
    assert night.steps["adapter reset"] > 0
    said = {gap["cause"] for s in night.certificate["sensors"] for stream in s["streams"] for gap in stream["gaps"]}
    assert "reconnect" in said
    assert set(night.memory_mb) == {"recorder", "scorer", "relay", "broker"}
    assert night.is_flat
    assert night.holds
