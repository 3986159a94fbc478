"""The golden nights still have the events that are committed; ``make golden`` says what moved."""

from __future__ import annotations

import pytest

from benchmarks.golden.__main__ import table
from benchmarks.golden.comparison import compared
from benchmarks.golden.recipe import GoldenNight, golden_nights


@pytest.mark.slow
@pytest.mark.parametrize("night", golden_nights(), ids=lambda night: night.name)
def test_every_golden_night_has_the_events_that_are_committed(night: GoldenNight) -> None:
    outcome = compared(night)
    assert outcome.same, table([outcome])
