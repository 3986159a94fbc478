"""``soleus diary export`` and ``import``: the diary as a table, out and in."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from soleus import options
from soleus.book_diary import PersonDiary, note_of
from soleus.config import load
from soleus.diary_csv import read_table, written_table
from soleus.errors import ConfigError
from soleus.private_files import OWNER_ONLY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from soleus.diary_csv import Row

BAD_INPUT = 2
SCREEN = "-"


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@options.config_file
def export_command(*, file: Path, config_file: Path | None) -> None:
    """Write the whole diary into FILE as comma-separated values, or to the screen where FILE is -.

    Marks of buttons are not in it. What is changed in the table can be read back with `import`.
    """
    entries = [entry for entry in PersonDiary.of(load(config_file).settings).everything() if entry.key]
    table = written_table(entries)
    if str(file) == SCREEN:
        click.echo(table, nl=False)
        return
    try:
        # Somebody's diary: nobody else may read it, and no other file is written over.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError as error:
        raise click.UsageError(f"{file}: is there already, expected the name of a new file") from error
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
        out.write(table)
    click.echo(f"{file}: {len(entries)} entries", err=True)


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@options.config_file
@options.output_format("text", "json")
def import_command(*, file: Path, config_file: Path | None, form: str) -> int:
    """Read entries from FILE, comma-separated values with a row of names: at least time and kind.

    Everything is read before anything is kept: where one row cannot be kept, none is, and a line
    says why. A row with the key of an entry changes that entry; what is there already stays one.
    """
    diary = PersonDiary.of(load(config_file).settings)
    where = "standard input" if str(file) == SCREEN else str(file)
    table = read_table(_content(file, where), where)
    faults = [*table.faults, *_ahead(table.rows, where)]
    if faults:
        for fault in faults:
            click.echo(f"soleus: {fault}", err=True)
        click.echo(f"soleus: nothing was kept of {where}: {len(faults)} faults, expected none", err=True)
        return BAD_INPUT
    taken = diary.write_all([(row.key, row.entry) for row in table.rows])
    if form == options.JSON:
        click.echo(json.dumps(taken._asdict()))
    else:
        click.echo(f"{taken.new} new, {taken.changed} changed, {taken.known} there already")
    return 0


def _content(file: Path, where: str) -> str:
    raw = sys.stdin.buffer.read() if str(file) == SCREEN else file.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{where}: byte {error.start} is no UTF-8, expected a table that was saved as UTF-8"
        raise ConfigError(msg) from error


def _ahead(rows: Sequence[Row], where: str) -> list[str]:
    """Return a line for each row whose time is far ahead."""
    now_ns, faults = time.time_ns(), []
    for row in rows:
        try:
            note_of(row.entry, now_ns)
        except ValueError as error:
            faults.append(f"{where}, line {row.line}: {error}")
    return faults
