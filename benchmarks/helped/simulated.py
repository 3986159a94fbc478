"""Simulated nights of two periods: counts that vary from night to night, with the truth beside them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from benchmarks.helped.many import Many

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST: Final = 5
MOST: Final = 30
HOURS: Final = (4.0, 8.5)
USUAL_H: Final = 7.0
RATIOS: Final = (1 / 3, 1 / 2, 2 / 3, 4 / 5, 1.0, 5 / 4, 3 / 2, 2.0)


class Kind(StrEnum):
    """What is counted, and how much of it there is."""

    CRAMPS = "cramps"
    PLM = "periodic leg movements"


class Range(NamedTuple):
    """Counts of a night of 7 h, and coefficients of variation of the rate from night to night."""

    per_night: tuple[float, float]
    variation: tuple[float, float]


RANGES: Final = {Kind.CRAMPS: Range((0.1, 3.0), (0.45, 1.2)), Kind.PLM: Range((15.0, 250.0), (0.3, 0.6))}
"""Cramps are rare, and nobody has measured how much they vary; PLMS/h varies by 43 % (Skeba 2016)."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What one comparison was drawn from.

    Parameters
    ----------
    kind : Kind
        What is counted.
    n_a, n_b : int
        Nights of the two periods.
    per_night : float
        Counted in 7 h of the first period, on average.
    ratio : float
        Second rate over the first.
    dispersion : float
        Squared coefficient of variation of the rate from night to night.
    skewed : bool
        Whether rates vary as a lognormal (with a longer tail), or as a gamma variable.
    """

    kind: Kind
    n_a: int
    n_b: int
    per_night: float
    ratio: float
    dispersion: float
    skewed: bool

    @property
    def expected(self) -> float:
        """Counts to expect in the period that has fewer."""
        return self.per_night * min(self.n_a, self.n_b * self.ratio)


def draw_truth(rng: np.random.Generator, ratios: tuple[float, ...] = RATIOS) -> Truth:
    """Draw what a comparison is to be about."""
    kind = (Kind.CRAMPS, Kind.PLM)[int(rng.integers(2))]
    drawn = RANGES[kind]
    n_a, n_b = (int(n) for n in rng.integers(FEWEST, MOST + 1, 2))
    per_night = float(np.exp(rng.uniform(*np.log(drawn.per_night))))
    variation = float(rng.uniform(*drawn.variation))
    return Truth(kind, n_a, n_b, per_night, float(rng.choice(ratios)), variation**2, bool(rng.random() < 0.5))  # noqa: PLR2004 - even odds


def draw_nights(truths: list[Truth], rng: np.random.Generator, *, alike: float = 0.0) -> Many:
    """Draw the nights of comparisons.

    Parameters
    ----------
    truths : list of Truth
        What each is drawn from.
    rng : numpy.random.Generator
        Random numbers.
    alike : float
        Correlation of (the normal score of) a night's rate with that of the night before, 0 to 1; lognormal rates then.

    Returns
    -------
    Many
        One row each.
    """
    n_a, n_b = (np.array([getattr(truth, name) for truth in truths]) for name in ("n_a", "n_b"))
    widths = int(n_a.max()), int(n_b.max())
    columns = np.concatenate([np.arange(width) for width in widths])
    second = np.repeat([False, True], widths)
    there = columns < np.where(second, n_b[:, None], n_a[:, None])
    valid_h = np.where(there, rng.uniform(*HOURS, there.shape), 0.0)
    per_night, ratio, dispersion = (
        np.array([getattr(truth, name) for truth in truths])[:, None] for name in ("per_night", "ratio", "dispersion")
    )
    skewed = np.array([truth.skewed for truth in truths])[:, None] | (alike > 0)
    spread = np.sqrt(np.log1p(dispersion))
    lognormal = np.exp(spread * _normal(there.shape, alike, rng) - spread**2 / 2)
    rates = np.where(skewed, lognormal, rng.gamma(1 / dispersion, dispersion, there.shape))
    counts = rng.poisson(per_night * np.where(second, ratio, 1.0) * rates * valid_h / USUAL_H)
    return Many(counts.astype(np.float64), valid_h, widths[0])


def _normal(shape: tuple[int, ...], alike: float, rng: np.random.Generator) -> NDArray[np.float64]:
    drawn = rng.normal(size=shape)
    for night in range(1, shape[1] if alike else 0):
        drawn[:, night] = alike * drawn[:, night - 1] + np.sqrt(1 - alike**2) * drawn[:, night]
    return drawn
