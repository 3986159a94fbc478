"""What was in the files of a recording, as hashes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What may stand beside a recording, under its name, and say more about it: a layout, or what BIDS puts there.
LAYOUT = frozenset({".toml"})
BIDS = frozenset({".json", ".tsv"})
_BIDS_BEGIN = "sub-"


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
        The recording. A layout under its name, or the ``.json`` and ``.tsv`` of its session in a BIDS data set, counts
        as its own.

    Returns
    -------
    DataHash
        Of the file, and of those beside it.

    Raises
    ------
    OSError
        If one cannot be read.
    """
    beside = hashlib.sha256()
    names = 0
    for other in _beside(path):
        names += 1
        beside.update(f"{other.name}\0{sha256_of(other)}\0".encode())
    return DataHash(sha256_of(path), beside.hexdigest() if names else "")


def _beside(path: Path) -> Iterator[Path]:
    is_bids = path.name.startswith(_BIDS_BEGIN)
    begin, suffixes = (f"{path.stem.rpartition('_')[0]}_", BIDS) if is_bids else (f"{path.stem}.", LAYOUT)
    for other in sorted(path.parent.iterdir()):
        if other.name.startswith(begin) and other.suffix.lower() in suffixes and other.is_file():
            yield other
