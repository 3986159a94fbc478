"""What every group of criteria asserts about its numbers."""

from __future__ import annotations

import math
from dataclasses import fields
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from _typeshed import DataclassInstance


def expect_positive(group: str, criteria: DataclassInstance, *, or_zero: Collection[str] = ()) -> None:
    """Refuse a number that is not positive and finite.

    Parameters
    ----------
    group : str
        What to call the group in the message.
    criteria : dataclass
        The group; every field is a number.
    or_zero : collection of str
        Fields that may be 0 as well.

    Raises
    ------
    ValueError
        If one is not.
    """
    for field in fields(criteria):
        value = getattr(criteria, field.name)
        if not math.isfinite(value) or value < 0 or (value == 0 and field.name not in or_zero):
            expected = "0 or more" if field.name in or_zero else "a positive number"
            msg = f"{group}.{field.name} is {value}, expected {expected}"
            raise ValueError(msg)


def expect_rising(group: str, **limits: float) -> None:
    """Refuse limits that do not rise in the order given.

    Parameters
    ----------
    group : str
        What to call the group in the message.
    **limits : float
        The limits by name, smallest first.

    Raises
    ------
    ValueError
        If one is not below the next.
    """
    for (low_name, low), (high_name, high) in pairwise(limits.items()):
        if not low < high:
            msg = f"{group}.{low_name} is {low}, expected less than {high_name} ({high})"
            raise ValueError(msg)
