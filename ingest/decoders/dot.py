"""Movella (Xsens) DOT: acceleration and rotation, one sample per notification, timed by the sensor in microseconds.

Nobody has tried this file on a DOT. Unconfirmed, to be checked on hardware:

- the output rate: read from the device's settings (characteristic 1002, bytes 24 and 25) where that works, else the
  option ``fs_hz``; it is not set here;
- a measurement is started with payload 20 (acceleration, rotation, magnetometer: 34 bytes). Payload 23 has the same
  length and is never started; the other payloads are recognised by length and not kept;
- the battery characteristic 3001 (level in percent, then whether it charges);
- whether a measurement goes on when the link was lost; it is started again on each connection.

Layout: xsens/xsens_dot_server (``bleHandler.js``, ``global.js``); njanssen/node-movella-dot.
"""

from __future__ import annotations

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

_BASE = "1517{:04x}-4947-11e9-8646-d663bd873d93"
CONFIGURATION_UUID = _BASE.format(0x1000)
SETTINGS_UUID = _BASE.format(0x1002)
MEASUREMENT_UUID = _BASE.format(0x2000)
CONTROL_UUID = _BASE.format(0x2001)
MEDIUM_UUID = _BASE.format(0x2003)
SHORT_UUID = _BASE.format(0x2004)
BATTERY_UUID = _BASE.format(0x3001)

RATE_QUANTITIES_WITH_MAG = 20
"""The payload that is started: acceleration, rotation and magnetometer."""
MS2_PER_G = 9.80665
GAUSS_PER_COUNT = 1 / 4096
MOST_MS2 = 16 * MS2_PER_G * 1.1
MOST_DPS = 2000.0 * 1.1
"""Ranges of 16 g and 2000 degrees per second, and a little beyond; more is garbled."""
NS_PER_US = 1000
RATES_HZ = (1.0, 4.0, 5.0, 10.0, 12.0, 15.0, 20.0, 30.0, 60.0, 120.0)
_SAMPLE = struct.Struct("<I6f3h")
_RATE = struct.Struct("<H")
_RATE_AT = 24
_MEDIUM_LENGTHS = {28: "16", 32: "3, 7 or 24", 36: "2", 40: "22"}
_SHORT_LENGTHS = {16: "4 or 6", 20: "5"}
_BATTERY_BYTES = 2
_BY_CLOCK = Counting(LossMode.DEVICE_TS, span=(1 << 32) * NS_PER_US)


class DotSample(NamedTuple):
    """One sample of payload 20.

    Parameters
    ----------
    time_us : int
        The sensor's time, us; it wraps at 2**32, after 71.6 minutes.
    acceleration_ms2 : tuple of float
        x, y, z in m/s2, with gravity.
    rotation_dps : tuple of float
        x, y, z in degrees per second.
    magnetometer : tuple of int
        x, y, z in counts of 1/4096 (of the Earth's field, as the maker calibrates it).
    """

    time_us: int
    acceleration_ms2: tuple[float, ...]
    rotation_dps: tuple[float, ...]
    magnetometer: tuple[int, ...] = (0, 0, 0)


def encode_sample(sample: DotSample) -> bytes:
    """Return a notification of payload 20; the opposite of :func:`decode_sample`."""
    time_us = sample.time_us % (1 << 32)
    return _SAMPLE.pack(time_us, *sample.acceleration_ms2, *sample.rotation_dps, *sample.magnetometer)


def decode_sample(payload: bytes) -> DotSample:
    """Read a notification of payload 20.

    Raises
    ------
    DecodeError
        If its length is another, or a number is impossible.
    """
    if len(payload) != _SAMPLE.size:
        msg = f"DOT payload 20 of {len(payload)} bytes, expected {_SAMPLE.size}: the MTU must be 37 or more"
        raise DecodeError(msg)
    time_us, *numbers = _SAMPLE.unpack(payload)
    sample = DotSample(time_us, tuple(numbers[:3]), tuple(numbers[3:6]), tuple(numbers[6:]))
    if not all(abs(value) <= MOST_MS2 for value in sample.acceleration_ms2):
        msg = f"DOT acceleration of {sample.acceleration_ms2} m/s2, expected at most {MOST_MS2:.0f}"
        raise DecodeError(msg)
    if not all(abs(value) <= MOST_DPS for value in sample.rotation_dps):
        msg = f"DOT rotation of {sample.rotation_dps} degrees per second, expected at most {MOST_DPS:.0f}"
        raise DecodeError(msg)
    return sample


def encode_control(*, start: bool) -> bytes:
    """Return what starts or stops the measurement.

    Examples
    --------
    >>> encode_control(start=True).hex(" "), encode_control(start=False).hex(" ")
    ('01 01 14', '01 00 14')
    """
    return bytes((0x01, int(start), RATE_QUANTITIES_WITH_MAG))


def encode_settings(fs_hz: int) -> bytes:
    """Return device settings that say nothing but the output rate."""
    return bytes(_RATE_AT) + _RATE.pack(fs_hz) + bytes(6)


class DotReader:
    """What a DOT's bytes mean; see :class:`ingest.decoders.reading.Reader`.

    Parameters
    ----------
    options : mapping of str to float
        ``fs_hz``, unless the device's settings were logged.
    """

    def __init__(self, options: Options) -> None:
        self._told: set[int] = set()
        self._set_rate(options["fs_hz"])

    def unlinked(self) -> None:
        """Forget nothing: the rate is read again on each connection."""

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        """Take the device's settings or its battery."""
        if request:
            return []
        if characteristic == SETTINGS_UUID:
            return self._settings(payload)
        return _battery(payload) if characteristic == BATTERY_UUID else []

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        """Take a notification: one sample, or a payload that is not kept."""
        if characteristic == BATTERY_UUID:
            return _battery(payload)
        if characteristic not in (MEDIUM_UUID, SHORT_UUID):
            return []
        others = _MEDIUM_LENGTHS if characteristic == MEDIUM_UUID else _SHORT_LENGTHS
        if len(payload) in others:
            return self._not_kept(len(payload), others[len(payload)])
        sample = decode_sample(payload)
        acceleration = np.array([sample.acceleration_ms2], dtype=np.float32) / np.float32(MS2_PER_G)
        rotation = np.array([sample.rotation_dps], dtype=np.float32)
        device_ns = sample.time_us * NS_PER_US
        return [
            Samples(self._acceleration, acceleration, None, device_ns),
            Samples(self._rotation, rotation, None, device_ns),
        ]

    def _settings(self, payload: bytes) -> list[Said]:
        if len(payload) < _RATE_AT + _RATE.size:
            msg = f"DOT settings of {len(payload)} bytes, expected {_RATE_AT + _RATE.size} or more"
            raise DecodeError(msg)
        (fs_hz,) = _RATE.unpack_from(payload, _RATE_AT)
        if float(fs_hz) not in RATES_HZ:
            expected = ", ".join(f"{rate_hz:g}" for rate_hz in RATES_HZ)
            msg = f"DOT output rate is {fs_hz} Hz, expected one of {expected}"
            raise DecodeError(msg)
        self._set_rate(float(fs_hz))
        return [Reported(StatusKind.DEVICE, f"output rate {fs_hz} Hz", {"fs_hz": float(fs_hz)})]

    def _set_rate(self, fs_hz: float) -> None:
        axes = ("x", "y", "z")
        self._acceleration = StreamLayout(Quantity.ACCELERATION, Unit.G, axes, fs_hz, _BY_CLOCK)
        self._rotation = StreamLayout(Quantity.ROTATION, Unit.DEGREES_PER_SECOND, axes, fs_hz, _BY_CLOCK)

    def _not_kept(self, n_bytes: int, payload_id: str) -> list[Said]:
        if n_bytes in self._told:
            return []
        self._told.add(n_bytes)
        return [Reported(StatusKind.DEVICE, f"payload {payload_id} is not kept", {"bytes": float(n_bytes)})]


def _battery(payload: bytes) -> list[Said]:
    if len(payload) < _BATTERY_BYTES:
        msg = f"DOT battery of {len(payload)} bytes, expected {_BATTERY_BYTES}"
        raise DecodeError(msg)
    level_pct, charging = payload[:_BATTERY_BYTES]
    values = {"battery_pct": float(level_pct), "charging": float(charging != 0)}
    return [Reported(StatusKind.BATTERY, "battery", values)]


_STOP_STEP = SetupStep(SetupOp.WRITE, CONTROL_UUID, encode_control(start=False))

DOT = DeviceProfile(
    name="dot",
    service_uuids=(CONFIGURATION_UUID, MEASUREMENT_UUID),
    setup=(
        SetupStep(SetupOp.READ, SETTINGS_UUID, required=False),
        SetupStep(SetupOp.SUBSCRIBE, MEDIUM_UUID),
        SetupStep(SetupOp.WRITE, CONTROL_UUID, encode_control(start=True)),
        SetupStep(SetupOp.READ, BATTERY_UUID, required=False),
        SetupStep(SetupOp.SUBSCRIBE, BATTERY_UUID, required=False),
        *STANDARD_STEPS,
    ),
    stop=(_STOP_STEP,),
    silence_timeout_s=5.0,
    loss_mode=LossMode.DEVICE_TS,
    name_prefixes=("Xsens DOT", "Movella DOT"),
    streams=(MEDIUM_UUID,),
)

DOT_DEVICE = Device(
    name="dot",
    card=DeviceCard(
        title="Movella DOT (Xsens DOT)",
        placement="strap, any site",
        modality="acceleration and rotation at 1 to 120 Hz, 60 Hz unless set otherwise",
        loss="by the device's clock, to the microsecond",
        mtu="37",
        sources=("xsens/xsens_dot_server: bleHandler.js, global.js", "njanssen/node-movella-dot"),
        confirmed=("payload 20, start and stop: the maker's own code",),
        unconfirmed=(
            "where the device's settings hold the output rate, and how to set it",
            "lengths of the payloads that are not kept",
            "battery characteristic",
            "whether a measurement goes on while the link is lost",
        ),
    ),
    profile=lambda _options: DOT,
    decoder=decoding(DotReader),
    options={"fs_hz": DeviceOption("output rate that the sensor was set to, Hz", 60.0, RATES_HZ)},
)
