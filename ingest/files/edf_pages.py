"""The data records of an EDF file while it is written: any channel at any place, a few pages in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from ingest.files.edf_numbers import EDF_BYTES, packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ingest.files.edf_notes import NotePages

    Page = list[NDArray[np.int32]]

PAGE_RECORDS = 60
PAGES_HELD = 24
"""Streams are within a minute of each other unless one waits for samples that are sent again, half an hour at most."""


class RecordPages:
    """Data records of a file whose length is known.

    Parameters
    ----------
    file : binary file
        Open for reading and writing, with nothing behind `offset`.
    offset : int
        Length of the header.
    n_records : int
        Data records.
    lengths : sequence of int
        Samples of each channel in a record.
    notes : NotePages
        The annotations, which stand behind the channels.
    sample_bytes : int
        Length of a stored number.
    """

    def __init__(
        self,
        file: BinaryIO,
        offset: int,
        *,
        n_records: int,
        lengths: Sequence[int],
        notes: NotePages,
        sample_bytes: int = EDF_BYTES,
    ) -> None:
        self._file = file
        self._offset = offset
        self._n_records = n_records
        self._lengths = lengths
        self._notes = notes
        self._sample_bytes = sample_bytes
        self._record_bytes = sample_bytes * sum(lengths) + notes.n_bytes
        self._held: dict[int, Page] = {}
        self._written: set[int] = set()

    def put(self, channel: int, position: int, stored: NDArray[np.integer]) -> None:
        """Write samples of a channel; what lies outside the file is left out."""
        low, high = max(position, 0), min(position + len(stored), self._n_records * self._lengths[channel])
        size = PAGE_RECORDS * self._lengths[channel]
        while low < high:
            number, at = divmod(low, size)
            count = min(high - low, size - at)
            self._page(number)[channel][at : at + count] = stored[low - position : low - position + count]
            low += count

    def fill(self, channel: int, low: int, high: int, stored: int) -> None:
        """Write one number to the places ``[low, high)`` of a channel."""
        size = PAGE_RECORDS * self._lengths[channel]
        for start in range(low, high, size):
            count = min(size, high - start)
            self.put(channel, start, np.full(count, stored, dtype=np.int32))

    def close(self) -> None:
        """Write what is not written yet; the file stays open."""
        for number in range(-(-self._n_records // PAGE_RECORDS)):
            if number in self._held or number not in self._written:
                self._write(number, self._page(number))
        self._held.clear()

    def _page(self, number: int) -> Page:
        page = self._held.pop(number, None)
        if page is None:
            while len(self._held) >= PAGES_HELD:
                oldest = next(iter(self._held))
                self._write(oldest, self._held.pop(oldest))
            page = self._read(number) if number in self._written else self._empty()
        self._held[number] = page  # at the end: it was used last
        return page

    def _empty(self) -> Page:
        return [np.zeros(PAGE_RECORDS * length, dtype=np.int32) for length in self._lengths]

    def _read(self, number: int) -> Page:
        first, stop = self._span(number)
        self._file.seek(self._offset + first * self._record_bytes)
        stored = self._file.read((stop - first) * self._record_bytes)
        raw = unpacked(stored, self._sample_bytes).reshape(stop - first, -1)
        page, begin = self._empty(), 0
        for samples, length in zip(page, self._lengths, strict=True):
            samples[: (stop - first) * length] = raw[:, begin : begin + length].reshape(-1)
            begin += length
        return page

    def _write(self, number: int, page: Page) -> None:
        first, stop = self._span(number)
        rows = [
            packed(samples.reshape(PAGE_RECORDS, -1)[: stop - first], self._sample_bytes)
            for samples, length in zip(page, self._lengths, strict=True)
            if length
        ]
        noted = b"".join(self._notes.record(record) for record in range(first, stop))
        rows.append(np.frombuffer(noted, dtype=np.uint8).reshape(stop - first, -1))
        self._file.seek(self._offset + first * self._record_bytes)
        self._file.write(np.hstack(rows).tobytes())
        self._written.add(number)

    def _span(self, number: int) -> tuple[int, int]:
        return number * PAGE_RECORDS, min((number + 1) * PAGE_RECORDS, self._n_records)
