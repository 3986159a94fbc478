"""The diary as a table of comma-separated values: written for a spreadsheet, and read back row by row."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, NamedTuple

from dashboards.diary import CHOICES, KINDS, NUMBERS, WORDS, Written
from ingest.diary_kinds import NAME, check_known
from soleus.entered_time import entered_ns, shown_time
from soleus.private_files import FORMULA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dashboards.diary import DiaryEntry

COLUMNS = ("time", "kind", *NUMBERS, *WORDS, "text", "key")
"""In the order in which they are written; of what is read only `time` and `kind` must be there."""
VALUE, WORD = "values.", "words."
"""What the column of a number or a word begins with that the diary does not know, and that came over MQTT."""
_NEEDED = ("time", "kind")
_MOST_QUOTED = 40


class Row(NamedTuple):
    """A row that can be kept: its line, what it says, and which entry it is where it says so."""

    line: int
    entry: Written
    key: str


class Table(NamedTuple):
    """What was read: the rows that can be kept, and a line of text for each that cannot."""

    rows: list[Row]
    faults: list[str]


def written_table(entries: Sequence[DiaryEntry]) -> str:
    """Return entries as a table, with a row of names; times are local, to the second, with their offset."""
    values = sorted({f"{VALUE}{name}" for entry in entries for name in entry.values.keys() - NUMBERS.keys()})
    words = sorted({f"{WORD}{name}" for entry in entries for name in entry.words.keys() - set(WORDS)})
    out = io.StringIO()
    writer = csv.DictWriter(out, [*COLUMNS[:-2], *values, *words, *COLUMNS[-2:]], lineterminator="\n", restval="")
    writer.writeheader()
    for entry in entries:
        numbers = {_named(VALUE, name, NUMBERS): _shown(value) for name, value in entry.values.items()}
        said = {_named(WORD, name, WORDS): _plain(word) for name, word in entry.words.items()}
        known = {"time": shown_time(entry.time_ns), "kind": entry.kind, "text": _plain(entry.text), "key": entry.key}
        writer.writerow({**numbers, **said, **known})
    return out.getvalue()


def _named(prefix: str, name: str, known: Iterable[str]) -> str:
    return name if name in known else f"{prefix}{name}"


def _plain(text: str) -> str:
    """Return a text with an apostrophe before what a spreadsheet would take for a formula."""
    # Also where the person wrote apostrophes before it: reading takes one away.
    return f"'{text}" if text.lstrip("'").startswith(FORMULA) else text


def _read(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell.lstrip("'").startswith(FORMULA) else cell


def _shown(value: float) -> str:
    return repr(float(value)).removesuffix(".0")


def read_table(text: str, where: str) -> Table:
    r"""Return the rows of a table, and what is wrong with the others.

    Parameters
    ----------
    text : str
        The table: with commas, or as spreadsheets write it where a comma is the decimal sign, with semicolons.
    where : str
        What it is called, for the lines about what is wrong.

    Examples
    --------
    >>> read_table("time,kind,pain_0_10\n2026-11-20 02:40,cramp,70\n", "old.csv").faults
    ['old.csv, line 2: pain_0_10 is 70, expected 0 to 10']
    """
    first = text.partition("\n")[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    table = Table([], [])
    names: list[str] = []
    try:
        names = [name.strip() for name in next(reader, [])]
        found = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        return Table([], [f"{where}, line {reader.line_num}: got {error}, expected comma-separated values"])
    table.faults.extend(f"{where}, line 1: {fault}" for fault in _heading_faults(names))
    if not table.faults:
        _read_rows(names, found, where, table, decimal="," if delimiter == ";" else ".")
    return table


def _heading_faults(names: Sequence[str]) -> list[str]:
    needed = ", ".join(_NEEDED)
    faults = [f"no column {name!r}, expected at least: {needed}" for name in _NEEDED if name not in names]
    unknown = (name for name in names if name not in COLUMNS and not _is_of_mqtt(name))
    faults += [f"column {name[:_MOST_QUOTED]!r} is unknown, expected of: {', '.join(COLUMNS)}" for name in unknown]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [*faults, *(f"column {name[:_MOST_QUOTED]!r} is there twice, expected once" for name in twice)]


def _is_of_mqtt(name: str) -> bool:
    prefix = next((prefix for prefix in (VALUE, WORD) if name.startswith(prefix)), None)
    return prefix is not None and NAME.fullmatch(name.removeprefix(prefix)) is not None


def _read_rows(
    names: Sequence[str], found: Iterable[tuple[int, Sequence[str]]], where: str, table: Table, *, decimal: str
) -> None:
    """Add rows, or what is wrong with them, to a table."""
    keys: set[str] = set()
    for line, cells in found:
        if not any(cell.strip() for cell in cells):
            continue
        try:
            row = _row(line, names, cells, decimal=decimal)
            if row.key in keys:
                msg = "key: got that of an earlier line, expected each once"
                raise ValueError(msg)  # noqa: TRY301 - said like every other fault of the row
        except ValueError as error:
            fault = str(error).removeprefix(VALUE).removeprefix(WORD)
            table.faults.append(f"{where}, line {line}: {fault}")
            continue
        keys |= {row.key} - {""}
        table.rows.append(row)


def _row(line: int, names: Sequence[str], cells: Sequence[str], *, decimal: str) -> Row:
    if len(cells) != len(names):
        msg = f"got {len(cells)} cells, expected {len(names)} as in line 1"
        raise ValueError(msg)
    said = {name: _read(cell) for name, cell in zip(names, cells, strict=True) if cell.strip()}
    values = {
        name.removeprefix(VALUE): _number(name, cell, decimal)
        for name, cell in said.items()
        if name in NUMBERS or name.startswith(VALUE)
    }
    words = {
        name.removeprefix(WORD): _choice(name, cell)
        for name, cell in said.items()
        if name in WORDS or name.startswith(WORD)
    }
    kind, key = said.get("kind", ""), said.get("key", "")
    if not key:
        _expect_known(kind, values, words)
    return Row(line, Written(kind, _time_ns(said.get("time", "")), said.get("text", ""), values, words), key)


def _expect_known(kind: str, values: Mapping[str, float], words: Mapping[str, str]) -> None:
    """Refuse a slip; what the diary wrote itself, with a key, may hold what came over MQTT."""
    if kind not in KINDS:
        msg = f"kind: got {kind[:_MOST_QUOTED]!r}, expected one of: {', '.join(KINDS)}"
        raise ValueError(msg)
    check_known(kind, values, words)


def _time_ns(cell: str) -> int:
    if "-" not in cell:
        # A time of the day would be another one tomorrow.
        msg = f"time: got {cell[:_MOST_QUOTED]!r}, expected a date and a time such as 2026-11-20 02:40"
        raise ValueError(msg)
    try:
        return entered_ns(cell)
    except ValueError as error:
        msg = f"time: {error}"
        raise ValueError(msg) from error


def _number(name: str, cell: str, decimal: str) -> float:
    try:
        return float(cell.replace(decimal, "."))
    except ValueError as error:
        msg = f"{name}: got {cell[:_MOST_QUOTED]!r}, expected a number such as 3{decimal}5"
        raise ValueError(msg) from error


def _choice(name: str, cell: str) -> str:
    if cell not in CHOICES.get(name, (cell,)):
        msg = f"{name}: got {cell[:_MOST_QUOTED]!r}, expected one of: {', '.join(CHOICES[name])}"
        raise ValueError(msg)
    return cell
