"""How many more nights would tell a difference: a power calculation on the rate and the spread that were seen.

It is made for a difference of a stated size, not for the one that was seen: what nights that cannot tell happen to show
is mostly chance, and so would be a number of nights that is computed from it (docs/did-it-help.md).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy.special import stdtrit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from soleus.helped.counted import Counted

POWER: Final = 0.8
"""Four of five such comparisons would tell the difference."""
TAIL: Final = 0.975
RATES: Final = 2
RATIOS: Final = (1 / 2, 2 / 3, 4 / 5)
"""Differences that a person may ask about; the first one that the nights there are would not tell already."""
LEAST_COUNT: Final = 8
"""From fewer events nobody can say how frequent they are."""
MOST_MORE: Final = 2000
"""Nights; more is no plan for a person."""
# What is added to what few nights show of their spread: so many nights that vary by 59 %.
_PRIOR_DISPERSION: Final = 0.35
_PRIOR_NIGHTS: Final = 12
_LEAST_DISPERSION: Final = 0.02


class Needed(NamedTuple):
    """How many nights it would take.

    Parameters
    ----------
    more : int
        Nights more than there are, both periods together: first of the period that has fewer, then of both in turn.
    ratio : float
        The ratio of rates that they would tell.
    """

    more: int
    ratio: float


def nights_needed(a: Counted, b: Counted, dispersion: float) -> Needed | None:
    """Return how many more nights would tell a difference.

    Parameters
    ----------
    a, b : Counted
        The nights there are.
    dispersion : float
        How much they vary beyond chance (:attr:`soleus.helped.rate_ratio.RateRatio.dispersion`).

    Returns
    -------
    Needed or None
        For the first of :data:`RATIOS` that the nights there are would not tell in four of five cases; None where fewer
        than :data:`LEAST_COUNT` events were counted, the nights would tell all of them, or it takes more than
        :data:`MOST_MORE`.

    Examples
    --------
    >>> from soleus.helped.counted import Counted
    >>> week = Counted(np.array([2.0, 1, 3, 0, 2, 1, 1]), np.full(7, 7.0))
    >>> nights_needed(week, week, 0.3)
    Needed(more=78, ratio=0.5)
    """
    if a.count + b.count < LEAST_COUNT:
        return None
    per_night = (a.count + b.count) / (a.n_nights + b.n_nights)
    spread = cautious(dispersion, a.n_nights + b.n_nights - RATES)
    for ratio in RATIOS:
        enough = tells(more_nights(a.n_nights, b.n_nights, np.arange(MOST_MORE + 1)), per_night, ratio, spread)
        if not enough[0]:
            return Needed(int(np.argmax(enough)), ratio) if enough.any() else None
    return None


def cautious(dispersion: float, freedom: int) -> float:
    """Return a dispersion for planning: few nights show their spread badly, and none of it means little."""
    seen = math.log(max(dispersion, _LEAST_DISPERSION))
    expected = math.log(_PRIOR_DISPERSION)
    return math.exp((seen * freedom + expected * _PRIOR_NIGHTS) / (freedom + _PRIOR_NIGHTS))


def more_nights(n_a: int, n_b: int, more: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many nights each period has with so many more.

    Examples
    --------
    >>> [n.tolist() for n in more_nights(5, 8, np.array([0, 2, 5]))]
    [[5, 7, 9], [8, 8, 9]]
    """
    fewer, others = min(n_a, n_b), max(n_a, n_b)
    filled = np.where(more <= others - fewer, fewer + more, (fewer + others + more) // 2)
    rest = fewer + others + more - filled
    return (filled, rest) if n_a <= n_b else (rest, filled)


def tells(
    nights: tuple[NDArray[np.int64], NDArray[np.int64]], per_night: float, ratio: float, dispersion: float
) -> NDArray[np.bool_]:
    """Return whether so many nights would tell a ratio in four of five cases.

    Parameters
    ----------
    nights : tuple of ndarray of int
        Nights of the first and of the second period.
    per_night : float
        Counted in a night of the first period, on average.
    ratio : float
        Second rate over the first.
    dispersion : float
        Squared coefficient of variation of the rate from night to night beyond chance.

    Returns
    -------
    ndarray of bool
        For each pair of numbers of nights.

    Notes
    -----
    The logarithm of a rate over n nights of m counts has a variance of (1/m + dispersion)/n.
    """
    n_a, n_b = nights
    variance = (1 / per_night + dispersion) / n_a + (1 / (per_night * ratio) + dispersion) / n_b
    freedom = n_a + n_b - RATES
    reach = stdtrit(freedom, TAIL) + stdtrit(freedom, POWER)
    found: NDArray[np.bool_] = abs(math.log(ratio)) >= reach * np.sqrt(variance)
    return found
