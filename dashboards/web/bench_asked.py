"""What the page *Bench* sends: which recordings, thresholds, class and reference; refused in one line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException

from dashboards.bench_values import Asked, Setting
from dashboards.web.marking import BAD_REQUEST

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_KEYS: Final = 500
"""Recordings of one question; more than anybody sees at a time."""
MOST_VALUES: Final = 201
MOST_NAME: Final = 80
MOST_REASON: Final = 1000


def asked_of(body: Mapping[str, object]) -> Asked:
    """Return what is looked at.

    Parameters
    ----------
    body : mapping of str to object
        ``{"keys": [...], "criteria": "...", "changes": {"group.field": "value"}, "word": "...", "reference": "..."}``.

    Raises
    ------
    HTTPException
        If it says nothing that can be looked at.
    """
    keys = body.get("keys")
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise _refused("keys", "a list of the keys of recordings")
    if not 0 < len(keys) <= MOST_KEYS or len(set(keys)) != len(keys):
        raise _refused("keys", f"1 to {MOST_KEYS} recordings, each once")
    return Asked(tuple(keys), setting_of(body), text_of(body, "word"), text_of(body, "reference"))


def setting_of(body: Mapping[str, object]) -> Setting:
    """Return thresholds: a set and what differs from it.

    Parameters
    ----------
    body : mapping of str to object
        Holds ``criteria`` and ``changes``.

    Raises
    ------
    HTTPException
        If it does not.
    """
    changes = body.get("changes", {})
    if not isinstance(changes, dict) or not all(isinstance(value, str) for value in changes.values()):
        raise _refused("changes", "an object of values as text, by the names of thresholds")
    return Setting(text_of(body, "criteria"), tuple(sorted(changes.items())))


def values_of(body: Mapping[str, object]) -> tuple[float, ...]:
    """Return the values of a threshold that a curve goes through, in the order in which they are wanted.

    Raises
    ------
    HTTPException
        If they are none.
    """
    values = body.get("values")
    if not isinstance(values, list) or not 0 < len(values) <= MOST_VALUES:
        raise _refused("values", f"a list of 1 to {MOST_VALUES} numbers")
    numbers = [float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) != len(values) or not all(map(math.isfinite, numbers)):
        raise _refused("values", "numbers")
    return tuple(numbers)


def text_of(body: Mapping[str, object], name: str, most: int = MOST_NAME) -> str:
    """Return a text of a request.

    Raises
    ------
    HTTPException
        If there is none, or it is too long.
    """
    text = body.get(name)
    if not isinstance(text, str) or len(text) > most:
        raise _refused(name, f"a text of at most {most} characters")
    return text


def _refused(name: str, expected: str) -> HTTPException:
    return HTTPException(BAD_REQUEST, f"{name}: expected {expected}")
