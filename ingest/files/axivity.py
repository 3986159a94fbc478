"""Recordings of Axivity AX3 and AX6 loggers (``.cwa``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from detectors.signal import Quantity
from ingest.errors import DecodeError
from ingest.files.axivity_blocks import ACCELERATION_ALONE, BLOCK_BYTES, HEADER_BYTES, scan
from ingest.files.axivity_samples import memory
from ingest.files.device_streams import Asked, Device, recorded
from ingest.files.device_timeline import timeline

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from detectors.recording import Recording

MAGIC: Final = b"MD"
_HEADER_LENGTH = HEADER_BYTES - 4
_ANNOTATION: Final = slice(64, 512)
_MOST_FIELDS = 100


def read_axivity(
    path: Path, *, channels: Mapping[str, str] | None = None, time_zone: str | None = None, salvage: bool = False
) -> Recording:
    """Open a recording of an Axivity AX3 or AX6; samples are read when they are asked for.

    Parameters
    ----------
    path : Path
        The ``.cwa`` file.
    channels : mapping of str to str, optional
        What ``acceleration`` and ``rotation`` mean, for example ``{"acceleration": "ACC-L"}`` for one that was worn on
        the left leg; ``-`` leaves one out.
    time_zone : str, optional
        In which time zone the device's clock was set: the file does not tell. Taken as UTC if not given.
    salvage : bool
        Read what is whole of a damaged file: blocks that are not become gaps, and an end that is cut off is left away.

    Returns
    -------
    Recording
        Acceleration in g and, of an AX6, rotation in °/s. Where the device stopped there are gaps.

    Raises
    ------
    DecodeError
        If it is no such file, is cut off, or a block fails its checksum; with `salvage`, if no block is whole.

    Notes
    -----
    Every block is read once when the file is opened, to verify its checksum. A file that is cut off exactly between two
    blocks cannot be told from a whole one: nothing in it says how long it is.

    References
    ----------
    Open Movement: AX3 technical documentation and ``cwa.h``, github.com/openmovementproject/openmovement.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
    n_blocks = _expect_header(path, header, size, salvage=salvage)
    scanned = scan(path, n_blocks, salvage=salvage)
    measured = timeline(scanned.blocks, scanned.form.fs_hz, str(path))
    quantities = [Quantity.ACCELERATION]
    if scanned.form.n_axes > ACCELERATION_ALONE:
        quantities.append(Quantity.ROTATION)
    memories = {quantity: memory(path, scanned, quantity) for quantity in quantities}
    device = Device("axivity", _location(header), scanned.form.fs_hz, None)
    return recorded(Asked(path, channels, time_zone), device, measured, memories)


def _expect_header(path: Path, header: bytes, size: int, *, salvage: bool) -> int:
    """Return how many blocks follow."""
    if len(header) < HEADER_BYTES:
        raise DecodeError(f"{path}: {size} bytes, expected a header of {HEADER_BYTES}: the file is cut off")
    length = int.from_bytes(header[2:4], "little")
    if header[:2] != MAGIC or length != _HEADER_LENGTH:
        raise DecodeError(f"{path}: header begins with {header[:4].hex(' ')}, expected 4d 44 fc 03 of an Axivity file")
    n_blocks, rest = divmod(size - HEADER_BYTES, BLOCK_BYTES)
    if rest and not salvage:
        raise DecodeError(
            f"{path}: {rest} bytes after {n_blocks} whole blocks, expected {BLOCK_BYTES} in each: the file is cut off"
        )
    if not n_blocks:
        raise DecodeError(f"{path}: no block of samples after the header, expected at least one")
    return n_blocks


def _location(header: bytes) -> str:
    """Return where the device was worn, as told at its set-up; empty if it was not."""
    text = header[_ANNOTATION].rstrip(b" \0\xff").decode("ascii", "replace")
    try:
        return parse_qs(text, max_num_fields=_MOST_FIELDS).get("_p", [""])[0]
    except ValueError:  # too many fields: a note is free text
        return ""
