"""What a night was scored with, in one line: the name of the set and every threshold that differs from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.criteria import named
from soleus.thresholds import flatten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.criteria import Criteria

MOST_TOLD = 8
"""So many differences fit a line; of more the number is told."""


def configuration_words(criteria: Criteria) -> str:
    """Return the name of a set of criteria, and what was changed of it.

    Parameters
    ----------
    criteria : Criteria
        What is in force; its name is that of the set that it was made from.

    Examples
    --------
    >>> from soleus.thresholds import apply_overrides
    >>> configuration_words(named("wasm-2016"))
    'wasm-2016'
    >>> configuration_words(apply_overrides(named("wasm-2016"), {"leg_movement.onset_uv": 6.0}))
    'wasm-2016, leg_movement.onset_uv = 6.0'
    """
    try:
        published = flatten(named(criteria.name))
    except ValueError:
        # A set from somebody's own file: there is nothing to compare it with.
        return criteria.name
    changed = {key: value for key, value in flatten(criteria).items() if published.get(key) != value}
    return words_of(criteria.name, changed)


def words_of(name: str, changed: Mapping[str, object]) -> str:
    """Return the name of a set and what was changed of it, in the same words wherever that is told.

    Parameters
    ----------
    name : str
        Name of the set.
    changed : mapping of str to object
        Values by dotted name, in any order.

    Examples
    --------
    >>> words_of("aasm", {"b": 2.5, "a": 1})
    'aasm, a = 1, b = 2.5'
    >>> words_of("aasm", dict.fromkeys("abcdefghi", 1))
    'aasm, 9 thresholds changed'
    """
    if len(changed) > MOST_TOLD:
        return f"{name}, {len(changed)} thresholds changed"
    return ", ".join([name, *(f"{key} = {value}" for key, value in sorted(changed.items()))])
