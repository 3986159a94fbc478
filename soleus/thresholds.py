"""Thresholds by name: read, override and list the numbers of a criteria set.

A threshold is named by its group and field, ``leg_movement.onset_uv``: the same word in ``--set``, in a
``[set.leg_movement]`` table, in the output of ``soleus config`` and in the detector that compares with it.
"""

from __future__ import annotations

import difflib
import math
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints

from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from detectors.criteria import Criteria
    from detectors.plugin import Plugin

Group = TypeVar("Group")

TRUTH = {"true": True, "yes": True, "false": False, "no": False}
MOST_LISTED = 20
# The name of a set; and plug-ins, whose numbers are listed by their own names.
NO_THRESHOLDS = frozenset({"name", "plugins"})
TYPE_NAMES = {float: "a number", int: "a whole number", bool: "true or false", NoneType: "none", str: "text"}


def parse_assignment(text: str) -> tuple[str, str]:
    """Split ``group.field=value``.

    Parameters
    ----------
    text : str
        What follows ``--set``.

    Returns
    -------
    tuple of str
        Name and value.

    Raises
    ------
    ConfigError
        If there is no ``=``.

    Examples
    --------
    >>> parse_assignment("leg_movement.onset_uv = 6")
    ('leg_movement.onset_uv', '6')
    """
    name, equals, value = text.partition("=")
    if not equals:
        msg = f"--set {text}: expected GROUP.FIELD=VALUE, for example leg_movement.onset_uv=6"
        raise ConfigError(msg)
    return name.strip(), value.strip()


def flatten(criteria: Criteria) -> dict[str, object]:
    """List every threshold of a criteria set.

    Parameters
    ----------
    criteria : Criteria
        The set.

    Returns
    -------
    dict
        Value by dotted name, in the order of the fields, those of plug-ins last; the names of sets are left out.
    """
    found = dict(_leaves(criteria, ""))
    for plugin in criteria.plugins:
        found |= _leaves(plugin.criteria, plugin.name)
    return found


def apply_overrides(
    criteria: Criteria, overrides: Mapping[str, object], origins: Mapping[str, str] | None = None
) -> Criteria:
    """Return a criteria set with some thresholds replaced.

    Parameters
    ----------
    criteria : Criteria
        The set to start from.
    overrides : mapping of str to object
        New values by dotted name. Text is read as the type of the threshold (``none`` for no
        limit); all are applied together, so two that belong together may both change.
    origins : mapping of str to str, optional
        Where each override was written, for the message when it is wrong.

    Returns
    -------
    Criteria
        The new set.

    Raises
    ------
    ConfigError
        If a name is unknown, or a value has the wrong type or contradicts another.
    """
    where = origins or {}
    known = flatten(criteria)
    nested: dict[str, Any] = {}
    for name, value in overrides.items():
        if name not in known:
            msg = f"{where.get(name, '--set')}: {unknown(name, known)}"
            raise ConfigError(msg)
        *path, last = name.split(".")
        table = nested
        for part in path:
            table = table.setdefault(part, {})
        table[last] = (name, value)
    try:
        plugins = tuple(_retuned(plugin, nested.pop(plugin.name, {}), where) for plugin in criteria.plugins)
        return replace(_replaced(criteria, nested, where), plugins=plugins)
    except ValueError as error:
        places = ", ".join(f"{where.get(name, '--set')} {name} = {value}" for name, value in overrides.items())
        msg = f"{error} (after {places})"
        raise ConfigError(msg) from error


def read_as(criteria: Criteria, name: str, value: object, where: str) -> object:
    """Read a value as the type of one threshold, whatever the others are.

    Parameters
    ----------
    criteria : Criteria
        The set that it belongs to.
    name : str
        Its dotted name, which must be one that :func:`flatten` lists.
    value : object
        The value, or text.
    where : str
        Where it was written, for the message.

    Returns
    -------
    object
        The value as the threshold holds it.

    Raises
    ------
    ConfigError
        If it has another type.

    Examples
    --------
    >>> from detectors.criteria import named
    >>> read_as(named("wasm-2016"), "leg_movement.onset_uv", "6", "--vary")
    6.0
    """
    first, *path, last = name.split(".")
    plugged = {plugin.name: plugin.criteria for plugin in criteria.plugins}
    group: object = plugged[first] if first in plugged else getattr(criteria, first)
    for part in path:
        group = getattr(group, part)
    return _typed(value, get_type_hints(type(group))[last], f"{where}: {name}")


def unknown(name: str, known: Iterable[str]) -> str:
    """Say that a name is unknown, with the closest one that is not.

    Parameters
    ----------
    name : str
        What was written.
    known : iterable of str
        What could have been.

    Returns
    -------
    str
        One line, without the place.
    """
    candidates = list(known)
    close = difflib.get_close_matches(name, candidates, n=1, cutoff=0.5)
    if not close:
        close = [candidate for candidate in candidates if candidate.rpartition(".")[2] == name.rpartition(".")[2]][:1]
    if close:
        return f"unknown setting {name}, did you mean {close[0]}?"
    listed = ", ".join(candidates) if len(candidates) <= MOST_LISTED else "those that `soleus config` prints"
    return f"unknown setting {name}, expected one of {listed}"


def _leaves(value: object, prefix: str) -> Iterator[tuple[str, object]]:
    if not is_dataclass(value):
        yield prefix, value
        return
    for item in fields(value):
        if item.name in NO_THRESHOLDS:
            continue
        yield from _leaves(getattr(value, item.name), f"{prefix}.{item.name}" if prefix else item.name)


def _retuned(plugin: Plugin, changes: Mapping[str, Any], where: Mapping[str, str]) -> Plugin:
    return replace(plugin, criteria=_replaced(plugin.criteria, changes, where)) if changes else plugin


def _replaced(group: Group, changes: Mapping[str, Any], where: Mapping[str, str]) -> Group:
    new: dict[str, Any] = {}
    for name, change in changes.items():
        if isinstance(change, dict):
            new[name] = _replaced(getattr(group, name), change, where)
        else:
            dotted, value = change
            new[name] = _typed(value, get_type_hints(type(group))[name], f"{where.get(dotted, '--set')}: {dotted}")
    return replace(group, **new)  # type: ignore[type-var]  # flatten() has met dataclasses only


def _typed(value: object, hint: Any, where: str) -> object:
    """Read a value as one of the types that a field admits."""
    kinds = get_args(hint) or (hint,)
    for kind in kinds:
        read = _read(value, kind)
        if read is not _REFUSED:
            return read
    expected = " or ".join(_described(kind) for kind in kinds)
    msg = f"{where} is {value!r}, expected {expected}"
    raise ConfigError(msg)


_REFUSED = object()


def _read(value: object, kind: Any) -> object:
    text = str(value).lower()
    if kind is NoneType:
        return None if text == "none" else _REFUSED
    if kind is bool:
        return TRUTH.get(text, _REFUSED)
    if isinstance(value, bool):
        return _REFUSED
    try:
        read = kind(value)
        return _REFUSED if isinstance(read, float | int) and not _exact(value, read) else read
    except (TypeError, ValueError, OverflowError):
        return _REFUSED


def _exact(value: object, read: float) -> bool:
    """Tell whether a number is finite and lost nothing when it was read (6.5 is no whole number)."""
    return math.isfinite(read) and (isinstance(value, str) or value == read)


def _described(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return "one of " + ", ".join(kind)
    return TYPE_NAMES.get(kind, str(kind))
