"""Lists of scored events as tables: CSV, TSV, exports of other programs with a header line, and our own."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from detectors.signal import NS_PER_S
from ingest.errors import DecodeError
from ingest.files.scored_rows import EPOCH_NS, Row, length_ns, put_together, seconds_ns
from ingest.files.scoring_clock import Elapsed, date_time, is_clock, of_day_ns, offset_of
from ingest.files.scoring_words import meaning_of
from ingest.files.wall_clock import local_start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ingest.files.events_tsv import ScoredEvents

_NAMES: Final = {
    "onset": ("onset", "start", "begin", "start time", "starttime", "onset time", "time", "time hh mm ss"),
    "end": ("end", "stop", "end time", "offset", "stop time"),
    "duration": ("duration", "dur", "length"),
    "name": ("trial type", "type", "kind", "event", "event type", "name", "description", "label", "annotation", "class",
             "concept", "stage", "sleep stage", "text"),
    "night": ("night",),
    "epoch": ("epoch", "epoch number", "epoch no"),
    "where": ("leg", "side", "location", "channel", "signal", "input", "sensor"),
}  # fmt: skip
_STAGE_COLUMNS: Final = frozenset({"stage", "sleep stage"})
_PER_UNIT: Final = {"": NS_PER_S, "s": NS_PER_S, "sec": NS_PER_S, "seconds": NS_PER_S, "ms": 1_000_000, "us": 1000,
                    "ns": 1}  # fmt: skip
_SEPARATORS: Final = "\t;,|"
# Programs write a head of names and dates before the table.
_MOST_HEAD_LINES: Final = 100
# From 2001 on: so many seconds mean a date, and no time since a recording began.
_DATED_NS: Final = 10**9 * NS_PER_S
_EPOCH_DAY: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - any day: only the time of it is looked at


class _Found(NamedTuple):
    """A column of the table: where it stands, what it is called, and ns per unit."""

    at: int
    name: str
    per_unit: int


class Table(NamedTuple):
    """A table of scored events.

    Parameters
    ----------
    columns : mapping of str to _Found
        ``onset``, ``name``, and what else there is of ``end``, ``duration`` and ``where``.
    rows : sequence of (str, sequence of str)
        Place and cells of each row.
    """

    columns: Mapping[str, _Found]
    rows: Sequence[tuple[str, Sequence[str]]]


def find_table(lines: Sequence[str], place: str) -> Table | None:
    """Return the table in a text, or None if there is no line with names for an onset and an event.

    Parameters
    ----------
    lines : sequence of str
        The text; its first 100 lines may be a head.
    place : str
        The file, for messages.

    Returns
    -------
    Table or None
        The table.

    Raises
    ------
    DecodeError
        If a cell is longer than any name: that is another document.
    """
    try:
        return _table_in(lines, place)
    except csv.Error as error:
        raise DecodeError(f"{place}: is no table ({error}), expected a list of scored events") from error


def _table_in(lines: Sequence[str], place: str) -> Table | None:
    for number, line in enumerate(lines[:_MOST_HEAD_LINES]):
        for separator in _SEPARATORS:
            columns = columns_of(next(csv.reader([line], delimiter=separator), []))
            if columns is not None:
                told = enumerate(csv.reader(lines[number + 1 :], delimiter=separator), start=number + 2)
                return Table(columns, [(f"{place}:{at}", cells) for at, cells in told if any(map(str.strip, cells))])
    return None


def columns_of(header: Sequence[str]) -> Mapping[str, _Found] | None:
    """Return which columns are what, or None if there is no onset or no name among them."""
    found: dict[str, _Found] = {}
    known = [_known(name) for name in header]
    for role, names in _NAMES.items():
        ranked = sorted((names.index(name), at) for at, (name, _) in enumerate(known) if name in names)
        if ranked:
            at = ranked[0][1]
            found[role] = _Found(at, header[at].strip(), _PER_UNIT[known[at][1]])
    if "onset" not in found and "epoch" in found:
        found["onset"] = found["epoch"]._replace(per_unit=EPOCH_NS)
    return found if {"onset", "name"} <= found.keys() else None


def read_table(table: Table, path: Path, start_ns: int | None, time_zone: str | None) -> ScoredEvents:
    """Read a table of scored events.

    Parameters
    ----------
    table : Table
        See :func:`find_table`.
    path : Path
        The list, for messages.
    start_ns : int or None
        When the recording began, UTC ns.
    time_zone : str or None
        Where it was recorded.

    Returns
    -------
    ScoredEvents
        Onsets are seconds since the recording began (or ms, ns, as the name of the column says), times of the day, or
        dates with a time.

    Raises
    ------
    DecodeError
        If a cell is not what its column is.
    """
    _expect_whole(table)
    read_ns = _reader(table, start_ns, time_zone)
    is_stage = table.columns["name"].name.lower().replace("_", " ") in _STAGE_COLUMNS
    rows = []
    for place, cells in table.rows:
        name, where = (_cell(cells, table.columns.get(role)) for role in ("name", "where"))
        onset_ns = read_ns(_cell(cells, table.columns["onset"]), place)
        lasts_ns = _lasts_ns(table, cells, onset_ns, read_ns, place)
        rows.append(Row(onset_ns, lasts_ns, name, meaning_of(name, where, is_stage=is_stage)))
    return put_together(rows, path)


def _known(name: str) -> tuple[str, str]:
    """Return the name of a column in plain words, and the unit at its end."""
    words = re.findall(r"[a-z0-9]+", name.lower())
    unit = words[-1] if len(words) > 1 and words[-1] in _PER_UNIT else ""
    return " ".join(words[:-1] if unit else words), unit


def _expect_whole(table: Table) -> None:
    """Refuse rows that are too short, and more than one night."""
    width = max(one.at for one in table.columns.values()) + 1
    for place, cells in table.rows:
        if len(cells) < width:
            raise DecodeError(f"{place}: got {len(cells)} columns, expected {width} or more as in the header")
    nights = sorted({_cell(cells, table.columns.get("night")) for _, cells in table.rows})
    if len(nights) > 1:
        raise DecodeError(
            f"{table.rows[0][0]}: got {len(nights)} nights ({nights[0]}, ...), expected the events of one"
        )


def _cell(cells: Sequence[str], column: _Found | None) -> str:
    return "" if column is None else cells[column.at].strip()


def _lasts_ns(
    table: Table, cells: Sequence[str], onset_ns: int, read_ns: Callable[[str, str], int], place: str
) -> int | None:
    end, duration = table.columns.get("end"), table.columns.get("duration")
    if end is not None and _cell(cells, end):
        lasts_ns = read_ns(_cell(cells, end), place) - onset_ns
        if lasts_ns < 0:
            raise DecodeError(
                f"{place}: ends {-lasts_ns / NS_PER_S:g} s before its onset, expected 0 s or more after it"
            )
        return lasts_ns
    told = None if duration is None else length_ns(_cell(cells, duration), duration.name, place)
    return None if told is None or duration is None else told * duration.per_unit // NS_PER_S


def _reader(table: Table, start_ns: int | None, time_zone: str | None) -> Callable[[str, str], int]:
    """Return what makes ns since the recording began of a cell; all cells are like the first."""
    column = table.columns["onset"]
    first, place = (_cell(table.rows[0][1], column), table.rows[0][0]) if table.rows else ("0", "")
    if is_clock(first):
        # Where nobody says when the recording began, the list begins with its first row.
        begin = local_start(start_ns, time_zone) if start_ns is not None else _EPOCH_DAY + _of_day(first, place)
        return _clock_reader(Elapsed(begin, 0))
    if any(mark in first for mark in ":/") or first.count("-") > 1:
        return _date_reader(first, place, start_ns, time_zone)
    return _number_reader(table, column, start_ns, time_zone)


def _of_day(text: str, place: str) -> timedelta:
    return timedelta(microseconds=of_day_ns(text, place) // 1000)


def _clock_reader(elapsed: Elapsed) -> Callable[[str, str], int]:
    return lambda text, place: elapsed.since(of_day_ns(text, place))


def _date_reader(first: str, place: str, start_ns: int | None, time_zone: str | None) -> Callable[[str, str], int]:
    near = None if start_ns is None else local_start(start_ns, time_zone)
    begin = date_time(first, place, near)
    begin_ns = offset_of(begin, start_ns, time_zone, place)

    def read_ns(text: str, place: str) -> int:
        at = date_time(text, place, near)
        if (at.tzinfo is None) is not (begin.tzinfo is None):
            an_offset = "no offset" if begin.tzinfo is None else "an offset"
            raise DecodeError(f"{place}: got {text[:40]!r}, expected {an_offset} from UTC as {first[:40]!r} has")
        return begin_ns + (at - begin) // timedelta(microseconds=1) * 1000

    return read_ns


def _number_reader(
    table: Table, column: _Found, start_ns: int | None, time_zone: str | None
) -> Callable[[str, str], int]:
    def read_ns(text: str, place: str) -> int:
        return _number_ns(text, column, place)

    onsets = [read_ns(_cell(cells, column), place) for place, cells in table.rows]
    if column.per_unit == EPOCH_NS:
        # Some count epochs from 0 and some from 1; a list of all of them begins with the recording.
        return lambda text, place: read_ns(text, place) - min(onsets)
    if not onsets or min(onsets) < _DATED_NS:
        return read_ns
    begin_ns = min(onsets) if start_ns is None else start_ns
    offset_of(datetime.fromtimestamp(min(onsets) // NS_PER_S, UTC), start_ns, time_zone, table.rows[0][0])
    return lambda text, place: read_ns(text, place) - begin_ns


def _number_ns(text: str, column: _Found, place: str) -> int:
    if column.per_unit == 1 and re.fullmatch(r"-?\d{1,19}", text):
        return int(text)
    return seconds_ns(text, column.name, place) * column.per_unit // NS_PER_S
