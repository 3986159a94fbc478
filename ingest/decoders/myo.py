"""Thalmic Myo, second-hand only: eight channels of EMG at 200 Hz, already filtered, and an inertial unit at 50 Hz.

Nobody has tried this file on a Myo. Unconfirmed, to be checked on hardware:

- microvolts per count: the maker published none, so the EMG is in counts (8 bits) unless ``uv_per_count`` is given;
- that the four EMG characteristics always take turns: a loss is told by them alone, modulo four packets (40 ms);
  longer ones by the time of arrival;
- the byte order of the inertial unit: the maker's header says big-endian, the driver that works little-endian;
- that keep-awake holds for a whole night.

Layout: thalmiclabs/myo-bluetooth ``myohw.h``; Crimson-Crow/pymyo.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.signal import Quantity, Unit
from ingest.decoders.layout import Counting, Device, DeviceCard, Samples, StreamLayout
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.decoders.reading import decoding
from ingest.decoders.standard_steps import STANDARD_STEPS
from ingest.decoders.uncalibrated import EmgScale, emg_options
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ingest.decoders.layout import Said

_BASE = "d506{:04x}-a904-deb9-4748-2c7f4a124842"
SERVICE_UUID = _BASE.format(0x0001)
COMMAND_UUID = _BASE.format(0x0401)
MOTION_UUID = _BASE.format(0x0402)
EMG_UUIDS = tuple(_BASE.format(number) for number in (0x0105, 0x0205, 0x0305, 0x0405))
"""In the order in which they take turns."""
KEEP_AWAKE = bytes((0x09, 1, 1))
STREAM = bytes((0x01, 3, 0x02, 0x01, 0x00))
"""Filtered EMG and the inertial unit, no classifier."""
STREAM_NOTHING = bytes((0x01, 3, 0, 0, 0))
FS_HZ = 200.0
MOTION_HZ = 50.0
N_CHANNELS = 8
SAMPLES_PER_PACKET = 2
PER_QUATERNION, PER_G, PER_DPS = 16384.0, 2048.0, 16.0
_MOTION = struct.Struct("<10h")
_XYZ = ("x", "y", "z")
_EMG_COUNTING = Counting(LossMode.PACKET_COUNTER, span=len(EMG_UUIDS), samples_per_count=SAMPLES_PER_PACKET)
_BY_RATE = Counting(LossMode.RATE_ONLY)
_ACCELERATION = StreamLayout(Quantity.ACCELERATION, Unit.G, _XYZ, MOTION_HZ, _BY_RATE)
_ROTATION = StreamLayout(Quantity.ROTATION, Unit.DEGREES_PER_SECOND, _XYZ, MOTION_HZ, _BY_RATE)


class Motion(NamedTuple):
    """One notification of the inertial unit.

    Parameters
    ----------
    quaternion : tuple of float
        Orientation (w, x, y, z), unit length.
    acceleration_g : tuple of float
        Acceleration (x, y, z), g.
    rotation_dps : tuple of float
        Rotation (x, y, z), degrees per second.
    """

    quaternion: tuple[float, ...]
    acceleration_g: tuple[float, ...]
    rotation_dps: tuple[float, ...]


def encode_emg(counts: NDArray[np.integer]) -> bytes:
    """Return a notification of two samples of eight channels; the opposite of :func:`decode_emg`."""
    return counts.astype(np.int8).tobytes()


def decode_emg(payload: bytes) -> NDArray[np.int8]:
    """Read a notification of EMG.

    Parameters
    ----------
    payload : bytes
        Of any of the four characteristics.

    Returns
    -------
    ndarray of int8, shape (2, 8)
        Counts.

    Raises
    ------
    DecodeError
        If it does not have 16 bytes.
    """
    expected = SAMPLES_PER_PACKET * N_CHANNELS
    if len(payload) != expected:
        raise DecodeError(f"Myo EMG of {len(payload)} bytes, expected {expected}")
    return np.frombuffer(payload, dtype=np.int8).reshape(SAMPLES_PER_PACKET, N_CHANNELS)


def encode_motion(motion: Motion) -> bytes:
    """Return a notification of the inertial unit; the opposite of :func:`decode_motion`."""
    scales = ((motion.quaternion, PER_QUATERNION), (motion.acceleration_g, PER_G), (motion.rotation_dps, PER_DPS))
    return _MOTION.pack(*(round(value * scale) for values, scale in scales for value in values))


def decode_motion(payload: bytes) -> Motion:
    """Read a notification of the inertial unit.

    Parameters
    ----------
    payload : bytes
        Of its characteristic.

    Returns
    -------
    Motion
        Orientation, acceleration and rotation.

    Raises
    ------
    DecodeError
        If it does not have 20 bytes.
    """
    if len(payload) != _MOTION.size:
        raise DecodeError(f"Myo motion of {len(payload)} bytes, expected {_MOTION.size}")
    numbers = _MOTION.unpack(payload)
    return Motion(
        tuple(number / PER_QUATERNION for number in numbers[:4]),
        tuple(number / PER_G for number in numbers[4:7]),
        tuple(number / PER_DPS for number in numbers[7:]),
    )


class MyoReader:
    """What the bytes of a Myo mean; see :class:`ingest.decoders.reading.Reader`.

    Parameters
    ----------
    options : mapping of str to float
        ``uv_per_count`` and ``fs_hz``.
    """

    def __init__(self, options: Mapping[str, float]) -> None:
        self._scale = EmgScale(options, FS_HZ)
        self._emg = self._scale.layout(tuple(f"ch{number + 1}" for number in range(N_CHANNELS)), _EMG_COUNTING)

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        """Return nothing: a Myo is asked nothing of its own."""
        del characteristic, request, payload
        return []

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        """Read a notification.

        Raises
        ------
        DecodeError
            If it has the wrong length.
        """
        if characteristic == MOTION_UUID:
            motion = decode_motion(payload)
            return [
                Samples(_ACCELERATION, np.array([motion.acceleration_g], dtype=np.float32)),
                Samples(_ROTATION, np.array([motion.rotation_dps], dtype=np.float32)),
            ]
        if characteristic not in EMG_UUIDS:
            return []
        counts = decode_emg(payload)
        return [Samples(self._emg, self._scale.scaled(counts), EMG_UUIDS.index(characteristic))]

    def unlinked(self) -> None:
        """Forget nothing: every packet stands for itself."""


def _command(payload: bytes) -> SetupStep:
    return SetupStep(SetupOp.WRITE, COMMAND_UUID, payload=payload)


def _profile(_options: Mapping[str, float]) -> DeviceProfile:
    return DeviceProfile(
        name="myo",
        service_uuids=(SERVICE_UUID,),
        setup=(
            _command(KEEP_AWAKE),  # first: it falls asleep when it lies still
            *(SetupStep(SetupOp.SUBSCRIBE, uuid) for uuid in EMG_UUIDS),
            SetupStep(SetupOp.SUBSCRIBE, MOTION_UUID),
            *STANDARD_STEPS,
            _command(STREAM),
        ),
        stop=(_command(STREAM_NOTHING),),
        silence_timeout_s=3.0,
        loss_mode=LossMode.PACKET_COUNTER,
        name_prefixes=("Myo", "My Myo"),
        streams=(*EMG_UUIDS, MOTION_UUID),
    )


MYO_DEVICE = Device(
    name="myo",
    card=DeviceCard(
        title="Thalmic Myo (second-hand)",
        placement="forearm band; round a slim lower leg only",
        modality="EMG, 8 channels at 200 Hz, 8 bits in counts; acceleration and rotation at 50 Hz",
        loss="EMG modulo four packets (40 ms), longer losses by the time of arrival; acceleration by its rate only",
        mtu="23",
        sources=("thalmiclabs/myo-bluetooth", "Crimson-Crow/pymyo"),
        confirmed=(),
        unconfirmed=(
            "every layout: read in the maker's header and a driver, never seen on hardware",
            "microvolts per count: give uv_per_count, or the EMG stays in counts and is not scored",
            "that the EMG characteristics always take turns",
            "byte order of the inertial unit",
            "that keep-awake holds for a night",
        ),
    ),
    profile=_profile,
    decoder=decoding(MyoReader),
    options=emg_options(FS_HZ),
)
