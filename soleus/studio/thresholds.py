"""Every threshold of a set of criteria for a person who moves it: words, unit, slider, source."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, get_type_hints

from dashboards.bench_values import Threshold
from detectors.criteria import named
from soleus.studio.sliders import slider_of, unit_for
from soleus.studio.threshold_sources import Origins
from soleus.studio.words import words_for
from soleus.thresholds import flatten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from detectors.criteria import Criteria
    from soleus.studio.threshold_sources import Origin

NO_SLIDER: Final = (None, None, None)
_TRUTH: Final = ("true", "false")


def thresholds(criteria: Criteria) -> Sequence[Threshold]:
    """Return every threshold of a set of criteria, in the order of its fields, those of plug-ins last.

    Parameters
    ----------
    criteria : Criteria
        A named set, with what was changed of it.

    Returns
    -------
    sequence of Threshold
        What a page shows.

    Examples
    --------
    >>> [onset] = [one for one in thresholds(named("wasm-2016")) if one.name == "leg_movement.onset_uv"]
    >>> onset.text, onset.unit, onset.published, onset.low, onset.high
    ('Rise above rest that starts a movement', 'µV', True, 2.5, 40.0)
    """
    origins, basis = Origins.of(criteria), flatten(_as_it_comes(criteria))
    kinds = {type(group): get_type_hints(type(group)) for group in {group_of(name, criteria) for name in basis}}
    found = []
    for name, value in flatten(criteria).items():
        group = group_of(name, criteria)
        origin = origins.of_threshold(name, value, basis[name])
        found.append(_threshold(name, (value, basis[name]), group, kinds[type(group)], origin))
    return tuple(found)


def _threshold(
    name: str, values: tuple[Any, Any], group: object, kinds: Mapping[str, Any], origin: Origin
) -> Threshold:
    """Return a threshold out of what it is, and is in the named set."""
    value, before = values
    is_number = value is not None and not isinstance(value, bool | str)
    slider = slider_of(name, value if before is None else before, group, value) if is_number else None
    low, high, step = slider or NO_SLIDER
    return Threshold(
        name=name,
        text=words_for(name),
        unit=unit_for(name),
        value=_plain(value),
        published=origin.published,
        low=low,
        high=high,
        step=step,
        choices=_choices(kinds[name.rpartition(".")[2]]),
        source=origin.source,
        url=origin.url,
        changed=value != before,
        before=_plain(before) if value != before else None,
    )


def _as_it_comes(criteria: Criteria) -> Criteria:
    """Return the named set that a set was made from, with the same plug-ins."""
    plugins = tuple(replace(plugin, criteria=plugin.detector.criteria) for plugin in criteria.plugins)
    return replace(named(criteria.name), plugins=plugins)


def group_of(name: str, criteria: Criteria) -> object:
    """Return the thresholds that a threshold stands among.

    Parameters
    ----------
    name : str
        Group and field.
    criteria : Criteria
        The set.
    """
    first, *path, _ = name.split(".")
    plugged = {plugin.name: plugin.criteria for plugin in criteria.plugins}
    group: object = plugged[first] if first in plugged else getattr(criteria, first)
    for part in path:
        group = getattr(group, part)
    return group


def _plain(value: Any) -> float | bool | str | None:
    plain: float | bool | str | None = str(value) if isinstance(value, StrEnum) else value
    return plain


def _choices(hint: Any) -> tuple[str, ...]:
    """Return what a threshold that is no number can be."""
    if hint is bool:
        return _TRUTH
    return tuple(map(str, hint)) if isinstance(hint, type) and issubclass(hint, StrEnum) else ()
