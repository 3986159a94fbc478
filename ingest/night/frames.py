"""The frames of a packet log: which bytes of it are whole records.

The file begins with a magic and a version. Each record is framed by its length and the CRC-32 of
length and content. Behind a frame that does not check, the next one that does is searched for byte by
byte, because damage may have hit the length.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import TYPE_CHECKING

from ingest.errors import DecodeError
from ingest.night.record_bytes import LEAST_BYTES

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

MAGIC = b"SOLEUS"
VERSION = 1
HEADER = MAGIC + struct.pack("<H", VERSION)
HEADER_BYTES = len(HEADER)
FRAME = struct.Struct("<II")
MOST_BYTES = 1 << 20
"""Longest content of a record; a length above it is damage."""
_MOST_FRAME_BYTES = FRAME.size + MOST_BYTES
_CHUNK_BYTES = 4 << 20
_GLANCE_BYTES = 1 << 18
_LENGTH = re.compile(rb"(?=..[\x00-\x10]\x00)(?![\x00-\x08]\x00\x00\x00)", re.DOTALL)
"""Where a frame may begin by its length, as good as :data:`LEAST_BYTES` and :data:`MOST_BYTES` say it in bytes."""


def framed(content: bytes) -> bytes:
    """Return a record's bytes as they stand in the log."""
    return FRAME.pack(len(content), zlib.crc32(content, len(content))) + content


def check_header(path: Path, header: bytes) -> bool:
    """Tell whether the header is whole.

    Raises
    ------
    DecodeError
        If it is another file's.
    """
    if not HEADER.startswith(header):
        msg = f"{path}: begins with {header.hex()}, expected a packet log of version {VERSION} ({HEADER.hex()})"
        raise DecodeError(msg)
    return len(header) == len(HEADER)


def next_few_frames(file: BinaryIO, offset: int) -> tuple[list[tuple[int, bytes]], int]:
    """Read a quarter of a MiB of records, for those who want no more than a stretch; see :func:`next_frames`."""
    file.seek(offset)
    frames, used = _whole_frames(file.read(_GLANCE_BYTES))
    # What is not whole at once may be longer than this, or damaged.
    if not frames or frames[0][0] != 0:
        return next_frames(file, offset)
    return [(offset + position, content) for position, content in frames], offset + used


def next_frames(file: BinaryIO, offset: int) -> tuple[list[tuple[int, bytes]], int]:
    """Read the next whole records of a log.

    Parameters
    ----------
    file : binary file
        The log.
    offset : int
        Where to begin.

    Returns
    -------
    frames : list of (int, bytes)
        Offset and content of each, up to the next damage and 4 MiB of them at most; none at the end of the log.
    offset : int
        Where the last of them ends; what is not whole behind it may still become so.
    """
    start = offset
    while True:
        file.seek(start)
        data = file.read(_CHUNK_BYTES)
        frames, used = _whole_frames(data)
        if frames:
            return [(start + position, content) for position, content in frames], start + used
        if len(data) < _CHUNK_BYTES:
            return [], offset
        start += _CHUNK_BYTES - _MOST_FRAME_BYTES + 1


def _whole_frames(data: bytes) -> tuple[list[tuple[int, bytes]], int]:
    """Return position and content of whole records in `data`, and where the last one ends."""
    frames: list[tuple[int, bytes]] = []
    position, used = 0, 0
    while position + FRAME.size <= len(data):
        length, checksum = FRAME.unpack_from(data, position)
        start, stop = position + FRAME.size, position + FRAME.size + length
        if LEAST_BYTES <= length <= MOST_BYTES and stop <= len(data):
            content = data[start:stop]
            if zlib.crc32(content, length) == checksum:
                frames.append((position, content))
                position = used = stop
                continue
        if frames:
            break  # the next reading begins here: it holds this record whole, or the record never will be
        candidate = _LENGTH.search(data, position + 1)
        if candidate is None:
            break
        position = candidate.start()
    return frames, used
