"""Recordings of GENEActiv devices (``.bin``)."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from detectors.signal import Quantity
from ingest.errors import DecodeError
from ingest.files.device_streams import Asked, Device, recorded
from ingest.files.device_timeline import timeline
from ingest.files.geneactiv_pages import Calibration, PageMemory, PagesTold, scan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from detectors.recording import Recording

MAGIC: Final = b"Device Identity"
GENEA_MAGIC: Final = b"GENEA/"
FIRST_PAGE: Final = b"Recorded Data"
MOST_HEADER_BYTES: Final = 1 << 16
_AXES = ("x", "y", "z")
_LEAST_GAIN, _MOST_GAIN, _MOST_OFFSET = 1e2, 1e7, 1e7
_LEAST_HZ, _MOST_HZ = 1.0, 1000.0
_MOST_PAGES = 10_000_000
_OFFSET = re.compile(r"GMT([+-](?:[01]?\d|2[0-3]):[0-5]\d)")


def read_geneactiv(
    path: Path, *, channels: Mapping[str, str] | None = None, time_zone: str | None = None, salvage: bool = False
) -> Recording:
    """Open a recording of a GENEActiv; samples are read when they are asked for.

    Parameters
    ----------
    path : Path
        The ``.bin`` file.
    channels : mapping of str to str, optional
        What ``acceleration`` means, for example ``{"acceleration": "ACC-L"}`` for one that was worn on the left leg.
    time_zone : str, optional
        In which time zone the device's clock was set. The offset that the file tells if not given, else UTC.
    salvage : bool
        Read the whole pages of a damaged file, up to the first that is not.

    Returns
    -------
    Recording
        Acceleration in g. Where pages are missing there are gaps.

    Raises
    ------
    DecodeError
        If it is no such file, is cut off, or holds something else than pages. The file of a GENEA, the device before,
        has the same suffix and another form, and is refused.

    Notes
    -----
    Every page is looked at once when the file is opened. The pages have no checksum: a digit that is not the right one
    cannot be told from one that is.

    References
    ----------
    Activinsights: GENEActiv Instructions for Use, "Decoding .bin files".
    """
    with path.open("rb") as file:
        begin = file.read(MOST_HEADER_BYTES)
    if begin.startswith(GENEA_MAGIC):
        raise DecodeError(
            f"{path}: a recording of a GENEA, which is not made any more and not read, expected one of a GENEActiv"
        )
    if not begin.startswith(MAGIC):
        shown = begin[:16].decode("ascii", "backslashreplace")
        raise DecodeError(f"{path}: begins with {shown!r}, expected {MAGIC.decode()!r} of a GENEActiv file")
    end = begin.find(FIRST_PAGE)
    if end < 0:
        raise DecodeError(f"{path}: no page after the header, expected {FIRST_PAGE.decode()!r}: the file is cut off")
    told = _told(begin[:end])
    serial = told.get("Device Unique Serial Code", "").encode("ascii", "replace")
    n_pages = round(_number(told, "Number of Pages", (1, _MOST_PAGES), path))
    pages, rate = scan(path, PagesTold(end, n_pages, serial), salvage=salvage)
    rate_hz = {"Measurement Frequency": rate.decode("ascii", "replace")}
    fs_hz = _number(rate_hz, "Measurement Frequency", (_LEAST_HZ, _MOST_HZ), path)
    measured = timeline(pages.blocks(), fs_hz, str(path))
    device = Device("geneactiv", told.get("Device Location Code", ""), fs_hz, _zone(told.get("Time Zone", "")))
    memory = PageMemory(path, pages, _calibration(told, path))
    return recorded(Asked(path, channels, time_zone), device, measured, {Quantity.ACCELERATION: memory})


def _told(header: bytes) -> dict[str, str]:
    """Return what the header says, by its own keys; of a key that comes again the first."""
    lines = (line.partition(":") for line in header.decode("utf-8", "replace").splitlines())
    told: dict[str, str] = {}
    for key, _, value in lines:
        told.setdefault(key.strip(), value.strip(" \0"))
    return told


def _number(told: Mapping[str, str], key: str, limits: tuple[float, float], path: Path) -> float:
    said = told.get(key, "nothing")
    low, high = limits
    try:
        value = float(said)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise DecodeError(f"{path}: {key} is {said[:20]!r}, expected a number from {low:g} to {high:g}")
    return value


def _calibration(told: Mapping[str, str], path: Path) -> Calibration:
    gains = tuple(_number(told, f"{axis} gain", (_LEAST_GAIN, _MOST_GAIN), path) for axis in _AXES)
    offsets = tuple(_number(told, f"{axis} offset", (-_MOST_OFFSET, _MOST_OFFSET), path) for axis in _AXES)
    return Calibration(gains, offsets)


def _zone(told: str) -> str | None:
    """Return the offset from UTC that the file tells (``GMT +01:00``), or None."""
    parts = _OFFSET.fullmatch(told.replace(" ", ""))
    return None if parts is None else parts[1]
