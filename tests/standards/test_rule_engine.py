"""The engine against a slow second writing of the rules, and against every way of cutting its input."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.published import AASM, WASM_2016
from detectors.rules.combined import CombinedMovement, LegMovement, SignalLoss
from detectors.rules.scored_movements import apply_rules
from detectors.rules.series import RuleEngine, Series
from detectors.signal import Leg
from tests import reference_rules
from tests.movement_lists import every, left, ns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.rules.series_criteria import SeriesCriteria

MS = 1_000_000
# Steps that sit on, just under and just over each limit of the rules, and ordinary ones between them.
STEPS_MS = st.one_of(
    st.sampled_from([0, 400, 499, 500, 501, 4_999, 5_000, 5_001, 9_999, 10_000, 10_001, 90_000, 90_001]),
    st.integers(0, 40_000),
)
LENGTHS_MS = st.one_of(st.sampled_from([499, 500, 4_500, 9_999, 10_000, 10_001, 15_000]), st.integers(300, 6_000))
EVENTS = st.lists(st.tuples(STEPS_MS, LENGTHS_MS, st.sampled_from([Leg.LEFT, Leg.RIGHT])), max_size=25)
LOSSES = st.lists(st.tuples(st.integers(0, 300_000), st.sampled_from([5_000, 60_000, 90_000, 90_001])), max_size=3)


def movements_of(events: Sequence[tuple[int, int, Leg]]) -> list[LegMovement]:
    found, onset_ms = [], 0
    for step_ms, length_ms, leg in events:
        onset_ms += step_ms
        found.append(LegMovement(onset_ms * MS, (onset_ms + length_ms) * MS, leg, leg.value))
    return found


def losses_of(losses: Sequence[tuple[int, int]]) -> list[SignalLoss]:
    return [SignalLoss(onset * MS, (onset + length) * MS) for onset, length in losses]


def in_short(m: CombinedMovement) -> reference_rules.Counted:
    assert m.plm == (m.series is not None)
    return reference_rules.Counted(m.onset_ns, m.end_ns, m.leg, m.clm, m.imi_s, m.uncertain, m.series)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(EVENTS, LOSSES)
def test_the_engine_agrees_with_the_rules_written_down_slowly(
    events: list[tuple[int, int, Leg]], lost: list[tuple[int, int]]
) -> None:
    movements, losses = list(dict.fromkeys(movements_of(events))), losses_of(lost)
    for criteria, reference in ((WASM_2016, reference_rules.wasm), (AASM, reference_rules.aasm)):
        found = [in_short(m) for m in apply_rules(movements, criteria, losses=losses).movements]
        assert sorted(found) == sorted(reference(movements, losses))


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(EVENTS, LOSSES, st.lists(st.integers(0, 60_000), min_size=30, max_size=30), st.data())
def test_what_is_said_does_not_depend_on_how_the_input_was_cut(
    events: list[tuple[int, int, Leg]], lost: list[tuple[int, int]], delays_ms: list[int], data: st.DataObject
) -> None:
    """Each item arrives with its own delay; nothing is called settled that is still to come."""
    items: list[LegMovement | SignalLoss] = [*movements_of(events), *losses_of(lost)]
    criteria = data.draw(st.sampled_from([WASM_2016, AASM]))
    arriving = sorted(zip(items, delays_ms, strict=False), key=lambda pair: pair[0].onset_ns + pair[1] * MS)
    order = [item for item, _ in arriving]
    engine = RuleEngine(criteria)
    said: list[CombinedMovement | Series] = []
    for k, item in enumerate(order):
        to_come_ns = min((other.onset_ns for other in order[k + 1 :]), default=item.onset_ns)
        if isinstance(item, SignalLoss):
            engine.interrupt(item.onset_ns, item.end_ns)
        said += engine.feed([item] if isinstance(item, LegMovement) else [], settled_ns=to_come_ns)
    assert [*said, *engine.finish()] == at_once(items, criteria)


def at_once(items: Sequence[LegMovement | SignalLoss], criteria: SeriesCriteria) -> list[CombinedMovement | Series]:
    engine = RuleEngine(criteria)
    for item in items:
        if isinstance(item, SignalLoss):
            engine.interrupt(item.onset_ns, item.end_ns)
    return [*engine.feed([m for m in items if isinstance(m, LegMovement)], settled_ns=-1), *engine.finish()]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(EVENTS, st.integers(-(10**15), 10**15))
def test_a_shift_in_time_shifts_what_is_said(events: list[tuple[int, int, Leg]], shift_ns: int) -> None:
    movements = movements_of(events)
    shifted = [LegMovement(m.onset_ns + shift_ns, m.end_ns + shift_ns, m.leg, m.sensor) for m in movements]
    for criteria in (WASM_2016, AASM):
        here, there = apply_rules(movements, criteria), apply_rules(shifted, criteria)
        assert [(m.onset_ns + shift_ns, m.plm, m.imi_s) for m in here.movements] == [
            (m.onset_ns, m.plm, m.imi_s) for m in there.movements
        ]


def test_a_movement_is_said_as_soon_as_it_cannot_grow() -> None:
    engine = RuleEngine(WASM_2016)
    assert engine.feed([left(10, 2)], settled_ns=ns(12.499)) == []
    (movement,) = engine.feed([], settled_ns=ns(12.5))
    assert isinstance(movement, CombinedMovement)
    assert not movement.plm


def test_the_first_three_movements_of_a_series_are_said_again_with_the_fourth() -> None:
    engine = RuleEngine(WASM_2016)
    first = engine.feed(every(20, 3), settled_ns=ns(59))
    assert [(m.plm, m.series) for m in first if isinstance(m, CombinedMovement)] == [(False, None)] * 3
    second = engine.feed([left(60)], settled_ns=ns(70))
    assert [(m.onset_ns, m.plm, m.series) for m in second if isinstance(m, CombinedMovement)] == [
        (ns(t), True, 1) for t in (0, 20, 40, 60)
    ]
    (fifth,) = engine.feed([left(80)], settled_ns=ns(90))
    assert isinstance(fifth, CombinedMovement)
    assert fifth.series == 1


def test_a_series_is_closed_when_the_longest_interval_has_passed() -> None:
    engine = RuleEngine(WASM_2016)
    engine.feed(every(20, 4), settled_ns=ns(70))
    assert engine.feed([], settled_ns=ns(150)) == []
    assert engine.feed([], settled_ns=ns(150) + 1) == [Series(1, 0, ns(62), 4, uncertain=False)]


def test_a_series_stays_open_for_a_movement_that_has_begun_and_may_still_grow() -> None:
    engine = RuleEngine(WASM_2016)
    engine.feed(every(20, 4), settled_ns=ns(70))
    assert engine.feed([left(149, 5)], settled_ns=ns(152)) == []
    (fifth,) = engine.feed([], settled_ns=ns(155))
    assert isinstance(fifth, CombinedMovement)
    assert fifth.series == 1


def test_what_comes_after_its_time_was_settled_is_refused() -> None:
    engine = RuleEngine(WASM_2016)
    engine.feed([], settled_ns=ns(10))
    with pytest.raises(ValueError, match="LegMovement begins at 9000000000 ns, expected 10000000000 ns"):
        engine.feed([left(9)], settled_ns=ns(10))
    with pytest.raises(ValueError, match="SignalLoss begins at 9000000000 ns"):
        engine.interrupt(ns(9), ns(11))


def test_settled_time_does_not_go_back() -> None:
    engine = RuleEngine(WASM_2016)
    assert len(engine.feed([left(0)], settled_ns=ns(10))) == 1
    assert engine.feed([], settled_ns=0) == []
    with pytest.raises(ValueError, match="settled"):
        engine.feed([left(5)], settled_ns=ns(20))


def test_finish_may_be_called_twice_and_says_nothing_new() -> None:
    engine = RuleEngine(WASM_2016)
    engine.feed(every(20, 4), settled_ns=0)
    assert len(engine.finish()) == 8
    assert engine.finish() == []


def test_an_empty_night_has_no_movements() -> None:
    assert apply_rules([], WASM_2016).movements == ()
    assert apply_rules([], AASM).series == ()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_night() -> None:
    engine = RuleEngine(WASM_2016)
    said = 0
    for k in range(3000):
        said += len(engine.feed([left(20 * k)], settled_ns=ns(20 * k + 10)))
        assert engine._combiner.head_ns is None
        assert not engine._waiting
        assert engine._run is not None
        assert len(engine._run.held) < WASM_2016.min_series
    assert said == 3003


def test_a_leg_movement_belongs_to_one_leg_and_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="expected one leg"):
        LegMovement(0, 1, Leg.BOTH, "x")
    with pytest.raises(ValueError, match="x: leg movement ends 1 ns before its onset"):
        LegMovement(1, 0, Leg.LEFT, "x")
