"""The ZIP archive that an ActiGraph file is."""

from __future__ import annotations

import os
import struct
import weakref
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Final, cast

from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOG, INFO = "log.bin", "info.txt"
PIECE_BYTES: Final = 1 << 20
# Two months of 100 Hz; what claims more is no log.
MOST_LOG_BYTES: Final = 1 << 32
MOST_INFO_BYTES: Final = 1 << 16
# What zipfile raises on damaged archives, besides its own error.
BROKEN_ZIP = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError, OverflowError,
    struct.error,
)  # fmt: skip


class _Descriptor:
    """A file that is closed when nothing reads it any more, as far as `zipfile` needs one."""

    __slots__ = ("__weakref__", "_at", "_number", "_size")

    def __init__(self, path: Path) -> None:
        self._number = os.open(path, os.O_RDONLY)
        # A recording has no end of its own at which it could be closed.
        weakref.finalize(self, os.close, self._number)
        self._size, self._at = os.fstat(self._number).st_size, 0

    def read(self, size: int = -1) -> bytes:
        stored = os.pread(self._number, self._size - self._at if size < 0 else size, self._at)
        self._at += len(stored)
        return stored

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if self._at < 0:
            msg = f"position {self._at}, expected one in the file"
            raise ValueError(msg)
        return self._at

    def tell(self) -> int:
        return self._at

    def seekable(self) -> bool:
        return True


class Archive:
    """An opened ``.gt3x`` file, which is a ZIP archive.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    DecodeError
        If it is no archive, is cut off, or has no log.
    """

    __slots__ = ("_log", "_path", "_zip")

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = zipfile.ZipFile(cast("IO[bytes]", _Descriptor(path)))
            names = self._zip.namelist()
            self._expect(names)
            self._log = self._zip.open(LOG)
        except BROKEN_ZIP as error:
            raise self._damaged(error) from error

    def info(self) -> dict[str, str]:
        """Return what ``info.txt`` says, by its own keys."""
        try:
            text = self._zip.read(INFO).decode("utf-8-sig", "replace")
        except BROKEN_ZIP as error:
            raise self._damaged(error) from error
        pairs = (line.partition(":") for line in text.splitlines())
        return {key.strip(): value.strip() for key, _, value in pairs}

    def pieces(self) -> Iterator[bytes]:
        """Yield the log from its beginning, some at a time; its checksum is verified at the end."""
        try:
            with self._zip.open(LOG) as log:
                while piece := log.read(PIECE_BYTES):
                    yield piece
        except BROKEN_ZIP as error:
            raise self._damaged(error) from error

    def read(self, start: int, stop: int) -> bytes:
        """Return bytes ``[start, stop)`` of the log; what lies behind the last that were read is found soonest."""
        try:
            self._log.seek(start)
            stored = self._log.read(stop - start)
        except BROKEN_ZIP as error:
            raise self._damaged(error) from error
        if len(stored) < stop - start:
            raise DecodeError(f"{self._path}: {LOG} ends at byte {start + len(stored)}: the file changed")
        return stored

    def _expect(self, names: list[str]) -> None:
        if LOG not in names or INFO not in names:
            old = "activity.bin" in names
            why = ": firmware 2.5 and older wrote another form, without checksums, which is not read" if old else ""
            listed = ", ".join(repr(name) for name in names[:5]) or "nothing"
            raise DecodeError(f"{self._path}: holds {listed}, expected {LOG!r} and {INFO!r}{why}")
        for name, most in ((LOG, MOST_LOG_BYTES), (INFO, MOST_INFO_BYTES)):
            entry = self._zip.getinfo(name)
            if entry.file_size > most:
                raise DecodeError(f"{self._path}: {name} has {entry.file_size} bytes, expected at most {most}")
            if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise DecodeError(
                    f"{self._path}: {name} is compressed by method {entry.compress_type}, expected 0 or 8"
                )

    def _damaged(self, error: Exception) -> DecodeError:
        said = " ".join(str(error).split())
        return DecodeError(f"{self._path}: no whole ZIP archive ({said}): the file is cut off or damaged")
