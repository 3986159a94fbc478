"""OpenBCI Ganglion: what its 20-byte packets say, both ways.

Bit strings have the highest bit first; the channels of the first sample come before those of the second. A packet of
differences (firmware 2) and one of values (firmware 3) have the same fields, and both keep the sign in the lowest bit.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

N_BYTES = 20
N_CHANNELS = 4
SAMPLES_PER_PACKET = 2
UV_PER_COUNT = 1.2e6 / (8_388_607 * 1.5 * 51)
"""Reference voltage, 24 bits, gains of the converter and of the amplifier."""
G_PER_STEP = 0.016
_RAW_BYTES, _CONVERTER_BITS = 3, 24
_ACCELERATION_AT = 19
PADDING = b"ABCDEFG"
"""What fills a packet of whole values up."""


class Width(IntEnum):
    """Bits per field: fewer leave room for the accelerometer."""

    WITH_ACCELERATION = 18
    EMG_ONLY = 19


class PacketId(IntEnum):
    """First bytes of packets that hold no samples, the same in every firmware."""

    IMPEDANCE_1 = 201
    IMPEDANCE_REFERENCE = 205
    TEXT = 206
    LAST_TEXT = 207


class Fields(NamedTuple):
    """The fields of a packet of two samples.

    Parameters
    ----------
    packet_id : int
        First byte.
    width : Width
        Bits per field.
    fields : ndarray of int64, shape (2, 4)
        As they stand, without sign.
    acceleration : int or None
        Steps along one axis, -128 to 127; None where there is no room for it.
    """

    packet_id: int
    width: Width
    fields: NDArray[np.int64]
    acceleration: int | None = None


def encode_fields(packet: Fields) -> bytes:
    """Return the bytes of a packet of two samples; the opposite of :func:`decode_fields`."""
    bits = 0
    for field in packet.fields.ravel():
        bits = bits << packet.width | int(field)
    area = bits.to_bytes(packet.width, "big")  # eight fields of n bits fill n bytes
    tail = b"" if packet.acceleration is None else bytes((packet.acceleration % 256,))
    return (bytes((packet.packet_id,)) + area + tail).ljust(N_BYTES, b"\0")


def decode_fields(payload: bytes, width: Width) -> Fields:
    """Read a packet of two samples.

    Parameters
    ----------
    payload : bytes
        20 bytes.
    width : Width
        Bits per field.

    Returns
    -------
    Fields
        What it holds.

    Raises
    ------
    DecodeError
        If it is cut off.
    """
    _expect_whole(payload)
    bits = int.from_bytes(payload[1 : 1 + width], "big")
    n_fields = SAMPLES_PER_PACKET * N_CHANNELS
    mask = (1 << width) - 1
    flat = [bits >> width * (n_fields - 1 - number) & mask for number in range(n_fields)]
    fields = np.array(flat, dtype=np.int64).reshape(SAMPLES_PER_PACKET, N_CHANNELS)
    has_acceleration = width is Width.WITH_ACCELERATION
    steps = int.from_bytes(payload[_ACCELERATION_AT:N_BYTES], signed=True) if has_acceleration else None
    return Fields(payload[0], width, fields, steps)


def fields_of_differences(differences: NDArray[np.int64], width: Width) -> NDArray[np.int64]:
    """Return the fields that say differences; an odd one that is positive and an even one that is negative lose 1."""
    return (differences % (1 << width) & ~1) | (differences < 0)


def differences(fields: NDArray[np.int64], width: Width) -> NDArray[np.int64]:
    """Return the differences that fields say: negative where the lowest bit is set."""
    return np.where(fields & 1, fields - (1 << width), fields)


def fields_of_values(counts: NDArray[np.int64], width: Width) -> NDArray[np.int64]:
    """Return the fields that say values; the lowest bits of the values are lost."""
    return (counts >> (_CONVERTER_BITS - width)) % (1 << width) & ~1 | (counts < 0)


def values(fields: NDArray[np.int64], width: Width) -> NDArray[np.int64]:
    """Return the values that fields say, counts: all but the lowest bit, which repeats the sign."""
    top = 1 << (width - 1)
    signed = ((fields & ~1) ^ top) - top
    return signed << (_CONVERTER_BITS - width)


def encode_raw(counts: Sequence[int]) -> bytes:
    """Return a packet of one whole sample (firmware 2, id 0); the opposite of :func:`decode_raw`."""
    body = b"".join(int(count).to_bytes(_RAW_BYTES, "big", signed=True) for count in counts)
    return b"\0" + body + PADDING


def decode_raw(payload: bytes) -> NDArray[np.int64]:
    """Read a packet of one whole sample.

    Parameters
    ----------
    payload : bytes
        20 bytes.

    Returns
    -------
    ndarray of int64, shape (4,)
        Counts.

    Raises
    ------
    DecodeError
        If it is cut off.
    """
    _expect_whole(payload)
    starts = range(1, 1 + N_CHANNELS * _RAW_BYTES, _RAW_BYTES)
    counts = [int.from_bytes(payload[start : start + _RAW_BYTES], "big", signed=True) for start in starts]
    return np.array(counts, dtype=np.int64)


def encode_impedance(electrode: int, ohm: int) -> bytes:
    """Return an impedance packet; electrodes 1 to 4, 5 is the reference; the opposite of :func:`decode_impedance`."""
    return bytes((PacketId.IMPEDANCE_1 + electrode - 1,)) + (str(ohm) if ohm else "").encode() + b"Z\n"


def decode_impedance(payload: bytes) -> tuple[int, int]:
    """Read an impedance packet.

    Parameters
    ----------
    payload : bytes
        An id from 201 to 205, digits, ``Z``.

    Returns
    -------
    tuple of int
        Electrode, 1 to 4 and 5 for the reference, and its impedance; the sensor writes no digit for 0.

    Raises
    ------
    DecodeError
        If there is no number.
    """
    digits, end, _ = payload[1:].partition(b"Z")
    if not end or len(payload) > N_BYTES or (digits and not digits.isdigit()):
        raise DecodeError(f"Ganglion impedance {payload[1:].hex()}, expected digits and Z")
    return payload[0] - PacketId.IMPEDANCE_1 + 1, int(digits or b"0")


def encode_text(text: str) -> list[bytes]:
    """Return the packets of a message."""
    room = N_BYTES - 1
    body = text.encode("ascii")
    parts = [body[start : start + room] for start in range(0, len(body), room)] or [b""]
    ids = [PacketId.TEXT] * (len(parts) - 1) + [PacketId.LAST_TEXT]
    return [bytes((packet_id,)) + part for packet_id, part in zip(ids, parts, strict=True)]


def _expect_whole(payload: bytes) -> None:
    if len(payload) != N_BYTES:
        raise DecodeError(f"Ganglion packet of {len(payload)} bytes, expected {N_BYTES}")
