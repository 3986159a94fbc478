"""When the samples of an exported night were measured: one more channel of the file, which other programs leave alone.

A file has one rate and no holes, sensors have neither. The channel says which place holds which sample, what is missing
and why, the sensors' clocks, and the few samples that have no place. Its numbers are words of 16 bits of a message:
length and CRC-32, then JSON that is compressed, then stored numbers of 32 bits of the samples without a place.
"""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

LABEL: Final = "Soleus timing"
FORMAT: Final = 1
MAGIC: Final = b"SOLT"
MOST_TOLD_BYTES: Final = 1 << 25
"""A night of 400 000 gaps tells less; a file that unpacks to more was made to, and takes much more memory as values."""
_HEAD: Final = struct.Struct("<4sIII")
"""Magic, length of the compressed JSON, how many numbers follow it, CRC-32 of both."""
_NUMBER_BYTES: Final = 4
_WORD_BYTES: Final = 2


def timing_words(told: Mapping[str, Any], unplaced: NDArray[np.int32]) -> NDArray[np.int16]:
    """Return the words of a message.

    Parameters
    ----------
    told : mapping
        What is said, as plain values.
    unplaced : ndarray of int32, shape (n_numbers,)
        Stored numbers of the samples that have no place in the file.

    Returns
    -------
    ndarray of int16, shape (n_words,)
        As many as :func:`n_timing_words` says.
    """
    packed = _packed(told)
    body = packed + unplaced.astype("<i4").tobytes()
    message = _HEAD.pack(MAGIC, len(packed), len(unplaced), zlib.crc32(body)) + body
    return np.frombuffer(message.ljust(len(message) + len(message) % _WORD_BYTES, b"\0"), dtype="<i2").astype(np.int16)


def n_timing_words(told: Mapping[str, Any], n_unplaced: int) -> int:
    """Return how many words a message has."""
    return -(-(_HEAD.size + len(_packed(told)) + _NUMBER_BYTES * n_unplaced) // _WORD_BYTES)


def read_timing(words: NDArray[np.integer], place: str) -> tuple[dict[str, Any], NDArray[np.int32]]:
    """Read a message: the inverse of :func:`timing_words`.

    Parameters
    ----------
    words : ndarray of int, shape (n_words,)
        The numbers of the channel; more may follow.
    place : str
        File and channel, for the message.

    Returns
    -------
    dict
        What is said.
    ndarray of int32, shape (n_numbers,)
        Stored numbers of the samples that have no place in the file.

    Raises
    ------
    DecodeError
        If the channel was changed, or is of a later version.
    """
    message = words.astype("<i2").tobytes()
    if len(message) < _HEAD.size or not message.startswith(MAGIC):
        raise DecodeError(f"{place}: begins with {message[: len(MAGIC)]!r}, expected {MAGIC!r}: the file was changed")
    _, n_packed, n_numbers, crc = _HEAD.unpack_from(message)
    body = message[_HEAD.size : _HEAD.size + n_packed + _NUMBER_BYTES * n_numbers]
    if zlib.crc32(body) != crc:
        raise DecodeError(f"{place}: does not fit its checksum: the file was cut or changed")
    try:
        told = json.loads(zlib.decompressobj().decompress(body[:n_packed], MOST_TOLD_BYTES))
    except (zlib.error, ValueError, RecursionError) as error:
        raise DecodeError(f"{place}: cannot be read: {error}") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise DecodeError(f"{place}: is of another version, expected format {FORMAT}")
    return told, np.frombuffer(body, dtype="<i4", offset=n_packed).astype(np.int32)


def _packed(told: Mapping[str, Any]) -> bytes:
    return zlib.compress(json.dumps({"format": FORMAT, **told}, separators=(",", ":")).encode(), 9)
