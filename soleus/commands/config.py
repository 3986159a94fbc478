"""``soleus config``: every effective setting and where it comes from."""

from __future__ import annotations

import json
import os
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from soleus import options
from soleus.config import MQTT_PASSWORD_VARIABLE, STORE_TOKEN_VARIABLE, Config, load
from soleus.sources import Source, citations, sources
from soleus.thresholds import flatten

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OURS = Source(published=False, constant="", reason="")


@click.command()
@options.config_file
@options.assignments
@options.output_format("table", "json")
def command(config_file: Path | None, assignments: tuple[str, ...], form: str) -> None:
    """Print every effective setting, every threshold, and where each comes from.

    A threshold is either published, with the paper's words, or ours, with our reason. Passwords
    and tokens are never printed.
    """
    config = load(config_file, assignments=assignments)
    rows = {**_settings(config), **_secrets(config)}
    thresholds = _thresholds(config)
    if form == "json":
        criteria = {"name": config.criteria.name, **thresholds}
        click.echo(json.dumps({"settings": rows, "criteria": criteria, "citations": citations()}, indent=2))
        return
    _print_tables(rows, thresholds, config.criteria.name)


def _settings(config: Config) -> dict[str, dict[str, Any]]:
    found = {}
    for key, value in _leaves(config.settings, ""):
        found[key] = {"value": None if value is None else str(value), "origin": config.origins.get(key, "default")}
    if config.settings.delivery is None:
        found["delivery"] = {"value": str(config.settings.effective_delivery), "origin": "default"}
    return found


def _leaves(value: object, prefix: str) -> Iterator[tuple[str, object]]:
    if not is_dataclass(value):
        yield prefix, value
        return
    for item in fields(value):
        inner = getattr(value, item.name)
        if item.name == "overrides":
            continue
        if item.name == "sensors":
            for position, sensor in enumerate(inner):
                yield from _leaves(sensor, f"sensor[{position}]")
            continue
        yield from _leaves(inner, f"{prefix}.{item.name}" if prefix else item.name)


def _secrets(config: Config) -> dict[str, dict[str, Any]]:
    places = {
        "mqtt.password": (config.settings.mqtt.password_file, MQTT_PASSWORD_VARIABLE),
        "store.token": (config.settings.store.token_file, STORE_TOKEN_VARIABLE),
    }
    rows = {}
    for key, (file, variable) in places.items():
        origin = str(file) if file is not None else f"environment {variable}" if variable in os.environ else "default"
        rows[key] = {"value": None if origin == "default" else "(hidden)", "origin": origin}
    return rows


def _thresholds(config: Config) -> dict[str, dict[str, Any]]:
    known = sources()
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


def _print_tables(rows: dict[str, dict[str, Any]], thresholds: dict[str, dict[str, Any]], name: str) -> None:
    # Whole lines even where the terminal is narrow or absent: what is printed is searched with grep.
    console = Console(width=None if os.isatty(1) else 200, highlight=False)
    table = Table("setting", "value", "origin", title="Settings", title_justify="left", box=None)
    for key, row in rows.items():
        table.add_row(key, "-" if row["value"] is None else row["value"], row["origin"])
    console.print(table)
    table = Table("threshold", "value", "origin", "source", title=f"\nCriteria {name}", title_justify="left", box=None)
    for key, row in thresholds.items():
        value = "none" if row["value"] is None else str(row["value"])
        if row["origin"] != name:
            table.add_row(key, value, row["origin"], "yours", style="bold")
        else:
            kind = "published" if row["published"] else "ours"
            table.add_row(key, value, row["origin"], f"{kind}: {row['reason']}" if row["reason"] else kind)
    console.print(table)
    console.print("\nPublished sets:")
    for constant, citation in citations().items():
        console.print(f"  {constant}: {citation}", markup=False)
