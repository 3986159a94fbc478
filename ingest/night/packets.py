"""The packet log of a night: append only, checksummed, readable after a kill at any byte.

A record is written by one unbuffered ``write``, so that it survives the death of
the process the moment :meth:`PacketLogWriter.append` returns, and a power cut from the next
:meth:`PacketLogWriter.sync` on.

A reader stops at the last whole record. One that was damaged in the middle of the file, in its
length as well, is stepped over as soon as a whole one stands behind it.
"""

from __future__ import annotations

import io
import os
import zlib
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Self

from ingest.night.frames import (
    FRAME,
    HEADER,
    HEADER_BYTES,
    MOST_BYTES,
    check_header,
    framed,
    next_few_frames,
    next_frames,
)
from ingest.night.record_bytes import LEAST_BYTES, record_from_bytes, record_to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from ingest.night.records import Record

_TORN_BYTES = 1 << 16
"""A tail longer than this is more than one record torn by a kill; it is kept beside the log."""


def frames_from(path: Path, offset: int, *, a_few: bool = False) -> Iterator[tuple[int, bytes]]:
    """Yield offset and bytes of each whole record from `offset` on, without reading what they say.

    Parameters
    ----------
    path : Path
        The log.
    offset : int
        Where a record begins; 0 for the first.
    a_few : bool
        Read in small pieces, because not much is wanted.

    Yields
    ------
    tuple of (int, bytes)
        Offset and content.
    """
    following = next_few_frames if a_few else next_frames
    with path.open("rb") as file:
        if not check_header(path, file.read(HEADER_BYTES)):
            return
        frames, offset = following(file, max(offset, HEADER_BYTES))
        while frames:
            yield from frames
            frames, offset = following(file, offset)


def record_at(path: Path, offset: int) -> Record | None:
    """Return the record that begins at `offset`, or None if there is no whole one that this version knows."""
    with path.open("rb", buffering=0) as file:
        file.seek(offset)
        frame = file.read(FRAME.size)
        if len(frame) < FRAME.size:
            return None
        length, checksum = FRAME.unpack(frame)
        content = file.read(min(length, MOST_BYTES))
    is_whole = len(content) >= LEAST_BYTES and zlib.crc32(content, length) == checksum
    return record_from_bytes(content) if is_whole else None


def read_from(path: Path, offset: int) -> Iterator[tuple[int, Record]]:
    """Yield the records of a log from a record's offset on.

    Parameters
    ----------
    path : Path
        The log.
    offset : int
        Where a record begins, as another reading gave it; 0 for the first.

    Yields
    ------
    tuple of (int, Record)
        Offset of the record's first byte, and the record.

    Raises
    ------
    DecodeError
        If the file is no packet log.
    """
    for position, content in frames_from(path, offset):
        record = record_from_bytes(content)
        if record is not None:
            yield position, record


def read_log(path: Path) -> Iterator[tuple[int, Record]]:
    """Yield all whole records with their offsets; see :func:`read_from`."""
    return read_from(path, 0)


class LogFollower:
    """Reads a log while it is written.

    Parameters
    ----------
    path : Path
        The log; it need not exist yet.
    offset : int
        Where to begin; 0 for the first record.
    """

    def __init__(self, path: Path, offset: int = 0) -> None:
        self._path = path
        self._file: io.FileIO | None = None
        self.offset = max(offset, HEADER_BYTES)

    def poll(self) -> list[tuple[int, Record]]:
        """Return the next whole records, 4 MiB of them at most; empty when all was read.

        Raises
        ------
        DecodeError
            If the file is no packet log.
        """
        file = self._file or self._open()
        if file is None:
            return []
        # What is not whole yet is read again: a new writer may have cut it off and written over it.
        frames, self.offset = next_frames(file, self.offset)
        records = [(position, record_from_bytes(content)) for position, content in frames]
        return [(position, record) for position, record in records if record is not None]

    def close(self) -> None:
        """Close the file; polling again opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> io.FileIO | None:
        try:
            file = io.FileIO(self._path)
        except FileNotFoundError:
            return None
        with ExitStack() as unless_whole:
            unless_whole.callback(file.close)
            if not check_header(self._path, file.read(HEADER_BYTES)):
                return None
            unless_whole.pop_all()
        self._file = file
        return file


class PacketLogWriter:
    """Appends to the packet log of a night.

    Opening an existing log goes on behind its last whole record: what a killed writer left of one
    is cut off first.

    Parameters
    ----------
    path : Path
        The log; made if it does not exist.

    Raises
    ------
    DecodeError
        If the file exists and is no packet log.
    """

    def __init__(self, path: Path) -> None:
        end = _recover(path)
        self._file = path.open("ab", buffering=0)
        self._offset = end
        self._torn = False
        if end == 0:
            self._write(HEADER)
            self.sync()
            _sync_directory(path.parent)

    @property
    def offset(self) -> int:
        """Where the next record will begin."""
        return self._offset

    def append(self, record: Record) -> int:
        """Write one record; it survives a kill of this process from now on.

        Returns
        -------
        int
            Offset of its first byte.

        Raises
        ------
        ValueError
            If a number does not fit, or the record is longer than 1 MiB.
        OSError
            If the disk refuses it; the log then ends with the record before, and can be appended to again.
        """
        content = record_to_bytes(record)
        if len(content) > MOST_BYTES:
            msg = f"{type(record).__name__} has {len(content)} bytes, expected at most {MOST_BYTES}"
            raise ValueError(msg)
        offset = self._offset
        self._write(framed(content))
        return offset

    def sync(self) -> None:
        """Make everything appended so far survive a power cut; another thread may append meanwhile."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Sync and close; closing twice is allowed."""
        if not self._file.closed:
            self.sync()
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, data: bytes) -> None:
        if self._torn:
            self._cut()
        try:
            written = self._file.write(data)
            while written < len(data):
                written += self._file.write(data[written:])
        except OSError:
            # Later records begin where they are said to.
            self._torn = True
            with suppress(OSError):
                self._cut()
            raise
        self._offset += len(data)

    def _cut(self) -> None:
        """Cut off what a failed write left of a record."""
        self._file.truncate(self._offset)
        self._torn = False


def _recover(path: Path) -> int:
    """Cut what is not a whole record off the end of a log; return the length that is left."""
    if not path.exists():
        return 0
    with path.open("r+b") as file:
        if not check_header(path, file.read(HEADER_BYTES)):
            file.truncate(0)
            return 0
        frames, end = next_frames(file, HEADER_BYTES)
        while frames:
            frames, end = next_frames(file, end)
        file.seek(end)
        tail = file.read()
        if len(tail) > _TORN_BYTES:
            path.with_name(f"{path.name}.cut-{end}").write_bytes(tail)
        file.truncate(end)
    return end


def _sync_directory(directory: Path) -> None:
    """Make the new file's name survive a power cut, where the system knows how (POSIX)."""
    if os.name != "posix":
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
