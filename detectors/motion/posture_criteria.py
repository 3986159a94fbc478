"""How a leg stands: vertical, lying, walking."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive


@dataclass(frozen=True, slots=True)
class PostureCriteria:
    """When a leg is upright, and when that is getting out of bed (science.md 5.4).

    Parameters
    ----------
    upright_deg : float
        Largest angle between the leg and the vertical, degrees.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    upright_deg: float

    def __post_init__(self) -> None:
        expect_positive("posture", self)
