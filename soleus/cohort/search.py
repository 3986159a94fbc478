"""The recordings that are meant by files and folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.files.opening import RECORDING_SUFFIXES, is_recording
from soleus.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

BIDS = "dataset_description.json"
# Of these a folder may hold others than recordings; a layout that is given is for all of them.
TABLES = frozenset({".csv", ".parquet"})


def recordings_in(
    places: Iterable[Path], *, apart_from: Path | None = None, with_tables: bool = False
) -> tuple[Path, ...]:
    """Return files as they are given, and for a folder every recording in it and below.

    Parameters
    ----------
    places : iterable of Path
        Files and folders; of a BIDS data set the recordings of legs, not what was derived from them.
    apart_from : Path, optional
        A folder that holds results and no recordings.
    with_tables : bool
        Whether a table is a recording also where no layout stands beside it.

    Returns
    -------
    tuple of Path
        In the order that is given, those of a folder by name; each file once.

    Raises
    ------
    ConfigError
        If a folder holds none.
    """
    left_out = None if apart_from is None else apart_from.resolve()
    found: dict[Path, Path] = {}
    for place in places:
        listed = [place]
        if place.is_dir():
            listed = [
                path
                for path in _searched(place, with_tables=with_tables)
                if left_out is None or not path.resolve().is_relative_to(left_out)
            ]
        if not listed:
            expected = ", ".join(sorted(RECORDING_SUFFIXES))
            msg = f"{place}: holds no recording, expected files that end in {expected}, or tables with a layout"
            raise ConfigError(msg)
        for path in listed:
            found.setdefault(path.absolute(), path)
    return tuple(found.values())


def _searched(folder: Path, *, with_tables: bool) -> Iterator[Path]:
    if (folder / BIDS).is_file():
        from ingest.files.bids_recording import bids_recordings  # noqa: PLC0415 - few folders are a data set

        yield from bids_recordings(folder)
        return
    for path in sorted(folder.rglob("*")):
        is_meant = is_recording(path) or (with_tables and path.suffix.lower() in TABLES)
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if is_meant and not is_hidden and path.is_file():
            yield path
