"""What the files of a pyramid are called and how they are laid out; see :mod:`ingest.night.pyramid`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ingest.errors import DecodeError
from ingest.night.json_file import read_json

if TYPE_CHECKING:
    from pathlib import Path

    from detectors.signal import Stream

FORMAT: Final = 1
LEVELS: Final = 3
FACTOR: Final = 8
"""Buckets of a level that make one of the next."""
WHOLE: Final = "whole.json"
"""Says of which log the buckets are the whole; without it they are what was read so far."""
VALUE: Final = np.dtype("<f4")
TIMES: Final = np.dtype([("bucket", "<i8"), ("time_ns", "<i8"), ("fs_hz", "<f8"), ("begins", "<i8")])
"""From `bucket` on, at `time_ns`, samples follow at `fs_hz`; `begins` where the count of the sensor begins anew."""


def level_path(directory: Path, stem: str, level: int) -> Path:
    """Return where the buckets of a level are, 0 the finest."""
    return directory / f"{stem}.{level}.f32"


def times_path(directory: Path, stem: str) -> Path:
    """Return where the table of times is."""
    return directory / f"{stem}.times"


def header_of(stream: Stream, n_samples: int) -> dict[str, Any]:
    """Return what is said of a stream whose finest buckets hold `n_samples`."""
    return {
        "format": FORMAT,
        "sensor": stream.sensor,
        "leg": stream.leg,
        "site": stream.site,
        "quantity": stream.quantity,
        "unit": stream.unit,
        "axes": list(stream.axes),
        "fs_hz": stream.fs_hz,
        "n_samples": n_samples,
    }


def sizes(directory: Path) -> dict[str, int]:
    """Return the length of every file of a pyramid, in bytes."""
    return {path.name: path.stat().st_size for path in sorted(directory.iterdir()) if path.name != WHOLE}


def is_whole(directory: Path, log: Path) -> bool:
    """Return whether the buckets are those of the whole log as it is now, and none of their files was cut since."""
    try:
        said = read_json(directory / WHOLE)
        if not isinstance(said, dict) or not log.is_file():
            return False
        return bool(said.get("log_bytes") == log.stat().st_size and said.get("files") == sizes(directory))
    except (FileNotFoundError, NotADirectoryError, DecodeError):
        return False
