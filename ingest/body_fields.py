"""Fields of a message's body, each of the type that it must have; what is wrong with one is said without quoting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.errors import DecodeError
from ingest.unquoted import unquoted

if TYPE_CHECKING:
    from collections.abc import Mapping


def mapping_in(body: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return a field that holds an object; DecodeError if it does not."""
    value = body.get(name)
    if not isinstance(value, dict):
        msg = f"{name} is {unquoted(value)}, expected an object"
        raise DecodeError(msg)
    return value


def text_in(body: Mapping[str, object], name: str) -> str:
    """Return a field that holds a string; DecodeError if it does not."""
    value = body.get(name)
    if not isinstance(value, str):
        msg = f"{name} is {unquoted(value)}, expected a string"
        raise DecodeError(msg)
    return value


def number_in(body: Mapping[str, object], name: str) -> float:
    """Return a field that holds a number as a float; DecodeError if it does not."""
    value = body.get(name)
    if not isinstance(value, int | float):
        msg = f"{name} is {unquoted(value)}, expected a number"
        raise DecodeError(msg)
    return float(value)


def whole_in(body: Mapping[str, object], name: str) -> int:
    """Return a field that holds a whole number; DecodeError if it does not."""
    value = body.get(name)
    if not isinstance(value, int):
        msg = f"{name} is {unquoted(value)}, expected a whole number"
        raise DecodeError(msg)
    return value
