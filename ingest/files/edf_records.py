"""The data records of an EDF file, read some minutes at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ingest.errors import DecodeError
from ingest.files.edf_numbers import unpacked
from ingest.files.sample_range import expect_range

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from detectors.signal import Clock, Stream
    from ingest.files.edf_header import Header

PIECE_BYTES = 1 << 20
# The channels are read in turns, ten minutes of each: of two legs that is up to four pieces. Channels of different
# rates that are cut into equally many samples read around two borders at a time.
PIECES_HELD = 5
# Some programs write a whole night as one data record: of longer ones only what is asked for is read.
LONG_RECORD_BYTES = 4 << 20


class Records:
    """The data records of one file; the pieces read last are kept for the other channels.

    A mapping of the file would do the same in fewer lines, but every page that was looked at counts
    as memory of the process, so a night's file would be in memory as a whole at its end.

    Parameters
    ----------
    path : Path
        The file.
    header : Header
        Its header.
    """

    __slots__ = ("_header", "_held", "_path", "_size")

    def __init__(self, path: Path, header: Header) -> None:
        self._path = path
        self._header = header
        self._size = max(1, PIECE_BYTES // (header.sample_bytes * header.n_per_record))
        self._held: dict[int, NDArray[np.integer]] = {}

    def pieces(self, start: int, stop: int) -> Iterator[tuple[int, NDArray[np.integer]]]:
        """Return the data records ``[start, stop)``.

        Parameters
        ----------
        start, stop : int
            Numbers of records.

        Yields
        ------
        int
            Number of the first record of a piece.
        ndarray of int, shape (n_records, samples per record)
            The stored numbers of all channels; the piece may not be changed.
        """
        for number in range(start // self._size, -(-stop // self._size)):
            first = number * self._size
            piece = self._piece(number)
            low, high = max(start - first, 0), min(stop - first, len(piece))
            yield first + low, piece[low:high]

    @property
    def are_long(self) -> bool:
        """Whether one record is too long to be held."""
        return self._header.sample_bytes * self._header.n_per_record > LONG_RECORD_BYTES

    def samples(self, first: int, width: int, start: int, stop: int) -> NDArray[np.integer]:
        """Return samples of one channel, and read nothing else.

        Parameters
        ----------
        first, width : int
            Index of its first sample inside a data record, and how many there are.
        start, stop : int
            Sample indices of the channel.

        Returns
        -------
        ndarray of int, shape (stop - start,)
            The stored numbers.

        Raises
        ------
        DecodeError
            If the file became shorter since it was opened.
        """
        parts: list[NDArray[np.integer]] = [np.empty(0, dtype=np.int16)]
        for record in range(start // width, -(-stop // width)):
            low, high = max(start - record * width, 0), min(stop - record * width, width)
            parts.append(self._stored(record * self._header.n_per_record + first + low, high - low))
        return np.concatenate(parts)

    def _piece(self, number: int) -> NDArray[np.integer]:
        held = self._held.get(number)
        if held is None:
            held = self._read(number * self._size)
            while len(self._held) >= PIECES_HELD:
                del self._held[next(iter(self._held))]
            self._held[number] = held
        return held

    def _read(self, first: int) -> NDArray[np.integer]:
        width, n_records = self._header.n_per_record, min(self._size, self._header.n_records - first)
        return self._stored(first * width, n_records * width).reshape(n_records, width)

    def _stored(self, first: int, n_expected: int) -> NDArray[np.integer]:
        """Return numbers of the file, counted over all channels."""
        sample_bytes = self._header.sample_bytes
        offset = self._header.n_bytes + first * sample_bytes
        stored = np.fromfile(self._path, dtype=np.uint8, count=n_expected * sample_bytes, offset=offset)
        n_samples = len(stored) // sample_bytes
        if n_samples < n_expected:
            msg = f"{self._path}: {n_samples} samples at byte {offset}, expected {n_expected}: the file shrank"
            raise DecodeError(msg)
        return unpacked(stored.data, sample_bytes)


@dataclass(frozen=True, slots=True)
class Column:
    """Where one axis of a stream lies in a data record, and what its numbers mean.

    Parameters
    ----------
    first : int
        Index of its first sample inside a data record.
    gain, offset : float32
        ``value = stored * gain + offset``, in the stream's unit.
    """

    first: int
    gain: np.float32
    offset: np.float32


@dataclass(frozen=True, slots=True)
class EdfSource:
    """One stream of an EDF file.

    Parameters
    ----------
    stream : Stream
        What is measured.
    clock : Clock
        From sample index to UTC.
    n_samples : int
        Length in samples.
    n_per_record : int
        Samples in each data record.
    columns : tuple of Column
        One per axis.
    records : Records
        The file.
    """

    stream: Stream
    clock: Clock
    n_samples: int
    n_per_record: int
    columns: tuple[Column, ...]
    records: Records

    def read(self, start: int, stop: int) -> NDArray[np.floating]:
        """Return samples ``[start, stop)``.

        Parameters
        ----------
        start, stop : int
            Sample indices.

        Returns
        -------
        ndarray of float32, shape (stop - start, n_axes)
            In the stream's unit; the same however the stream is cut.

        Raises
        ------
        DecodeError
            If the file became shorter since it was opened.
        ValueError
            If the range does not lie inside the stream.
        """
        expect_range(self.stream, self.n_samples, start, stop)
        width = self.n_per_record
        values = np.empty((stop - start, len(self.columns)), dtype=np.float32)
        if self.records.are_long:
            for axis, column in enumerate(self.columns):
                np.multiply(self.records.samples(column.first, width, start, stop), column.gain, out=values[:, axis])
                values[:, axis] += column.offset
            return values
        for record, piece in self.records.pieces(start // width, -(-stop // width)):
            first = record * width
            low, high = max(start, first), min(stop, first + len(piece) * width)
            for axis, column in enumerate(self.columns):
                stored = piece[:, column.first : column.first + width].reshape(-1)
                out = values[low - start : high - start, axis]
                np.multiply(stored[low - first : high - first], column.gain, out=out)
                out += column.offset
        return values
