"""BBC micro:bit with the accelerometer service in its program: acceleration.

One sample per notification, without counter or time. The period is one of eight; writing 0 stops the firmware
(microbit-foundation/microbit-connection#2), so only the eight can be asked for.

Layouts as in sandeepmistry/node-bbc-microbit (``accelerometer-service.js``). Not confirmed on hardware:

- that the program on it offers the accelerometer service, to a computer that is not paired;
- which rate really arrives: below 10 ms the link, not the period, decides;
- measuring range: ±2 g unless the program sets another;
- that it advertises a name beginning with BBC micro:bit (the service need not be advertised).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from detectors.signal import Quantity, Unit
from ingest.decoders.layout import Counting, Device, DeviceCard, DeviceOption, Said, Samples, StreamLayout
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.decoders.reading import decoding
from ingest.decoders.standard_steps import STANDARD_STEPS
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from ingest.decoders.layout import Options

_BASE = "e95d{:04x}-251d-470a-a062-fa1922dfa9a8"
SERVICE_UUID = _BASE.format(0x0753)
DATA_UUID = _BASE.format(0xCA4B)
PERIOD_UUID = _BASE.format(0xFB24)

COUNTS_PER_G = 1000
PERIODS_MS = (1, 2, 5, 10, 20, 80, 160, 640)
_PERIOD_OF_RATE = {1000 / period_ms: period_ms for period_ms in PERIODS_MS}
_DATA = struct.Struct("<3h")


def encode_data(acceleration_g: tuple[float, float, float]) -> bytes:
    """Return a notification.

    Examples
    --------
    >>> encode_data((0.016, -1, 0.5)).hex(" ")
    '10 00 18 fc f4 01'
    """
    return _DATA.pack(*(round(value * COUNTS_PER_G) for value in acceleration_g))


class MicrobitReader:
    """What a micro:bit's bytes mean; see :class:`ingest.decoders.reading.Reader`.

    Parameters
    ----------
    options : mapping of str to float
        ``fs_hz``.
    """

    def __init__(self, options: Options) -> None:
        counting = Counting(LossMode.RATE_ONLY)
        self._layout = StreamLayout(Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), options["fs_hz"], counting)

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        """Take nothing: its replies say nothing about samples."""
        del characteristic, request, payload
        return []

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        """Take a notification: one sample."""
        if characteristic != DATA_UUID:
            return []
        if len(payload) != _DATA.size:
            msg = f"micro:bit accelerometer data has {len(payload)} bytes, expected {_DATA.size}"
            raise DecodeError(msg)
        return [Samples(self._layout, np.array([_DATA.unpack(payload)], np.float32) / np.float32(COUNTS_PER_G))]

    def unlinked(self) -> None:
        """Forget nothing: every notification is whole."""


def _profile(options: Options) -> DeviceProfile:
    period_ms = _PERIOD_OF_RATE[options["fs_hz"]]
    return DeviceProfile(
        name="microbit",
        service_uuids=(SERVICE_UUID,),
        setup=(
            SetupStep(SetupOp.WRITE, PERIOD_UUID, period_ms.to_bytes(2, "little")),
            SetupStep(SetupOp.SUBSCRIBE, DATA_UUID),
            *STANDARD_STEPS,
        ),
        stop=(),
        silence_timeout_s=5.0,
        loss_mode=LossMode.RATE_ONLY,
        name_prefixes=("BBC micro:bit",),
    )


MICROBIT_DEVICE = Device(
    name="microbit",
    card=DeviceCard(
        title="BBC micro:bit",
        placement="do it yourself: a box with a battery on a strap",
        modality="acceleration 1.6 to 1000 Hz nominal",
        loss="rate only: no counter, no time",
        mtu="23",
        sources=(
            "sandeepmistry/node-bbc-microbit: lib/accelerometer-service.js",
            "microbit-foundation/microbit-connection#2: a period of 0 stops the firmware",
        ),
        confirmed=("layout and scale, as a public driver has them",),
        unconfirmed=(
            "that the program on it offers the accelerometer service, to a computer that is not paired",
            "which rate really arrives: below 10 ms the link, not the period, decides",
            "measuring range: ±2 g unless the program sets another",
            "that it advertises a name beginning with BBC micro:bit (the service need not be advertised)",
        ),
    ),
    profile=_profile,
    decoder=decoding(MicrobitReader),
    options={"fs_hz": DeviceOption("rate to set, Hz", 50.0, tuple(_PERIOD_OF_RATE))},
)
