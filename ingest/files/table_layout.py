"""What the columns of a table of numbers are, as its owner declares it in a small TOML file.

::

    start = 2026-10-24T22:30:00      # with an offset, or with a time zone; not needed where a time column says it
    time_zone = "Europe/Berlin"
    fs_hz = 500                      # not needed where there is a time column

    [columns]
    emg_l = {channel = "EMG TA-L", unit = "mV"}
    ax = {channel = "ACC-L x", unit = "mg"}

    [time]                           # a column that says when each row was measured
    column = "t"
    unit = "s"                       # s, ms, us, ns; or "date" for 2026-10-24T22:30:00.002

    [csv]
    delimiter = ";"
    decimal = ","
    skip_lines = 3
    header = true

    [long]                           # a row for each sample of each channel, instead of a column for each channel
    channel = "name"
    value = "value"
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from ingest.errors import DecodeError
from ingest.files.edf_channels import EXAMPLES, LEFT_OUT, channel_of
from ingest.files.wall_clock import zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUFFIX: Final = ".layout.toml"
DATE: Final = "date"
NS_PER_UNIT: Final = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1000, "ns": 1}
# A layout is a page at most; a recording given in its place is refused before it is read.
_MOST_BYTES: Final = 1 << 20
# No count is worth more, and nothing is measured faster; what is larger would be no number any more.
_MOST: Final = 1e9
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """One column, or in the long form one channel.

    Parameters
    ----------
    channel : str
        What it is, in words that are understood as labels are: ``EMG TA-L``, ``ACC-L x``.
    unit : str
        ``uV``, ``mV``, ``g``, ``mg`` ...
    scale : float
        What a number is multiplied by to be in `unit`.
    """

    channel: str
    unit: str
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How a table is written as text.

    Parameters
    ----------
    delimiter, decimal : str
        What stands between cells, and inside a number.
    skip_lines : int
        Lines before the table.
    header : bool
        Whether the first line of the table has the names of its columns; they are ``1``, ``2`` ... where it has not.
    """

    delimiter: str = ","
    decimal: str = "."
    skip_lines: int = 0
    header: bool = True


@dataclass(frozen=True, slots=True)
class TableLayout:
    """What is declared of a table.

    Parameters
    ----------
    path : Path
        The layout, for messages.
    columns : mapping of str to ColumnLayout
        By the name of the column or channel.
    fs_hz : float, optional
        Sampling rate, Hz.
    start : datetime, optional
        When the first sample was taken.
    time_zone : str, optional
        Where it was recorded.
    time : tuple of str, optional
        Name and unit of the time column.
    long : tuple of str, optional
        Names of the columns with the channel and the value.
    csv : CsvForm
        How it is written as text.
    """

    path: Path
    columns: Mapping[str, ColumnLayout]
    fs_hz: float | None = None
    start: datetime | None = None
    time_zone: str | None = None
    time: tuple[str, str] | None = None
    long: tuple[str, str] | None = None
    csv: CsvForm = field(default_factory=CsvForm)


def layout_beside(path: Path) -> Path | None:
    """Return the layout beside a table: ``night.layout.toml`` of ``night.csv``, or ``layout.toml`` of all; or None."""
    places = (path.with_name(f"{path.stem}{SUFFIX}"), path.with_name("layout.toml"))
    return next((place for place in places if place.is_file()), None)


def read_table_layout(path: Path) -> TableLayout:
    """Read a layout.

    Parameters
    ----------
    path : Path
        A TOML file, see the head of this module.

    Returns
    -------
    TableLayout
        What it declares.

    Raises
    ------
    DecodeError
        If it is no TOML, or declares something that there is not.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise DecodeError(f"{path}: has {path.stat().st_size} bytes, expected a layout of a page")
    try:
        table = _Told(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DecodeError(f"{path}: is no TOML ({error}), expected a layout") from error
    columns = {name: _column(one) for name, one in table.tables("columns").items()}
    fs_hz = table.number("fs_hz", None)
    start = table.start()
    zone = _zone(table.text("time_zone", None), path)
    moment, long, csv = (table.table(name) for name in ("time", "long", "csv"))
    layout = TableLayout(path, columns, fs_hz, start, zone, _time(moment), _long(long), _csv(csv))
    for one in (table, moment, long, csv):
        if one is not None:
            one.expect_nothing_else()
    if not columns:
        raise DecodeError(
            f"{path}: declares no [columns], expected for example emg = {{channel = 'EMG TA-L', unit = 'uV'}}"
        )
    if fs_hz is None and layout.time is None:
        raise DecodeError(f"{path}: declares neither fs_hz nor a [time] column, expected one of them")
    return layout


def _zone(said: str | None, path: Path) -> str | None:
    try:
        if said is not None:
            zone_of(said)
    except DecodeError as error:
        raise DecodeError(f"{path}: {error}") from error
    return said


class _Told:
    """A table of the TOML file; what was asked for is taken out, so that the rest is what nobody knows."""

    def __init__(self, told: dict[str, Any], place: str) -> None:
        self.told = dict(told)
        self.place = place

    def text(self, name: str, default: str | None) -> str | None:
        value = self.told.pop(name, default)
        if value is not None and not isinstance(value, str):
            raise DecodeError(f"{self.place}: {name} is {value!r}, expected text")
        return value

    def needed(self, name: str) -> str:
        value = self.text(name, None)
        if not value:
            raise DecodeError(f"{self.place}: has no {name}, expected one")
        return value

    def number(self, name: str, default: float | None) -> float | None:
        value = self.told.pop(name, default)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= _MOST:
            raise DecodeError(f"{self.place}: {name} is {value!r}, expected a number above 0 and at most {_MOST:g}")
        return float(value)

    def start(self) -> datetime | None:
        value = self.told.pop("start", None)
        if value is None or isinstance(value, datetime):
            return value
        if isinstance(value, str):
            try:
                return datetime.fromisoformat(value)
            except ValueError:
                pass
        shown = value.isoformat() if isinstance(value, date | time) else repr(value)
        raise DecodeError(f"{self.place}: start is {shown}, expected a date and a time like 2026-10-24T22:30:00")

    def table(self, name: str) -> _Told | None:
        value = self.told.pop(name, None)
        if value is not None and not isinstance(value, dict):
            raise DecodeError(f"{self.place}: {name} is {value!r}, expected a table [{name}]")
        return None if value is None else _Told(value, f"{self.place}: [{name}]")

    def tables(self, name: str) -> dict[str, _Told]:
        whole = self.table(name)
        return {} if whole is None else {str(key): whole.entry(str(key)) for key in list(whole.told)}

    def entry(self, name: str) -> _Told:
        found = self.table(name)
        if found is None:
            raise DecodeError(f"{self.place}: has no {name}")
        return found

    def expect_nothing_else(self) -> None:
        if self.told:
            raise DecodeError(f"{self.place}: declares {next(iter(self.told))!r}, which is nothing that is known")


def _column(told: _Told) -> ColumnLayout:
    channel, unit, scale = told.needed("channel"), told.needed("unit"), told.number("scale", 1.0)
    told.expect_nothing_else()
    if channel != LEFT_OUT and channel_of(channel) is None:
        raise DecodeError(f"{told.place}: channel is {channel!r}, expected for example {EXAMPLES}")
    return ColumnLayout(channel, unit, scale or 1.0)


def _time(told: _Told | None) -> tuple[str, str] | None:
    if told is None:
        return None
    column, unit = told.needed("column"), told.needed("unit")
    if unit not in {*NS_PER_UNIT, DATE}:
        raise DecodeError(f"{told.place}: unit is {unit!r}, expected one of {', '.join(NS_PER_UNIT)}, {DATE}")
    return column, unit


def _long(told: _Told | None) -> tuple[str, str] | None:
    return None if told is None else (told.needed("channel"), told.needed("value"))


def _csv(told: _Told | None) -> CsvForm:
    if told is None:
        return CsvForm()
    delimiter, decimal = told.text("delimiter", ",") or "", told.text("decimal", ".") or ""
    skip, header = told.told.pop("skip_lines", 0), told.told.pop("header", True)
    if len(delimiter) != 1 or decimal not in {".", ","} or delimiter == decimal:
        raise DecodeError(
            f"{told.place}: cells by {delimiter!r} and decimals by {decimal!r}, expected two different signs"
        )
    if isinstance(skip, bool) or not isinstance(skip, int) or skip < 0 or not isinstance(header, bool):
        raise DecodeError(
            f"{told.place}: skip_lines is {skip!r} and header {header!r}, expected a number and true or false"
        )
    return CsvForm(delimiter, decimal, skip, header)
