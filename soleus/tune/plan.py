"""What is searched, for how long, and what came of each try."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from soleus.tune.space import Varied


class Method(StrEnum):
    """How tries are proposed."""

    GRID = "grid"
    """Every combination, in an order by lot."""
    TPE = "tpe"
    """Where the tries so far were good (tree-structured Parzen estimator)."""
    RANDOM = "random"
    """By lot."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is searched, and for how long.

    Parameters
    ----------
    varied : tuple of Range or Values
        What may vary.
    method : Method
        How tries are proposed.
    n_tries : int
        The most tries of one search.
    patience : int
        Stop after so many tries without a better one; 0 never does.
    drops_early : bool
        Give a try up when, on the first subjects, it is worse than half of those before it.
    seed : int
        Seed of everything that is drawn.
    """

    varied: tuple[Varied, ...]
    method: Method
    n_tries: int
    patience: int
    drops_early: bool
    seed: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a try has cost so far, and what was counted in each night."""

    cost: float
    counts: Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Try:
    """One finished try.

    Parameters
    ----------
    number : int
        From 0, in the order of proposal.
    values : mapping of str to object
        The thresholds.
    cost : float or None
        What it costs; None if it was dropped early or is impossible.
    reason : str
        Why it is impossible; else empty.
    counts : mapping
        What was counted, by night.
    """

    number: int
    values: Mapping[str, object]
    cost: float | None
    reason: str
    counts: Mapping[str, Sequence[float]]
