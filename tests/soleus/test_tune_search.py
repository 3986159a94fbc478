"""`soleus tune`: one answer for one question, however often the search was interrupted."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soleus.config import choose_criteria, load
from soleus.errors import ConfigError
from soleus.reading import Reading
from soleus.tune.criteria_file import Chosen, write
from soleus.tune.plan import Method, Try, Verdict
from soleus.tune.question import SOURCES, code_sha256, question
from soleus.tune.search import StudyFile
from soleus.tune.shown import warnings
from soleus.tune.space import Values
from soleus.tune.tradeoff import FORBIDDEN, Aim, Tradeoff
from tests.made_study import BEST_S, BEST_UV, N_SUBJECTS, ONSET, QUIET, SUBJECTS, Formula, chosen, study

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOP = Path(__file__).parents[2]
LAB = TOP / "tests" / "data" / "lab_detectors"
SCRIPT = TOP / "tests" / "made_study.py"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(TOP)}
GRID = (Values("a", tuple(range(12))),)

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Run:
    """A study that nothing interrupted: what came of it, its tries, and how many nights were counted."""

    chosen: Chosen
    tries: list[Try]
    n_counted: int


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    count, tries = Formula(), list[Try]()
    return Run(chosen(tmp_path_factory.mktemp("whole") / "whole.db", study(), count, tries), tries, len(count.asked))


def test_killed_and_resumed_it_gives_the_same_file_as_uninterrupted(whole: Run, tmp_path: Path) -> None:
    # In the last search: what it proposes next depends on all that it has tried.
    killing = [sys.executable, str(SCRIPT), str(tmp_path), str(whole.n_counted - 3)]
    assert subprocess.run(killing, check=False, env=ENVIRONMENT).returncode == -signal.SIGKILL
    assert list(tmp_path.glob("*.toml")) == []
    resumed = Formula()
    write(chosen(tmp_path / "killed.db", study(), resumed), tmp_path / "killed.toml")
    write(whole.chosen, tmp_path / "whole.toml")
    one, other = ((tmp_path / name).read_text("utf-8").replace(name, "") for name in ("killed.toml", "whole.toml"))
    assert one == other
    # What was finished before is not counted again.
    assert 0 < len(resumed.asked) < whole.n_counted / 2


def test_a_search_finds_what_is_better_and_judges_it_on_those_it_has_not_seen(whole: Run) -> None:
    outcome, n_tries = whole.chosen.outcome, study().plan.n_tries
    values = outcome.choice.values
    assert abs(float(str(values[ONSET])) - BEST_UV) < 2.0
    assert values[QUIET] == BEST_S
    assert outcome.gain.low > 0
    assert outcome.unchanged.value < outcome.nested.low
    for number, fold in enumerate(study().folds):
        assert outcome.folds[number].fold == fold
        for one in whole.tries[n_tries * number : n_tries * (number + 1)]:
            assert one.counts
            assert not {SUBJECTS[name] for name in one.counts} & set(fold.held_back)


def test_people_whom_nothing_has_seen_lie_inside_the_interval_of_the_cross_validation(whole: Run) -> None:
    nested, others = whole.chosen.outcome.nested, [number + 0.5 for number in range(N_SUBJECTS - 1)]
    counts = [Formula().of_subject(whole.chosen.criteria, number) for number in others]
    assert nested.low < Tradeoff().estimate(counts, list(map(str, others))).value < nested.high


def test_patience_and_dropping_end_what_leads_nowhere(tmp_path: Path) -> None:
    plan = replace(study(Method.GRID, n_tries=12).plan, varied=GRID, drops_early=False)
    with closing(StudyFile(tmp_path / "a.db", {})) as kept:
        every, patient, dropping = (
            kept.search(name, replace(plan, **change), _far_from_two, lambda _: None)
            for name, change in (("every", {}), ("patient", {"patience": 2}), ("dropping", {"drops_early": True}))
        )
    assert (len(every), {one.values["a"] for one in every}) == (12, set(range(12)))
    assert every[: len(patient)] == patient
    assert len(patient) < 12
    assert {one.values["a"] for one in dropping if one.cost is None} == {5, 9, 11}
    assert [one.values["a"] for one in dropping if one.cost == 0] == [2]


def _far_from_two(values: Mapping[str, object]) -> Iterator[Verdict]:
    cost = abs(float(str(values["a"])) - 2)
    yield from (Verdict(cost, {}) for _ in range(3))


def test_impossible_thresholds_are_counted_and_never_chosen(tmp_path: Path) -> None:
    asked = study(Method.RANDOM, n_tries=2)
    found = chosen(tmp_path / "a.db", asked, Formula(is_possible=lambda onset_uv: onset_uv > 6.0)).outcome
    assert 0 < found.choice.n_impossible < 2
    assert float(str(found.choice.values[ONSET])) > 6.0
    with pytest.raises(ConfigError, match=r"none of 2 tries is possible, for example: \S+ is impossible"):
        chosen(tmp_path / "b.db", asked, Formula(is_possible=lambda onset_uv: onset_uv == 8.0))


def test_a_study_of_another_question_or_no_study_is_refused_in_one_line(tmp_path: Path) -> None:
    plan = replace(study(Method.GRID, n_tries=1).plan, varied=GRID)
    with closing(StudyFile(tmp_path / "a.db", {"seed": 7})) as kept:
        kept.search("one", plan, _far_from_two, lambda _: None)
    with pytest.raises(ConfigError, match=r"differs in: nights, seed"):
        StudyFile(tmp_path / "a.db", {"seed": 8, "nights": []})
    with pytest.raises(ConfigError, match=r"a\.db: holds the study one of another program"):
        StudyFile(_of_another_program(tmp_path / "a.db"), {"seed": 7})
    (tmp_path / "b.db").write_text("no database, and longer than the header of one would be " * 9, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"b\.db: cannot be used as a study: .*not a database"):
        StudyFile(tmp_path / "b.db", {})


def _of_another_program(study: Path) -> Path:
    with closing(sqlite3.connect(study)) as database, database:
        database.execute("delete from study_user_attributes")
    return study


def test_code_plug_ins_and_what_stands_beside_a_recording_decide_the_answer_as_well(
    whole: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(LAB)
    plugged = load(None, assignments=["detectors=long_activity"], environ={}).criteria
    newer = replace(plugged, plugins=tuple(replace(one, version="9") for one in plugged.plugins))
    nights = whole.chosen.sources
    beside = [replace(nights[0], beside_sha256="c"), *nights[1:]]
    questions = [
        question(study(), nights, Reading()),
        question(study(), nights, Reading(time_zone="Europe/Berlin")),
        question(study(), nights, Reading(salvage=True)),
        question(study(), nights, Reading(), {"twitch": "cramp"}),
        question(study(), beside, Reading()),
        question(replace(study(), criteria=plugged), nights, Reading()),
        question(replace(study(), criteria=newer), nights, Reading()),
    ]
    assert len({json.dumps(one, default=str) for one in questions}) == len(questions)
    for folder in SOURCES:
        source = tmp_path / folder / "inner" / "a.py"
        source.parent.mkdir(parents=True)
        for text in ("one = 1\n", "one = 2\n"):
            before = code_sha256(tmp_path)
            source.write_text(text, encoding="utf-8")
            assert code_sha256(tmp_path) != before
    assert questions[0]["code"] == code_sha256(TOP)


def test_too_few_events_found_on_others_are_told(whole: Run) -> None:
    few_false = replace(whole.chosen.study, tradeoff=Tradeoff(Aim.FALSE, least_sensitivity=0.99))
    told = " ".join(warnings(replace(whole.chosen, study=few_false)))
    sensitivity = whole.chosen.outcome.sensitivity
    assert sensitivity.low < sensitivity.value < sensitivity.high < 0.99
    was = whole.chosen.outcome.sensitivity_as_it_was
    assert f"as they were find {was.value:.3f} of the events: their false events are nothing to compare with" in told
    assert f"it has not seen the choice finds {sensitivity.value:.3f} of the events, and 0.99 were asked for" in told
    choice = replace(whole.chosen.outcome.choice, cost=FORBIDDEN * 1.1)
    nothing_does = replace(whole.chosen, study=few_false, outcome=replace(whole.chosen.outcome, choice=choice))
    assert "nothing that was tried finds 0.99 of the events" in " ".join(warnings(nothing_does))


def test_a_criteria_file_is_taken_as_it_is_and_says_where_it_comes_from(whole: Run, tmp_path: Path) -> None:
    found = whole.chosen
    path = tmp_path / "lab.toml"
    write(found, path)
    assert choose_criteria(str(path), None, ()) == found.criteria
    (tmp_path / "soleus.toml").write_text(f'criteria = "{path.name}"\n[set.cramp]\nonset_uv = 9.0\n', encoding="utf-8")
    config = load(tmp_path / "soleus.toml", assignments=["leg_movement.min_s=0.6"])
    assert config.criteria.leg_movement.onset_uv == found.criteria.leg_movement.onset_uv
    assert (config.criteria.cramp.onset_uv, config.criteria.leg_movement.min_s) == (9.0, 0.6)
    assert config.origins[ONSET].startswith("lab.toml:")
    assert config.provenance["tuned"]["name"] == "made"
    told = tomllib.loads(path.read_text(encoding="utf-8"))["tuned"]
    assert {one["subject"] for one in told["night"]} == set(SUBJECTS.values())
    assert [one["number"] for one in told["fold"]] == [1, 2]
    path.write_text('criteria = "other.toml"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"lab\.toml:1: criteria is 'other\.toml', expected the name of a set"):
        load(tmp_path / "soleus.toml")
