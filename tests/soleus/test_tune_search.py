"""`soleus tune`: one answer for one question, however often the search was interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from soleus.errors import ConfigError
from soleus.tune.criteria_file import write
from soleus.tune.plan import Method, Try, Verdict
from soleus.tune.search import StudyFile
from soleus.tune.space import Values
from tests.made_study import BEST_S, BEST_UV, ONSET, QUIET, SUBJECTS, Formula, chosen, study

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOP = Path(__file__).parents[2]
SCRIPT = TOP / "tests" / "made_study.py"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(TOP)}
GRID = (Values("a", tuple(range(12))),)

pytestmark = pytest.mark.slow


def test_killed_and_resumed_it_gives_the_same_file_as_uninterrupted(tmp_path: Path) -> None:
    whole, resumed = Formula(), Formula()
    write(chosen(tmp_path / "whole.db", study(), whole), tmp_path / "whole.toml")
    # In the last search: what it proposes next depends on all that it has tried.
    killing = [sys.executable, str(SCRIPT), str(tmp_path), str(len(whole.asked) - 3)]
    assert subprocess.run(killing, check=False, env=ENVIRONMENT).returncode == -signal.SIGKILL
    assert not (tmp_path / "killed.toml").exists()
    write(chosen(tmp_path / "killed.db", study(), resumed), tmp_path / "killed.toml")
    texts = [one.read_text(encoding="utf-8").replace(one.name, "") for one in sorted(tmp_path.glob("*.toml"))]
    assert len(texts) == 2
    assert texts[0] == texts[1]
    # What was finished before is not counted again.
    assert 0 < len(resumed.asked) < len(whole.asked) / 2


def test_a_search_finds_what_is_best_and_judges_it_on_those_it_has_not_seen(tmp_path: Path) -> None:
    asked, tries = study(Method.RANDOM, n_tries=15), list[Try]()
    outcome = chosen(tmp_path / "a.db", asked, Formula(), tries).outcome
    values = outcome.choice.values
    assert abs(float(str(values[ONSET])) - BEST_UV) < 1.0
    assert values[QUIET] == BEST_S
    assert outcome.gain.low > 0
    assert outcome.unchanged.value < outcome.nested.low
    for number, fold in enumerate(asked.folds):
        assert outcome.folds[number].fold == fold
        for one in tries[15 * number : 15 * number + 15]:
            assert not {SUBJECTS[name] for name in one.counts} & set(fold.held_back)


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
    asked = study(Method.RANDOM, n_tries=3)
    found = chosen(tmp_path / "a.db", asked, Formula(is_possible=lambda onset_uv: onset_uv > 6.0)).outcome
    assert 0 < found.choice.n_impossible < 3
    assert float(str(found.choice.values[ONSET])) > 6.0
    with pytest.raises(ConfigError, match=r"none of 3 tries is possible, for example: \S+ is impossible"):
        chosen(tmp_path / "b.db", asked, Formula(is_possible=lambda onset_uv: onset_uv == 8.0))


def test_a_study_of_another_question_or_no_study_is_refused_in_one_line(tmp_path: Path) -> None:
    asked = study(Method.RANDOM, n_tries=1)
    chosen(tmp_path / "a.db", asked, Formula())
    with pytest.raises(ConfigError, match=r"differs in: nights, seed"):
        StudyFile(tmp_path / "a.db", {"seed": 8, "nights": []})
    (tmp_path / "b.db").write_text("no database, and longer than the header of one would be " * 9, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"b\.db: cannot be used as a study: .*not a database"):
        StudyFile(tmp_path / "b.db", {})
