"""The contract of a decoder, and what it says besides samples."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from detectors.signal import Gap, Leg, SampleBlock, Watermark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from detectors.signal import Stream
    from ingest.envelope import ClockQuality
    from ingest.night.records import Record
    from ingest.stream_key import StreamKey


class StatusKind(StrEnum):
    """What a status is about."""

    MALFORMED = "malformed"
    DUPLICATE = "duplicate"
    BATTERY = "battery"
    LEAD_OFF = "lead_off"
    LINK = "link"
    DEVICE = "device"
    REBOOT = "reboot"
    STOPPED = "stopped"
    LATE = "late"
    AWAY = "away"
    MINUTE = "minute"
    IMPEDANCE = "impedance"
    IDENTITY = "identity"
    OUTBOX = "outbox"


@dataclass(frozen=True, slots=True)
class Status:
    """Something about the sensor that is not a sample."""

    sensor: str
    kind: StatusKind
    mono_ns: int
    detail: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Marker:
    """The wearer pressed the sensor's button (or a marker came from elsewhere)."""

    sensor: str
    t_ns: int
    label: str


Item = SampleBlock | Gap | Watermark | Status | Marker


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the wearer put a sensor: what the packets themselves may not know."""

    sensor: str
    leg: Leg
    site: str


class Decoder(Protocol):
    """From log records to samples, without input or output and without a clock of its own.

    One decoder serves one sensor for one night. It never raises on bytes: what it cannot read
    becomes a counted :class:`Status`. Records of other sensors are ignored, except the ones that
    carry no sensor (time pairs, night start and end).
    """

    @property
    def clocks(self) -> list[tuple[Stream, ClockQuality]]:
        """How well the time of each segment is known, those that are over first."""
        ...

    @property
    def n_late(self) -> int:
        """How many samples came too late to be used in this pass; a pass with a wider window uses them."""
        ...

    @property
    def n_refilled(self) -> Mapping[StreamKey, int]:
        """How many samples of each stream were sent again in time to fill a gap."""
        ...

    def feed(self, record: Record) -> list[Item]:
        """Take one record of the log and return what it settles."""
        ...

    def finish(self) -> list[Item]:
        """Return what was held back; the log is at its end."""
        ...
