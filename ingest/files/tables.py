"""Recordings in tables of numbers, CSV or Parquet, with a layout that says what the columns are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from detectors.layout import Layout, Stretch
from detectors.recording import Recording
from ingest.errors import DecodeError
from ingest.files.csv_pieces import CsvFile
from ingest.files.edf_channels import factor_to_unit
from ingest.files.leg_streams import LegStream, leg_channels, leg_streams
from ingest.files.parquet import ParquetFile
from ingest.files.table_clock import TimeColumn, clock_of, parts_of
from ingest.files.table_layout import DATE, ColumnLayout, layout_beside, read_table_layout
from ingest.files.table_pieces import TableSignals
from ingest.files.table_source import TableSource
from ingest.files.table_survey import StreamSurvey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from detectors.layout import Part
    from ingest.files.table_layout import TableLayout


class _Opened(NamedTuple):
    """A stream that was looked through: its source, and what of it was measured."""

    source: TableSource
    parts: tuple[Part, ...]


def read_table(
    path: Path,
    *,
    layout: Path | None = None,
    channels: Mapping[str, str] | None = None,
    time_zone: str | None = None,
    is_parquet: bool = False,
) -> Recording:
    """Open a table; it is looked through once, and its samples are read when they are asked for.

    Parameters
    ----------
    path : Path
        CSV or Parquet.
    layout : Path, optional
        What its columns are, see :mod:`ingest.files.table_layout`; the one that stands beside it if not given.
    channels : mapping of str to str, optional
        What a column is, instead of what the layout says; ``-`` leaves it out.
    time_zone : str, optional
        Where it was recorded, instead of what the layout says.
    is_parquet : bool
        Which of the two it is.

    Returns
    -------
    Recording
        Rows without a number, and steps in its time column, are gaps.

    Raises
    ------
    DecodeError
        If there is no layout, or the table is not what it says.
    """
    beside = layout or layout_beside(path)
    if beside is None:
        raise DecodeError(
            f"{path}: nothing says what its columns are, expected --layout FILE, or {path.stem}.layout.toml beside it"
        )
    told = read_table_layout(beside)
    signals = _signals(path, told, is_parquet=is_parquet)
    meanings = {name: one.channel for name, one in told.columns.items()} | dict(channels or {})
    found = leg_channels(list(told.columns.items()), meanings, str(path), f"say which is one in {beside}")
    streams = list(leg_streams(found, str(path)))
    column = TimeColumn(str(path), told, time_zone or told.time_zone, signals.times_are_utc)
    surveys = _surveyed(signals, streams, told, path)
    opened = [_opened(one, survey, column, signals) for one, survey in zip(streams, surveys, strict=True)]
    start_ns = min(one.source.clock.at(0) for one in opened)
    return Recording(path.name, start_ns, tuple(one.source for one in opened), layout=_layout(opened))


def _signals(path: Path, told: TableLayout, *, is_parquet: bool) -> TableSignals:
    dates = [told.time[0]] if told.time and told.time[1] == DATE else []
    texts = [told.long[0]] if told.long else []
    pieces = ParquetFile(path) if is_parquet else CsvFile(path, told.csv, dates=dates, texts=texts)
    return TableSignals(pieces, told, str(path))


def _surveyed(
    signals: TableSignals, streams: Sequence[LegStream[ColumnLayout]], told: TableLayout, path: Path
) -> list[StreamSurvey]:
    """Look through the table once."""
    surveys = [StreamSurvey(f"{path}: {one.sensor} {one.quantity}", told.fs_hz, len(one.axes)) for one in streams]
    for number in range(signals.n_pieces):
        piece = signals.piece(number)
        for stream, survey in zip(streams, surveys, strict=True):
            names = [one.label for one in stream.channels]
            survey.feed([piece.values[name] for name in names], piece.times_ns.get(names[0]))
    for survey in surveys:
        survey.expect_samples()
    return surveys


def _opened(found: LegStream[ColumnLayout], survey: StreamSurvey, column: TimeColumn, signals: TableSignals) -> _Opened:
    fs_hz = survey.rate_hz()
    stream = found.stream(fs_hz)
    clock, gaps = clock_of(survey, column, fs_hz)
    gains = tuple(
        one.place.scale * factor_to_unit(found.quantity, one.place.unit, f"{column.place}: column {one.label!r}")
        for one in found.channels
    )
    labels = tuple(one.label for one in found.channels)
    source = TableSource(stream, clock, survey.n_rows, labels, gains, survey.starts, signals)
    return _Opened(source, tuple(parts_of(survey, stream, clock, gaps)))


def _layout(opened: Sequence[_Opened]) -> Layout | None:
    """Return what was measured when, or None where nothing is missing."""
    measured = [[part for part in one.parts if isinstance(part, Stretch)] for one in opened]
    if all(
        len(one.parts) == 1 and one.source.n_samples == parts[0].n_samples
        for one, parts in zip(opened, measured, strict=True)
    ):
        return None
    clocks = [one.source.clock for one in opened]
    begin_ns = min(clock.at(parts[0].first) for clock, parts in zip(clocks, measured, strict=True))
    end_ns = max(clock.at(parts[-1].first + parts[-1].n_samples) for clock, parts in zip(clocks, measured, strict=True))
    return Layout(tuple(one.parts for one in opened), (begin_ns, end_ns), {})
