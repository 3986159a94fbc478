"""Read one ``soleus.toml``: TOML into frozen settings, and the line of each key.

An unknown key, a wrong type or an impossible value is one line that names the file, the line and the key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import cattrs
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, override

from detectors.signal import Leg
from ingest.night.entries import Delivery
from soleus.errors import ConfigError
from soleus.settings import (
    AlarmSettings,
    BluetoothSettings,
    MqttSettings,
    SensorSettings,
    Settings,
    StoreSettings,
    WebSettings,
)
from soleus.thresholds import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

# Field names are plural where TOML repeats a table; everything said to a person uses the word in the file.
_KEYS = {"sensors": "sensor", "overrides": "set"}

Choice = TypeVar("Choice", bound=StrEnum)


def read(path: Path) -> tuple[Settings, dict[str, str]]:
    """Read one configuration file.

    Parameters
    ----------
    path : Path
        A TOML file.

    Returns
    -------
    settings : Settings
        What it says, defaults filled in.
    origins : dict of str to str
        ``file:line`` of each key in it.

    Raises
    ------
    ConfigError
        If it cannot be read, or a key is unknown, or a value is impossible.
    """
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        msg = f"{path}: cannot be read as TOML: {reason}"
        raise ConfigError(msg) from error
    origins = {key: f"{path.name}:{line}" for key, line in _lines(text)}
    _check_tables(tables, path, origins)
    try:
        return _CONVERTER.structure(tables, Settings), origins
    except (cattrs.BaseValidationError, ValueError, TypeError) as error:
        key, reason = _first_fault(error, "")
        raise ConfigError(_located(key, reason, path, origins)) from error


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Yield each key of a TOML text with its line; tomllib does not say it."""
    prefix = ""
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[\s*([^\]]+?)\s*\]\]", line):
            position = counts[header[1]] = counts.get(header[1], -1) + 1
            prefix = f"{header[1]}[{position}]."
            yield prefix[:-1], number
        elif header := re.match(r"\s*\[\s*([^\]]+?)\s*\]", line):
            prefix = f"{header[1]}."
            yield prefix[:-1], number
        elif key := re.match(r"\s*([\w.-]+)\s*=", line):
            yield prefix + key[1], number


def _first_fault(error: BaseException, key: str) -> tuple[str, str]:
    """Follow the first error of a group to its key and reason."""
    for note in getattr(error, "__notes__", ()):
        name, index = getattr(note, "name", None), getattr(note, "index", None)
        if name is not None:
            key += f".{_KEYS.get(name, name)}"
        elif index is not None:
            key += f"[{index}]"
    if isinstance(error, BaseExceptionGroup):
        return _first_fault(error.exceptions[0], key)
    key = key.lstrip(".")
    if isinstance(error, ForbiddenExtraKeysError):
        prefix = f"{key}." if key else ""
        name = prefix + min(error.extra_fields)
        return name, unknown(name, [prefix + _KEYS.get(item.name, item.name) for item in fields(error.cl)])
    if isinstance(error, KeyError):
        return key, f"{key} is missing"
    return key, str(error)


def _located(key: str, reason: str, path: Path, origins: Mapping[str, str]) -> str:
    """Put file, line and key before a reason; a reason may begin with the last word of its key."""
    word = reason.partition(" ")[0]
    longer = f"{key}.{word}".lstrip(".")
    if longer in origins:
        key, reason = longer, longer + reason.removeprefix(word)
    parent = key
    while parent and parent not in origins:
        parent = parent.rpartition(".")[0]
    named = not key or reason.startswith((key, "unknown setting"))
    return f"{origins.get(parent, path.name)}: {reason if named else f'{key}: {reason}'}"


def _check_tables(tables: Mapping[str, object], path: Path, origins: Mapping[str, str]) -> None:
    for key in ("mqtt", "store", "web", "bluetooth", "alarm"):
        if not isinstance(tables.get(key, {}), dict):
            msg = f"{origins.get(key, path.name)}: {key} is {tables[key]!r}, expected a table [{key}]"
            raise ConfigError(msg)
    sensors = tables.get("sensor", [])
    if not isinstance(sensors, list) or not all(isinstance(sensor, dict) for sensor in sensors):
        msg = f"{origins.get('sensor', path.name)}: sensor is {sensors!r}, expected tables [[sensor]]"
        raise ConfigError(msg)


def _text(value: object, _: object) -> str:
    if isinstance(value, str):
        return value
    raise _refused(value, "text in quotes")


def _whole(value: object, _: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _refused(value, "a whole number")


def _real(value: object, _: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise _refused(value, "a number")


def _truth(value: object, _: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _refused(value, "true or false")


def _numbers(value: object, _: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise _refused(value, "a table of numbers such as { range_g = 8 }")
    return {str(key): _real(number, float) for key, number in value.items()}


def _path(value: object, _: object) -> Path:
    # No system has a file of that name, and Python only says so when it is opened.
    if isinstance(value, str) and "\0" not in value:
        return Path(value).expanduser()
    raise _refused(value, "a path in quotes")


def _thresholds(value: object, _: object) -> dict[str, object]:
    if not isinstance(value, dict) or not all(isinstance(table, dict) for table in value.values()):
        raise _refused(value, "tables such as [set.leg_movement]")
    return dict(_flat(value, ""))


def _flat(table: Mapping[str, object], prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _choice(value: object, kind: type[Choice]) -> Choice:
    if isinstance(value, str) and value in list(kind):
        return kind(value)
    raise _refused(value, "one of " + ", ".join(kind))


def _refused(value: object, expected: str) -> TypeError:
    return TypeError(f"got {value!r}, expected {expected}")


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_structure_hook(str, _text)
    converter.register_structure_hook(int, _whole)
    converter.register_structure_hook(float, _real)
    converter.register_structure_hook(bool, _truth)
    converter.register_structure_hook(Path, _path)
    converter.register_structure_hook_func(lambda kind: kind == Mapping[str, float], _numbers)
    converter.register_structure_hook_func(lambda kind: kind == Mapping[str, object], _thresholds)
    for choice in (Delivery, Leg):
        converter.register_structure_hook(choice, _choice)
    for kind in (SensorSettings, MqttSettings, StoreSettings, WebSettings, BluetoothSettings, AlarmSettings):
        converter.register_structure_hook(kind, make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True))
    renamed = {field: override(rename=key) for field, key in _KEYS.items()}
    make = make_dict_structure_fn(Settings, converter, _cattrs_forbid_extra_keys=True, **renamed)  # type: ignore[arg-type]  # cattrs takes overrides as keywords
    converter.register_structure_hook(Settings, make)
    return converter


_CONVERTER = _converter()
