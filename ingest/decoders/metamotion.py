"""MbientLab MetaMotion (R, C, RL, S): its accelerometer, a Bosch BMI160 or BMI270.

The identify reply says which of the two it is; they are configured with different bytes and send packed samples
under different registers. Packed, three samples fill a 20-byte notification.

Layouts as in mbientlab/MetaWear-SDK-Cpp (``metawearboard.cpp``, ``accelerometer_bosch.cpp``) and its tests. Not
confirmed on hardware:

- that the board advertises its service or a name beginning with MetaWear or MetaMotion;
- that the identify reply of every model has 01 or 04 in its third byte;
- that rates from 200 Hz on keep up on one link without a shorter connection interval;
- that a board left streaming by a lost link takes the same commands again;
- that packed samples are complete and in order when a notification is held back.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from detectors.signal import Quantity, Unit
from ingest.decoders.base import StatusKind
from ingest.decoders.layout import Counting, Device, DeviceCard, DeviceOption, Reported, Said, Samples, StreamLayout
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.decoders.reading import decoding
from ingest.decoders.standard_steps import STANDARD_STEPS
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ingest.decoders.layout import Options

SERVICE_UUID = "326a9000-85cb-9195-d9dd-464cfbbae75a"
COMMAND_UUID = "326a9001-85cb-9195-d9dd-464cfbbae75a"
NOTIFY_UUID = "326a9006-85cb-9195-d9dd-464cfbbae75a"

ACCELEROMETER = 0x03
"""The module that every command and notification here belongs to: their first byte."""
IDENTIFY = bytes((ACCELEROMETER, 0x80))
SINGLE = 0x04
"""Register under which one sample at a time is sent."""
COUNTS_AT_1_G = 32768.0


class Chip(IntEnum):
    """The accelerometer inside, as the identify reply numbers it."""

    BMI160 = 1
    BMI270 = 4


PACKED = {Chip.BMI160: 0x1C, Chip.BMI270: 0x05}
"""Register under which three samples at a time are sent."""
RATE_CODES = {12.5: 5, 25.0: 6, 50.0: 7, 100.0: 8, 200.0: 9, 400.0: 10, 800.0: 11}
_RATE_FLAGS = {Chip.BMI160: 0x20, Chip.BMI270: 0xA0}
RANGE_CODES = {
    Chip.BMI160: {2.0: 0x03, 4.0: 0x05, 8.0: 0x08, 16.0: 0x0C},
    Chip.BMI270: {2.0: 0x00, 4.0: 0x01, 8.0: 0x02, 16.0: 0x03},
}
_SAMPLE = struct.Struct("<3h")
_SAMPLES_OF_SIZE = {2 + _SAMPLE.size: 1, 2 + 3 * _SAMPLE.size: 3}


def configure_bytes(chip: Chip, fs_hz: float, range_g: float) -> bytes:
    """Return the command that sets rate and range.

    Examples
    --------
    >>> configure_bytes(Chip.BMI160, 100, 16).hex(" "), configure_bytes(Chip.BMI270, 100, 8).hex(" ")
    ('03 03 28 0c', '03 03 a8 02')
    """
    return bytes((ACCELEROMETER, 0x03, _RATE_FLAGS[chip] | RATE_CODES[fs_hz], RANGE_CODES[chip][range_g]))


def encode_samples(register: int, counts: NDArray[np.int16]) -> bytes:
    """Return a notification.

    Parameters
    ----------
    register : int
        `SINGLE`, or the chip's `PACKED`.
    counts : ndarray of int16, shape (1 or 3, 3)
        Samples as the sensor counts them.
    """
    return bytes((ACCELEROMETER, register)) + counts.astype("<i2").tobytes()


class MetaMotionReader:
    """What a MetaMotion's bytes mean; see :class:`ingest.decoders.reading.Reader`.

    Parameters
    ----------
    options : mapping of str to float
        ``range_g`` and ``fs_hz``.
    """

    def __init__(self, options: Options) -> None:
        self._g_per_count = options["range_g"] / COUNTS_AT_1_G
        counting = Counting(LossMode.RATE_ONLY)
        self._layout = StreamLayout(Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), options["fs_hz"], counting)
        self._chip: Chip | None = None

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        """Take the identify reply."""
        if characteristic != NOTIFY_UUID or request != IDENTIFY:
            return []
        if len(payload) <= len(IDENTIFY) or payload[len(IDENTIFY)] not in list(Chip):
            msg = f"MetaMotion identify reply is {payload.hex()}, expected 038001 (BMI160) or 038004 (BMI270)"
            raise DecodeError(msg)
        self._chip = Chip(payload[len(IDENTIFY)])
        return [Reported(StatusKind.DEVICE, f"accelerometer {self._chip.name}", {})]

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        """Take a notification: one or three samples."""
        if characteristic != NOTIFY_UUID or payload[:1] != bytes((ACCELEROMETER,)):
            return []  # other modules answer on the same characteristic
        chips = list(Chip) if self._chip is None else [self._chip]
        n_expected = {SINGLE: 1, **{PACKED[chip]: 3 for chip in chips}}
        n_samples = _SAMPLES_OF_SIZE.get(len(payload))
        if n_samples is None or n_expected.get(payload[1]) != n_samples:
            registers = ", ".join(f"03{register:02x}" for register in n_expected)
            msg = f"MetaMotion packet of {len(payload)} bytes begins with {payload[:2].hex()}, expected {registers}"
            raise DecodeError(f"{msg} with 8 bytes for one sample or 20 for three")
        counts = np.frombuffer(payload, "<i2", offset=2).reshape(n_samples, 3)
        return [Samples(self._layout, counts.astype(np.float32) * np.float32(self._g_per_count))]

    def unlinked(self) -> None:
        """Forget nothing: the chip inside stays the same."""


def _command(*values: int, only_after: bytes = b"") -> SetupStep:
    return SetupStep(SetupOp.WRITE, COMMAND_UUID, bytes((ACCELEROMETER, *values)), only_after=only_after)


def _of(chip: Chip) -> bytes:
    return IDENTIFY + bytes((chip,))


def _profile(options: Options) -> DeviceProfile:
    configure = tuple(
        SetupStep(
            SetupOp.WRITE,
            COMMAND_UUID,
            configure_bytes(chip, options["fs_hz"], options["range_g"]),
            only_after=_of(chip),
        )
        for chip in Chip
    )
    identify = SetupStep(
        SetupOp.WRITE, COMMAND_UUID, IDENTIFY, expect_prefix=IDENTIFY, answer_prefix=IDENTIFY, answered_on=NOTIFY_UUID
    )
    return DeviceProfile(
        name="metamotion",
        service_uuids=(SERVICE_UUID,),
        setup=(
            SetupStep(SetupOp.SUBSCRIBE, NOTIFY_UUID),
            identify,
            *configure,
            *(_command(PACKED[chip], 0x01, only_after=_of(chip)) for chip in Chip),
            _command(0x02, 0x01, 0x00),
            _command(0x01, 0x01),
            *STANDARD_STEPS,
        ),
        stop=(
            _command(0x01, 0x00),
            _command(0x02, 0x00, 0x01),
            *(_command(PACKED[chip], 0x00, only_after=_of(chip)) for chip in Chip),
        ),
        silence_timeout_s=5.0,
        loss_mode=LossMode.RATE_ONLY,
        name_prefixes=("MetaWear", "MetaMotion"),
    )


METAMOTION_DEVICE = Device(
    name="metamotion",
    card=DeviceCard(
        title="MbientLab MetaMotion",
        placement="clip or strap, any site",
        modality="acceleration 12.5 to 800 Hz",
        loss="rate only: streamed data carry neither counter nor time",
        mtu="23",
        sources=(
            "mbientlab/MetaWear-SDK-Cpp: metawearboard.cpp, accelerometer_bosch.cpp and their tests",
            "hbldh/pymetawear#63: hundreds of ms of jitter at the host are normal",
        ),
        confirmed=("command bytes and scales, as its maker's public source has them", "single and packed layout"),
        unconfirmed=(
            "that the board advertises its service or a name beginning with MetaWear or MetaMotion",
            "that the identify reply of every model has 01 or 04 in its third byte",
            "that rates from 200 Hz on keep up on one link without a shorter connection interval",
            "that a board left streaming by a lost link takes the same commands again",
            "that packed samples are complete and in order when a notification is held back",
        ),
    ),
    profile=_profile,
    decoder=decoding(MetaMotionReader),
    options={
        "fs_hz": DeviceOption("sampling rate, Hz", 100.0, tuple(RATE_CODES)),
        "range_g": DeviceOption("measuring range, g", 8.0, tuple(RANGE_CODES[Chip.BMI160])),
    },
)
