"""The method of ``soleus/helped/rate_ratio.py`` for thousands of comparisons at once, in numpy alone.

It is a second implementation of the same equations: tests/benchmarks/test_helped.py holds one against the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.special import gammaln, stdtrit
from scipy.stats import norm

if TYPE_CHECKING:
    from numpy.typing import NDArray

TAIL: Final = 0.975
RATES: Final = 2
CAUTION: Final = 1
MOST_DISPERSION: Final = 20.0
PRIOR_LOG_SD: Final = float(np.log(2))
PRIOR_LOG: Final = 3.2 * PRIOR_LOG_SD * np.sinh(4 * np.linspace(-1, 1, 41)) / np.sinh(4)
RATE_STEPS: Final = 8
DISPERSION_STEPS: Final = 40
_SMALL: Final = 1e-12
_DONE: Final = 1e-7
_POISSON: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Many:
    """Comparisons of the nights of a first and of a second period.

    Parameters
    ----------
    counts : ndarray of float, shape (n_comparisons, n_nights)
        Counts; 0 where a comparison has no such night.
    valid_h : ndarray of float, shape (n_comparisons, n_nights)
        Valid hours, h; 0 where a comparison has no such night.
    n_first : int
        So many columns are of the first period, the others of the second.
    """

    counts: NDArray[np.float64]
    valid_h: NDArray[np.float64]
    n_first: int

    @property
    def parts(self) -> tuple[slice, slice]:
        """The columns of both periods."""
        return slice(0, self.n_first), slice(self.n_first, None)

    @property
    def nights(self) -> NDArray[np.int64]:
        """How many nights each comparison has."""
        found: NDArray[np.int64] = (self.valid_h > 0).sum(axis=1)
        return found

    @property
    def limit(self) -> NDArray[np.float64]:
        """What the score statistic is held against."""
        found: NDArray[np.float64] = stdtrit(self.nights - RATES, TAIL) ** 2
        return found

    @property
    def second(self) -> NDArray[np.float64]:
        """1 for the columns of the second period."""
        return (np.arange(self.counts.shape[1]) >= self.n_first).astype(np.float64)

    def hours(self, log_ratio: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Return the hours, those of the second period longer by a ratio of rates."""
        return self.valid_h * np.exp(np.multiply.outer(np.broadcast_to(log_ratio, len(self.counts)), self.second))


def log_rates(counts: NDArray[Any], hours: NDArray[Any], dispersion: NDArray[Any]) -> NDArray[np.float64]:
    """Return the logarithm of the rate of each row, counts per hour, for a given dispersion."""
    spread = dispersion[:, None]
    found: NDArray[np.float64] = np.log(np.maximum(counts.sum(axis=1), _SMALL) / np.maximum(hours.sum(axis=1), _SMALL))
    for _ in range(RATE_STEPS):
        mean = np.exp(found)[:, None] * hours
        score = ((counts - mean) / (1 + spread * mean)).sum(axis=1)
        information = (mean / (1 + spread * mean)).sum(axis=1)
        step = np.clip(score / np.maximum(information, _SMALL), -1.0, 1.0)
        found = found + step
        if not np.any(np.abs(step) > _DONE):
            break
    return found


def dispersions(many: Many) -> NDArray[np.float64]:
    """Return the dispersion of each comparison, shared by both periods."""
    aim = many.nights - RATES - CAUTION
    found = np.zeros(len(aim))
    # The statistic falls and is convex in the dispersion: Newton's steps from 0 never go too far.
    for _ in range(DISPERSION_STEPS):
        means = _means(many, found)
        share = np.maximum(means, _SMALL)
        squared = np.where(means > _SMALL, (many.counts - means) ** 2, 0.0)
        above = (squared / (share * (1 + found[:, None] * share))).sum(axis=1) - aim
        slope = (squared / (1 + found[:, None] * share) ** 2).sum(axis=1)
        before, found = found, np.clip(found + above / np.maximum(slope, _SMALL), 0.0, MOST_DISPERSION)
        if not np.any(np.abs(found - before) > _DONE):
            break
    return found


def _means(many: Many, dispersion: NDArray[np.float64]) -> NDArray[np.float64]:
    halves = [
        np.exp(log_rates(many.counts[:, part], many.valid_h[:, part], dispersion))[:, None] * many.valid_h[:, part]
        for part in many.parts
    ]
    return np.concatenate(halves, axis=1)


def scores(many: Many, dispersion: NDArray[np.float64], log_ratio: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return the score statistic of a ratio in each comparison; 0 where nothing was counted at all."""
    hours = many.hours(log_ratio)
    means = np.exp(log_rates(many.counts, hours, dispersion))[:, None] * hours
    weight = 1 + dispersion[:, None] * means
    first, second = ((means / weight)[:, part].sum(axis=1) for part in many.parts)
    excess = ((many.counts - means) / weight)[:, many.parts[1]].sum(axis=1)
    found: NDArray[np.float64] = excess**2 * (1 / np.maximum(first, _SMALL) + 1 / np.maximum(second, _SMALL))
    return np.where(many.counts.sum(axis=1) > 0, found, 0.0)


def holds(many: Many, dispersion: NDArray[np.float64], log_ratio: NDArray[np.float64] | float) -> NDArray[np.bool_]:
    """Return whether the 95 % interval of each comparison holds a ratio."""
    found: NDArray[np.bool_] = scores(many, dispersion, log_ratio) <= many.limit
    return found


def probabilities(many: Many, dispersion: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of a difference in each comparison."""
    grid = np.array([_log_likelihood(many, dispersion, log_ratio) for log_ratio in (0.0, *PRIOR_LOG)])
    halves = (
        _likelihood(many.counts[:, part], many.valid_h[:, part], dispersion) * np.any(many.counts[:, part] > 0, axis=1)
        for part in many.parts
    )
    deviance = np.maximum(2 * (sum(halves) - grid), 0.0)
    freedom = many.nights - RATES
    likelihood = (1 + deviance / freedom) ** (-(freedom + 1) / 2)
    weights = norm.pdf(PRIOR_LOG, scale=PRIOR_LOG_SD)[:, None]
    different = np.trapezoid(likelihood[1:] * weights, PRIOR_LOG, axis=0)
    found: NDArray[np.float64] = different / (different + likelihood[0])
    return np.where(many.counts.sum(axis=1) > 0, found, 0.5)


def _log_likelihood(many: Many, dispersion: NDArray[np.float64], log_ratio: float) -> NDArray[np.float64]:
    return _likelihood(many.counts, many.hours(log_ratio), dispersion)


def _likelihood(counts: NDArray[Any], hours: NDArray[Any], dispersion: NDArray[Any]) -> NDArray[np.float64]:
    """Return the log likelihood of each row at its best rate."""
    means = np.maximum(np.exp(log_rates(counts, hours, dispersion))[:, None] * hours, _SMALL)
    spread = np.maximum(dispersion, _POISSON)[:, None]
    shape = 1 / spread
    of_counts = gammaln(counts + shape) - gammaln(shape) - gammaln(counts + 1)
    negative = of_counts + counts * np.log(spread * means / (1 + spread * means)) - np.log1p(spread * means) * shape
    poisson = counts * np.log(means) - means - gammaln(counts + 1)
    told = np.where(dispersion[:, None] > _POISSON, negative, poisson)
    found: NDArray[np.float64] = np.where(hours > 0, told, 0.0).sum(axis=1)
    return found
