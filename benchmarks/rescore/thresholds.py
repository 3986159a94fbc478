"""Other thresholds: one field at a time, and many at random."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np

    from detectors.criteria import Criteria

FACTORS = (0.5, 0.8, 0.9, 1.1, 1.25, 2.0)
MOST_CHANGES = 6


def groups(criteria: Criteria) -> list[str]:
    """Return the names of the groups of criteria."""
    return [one.name for one in fields(criteria) if is_dataclass(getattr(criteria, one.name))]


def names(criteria: Criteria, group: str) -> list[str]:
    """Return the names of the fields of a group."""
    return [one.name for one in fields(getattr(criteria, group))]


def with_field(criteria: Criteria, group: str, field: str, value: object) -> Criteria:
    """Return criteria with one field changed; ValueError where the others do not allow it."""
    changed: Any = {group: replace(getattr(criteria, group), **{field: value})}
    return replace(criteria, **changed)


def nearby(criteria: Criteria, name: str, factors: Sequence[float]) -> Iterator[Criteria]:
    """Yield criteria with one number (``group.field``) multiplied by factors, as far as the others allow it."""
    group, _, field = name.partition(".")
    value = getattr(getattr(criteria, group), field)
    if not isinstance(value, float) or not value:
        return
    for factor in factors:
        try:
            yield with_field(criteria, group, field, factor * value)
        except ValueError:
            continue


def at_random(criteria: Criteria, random: np.random.Generator) -> tuple[Criteria, str]:
    """Return criteria with one to six fields of any groups changed, and what was changed."""
    told: list[str] = []
    n_changes = int(random.integers(1, MOST_CHANGES + 1))
    while len(told) < n_changes:
        group = str(random.choice(groups(criteria)))
        field = str(random.choice(names(criteria, group)))
        value = _other(getattr(getattr(criteria, group), field), random)
        try:
            criteria = with_field(criteria, group, field, value)
        except ValueError:
            continue
        told.append(f"{group}.{field}={value}")
    return criteria, " ".join(told)


def _other(value: object, random: np.random.Generator) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + int(random.choice((-1, 1)))
    return value * float(random.choice(FACTORS)) if isinstance(value, float) else value
