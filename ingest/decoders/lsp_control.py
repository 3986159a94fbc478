"""Leg Sensor Profile version 1: the control point, both ways."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from ingest.errors import DecodeError


class Op(IntEnum):
    """What the control point is asked to do."""

    START = 0x01
    STOP = 0x02
    SET_RATE = 0x03
    SET_SPP = 0x04
    SET_FORMAT = 0x05
    SET_TIME = 0x06
    GET_TIME = 0x07
    IMPEDANCE_START = 0x08
    IMPEDANCE_STOP = 0x09
    KEEPALIVE = 0x0A
    IDENTIFY = 0x0B
    RESEND = 0x0C
    SET_CONN = 0x0D
    SAVE = 0x0E
    RESET = 0x0F


class Result(IntEnum):
    """How a request went."""

    OK = 0
    UNKNOWN_OP = 1
    LENGTH = 2
    PARAMETER = 3
    WRONG_STATE = 4
    UNSUPPORTED = 5
    MTU_TOO_SMALL = 6
    BUSY = 7


RESPONSE_BIT = 0x80

_PARAMETERS = {
    Op.START: struct.Struct("<H"),
    Op.STOP: struct.Struct(""),
    Op.SET_RATE: struct.Struct("<BI"),
    Op.SET_SPP: struct.Struct("<BB"),
    Op.SET_FORMAT: struct.Struct("<BB"),
    Op.SET_TIME: struct.Struct("<Q"),
    Op.GET_TIME: struct.Struct(""),
    Op.IMPEDANCE_START: struct.Struct("<H"),
    Op.IMPEDANCE_STOP: struct.Struct("<H"),
    Op.KEEPALIVE: struct.Struct("<H"),
    Op.IDENTIFY: struct.Struct(""),
    Op.RESEND: struct.Struct("<BIH"),
    Op.SET_CONN: struct.Struct("<HHH"),
    Op.SAVE: struct.Struct(""),
    Op.RESET: struct.Struct(""),
}
_TIME = struct.Struct("<QQ")


@dataclass(frozen=True, slots=True)
class Request:
    """A request to the control point.

    Parameters
    ----------
    op : int
        An :class:`Op`; other numbers are kept, so that a sensor can answer `UNKNOWN_OP`.
    tid : int
        Number of the request, repeated in its response.
    values : tuple of int
        Its parameters in the order of the profile's table.

    Examples
    --------
    >>> Request(Op.SET_RATE, 0x12, (0, 500_000)).to_bytes().hex(" ")
    '03 12 00 20 a1 07 00'
    """

    op: int
    tid: int
    values: tuple[int, ...] = ()

    def to_bytes(self) -> bytes:
        """Return what is written to the control point."""
        return bytes((self.op, self.tid)) + _PARAMETERS[Op(self.op)].pack(*self.values)

    @classmethod
    def from_bytes(cls, data: bytes) -> Request:
        """Read a request; the parameters of an unknown op are left out.

        Raises
        ------
        DecodeError
            If the length does not fit the op: a sensor answers `LENGTH`.
        """
        if len(data) < 2:  # noqa: PLR2004 - op and number
            msg = f"LSP request has {len(data)} bytes, expected at least 2"
            raise DecodeError(msg)
        op, tid = data[0], data[1]
        layout = _PARAMETERS.get(op)  # type: ignore[call-overload]  # any byte may be asked
        if layout is None:
            return cls(op, tid)
        if len(data) - 2 != layout.size:
            msg = f"LSP request {op:#04x} has {len(data) - 2} bytes of parameters, expected {layout.size}"
            raise DecodeError(msg)
        return cls(op, tid, layout.unpack(data[2:]))


@dataclass(frozen=True, slots=True)
class Response:
    """A response of the control point.

    Parameters
    ----------
    op : int
        Of the request.
    tid : int
        Of the request.
    result : int
        A :class:`Result`.
    tick, unix_us : int
        After `GET_TIME`: the sensor's clock now, not wrapped, and UTC in µs (0 unknown).
    """

    op: int
    tid: int
    result: int = Result.OK
    tick: int = 0
    unix_us: int = 0

    def to_bytes(self) -> bytes:
        """Return what is indicated."""
        start = bytes((RESPONSE_BIT | self.op, self.tid, self.result))
        carries_time = self.op == Op.GET_TIME and self.result == Result.OK
        return start + _TIME.pack(self.tick, self.unix_us) if carries_time else start

    @classmethod
    def from_bytes(cls, data: bytes) -> Response:
        """Read a response.

        Raises
        ------
        DecodeError
            If it is not one, or a time is missing.
        """
        if len(data) < 3 or not data[0] & RESPONSE_BIT:  # noqa: PLR2004 - op, number, result
            msg = f"LSP response of {len(data)} bytes beginning {data[:1].hex()}, expected 3 or more beginning 81 to 8f"
            raise DecodeError(msg)
        op, tid, result = data[0] & ~RESPONSE_BIT, data[1], data[2]
        if op != Op.GET_TIME or result != Result.OK:
            return cls(op, tid, result)
        if len(data) < 3 + _TIME.size:
            msg = f"LSP response to GET_TIME has {len(data)} bytes, expected {3 + _TIME.size}"
            raise DecodeError(msg)
        return cls(op, tid, result, *_TIME.unpack_from(data, 3))
