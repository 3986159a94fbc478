"""Criteria files as they are written: what differs from a named set, and where it comes from, as TOML."""

from __future__ import annotations

import json
import os
import tomllib
from typing import TYPE_CHECKING, Any

from detectors.criteria import named
from soleus.errors import ConfigError
from soleus.provenance import TABLES
from soleus.thresholds import flatten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from detectors.criteria import Criteria


def thresholds_told(criteria: Criteria) -> dict[str, Any]:
    """Return what a criteria file says of its thresholds.

    Parameters
    ----------
    criteria : Criteria
        Made from a named set.

    Returns
    -------
    dict
        ``criteria``, and ``detectors`` and ``set``, where there are any.

    Examples
    --------
    >>> from soleus.thresholds import apply_overrides
    >>> thresholds_told(apply_overrides(named("wasm-2016"), {"leg_movement.onset_uv": 6.0}))
    {'criteria': 'wasm-2016', 'set': {'leg_movement': {'onset_uv': 6.0}}}
    """
    changed = _differences(criteria)
    plugged = [plugin.name for plugin in criteria.plugins]
    return {
        "criteria": criteria.name,
        **({"detectors": plugged} if plugged else {}),
        **({"set": changed} if changed else {}),
    }


def write_criteria(content: Mapping[str, Any], head: str, path: Path) -> str:
    """Write a criteria file: whole or not at all.

    Parameters
    ----------
    content : mapping
        Plain values.
    head : str
        Lines of comment that stand above it.
    path : Path
        Where to; an earlier file is replaced.

    Returns
    -------
    str
        What was written.

    Raises
    ------
    ConfigError
        If what was written would not be read as it was meant; nothing has changed then.
    """
    text = head + "".join(f"{line}\n" for line in _lines(content, ""))
    if tomllib.loads(text) != json.loads(json.dumps(content)):
        msg = f"{path}: would not be read as it was meant; nothing was written"
        raise ConfigError(msg)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return text


def _differences(criteria: Criteria) -> dict[str, Any]:
    """Return the thresholds that differ from the named set, as nested tables."""
    as_published = flatten(named(criteria.name))
    tables: dict[str, Any] = {}
    for name, value in flatten(criteria).items():
        if name not in as_published or as_published[name] != value:
            *path, last = name.split(".")
            table = tables
            for part in path:
                table = table.setdefault(part, {})
            table[last] = "none" if value is None else value
    return tables


def _lines(table: Mapping[str, Any], prefix: str) -> Iterator[str]:
    """Yield a table as TOML: what is plain first, then tables, then those that repeat."""
    later = []
    for key, value in table.items():
        if (isinstance(value, dict) and _has_its_own_place(prefix)) or _repeats(value):
            later.append((key, value))
        else:
            yield f"{key} = {_inline(value)}"
    for key, value in later:
        path = f"{prefix}{key}"
        for part in value if _repeats(value) else [value]:
            if _repeats(value) or not all(isinstance(inner, dict) for inner in part.values()):
                yield f"\n[[{path}]]" if _repeats(value) else f"\n[{path}]"
            yield from _lines(part, f"{path}.")


def _has_its_own_place(prefix: str) -> bool:
    """Return whether tables inside of a table stand below it; those of the provenance are short."""
    return prefix.partition(".")[0] not in TABLES


def _repeats(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_inline(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    # A JSON string is a TOML string too, but for one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else json.dumps(name, ensure_ascii=False)
