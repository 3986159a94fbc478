"""What a night was scored with, in one line: the name of the set and every threshold that differs from it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from detectors.criteria import named
from soleus.thresholds import flatten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.criteria import Criteria

NO_OTHERS: Mapping[str, str] = MappingProxyType({})
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
    plugins = criteria.plugins
    detectors = {plugin.name: plugin.version for plugin in plugins}
    as_they_come = tuple(replace(plugin, criteria=plugin.detector.criteria) for plugin in plugins)
    try:
        published = flatten(replace(named(criteria.name), plugins=as_they_come))
    except ValueError:
        # A set from somebody's own file: there is nothing to compare it with.
        return words_of(criteria.name, {}, detectors)
    changed = {key: value for key, value in flatten(criteria).items() if published.get(key) != value}
    return words_of(criteria.name, changed, detectors)


def words_of(name: str, changed: Mapping[str, object], detectors: Mapping[str, str] = NO_OTHERS) -> str:
    """Return the name of a set and what was changed of it, in the same words wherever that is told.

    Parameters
    ----------
    name : str
        Name of the set.
    changed : mapping of str to object
        Values by dotted name, in any order.
    detectors : mapping of str to str
        Versions of the detectors of others that were switched on, by name.

    Examples
    --------
    >>> words_of("aasm", {"b": 2.5, "a": 1})
    'aasm, a = 1, b = 2.5'
    >>> words_of("aasm", dict.fromkeys("abcdefghi", 1))
    'aasm, 9 thresholds changed'
    >>> words_of("aasm", {}, {"lab_spasm": "1.2"})
    'aasm with lab_spasm 1.2'
    """
    others = " and ".join(f"{one} {version}".strip() for one, version in detectors.items())
    name = f"{name} with {others}" if others else name
    if len(changed) > MOST_TOLD:
        return f"{name}, {len(changed)} thresholds changed"
    return ", ".join([name, *(f"{key} = {value}" for key, value in sorted(changed.items()))])
