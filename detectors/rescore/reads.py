"""Criteria that note which of their fields are read, and results that are kept by what was read for them.

A part of the science is a function of what it is given and of the fields of the criteria that it asks for. Where all
of these are the same as before it would ask for the same fields again, and say the same: whatever the fields that it
did not ask for are. So nothing has to be declared, and a detector of somebody else's is treated like ours.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from detectors.annotations import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from detectors.criteria import Criteria
    from detectors.plugin import Plugin

Result = TypeVar("Result")
_PLUGINS = "plugins"
Reads = dict[tuple[str, str], Any]
"""Values by group and field."""


class _ReadGroup:
    """One group of criteria that notes what is read of it; a field that was noted is an attribute from then on."""

    def __init__(self, name: str, group: Any, reads: Reads) -> None:
        self._name, self._group, self._reads = name, group, reads

    def __getattr__(self, field: str) -> Any:
        held = getattr(type(self._group), field)
        if isinstance(held, property) and held.fget is not None:
            # What a property reads is read of us.
            return held.fget(self)
        if field not in self._group.__dataclass_fields__:
            self._note_all()
            return getattr(self._group, field)
        value = self.__dict__[field] = self._reads[self._name, field] = getattr(self._group, field)
        return value

    def __eq__(self, other: object) -> bool:
        self._note_all()
        return bool(self._group == (other._group if isinstance(other, _ReadGroup) else other))

    def __hash__(self) -> int:
        self._note_all()
        return hash(self._group)

    def _note_all(self) -> None:
        self._reads |= {(self._name, one.name): getattr(self._group, one.name) for one in fields(self._group)}


class _ReadPlugin:
    """A plug-in that notes when its numbers are read."""

    __slots__ = ("_plugin", "_reads")

    def __init__(self, plugin: Plugin, reads: Reads) -> None:
        self._plugin, self._reads = plugin, reads

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._plugin, name)
        if name == "criteria":
            self._reads[_PLUGINS, self._plugin.name] = value
        return value


class _ReadCriteria:
    """Criteria whose groups note what is read of them; a group that was asked for is an attribute from then on."""

    def __init__(self, criteria: Criteria, reads: Reads) -> None:
        self._criteria, self._reads = criteria, reads

    def __getattr__(self, name: str) -> Any:
        group = getattr(self._criteria, name)
        if hasattr(group, "__dataclass_fields__"):
            self.__dict__[name] = noted = _ReadGroup(name, group, self._reads)
            return noted
        if name == _PLUGINS:
            self._reads[name, ""] = _of_plugins(group, "")
            return tuple(_ReadPlugin(plugin, self._reads) for plugin in group)
        self._reads[name, ""] = group
        return group


def noting(criteria: Criteria) -> tuple[Criteria, Reads]:
    """Return criteria with the same values, and what will have been read of them.

    Parameters
    ----------
    criteria : Criteria
        The thresholds.

    Returns
    -------
    tuple of (Criteria, dict)
        What is read of the first is noted in the second, by group and field.

    Examples
    --------
    >>> from detectors.criteria import named
    >>> criteria, reads = noting(named("wasm-2016"))
    >>> criteria.leg_movement.onset_uv, reads
    (8.0, {('leg_movement', 'onset_uv'): 8.0})
    """
    reads: Reads = {}
    return cast("Criteria", _ReadCriteria(criteria, reads)), reads


def same(reads: Reads, criteria: Criteria) -> bool:
    """Return whether criteria have the values that were read of others."""
    for (group, field), value in reads.items():
        held = getattr(criteria, group)
        if group == _PLUGINS:
            held = _of_plugins(held, field)
        elif field:
            held = getattr(held, field)
        if held != value:
            return False
    return True


def _of_plugins(plugins: Sequence[Plugin], name: str) -> object:
    """Return the numbers of a plug-in or, without a name, which plug-ins there are."""
    if not name:
        return tuple((plugin.name, plugin.detector) for plugin in plugins)
    return next((plugin.criteria for plugin in plugins if plugin.name == name), None)


class _Entry(NamedTuple):
    """A result, and what it was made from."""

    inputs: tuple[object, ...]
    reads: Reads
    result: Any


class Kept(Generic[Result]):
    """The last results of one part.

    Parameters
    ----------
    compute : callable
        The part: from criteria and inputs to a result that nobody changes.
    most : int
        So many results are kept.
    """

    def __init__(self, compute: Callable[..., Result], most: int = 4) -> None:
        self._compute, self._most = compute, most
        self._entries: list[_Entry] = []

    def get(self, criteria: Criteria, *inputs: object) -> Result:
        """Return the result for some criteria and inputs.

        Parameters
        ----------
        criteria : Criteria
            The thresholds.
        *inputs : object
            What else the part is given; the very same objects, or the same stretches of time, make the same result.

        Returns
        -------
        Result
            A kept one, or a new one.
        """
        number = self._place(criteria, inputs)
        if number is not None:
            self._entries.insert(0, self._entries.pop(number))
            return cast("Result", self._entries[0].result)
        # What makes room goes first: tracks are large.
        del self._entries[self._most - 1 :]
        noted, reads = noting(criteria)
        result = self._compute(noted, *inputs)
        # A part may go on reading while its result is used, so what is noted is not copied.
        self._entries.insert(0, _Entry(inputs, reads, result))
        return result

    def has(self, criteria: Criteria, *inputs: object) -> bool:
        """Return whether a result for some criteria and inputs is kept."""
        return self._place(criteria, inputs) is not None

    def _place(self, criteria: Criteria, inputs: tuple[object, ...]) -> int | None:
        for number, entry in enumerate(self._entries):
            if _are(entry.inputs, inputs) and same(entry.reads, criteria):
                return number
        return None

    def reads(self) -> Iterator[tuple[str, str]]:
        """Yield the groups and fields that the newest result depends on."""
        yield from self._entries[0].reads if self._entries else ()


def _are(first: tuple[object, ...], second: tuple[object, ...]) -> bool:
    return len(first) == len(second) and all(_is(a, b) for a, b in zip(first, second, strict=True))


def _is(first: object, second: object) -> bool:
    """Return whether two inputs are the same object, or the same stretches of time."""
    if first is second:
        return True
    if isinstance(first, Span) or isinstance(second, Span):
        return first == second
    return isinstance(first, tuple) and isinstance(second, tuple) and _are(first, second)
