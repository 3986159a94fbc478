"""An exported night read back as it was measured: the inverse of the timing channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from detectors.layout import Layout, Stretch
from detectors.recording import steady_clock
from detectors.signal import Clock, Gap, GapCause, Knot, Leg, Quantity, Stream, Unit
from ingest.errors import DecodeError
from ingest.files.edf_annotations import stored_bytes
from ingest.files.edf_numbers import unpacked
from ingest.files.edf_plan import MISSING, PLACED
from ingest.files.edf_records import Column, EdfSource
from ingest.files.edf_timing import LABEL, read_timing
from ingest.files.edf_told import expect_told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from detectors.layout import Part
    from ingest.files.edf_header import ChannelHeader, Header
    from ingest.files.edf_records import Records


class _Reader:
    """The streams of one file, in the order in which they are told."""

    def __init__(self, header: Header, records: Records, start_ns: int, numbers: NDArray[np.int32]) -> None:
        self._header = header
        self._records = records
        self._start_ns = start_ns
        self._numbers = numbers
        self._by_label = {channel.label: channel for channel in header.channels}

    def stream(self, told: dict[str, Any]) -> tuple[EdfSource, tuple[Part, ...]]:
        """Return one stream and what of it was measured."""
        stream = Stream(
            told["sensor"],
            Leg(told["leg"]),
            told["site"],
            Quantity(told["quantity"]),
            Unit(told["unit"]),
            tuple(told["axes"]),
            told["fs_hz"],
        )
        channels = [self._by_label[label] for label in told["labels"]]
        columns = tuple(_column(*pair) for pair in zip(channels, told["scales"], strict=True))
        width = channels[0].n_per_record
        source = EdfSource(
            stream,
            steady_clock(self._start_ns, width / self._header.record_s),
            self._header.n_records * width,
            width,
            columns,
            self._records,
        )
        parts = tuple(self._parts(stream, columns, told))
        placed = [part for part in parts if isinstance(part, Stretch) and part.data is None]
        last = max((part.place + part.n_samples for part in placed), default=0)
        if last > source.n_samples:
            msg = f"{stream.sensor}: samples up to place {last}, expected {source.n_samples} or less"
            raise ValueError(msg)
        return source, parts

    def _parts(self, stream: Stream, columns: Sequence[Column], told: dict[str, Any]) -> Iterator[Part]:
        segments = [
            (
                Stream(
                    stream.sensor, stream.leg, stream.site, stream.quantity, stream.unit, stream.axes,
                    one["fs_hz"], one["segment"],
                ),
                tuple(Knot(int(index), int(time_ns), fs_hz) for index, time_ns, fs_hz in one["knots"]),
            )
            for one in told["segments"]
        ]  # fmt: skip
        stop = 0
        for kind, number, first, n_samples, *rest in told["parts"]:
            segment, knots = segments[number]
            if kind == MISSING:
                cause, n_knots = rest
                yield Gap(segment, Clock(knots[:n_knots]), first, n_samples, GapCause(cause))
            elif kind == PLACED:
                place, stop = rest[0], _stop_behind(stop, rest[0], n_samples)
                yield Stretch(segment, Clock(knots), first, n_samples, place)
            else:
                yield Stretch(segment, Clock(knots), first, n_samples, 0, self._unplaced(n_samples, columns))

    def _unplaced(self, n_samples: int, columns: Sequence[Column]) -> NDArray[np.float32]:
        """Return the next samples that have no place."""
        count = n_samples * len(columns)
        taken, self._numbers = self._numbers[:count], self._numbers[count:]
        gains, offsets = (np.array([getattr(one, name) for one in columns]) for name in ("gain", "offset"))
        values: NDArray[np.float32] = (taken.reshape(n_samples, len(columns)) * gains + offsets).astype(np.float32)
        return values


class Exported(NamedTuple):
    """An exported night.

    Parameters
    ----------
    start_ns : int
        UTC of the first place of the file, ns; the header may say it in local time.
    sources : tuple of EdfSource
        The streams that were exported.
    layout : Layout
        What of them was measured, and when.
    """

    start_ns: int
    sources: tuple[EdfSource, ...]
    layout: Layout


def read_layout(path: Path, header: Header, records: Records) -> Exported | None:
    """Read what the timing channel says.

    Parameters
    ----------
    path : Path
        The file.
    header : Header
        Its header.
    records : Records
        Its data records.

    Returns
    -------
    Exported or None
        None if the file has no such channel, or was cut or changed since: then it is a recording like any other.
    """
    timing = next((channel for channel in header.channels if channel.label == LABEL), None)
    if timing is None:
        return None
    words = unpacked(stored_bytes(path, header, timing), header.sample_bytes)
    try:
        told, numbers = read_timing(words, f"{path}: channel {LABEL!r}")
        expect_told(told, header)
        return _exported(told, numbers, header, records)
    except (DecodeError, LookupError, TypeError, ValueError, AttributeError):
        return None


def _exported(told: dict[str, Any], numbers: NDArray[np.int32], header: Header, records: Records) -> Exported:
    """Return what is told; one of many errors if it is not what an export writes."""
    reader = _Reader(header, records, told["start_ns"], numbers)
    streams = [reader.stream(one) for one in told["streams"]]
    scoring = {Leg(leg): sensor for leg, sensor in told["movement_sensors"].items()}
    begin_ns, end_ns = told["span_ns"]
    layout = Layout(tuple(parts for _, parts in streams), (begin_ns, end_ns), scoring)
    return Exported(told["start_ns"], tuple(source for source, _ in streams), layout)


def _stop_behind(stop: int, place: int, n_samples: int) -> int:
    """Return where samples end that lie behind those before them."""
    if place < stop or n_samples < 1:
        msg = f"{n_samples} samples at place {place}, expected some from place {stop} on"
        raise ValueError(msg)
    return place + n_samples


def _column(channel: ChannelHeader, scale: Sequence[float]) -> Column:
    """Return where an axis lies, with the sensor's own step: the header's eight characters are less exact."""
    low, step, factor = scale
    stored_low = float(channel.scale[2])
    return Column(channel.first, np.float32(step * factor), np.float32((low - stored_low * step) * factor))
