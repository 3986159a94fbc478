"""What is called sleep, and what is called not worn."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive


@dataclass(frozen=True, slots=True)
class SleepCriteria:
    """When a leg looks asleep (science.md 6.1, 6.3).

    Parameters
    ----------
    awakening_s : float
        Shortest awakening, s.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    awakening_s: float

    def __post_init__(self) -> None:
        expect_positive("sleep", self)


@dataclass(frozen=True, slots=True)
class WearCriteria:
    """When a sensor is not worn (science.md 7.2).

    Parameters
    ----------
    min_s : float
        Shortest stretch, s.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    min_s: float

    def __post_init__(self) -> None:
        expect_positive("wear", self)
