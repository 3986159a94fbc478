"""Tables whose columns are told: their types, what they mean, and how they are written as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Cell: TypeAlias = str | int | float | bool | None

# A spreadsheet takes a text that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class CellType(StrEnum):
    """What stands in a column; the names are those of a Frictionless table schema."""

    TEXT = "string"
    WHOLE = "integer"
    NUMBER = "number"
    FLAG = "boolean"
    TIME = "datetime"
    """ISO 8601 with the offset from UTC."""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column.

    Parameters
    ----------
    name : str
        Its name, the unit at the end.
    cell_type : CellType
        What stands in it; every cell may be empty.
    words : str
        What it says, as a sentence or part of one.
    """

    name: str
    cell_type: CellType
    words: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table.

    Parameters
    ----------
    name : str
        Name of the file without its ending.
    words : str
        What a row is.
    columns : tuple of SheetColumn
        In their order.
    rows : tuple of mapping of str to cell
        By the name of the column; what is missing is empty.
    """

    name: str
    words: str
    columns: tuple[SheetColumn, ...]
    rows: tuple[Mapping[str, Cell], ...]


def csv_text(sheet: Sheet) -> str:
    r"""Return a table as CSV (RFC 4180 with line feeds).

    Parameters
    ----------
    sheet : Sheet
        The table.

    Returns
    -------
    str
        A header and one line per row. A number is written so that it is read back the same; what a spreadsheet would
        take for a formula has an apostrophe before it.

    Examples
    --------
    >>> column = SheetColumn("onset_ns", CellType.WHOLE, "begin")
    >>> csv_text(Sheet("events", "an event", (column,), ({"onset_ns": 5}, {})))
    'onset_ns\n5\n""\n'
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_cell(row.get(column.name)) for column in sheet.columns])
    return out.getvalue()


def _cell(value: Cell) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
