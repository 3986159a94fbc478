"""Leg Sensor Profile version 1: the sensor's description of itself, both ways.

``from_bytes`` raises :class:`ingest.errors.DecodeError` and nothing else on bytes that are not as
the profile says, and leaves alone what a later version may have appended.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from ingest.errors import DecodeError


def lsp_uuid(short: int) -> str:
    """Return the full UUID of one of the profile's 16-bit numbers."""
    return f"7c5a{short:04x}-1e0f-4d6b-9a52-6c656773656e"


SERVICE_UUID = lsp_uuid(0x0001)
INFO_UUID = lsp_uuid(0x0002)
DATA_UUID = lsp_uuid(0x0003)
CONTROL_UUID = lsp_uuid(0x0004)
EVENT_UUID = lsp_uuid(0x0005)
STATUS_UUID = lsp_uuid(0x0006)

MAX_STREAM_ID = 0x3F
SHORT_PAYLOAD = 16
"""Bytes of samples in a short packet: a notification of MTU 23 less the header."""
LARGEST_RAW = 2**31
"""No raw value is larger: the integer formats cannot, and a float that is comes from no converter."""
_LARGEST_SAMPLE = (2.0 - 2.0**-23) * 2.0**127
"""Largest number of single precision, in which samples are kept."""


class Kind(IntEnum):
    """What a stream measures."""

    EMG = 1
    ACC = 2
    GYR = 3
    MAG = 4
    TEMP = 5
    PRESS = 6
    EMG_ENVELOPE = 7


class Format(IntEnum):
    """How one value is stored."""

    I8 = 1
    I16 = 2
    I24 = 3
    I32 = 4
    F32 = 5
    U16 = 0x12


class UnitCode(IntEnum):
    """Unit of a physical value."""

    MICROVOLT = 1
    G = 2
    DPS = 3
    MICROTESLA = 4
    CELSIUS = 5
    PASCAL = 6
    COUNTS = 7
    M_PER_S2 = 8


class InfoFlag(IntFlag):
    """What a sensor can do."""

    RESEND = 1
    IMPEDANCE = 2
    COMMON_CLOCK = 4
    BUTTON = 8


VALUE_BYTES = {Format.I8: 1, Format.I16: 2, Format.I24: 3, Format.I32: 4, Format.F32: 4, Format.U16: 2}

_HEADER = struct.Struct("<2s4BHIIHBBI")
_DESCRIPTOR = struct.Struct("<4BIff4BHH")


@dataclass(frozen=True, slots=True)
class StreamDescriptor:
    """One stream as the sensor describes it.

    Parameters
    ----------
    stream_id : int
        0 to 63.
    kind : int
        A :class:`Kind`; other numbers are kept, and their samples stored raw.
    channels : int
        Values per sample.
    value_format : int
        A :class:`Format`.
    rate_mhz : int
        Sampling rate, thousandths of a hertz.
    scale, offset : float
        Physical value = raw * scale + offset (single precision).
    unit : int
        A :class:`UnitCode`.
    samples_per_packet : int
        In long packets.
    adc_bits : int
        Resolution.
    flags : int
        Bit 0 high-pass on, bit 1 notch on, bit 2 can notice that an electrode is off.
    high_pass_chz : int
        Corner, hundredths of a hertz.
    low_pass_hz : int
        Corner, Hz.
    """

    stream_id: int
    kind: int
    channels: int
    value_format: int
    rate_mhz: int
    scale: float
    offset: float
    unit: int
    samples_per_packet: int
    adc_bits: int = 16
    flags: int = 0
    high_pass_chz: int = 0
    low_pass_hz: int = 0

    @property
    def fs_hz(self) -> float:
        """Sampling rate, Hz."""
        return self.rate_mhz / 1000.0

    @property
    def value_bytes(self) -> int:
        """Bytes per value, 0 if the format is unknown."""
        return VALUE_BYTES.get(self.value_format, 0)  # type: ignore[call-overload,no-any-return]  # any int may be asked

    @property
    def samples_per_short_packet(self) -> int:
        """Samples in a short packet; 0 if none fits."""
        sample_bytes = self.channels * self.value_bytes
        return SHORT_PAYLOAD // sample_bytes if sample_bytes else 0

    @property
    def usable(self) -> bool:
        """Whether samples can be read with it, and every one is a finite number."""
        numbers = abs(self.scale) * LARGEST_RAW + abs(self.offset) <= _LARGEST_SAMPLE
        return (
            bool(numbers and self.rate_mhz and self.channels and self.value_bytes) and self.stream_id <= MAX_STREAM_ID
        )

    def to_bytes(self) -> bytes:
        """Return the 24 bytes of the descriptor."""
        return _DESCRIPTOR.pack(
            self.stream_id,
            self.kind,
            self.channels,
            self.value_format,
            self.rate_mhz,
            self.scale,
            self.offset,
            self.unit,
            self.samples_per_packet,
            self.adc_bits,
            self.flags,
            self.high_pass_chz,
            self.low_pass_hz,
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> StreamDescriptor:
        """Read a descriptor; bytes after the 24th belong to a later version and are left alone.

        Raises
        ------
        DecodeError
            If there are fewer than 24 bytes.
        """
        if len(data) < _DESCRIPTOR.size:
            msg = f"LSP stream descriptor has {len(data)} bytes, expected at least {_DESCRIPTOR.size}"
            raise DecodeError(msg)
        return cls(*_DESCRIPTOR.unpack_from(data))


@dataclass(frozen=True, slots=True)
class Info:
    """What a sensor says about itself.

    Parameters
    ----------
    flags : int
        :class:`InfoFlag` bits.
    device_uid : int
        Number of the sensor.
    tick_hz : int
        Rate of its clock.
    max_payload : int
        Largest notification, bytes.
    body_location : int
        See :data:`BODY_LOCATIONS`; 0 unknown.
    accuracy_ppm : int
        Of its clock.
    boot_id : int
        Random at each boot.
    streams : tuple of StreamDescriptor
        Its streams.
    version : int
        Of the profile; a later one with the same beginning is accepted.
    """

    flags: int
    device_uid: int
    tick_hz: int
    max_payload: int
    body_location: int
    accuracy_ppm: int
    boot_id: int
    streams: tuple[StreamDescriptor, ...]
    version: int = 1

    def to_bytes(self) -> bytes:
        """Return the value of the Info characteristic."""
        header = _HEADER.pack(
            b"LS",
            self.version,
            _HEADER.size,
            len(self.streams),
            _DESCRIPTOR.size,
            self.flags,
            self.device_uid,
            self.tick_hz,
            self.max_payload,
            self.body_location,
            self.accuracy_ppm,
            self.boot_id,
        )
        return header + b"".join(stream.to_bytes() for stream in self.streams)

    @classmethod
    def from_bytes(cls, data: bytes) -> Info:
        """Read the value of the Info characteristic.

        Raises
        ------
        DecodeError
            If the magic is wrong, the version is 0, or lengths do not fit.
        """
        if len(data) < _HEADER.size or data[:2] != b"LS" or data[2] == 0:
            msg = f"LSP Info is {len(data)} bytes beginning {data[:3].hex()}, expected 24 or more beginning 4c5301"
            raise DecodeError(msg)
        _, version, header_bytes, n_streams, descriptor_bytes, *_ = _HEADER.unpack_from(data)
        flags, uid, tick_hz, max_payload, location, ppm, boot_id = _HEADER.unpack_from(data)[5:]
        expected = header_bytes + n_streams * descriptor_bytes
        if header_bytes < _HEADER.size or descriptor_bytes < _DESCRIPTOR.size or len(data) < expected or not tick_hz:
            msg = f"LSP Info has {len(data)} bytes and a clock of {tick_hz} Hz, expected {expected} bytes and a clock"
            raise DecodeError(msg)
        starts = range(header_bytes, expected, descriptor_bytes)
        streams = tuple(StreamDescriptor.from_bytes(data[start : start + descriptor_bytes]) for start in starts)
        return cls(flags, uid, tick_hz, max_payload, location, ppm, boot_id, streams, version)


BODY_LOCATIONS = (
    "",
    "left leg",
    "right leg",
    "left tibialis anterior",
    "right tibialis anterior",
    "left ankle",
    "right ankle",
    "left thigh",
    "right thigh",
    "left foot",
    "right foot",
    "left calf",
    "right calf",
    "chin",
    "chest",
)
