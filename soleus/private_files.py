"""Files that only their owner can read, each with its hash, written once into a folder that was empty."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

OWNER_ONLY = 0o600
OWNER_ONLY_FOLDER = 0o700
PIECE_BYTES = 1 << 20
# A spreadsheet takes a text that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class PrivateFiles:
    """A folder that is being filled.

    Parameters
    ----------
    target : Path
        The folder; made if it is missing.
    """

    def __init__(self, target: Path) -> None:
        target.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
        target.chmod(OWNER_ONLY_FOLDER)
        self._target = target
        self._written: dict[str, dict[str, Any]] = {}

    @property
    def written(self) -> Mapping[str, Mapping[str, Any]]:
        """Size and SHA-256 of each file, by its path in the folder."""
        return dict(sorted(self._written.items()))

    def path(self, name: str) -> Path:
        """Return where a file of this name goes; the folders above it are made."""
        path = self._target
        for part in name.split("/")[:-1]:
            path /= part
            path.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
        return self._target / name

    def copy(self, source: Path, name: str, told: Callable[[int], None]) -> None:
        """Copy a file; `told` is given the bytes as they are written."""
        with source.open("rb") as file, self._new(name) as out:
            while piece := file.read(PIECE_BYTES):
                out.write(piece)
                told(len(piece))

    def text(self, name: str, text: str) -> None:
        """Write a text."""
        with self._new(name) as out:
            out.write(text.encode())

    def lines(self, name: str, values: Iterable[Mapping[str, Any]]) -> None:
        """Write values as JSON, one a line."""
        with self._new(name) as out:
            for value in values:
                out.write((json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n").encode())

    def read_lines(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield what :meth:`lines` wrote."""
        with (self._target / name).open(encoding="utf-8", newline="\n") as file:
            for line in file:
                yield json.loads(line)

    def table(self, name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows as CSV (UTF-8, commas); what a spreadsheet would take for a formula gets an apostrophe."""
        with self._new(name) as out:
            writer = csv.writer(_Encoded(out))
            writer.writerow(columns)
            for row in rows:
                writer.writerow([_cell(row.get(column)) for column in columns])

    def keep(self, name: str) -> None:
        """Take a file that somebody else wrote to :meth:`path` into the list."""
        path = self._target / name
        path.chmod(OWNER_ONLY)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._written[name] = {"bytes": path.stat().st_size, "sha256": digest}

    @contextmanager
    def _new(self, name: str) -> Iterator[_Hashed]:
        new = os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(new, "wb") as file:
            out = _Hashed(file)
            yield out
        self._written[name] = {"bytes": out.n_bytes, "sha256": out.digest.hexdigest()}


class _Hashed:
    """A file that knows the hash of what was written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.n_bytes = 0

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self.digest.update(piece)
        self.n_bytes += len(piece)


class _Encoded:
    """What the writer of CSV writes to."""

    def __init__(self, out: _Hashed) -> None:
        self._out = out

    def write(self, text: str) -> None:
        self._out.write(text.encode())


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
