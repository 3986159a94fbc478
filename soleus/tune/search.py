"""The search itself: Optuna proposes, and every finished try stands in an SQLite file.

A try is written when it is finished and never before. What is proposed depends on the finished tries and on
a seed of its own for each number, so that a search that was killed goes on as if it had not been.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState
from sqlalchemy import URL
from sqlalchemy.exc import DatabaseError

from soleus.errors import ConfigError
from soleus.tune.plan import Method, Plan, Try, Verdict
from soleus.tune.space import Range, Varied, grid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

    Judge = Callable[[Mapping[str, object]], Iterator[Verdict]]

ASKED = "asked"
COUNTS = "counts"
VALUES = "values"
REASON = "reason"
# Before anything is dropped there must be something to compare with, in tries and in nights.
PRUNING_FROM_TRY = 8
PRUNING_FROM_STEP = 1
# More digits than this say nothing about a threshold.
DIGITS = 4


class StudyFile:
    """The SQLite file with the tries of several searches.

    Parameters
    ----------
    path : Path
        The file; made if it is not there.
    asked : mapping of str to object
        What decides the answer. A file that was made for something else is refused.

    Raises
    ------
    ConfigError
        If the file is of another question, or no such file.
    """

    def __init__(self, path: Path, asked: Mapping[str, object]) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._path = path
        self._asked = json.dumps(asked, sort_keys=True, default=str)
        with _one_line(path):
            url = URL.create("sqlite", database=str(path)).render_as_string()
            self._storage = optuna.storages.RDBStorage(url)
            for one in optuna.get_all_study_summaries(self._storage):
                self._expect_same(optuna.load_study(study_name=one.study_name, storage=self._storage))

    def close(self) -> None:
        """Let go of the file."""
        self._storage.remove_session()
        self._storage.engine.dispose()

    def tries(self) -> list[Try]:
        """Return the finished tries of every search."""
        studies = optuna.get_all_study_summaries(self._storage)
        loaded = [optuna.load_study(study_name=one.study_name, storage=self._storage) for one in studies]
        return [_told(trial) for study in loaded for trial in study.get_trials(deepcopy=False)]

    def search(self, name: str, plan: Plan, judge: Judge, after_each: Callable[[Try], None]) -> list[Try]:
        """Try until the plan is fulfilled, beginning after the last finished try.

        Parameters
        ----------
        name : str
            What the search is called in the file.
        plan : Plan
            What is searched.
        judge : callable
            From thresholds to what they cost, after each group of subjects; raises `ConfigError` if they
            are impossible.
        after_each : callable
            Is told each finished try, those of an earlier run first.

        Returns
        -------
        list of Try
            All finished tries.
        """
        # Proposals are made in memory: what is killed while it runs leaves nothing in the file.
        here = optuna.create_study(pruner=_pruner(plan))
        with _one_line(self._path):
            kept = optuna.create_study(storage=self._storage, study_name=name, load_if_exists=True)
            kept.set_user_attr(ASKED, self._asked)
            here.add_trials(kept.get_trials(deepcopy=False)[: plan.n_tries])
        done = [_told(trial) for trial in here.get_trials(deepcopy=False)]
        for one in done:
            after_each(one)
        points = _points(plan)
        while len(done) < min(plan.n_tries, len(points) or plan.n_tries) and not _is_over(done, plan.patience):
            finished = _tried(here, plan, points, len(done), judge)
            with _one_line(self._path):
                kept.add_trial(finished)
            done.append(_told(finished))
            after_each(done[-1])
        return done

    def _expect_same(self, study: optuna.Study) -> None:
        begun = study.user_attrs.get(ASKED)
        if begun is None and study.get_trials(deepcopy=False):
            msg = f"{self._path}: holds the study {study.study_name} of another program, expected another --study"
            raise ConfigError(msg)
        if begun is None or begun == self._asked:
            return
        one, other = json.loads(begun), json.loads(self._asked)
        changed = sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
        msg = f"{self._path}: is of another search (differs in: {', '.join(changed)}), expected another --study"
        raise ConfigError(msg)


def _pruner(plan: Plan) -> optuna.pruners.BasePruner:
    if not plan.drops_early:
        return optuna.pruners.NopPruner()
    return optuna.pruners.MedianPruner(n_startup_trials=PRUNING_FROM_TRY, n_warmup_steps=PRUNING_FROM_STEP)


def _points(plan: Plan) -> list[dict[str, object]]:
    """Return the tries that are known beforehand, in their order; none where they are proposed one by one."""
    if plan.method is not Method.GRID:
        return []
    points = grid(plan.varied)
    return [points[place] for place in np.random.default_rng(plan.seed).permutation(len(points))]


def _is_over(done: Sequence[Try], patience: int) -> bool:
    costs = [one.cost for one in done if one.cost is not None]
    if not patience or not costs:
        return False
    best = next(one.number for one in done if one.cost == min(costs))
    return len(done) - 1 - best >= patience


def _tried(
    here: optuna.Study, plan: Plan, points: Sequence[Mapping[str, object]], number: int, judge: Judge
) -> FrozenTrial:
    """Propose and judge one try."""
    if points:
        here.enqueue_trial(dict(points[number]))
    else:
        here.sampler = _sampler(plan, number)
    trial = here.ask({one.name: _distribution(one) for one in plan.varied})
    values = {one.name: _rounded(one, trial.params[one.name]) for one in plan.varied}
    trial.set_user_attr(VALUES, values)
    verdict = Verdict(np.nan, {})
    try:
        for step, verdict in enumerate(judge(values)):
            if np.isfinite(verdict.cost):
                trial.report(verdict.cost, step)
            if trial.should_prune():
                trial.set_user_attr(COUNTS, dict(verdict.counts))
                return here.tell(trial, state=TrialState.PRUNED)
    except ConfigError as error:
        trial.set_user_attr(REASON, str(error))
        return here.tell(trial, state=TrialState.FAIL)
    trial.set_user_attr(COUNTS, dict(verdict.counts))
    if not np.isfinite(verdict.cost):
        trial.set_user_attr(REASON, "there is nothing to count in the reference")
        return here.tell(trial, state=TrialState.FAIL)
    return here.tell(trial, verdict.cost)


def _sampler(plan: Plan, number: int) -> optuna.samplers.BaseSampler:
    """Return a sampler that draws the same for the same number, whatever was drawn before it was made."""
    seed = int(np.random.default_rng([plan.seed, number]).integers(2**32))
    if plan.method is Method.RANDOM:
        return optuna.samplers.RandomSampler(seed=seed)
    return optuna.samplers.TPESampler(seed=seed)


def _distribution(one: Varied) -> BaseDistribution:
    if not isinstance(one, Range):
        return CategoricalDistribution(list(one.values))  # type: ignore[arg-type]  # None, numbers, truth and words
    if one.is_whole:
        return IntDistribution(int(one.low), int(one.high), log=one.is_log)
    return FloatDistribution(one.low, one.high, log=one.is_log)


def _rounded(one: Varied, value: Any) -> object:
    if not isinstance(one, Range) or one.is_whole:
        return value
    return min(max(float(f"{value:.{DIGITS}g}"), one.low), one.high)


def _told(trial: FrozenTrial) -> Try:
    attributes = trial.user_attrs
    cost = trial.value if trial.state is TrialState.COMPLETE else None
    return Try(trial.number, attributes[VALUES], cost, attributes.get(REASON, ""), attributes.get(COUNTS, {}))


@contextmanager
def _one_line(path: Path) -> Iterator[None]:
    """Say in one line that the database cannot be used: no database, locked, of another version, the disk full."""
    try:
        yield
    except (DatabaseError, RuntimeError, optuna.exceptions.StorageInternalError) as error:
        why = error.__cause__ if isinstance(error.__cause__, DatabaseError) else error
        said = str(why).strip().partition("\n")[0]
        msg = f"{path}: cannot be used as a study: {said}"
        raise ConfigError(msg) from error
