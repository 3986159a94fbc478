"""``soleus config``: every effective setting and where it comes from."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from soleus import options
from soleus.config import choose_criteria, load, load_with
from soleus.effective import effective
from soleus.methods import methods
from soleus.plugins import installed_versions
from soleus.provenance import WRITERS
from soleus.sources import citations

if TYPE_CHECKING:
    from pathlib import Path

    from detectors.criteria import Criteria


@click.command()
@options.config_file
@options.criteria
@options.assignments
@options.output_format("table", "json")
@click.option(
    "--methods",
    "methods_form",
    is_flag=False,
    flag_value="text",
    type=click.Choice(["text", "markdown"]),
    metavar="[text|markdown]",
    help="Print what a paper says about the scoring instead: every number with where it comes from.",
)
def command(
    config_file: Path | None, criteria: str | None, assignments: tuple[str, ...], form: str, methods_form: str | None
) -> None:
    """Print every effective setting, every threshold, and where each comes from.

    A threshold is either published, with the paper's words, or ours, with our reason. Passwords
    and tokens are never printed.
    """
    if methods_form is not None:
        _print_methods(choose_criteria(criteria, config_file, assignments), methods_form, form)
        return
    config = (
        load(config_file, assignments=assignments)
        if criteria is None
        else load_with(criteria, config_file, assignments)
    )
    found = effective(config)
    found["installed_detectors"] = installed_versions()
    if form == "json":
        click.echo(json.dumps(found, indent=2))
        return
    name = found["criteria"].pop("name")
    _print_tables(found["settings"], found["criteria"], name)
    for table, told in WRITERS.items():
        if table in found:
            _print_provenance(told, found[table])
    if found["installed_detectors"]:
        there = ", ".join(f"{name} {version}".strip() for name, version in found["installed_detectors"].items())
        click.echo(f"\nDetectors of others that are installed (--detector NAME switches one on): {there}")


def _print_methods(criteria: Criteria, methods_form: str, form: str) -> None:
    told = methods(criteria)
    said = told.markdown() if methods_form == "markdown" else told.plain()
    click.echo(json.dumps({"methods": said}) if form == "json" else said, nl=form == "json")


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
            plugged = row["source"] if row["source"].startswith("plug-in ") else "ours"
            kind = "published" if row["published"] else plugged
            table.add_row(key, value, row["origin"], f"{kind}: {row['reason']}" if row["reason"] else kind)
    console.print(table)
    console.print("\nPublished sets:")
    for constant, citation in citations().items():
        console.print(f"  {constant}: {citation}", markup=False)


def _print_provenance(by: str, told: dict[str, Any]) -> None:
    """Print how the thresholds were chosen; the nights and folds stand in the file."""
    console = Console(width=None if os.isatty(1) else 200, highlight=False)
    table = Table(f"chosen by {by}", "", title="\nWhere they come from", title_justify="left", box=None)
    for key, value in told.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            table.add_row(key, f"{len(value)}, see the file")
        else:
            table.add_row(key, escape(_told(value)))
    console.print(table)


def _interval(value: object) -> str:
    """Return a number with its interval, of several that stand in one line."""
    if not isinstance(value, dict):
        return str(value)
    low, high = value.get("low", "?"), value.get("high", "?")
    return f"{value['value']} ({low} to {high})" if "low" in value or "high" in value else str(value["value"])


def _told(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_interval(item)}" for key, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
