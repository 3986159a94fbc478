"""What the recorder has to know about a kind of sensor, as data.

A profile names the services to look for and lists the steps that make a sensor stream. The recorder
runs the same full list on every connect and logs every reply; it knows nothing else about a device.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class SetupOp(StrEnum):
    """What one step does."""

    READ = "read"
    WRITE = "write"
    WRITE_NO_RSP = "write_no_rsp"
    SUBSCRIBE = "subscribe"


class LossMode(StrEnum):
    """How a decoder of this kind of sensor notices lost samples."""

    SAMPLE_COUNTER = "sample_counter"
    PACKET_COUNTER = "packet_counter"
    DEVICE_TS = "device_ts"
    RATE_ONLY = "rate_only"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One step of a set-up.

    Parameters
    ----------
    op : SetupOp
        What to do.
    characteristic : str
        Full UUID, lower case.
    payload : bytes
        What to write; empty for the other steps.
    expect_prefix : bytes
        A read value has to begin with this. On a write it means: write, then wait for the answer,
        an indication of the same characteristic (see `answered_on`), and compare that.
    answer_prefix : bytes
        How every answer to a write begins, also one that refuses; what the sensor indicates
        meanwhile for another reason does not.
    timeout_s : float
        How long the step may take, s of the night.
    otherwise : tuple of bytes
        Payloads to write one after the other if the reply to `payload` is not as expected.
    answered_on : str
        Characteristic that the answer is notified on; the one that is written if empty.
    only_after : bytes
        Leave the step out unless an answer on this link began with this: for what depends on the sensor's model.
    append_utc_us : bool
        Append the night's UTC to the payload when it is written: microseconds, u64 little-endian.
    required : bool
        Whether set-up fails when the step fails; otherwise it goes on with the next.

    Notes
    -----
    Every read value and every answer is logged as a :class:`ingest.night.records.SetupReply` whose
    request is the bytes written, or empty after a read; every other indication as a notification.
    """

    op: SetupOp
    characteristic: str
    payload: bytes = b""
    expect_prefix: bytes = b""
    answer_prefix: bytes = b""
    timeout_s: float = 5.0
    otherwise: tuple[bytes, ...] = ()
    answered_on: str = ""
    only_after: bytes = b""
    append_utc_us: bool = False
    required: bool = True


class Backfill(Protocol):
    """What one sensor is asked to send again: a state machine without a clock, over all links of one night.

    It looks at packet headers only, never at samples, and never raises on bytes. Times are monotonic, of the night.
    """

    def linked(self, mono_ns: int) -> None:
        """Note that a link was made; requests of the link before are no longer on their way."""
        ...

    def heard(self, characteristic: str, payload: bytes, mono_ns: int) -> None:
        """Take every notification as it is logged."""
        ...

    def replied(self, characteristic: str, request: bytes, payload: bytes, mono_ns: int) -> None:
        """Take every value read and every answer as they are logged, those to its own requests too."""
        ...

    def due(self, mono_ns: int) -> SetupStep | None:
        """Return what to ask now, or None; to be called again after each request until it is None.

        The step is not required: a sensor that refuses, or does not answer, is not asked much longer.
        """
        ...


@dataclass(frozen=True, slots=True)
class DeviceProfile:
    """One kind of sensor.

    Parameters
    ----------
    name : str
        Name in the configuration, for example ``lsp``.
    service_uuids : tuple of str
        Services that such a sensor advertises, full UUIDs, lower case.
    setup : tuple of SetupStep
        Makes it stream; safe to run on a sensor that streams already.
    stop : tuple of SetupStep
        Makes it stop.
    silence_timeout_s : float or None
        Silence after which the recovery ladder begins, s of the night; None for a sensor that
        sends only when something changes.
    loss_mode : LossMode
        How lost samples are noticed.
    name_prefixes : tuple of str
        Beginnings of the advertised name, for sensors that do not advertise their service.
    health_characteristic : str
        Read on the first step of the recovery ladder; empty if there is none.
    streams : tuple of str
        Characteristics that notify samples: one of them that has begun and then says nothing is silence, whatever else
        is notified. Empty for all that are neither answers nor health.
    stop_words : tuple of (str, bytes)
        Characteristic and beginning of each notification by which a sensor says that it has stopped by itself; it is
        then started again at once.
    impedance : tuple of SetupStep
        Measures the electrodes, on a sensor that is set up and goes on streaming; what is found is notified.
    impedance_end : tuple of SetupStep
        Ends that.
    backfill : callable, optional
        Makes what asks such a sensor for lost samples, one per sensor and night: ``backfill(speed)``, with the seconds
        of the night per second of the wall clock; None if it cannot send again.
    """

    name: str
    service_uuids: tuple[str, ...]
    setup: tuple[SetupStep, ...]
    stop: tuple[SetupStep, ...]
    silence_timeout_s: float | None
    loss_mode: LossMode
    name_prefixes: tuple[str, ...] = ()
    health_characteristic: str = ""
    streams: tuple[str, ...] = ()
    stop_words: tuple[tuple[str, bytes], ...] = ()
    impedance: tuple[SetupStep, ...] = ()
    impedance_end: tuple[SetupStep, ...] = ()
    backfill: Callable[[float], Backfill] | None = None
