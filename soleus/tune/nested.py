"""Choose on some subjects, judge on others: nested cross-validation, and the choice on all of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from soleus.errors import ConfigError
from soleus.thresholds import flatten
from soleus.tune.folds import inner_groups, nested_folds
from soleus.tune.plan import Try, Verdict
from soleus.tune.space import applied
from soleus.tune.tradeoff import Counts, Estimate, Tradeoff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from detectors.criteria import Criteria
    from soleus.tune.folds import Fold
    from soleus.tune.plan import Plan

    Judge = Callable[[Mapping[str, object]], Iterator[Verdict]]
    Groups = Sequence[Sequence[str]]

FINAL = "final"


class CountNights(Protocol):
    """Scores nights with criteria."""

    def __call__(self, criteria: Criteria, names: Sequence[str]) -> Mapping[str, Counts]:
        """Return what was counted, by night; raises `ConfigError` if the criteria are impossible."""
        ...


class Searches(Protocol):
    """Where tries are proposed and kept, see `soleus.tune.search`."""

    def tries(self) -> list[Try]:
        """Return the finished tries of every search."""
        ...

    def search(self, name: str, plan: Plan, judge: Judge, after_each: Callable[[Try], None]) -> list[Try]:
        """Try until the plan is fulfilled."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen on some subjects.

    Parameters
    ----------
    values : mapping of str to object
        The thresholds.
    cost : float
        What they cost on the subjects that they were chosen on.
    n_tries, n_dropped, n_impossible : int
        How many sets were tried; how many of them were dropped early, and how many contradict themselves.
    is_unchanged : bool
        Whether nothing was better than the thresholds as they were.
    """

    values: Mapping[str, object]
    cost: float
    n_tries: int
    n_dropped: int
    n_impossible: int
    is_unchanged: bool


@dataclass(frozen=True, slots=True)
class FoldResult:
    """One fold of the outer cross-validation.

    Parameters
    ----------
    fold : Fold
        Who was held back.
    choice : Choice
        What was chosen on the others.
    chosen_on : Estimate
        How good it is on those.
    held_back, unchanged : Estimate
        How good it is, and how good the thresholds as they were are, on those who were held back.
    """

    fold: Fold
    choice: Choice
    chosen_on: Estimate
    held_back: Estimate
    unchanged: Estimate


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Parameters
    ----------
    choice : Choice
        Chosen on all subjects.
    chosen_on : Estimate
        How good it is on them: too good to be expected of others.
    folds : tuple of FoldResult
        The outer folds.
    nested, unchanged : Estimate
        How good a choice made in this way is on subjects that it has not seen, and the thresholds as they
        were on the same.
    gain : Estimate
        By how much the first is better; more than 0 is better.
    sensitivity, sensitivity_as_it_was : Estimate
        The share of the events that such a choice finds on subjects that it has not seen, and that the thresholds
        as they were find on the same.
    """

    choice: Choice
    chosen_on: Estimate
    folds: tuple[FoldResult, ...]
    nested: Estimate
    unchanged: Estimate
    gain: Estimate
    sensitivity: Estimate
    sensitivity_as_it_was: Estimate


class Ledger:
    """What was counted, by thresholds and night, so that each is scored once.

    Parameters
    ----------
    criteria : Criteria
        The thresholds that others differ from.
    count : callable
        Scores nights.
    known : iterable of Try
        Tries of an earlier run.
    """

    def __init__(self, criteria: Criteria, count: CountNights, known: Iterable[Try] = ()) -> None:
        self._criteria = criteria
        self._count = count
        self._counts: dict[str, dict[str, Counts]] = {}
        for one in known:
            kept = self._counts.setdefault(_key(one.values), {})
            kept.update({name: Counts(*numbers) for name, numbers in one.counts.items()})

    def counts(self, values: Mapping[str, object], names: Sequence[str]) -> dict[str, Counts]:
        """Return what was counted in some nights with some thresholds.

        Raises
        ------
        ConfigError
            If the thresholds contradict each other.
        """
        criteria = applied(self._criteria, values)
        kept = self._counts.setdefault(_key(values), {})
        missing = [name for name in names if name not in kept]
        if missing:
            kept.update(self._count(criteria, missing))
        return {name: kept[name] for name in names}


@dataclass(frozen=True, slots=True)
class Study:
    """Nights, what is asked of them, and where the tries are kept.

    Parameters
    ----------
    subjects : mapping of str to str
        Whose night each is, by the night's name.
    criteria : Criteria
        The thresholds that others differ from.
    plan : Plan
        What is searched.
    tradeoff : Tradeoff
        The cost of choice.
    n_outer, n_inner : int
        Folds that are held back in turn, and groups of subjects in each search.
    """

    subjects: Mapping[str, str]
    criteria: Criteria
    plan: Plan
    tradeoff: Tradeoff
    n_outer: int
    n_inner: int

    @property
    def folds(self) -> tuple[Fold, ...]:
        """The outer folds."""
        return nested_folds(self.subjects.values(), self.n_outer, self.n_inner, self.plan.seed)

    def run(self, count: CountNights, searches: Searches, after_each: Callable[[Try], None]) -> Outcome:
        """Choose in every fold, judge on those held back, then choose on all.

        Parameters
        ----------
        count : callable
            Scores nights.
        searches : Searches
            Where tries are proposed and kept.
        after_each : callable
            Is told each finished try.

        Returns
        -------
        Outcome
            The choice and how sure it is.

        Raises
        ------
        ConfigError
            If there is nothing to choose from, or a night cannot be scored with the thresholds as they were.
        """
        ledger = Ledger(self.criteria, count, searches.tries())
        # At once: a night that cannot be read or scored is told before hours of search.
        ledger.counts(self._as_they_were(), list(self.subjects))

        def chosen_on(name: str, groups: Groups) -> Choice:
            return self._choose(
                ledger, groups, searches.search(name, self.plan, self._judge(groups, ledger), after_each)
            )

        results = [self._judged(fold, chosen_on(f"fold-{fold.number}", fold.chosen_on), ledger) for fold in self.folds]
        final = chosen_on(FINAL, inner_groups(self.subjects.values(), self.n_inner, self.plan.seed))
        # Every night is held back once.
        names = [name for result in results for name in self._nights(result.fold.held_back)]
        ours = [one for result in results for one in self._counts(ledger, result.choice.values, result.fold.held_back)]
        theirs = [
            one for result in results for one in self._counts(ledger, self._as_they_were(), result.fold.held_back)
        ]
        whose = [self.subjects[name] for name in names]
        return Outcome(
            final,
            self._estimate(ledger, final.values, self.subjects.values()),
            tuple(results),
            self.tradeoff.estimate(ours, whose),
            self.tradeoff.estimate(theirs, whose),
            self.tradeoff.gain(ours, theirs, whose),
            self.tradeoff.sensitivity(ours, whose),
            self.tradeoff.sensitivity(theirs, whose),
        )

    def _judged(self, fold: Fold, choice: Choice, ledger: Ledger) -> FoldResult:
        return FoldResult(
            fold,
            choice,
            self._estimate(ledger, choice.values, [one for group in fold.chosen_on for one in group]),
            self._estimate(ledger, choice.values, fold.held_back),
            self._estimate(ledger, self._as_they_were(), fold.held_back),
        )

    def _counts(self, ledger: Ledger, values: Mapping[str, object], subjects: Iterable[str]) -> list[Counts]:
        return list(ledger.counts(values, self._nights(subjects)).values())

    def _estimate(self, ledger: Ledger, values: Mapping[str, object], subjects: Iterable[str]) -> Estimate:
        counts = ledger.counts(values, self._nights(subjects))
        return self.tradeoff.estimate(list(counts.values()), [self.subjects[name] for name in counts])

    def _as_they_were(self) -> dict[str, object]:
        known = flatten(self.criteria)
        return {one.name: known[one.name] for one in self.plan.varied}

    def _nights(self, subjects: Iterable[str]) -> list[str]:
        there = set(subjects)
        return [name for name, subject in self.subjects.items() if subject in there]

    def _choose(self, ledger: Ledger, groups: Groups, tries: Sequence[Try]) -> Choice:
        impossible = [one for one in tries if one.reason]
        values = self._as_they_were()
        cost, is_unchanged = [verdict.cost for verdict in self._judge(groups, ledger)(values)][-1], True
        for one in tries:
            # What is no better than what was there is no reason to change anything.
            if one.cost is not None and not cost <= one.cost:
                values, cost, is_unchanged = dict(one.values), one.cost, False
        if len(impossible) == len(tries):
            msg = (
                f"none of {len(tries)} tries is possible, for example: {impossible[0].reason if tries else 'none made'}"
            )
            raise ConfigError(msg)
        n_dropped = sum(one.cost is None and not one.reason for one in tries)
        return Choice(values, cost, len(tries), n_dropped, len(impossible), is_unchanged)

    def _judge(self, groups: Groups, ledger: Ledger) -> Judge:
        def judge(values: Mapping[str, object]) -> Iterator[Verdict]:
            counts: dict[str, Counts] = {}
            for group in groups:
                counts |= ledger.counts(values, self._nights(group))
                yield Verdict(self.tradeoff.cost(list(counts.values())), counts)

        return judge


def _key(values: Mapping[str, object]) -> str:
    return json.dumps(values, sort_keys=True)
