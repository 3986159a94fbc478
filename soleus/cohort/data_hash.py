"""What was in the files of a recording, as hashes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.files.opening import TABLE_SUFFIXES
from ingest.files.table_layout import layout_beside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What stands beside a recording of a BIDS data set and says more about it.
TOLD_BESIDE = frozenset({".json", ".tsv"})


@dataclass(frozen=True, slots=True)
class DataHash:
    """What was in a recording's files.

    Parameters
    ----------
    data_sha256 : str
        SHA-256 of the file.
    beside_sha256 : str
        SHA-256 of what stands beside it and says more about it; empty if nothing does.
    """

    data_sha256: str
    beside_sha256: str


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_of(path: Path) -> DataHash:
    """Return what is in a recording's files.

    Parameters
    ----------
    path : Path
        The recording. The layout beside a table, and what stands beside a recording of a BIDS data set, count as
        its own.

    Returns
    -------
    DataHash
        Of the file, and of those beside it.

    Raises
    ------
    OSError
        If one cannot be read.
    """
    return DataHash(sha256_of(path), beside_sha256_of(path))


def beside_sha256_of(path: Path) -> str:
    """Return the SHA-256 of what stands beside a recording and says more about it; empty if nothing does.

    Parameters
    ----------
    path : Path
        The recording; it is not opened.

    Returns
    -------
    str
        Of names and contents.

    Raises
    ------
    OSError
        If a file beside it cannot be read.
    """
    beside = hashlib.sha256()
    names = 0
    for other in _beside(path):
        names += 1
        beside.update(f"{other.name}\0{sha256_of(other)}\0".encode())
    return beside.hexdigest() if names else ""


def _beside(path: Path) -> Iterator[Path]:
    from ingest.files.bids_recording import is_bids  # noqa: PLC0415 - a file that is scored alone does without

    if path.suffix.lower() in TABLE_SUFFIXES:
        layout = layout_beside(path)
        if layout is not None:
            yield layout
    if not is_bids(path):
        return
    begin = f"{path.stem.rpartition('_')[0]}_"
    for other in sorted(path.parent.iterdir()):
        if other.name.startswith(begin) and other.suffix.lower() in TOLD_BESIDE and other.is_file():
            yield other
    # When each recording of a session was made stands in a list above them.
    yield from sorted(path.parent.parent.glob("sub-*_scans.tsv"))
