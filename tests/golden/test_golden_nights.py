"""The golden nights still have the events that are committed; ``make golden`` says what moved."""

from __future__ import annotations

import pytest

from benchmarks.golden.__main__ import table
from benchmarks.golden.comparison import compared
from benchmarks.golden.recipe import GoldenNight, golden_nights

SMALL = "gaps"


@pytest.mark.slow
def test_a_small_golden_night_has_the_events_that_are_committed() -> None:
    (night,) = golden_nights((SMALL,))
    outcome = compared(night)
    assert outcome.same, table([outcome])


@pytest.mark.system
@pytest.mark.parametrize(
    "night", [night for night in golden_nights() if night.name != SMALL], ids=lambda night: night.name
)
def test_every_golden_night_has_the_events_that_are_committed(night: GoldenNight) -> None:
    outcome = compared(night)
    assert outcome.same, table([outcome])
