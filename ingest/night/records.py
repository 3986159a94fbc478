"""What the packet log holds: everything a night can be made again from, in the order it was learnt.

Every record carries `mono_ns`, the monotonic time of the night at which it was learnt.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NightStart:
    """A collector begins, or begins again after a crash, to write this log."""

    mono_ns: int
    utc_ns: int
    speed: float
    version: str


@dataclass(frozen=True, slots=True)
class Notification:
    """Bytes that a sensor sent."""

    mono_ns: int
    sensor: str
    characteristic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class SetupReply:
    """A value read, or a control response, during set-up; `request` is empty for a read."""

    mono_ns: int
    sensor: str
    characteristic: str
    request: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class LinkUp:
    """A sensor is connected and about to be set up."""

    mono_ns: int
    sensor: str
    mtu: int


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The link to a sensor is gone."""

    mono_ns: int
    sensor: str
    reason: str


@dataclass(frozen=True, slots=True)
class TimePair:
    """Monotonic time and UTC read together; written at start and every 10 s of the night, also in silence."""

    mono_ns: int
    utc_ns: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker that did not come from a sensor (keyboard, page, MQTT)."""

    mono_ns: int
    label: str
    source: str


@dataclass(frozen=True, slots=True)
class RecoveryStep:
    """One step of the recovery ladder."""

    mono_ns: int
    sensor: str
    step: str
    detail: str


@dataclass(frozen=True, slots=True)
class NightEnd:
    """The night was ended on purpose; without it, it was cut off."""

    mono_ns: int
    utc_ns: int
    reason: str


Record = NightStart | Notification | SetupReply | LinkUp | LinkDown | TimePair | Mark | RecoveryStep | NightEnd
