"""Two periods of nights side by side: which nights count, and what is said of them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from dashboards.book import NightCard
from dashboards.comparison import Comparison, Measure, Period, Verdict
from dashboards.weeks import NightFigures
from detectors.signal import NS_PER_S
from soleus.helped.comparing import compare
from soleus.helped.wording import more_text
from tests.benchmarks.wording import FORBIDDEN

# The regression brings pandas along, which takes seconds to import.
pytestmark = pytest.mark.slow
DAY_NS = 86_400 * NS_PER_S
FIRST = date(2026, 10, 1)
START_NS = 1_790_888_400 * NS_PER_S  # 21:00 UTC on that day


def night(day: int, cramps: int, **changed: Any) -> NightFigures:
    summary = {
        "valid_h": {"left-shin/emg": 7.0, "left-shin/acceleration": 7.5},
        "night_grade": "A",
        "one_leg": False,
        "movement_source": "emg",
        "cramp_probable": cramps,
        "cramp_possible": 0,
        "plm_wasm": 40,
        **changed,
    }
    start_ns = START_NS + day * DAY_NS
    card = NightCard(f"night-{day}", start_ns, start_ns + DAY_NS // 3)
    return NightFigures(card, summary, criteria="wasm-2016", version="1.0")


def period(name: str, first: int, n_evenings: int) -> Period:
    begin = FIRST + timedelta(days=first)
    return Period(name, begin, begin + timedelta(days=n_evenings - 1))


A, B = period("before", 0, 10), period("after", 10, 10)
NIGHTS = [night(day, (4, 3, 5)[day % 3] if day < 10 else (0, 1, 0)[day % 3]) for day in range(20)]


def cramps_of(nights: list[NightFigures], a: Period = A, b: Period = B) -> Comparison:
    return compare(nights, a, b)[0]


def test_a_count_that_changed_is_said_to_have_changed_and_nothing_else() -> None:
    found = cramps_of(NIGHTS)
    assert (found.measure, found.verdict) == (Measure.CRAMPS, Verdict.CHANGED)
    assert (found.a.count, found.b.count) == (40.0, 4.0)
    assert found.ratio == pytest.approx(0.1, rel=0.05)
    assert "changed from 40 to 4 over 10 and 10 valid nights (70.0 and 70.0 valid hours)" in found.why


def test_counts_that_fit_with_no_difference_cannot_tell_and_say_how_many_nights_would() -> None:
    same = [night(day, day % 3) for day in range(20)]
    found = cramps_of(same)
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.why.startswith("Cannot tell yet: ")
    assert found.nights_more is not None
    assert found.to_tell == 0.5
    assert f"About {found.nights_more} more valid nights" in more_text(found.nights_more, found.to_tell)


def test_four_valid_nights_give_no_number_and_five_do() -> None:
    few = cramps_of(NIGHTS, A, period("after", 10, 4))
    assert few.verdict is Verdict.TOO_FEW
    assert (few.ratio, few.low, few.high, few.p_real, few.nights_more) == (None,) * 5
    assert "after has 4 valid nights; a comparison needs at least 5 in each." in few.why
    assert cramps_of(NIGHTS, A, period("after", 10, 5)).verdict is not Verdict.TOO_FEW


def test_nothing_marked_in_either_period_is_said_with_its_hours() -> None:
    found = cramps_of([night(day, 0) for day in range(20)])
    assert found.verdict is Verdict.CANNOT_TELL
    assert found.why == "Cannot tell yet: none was marked in 70.0 and 70.0 valid hours."
    assert found.nights_more is None


def test_where_nothing_limits_the_ratio_any_ratio_is_said_to_fit() -> None:
    found = cramps_of([night(day, 5000 if day == 19 else 0) for day in range(20)])
    assert (found.verdict, found.low, found.high) == (Verdict.CANNOT_TELL, None, None)
    assert found.why.endswith("fit with no difference, and with any ratio.")


@pytest.mark.parametrize(
    "changed",
    [
        {"night_grade": "C"},
        {"valid_h": {}},
        {"cramp_probable": None},
        {"one_leg": True},
        {"movement_source": "acceleration"},
    ],
)
def test_a_night_that_cannot_be_compared_does_not_count(changed: dict[str, Any]) -> None:
    found = cramps_of([*NIGHTS[:-1], night(19, 9, **changed)])
    assert (found.b.n_nights, found.b.n_valid_nights, found.b.count) == (
        10,
        9,
        sum((0, 1, 0)[d % 3] for d in range(10, 19)),
    )
    assert "1 of 20 recorded nights do not count" in found.why


def test_nights_scored_by_other_thresholds_do_not_count() -> None:
    other = [*NIGHTS[:-1], replace(NIGHTS[-1], criteria="wasm-2016, onset_uv 6")]
    assert cramps_of(other).b.n_valid_nights == 9


def test_another_version_of_the_program_is_said() -> None:
    newer = [replace(one, version="2.0") if day >= 10 else one for day, one in enumerate(NIGHTS)]
    assert "different versions of Soleus" in cramps_of(newer).why
    assert "different versions" not in cramps_of(NIGHTS).why


def test_periodic_movements_are_compared_beside_cramps() -> None:
    found = compare(NIGHTS, A, B)
    assert [one.measure for one in found] == [Measure.CRAMPS, Measure.PLM]
    assert found[1].ratio == pytest.approx(1.0)


def test_only_the_evenings_of_a_plan_count() -> None:
    some = replace(A, evenings=tuple(FIRST + timedelta(days=day) for day in (0, 2, 4, 6, 8)))
    assert cramps_of(NIGHTS, some).a.n_nights == 5


def test_a_night_in_both_periods_is_refused() -> None:
    with pytest.raises(ValueError, match="the evening 2026-10-10 is in both"):
        compare(NIGHTS, A, period("after", 9, 5))


def test_no_text_of_a_comparison_promises_or_advises() -> None:
    texts = [one.why for one in (*compare(NIGHTS, A, B), *compare(NIGHTS, A, period("after", 10, 3)))]
    texts += [more_text(7, ratio) for ratio in (1 / 2, 2 / 3, 4 / 5, 0.9)]
    words = (*FORBIDDEN, r"\bbetter\b", r"\bworse\b", r"\bworks?\b", r"\bworking\b", r"\bhelps?\b", r"\bshould\b")
    assert [(text, word) for text in texts for word in words if re.search(word, text, re.IGNORECASE)] == []
