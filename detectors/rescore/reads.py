"""Criteria that note which of their fields are read, and results that are kept by what was read for them.

A part of the science is a function of what it is given and of the fields of the criteria that it asks for. Where all
of these are the same as before it would ask for the same fields again, and say the same: whatever the fields that it
did not ask for are. So nothing has to be declared, and a detector of somebody else's is treated like ours.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from detectors.criteria import Criteria

Result = TypeVar("Result")
Reads = dict[tuple[str, str], Any]
"""Values by group and field."""


class _ReadGroup:
    """One group of criteria that notes what is read of it."""

    __slots__ = ("_group", "_name", "_reads")

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
        value = self._reads[self._name, field] = getattr(self._group, field)
        return value

    def __eq__(self, other: object) -> bool:
        self._note_all()
        return bool(self._group == (other._group if isinstance(other, _ReadGroup) else other))

    def __hash__(self) -> int:
        self._note_all()
        return hash(self._group)

    def _note_all(self) -> None:
        self._reads |= {(self._name, one.name): getattr(self._group, one.name) for one in fields(self._group)}


class _ReadCriteria:
    """Criteria whose groups note what is read of them."""

    __slots__ = ("_criteria", "_reads")

    def __init__(self, criteria: Criteria, reads: Reads) -> None:
        self._criteria, self._reads = criteria, reads

    def __getattr__(self, name: str) -> Any:
        group = getattr(self._criteria, name)
        if hasattr(group, "__dataclass_fields__"):
            return _ReadGroup(name, group, self._reads)
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
        if (getattr(held, field) if field else held) != value:
            return False
    return True


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
            What else the part is given; the very same objects make the same result.

        Returns
        -------
        Result
            A kept one, or a new one.
        """
        for number, entry in enumerate(self._entries):
            if _are(entry.inputs, inputs) and same(entry.reads, criteria):
                if number:
                    self._entries.insert(0, self._entries.pop(number))
                return cast("Result", entry.result)
        noted, reads = noting(criteria)
        result = self._compute(noted, *inputs)
        # A part may go on reading while its result is used, so what is noted is not copied.
        self._entries = [_Entry(inputs, reads, result), *self._entries[: self._most - 1]]
        return result

    def reads(self) -> Iterator[tuple[str, str]]:
        """Yield the groups and fields that the newest result depends on."""
        yield from self._entries[0].reads if self._entries else ()


def _are(first: tuple[object, ...], second: tuple[object, ...]) -> bool:
    return len(first) == len(second) and all(a is b for a, b in zip(first, second, strict=True))
