"""Whether "about N more nights" is about right: against simulations with the same, and with the true parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from benchmarks.helped.many import dispersions, holds
from benchmarks.helped.simulated import RATIOS, USUAL_H, draw_nights, draw_truth
from benchmarks.helped.study import periods
from soleus.helped.power import POWER, cautious, more_nights, nights_needed

if TYPE_CHECKING:
    from benchmarks.helped.simulated import Truth
    from soleus.helped.counted import Counted

FACTOR: Final = 1.5
SIMULATED: Final = 300
"""Comparisons for one power: it is right to 2.3 percentage points."""
BATCH: Final = 500


class Case(NamedTuple):
    """One estimate of nights and what simulation says of it.

    Parameters
    ----------
    truth : Truth
        What the nights were drawn from.
    had, more : int
        Nights there are, and how many more were said to be needed.
    seen : bool
        Whether simulation with the rate and the spread that were seen needs as many, within a factor of 1.5.
    true_total, true_more : bool
        Whether simulation with the true ones needs as many nights in all, and as many more, within a factor of 1.5.
    """

    truth: Truth
    had: int
    more: int
    seen: bool
    true_total: bool
    true_more: bool


def cases(n_cases: int, rng: np.random.Generator) -> list[Case]:
    """Return so many estimates of comparisons that could not tell.

    Parameters
    ----------
    n_cases : int
        How many.
    rng : numpy.random.Generator
        Random numbers.
    """
    found: list[Case] = []
    while len(found) < n_cases:
        truths = [draw_truth(rng, RATIOS) for _ in range(BATCH)]
        many = draw_nights(truths, rng)
        spread = dispersions(many)
        cannot_tell = np.flatnonzero(holds(many, spread, 0.0))
        for row in cannot_tell:
            case = _case(truths[row], periods(many, row), float(spread[row]), rng)
            found += [case] if case is not None else []
            if len(found) == n_cases:
                break
    return found


def _case(truth: Truth, nights: tuple[Counted, Counted], spread: float, rng: np.random.Generator) -> Case | None:
    a, b = nights
    needed = nights_needed(a, b, spread)
    if needed is None:
        return None
    had, more = a.n_nights + b.n_nights, needed.more
    per_night = (a.count + b.count) / (a.hours + b.hours) * USUAL_H
    # The estimate starts from the average of both periods: so does the truth that it is held against.
    average = truth.per_night * (truth.n_a + truth.n_b * truth.ratio) / had
    asked = replace(truth, ratio=needed.ratio, per_night=average)
    seen = replace(asked, per_night=per_night, dispersion=cautious(spread, had - 2))
    few, many = round(more / FACTOR), round(more * FACTOR)
    few_total, many_total = max(round((had + more) / FACTOR) - had, 0), round((had + more) * FACTOR) - had
    return Case(
        truth,
        had,
        more,
        _between(seen, few, many, rng),
        _between(asked, few_total, many_total, rng),
        _between(asked, few, many, rng),
    )


def _between(truth: Truth, few: int, many: int, rng: np.random.Generator) -> bool:
    """Return whether the number of nights that is needed lies between two."""
    # Where there are as few nights already, no fewer can be needed.
    return (few == 0 or _power(truth, few, rng) <= POWER) and _power(truth, many, rng) >= POWER


def _power(truth: Truth, more: int, rng: np.random.Generator) -> float:
    n_a, n_b = (int(n[0]) for n in more_nights(truth.n_a, truth.n_b, np.array([more])))
    nights = draw_nights([replace(truth, n_a=n_a, n_b=n_b)] * SIMULATED, rng)
    return 1.0 - float(holds(nights, dispersions(nights), 0.0).mean())
