"""How far the numbers of a night are off, over recordings (science.md 8.2); statistics of scipy."""

from __future__ import annotations

from math import exp, isfinite, log1p, nan, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from detectors.evaluate import bland_altman, bootstrap, icc_a1
from detectors.evaluate.agreement import by_subject
from detectors.evaluate.statistics import LEVEL, LIMITS_SD, Interval, icc_a1_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

# Periodic movements per hour that studies sort people by; they are told as counts, never as a finding about anybody.
SORTED_BY_PER_H = (5.0, 15.0)
# Three points make the first line that can be off at all.
LEAST_FOR_A_LINE = 3
ROUNDS = 2000
SEED = 0


def index_agreement(found: Numbers, truth: Numbers, subjects: Sequence[str], *, is_rate: bool) -> dict[str, Any]:
    """Return how two scorers agree on one number per recording.

    Parameters
    ----------
    found, truth : ndarray of float, shape (n_recordings,)
        The number by what is judged, and by what it is judged by.
    subjects : sequence of str
        Whose recording each is.
    is_rate : bool
        Whether it is a number per hour; then also the logarithm of 1 + it is compared, since spread grows with the
        mean, and people are sorted by it.

    Returns
    -------
    dict
        Means, bias with its interval, limits of agreement, ICC(A,1), the slope of the difference over the mean.
        Intervals are those of a t distribution where every recording is another subject's, else they are drawn over
        subjects; None where too few recordings say anything.
    """
    apart = len(set(subjects)) == len(subjects)
    difference = found - truth
    bias, limits = bland_altman(difference)
    answer: dict[str, Any] = {
        "n": len(found),
        "n_subjects": len(set(subjects)),
        "mean_scored": _mean(found),
        "mean_reference": _mean(truth),
        "median_difference": float(np.median(np.abs(difference))) if len(found) else nan,
        "largest_difference": float(np.abs(difference).max(initial=0.0)) if len(found) else nan,
        "bias": bias,
        "bias_interval": _bias_interval(difference, subjects, apart=apart),
        "limits": limits,
        "limits_interval_half": _limits_half(difference) if apart else nan,
        "icc_a1": icc_a1(np.column_stack([found, truth])),
        "icc_a1_interval": _icc_interval(found, truth, subjects, apart=apart),
        "slope": _slope(found, truth),
    }
    if is_rate:
        answer["ratio"] = _ratio(found, truth)
        answer["sorted"] = [_sorted(found, truth, limit) for limit in SORTED_BY_PER_H]
    return answer


def drawn_again(
    n_subjects: int, statistic: Callable[[NDArray[np.intp]], float], *, rounds: int = ROUNDS, seed: int = SEED
) -> Interval:
    """Return the 95 % interval of any number by drawing subjects again.

    Parameters
    ----------
    n_subjects : int
        How many there are.
    statistic : callable
        From the positions of those that were drawn to a number; nan where there is none.
    rounds : int
        How often they are drawn.
    seed : int
        Seed of the draw.

    Returns
    -------
    Interval
        Percentiles 2.5 and 97.5; nan for fewer than two subjects.
    """
    if n_subjects < 2:  # noqa: PLR2004 - one subject says nothing about others
        return Interval(nan, nan)
    # scipy.stats.bootstrap warns, which is an error here, where a few draws give no number (one subject drawn alone).
    draws = np.random.default_rng(seed).integers(n_subjects, size=(rounds, n_subjects))
    drawn = np.array([statistic(positions) for positions in draws])
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn):
        return Interval(nan, nan)
    tail = 50.0 * (1.0 - LEVEL)
    low, high = np.percentile(drawn, [tail, 100.0 - tail])
    return Interval(float(low), float(high))


def _mean(values: Numbers) -> float:
    return float(values.mean()) if len(values) else nan


def _bias_interval(difference: Numbers, subjects: Sequence[str], *, apart: bool) -> Interval:
    if len(difference) < 2:  # noqa: PLR2004 - a spread needs two
        return Interval(nan, nan)
    if not apart:
        sums = by_subject(np.column_stack([difference, np.ones(len(difference))]), subjects)
        return bootstrap(sums, lambda drawn: drawn[:, 0] / drawn[:, 1])
    # By hand: scipy.stats.ttest_1samp warns where the differences are all but the same, as those of two programs are.
    half = _student(len(difference) - 1) * float(difference.std(ddof=1)) / sqrt(len(difference))
    return Interval(float(difference.mean()) - half, float(difference.mean()) + half)


def _student(freedom: int) -> float:
    """Return how many standard errors half of a 95 % interval is."""
    return float(stats.t.ppf(0.5 + LEVEL / 2.0, freedom))


def _limits_half(difference: Numbers) -> float:
    """Return half of the 95 % interval of either limit of agreement (Bland and Altman 1999)."""
    n = len(difference)
    if n < 2:  # noqa: PLR2004 - a spread needs two
        return nan
    error = float(difference.std(ddof=1)) * sqrt(1.0 / n + LIMITS_SD**2 / (2.0 * (n - 1)))
    return _student(n - 1) * error


def _icc_interval(found: Numbers, truth: Numbers, subjects: Sequence[str], *, apart: bool) -> Interval:
    ratings = np.column_stack([found, truth])
    if apart:
        return icc_a1_interval(ratings)
    rows = [np.flatnonzero(np.array(subjects) == subject) for subject in dict.fromkeys(subjects)]
    return drawn_again(len(rows), lambda drawn: icc_a1(ratings[np.concatenate([rows[i] for i in drawn])]))


def _slope(found: Numbers, truth: Numbers) -> dict[str, float]:
    """Return how much the difference grows with the mean, with its 95 % interval."""
    mean = (found + truth) / 2.0
    if len(found) < LEAST_FOR_A_LINE or np.ptp(mean) == 0:
        return {"value": nan, "low": nan, "high": nan}
    line = stats.linregress(mean, found - truth)
    half = _student(len(found) - 2) * float(line.stderr)
    return {"value": float(line.slope), "low": float(line.slope) - half, "high": float(line.slope) + half}


def _ratio(found: Numbers, truth: Numbers) -> dict[str, float]:
    """Return the ratio of 1 + the one to 1 + the other, and the limits that hold 95 % of the ratios."""
    bias, limits = bland_altman(np.array([log1p(a) - log1p(b) for a, b in zip(found, truth, strict=True)]))
    return {
        name: exp(one) if isfinite(one) else nan
        for name, one in zip(("value", "low", "high"), (bias, *limits), strict=True)
    }


def _sorted(found: Numbers, truth: Numbers, limit: float) -> dict[str, Any]:
    """Return how the two sort recordings into those at or above a limit and those below."""
    above, expected = found >= limit, truth >= limit
    return {
        "at_or_above_per_h": limit,
        "sensitivity": _wilson(int((above & expected).sum()), int(expected.sum())),
        "specificity": _wilson(int((~above & ~expected).sum()), int((~expected).sum())),
    }


def _wilson(k: int, n: int) -> dict[str, float]:
    if not n:
        return {"k": k, "n": n, "value": nan, "low": nan, "high": nan}
    low, high = stats.binomtest(k, n).proportion_ci(LEVEL, method="wilson")
    return {"k": k, "n": n, "value": k / n, "low": float(low), "high": float(high)}
