"""`soleus tune`: one answer for one question, however often the search was interrupted."""

from __future__ import annotations

import os
import signal
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
from soleus.tune.criteria_file import Chosen, write
from soleus.tune.plan import Method, Try, Verdict
from soleus.tune.search import StudyFile
from soleus.tune.space import Values
from soleus.tune.tradeoff import Tradeoff
from tests.made_study import BEST_S, BEST_UV, N_SUBJECTS, ONSET, QUIET, SUBJECTS, Formula, chosen, study

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOP = Path(__file__).parents[2]
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
    assert sorted(one.values["a"] for one in every) == list(range(12))
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
    (tmp_path / "b.db").write_text("no database, and longer than the header of one would be " * 9, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"b\.db: cannot be used as a study: .*not a database"):
        StudyFile(tmp_path / "b.db", {})


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
    assert config.provenance is not None
    assert config.provenance["name"] == "made"
    told = tomllib.loads(path.read_text(encoding="utf-8"))["tuned"]
    assert {one["subject"] for one in told["night"]} == set(SUBJECTS.values())
    assert [one["number"] for one in told["fold"]] == [1, 2]
    path.write_text('criteria = "other.toml"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"lab\.toml:1: criteria is 'other\.toml', expected the name of a set"):
        load(tmp_path / "soleus.toml")
