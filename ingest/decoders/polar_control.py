"""Polar measurement data (PMD): control point and its settings, both ways."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from ingest.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICE_UUID = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL_UUID = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA_UUID = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

RESPONSE_BYTE = 0xF0
STOPPED_BYTE = 0x01
FEATURES_BYTE = 0x0F


class Op(IntEnum):
    """What the control point is asked to do."""

    GET_SETTINGS = 1
    START = 2
    STOP = 3
    SDK_MODE_SETTINGS = 4
    MEASUREMENT_STATUS = 5
    SDK_STATUS = 6


class Result(IntEnum):
    """How a request went."""

    OK = 0
    BAD_OP = 1
    BAD_TYPE = 2
    NOT_SUPPORTED = 3
    BAD_LENGTH = 4
    BAD_PARAMETER = 5
    ALREADY = 6
    BAD_RESOLUTION = 7
    BAD_RATE = 8
    BAD_RANGE = 9
    BAD_MTU = 10
    BAD_CHANNELS = 11
    BAD_STATE = 12
    IN_CHARGER = 13
    DISK_FULL = 14


class Setting(IntEnum):
    """One entry of a list of settings."""

    RATE_HZ = 0
    RESOLUTION_BITS = 1
    RANGE = 2
    RANGE_MILLI = 3
    CHANNELS = 4
    FACTOR = 5
    SECURITY = 6


_FORMATS: dict[int, str] = {
    Setting.RATE_HZ: "<H",
    Setting.RESOLUTION_BITS: "<H",
    Setting.RANGE: "<H",
    Setting.RANGE_MILLI: "<I",
    Setting.CHANNELS: "<B",
    Setting.FACTOR: "<f",
    Setting.SECURITY: "16s",
}

Settings = dict[Setting, tuple[float, ...]]
"""Values per setting: one when chosen, several when offered. Security is left out."""


def encode_settings(settings: Mapping[Setting, tuple[float, ...]]) -> bytes:
    """Return settings as ``[setting][count][values]`` in the order given."""
    data = b""
    for setting, values in settings.items():
        layout = _FORMATS[setting]
        numbers = values if setting is Setting.FACTOR else tuple(int(value) for value in values)
        data += bytes((setting, len(values))) + b"".join(struct.pack(layout, number) for number in numbers)
    return data


def decode_settings(data: bytes) -> Settings:
    """Read settings; later settings than we know end the list, because their width is unknown.

    Raises
    ------
    DecodeError
        If the list ends inside a setting.
    """
    settings: Settings = {}
    position = 0
    while position < len(data) and data[position] in _FORMATS:
        setting = Setting(data[position])
        layout = struct.Struct(_FORMATS[setting])
        n_values = data[position + 1] if position + 1 < len(data) else 1
        start, position = position + 2, position + 2 + n_values * layout.size
        if position > len(data):
            msg = f"Polar settings of {len(data)} bytes end inside setting {setting.name}"
            raise DecodeError(msg)
        if setting is not Setting.SECURITY and n_values:
            settings[setting] = tuple(value for (value,) in layout.iter_unpack(data[start:position]))
    return settings


@dataclass(frozen=True, slots=True)
class Request:
    """A request to the control point.

    Parameters
    ----------
    op : int
        An :class:`Op`.
    measurement : int
        A :class:`ingest.decoders.polar_frames.Measurement`.
    settings : mapping of Setting to tuple of float
        Chosen settings of a start.

    Examples
    --------
    >>> Request(Op.STOP, 2).to_bytes().hex(" ")
    '03 02'
    """

    op: int
    measurement: int
    settings: Mapping[Setting, tuple[float, ...]] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Return what is written to the control point."""
        return bytes((self.op, self.measurement)) + encode_settings(self.settings)

    @classmethod
    def from_bytes(cls, data: bytes) -> Request:
        """Read a request.

        Raises
        ------
        DecodeError
            If it is too short or its settings are not whole.
        """
        if len(data) < 2:  # noqa: PLR2004 - op and measurement
            msg = f"Polar request has {len(data)} bytes, expected at least 2"
            raise DecodeError(msg)
        return cls(data[0], data[1] & 0x3F, decode_settings(data[2:]))


@dataclass(frozen=True, slots=True)
class Response:
    """A response of the control point.

    Parameters
    ----------
    op, measurement : int
        Of the request.
    result : int
        A :class:`Result`.
    settings : mapping of Setting to tuple of float
        Offered after `GET_SETTINGS`; the factor after `START`.
    """

    op: int
    measurement: int
    result: int
    settings: Mapping[Setting, tuple[float, ...]] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Return what is indicated."""
        start = bytes((RESPONSE_BYTE, self.op, self.measurement, self.result))
        return start if self.result != Result.OK else start + b"\0" + encode_settings(self.settings)

    @classmethod
    def from_bytes(cls, data: bytes) -> Response:
        """Read a response.

        Raises
        ------
        DecodeError
            If it is not one, or its settings are not whole.
        """
        if len(data) < 4 or data[0] != RESPONSE_BYTE:  # noqa: PLR2004 - up to the result
            msg = f"Polar response of {len(data)} bytes beginning {data[:1].hex()}, expected 4 or more beginning f0"
            raise DecodeError(msg)
        _, op, measurement, result = data[:4]
        carries_settings = result == Result.OK and op in (Op.GET_SETTINGS, Op.START, Op.SDK_MODE_SETTINGS)
        return cls(op, measurement & 0x3F, result, decode_settings(data[5:]) if carries_settings else {})
