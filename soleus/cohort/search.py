"""The recordings that are meant by files and folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.files.opening import RECORDING_SUFFIXES
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def recordings_in(places: Iterable[Path], *, apart_from: Path | None = None) -> tuple[Path, ...]:
    """Return files as they are given, and for a folder every recording in it and below.

    Parameters
    ----------
    places : iterable of Path
        Files and folders.
    apart_from : Path, optional
        A folder that holds results and no recordings.

    Returns
    -------
    tuple of Path
        In the order that is given, those of a folder by name; each file once.

    Raises
    ------
    ConfigError
        If a folder holds none.
    """
    found: dict[Path, Path] = {}
    for place in places:
        listed = list(_searched(place, apart_from)) if place.is_dir() else [place]
        if not listed:
            expected = ", ".join(sorted(RECORDING_SUFFIXES))
            msg = f"{place}: holds no recording, expected files that end in {expected}"
            raise ConfigError(msg)
        for path in listed:
            found.setdefault(path.absolute(), path)
    return tuple(found.values())


def _searched(folder: Path, apart_from: Path | None) -> Iterator[Path]:
    left_out = None if apart_from is None else apart_from.resolve()
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        if path.suffix.lower() not in RECORDING_SUFFIXES or any(part.startswith(".") for part in below.parts):
            continue
        if path.is_file() and (left_out is None or not path.resolve().is_relative_to(left_out)):
            yield path
