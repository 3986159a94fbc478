"""The recorder's side of asking a sensor for lost samples: a fault in it costs the asking, never the recording."""

from __future__ import annotations

import contextlib
import struct
from typing import TYPE_CHECKING

from ingest.errors import DecodeError
from ingest.night.records import RecoveryStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.decoders.profile import Backfill, DeviceProfile, SetupStep
    from ingest.inbox import Inbox

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
