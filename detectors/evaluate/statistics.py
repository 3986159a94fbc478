"""How sure a number is: intervals and agreement (science.md 8.2, 8.3)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import betaincinv, fdtri

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

LEVEL = 0.95
ROUNDS = 2000
# Half of the range that holds 95 % of a normal distribution, in standard deviations.
LIMITS_SD = 1.96
# -ln(0.05): no event in T hours excludes, at 95 %, a rate above this divided by T.
RULE_OF_THREE = 3.0


class Interval(NamedTuple):
    """Lower and upper end; nan where nothing can be said."""

    low: float
    high: float


class Difference(NamedTuple):
    """Mean difference and the limits that hold 95 % of the differences (Bland and Altman)."""

    bias: float
    limits: Interval


def ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return parts over wholes, of any one shape; nan where a whole is 0 or less, or no number.

    Examples
    --------
    >>> ratio(np.array([1.0, 1.0]), np.array([4.0, 0.0])).tolist()
    [0.25, nan]
    """
    found: NDArray[np.float64] = np.divide(
        part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0
    )
    return found


def bootstrap(
    counts: NDArray[np.float64],
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Interval:
    """Return the 95 % interval of a ratio of sums by drawing whole nights again.

    Parameters
    ----------
    counts : ndarray of float, shape (n_nights, n_counts)
        What was counted in each night.
    statistic : callable
        From sums, shape (rounds, n_counts), to numbers, shape (rounds,); nan where there is none.
    rounds : int
        How often the nights are drawn.
    seed : int
        Seed of the draw.

    Returns
    -------
    Interval
        Percentiles 2.5 and 97.5; nan for fewer than two nights or where no draw gives a number.

    Notes
    -----
    Nights are drawn, not events: events of one night are alike, and an interval over events would
    be too narrow.

    Examples
    --------
    >>> bootstrap(np.array([[9.0, 10.0], [9.0, 10.0]]), lambda sums: sums[:, 0] / sums[:, 1])
    Interval(low=0.9, high=0.9)
    """
    n = len(counts)
    if n < 2:  # noqa: PLR2004 - one night says nothing about others
        return Interval(np.nan, np.nan)
    values = statistic(_drawn(n, rounds, seed) @ counts)
    values = values[np.isfinite(values)]
    if not len(values):
        return Interval(np.nan, np.nan)
    tail = 50.0 * (1.0 - LEVEL)
    low, high = np.percentile(values, [tail, 100.0 - tail])
    return Interval(float(low), float(high))


# While a threshold is dragged, several numbers of the same nights are drawn again at each value.
@lru_cache(maxsize=4)
def _drawn(n: int, rounds: int, seed: int) -> NDArray[np.float64]:
    """Return how often each night is drawn in each round, shape (rounds, n)."""
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=rounds).astype(np.float64)
    drawn.flags.writeable = False
    return drawn


def clopper_pearson(k: int, n: int) -> Interval:
    """Return the exact 95 % interval of a share.

    Parameters
    ----------
    k, n : int
        `k` of `n`.

    Returns
    -------
    Interval
        Between 0 and 1; nan for n = 0.

    Raises
    ------
    ValueError
        If `k` does not lie between 0 and `n`.

    Examples
    --------
    >>> [round(end, 3) for end in clopper_pearson(10, 10)]
    [0.692, 1.0]
    """
    if not 0 <= k <= n:
        msg = f"k is {k}, expected a whole number from 0 to {n}"
        raise ValueError(msg)
    if not n:
        return Interval(np.nan, np.nan)
    tail = (1.0 - LEVEL) / 2.0
    low = float(betaincinv(k, n - k + 1, tail)) if k else 0.0
    high = float(betaincinv(k + 1, n - k, 1.0 - tail)) if k < n else 1.0
    return Interval(low, high)


def rule_of_three_per_h(hours: float) -> float:
    """Return the rate that is excluded, at 95 %, when nothing happened in `hours`, 1/h; inf for no hours.

    Examples
    --------
    >>> rule_of_three_per_h(30.0)
    0.1
    """
    return RULE_OF_THREE / hours if hours > 0 else np.inf


def icc_a1(ratings: NDArray[np.float64]) -> float:
    """Return the intraclass correlation for absolute agreement of single ratings.

    Parameters
    ----------
    ratings : ndarray of float, shape (n_nights, n_raters)
        One number per night and rater.

    Returns
    -------
    float
        ICC(A,1) of McGraw and Wong (1996): at most 1; nan for fewer than two nights, or where
        neither nights nor raters differ.

    Notes
    -----
    A correlation says that two raters rise together; this also asks that they say the same number.

    Examples
    --------
    >>> ratings = np.array([[1.0, 2.0], [5.0, 6.0], [9.0, 10.0]])
    >>> round(icc_a1(ratings), 3)
    0.97
    """
    n, k = ratings.shape
    # Equal numbers are asked for by themselves: their mean may differ from them in its last digit.
    if n < 2 or k < 2 or np.ptp(ratings) == 0:  # noqa: PLR2004 - agreement needs two of each
        return float("nan")
    between_nights, between_raters, residual = _mean_squares(ratings)
    spread = between_nights + (k - 1) * residual + k * (between_raters - residual) / n
    return (between_nights - residual) / spread if spread > 0 else float("nan")


def icc_a1_interval(ratings: NDArray[np.float64]) -> Interval:
    """Return the 95 % interval of `icc_a1` where every row is another person.

    Parameters
    ----------
    ratings : ndarray of float, shape (n_people, n_raters)
        One number per person and rater.

    Returns
    -------
    Interval
        nan for fewer than three people, or where neither people nor raters differ.

    References
    ----------
    McGraw KO, Wong SP. Forming inferences about some intraclass correlation coefficients. Psychol
    Methods 1996;1:30-46 (with the erratum on page 390): case 2A, ICC(A,1).

    Examples
    --------
    >>> ratings = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    >>> [round(end, 3) for end in icc_a1_interval(ratings.astype(float))]
    [0.019, 0.761]
    """
    n, k = ratings.shape
    icc = icc_a1(ratings)
    if n < 3 or not np.isfinite(icc):  # noqa: PLR2004 - one degree of freedom bounds nothing
        return Interval(np.nan, np.nan)
    rows, columns, residual = _mean_squares(ratings)
    if residual <= 0 or icc >= 1:
        # Raters that differ by nothing, or by a constant: there is no error to infer from.
        return Interval(icc, icc)
    a = k * icc / (n * (1 - icc))
    b = 1 + k * icc * (n - 1) / (n * (1 - icc))
    freedom = (a * columns + b * residual) ** 2 / (
        (a * columns) ** 2 / (k - 1) + (b * residual) ** 2 / ((n - 1) * (k - 1))
    )
    upper = 1.0 - (1.0 - LEVEL) / 2.0
    over, under = float(fdtri(n - 1, freedom, upper)), float(fdtri(freedom, n - 1, upper))
    common = k * columns + (k * n - k - n) * residual
    low = n * (rows - over * residual) / (over * common + n * rows)
    high = n * (under * rows - residual) / (common + n * under * rows)
    return Interval(low, high)


def _mean_squares(ratings: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the mean squares between rows, between columns, and of what is left."""
    n, k = ratings.shape
    grand, rows, columns = ratings.mean(), ratings.mean(axis=1), ratings.mean(axis=0)
    between_rows = k * float(((rows - grand) ** 2).sum()) / (n - 1)
    between_columns = n * float(((columns - grand) ** 2).sum()) / (k - 1)
    left = float(((ratings - rows[:, None] - columns[None, :] + grand) ** 2).sum()) / ((n - 1) * (k - 1))
    return between_rows, between_columns, left


def bland_altman(differences: NDArray[np.float64]) -> Difference:
    """Return the mean difference and its 95 % limits.

    Parameters
    ----------
    differences : ndarray of float, shape (n,)
        Found minus true, one per night.

    Returns
    -------
    Difference
        nan where there are too few.

    Examples
    --------
    >>> bland_altman(np.array([-1.0, 0.0, 1.0]))
    Difference(bias=0.0, limits=Interval(low=-1.96, high=1.96))
    """
    if len(differences) < 2:  # noqa: PLR2004 - a spread needs two
        return Difference(float(np.mean(differences)) if len(differences) else np.nan, Interval(np.nan, np.nan))
    bias, spread = float(np.mean(differences)), LIMITS_SD * float(np.std(differences, ddof=1))
    return Difference(bias, Interval(bias - spread, bias + spread))
