"""What signal counts, and how much of it a number needs."""

from __future__ import annotations

from dataclasses import dataclass

from detectors.limits import expect_positive


@dataclass(frozen=True, slots=True)
class ValidityCriteria:
    """When an epoch is bad, and how many valid hours an index needs (science.md 7.3).

    Parameters
    ----------
    min_index_h : float
        Valid hours that an index per hour needs, h.

    Raises
    ------
    ValueError
        If a number is not positive.
    """

    min_index_h: float

    def __post_init__(self) -> None:
        expect_positive("validity", self)
