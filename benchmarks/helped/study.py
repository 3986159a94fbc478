"""Coverage, false claims and calibration of simulated comparisons."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from benchmarks.helped.many import PRIOR_LOG_SD, dispersions, holds, probabilities
from benchmarks.helped.simulated import FEWEST, MOST, RATIOS, Kind, Truth, draw_nights, draw_truth
from soleus.helped.counted import Counted
from soleus.helped.rate_ratio import rate_ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from benchmarks.helped.many import Many

NO_CHANGE: Final = (1.0,)
FEW_COUNTS: Final = 10
FEW_NIGHTS: Final = 10
SHARES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
EVEN: Final = 0.5
WEEK: Final = 7
PLANNED: Final = 3 * WEEK
"""Nights of each phase in the plan that `soleus diary plan` suggests."""


class Row(NamedTuple):
    """One line of a table: of how many comparisons, and which share of them."""

    name: str
    n: int
    share: float


class Told(NamedTuple):
    """Comparisons to which about the same probability was given: the mean of it, and how many had a difference."""

    n: int
    said: float
    true: float


def coverage(n: int, rng: np.random.Generator) -> list[Row]:
    """Return how many 95 % intervals hold the true ratio, over all and by what was compared."""
    truths = [draw_truth(rng) for _ in range(n)]
    many = draw_nights(truths, rng)
    return by_part(truths, holds(many, dispersions(many), _logs(truths)))


def false_claims(n: int, rng: np.random.Generator, *, alike: float = 0.0) -> list[Row]:
    """Return how many comparisons without a difference claim one, over all and by what was compared."""
    truths = [draw_truth(rng, NO_CHANGE) for _ in range(n)]
    many = draw_nights(truths, rng, alike=alike)
    return by_part(truths, ~holds(many, dispersions(many), 0.0))


def alike_claims(n: int, rng: np.random.Generator, alike: float, *, planned: bool) -> float:
    """Return how many comparisons of 21 and 21 nights claim a difference that is not there, where nights are alike.

    Parameters
    ----------
    n : int
        Comparisons.
    rng : numpy.random.Generator
        Random numbers.
    alike : float
        Correlation of a night's rate with that of the night before.
    planned : bool
        Whether the periods are weeks in turn, as in a plan, or one follows the other.
    """
    truths = [replace(draw_truth(rng, NO_CHANGE), n_a=PLANNED, n_b=PLANNED) for _ in range(n)]
    many = draw_nights(truths, rng, alike=alike)
    if planned:
        order = np.argsort(np.arange(2 * PLANNED) // WEEK % 2, kind="stable")
        many = replace(many, counts=many.counts[:, order], valid_h=many.valid_h[:, order])
    return 1.0 - float(holds(many, dispersions(many), 0.0).mean())


def calibration(n: int, rng: np.random.Generator) -> list[Told]:
    """Return what the probability of a difference is worth, where every second comparison has one."""
    truths = [_either(rng) for _ in range(n)]
    many = draw_nights(truths, rng)
    said = probabilities(many, dispersions(many))
    differs = np.array([truth.ratio != 1.0 for truth in truths])
    parts = [(said >= low) & ((said < high) | (high == SHARES[-1])) for low, high in pairwise(SHARES)]
    return [
        Told(int(part.sum()), float(said[part].mean()), float(differs[part].mean())) for part in parts if part.any()
    ]


def shipped(n: int, rng: np.random.Generator) -> int:
    """Return in how many of so many comparisons the program itself decides the same as the fast twin of it."""
    truths = [draw_truth(rng) for _ in range(n)]
    many = draw_nights(truths, rng)
    spread = dispersions(many)
    decided = zip(holds(many, spread, _logs(truths)), holds(many, spread, 0.0), strict=True)
    return sum(
        _shipped(many, row, truths[row].ratio) == (bool(held), not same) for row, (held, same) in enumerate(decided)
    )


def _shipped(many: Many, row: int, ratio: float) -> tuple[bool, bool]:
    """Return whether the interval of the program holds the true ratio, and whether it claims a change."""
    found = rate_ratio(*periods(many, row))
    low = 0.0 if found.low is None else found.low
    high = np.inf if found.high is None else found.high
    return bool(low <= ratio <= high), found.changed


def periods(many: Many, row: int) -> tuple[Counted, Counted]:
    """Return the nights of both periods of one comparison."""
    there = many.valid_h[row] > 0
    a, b = (Counted(many.counts[row, part][there[part]], many.valid_h[row, part][there[part]]) for part in many.parts)
    return a, b


def _either(rng: np.random.Generator) -> Truth:
    ratio = 1.0 if rng.random() < EVEN else float(np.exp(rng.normal(0.0, PRIOR_LOG_SD)))
    return draw_truth(rng, (ratio,))


def _logs(truths: Sequence[Truth]) -> NDArray[np.float64]:
    return np.log([truth.ratio for truth in truths])


def by_part(truths: Sequence[Truth], is_so: NDArray[np.bool_]) -> list[Row]:
    """Return the share of comparisons for which something is so, over all of them and over parts."""
    parts: dict[str, Callable[[Truth], bool]] = {
        "all": lambda _: True,
        "cramps, fewer than 10 expected in a period": lambda t: t.kind is Kind.CRAMPS and t.expected < FEW_COUNTS,
        "cramps, 10 or more in each": lambda t: t.kind is Kind.CRAMPS and t.expected >= FEW_COUNTS,
        "periodic leg movements": lambda t: t.kind is Kind.PLM,
        f"{FEWEST} to 9 nights in a period": lambda t: min(t.n_a, t.n_b) < FEW_NIGHTS,
        f"10 to {MOST} nights in each": lambda t: min(t.n_a, t.n_b) >= FEW_NIGHTS,
        "rates drawn from a gamma distribution": lambda t: not t.skewed,
        "rates drawn from a lognormal distribution": lambda t: t.skewed,
        "no difference": lambda t: t.ratio == 1.0,
        f"a ratio of {RATIOS[0]:.2f} to {RATIOS[-1]:g}": lambda t: t.ratio != 1.0,
    }
    rows = []
    for name, belongs in parts.items():
        part = np.array([belongs(truth) for truth in truths])
        if part.any() and (name == "all" or not part.all()):
            rows.append(Row(name, int(part.sum()), float(is_so[part].mean())))
    return rows
