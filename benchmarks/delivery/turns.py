"""Two ways of doing the same, measured in turns: A B A B, so that a busy moment of the computer hits both."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Rate(NamedTuple):
    """How fast we are and how fast the bare client is, events per second, and the median of neighbours' ratios."""

    ours_per_s: float
    bare_per_s: float
    ratio: float


def in_turns(ours: Callable[[int], float], bare: Callable[[int], float], runs: int) -> Rate:
    """Measure both in turns.

    Parameters
    ----------
    ours, bare : callable
        Takes the number of the run and returns events per second.
    runs : int
        How often.

    Examples
    --------
    >>> in_turns(lambda run: 10.0 + run, lambda run: 20.0, 3)
    Rate(ours_per_s=11.0, bare_per_s=20.0, ratio=0.55)
    """
    pairs = [(ours(run), bare(run)) for run in range(runs)]
    return Rate(
        statistics.median(mine for mine, _ in pairs),
        statistics.median(theirs for _, theirs in pairs),
        statistics.median(mine / theirs for mine, theirs in pairs),
    )
