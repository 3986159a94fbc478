"""Read one ``soleus.toml``: TOML into frozen settings, and the line of each key.

An unknown key, a wrong type or an impossible value is one line that names the file, the line and the key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import cattrs
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, override

from detectors.signal import Leg, Quantity, Unit
from ingest.decoders.catalogue import DEVICES
from ingest.decoders.table import Counts, TableDevice, TableStream, TableWrite, TimeOf
from ingest.decoders.table_fields import ByteOrder
from ingest.night.entries import Delivery
from soleus.devices import known_device
from soleus.errors import ConfigError
from soleus.provenance import TABLES
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
    from collections.abc import Callable, Iterator

# Field names are plural where TOML repeats a table; everything said to a person uses the word in the file.
KEYS = {"sensors": "sensor", "devices": "device", "streams": "stream", "payload_hex": "bytes", "overrides": "set"}
# What no file says by this name.
OMITTED = frozenset({"described"})

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
    for table in TABLES:
        tables.pop(table, None)  # where its thresholds come from is no setting
    _check_tables(tables, path, origins)
    try:
        settings = _CONVERTER.structure(tables, Settings)
    except (cattrs.BaseValidationError, ValueError, TypeError) as error:
        key, reason = _first_fault(error, "")
        raise ConfigError(_located(key, reason, path, origins)) from error
    return replace(settings, sensors=tuple(_with_devices(settings, path, origins))), origins


def _with_devices(settings: Settings, path: Path, origins: Mapping[str, str]) -> Iterator[SensorSettings]:
    """Give each sensor the description of its device, if it has one; refuse devices and options that are unknown."""
    described = {table.name: table for table in settings.devices}
    for position, table in enumerate(settings.devices):
        if table.name in DEVICES:
            reason = f"name is {table.name!r}, which Soleus knows by itself, expected another name"
            raise ConfigError(_located(f"device[{position}]", reason, path, origins))
    for position, sensor in enumerate(settings.sensors):
        try:
            device = known_device(sensor.device, settings.devices)
            device.settled(sensor.options)
        except ConfigError as error:
            raise ConfigError(_located(f"sensor[{position}]", str(error), path, origins)) from error
        except ValueError as error:
            raise ConfigError(_located(f"sensor[{position}].options", str(error), path, origins)) from error
        yield replace(sensor, described=described.get(sensor.device))


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Yield each key of a TOML text with its line; tomllib does not say it."""
    prefix = ""
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]", line):
            path = _inside(re.sub(r"[\"' ]", "", header[2]), counts)
            if header[1] == "[[":
                position = counts[path] = counts.get(path, -1) + 1
                path += f"[{position}]"
            prefix = f"{path}."
            yield path, number
        elif key := re.match(r"\s*([\w.\"'-]+)\s*=", line):
            yield prefix + re.sub(r"[\"']", "", key[1]), number


def _inside(header: str, counts: Mapping[str, int]) -> str:
    """Return the path of a table; parents that repeat are the last of their kind."""
    path = ""
    *parents, last = header.split(".")
    for part in parents:
        path += part
        path += f"[{counts[path]}]." if path in counts else "."
    return path + last


def _first_fault(error: BaseException, key: str) -> tuple[str, str]:
    """Follow the first error of a group to its key and reason."""
    for note in getattr(error, "__notes__", ()):
        name, index = getattr(note, "name", None), getattr(note, "index", None)
        if name is not None:
            key += f".{KEYS.get(name, name)}"
        elif index is not None:
            key += f"[{index}]"
    if isinstance(error, BaseExceptionGroup):
        return _first_fault(error.exceptions[0], key)
    key = key.lstrip(".")
    if isinstance(error, ForbiddenExtraKeysError):
        prefix = f"{key}." if key else ""
        name = prefix + min(error.extra_fields)
        return name, unknown(
            name, [prefix + KEYS.get(item.name, item.name) for item in fields(error.cl) if item.name not in OMITTED]
        )
    if isinstance(error, KeyError):
        return key, f"{key} is missing"
    return key, str(error)


def _located(key: str, reason: str, path: Path, origins: Mapping[str, str]) -> str:
    """Put file, line and key before a reason; a reason may begin with the last word of its key."""
    word = reason.partition(" ")[0]
    longer = f"{key}.{word}".lstrip(".")
    if longer in origins:
        key, reason = longer, longer + reason.removeprefix(word)
    elif not key and "[" in word:
        key = word
    parent = key
    while parent and parent not in origins:
        parent = re.sub(r"(\[\d+\]|\.?[^.\[]+)$", "", parent)
    named = not key or reason.startswith((key, "unknown setting"))
    return f"{origins.get(parent, path.name)}: {reason if named else f'{key}: {reason}'}"


def _check_tables(tables: Mapping[str, object], path: Path, origins: Mapping[str, str]) -> None:
    for key in ("mqtt", "store", "web", "bluetooth", "alarm"):
        if not isinstance(tables.get(key, {}), dict):
            place = origins.get(key, origins.get(f"{key}[0]", path.name))
            msg = f"{place}: {key} is {tables[key]!r}, expected a table [{key}]"
            raise ConfigError(msg)
    for key in ("sensor", "device"):
        repeated = tables.get(key, [])
        if not isinstance(repeated, list) or not all(isinstance(table, dict) for table in repeated):
            msg = f"{origins.get(key, path.name)}: {key} is {repeated!r}, expected tables [[{key}]]"
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


def _texts(value: object, _: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(_text(item, str) for item in value)
    raise _refused(value, "a list of texts such as ['one', 'another']")


def _tables(value: object, kind: Any) -> tuple[Any, ...]:
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return tuple(_CONVERTER.structure(value, list[kind.__args__[0]]))
    raise _refused(value, "tables, such as [{ write = '2a00', bytes = '01' }] or [[device.stream]]")


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
    raise _refused(value, "one of " + ", ".join(choice for choice in kind if choice is not Leg.BOTH))


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
    converter.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _texts)
    for nested in (TableStream, TableWrite):
        converter.register_structure_hook_func(partial(_is_tuple_of, nested), _tables)
    for choice in (Delivery, Leg, Quantity, Unit, ByteOrder, Counts, TimeOf):
        converter.register_structure_hook(choice, _choice)
    for kind in _KINDS:
        changed: dict[str, Any] = _overrides(kind)
        make: Callable[..., Any] = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True, **changed)
        converter.register_structure_hook(kind, make)
    return converter


_KINDS: tuple[type, ...] = (
    *(SensorSettings, MqttSettings, StoreSettings, WebSettings, BluetoothSettings, AlarmSettings),
    *(TableStream, TableWrite, TableDevice, Settings),
)


def _overrides(kind: type) -> dict[str, Any]:
    renamed: dict[str, Any] = {
        item.name: override(rename=KEYS[item.name]) for item in fields(kind) if item.name in KEYS
    }
    return renamed | {item.name: override(omit=True) for item in fields(kind) if item.name in OMITTED}


def _is_tuple_of(nested: type, kind: object) -> bool:
    return kind == tuple[nested, ...]  # type: ignore[valid-type]  # a type made at run time


_CONVERTER = _converter()
