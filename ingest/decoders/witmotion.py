"""WitMotion BWT901BLE and WT901BLECL: acceleration and rotation.

Frames of 20 bytes without counter, time or checksum, which may come split or several at once. The sensor streams as
soon as it is subscribed to, at the rate that was stored in it. A rate that is asked for by the option is set on each
connect and never stored: its memory wears out.

Layouts as in WITMOTION/WitBluetooth_BWT901BLE5_0 (``device_model.py``, ``Bwt901ble.java``). Not confirmed on
hardware:

- the rate that your sensor has stored: 10 Hz is assumed unless it answers or fs_hz is given;
- that register 03 answers the rate code in its first value;
- that a rate which is not stored takes effect at once, and how long it lasts;
- whether commands want a write with response or without: both are sent;
- that the advertised name begins with WT901 or BWT901;
- order of bytes when a notification is lost between two halves of a frame.
"""

from __future__ import annotations

import dataclasses
import struct
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.signal import Quantity, Unit
from ingest.decoders.base import StatusKind
from ingest.decoders.layout import Counting, Device, DeviceCard, DeviceOption, Reported, Said, Samples, StreamLayout
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.decoders.reading import decoding
from ingest.decoders.standard_steps import STANDARD_STEPS
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from ingest.decoders.layout import Options

_OWN_BASE = "{:08x}-0000-1000-8000-00805f9a34fb"  # 9a34fb, not Bluetooth's own 9b34fb
SERVICE_UUID = _OWN_BASE.format(0xFFE5)
NOTIFY_UUID = _OWN_BASE.format(0xFFE4)
WRITE_UUID = _OWN_BASE.format(0xFFE9)

FRAME_BYTES = 20
MOTION_HEADER = b"\x55\x61"
REGISTER_HEADER = b"\x55\x71"
RATE_REGISTER = 0x03
UNLOCK = bytes.fromhex("ff aa 69 88 b5")
RATE_CODES = {0.2: 1, 0.5: 2, 1.0: 3, 2.0: 4, 5.0: 5, 10.0: 6, 20.0: 7, 50.0: 8, 100.0: 9, 200.0: 11}
DEFAULT_HZ = 10.0
LEAST_HZ = 2.0
"""Slower streams cannot be scored: nothing that a leg does lasts that long."""
_ANSWER_S = 3.0
_RATE_OF_CODE = {code: fs_hz for fs_hz, code in RATE_CODES.items()}
_READ_RATE = bytes((0xFF, 0xAA, 0x27, RATE_REGISTER, 0x00))
_MOTION = struct.Struct("<2s9h")
_REGISTER = struct.Struct("<2sH8h")
_PER_COUNT = (16 / 32768, 2000 / 32768, 180 / 32768)
"""g, degrees per second and degrees."""


class Motion(NamedTuple):
    """One frame of motion: acceleration in g, rotation in degrees per second, angle in degrees; x, y, z each."""

    acceleration_g: tuple[float, ...]
    rotation_dps: tuple[float, ...]
    angle_deg: tuple[float, ...]

    @classmethod
    def from_bytes(cls, frame: bytes) -> Motion:
        """Read a frame.

        Raises
        ------
        DecodeError
            If it is not 20 bytes that begin with 55 61.
        """
        if len(frame) != FRAME_BYTES or frame[:2] != MOTION_HEADER:
            msg = f"WitMotion frame of {len(frame)} bytes begins with {frame[:2].hex()}, expected 20 that begin 5561"
            raise DecodeError(msg)
        counts = _MOTION.unpack(frame)[1:]
        g, dps, deg = _PER_COUNT
        acceleration_g = tuple(count * g for count in counts[:3])
        return cls(
            acceleration_g, tuple(count * dps for count in counts[3:6]), tuple(count * deg for count in counts[6:])
        )

    def to_bytes(self) -> bytes:
        """Return the frame."""
        counts = [round(value / per_count) for part, per_count in zip(self, _PER_COUNT, strict=True) for value in part]
        return _MOTION.pack(MOTION_HEADER, *counts)


class Register(NamedTuple):
    """The answer to a register that was read: its address, and the eight values from there on."""

    address: int
    values: tuple[int, ...]

    @classmethod
    def from_bytes(cls, frame: bytes) -> Register:
        """Read an answer.

        Raises
        ------
        DecodeError
            If it is not 20 bytes that begin with 55 71.
        """
        if len(frame) != FRAME_BYTES or frame[:2] != REGISTER_HEADER:
            msg = f"WitMotion answer of {len(frame)} bytes begins with {frame[:2].hex()}, expected 20 that begin 5571"
            raise DecodeError(msg)
        _, address, *values = _REGISTER.unpack(frame)
        return cls(address, tuple(values))

    def to_bytes(self) -> bytes:
        """Return the frame."""
        return _REGISTER.pack(REGISTER_HEADER, self.address, *self.values)


class Frames:
    """Cuts a stream of bytes into frames, wherever the notifications were cut."""

    def __init__(self) -> None:
        self._rest = b""

    def cut(self, payload: bytes) -> tuple[list[bytes], int]:
        """Take the next bytes; return the frames that are whole now, and how many bytes belonged to none.

        A frame that is not followed by the beginning of another is left out: without a checksum, that is the only
        sign that it was put together from two halves.
        """
        heard = self._rest + payload
        frames, at, n_strange = [], 0, 0
        while at < len(heard):
            if _begins(heard[at : at + 2]) and _begins(heard[at + FRAME_BYTES : at + FRAME_BYTES + 2]):
                if at + FRAME_BYTES > len(heard):
                    break
                frames.append(heard[at : at + FRAME_BYTES])
                at += FRAME_BYTES
            else:
                at, n_strange = at + 1, n_strange + 1
        self._rest = heard[at:]
        return frames, n_strange

    def forget(self) -> int:
        """Forget half a frame; return how many bytes it had."""
        n_bytes, self._rest = len(self._rest), b""
        return n_bytes


def _strange(n_bytes: int) -> list[Said]:
    detail = f"{n_bytes} bytes belong to no frame, expected 5561 or 5571"
    return [Reported(StatusKind.MALFORMED, detail, {"bytes": float(n_bytes)})] if n_bytes else []


def _begins(heard: bytes) -> bool:
    """Whether a frame may begin with these bytes, at most two of them."""
    return MOTION_HEADER.startswith(heard) or REGISTER_HEADER.startswith(heard)


class WitMotionReader:
    """What a WitMotion's bytes mean; see :class:`ingest.decoders.reading.Reader`.

    Parameters
    ----------
    options : mapping of str to float
        ``fs_hz``, if it was asked for.
    """

    def __init__(self, options: Options) -> None:
        self._fs_hz = options.get("fs_hz", DEFAULT_HZ)
        self._frames = Frames()

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        """Take the answer to a question for the rate, which the sensor knows best."""
        if characteristic != NOTIFY_UUID or request != _READ_RATE:
            return []
        answer = Register.from_bytes(payload[:FRAME_BYTES])
        fs_hz = _RATE_OF_CODE.get(answer.values[0])
        if answer.address != RATE_REGISTER or fs_hz is None or fs_hz < LEAST_HZ:
            known = ", ".join(f"{code}" for code, rate_hz in _RATE_OF_CODE.items() if rate_hz >= LEAST_HZ)
            msg = f"WitMotion register {answer.address:#x} is {answer.values[0]}, expected register 0x3 to be a rate: "
            raise DecodeError(msg + known)
        self._fs_hz = fs_hz
        return [Reported(StatusKind.DEVICE, f"rate {fs_hz:g} Hz", {"fs_hz": fs_hz}), *self._said(payload[FRAME_BYTES:])]

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        """Take a piece of the stream of frames."""
        return self._said(payload) if characteristic == NOTIFY_UUID else []

    def unlinked(self) -> list[Said]:
        """Forget half a frame: it is lost."""
        return _strange(self._frames.forget())

    def _said(self, payload: bytes) -> list[Said]:
        frames, n_strange = self._frames.cut(payload)
        motions = [Motion.from_bytes(frame) for frame in frames if frame[:2] == MOTION_HEADER]
        said = _strange(n_strange)
        if motions:
            said += [
                self._samples(Quantity.ACCELERATION, Unit.G, [motion.acceleration_g for motion in motions]),
                self._samples(Quantity.ROTATION, Unit.DEGREES_PER_SECOND, [motion.rotation_dps for motion in motions]),
            ]
        return said

    def _samples(self, quantity: Quantity, unit: Unit, rows: list[tuple[float, ...]]) -> Samples:
        layout = StreamLayout(quantity, unit, ("x", "y", "z"), self._fs_hz, Counting(LossMode.RATE_ONLY))
        return Samples(layout, np.array(rows, np.float32))


def _command(payload: bytes, answer: bytes = b"") -> tuple[SetupStep, SetupStep]:
    """Write with response and, because it is not known which of the two the sensor takes, without."""
    with_response = SetupStep(
        SetupOp.WRITE,
        WRITE_UUID,
        payload,
        expect_prefix=answer,
        answer_prefix=answer,
        answered_on=NOTIFY_UUID if answer else "",
        timeout_s=_ANSWER_S,
        required=False,
    )
    return with_response, dataclasses.replace(with_response, op=SetupOp.WRITE_NO_RSP)


def _profile(options: Options) -> DeviceProfile:
    rate: tuple[SetupStep, ...] = ()
    if "fs_hz" in options:
        code = RATE_CODES[options["fs_hz"]]
        rate = (*_command(UNLOCK), *_command(bytes((0xFF, 0xAA, RATE_REGISTER, code, 0x00))))
    answer = REGISTER_HEADER + bytes((RATE_REGISTER, 0x00))
    return DeviceProfile(
        name="witmotion",
        service_uuids=(SERVICE_UUID,),
        setup=(SetupStep(SetupOp.SUBSCRIBE, NOTIFY_UUID), *rate, *_command(_READ_RATE, answer), *STANDARD_STEPS),
        stop=(),
        silence_timeout_s=5.0,
        loss_mode=LossMode.RATE_ONLY,
        name_prefixes=("WT901", "BWT901"),
    )


WITMOTION_DEVICE = Device(
    name="witmotion",
    card=DeviceCard(
        title="WitMotion BWT901BLE, WT901BLECL",
        placement="strap, any site",
        modality="acceleration and rotation 2 to 200 Hz",
        loss="rate only: frames carry neither counter, time nor checksum",
        mtu="23",
        sources=(
            "WITMOTION/WitBluetooth_BWT901BLE5_0: device_model.py, Bwt901ble.java",
            "zenn.dev/fastriver/articles/wt901blecl_change_settings: the rate command",
        ),
        confirmed=("frame layout and scales, as its maker's public source has them", "rate command: one user's report"),
        unconfirmed=(
            "the rate that your sensor has stored: 10 Hz is assumed unless it answers or fs_hz is given",
            "that register 03 answers the rate code in its first value",
            "that a rate which is not stored takes effect at once, and how long it lasts",
            "whether commands want a write with response or without: both are sent",
            "that the advertised name begins with WT901 or BWT901",
            "order of bytes when a notification is lost between two halves of a frame",
        ),
    ),
    profile=_profile,
    decoder=decoding(WitMotionReader),
    options={
        "fs_hz": DeviceOption(
            "sampling rate to set, Hz; without it the sensor keeps its own",
            allowed=tuple(fs_hz for fs_hz in RATE_CODES if fs_hz >= LEAST_HZ),
            assumed=DEFAULT_HZ,
        ),
    },
)
