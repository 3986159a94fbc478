"""Polar measurement data (PMD): the frames of the accelerometer, both ways.

Layout and scales as in polarofficial/polar-ble-sdk (``PmdDataFrame``, ``AccData``).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

N_AXES = 3
MG_PER_G = 1000.0
_BITS_PER_BYTE = 8
_MOST_DELTA_BITS = 32
_HEADER = struct.Struct("<BQB")
_DELTA_BIT = 0x80


class Measurement(IntEnum):
    """What a frame holds."""

    ECG = 0
    PPG = 1
    ACC = 2
    PPI = 3
    GYRO = 5
    MAG = 6
    SKIN_TEMP = 7
    SDK_MODE = 9


class FrameType(IntEnum):
    """How the samples of an accelerometer frame are stored."""

    I8 = 0x00
    I16 = 0x01
    I24 = 0x02
    DELTA_G = 0x80
    DELTA_MG = 0x81


_RAW_BYTES: dict[int, int] = {FrameType.I8: 1, FrameType.I16: 2, FrameType.I24: 3}


@dataclass(frozen=True, slots=True)
class Frame:
    """One notification of the data characteristic.

    Parameters
    ----------
    measurement : int
        A :class:`Measurement`.
    last_ns : int
        The device's time of the last sample, ns.
    frame_type : int
        A :class:`FrameType`.
    payload : bytes
        The samples.
    """

    measurement: int
    last_ns: int
    frame_type: int
    payload: bytes

    def to_bytes(self) -> bytes:
        """Return the notification."""
        return _HEADER.pack(self.measurement, self.last_ns, self.frame_type) + self.payload

    @classmethod
    def from_bytes(cls, data: bytes) -> Frame:
        """Read a notification.

        Raises
        ------
        DecodeError
            If there is nothing behind its header.
        """
        if len(data) <= _HEADER.size:
            msg = f"Polar frame has {len(data)} bytes, expected more than {_HEADER.size}"
            raise DecodeError(msg)
        measurement, last_ns, frame_type = _HEADER.unpack_from(data)
        return cls(measurement & 0x3F, last_ns, frame_type, data[_HEADER.size :])


def decode_acc(frame: Frame, factor: float, resolution_bits: int = 16) -> NDArray[np.float32]:
    """Return the samples of an accelerometer frame, g, shape (n_samples, 3).

    Parameters
    ----------
    frame : Frame
        With at least one sample.
    factor : float
        From the response to the start command; 1 where it gave none.
    resolution_bits : int
        Width of the reference sample of a delta frame.

    Raises
    ------
    DecodeError
        If the frame type is unknown, or samples are not whole.
    """
    width = _RAW_BYTES.get(frame.frame_type)
    if width is not None:
        return (signed(frame.payload, width) / MG_PER_G).astype(np.float32)
    if frame.frame_type not in (FrameType.DELTA_G, FrameType.DELTA_MG):
        msg = f"Polar accelerometer frame type {frame.frame_type:#04x}, expected 00, 01, 02, 80 or 81"
        raise DecodeError(msg)
    g_per_step = factor if frame.frame_type == FrameType.DELTA_G else factor / MG_PER_G
    return (decode_delta(frame.payload, resolution_bits) * g_per_step).astype(np.float32)


def signed(payload: bytes, width: int) -> NDArray[np.int64]:
    """Return little-endian signed numbers of `width` bytes, shape (n_samples, 3).

    Raises
    ------
    DecodeError
        If there is no sample or the last one is not whole.
    """
    n_samples, rest = divmod(len(payload), width * N_AXES)
    if rest or not n_samples:
        msg = f"Polar frame has {len(payload)} bytes of samples, expected a multiple of {width * N_AXES}"
        raise DecodeError(msg)
    wide = np.zeros((n_samples * N_AXES, 8), dtype=np.uint8)
    wide[:, 8 - width :] = np.frombuffer(payload, dtype=np.uint8).reshape(-1, width)
    numbers: NDArray[np.int64] = wide.view("<i8") >> (64 - _BITS_PER_BYTE * width)
    return numbers.reshape(n_samples, N_AXES)


def decode_delta(payload: bytes, resolution_bits: int = 16) -> NDArray[np.int64]:
    """Return the samples of a delta payload, shape (n_samples, 3).

    The first sample stands whole; each block gives a width and a count, and then that many
    differences to the sample before, packed without regard to byte borders. A width of 0 is not
    specified; it is read as no change.

    Raises
    ------
    DecodeError
        If the payload ends inside a block or a width is impossible.
    """
    width = -(-resolution_bits // _BITS_PER_BYTE)
    position = width * N_AXES
    pieces = [signed(payload[:position], width)]
    while position < len(payload):
        if position + 2 > len(payload):
            msg = f"Polar delta payload of {len(payload)} bytes ends inside the header of a block"
            raise DecodeError(msg)
        bits, n_samples = payload[position], payload[position + 1]
        stop = position + 2 + -(-bits * n_samples * N_AXES // _BITS_PER_BYTE)
        if bits > _MOST_DELTA_BITS or stop > len(payload):
            msg = f"Polar delta block of {n_samples} x {bits} bits ends at {stop}, the payload at {len(payload)}"
            raise DecodeError(msg)
        pieces.append(_unpacked(payload[position + 2 : stop], bits, n_samples))
        position = stop
    samples: NDArray[np.int64] = np.cumsum(np.concatenate(pieces), axis=0)
    return samples


def _unpacked(packed: bytes, bits: int, n_samples: int) -> NDArray[np.int64]:
    """Return signed numbers of `bits` bits, lowest bit first."""
    if not bits:
        return np.zeros((n_samples, N_AXES), dtype=np.int64)
    flags = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), bitorder="little")[: bits * n_samples * N_AXES]
    weights = np.int64(1) << np.arange(bits, dtype=np.int64)
    weights[-1] = -weights[-1]
    numbers: NDArray[np.int64] = (flags.reshape(n_samples, N_AXES, bits) * weights).sum(axis=2)
    return numbers


def encode_acc(last_ns: int, frame_type: FrameType, raw: NDArray[np.integer], *, blocks: Sequence[int] = ()) -> bytes:
    """Return an accelerometer notification.

    Parameters
    ----------
    last_ns : int
        Device time of the last sample, ns.
    frame_type : FrameType
        How to store the samples.
    raw : ndarray of int, shape (n_samples, 3)
        Raw steps: mg in all types but `DELTA_G`.
    blocks : sequence of int
        For delta types: samples per block, each below 256; the rest goes into blocks of 255.

    Raises
    ------
    ValueError
        If a number does not fit its width, or a block is empty or too long.
    """
    width = _RAW_BYTES.get(frame_type, 2)
    first = raw if frame_type in _RAW_BYTES else raw[:1]
    payload = _to_bytes(first, width)
    if frame_type & _DELTA_BIT:
        payload += _packed(raw[1:].astype(np.int64) - raw[:-1], list(blocks))
    return Frame(Measurement.ACC, last_ns, frame_type, payload).to_bytes()


def _to_bytes(raw: NDArray[np.integer], width: int) -> bytes:
    limit = 1 << (_BITS_PER_BYTE * width - 1)
    if np.any(raw < -limit) or np.any(raw >= limit):
        msg = f"samples from {raw.min()} to {raw.max()} do not fit into {width} bytes"
        raise ValueError(msg)
    wide = np.ascontiguousarray(raw, dtype="<i8").view(np.uint8).reshape(-1, 8)
    return wide[:, :width].tobytes()


def _packed(deltas: NDArray[np.int64], blocks: list[int]) -> bytes:
    """Return delta blocks, each as narrow as its differences allow."""
    packed, start = b"", 0
    while start < len(deltas):
        n_samples = blocks.pop(0) if blocks else 255
        if not 0 < n_samples < 256:  # noqa: PLR2004 - the count is one byte
            msg = f"a delta block of {n_samples} samples, expected 1 to 255"
            raise ValueError(msg)
        part = deltas[start : start + n_samples]
        # Bits of the largest magnitude, and one for the sign; ~x has the magnitude bits of a negative x.
        bits = int(np.where(part < 0, ~part, part).max()).bit_length() + 1
        flags = (part[:, :, None] >> np.arange(bits)) & 1
        packed += bytes((bits, len(part))) + np.packbits(flags.astype(np.uint8).ravel(), bitorder="little").tobytes()
        start += len(part)
    return packed
