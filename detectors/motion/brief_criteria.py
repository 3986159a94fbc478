"""Brief jerks and possible episodes in acceleration."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive


@dataclass(frozen=True, slots=True)
class JerkCriteria:
    """When a peak is a brief leg jerk (science.md 4.3).

    Parameters
    ----------
    peak_g : float
        Least height of a peak, g.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    peak_g: float

    def __post_init__(self) -> None:
        expect_positive("jerk", self)


@dataclass(frozen=True, slots=True)
class PossibleEpisodeCriteria:
    """When a burst of movement is a possible episode (science.md 3.7).

    Parameters
    ----------
    quiet_s : float
        How long the leg has been quiet before, s.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    quiet_s: float

    def __post_init__(self) -> None:
        expect_positive("possible_episode", self)
