"""The header of an EDF or BDF file: every field checked, every fault told with its place."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import TYPE_CHECKING

from ingest.errors import DecodeError
from ingest.files.edf_numbers import BDF_BYTES, EDF_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Field widths in bytes, in order (Kemp et al. 1992, EDF specification).
_FILE_FIELDS = {
    "version": 8,
    "patient": 80,
    "recording": 80,
    "startdate": 8,
    "starttime": 8,
    "header_bytes": 8,
    "reserved": 44,
    "n_records": 8,
    "record_s": 8,
    "n_channels": 4,
}
_CHANNEL_FIELDS = {
    "label": 16,
    "transducer": 80,
    "unit": 8,
    "physical_min": 8,
    "physical_max": 8,
    "digital_min": 8,
    "digital_max": 8,
    "prefiltering": 80,
    "n_per_record": 8,
    "reserved": 32,
}
FILE_BYTES = sum(_FILE_FIELDS.values())
CHANNEL_BYTES = sum(_CHANNEL_FIELDS.values())
N_RECORDS_AT = sum(width for name, width in _FILE_FIELDS.items() if name not in {"n_records", "record_s", "n_channels"})
N_RECORDS_BYTES = _FILE_FIELDS["n_records"]
INTERRUPTED = ("EDF+D", "BDF+D")
EDF_VERSION = b"0       "
BDF_VERSION = b"\xffBIOSEMI"
# Nobody writes records outside these limits, and every rate and time inside them can be computed with.
SHORTEST_RECORD_S, LONGEST_RECORD_S = 1e-4, 86_400.0
# Beyond what any unit makes of a voltage; squares of it still are single-precision numbers.
FARTHEST = 1e9
# The number of records of a file that was not closed.
OPEN_ENDED = -1
# EDF+ writes this day where the date is not told; so do we where it cannot be read.
UNKNOWN_START = datetime(1985, 1, 1, tzinfo=UTC)
# Two-digit years from here on belong to the last century (EDF+).
CENTURY_PIVOT = 85
# Dates are shifted to protect people, but not out of what 64 bits of nanoseconds hold.
YEARS = range(1900, 2200)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True, slots=True)
class ChannelHeader:
    """One channel as the header describes it.

    Parameters
    ----------
    label, unit : str
        As written.
    scale : tuple of str
        Physical and digital minimum and maximum, as written; read by :meth:`calibration`.
    first : int
        Index of its first sample inside a data record.
    n_per_record : int
        Samples in each data record.
    """

    label: str
    unit: str
    scale: tuple[str, str, str, str]
    first: int
    n_per_record: int

    def calibration(self, place: str) -> tuple[float, float]:
        """Return gain and offset from stored numbers to the channel's unit.

        Parameters
        ----------
        place : str
            File and channel, for the message.

        Returns
        -------
        tuple of float
            ``physical = stored * gain + offset``.

        Raises
        ------
        DecodeError
            If the ranges are no numbers that can be, or have no width.
        """
        low, high, stored_low, stored_high = (
            _number(text, name, place)
            for text, name in zip(
                self.scale, ("physical minimum", "physical maximum", "digital minimum", "digital maximum"), strict=True
            )
        )
        if low == high or stored_low >= stored_high:
            msg = f"{place}: the range {stored_low:g} to {stored_high:g} means {low:g} to {high:g}, expected some width"
            raise DecodeError(msg)
        if max(abs(low), abs(high)) > FARTHEST:
            raise DecodeError(f"{place}: the range is {low:g} to {high:g}, expected at most {FARTHEST:g}")
        gain = (high - low) / (stored_high - stored_low)
        return gain, low - stored_low * gain


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a file says.

    Parameters
    ----------
    start : datetime
        When the file starts, whole seconds; EDF knows no time zone, so what is written is taken as UTC.
    n_bytes : int
        Length of the header.
    n_records : int
        Whole data records in the file.
    record_s : float
        Length of a data record, s.
    channels : tuple of ChannelHeader
        All channels in their order.
    sample_bytes : int
        Length of a stored number: 2 in EDF, 3 in BDF.
    """

    start: datetime
    n_bytes: int
    n_records: int
    record_s: float
    channels: tuple[ChannelHeader, ...]
    sample_bytes: int = EDF_BYTES

    @property
    def n_per_record(self) -> int:
        """Samples of all channels in one data record."""
        return sum(channel.n_per_record for channel in self.channels)


def read_header(path: Path, *, with_signals: bool = True) -> Header:
    """Read the header of an EDF, EDF+, BDF or BDF+ file.

    Parameters
    ----------
    path : Path
        The file.
    with_signals : bool
        Whether its samples are wanted; a file of annotations may be interrupted, and its records need no length.

    Returns
    -------
    Header
        What it says, checked against the size of the file.

    Raises
    ------
    DecodeError
        If the file is no EDF, is interrupted (EDF+D), cut off, or contradicts itself.
    """
    with path.open("rb") as file:
        fixed = file.read(FILE_BYTES)
        fields = _fields(fixed, path)
        if with_signals:
            _expect_continuous(fields, path)
        n_channels = _count(fields["n_channels"], "number of channels", path)
        n_bytes = FILE_BYTES + n_channels * CHANNEL_BYTES
        if _count(fields["header_bytes"], "length of the header", path) != n_bytes or n_channels == 0:
            msg = (
                f"{path}: the header says it has {fields['header_bytes']} bytes and {n_channels} channels, "
                f"expected at least one channel and {n_bytes} bytes"
            )
            raise DecodeError(msg)
        described = file.read(n_bytes - FILE_BYTES)
    size = path.stat().st_size
    if len(described) < n_bytes - FILE_BYTES:
        raise DecodeError(f"{path}: the file ends inside its header, after {size} of {n_bytes} bytes")
    channels = _channels(described, n_channels, path)
    record_s = _number(fields["record_s"], "length of a data record", str(path))
    if with_signals and not SHORTEST_RECORD_S <= record_s <= LONGEST_RECORD_S:
        expected = f"{SHORTEST_RECORD_S:g} to {LONGEST_RECORD_S:g} s"
        raise DecodeError(f"{path}: a data record lasts {record_s:g} s, expected {expected}")
    sample_bytes = BDF_BYTES if fixed.startswith(BDF_VERSION) else EDF_BYTES
    record_bytes = sample_bytes * sum(channel.n_per_record for channel in channels)
    n_records = _n_records(fields["n_records"], record_bytes, size - n_bytes, path)
    return Header(_start(fields), n_bytes, n_records, record_s, channels, sample_bytes)


def _fields(fixed: bytes, path: Path) -> dict[str, str]:
    """Return the fields of the first 256 bytes of what really is an EDF."""
    if fixed[:8] not in {EDF_VERSION, BDF_VERSION}:
        raise DecodeError(f"{path}: the file begins with {_text(fixed[:8])!r}, expected '0' and 7 blanks: not an EDF")
    if len(fixed) < FILE_BYTES:
        raise DecodeError(f"{path}: the file ends inside its header, after {len(fixed)} of {FILE_BYTES} bytes or more")
    ends = list(accumulate(_FILE_FIELDS.values()))
    return {
        name: _text(fixed[end - width : end]) for (name, width), end in zip(_FILE_FIELDS.items(), ends, strict=True)
    }


def _expect_continuous(fields: Mapping[str, str], path: Path) -> None:
    if fields["reserved"].startswith(INTERRUPTED):
        kind = fields["reserved"][: len(INTERRUPTED[0])]
        raise DecodeError(f"{path}: this is an interrupted recording ({kind}), expected a continuous one (EDF, EDF+C)")


def _channels(described: bytes, n_channels: int, path: Path) -> tuple[ChannelHeader, ...]:
    columns: dict[str, list[str]] = {}
    begin = 0
    for name, width in _CHANNEL_FIELDS.items():
        columns[name] = [_text(described[begin + i * width : begin + (i + 1) * width]) for i in range(n_channels)]
        begin += n_channels * width
    lengths = [
        _count(text, f"number of samples per record of channel {label!r}", path)
        for text, label in zip(columns["n_per_record"], columns["label"], strict=True)
    ]
    scales = zip(*(columns[f"{kind}_{end}"] for kind in ("physical", "digital") for end in ("min", "max")), strict=True)
    firsts = accumulate(lengths[:-1], initial=0)
    rows = zip(columns["label"], columns["unit"], scales, firsts, lengths, strict=True)
    return tuple(ChannelHeader(*row) for row in rows)


def _n_records(text: str, record_bytes: int, data_bytes: int, path: Path) -> int:
    """Return how many data records there are; a file that was not closed has as many as fit."""
    if record_bytes == 0:
        raise DecodeError(f"{path}: no channel has samples, expected at least one per data record")
    told = OPEN_ENDED if text == str(OPEN_ENDED) else _count(text, "number of data records", path)
    whole = data_bytes // record_bytes
    if told > whole:
        msg = (
            f"{path}: the file is cut off: {data_bytes} bytes of data, expected {told * record_bytes} "
            f"({told} records of {record_bytes} bytes)"
        )
        raise DecodeError(msg)
    n_records = whole if told == OPEN_ENDED else told
    if n_records == 0:
        raise DecodeError(f"{path}: no data record, expected at least one of {record_bytes} bytes")
    return n_records


def _start(fields: dict[str, str]) -> datetime:
    """Return the start; EDF+ repeats the date with four digits of the year."""
    times = [int(number) for number in re.findall(r"\d+", fields["starttime"])]
    long_date = re.match(r"Startdate (\d\d?)-([A-Z]{3})-(\d{4})", fields["recording"], re.IGNORECASE)
    short_date = re.fullmatch(r"(\d\d?)\D(\d\d?)\D(\d\d)", fields["startdate"])
    if long_date and long_date[2].upper() in _MONTHS:
        day, month, year = int(long_date[1]), _MONTHS.index(long_date[2].upper()) + 1, int(long_date[3])
    elif short_date:
        day, month, year = (int(number) for number in short_date.groups())
        year += 1900 if year >= CENTURY_PIVOT else 2000
    else:
        day, month, year = UNKNOWN_START.day, UNKNOWN_START.month, UNKNOWN_START.year
    try:
        hour, minute, second = times
        start = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return UNKNOWN_START
    return start if year in YEARS else UNKNOWN_START


def _text(field: bytes) -> str:
    """Return a field without blanks; labels and units are often not ASCII, against the specification."""
    try:
        return field.decode("utf-8").strip(" \0")
    except UnicodeDecodeError:
        return field.decode("latin-1").strip(" \0")


def _count(text: str, name: str, path: Path) -> int:
    if not re.fullmatch(r"\d{1,8}", text, re.ASCII):
        raise DecodeError(f"{path}: the {name} is {text!r}, expected a whole number")
    return int(text)


def _number(text: str, name: str, place: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DecodeError(f"{place}: the {name} is {text!r}, expected a number")
    return value
