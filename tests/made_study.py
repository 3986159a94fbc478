"""A search whose answer is known: nights that count what a formula says, and a run that can be killed within it."""

from __future__ import annotations

import math
import os
import signal
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from detectors.criteria import named
from soleus.errors import ConfigError
from soleus.tune.criteria_file import Chosen, write
from soleus.tune.nested import Study
from soleus.tune.nights import NightSource
from soleus.tune.plan import Method, Plan
from soleus.tune.search import StudyFile
from soleus.tune.space import Range, Values, all_differ
from soleus.tune.tradeoff import Counts, Tradeoff

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from detectors.criteria import Criteria
    from soleus.tune.nights import Case
    from soleus.tune.plan import Try

CRITERIA = named("wasm-2016")
ONSET, QUIET = "leg_movement.onset_uv", "leg_movement.quiet_s"
VARIED = all_differ([Range(ONSET, 3.0, 12.0, is_log=True), Values(QUIET, (0.3, 0.5, 0.8))])
BEST_UV, BEST_S = 5.5, 0.3
N_SUBJECTS = 6
SUBJECTS = {f"night-{number}": f"subject-{number % N_SUBJECTS}" for number in range(9)}
MOVEMENTS = 200


@dataclass(slots=True)
class Formula:
    """Counts that are best near `BEST_UV` and `BEST_S`, a little elsewhere for each subject.

    Parameters
    ----------
    kill_after : int
        End this process like kill -9 once so many nights were counted; 0 never does.
    is_possible : callable
        Which onset thresholds, µV, are not refused.
    """

    kill_after: int = 0
    is_possible: Callable[[float], bool] = lambda _: True
    asked: list[str] = field(default_factory=list)

    def __call__(self, criteria: Criteria, names: Sequence[str]) -> dict[str, Counts]:
        """Return what is counted, by night."""
        return {name: self._count(criteria, name) for name in names}

    def _count(self, criteria: Criteria, name: str) -> Counts:
        self.asked.append(name)
        if len(self.asked) == self.kill_after:
            os.kill(os.getpid(), signal.SIGKILL)
        if not self.is_possible(criteria.leg_movement.onset_uv):
            msg = f"{criteria.leg_movement.onset_uv} is impossible"
            raise ConfigError(msg)
        return self.of_subject(criteria, int(SUBJECTS[name].rpartition("-")[2]))

    def of_subject(self, criteria: Criteria, number: float) -> Counts:
        """Return what is counted in a night of one subject; those between two whole numbers are of nobody else."""
        rule = criteria.leg_movement
        own = 0.02 * (number - N_SUBJECTS / 2)
        off = abs(math.log(rule.onset_uv / BEST_UV) - own) + abs(rule.quiet_s - BEST_S)
        hits = round(MOVEMENTS * math.exp(-off))
        return Counts(hits, MOVEMENTS - hits, round(20 * off), 1.0, 10 * off, 1.0)


def study(method: Method = Method.TPE, *, n_tries: int = 11) -> Study:
    """Return a study of the nights; with more than ten tries the later ones depend on the earlier ones."""
    plan = Plan(VARIED, method, n_tries, patience=0, drops_early=True, seed=7)
    return Study(SUBJECTS, CRITERIA, plan, Tradeoff(), n_outer=2, n_inner=2)


def chosen(file: Path, asked: Study, count: Formula, tries: list[Try] | None = None) -> Chosen:
    """Run a study, its tries kept in a file."""

    def seen(one: Try) -> None:
        if tries is not None:
            tries.append(one)

    with closing(StudyFile(file, {"seed": asked.plan.seed})) as kept:
        outcome = asked.run(count, kept, seen)
    return Chosen("made", asked, [NightSource(name, whose, _never) for name, whose in SUBJECTS.items()], outcome)


def _never() -> Case:
    msg = "no night is opened: a formula counts"
    raise NotImplementedError(msg)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    write(chosen(folder / "killed.db", study(), Formula(kill_after=int(sys.argv[2]))), folder / "killed.toml")
