"""Periods and plans as the diary tells of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dashboards.comparison import Block, Period, Phase, Plan
from dashboards.diary import DiaryEntry
from detectors.signal import NS_PER_S
from soleus.evenings import evening, evening_here
from soleus.helped.periods import periods_of, plan_of
from soleus.helped.planning import Shape, draw_plan, entries_of

MIDNIGHT_NS = 1_790_812_800 * NS_PER_S  # 2026-10-01 00:00 UTC
UNTIL = date(2026, 10, 31)


def utc_evening(time_ns: int) -> date:
    return evening(time_ns, 0)


def at(day: int, hour: float) -> int:
    return MIDNIGHT_NS + round(((day - 1) * 24 + hour) * 3600) * NS_PER_S


def periods(*entries: DiaryEntry) -> tuple[Period, ...]:
    return periods_of(entries, utc_evening, UNTIL)


def october(day: int) -> date:
    return date(2026, 10, day)


def test_a_remedy_begins_with_the_first_evening_after_it_and_ends_before_it_stops() -> None:
    name = {"name": "magnesium"}
    for on_hour, first in ((8, 5), (19, 5), (23, 5)):
        for off_hour, last in ((8, 13), (19, 13), (23, 13)):
            on = DiaryEntry(at(5, on_hour), "remedy_on", "", {}, name)
            off = DiaryEntry(at(14, off_hour), "remedy_off", "", {}, name)
            assert periods(on, off) == (Period("magnesium", october(first), october(last)),)


def test_a_remedy_that_was_not_stopped_lasts_until_now() -> None:
    assert periods(DiaryEntry(at(5, 19), "remedy_on", "magnesium")) == (Period("magnesium", october(5), UNTIL),)


def test_two_remedies_at_once_are_two_periods() -> None:
    found = periods(
        DiaryEntry(at(3, 19), "remedy_on", "", {}, {"name": "a"}),
        DiaryEntry(at(5, 19), "remedy_on", "", {}, {"name": "b"}),
        DiaryEntry(at(9, 19), "remedy_off", "", {}, {"name": "a"}),
    )
    assert [(one.name, one.first, one.last) for one in found] == [
        ("a", october(3), october(8)),
        ("b", october(5), UNTIL),
    ]


def test_an_end_without_a_begin_is_no_period() -> None:
    assert periods(DiaryEntry(at(9, 19), "remedy_off", "", {}, {"name": "a"})) == ()


def test_a_named_period_has_the_length_that_it_says_or_ends_before_the_next() -> None:
    found = periods(
        DiaryEntry(at(1, 18), "period", "", {"duration_h": 240.0}, {"name": "first"}),
        DiaryEntry(at(15, 18), "period", "", {}, {"name": "second"}),
        DiaryEntry(at(20, 18), "period", "", {}, {"name": "third"}),
    )
    assert [(one.name, one.first.day, one.last.day) for one in found] == [
        ("first", 1, 10),
        ("second", 15, 19),
        ("third", 20, 31),
    ]


def test_a_remedy_taken_for_days_is_a_period_and_one_tablet_is_none() -> None:
    assert periods(DiaryEntry(at(5, 19), "remedy", "magnesium", {"duration_h": 72.0}))[0].last == october(7)
    assert periods(DiaryEntry(at(5, 19), "remedy", "magnesium", {"dose_mg": 300.0})) == ()


def test_a_drawn_plan_comes_back_from_its_entries() -> None:
    plan = draw_plan("magnesium", date(2026, 10, 20), Shape(3, 7, 2), seed=4)
    entries = [
        DiaryEntry(entry.time_ns or 0, entry.kind, entry.text, entry.values, entry.words)
        for entry in reversed(entries_of(plan, 4))
    ]
    # The blocks of this plan lie on both sides of the end of summer time in Europe.
    assert plan_of(entries, evening_here) == plan
    off, on = plan.period(Phase.OFF), plan.period(Phase.ON)
    assert {off, on} == set(periods_of(entries, evening_here, UNTIL))


def test_a_diary_without_blocks_has_no_plan() -> None:
    assert plan_of([DiaryEntry(at(1, 18), "period", "", {}, {"name": "first"})], utc_evening) is None


@pytest.mark.parametrize("seed", range(20))
def test_each_pair_of_a_plan_has_a_block_of_each_and_each_change_is_washed_out(seed: int) -> None:
    plan = draw_plan("x", date(2026, 10, 1), Shape(4, 5, 3), seed)
    compared = [block for block in plan.blocks if block.phase is not Phase.WASHOUT]
    assert [block.n_evenings for block in compared] == [5] * 8
    assert all(
        {one.phase, other.phase} == {Phase.ON, Phase.OFF}
        for one, other in zip(compared[::2], compared[1::2], strict=True)
    )
    for before, after in zip(plan.blocks[:-1], plan.blocks[1:], strict=True):
        assert after.first == before.last + timedelta(days=1)
        assert before.phase is after.phase or Phase.WASHOUT in {before.phase, after.phase}


def test_the_order_is_drawn_and_the_seed_draws_it_again() -> None:
    orders = {
        tuple(b.phase for b in draw_plan("x", date(2026, 10, 1), Shape(3, 7, 2), seed).blocks) for seed in range(40)
    }
    assert len(orders) == 8
    assert draw_plan("x", UNTIL, Shape(3, 7, 2), 9) == draw_plan("x", UNTIL, Shape(3, 7, 2), 9)


def test_a_plan_knows_what_an_evening_is_for() -> None:
    plan = Plan("x", (Block(Phase.ON, october(1), 2), Block(Phase.WASHOUT, october(3), 1)))
    assert [plan.phase_on(october(day)) for day in (1, 2, 3, 4)] == [Phase.ON, Phase.ON, Phase.WASHOUT, None]


@pytest.mark.parametrize(
    ("first", "last", "evenings", "fault"),
    [(2, 1, (), "before it begins"), (1, 5, (7,), "outside of"), (1, 5, (1, 7), "outside of")],
)
def test_a_period_that_cannot_be_is_refused(first: int, last: int, evenings: tuple[int, ...], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Period("x", october(first), october(last), tuple(map(october, evenings)))


def test_a_name_that_is_no_name_is_refused() -> None:
    with pytest.raises(ValueError, match="81 characters, expected at most 80"):
        Period("x" * 81, october(1), october(2))
