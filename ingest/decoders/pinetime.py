"""PineTime with InfiniTime, worn on the ankle: acceleration, looked at ten times a second and sent when it changed.

Silence is no loss: the last sample holds until the next. So there is no watchdog, and a link that hangs without
being lost is noticed only when Bluetooth itself gives it up.

Layouts as in InfiniTimeOrg/InfiniTime (``doc/MotionService.md``, ``MotionService.cpp``). Not confirmed on hardware:

- that it looks at the sensor 10 times a second, also while the screen is off;
- measuring range, and that the watch keeps its link through the night;
- that it advertises the name InfiniTime.
"""

from __future__ import annotations

import struct

import numpy as np

from detectors.signal import Quantity, Unit
from ingest.decoders.layout import Counting, Device, DeviceCard, Said, Samples, StreamLayout
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.decoders.reading import decoding
from ingest.decoders.standard_steps import STANDARD_STEPS
from ingest.errors import DecodeError

SERVICE_UUID = "00030000-78fc-48fe-8e23-433b3a1942d0"
MOTION_UUID = "00030002-78fc-48fe-8e23-433b3a1942d0"

COUNTS_PER_G = 1024
FS_HZ = 10.0
_MOTION = struct.Struct("<3h")
_LAYOUT = StreamLayout(Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), FS_HZ, Counting(LossMode.NONE, on_change=True))


def encode_motion(acceleration_g: tuple[float, float, float]) -> bytes:
    """Return a notification.

    Examples
    --------
    >>> encode_motion((0, -0.5, 1)).hex(" ")
    '00 00 00 fe 00 04'
    """
    return _MOTION.pack(*(round(value * COUNTS_PER_G) for value in acceleration_g))


class PineTimeReader:
    """What a PineTime's bytes mean; see :class:`ingest.decoders.reading.Reader`."""

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        """Take nothing: its replies say nothing about samples."""
        del characteristic, request, payload
        return []

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        """Take a notification: one sample."""
        if characteristic != MOTION_UUID:
            return []
        if len(payload) != _MOTION.size:
            msg = f"PineTime motion has {len(payload)} bytes, expected {_MOTION.size}"
            raise DecodeError(msg)
        return [Samples(_LAYOUT, np.array([_MOTION.unpack(payload)], np.float32) / np.float32(COUNTS_PER_G))]

    def unlinked(self) -> None:
        """Forget nothing: every notification is whole."""


_PINETIME = DeviceProfile(
    name="pinetime",
    service_uuids=(SERVICE_UUID,),
    setup=(SetupStep(SetupOp.SUBSCRIBE, MOTION_UUID), *STANDARD_STEPS),
    stop=(),
    silence_timeout_s=None,
    loss_mode=LossMode.NONE,
    name_prefixes=("InfiniTime",),
)

PINETIME_DEVICE = Device(
    name="pinetime",
    card=DeviceCard(
        title="PineTime with InfiniTime",
        placement="watch strap on the ankle",
        modality="acceleration, at most 10 Hz, on change only: posture and large movements",
        loss="none: silence means no change, and what the air lost looks the same",
        mtu="23",
        sources=("InfiniTimeOrg/InfiniTime: doc/MotionService.md, src/components/ble/MotionService.cpp",),
        confirmed=("layout and scale, as its public source has them",),
        unconfirmed=(
            "that it looks at the sensor 10 times a second, also while the screen is off",
            "measuring range, and that the watch keeps its link through the night",
            "that it advertises the name InfiniTime",
        ),
    ),
    profile=lambda _options: _PINETIME,
    decoder=decoding(lambda _options: PineTimeReader()),
    options={},
)
