"""Settings as the text of a ``soleus.toml`` in which every setting is explained.

The explanations are those of the settings themselves: they stand once, in the docstrings of :mod:`soleus.settings`.
"""

from __future__ import annotations

import inspect
import json
import re
import textwrap
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from soleus.settings import SensorSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from soleus.settings import Settings

WIDTH: Final = 100
HEAD: Final = """\
# The configuration of Soleus. Every setting is in this file, and what stands above it explains it.
# A line such as "# name = value" shows what holds without it: take the "# " away to change it.
# A line such as "# name: not set, ..." shows what it may look like; nothing is set without it.
# `soleus config` prints what is in force and where it comes from; `soleus setup` asks again.
"""
THRESHOLDS: Final = """\
# Thresholds that differ from the named set stand in tables of their own, for example:
# [set.leg_movement]
# onset_uv = 8.0
# `soleus config` lists all of them with their source. Sensors that Soleus has no code for are
# described in [[device]] tables, see docs/devices.md.
"""
# What a setting that has no value unless it is set may look like.
_EXAMPLES: Final = {
    "delivery": "store",
    "mqtt.url": "mqtt://localhost:1883",
    "mqtt.user": "collector",
    "mqtt.password_file": "~/.config/soleus/mqtt_password",
    "mqtt.ca_file": "~/.config/soleus/ca.pem",
    "mqtt.client_cert": "~/.config/soleus/collector.crt",
    "mqtt.client_key": "~/.config/soleus/collector.key",
    "store.url": "http://localhost:8086",
    "store.token_file": "~/.config/soleus/influx_token",
    "web.name": "nights.example.org",
    "web.password_file": "~/.config/soleus/web_password",
    "web.tls_cert": "~/.config/soleus/web.pem",
    "web.tls_key": "~/.config/soleus/web.key",
}
_OWN_PLACE = frozenset({"overrides", "sensors", "devices", "described"})
_KEPT_TABLE = re.compile(r"\s*\[\[?\s*(set|device)\b")
_TABLE = re.compile(r"\s*\[")


def commented(settings: Settings, kept: str = "") -> str:
    """Return settings as a commented TOML text.

    Parameters
    ----------
    settings : Settings
        The settings; thresholds and described devices among them are taken from `kept`.
    kept : str
        Tables of an earlier file to keep as they are, see :func:`kept_tables`.

    Returns
    -------
    str
        The text; what has its default is commented out.
    """
    tables = [item.name for item in fields(settings) if hasattr(getattr(settings, item.name), "__dataclass_fields__")]
    parts = [HEAD, "\n".join(_entries(settings, "", skipped=frozenset(tables)))]
    if not settings.sensors:
        example = SensorSettings("left-shin", "lsp", "C4:00:00:00:00:01", "left")  # type: ignore[arg-type]  # a text
        lines = ["[[sensor]]", *_entries(example, "sensor")]
        parts.append("\n".join(line if line.startswith("#") else f"# {line}" for line in lines))
    for position, sensor in enumerate(settings.sensors):
        lines = list(_entries(sensor, "sensor") if position == 0 else _values(sensor))
        parts.append("\n".join(["[[sensor]]", *lines]))
    for name in tables:
        table = getattr(settings, name)
        about = [f"# {line}" for line in textwrap.wrap(_summary(table), WIDTH - 2)]
        parts.append("\n".join([*about, f"[{name}]", *_entries(table, name)]))
    return "\n\n".join(part.rstrip("\n") for part in [*parts, THRESHOLDS, kept] if part) + "\n"


def kept_tables(text: str) -> str:
    r"""Return the ``[set…]`` and ``[[device]]`` tables of a TOML text as they stand there.

    Examples
    --------
    >>> kept_tables('person = "a"\n[set.cramp]\nmin_s = 9.0\n[web]\nport = 1\n')
    '[set.cramp]\nmin_s = 9.0\n'
    """
    lines, keeping = [], False
    for line in text.splitlines():
        if _TABLE.match(line):
            keeping = _KEPT_TABLE.match(line) is not None
        if keeping:
            lines.append(line)
    return "\n".join(lines) + "\n" if lines else ""


def _entries(table: Any, prefix: str, skipped: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield each setting of a table with its explanation above it."""
    explained = _explanations(table)
    said = ""
    for item in fields(table):
        if item.name in _OWN_PLACE | skipped:
            continue
        # Names that are explained together stand together.
        if explained[item.name] != said:
            said = explained[item.name]
            yield from (f"# {line}" for line in textwrap.wrap(said, WIDTH - 2, break_on_hyphens=False))
        value, default = getattr(table, item.name), _default(item)
        if value is None:
            example = _EXAMPLES[f"{prefix}.{item.name}".lstrip(".")]
            yield f"# {item.name}: not set, for example {item.name} = {_toml(example)}"
        else:
            yield f"{'# ' if value == default else ''}{item.name} = {_toml(value)}"


def _values(table: Any) -> Iterator[str]:
    for item in fields(table):
        value = getattr(table, item.name)
        if item.name not in _OWN_PLACE and value != _default(item):
            yield f"{item.name} = {_toml(value)}"


def _default(item: Any) -> object:
    return item.default_factory() if item.default_factory is not MISSING else item.default


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(number)}" for key, number in value.items()) + " }" if value else "{}"
    # A JSON string is a TOML string too, but for one character.
    text = str(value) if isinstance(value, Path) else value
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _summary(table: object) -> str:
    """Return the first sentence of a table's docstring, without its markup."""
    first = inspect.cleandoc(type(table).__doc__ or "").partition("\n\n")[0]
    return " ".join(re.sub(r": (an?|the) ``\[.*?\]`` table", "", first).replace("`", "").split())


def _explanations(table: object) -> dict[str, str]:
    """Return what the docstring of a table says about each of its settings."""
    text = inspect.cleandoc(type(table).__doc__ or "").partition("Parameters\n----------\n")[2]
    found: dict[str, str] = {}
    names: list[str] = []
    for line in text.split("\n\n")[0].splitlines():
        if line.startswith(" "):
            for name in names:
                found[name] = f"{found.get(name, '')} {line.strip()}".strip().replace("`", "")
        else:
            names = [name.strip() for name in line.partition(" : ")[0].split(",")]
    return found
