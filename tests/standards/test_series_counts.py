"""The short way to count series finds what the rule engine finds, on any night and with any limits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.annotations import Annotations, Span, asleep
from detectors.events import Stage, StageSpan
from detectors.published import AASM, WASM_2016
from detectors.rules.combined import LegMovement, SignalLoss
from detectors.rules.moved_row import Moved, row_of
from detectors.rules.scored_movements import apply_rules
from detectors.rules.series_counts import combined_movements
from detectors.rules.series_criteria import ShortInterval
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from detectors.rules.series_criteria import SeriesCriteria

TENTH_NS = NS_PER_S // 10
LEGS = (Leg.LEFT, Leg.RIGHT)
# Intervals and lengths in tenths of a second, often on and around the limits.
STEPS = st.sampled_from([1, 3, 4, 5, 6, 10, 30, 49, 50, 51, 80, 99, 100, 101, 150, 200, 300, 450, 899, 900, 901, 1500])
LENGTHS = st.sampled_from([3, 4, 5, 6, 10, 20, 40, 99, 100, 101, 120, 150, 151, 160])
NIGHTS = st.lists(st.tuples(STEPS, LENGTHS, st.sampled_from(LEGS)), max_size=40)
HOLES = st.lists(st.tuples(st.integers(1, 3000), st.sampled_from([5, 300, 899, 900, 901, 1200])), max_size=3)
SLEEP = StageSpan(0, 2000 * TENTH_NS, Stage.N2), StageSpan(2000 * TENTH_NS, 3000 * TENTH_NS, Stage.WAKE)


def made(steps: list[tuple[int, int, Leg]]) -> list[LegMovement]:
    """Movements of each leg one after the other; those of two legs may overlap."""
    at, free = 0, dict.fromkeys(LEGS, 0)
    found = []
    for step, length, leg in steps:
        at = max(at + step, free[leg])
        free[leg] = at + length
        found.append(LegMovement(at * TENTH_NS, (at + length) * TENTH_NS, leg, leg))
    return found


def lost(holes: list[tuple[int, int]]) -> list[SignalLoss]:
    at, found = 0, []
    for before, length in holes:
        at += before
        found.append(SignalLoss(at * TENTH_NS, (at + length) * TENTH_NS))
        at += length
    return found


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    steps=NIGHTS,
    holes=HOLES,
    rules=st.sampled_from([WASM_2016, AASM]),
    short=st.sampled_from(ShortInterval),
    imi_min_s=st.sampled_from([4.0, 5.0, 8.0, 10.0, 12.0]),
    scored=st.booleans(),
)
def test_counting_finds_what_the_engine_finds(
    steps: list[tuple[int, int, Leg]],
    holes: list[tuple[int, int]],
    rules: SeriesCriteria,
    short: ShortInterval,
    imi_min_s: float,
    scored: bool,  # noqa: FBT001 - drawn
) -> None:
    criteria = replace(rules, short_imi=short, imi_min_s=imi_min_s)
    movements, losses = made(steps), lost(holes)
    stages = SLEEP if scored else ()
    engine = apply_rules(movements, criteria, annotations=Annotations(stages=stages), losses=losses)
    ordered = sorted(movements, key=lambda m: (m.onset_ns, m.end_ns, m.leg))
    row = row_of([Moved(m.onset_ns, m.end_ns, m.leg) for m in ordered])
    lost_spans = [Span(loss.onset_ns, loss.end_ns) for loss in losses]
    sleeping = (lambda t_ns: asleep(t_ns, stages)) if scored else None
    counted = combined_movements(row, criteria, lost_spans, sleeping).counted(row.weight)
    assert counted.lm == len(engine.movements)
    assert counted.clm == sum(m.clm for m in engine.movements)
    assert [onset_ns for onset_ns, _ in counted.plm] == [m.onset_ns for m in engine.movements if m.plm]


def test_movements_that_are_joined_count_for_the_largest_of_their_weights() -> None:
    both = row_of([Moved(0, NS_PER_S, "left", 0.5), Moved(NS_PER_S // 2, NS_PER_S, "right", 1.0)])
    low = both.of(both.weight < 1)
    for row, weight in ((both, 1.0), (low, 0.5)):
        assert combined_movements(row, WASM_2016).counted(row.weight).lm == weight
