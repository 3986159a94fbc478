"""Nordic Thingy:52: raw acceleration and rotation of its motion service.

One sample per notification, without counter or time. The motion configuration is written on each connect.

Layouts as in NordicSemiconductor/Nordic-Thingy52-FW (``ble_tms.h``, ``m_motion.c``). Not confirmed on hardware:

- that it advertises a name beginning with Thingy (the motion service need not be advertised);
- that the raw stream follows the motion frequency up to 200 Hz;
- that the longest intervals of steps, temperature and compass (5, 5 and 1 s) are taken;
- measuring range: samples beyond ±16 g or ±2000 degrees per second.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.signal import Quantity, Unit
from ingest.decoders.layout import Counting, Device, DeviceCard, DeviceOption, Said, Samples, StreamLayout
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.decoders.reading import decoding
from ingest.decoders.standard_steps import STANDARD_STEPS
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from ingest.decoders.layout import Options

_BASE = "ef68{:04x}-9b35-4933-9b10-52ffa9740042"
SERVICE_UUID = _BASE.format(0x0400)
CONFIG_UUID = _BASE.format(0x0401)
RAW_UUID = _BASE.format(0x0406)

_RAW = struct.Struct("<9h")
_PER_COUNT = (1 / 1024, 1 / 32, 1 / 16)
"""g, degrees per second and µT."""
_CONFIG = struct.Struct("<4HB")
_STEPS_MS, _TEMPERATURE_MS, _COMPASS_MS = 5000, 5000, 1000  # as seldom as they go: nobody reads them
_WAKE_ON_MOTION = 1


class RawMotion(NamedTuple):
    """One notification: acceleration in g, rotation in degrees per second, field in µT; x, y, z each."""

    acceleration_g: tuple[float, ...]
    rotation_dps: tuple[float, ...]
    field_ut: tuple[float, ...]

    @classmethod
    def from_bytes(cls, payload: bytes) -> RawMotion:
        """Read a notification.

        Raises
        ------
        DecodeError
            If it is not 18 bytes long.
        """
        if len(payload) != _RAW.size:
            msg = f"Thingy:52 raw motion has {len(payload)} bytes, expected {_RAW.size}"
            raise DecodeError(msg)
        counts = _RAW.unpack(payload)
        g, dps, ut = _PER_COUNT
        acceleration_g = tuple(count * g for count in counts[:3])
        return cls(
            acceleration_g, tuple(count * dps for count in counts[3:6]), tuple(count * ut for count in counts[6:])
        )

    def to_bytes(self) -> bytes:
        """Return the notification."""
        counts = [round(value / per_count) for part, per_count in zip(self, _PER_COUNT, strict=True) for value in part]
        return _RAW.pack(*counts)


def motion_config(fs_hz: float) -> bytes:
    """Return the motion configuration for a sampling rate.

    Examples
    --------
    >>> motion_config(50).hex(" ")
    '88 13 88 13 e8 03 32 00 01'
    """
    return _CONFIG.pack(_STEPS_MS, _TEMPERATURE_MS, _COMPASS_MS, round(fs_hz), _WAKE_ON_MOTION)


class Thingy52Reader:
    """What a Thingy:52's bytes mean; see :class:`ingest.decoders.reading.Reader`.

    Parameters
    ----------
    options : mapping of str to float
        ``fs_hz``.
    """

    def __init__(self, options: Options) -> None:
        axes, counting = ("x", "y", "z"), Counting(LossMode.RATE_ONLY)
        self._acceleration = StreamLayout(Quantity.ACCELERATION, Unit.G, axes, options["fs_hz"], counting)
        self._rotation = StreamLayout(Quantity.ROTATION, Unit.DEGREES_PER_SECOND, axes, options["fs_hz"], counting)

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        """Take nothing: its replies say nothing about samples."""
        del characteristic, request, payload
        return []

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        """Take a notification: one sample of each stream."""
        if characteristic != RAW_UUID:
            return []
        motion = RawMotion.from_bytes(payload)
        return [
            Samples(self._acceleration, np.array([motion.acceleration_g], np.float32)),
            Samples(self._rotation, np.array([motion.rotation_dps], np.float32)),
        ]

    def unlinked(self) -> None:
        """Forget nothing: every notification is whole."""


def _profile(options: Options) -> DeviceProfile:
    return DeviceProfile(
        name="thingy52",
        service_uuids=(SERVICE_UUID,),
        setup=(
            SetupStep(SetupOp.WRITE, CONFIG_UUID, motion_config(options["fs_hz"])),
            SetupStep(SetupOp.SUBSCRIBE, RAW_UUID),
            *STANDARD_STEPS,
        ),
        stop=(),
        silence_timeout_s=5.0,
        loss_mode=LossMode.RATE_ONLY,
        name_prefixes=("Thingy",),
    )


THINGY52_DEVICE = Device(
    name="thingy52",
    card=DeviceCard(
        title="Nordic Thingy:52",
        placement="strap, any site",
        modality="acceleration and rotation 5 to 200 Hz",
        loss="rate only: no counter, no time",
        mtu="23",
        sources=("NordicSemiconductor/Nordic-Thingy52-FW: ble_tms.h, m_motion.c",),
        confirmed=("layout and scales, as its maker's firmware source has them",),
        unconfirmed=(
            "that it advertises a name beginning with Thingy (the motion service need not be advertised)",
            "that the raw stream follows the motion frequency up to 200 Hz",
            "that the longest intervals of steps, temperature and compass (5, 5 and 1 s) are taken",
            "measuring range: samples beyond ±16 g or ±2000 degrees per second",
        ),
    ),
    profile=_profile,
    decoder=decoding(Thingy52Reader),
    options={"fs_hz": DeviceOption("motion frequency to set, Hz", 50.0, (5.0, 10.0, 20.0, 25.0, 50.0, 100.0, 200.0))},
)
