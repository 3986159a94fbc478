"""Leg Sensor Profile version 1: events (the marker button) and status, both ways."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from ingest.errors import DecodeError


class EventType(IntEnum):
    """What happened."""

    PRESS = 1
    RELEASE = 2
    HOST_MARKER = 3
    BOOT = 5
    LOW_BATTERY = 6
    CHARGER = 7
    LEAD_OFF = 8
    OVERFLOW = 9


_EVENT = struct.Struct("<BBHIi")


@dataclass(frozen=True, slots=True)
class EventPacket:
    """One value of the event characteristic.

    Parameters
    ----------
    event_type : int
        An :class:`EventType`.
    flags : int
        Reserved.
    seq : int
        Events before, modulo 2**16.
    tick : int
        When, modulo 2**32.
    value : int
        Depends on the type; count of presses for the button.
    """

    event_type: int
    flags: int
    seq: int
    tick: int
    value: int

    @classmethod
    def from_bytes(cls, data: bytes) -> EventPacket:
        """Read an event.

        Raises
        ------
        DecodeError
            If it has fewer than 12 bytes.
        """
        if len(data) < _EVENT.size:
            msg = f"LSP event has {len(data)} bytes, expected {_EVENT.size}"
            raise DecodeError(msg)
        return cls(*_EVENT.unpack_from(data))


def encode_event(event: EventPacket) -> bytes:
    """Return the 12 bytes of an event; counters are taken modulo their width."""
    return _EVENT.pack(event.event_type, event.flags, event.seq & 0xFFFF, event.tick & 0xFFFFFFFF, event.value)


class StatusFlag(IntFlag):
    """What the sensor is doing."""

    STREAMING = 1
    IMPEDANCE = 2
    CHARGING = 4


_STATUS = struct.Struct("<6BHhH")
_NO_IMPEDANCE = 0xFFFF
_OHM_PER_STEP = 100
_MOST_IMPEDANCE_OHM = (_NO_IMPEDANCE - 1) * _OHM_PER_STEP


@dataclass(frozen=True, slots=True)
class StatusPacket:
    """One value of the status characteristic.

    Parameters
    ----------
    lead_off_p, lead_off_n : int
        Bit per channel: that electrode is off.
    flags : int
        :class:`StatusFlag` bits.
    queue : int
        Highest fill of the sensor's queue, 255 for full.
    battery_mv : int
        Battery, mV.
    temperature_cc : int
        Hundredths of a degree Celsius.
    drops : int
        Samples dropped since boot, saturating at 65535.
    impedance_ohm : tuple of (int or None)
        One per channel, in steps of 100 ohm; None unknown.
    version : int
        Of the layout.
    """

    lead_off_p: int
    lead_off_n: int
    flags: int
    queue: int
    battery_mv: int
    temperature_cc: int
    drops: int
    impedance_ohm: tuple[int | None, ...] = ()
    version: int = 1

    @classmethod
    def from_bytes(cls, data: bytes) -> StatusPacket:
        """Read a status.

        Raises
        ------
        DecodeError
            If it is shorter than its number of channels says.
        """
        if len(data) < _STATUS.size or len(data) < _STATUS.size + 2 * data[1]:
            msg = f"LSP status has {len(data)} bytes, expected {_STATUS.size} and 2 per channel"
            raise DecodeError(msg)
        version, n_channels, off_p, off_n, flags, queue, battery_mv, temperature_cc, drops = _STATUS.unpack_from(data)
        steps = struct.unpack_from(f"<{n_channels}H", data, _STATUS.size)
        ohm = tuple(None if step == _NO_IMPEDANCE else step * _OHM_PER_STEP for step in steps)
        return cls(off_p, off_n, flags, queue, battery_mv, temperature_cc, drops, ohm, version)


def encode_status(status: StatusPacket) -> bytes:
    """Return the bytes of a status; drops and impedances saturate."""
    head = _STATUS.pack(
        status.version,
        len(status.impedance_ohm),
        status.lead_off_p,
        status.lead_off_n,
        status.flags,
        status.queue,
        status.battery_mv,
        status.temperature_cc,
        min(status.drops, 0xFFFF),
    )
    steps = [
        _NO_IMPEDANCE if ohm is None else min(ohm, _MOST_IMPEDANCE_OHM) // _OHM_PER_STEP for ohm in status.impedance_ohm
    ]
    return head + struct.pack(f"<{len(steps)}H", *steps)
