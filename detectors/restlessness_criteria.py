"""What is called restlessness."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive


@dataclass(frozen=True, slots=True)
class RestlessnessCriteria:
    """When movements are a large movement of the leg (science.md 5.5).

    Parameters
    ----------
    min_s : float
        Shortest, s.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    min_s: float

    def __post_init__(self) -> None:
        expect_positive("restlessness", self)
