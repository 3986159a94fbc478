"""The configuration in force as plain values: what ``soleus config`` prints and a night's folder keeps."""

from __future__ import annotations

import os
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from soleus.config import MQTT_PASSWORD_VARIABLE, STORE_TOKEN_VARIABLE, WEB_PASSWORD_VARIABLE, Config
from soleus.plugins import DETECTORS
from soleus.provenance import CHOSEN, RECORDINGS
from soleus.settings_file import KEYS
from soleus.sources import Source, citations, sources
from soleus.thresholds import flatten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from detectors.criteria import Criteria

OURS = Source(published=False, constant="", reason="")


def effective(config: Config) -> dict[str, Any]:
    """Return every effective setting and threshold with its origin; secrets are named, never shown.

    Parameters
    ----------
    config : Config
        What is in force.

    Returns
    -------
    dict
        ``settings`` and ``criteria`` by dotted name, and ``citations`` of the published sets; ``tuned`` or ``chosen``,
        if the thresholds come from a file of ``soleus tune`` or of the page *Bench*; ``detectors`` of others that are
        switched on, by name, with their versions.
    """
    told: dict[str, Any] = {
        table: _unnamed(rows) if table == CHOSEN else rows for table, rows in config.provenance.items()
    }
    if config.criteria.plugins:
        told["detectors"] = {plugin.name: plugin.version for plugin in config.criteria.plugins}
    return {
        "settings": {**_settings(config), **_secrets(config)},
        "criteria": {"name": config.criteria.name, **_thresholds(config)},
        "citations": citations(),
        **told,
    }


def _unnamed(told: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out which nights were looked at: a copy in the folder of every other night would outlive them."""
    return {key: value for key, value in told.items() if key != RECORDINGS}


def _settings(config: Config) -> dict[str, dict[str, Any]]:
    found = {}
    for key, value in _leaves(config.settings, ""):
        told = (", ".join(value) or None) if isinstance(value, tuple) else None if value is None else str(value)
        found[key] = {"value": told, "origin": config.origins.get(key, "default")}
    if config.settings.delivery is None:
        found["delivery"] = {"value": str(config.settings.effective_delivery), "origin": "default"}
    return found


def _leaves(value: object, prefix: str) -> Iterator[tuple[str, object]]:
    if not is_dataclass(value):
        yield prefix, value
        return
    for item in fields(value):
        inner = getattr(value, item.name)
        if item.name in ("overrides", "described"):
            continue
        key = f"{prefix}.{KEYS.get(item.name, item.name)}".lstrip(".")
        if isinstance(inner, tuple) and key != DETECTORS and all(is_dataclass(part) for part in inner):
            for position, part in enumerate(inner):
                yield from _leaves(part, f"{key}[{position}]")
            continue
        yield from _leaves(inner, key)


def _secrets(config: Config) -> dict[str, dict[str, Any]]:
    places = {
        "mqtt.password": (config.settings.mqtt.password_file, MQTT_PASSWORD_VARIABLE),
        "store.token": (config.settings.store.token_file, STORE_TOKEN_VARIABLE),
        "web.password": (config.settings.web.password_file, WEB_PASSWORD_VARIABLE),
    }
    rows = {}
    for key, (file, variable) in places.items():
        origin = str(file) if file is not None else f"environment {variable}" if variable in os.environ else "default"
        rows[key] = {"value": None if origin == "default" else "(hidden)", "origin": origin}
    return rows


def plugin_sources(criteria: Criteria) -> dict[str, Source]:
    """Return the source of the numbers of detectors that are not ours, by dotted name."""
    return {
        name: Source(published=False, constant=f"plug-in {plugin.name} {plugin.version}".strip(), reason="")
        for plugin in criteria.plugins
        for name in flatten(criteria)
        if name.startswith(f"{plugin.name}.")
    }


def _thresholds(config: Config) -> dict[str, dict[str, Any]]:
    known = sources() | plugin_sources(config.criteria)
    rows = {}
    for key, value in flatten(config.criteria).items():
        origin = config.origins.get(key)
        source = known.get(key, OURS) if origin is None else OURS
        rows[key] = {
            "value": value,
            "origin": origin or config.criteria.name,
            "published": source.published,
            "source": source.constant,
            "reason": source.reason,
        }
    return rows
