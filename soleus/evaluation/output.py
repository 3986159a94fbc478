"""An evaluation on a screen, and as a table with one number per row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from ingest.files.sheet import CellType, Sheet, SheetColumn, csv_text
from soleus.evaluation.rows import tables_of
from soleus.result_output import console_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ingest.files.sheet import Cell

# What says of which number a row is, and so is none itself.
LABELS = frozenset({"class", "matching", "rule", "what", "length", "rules", "index", "scored", "reference", "people"})
NOTE = (
    "Agreement with a list says how alike two lists are. It does not say which of them is right, and numbers of "
    "simulated nights say that the code works and nothing about people."
)
COLUMNS = (
    SheetColumn("scored", CellType.TEXT, "who is judged"),
    SheetColumn("reference", CellType.TEXT, "by whom"),
    SheetColumn("subject", CellType.TEXT, "whose recording; empty for all recordings together"),
    SheetColumn("recording", CellType.TEXT, "its name; empty for all together"),
    SheetColumn("part", CellType.TEXT, "events, presence, series, indices, or error"),
    SheetColumn("what", CellType.TEXT, "class of events, rule set, or what is looked at"),
    SheetColumn("how", CellType.TEXT, "way of matching, length of a stretch, or number of the night"),
    SheetColumn("number", CellType.TEXT, "name of the number, with its unit"),
    SheetColumn("value", CellType.NUMBER, "the number"),
    SheetColumn("low", CellType.NUMBER, "lower end of its 95 % interval, or lower quartile of an error"),
    SheetColumn("high", CellType.NUMBER, "upper end of it"),
    SheetColumn("text", CellType.TEXT, "what failed"),
)


def print_answer(answer: Mapping[str, Any]) -> None:
    """Print an evaluation for a person.

    Parameters
    ----------
    answer : mapping
        From :func:`soleus.evaluation.pooling.answer_of`.
    """
    console = Console(highlight=False)
    console_width(console)
    for rows in tables_of(answer):
        table = Table(*rows.head, title=rows.title, title_justify="left", box=None)
        for row in rows.rows:
            table.add_row(*(cell.replace("[", r"\[") for cell in row))
        console.print()
        console.print(table)
        console.print(rows.says, style="dim", markup=False)
    console.print()
    for note in answer["notes"]:
        console.print(note, markup=False)
    console.print(NOTE, style="dim")


def csv_of(answer: Mapping[str, Any]) -> str:
    """Return an evaluation as CSV, one number per row.

    Parameters
    ----------
    answer : mapping
        From :func:`soleus.evaluation.pooling.answer_of`.

    Returns
    -------
    str
        A header and the rows: first all recordings together, then each of them, then what failed.
    """
    return csv_text(Sheet("evaluation", "one number", COLUMNS, tuple(_rows(answer))))


def _rows(answer: Mapping[str, Any]) -> Iterator[dict[str, Cell]]:
    for pair in answer["pairs"]:
        yield from _of_pair(pair, {})
    for line in answer["recordings"]:
        whose: dict[str, Cell] = {"subject": line["subject"], "recording": line["recording"]}
        for pair in line["pairs"]:
            yield from _of_pair(pair, whose)
        for error in line["errors"]:
            yield {**whose, "part": "error", "text": error}


def _of_pair(pair: Mapping[str, Any], whose: Mapping[str, Cell]) -> Iterator[dict[str, Cell]]:
    who: dict[str, Cell] = {"scored": pair["scored"], "reference": pair["reference"], **whose}
    for part in ("events", "presence", "series", "indices"):
        for one in pair[part]:
            label: dict[str, Cell] = {
                **who,
                "part": part,
                "what": one.get("class") or one.get("what") or one.get("rules"),
                "how": one.get("matching") or one.get("length") or one.get("index"),
            }
            is_pair = part == "indices" and "scored" in one
            names = one if is_pair else [name for name in one if name not in LABELS]
            yield from (
                row for name in names if name not in {"rules", "index"} for row in _of_number(label, name, one[name])
            )


def _of_number(label: Mapping[str, Cell], name: str, value: Any) -> Iterator[dict[str, Cell]]:
    if isinstance(value, dict):
        yield {**label, "number": name, **{key: value[key] for key in ("value", "low", "high")}}
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for one in value:
            for side in ("sensitivity", "specificity"):
                yield from _of_number(label, f"{side}_at_{one['at_or_above_per_h']:g}_per_h", one[side])
    elif isinstance(value, list):
        yield {**label, "number": name, "low": value[0], "high": value[1]}
    else:
        yield {**label, "number": name, "value": value}
