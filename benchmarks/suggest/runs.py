"""Runs: a rater labels candidates of a few nights, and thresholds are fitted to what he says."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.suggest.rater import answered, at_random, known
from detectors.criteria import named
from detectors.evaluate.classes import MOVEMENT
from detectors.evaluate.counting import count_class
from detectors.evaluate.marks import MarkedNight
from detectors.rescore import Rescorer
from soleus.studio.candidates import FITTED, movements_in, pool_of, tries_of
from soleus.studio.learning import NO_ANSWERS, best_try, counted
from soleus.studio.suggesting import suggested
from soleus.thresholds import apply_overrides
from soleus.track_store import MappedTracks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from benchmarks.suggest.rater import Known
    from detectors.criteria import Criteria
    from soleus.studio.candidates import NightPool
    from soleus.studio.learning import NightAnswers
    from soleus.tune.nights import NightSource

    Changes = tuple[tuple[str, str], ...]

WORD = MOVEMENT.kind.value
PUBLISHED = named("wasm-2016")
# So many suggestions come at once, as on the page.
AT_ONCE = 10


class Asked(NamedTuple):
    """How many candidates are labelled: suggested ones, and ones drawn at random."""

    suggested: int
    random: int


class Fitted(NamedTuple):
    """Where thresholds began, and to which they were fitted: by suggested answers, and by random ones.

    `n_suggested` and `n_random` are the answers there were, `n_candidates` of how many.
    """

    begin: Changes
    by_suggested: Changes
    by_random: Changes
    n_suggested: int
    n_random: int
    n_candidates: int


def drawn_begin(seed: int, run: int) -> Changes:
    """Return thresholds as somebody may have left them: each drawn from the range in which it is fitted."""
    rng = np.random.default_rng([seed, run])
    return tuple(
        (name, f"{math.exp(rng.uniform(math.log(low), math.log(high))):.3g}") for name, low, high in FITTED[WORD]
    )


def fitted(
    nights: Sequence[NightSource], begins: Sequence[Changes], asked: Asked, seeds: tuple[int, int]
) -> list[Fitted]:
    """Label candidates of a few nights, and fit thresholds to the answers.

    Parameters
    ----------
    nights : sequence of NightSource
        The nights.
    begins : sequence of tuple of (str, str)
        Thresholds to begin with, one run for each, as differences from the published ones.
    asked : Asked
        How many answers there are.
    seeds : (int, int)
        Seed of what is drawn: of the benchmark, and the number of the run.

    Returns
    -------
    list of Fitted
        One for each beginning.
    """
    every = [apply_overrides(PUBLISHED, dict(begin)) for begin in begins]
    pools: list[list[NightPool]] = [[] for _ in begins]
    truths: dict[str, Known] = {}
    for night in nights:
        case = night.load()
        rescorer = Rescorer(case.recording, PUBLISHED, store=MappedTracks())
        truths[night.name] = known(case.truth)
        for criteria, several in zip(every, pools, strict=True):
            several.append(pool_of(night.name, rescorer, case.recording.start_ns, criteria, WORD))
    runs = zip(begins, every, pools, strict=True)
    return [_fitted(*run, truths, asked, np.random.default_rng([*seeds, at])) for at, run in enumerate(runs)]


def judged(night: NightSource, every: Sequence[Changes]) -> Iterator[NDArray[np.float64]]:
    """Yield hits, missed and false movements of a night with each of several thresholds."""
    case = night.load()
    rescorer, start_ns = Rescorer(case.recording, PUBLISHED, store=MappedTracks()), case.recording.start_ns
    for changes in every:
        criteria = apply_overrides(PUBLISHED, dict(changes))
        marks = movements_in(rescorer, start_ns, criteria)
        tally = count_class(MarkedNight(marks, case.truth.hours), case.truth, MOVEMENT)
        yield np.array([tally.hits, tally.missed, tally.false], np.float64)


def _fitted(
    begin: Changes,
    criteria: Criteria,
    pools: Sequence[NightPool],
    truths: Mapping[str, Known],
    asked: Asked,
    rng: np.random.Generator,
) -> Fitted:
    tries = tries_of(criteria, WORD)
    n_candidates = sum(len(pool.candidates) for pool in pools)
    found = []
    for answers in (_suggested(pools, truths, asked.suggested), at_random(pools, truths, asked.random, rng)):
        counts = np.array([counted(pool, answers[pool.key]) for pool in pools], np.float64)
        n = sum(len(one.all) for one in answers.values())
        found.append((tuple((dict(begin) | dict(tries[best_try(pools, answers, counts)])).items()), n))
    (by_suggested, n_suggested), (by_random, n_random) = found
    return Fitted(begin, by_suggested, by_random, n_suggested, n_random, n_candidates)


def _suggested(pools: Sequence[NightPool], truths: Mapping[str, Known], n: int) -> dict[str, NightAnswers]:
    """Return the answers to what is suggested, a few at once."""
    answers = {pool.key: NO_ANSWERS for pool in pools}
    left = n
    while left and (asked := suggested(pools, answers, min(left, AT_ONCE))):
        for one in asked:
            answers[one.key] = answered(answers[one.key], one, truths[one.key])
        left -= len(asked)
    return answers
