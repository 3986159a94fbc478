"""The recorder's side of asking a sensor for lost samples: a fault in it costs the asking, never the recording."""

from __future__ import annotations

import contextlib
import struct
from dataclasses import replace
from typing import TYPE_CHECKING

from ingest.errors import DecodeError
from ingest.night.packets import frames_from
from ingest.night.record_bytes import CONTEXT_TAGS, record_from_bytes
from ingest.night.records import LinkUp, Notification, RecoveryStep, SetupReply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ingest.decoders.profile import Backfill, DeviceProfile, SetupStep
    from ingest.inbox import Inbox
    from ingest.night.records import Record

# What a state machine without input and output can fail with. It reads what a sensor sent, and it reads it in the one
# process that must not end; so whatever it fails with, it alone is given up.
FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    DecodeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)

# A minute of two sensors at 1 kHz; none remembers more.
TAIL_BYTES = 1 << 20


def heard_last(packet_log: Path) -> list[Record]:
    """Return what a recorder that was cut off heard last, and what it had learnt about its sensors before.

    Parameters
    ----------
    packet_log : Path
        The log; it need not exist, and one that cannot be read holds nothing.

    Returns
    -------
    list of Record
        In the order of the log.
    """
    try:
        begin = packet_log.stat().st_size - TAIL_BYTES
        contents = (data for at, data in frames_from(packet_log, 0) if at >= begin or data[0] in CONTEXT_TAGS)
        return [record for record in map(record_from_bytes, contents) if record is not None]
    except (OSError, DecodeError):
        return []


def remembering(profile: DeviceProfile, sensor: str, past: Sequence[Record]) -> DeviceProfile:
    """Return a profile that asks for what was missing in the past, too.

    Parameters
    ----------
    profile : DeviceProfile
        The kind of sensor.
    sensor : str
        Its name.
    past : sequence of Record
        What the log has of an earlier recorder.

    Returns
    -------
    DeviceProfile
        The same otherwise.
    """
    make = profile.backfill
    return profile if make is None else replace(profile, backfill=lambda speed: _fed(make, speed, sensor, past))


def _fed(make: Callable[[float], Backfill], speed: float, sensor: str, past: Sequence[Record]) -> Backfill:
    backfill = make(speed)
    # What it cannot digest must not keep the recorder from starting.
    try:
        for record in past:
            match record:
                case LinkUp(sensor=name) if name == sensor:
                    backfill.linked(record.mono_ns)
                case SetupReply(sensor=name) if name == sensor:
                    backfill.replied(record.characteristic, record.request, record.payload, record.mono_ns)
                case Notification(sensor=name) if name == sensor:
                    backfill.heard(record.characteristic, record.payload, record.mono_ns)
    except FAULTS:
        return make(speed)
    return backfill


class Refill:
    """Asks one sensor for lost samples through one night.

    Parameters
    ----------
    backfill : Backfill
        What knows such a sensor.
    sensor : str
        Its name.
    inbox : Inbox
        Where it is said that no more is asked for.
    """

    def __init__(self, backfill: Backfill, sensor: str, inbox: Inbox) -> None:
        self._backfill: Backfill | None = backfill
        self._sensor = sensor
        self._inbox = inbox

    @classmethod
    def of(cls, profile: DeviceProfile, sensor: str, inbox: Inbox, speed: float) -> Refill | None:
        """Return what asks such a sensor, or None if it cannot send again."""
        return None if profile.backfill is None else cls(profile.backfill(speed), sensor, inbox)

    def linked(self, mono_ns: int) -> None:
        """Note that a link was made."""
        if self._backfill is not None:
            with self._guarded(mono_ns):
                self._backfill.linked(mono_ns)

    def heard(self, characteristic: str, payload: bytes, mono_ns: int) -> None:
        """Take a notification."""
        if self._backfill is not None:
            with self._guarded(mono_ns):
                self._backfill.heard(characteristic, payload, mono_ns)

    def replied(self, characteristic: str, request: bytes, payload: bytes, mono_ns: int) -> None:
        """Take a value read, or an answer."""
        if self._backfill is not None:
            with self._guarded(mono_ns):
                self._backfill.replied(characteristic, request, payload, mono_ns)

    def due(self, mono_ns: int) -> SetupStep | None:
        """Return what to ask now, or None."""
        if self._backfill is not None:
            with self._guarded(mono_ns):
                return self._backfill.due(mono_ns)
        return None

    @contextlib.contextmanager
    def _guarded(self, mono_ns: int) -> Iterator[None]:
        try:
            yield
        except FAULTS as fault:
            self._backfill = None
            self._inbox.tell(RecoveryStep(mono_ns, self._sensor, "asking for lost samples given up", repr(fault)))
