"""Recordings of ActiGraph devices (``.gt3x``)."""

from __future__ import annotations

import math
import re
import struct
from typing import TYPE_CHECKING, Final

import numpy as np

from detectors.signal import Quantity
from ingest.errors import DecodeError
from ingest.files.actigraph_archive import INFO, Archive
from ingest.files.actigraph_log import LogMemory, scan
from ingest.files.device_streams import Asked, Device, recorded
from ingest.files.device_timeline import MOST_RATE_ERROR, timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from detectors.recording import Recording

MAGIC: Final = b"PK"
# Keys of the parameters (Parameters.md): address space and identifier.
_SCALE_KEY = (0, 55)
_PARAMETER: Final = struct.Struct("<HHI")
# Counts in 1 g by the beginning of the serial number, where nothing tells it (Activity2.md).
_SCALES = {"NEO": 341.0, "CLE": 341.0, "MOS": 256.0, "TAS": 256.0}
_LEAST_SCALE, _MOST_SCALE = 1.0, 1e6
_LEAST_HZ, _MOST_HZ = 1.0, 1000.0
_OFFSET = re.compile(r"([+-]?)([01]?\d|2[0-3]):([0-5]\d)(?::\d{2})?")


def read_actigraph(path: Path, *, channels: Mapping[str, str] | None = None, time_zone: str | None = None) -> Recording:
    """Open a recording of an ActiGraph device; samples are read when they are asked for.

    Parameters
    ----------
    path : Path
        The ``.gt3x`` file.
    channels : mapping of str to str, optional
        What ``acceleration`` means, for example ``{"acceleration": "ACC-L"}`` for one that was worn on the left leg.
    time_zone : str, optional
        In which time zone the device's clock was set. The offset that the file tells if not given, else UTC.

    Returns
    -------
    Recording
        Acceleration in g. Where the device stopped, as it does when it lies still and idle sleep mode is on, there are
        gaps: nothing was measured, and nothing is made up.

    Raises
    ------
    DecodeError
        If it is no such file, is cut off, or a record fails its checksum.

    Notes
    -----
    Every record is read once when the file is opened, to verify its checksum and that of the archive. The gyroscope of
    a GT9X Link is not read.

    References
    ----------
    ActiGraph: GT3X file format, github.com/actigraph/GT3X-File-Format.
    """
    archive = Archive(path)
    info = archive.info()
    fs_hz = _number(info, "Sample Rate", path)
    if not _LEAST_HZ <= fs_hz <= _MOST_HZ:
        raise DecodeError(f"{path}: sample rate is {fs_hz:g} Hz, expected {_LEAST_HZ:g} to {_MOST_HZ:g}")
    log = scan(archive, str(path))
    usual = float(np.median(log.n_samples))
    if abs(usual / fs_hz - 1) > MOST_RATE_ERROR:
        raise DecodeError(f"{path}: a second holds {usual:g} samples, expected about {fs_hz:g} as {INFO} tells")
    measured = timeline(log.blocks(), fs_hz, str(path))
    location = " ".join(info.get(key, "") for key in ("Side", "Limb"))
    device = Device("actigraph", location, fs_hz, _offset(info.get("TimeZone", "")))
    memory = LogMemory(archive, log, _scale(info, log.parameters, path))
    return recorded(Asked(path, channels, time_zone), device, measured, {Quantity.ACCELERATION: memory})


def _number(info: Mapping[str, str], key: str, path: Path) -> float:
    said = info.get(key, "nothing")
    try:
        # The program that writes the file does it as the computer's language has it.
        return float(said.replace(",", "."))
    except ValueError as error:
        raise DecodeError(f"{path}: {key} in {INFO} is {said[:20]!r}, expected a number") from error


def _scale(info: Mapping[str, str], parameters: bytes, path: Path) -> float:
    """Return counts in 1 g: what the device told itself, else the file, else its kind."""
    said = next(_told(parameters), None)
    if said is None and "Acceleration Scale" in info:
        said = _number(info, "Acceleration Scale", path)
    if said is None:
        said = _SCALES.get(info.get("Serial Number", "")[:3])
    if said is None:
        raise DecodeError(f"{path}: nothing says how many counts 1 g has, expected 'Acceleration Scale' in {INFO}")
    if not _LEAST_SCALE <= said <= _MOST_SCALE:
        raise DecodeError(f"{path}: {said:g} counts in 1 g, expected {_LEAST_SCALE:g} to {_MOST_SCALE:g}")
    return said


def _told(parameters: bytes) -> Iterator[float]:
    whole = len(parameters) // _PARAMETER.size * _PARAMETER.size
    for space, key, value in _PARAMETER.iter_unpack(parameters[:whole]):
        if (space, key) == _SCALE_KEY:
            # A fraction of 24 bits and an exponent of 8, both signed.
            exponent, fraction = ((value >> 24) ^ 0x80) - 0x80, ((value & 0xFFFFFF) ^ 0x800000) - 0x800000
            yield math.ldexp(fraction / (1 << 23), exponent)


def _offset(told: str) -> str | None:
    """Return the offset from UTC as a time zone (``02:00:00`` is ``+02:00``), or None if it is not told."""
    parts = _OFFSET.fullmatch(told)
    return None if parts is None else f"{parts[1] or '+'}{parts[2]}:{parts[3]}"
