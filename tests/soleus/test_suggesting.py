"""What a rater is asked about next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from soleus.studio.candidates import Candidate
from soleus.studio.learning import NO_ANSWERS, NightAnswers
from soleus.studio.suggesting import suggested
from tests.made_pools import EVERY_S, answers, pool, span_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.bench_values import Suggestion

STRENGTHS = np.random.default_rng(8).uniform(0.0, 1.0, 60).tolist()
NIGHT = pool("first", STRENGTHS)


def numbers_of(suggestions: Sequence[Suggestion]) -> list[int]:
    return [round(one.onset_s / EVERY_S) for one in suggestions]


def test_nothing_that_was_answered_is_suggested_again() -> None:
    seen: list[int] = []
    given = NO_ANSWERS
    while asked := numbers_of(suggested([NIGHT], {"first": given}, 7)):
        assert not set(asked) & set(seen)
        seen += asked
        given = answers(STRENGTHS, seen, 0.6)
    assert seen


def test_an_event_that_is_marked_as_another_kind_or_a_little_elsewhere_is_answered() -> None:
    first, second = suggested([NIGHT], {}, 2)
    at_first, at_second = numbers_of([first, second])
    moved = span_at(at_second)
    moved = type(moved)(moved.kind, moved.leg, moved.onset_s + 0.5, moved.end_s + 0.5)
    given = NightAnswers(yes=(moved,), neither=(span_at(at_first, "cramp"),))
    assert not {at_first, at_second} & set(numbers_of(suggested([NIGHT], {"first": given}, 60)))


def test_a_recording_that_is_scored_as_a_whole_is_not_asked_about() -> None:
    assert suggested([NIGHT], {"first": NightAnswers(whole=True)}, 5) == []


def test_suggestions_close_in_on_the_level_of_the_rater() -> None:
    seen: list[int] = []
    for _ in range(3):
        seen += numbers_of(suggested([NIGHT], {"first": answers(STRENGTHS, seen, 0.6)}, 3))
    off = [abs(STRENGTHS[number] - 0.6) for number in seen]
    assert max(off[-6:]) < 0.15 < min(max(off[:3]), 0.4)


def test_what_thresholds_disagree_about_comes_before_what_was_merely_close() -> None:
    clear = NIGHT.candidates[:3]
    close = tuple(Candidate(one.leg, one.onset_s + 1e5, one.end_s + 1e5, told=True, margin=0.01) for one in clear)
    far = Candidate("left", 3e5, 3e5 + 1, told=True, margin=0.9)
    votes = np.concatenate([NIGHT.votes, np.ones((len(NIGHT.votes), 4), np.bool_)], axis=1)
    night = type(NIGHT)("first", NIGHT.word, (*NIGHT.candidates, *close, far), votes, NIGHT.found)
    asked = suggested([night], {}, 64)
    contested = ["sets of thresholds" in one.why for one in asked]
    assert contested == sorted(contested, reverse=True)
    assert 0 < sum(contested) < len(asked)
    margins = {one.onset_s: one.margin for one in night.candidates}
    behind = [one.onset_s for one in asked[sum(contested) :]]
    assert behind == sorted(behind, key=lambda onset_s: margins[onset_s])
    assert {one.onset_s for one in close} < set(behind)
    assert far.onset_s not in behind


def test_every_recording_is_asked_about() -> None:
    nights = [pool(key, STRENGTHS[first : first + 20]) for key, first in (("a", 0), ("b", 20), ("c", 40))]
    assert {one.key for one in suggested(nights, {}, 9)} == {"a", "b", "c"}


def test_without_candidates_or_questions_there_are_no_suggestions() -> None:
    assert suggested([], {}, 5) == suggested([NIGHT], {}, 0) == suggested([pool("none", [])], {}, 5) == []
