"""Polar measurement data (PMD): the frames of accelerometer, gyroscope and magnetometer, both ways.

Layout and scales as in polarofficial/polar-ble-sdk (``PmdDataFrame``, ``AccData``, ``GyrData``, ``MagData``).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from ingest.decoders.polar_delta import N_AXES, decode_delta, packed, signed, to_bytes
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MG_PER_G = 1000.0
_HEADER = struct.Struct("<BQB")
_DELTA_BIT = 0x80
_FLOAT_BITS = 32
_FLOAT_MASK = (1 << _FLOAT_BITS) - 1


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
    """How the samples of a frame are stored; what a delta is of depends on what is measured."""

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


def decode_gyro(frame: Frame, factor: float) -> NDArray[np.float32]:
    """Return the samples of a gyroscope frame, degrees per second, shape (n_samples, 3).

    Parameters
    ----------
    frame : Frame
        With at least one sample; only delta types are specified.
    factor : float
        From the response to the start command.

    Raises
    ------
    DecodeError
        If the frame type is unknown, or samples are not whole.
    """
    match frame.frame_type:
        case FrameType.DELTA_G:
            return (decode_delta(frame.payload) * factor).astype(np.float32)
        case FrameType.DELTA_MG:
            # The differences are between the bit patterns of single-precision numbers, taken as integers.
            bits = decode_delta(frame.payload, _FLOAT_BITS) & _FLOAT_MASK
            with np.errstate(over="ignore", invalid="ignore"):
                return bits.astype("<u4").view("<f4") * np.float32(factor)
    msg = f"Polar gyroscope frame type {frame.frame_type:#04x}, expected 80 or 81"
    raise DecodeError(msg)


def decode_mag(frame: Frame, factor: float) -> NDArray[np.float32]:
    """Return the samples of a magnetometer frame, gauss, shape (n_samples, 3).

    Parameters
    ----------
    frame : Frame
        With at least one sample; only delta types are specified.
    factor : float
        From the response to the start command.

    Raises
    ------
    DecodeError
        If the frame type is unknown, or samples are not whole.
    """
    match frame.frame_type:
        case FrameType.DELTA_G:
            return (decode_delta(frame.payload) * factor).astype(np.float32)
        case FrameType.DELTA_MG:
            # The fourth number tells how well the sensor is calibrated.
            milligauss = decode_delta(frame.payload, n_channels=N_AXES + 1)[:, :N_AXES]
            return (milligauss * (factor / MG_PER_G)).astype(np.float32)
    msg = f"Polar magnetometer frame type {frame.frame_type:#04x}, expected 80 or 81"
    raise DecodeError(msg)


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
    return encode_frame(Measurement.ACC, last_ns, frame_type, raw, blocks=blocks)


def encode_frame(
    measurement: Measurement,
    last_ns: int,
    frame_type: FrameType,
    raw: NDArray[np.integer],
    *,
    blocks: Sequence[int] = (),
    delta_bytes: int = 2,
) -> bytes:
    """Return a notification of any measurement; `delta_bytes` is the width of the first sample of a delta frame.

    Raises
    ------
    ValueError
        If a number does not fit its width, or a block is empty or too long.
    """
    width = _RAW_BYTES.get(frame_type, delta_bytes)
    first = raw if frame_type in _RAW_BYTES else raw[:1]
    payload = to_bytes(first, width)
    if frame_type & _DELTA_BIT:
        payload += packed(raw[1:].astype(np.int64) - raw[:-1], blocks)
    return Frame(measurement, last_ns, frame_type, payload).to_bytes()
