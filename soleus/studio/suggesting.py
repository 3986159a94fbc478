"""What a rater should look at next: where thresholds disagree most, and then what was decided by least."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

import numpy as np

from dashboards.bench_values import Suggestion
from detectors.evaluate.telling import Places, apart, belief, most_telling
from soleus.studio.learning import NO_ANSWERS, counted, is_open, wrong
from soleus.tune.tradeoff import BY_WORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from soleus.studio.candidates import Candidate, NightPool
    from soleus.studio.learning import NightAnswers

# What was decided by more than half of a threshold is not in doubt.
MOST_MARGIN: Final = 0.5


def suggested(pools: Sequence[NightPool], answers: Mapping[str, NightAnswers], n: int) -> list[Suggestion]:
    """Return what to label next.

    Parameters
    ----------
    pools : sequence of NightPool
        Recordings with their candidates.
    answers : mapping of str to NightAnswers
        What was answered, by recording; it is not asked again.
    n : int
        How many, at most.

    Returns
    -------
    list of Suggestion
        The most telling first: those about which the thresholds that fit the answers so far disagree, then those that
        the thresholds as they are decided by least; of each minute of a recording one.
    """
    listed = [(pool, candidate) for pool in pools for candidate in pool.candidates]
    if not listed or n <= 0:
        return []
    open_ = np.concatenate([is_open(pool, answers) for pool in pools])
    votes = np.concatenate([pool.votes for pool in pools], axis=1)
    n_wrong = wrong(np.array([counted(pool, answers.get(pool.key, NO_ANSWERS)) for pool in pools], np.float64))
    numbers = np.repeat(np.arange(len(pools)), [len(pool.candidates) for pool in pools])
    places = Places(numbers, np.array([one.onset_s for _, one in listed]))
    there = np.flatnonzero(open_)
    contested = most_telling(votes[:, there], belief(n_wrong), Places(numbers[there], places.onset_s[there]), n)
    chosen = there[contested].tolist()
    chosen += _closest([one for _, one in listed], places, open_, chosen)[: n - len(chosen)]
    asked = [votes[:, one] for one in chosen[: len(contested)]]
    return [_suggestion(listed[one], said) for one, said in zip_longest(chosen, asked)]


def _closest(listed: Sequence[Candidate], places: Places, open_: NDArray[np.bool_], chosen: Iterable[int]) -> list[int]:
    """Return what was decided by little, and lies in no minute that is asked about already."""
    margins = np.array([one.margin for one in listed])
    free = open_ & (margins <= MOST_MARGIN)
    for one in chosen:
        free &= apart(places, one)
    found: list[int] = []
    for one in np.argsort(margins, kind="stable").tolist():
        if free[one]:
            found.append(one)
            free &= apart(places, one)
    return found


def _suggestion(one: tuple[NightPool, Candidate], votes: NDArray[np.bool_] | None) -> Suggestion:
    pool, candidate = one
    whys = [] if votes is None else [f"found with {int(votes.sum())} of {len(votes)} sets of thresholds"]
    if candidate.closest:
        whys.append(f"{'closest was' if candidate.told else 'turned down by'} {candidate.closest}")
    kind = BY_WORD[pool.word].kind.value
    return Suggestion(pool.key, candidate.onset_s, candidate.end_s, candidate.leg, kind, "; ".join(whys))
