"""What answers say about thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from dashboards.bench_values import Setting
from dashboards.labelling import NOTHING, BlindError, Label, Sheet
from detectors.criteria import named
from detectors.evaluate.marks import Mark
from soleus.studio.candidates import NightPool, tries_of
from soleus.studio.learning import LEAST_ANSWERS, NightAnswers, answers_in, best_try, counted, learned
from tests.made_pools import LEVELS, answers, pool, span_at

if TYPE_CHECKING:
    from dashboards.bench_values import Learned

STRENGTHS = np.random.default_rng(3).uniform(0.0, 1.0, 80).tolist()
NIGHT = pool("first", STRENGTHS)
ASKED = (Setting("wasm-2016", (("leg_movement.min_s", "0.6"),)), named("wasm-2016"))
EVERY_THIRD = range(0, 80, 3)


def told(given: NightAnswers, *nights: NightPool) -> Learned:
    every = nights or (NIGHT,)
    return learned(every, {night.key: given for night in every}, ASKED, {})


def level_of(given: NightAnswers) -> float:
    counts = np.array([counted(NIGHT, given)], np.float64)
    best = best_try([NIGHT], {"first": given}, counts)
    return float(LEVELS[best])


@pytest.mark.parametrize("level", [0.1, 0.45, 0.8])
def test_the_level_that_a_rater_goes_by_is_found(level: float) -> None:
    assert level_of(answers(STRENGTHS, EVERY_THIRD, level)) == pytest.approx(level, abs=0.05)


def test_a_slip_does_not_move_it() -> None:
    given = answers(STRENGTHS, EVERY_THIRD, 0.45)
    strongest = max(given.yes, key=lambda span: STRENGTHS[round(span.onset_s / 100)])
    slipped = NightAnswers(tuple(one for one in given.yes if one is not strongest), (*given.no, strongest))
    assert level_of(slipped) == pytest.approx(0.45, abs=0.05)


def test_what_fits_best_keeps_the_other_changes_and_agrees_better() -> None:
    found = told(answers(STRENGTHS, EVERY_THIRD, 0.6))
    assert found.setting is not None
    changes = dict(found.setting.changes)
    assert changes.pop("leg_movement.min_s") == "0.6"
    assert tuple(changes.items()) in tries_of(ASKED[1], "leg_movement")
    numbers, before = ({one.name: one.value for one in several} for several in (found.agreement, found.as_it_was))
    assert list(numbers) == ["f1", "sensitivity", "ppv"]
    assert (numbers["f1"] or 0.0) > (before["f1"] or 1.0) + 0.1
    assert before["sensitivity"] == 1.0
    assert found.n_yes + found.n_no == len(EVERY_THIRD)
    assert "on other nights it is lower" in found.why


def test_thresholds_that_fit_stay_as_they_are() -> None:
    found = told(answers(STRENGTHS, EVERY_THIRD, LEVELS[0]))
    assert found.setting == ASKED[0]
    assert found.agreement == found.as_it_was
    assert found.why.startswith("None of 20 other sets")


def test_they_stay_as_well_where_others_would_do_as_well() -> None:
    clear = [number for number, strength in enumerate(STRENGTHS) if not 0.1 < strength < 0.5]
    assert told(answers(STRENGTHS, clear, 0.3)).setting == ASKED[0]


def test_too_few_answers_fit_anything() -> None:
    few = told(answers(STRENGTHS, range(LEAST_ANSWERS - 1), 0.6))
    assert few.setting is None
    assert few.why == "9 answers are too few to fit thresholds to; it takes 10."
    assert few.as_it_was
    alike = told(answers(STRENGTHS, EVERY_THIRD, -1.0))
    assert alike.setting is None
    assert alike.why.startswith("All answers are the same")
    assert told(NightAnswers()).why == "There are no answers yet."


def test_a_class_whose_thresholds_are_not_fitted_says_so() -> None:
    alone = NightPool("first", "cramp", NIGHT.candidates, NIGHT.votes[:1], NIGHT.found[:1])
    found = told(answers(STRENGTHS, EVERY_THIRD, 0.6), alone)
    assert found.setting is None
    assert found.why == "Thresholds of this class are not fitted to answers."
    assert found.as_it_was


def test_intervals_need_two_people() -> None:
    given = answers(STRENGTHS, EVERY_THIRD, 0.6)
    assert told(given).agreement[0].low is None
    several = told(given, *(pool(key, STRENGTHS) for key in ("one", "other")))
    (f1, *_) = several.as_it_was
    assert f1.low is not None
    assert f1.high is not None


def test_where_nobody_looked_nothing_is_false_unless_all_was_scored() -> None:
    given = answers(STRENGTHS, [0, 1, 2], 0.5)
    part, whole = (counted(NIGHT, NightAnswers(given.yes, given.no, whole=whole))[0] for whole in (False, True))
    n_found = len(NIGHT.found[0])
    assert part[:2] == whole[:2]
    assert part[0] + part[2] <= 3
    assert whole[0] + whole[2] == n_found
    excused = NightAnswers(given.yes, given.no, (Mark("cramp", "both", 0.0, 1e6),), whole=True)
    assert counted(NIGHT, excused)[0][2] == 0


def test_a_corrected_mark_counts_where_it_was_corrected_to() -> None:
    strongest = int(np.argmax(STRENGTHS))
    span = span_at(strongest)
    near, far = (Mark(span.kind, span.leg, span.onset_s + by, span.end_s + by) for by in (0.5, 1.5))
    assert counted(NIGHT, NightAnswers(yes=(near,)))[0] == (1, 0, 0)
    assert counted(NIGHT, NightAnswers(yes=(far,)))[0] == (0, 1, 0)


def sheet(*, blind: bool = False, finished: bool = False) -> Sheet:
    kinds = ("leg_movement", NOTHING, "cramp")
    labels = tuple(Label(f"k{at}", kind, "left", 10.0 * at, 10.0 * at + 1) for at, kind in enumerate(kinds))
    return Sheet(labels, blind=blind, finished=finished)


def test_marks_are_answers() -> None:
    read = answers_in({"a": sheet(), "b": sheet(finished=True)}, "leg_movement")
    assert [len(part) for part in (read["a"].yes, read["a"].no, read["a"].neither)] == [1, 1, 1]
    assert [read["a"].whole, read["b"].whole] == [False, True]
    assert answers_in({"a": sheet()}, "cramp")["a"].yes[0].onset_s == 20.0


def test_a_rater_who_scores_blind_gets_no_suggestions() -> None:
    with pytest.raises(BlindError, match="b is scored blind"):
        answers_in({"a": sheet(), "b": sheet(blind=True)}, "leg_movement")
