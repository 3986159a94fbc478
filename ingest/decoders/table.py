"""A sensor that Soleus has no code for, described by whoever owns it: a ``[[device]]`` table.

A description is checked when it is made. Every message begins with the key that is wrong, so that whoever reads the
configuration can say in which line it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from detectors.signal import NS_PER_S, Quantity, Unit
from ingest.decoders.layout import Counting, StreamLayout
from ingest.decoders.profile import LossMode
from ingest.decoders.table_checks import check_silence, check_stream, check_together
from ingest.decoders.table_fields import ByteOrder, Field, parse_fields, size_of

_SHORT_UUID = re.compile(r"(?i)(0x)?[0-9a-f]{4}|[0-9a-f]{8}")
_FULL_UUID = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"[\w.-]+")


class Counts(StrEnum):
    """What a counter counts."""

    PACKETS = "packets"
    SAMPLES = "samples"


class TimeOf(StrEnum):
    """Which sample of a packet its time belongs to."""

    FIRST = "first"
    LAST = "last"


def full_uuid(text: str, key: str) -> str:
    """Return a UUID in full and in lower case.

    Parameters
    ----------
    text : str
        In full, or the 16 or 32 bits of one that Bluetooth assigned.
    key : str
        What it is called in the configuration, for messages.

    Returns
    -------
    str
        36 characters.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> full_uuid("2A19", "characteristic")
    '00002a19-0000-1000-8000-00805f9b34fb'
    """
    if _FULL_UUID.fullmatch(text):
        return text.lower()
    if _SHORT_UUID.fullmatch(text):
        return f"{int(text, 16):08x}-0000-1000-8000-00805f9b34fb"
    msg = f"{key} is {text!r}, expected a UUID such as 19b10000-0000-537e-4f6c-d104768a1214, or 2a19 for a short one"
    raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class TableWrite:
    """Something to write: an entry of ``start`` or ``stop``.

    Parameters
    ----------
    write : str
        Characteristic to write.
    payload_hex : str
        What to write, in hexadecimal such as ``01 02``.
    response : bool
        Whether the sensor has to acknowledge it.
    """

    write: str
    payload_hex: str
    response: bool = True

    def __post_init__(self) -> None:
        full_uuid(self.write, "write")
        if not self.payload:
            raise ValueError("bytes is empty, expected bytes in hexadecimal such as '01 02'")

    @property
    def payload(self) -> bytes:
        """What to write."""
        try:
            return bytes.fromhex(self.payload_hex)
        except ValueError:
            msg = f"bytes is {self.payload_hex!r}, expected bytes in hexadecimal such as '01 02'"
            raise ValueError(msg) from None


@dataclass(frozen=True, slots=True)
class TableStream:
    """One stream of a described sensor, in one form of packet: a ``[[device.stream]]`` table.

    Parameters
    ----------
    characteristic : str
        Where its packets come from.
    quantity : Quantity
        What is measured: ``emg``, ``acceleration``, ``rotation`` or ``other``.
    unit : Unit
        Unit after scaling: ``g``, ``dps``, ``uV`` or ``counts``.
    fs_hz : float
        Sampling rate, 0.1 to 20000 Hz.
    fields : tuple of str
        The fields of one sample.
    header : tuple of str
        The fields before the samples, once per packet.
    repeat : int
        Samples per packet.
    axes : tuple of str
        Names of the fields that are the columns; all of `fields` but counter and time if empty.
    byte_order : ByteOrder
        Of every number: ``little`` or ``big``.
    scale : float
        A value is what was sent, times this, plus `offset`.
    offset : float
        In the stream's unit.
    counter : str
        Name of the field that counts, in `header` or (the one of the first sample counts) in `fields`.
    counts : Counts
        What it counts: ``packets`` or ``samples``.
    survives_link : bool
        Whether it goes on counting while the link is lost.
    time : str
        Name of the field with the sensor's own time.
    tick_s : float
        Seconds of one tick of it, at most 60.
    time_of : TimeOf
        Which sample of a packet it belongs to: ``first`` or ``last``.
    on_change : bool
        Whether a sample comes only when it differs from the last one.

    Raises
    ------
    ValueError
        If the description contradicts itself; the message begins with the key that is wrong.
    """

    characteristic: str
    quantity: Quantity
    unit: Unit
    fs_hz: float
    fields: tuple[str, ...]
    header: tuple[str, ...] = ()
    repeat: int = 1
    axes: tuple[str, ...] = ()
    byte_order: ByteOrder = ByteOrder.LITTLE
    scale: float = 1.0
    offset: float = 0.0
    counter: str = ""
    counts: Counts = Counts.PACKETS
    survives_link: bool = False
    time: str = ""
    tick_s: float = 0.0
    time_of: TimeOf = TimeOf.FIRST
    on_change: bool = False

    def __post_init__(self) -> None:
        full_uuid(self.characteristic, "characteristic")
        check_stream(self)

    @property
    def uuid(self) -> str:
        """The characteristic in full."""
        return full_uuid(self.characteristic, "characteristic")

    @property
    def header_fields(self) -> tuple[Field, ...]:
        """The fields before the samples."""
        return parse_fields(self.header, "header")

    @property
    def sample_fields(self) -> tuple[Field, ...]:
        """The fields of one sample, counted from its own first byte."""
        return parse_fields(self.fields, "fields")

    @property
    def n_bytes(self) -> int:
        """Length of a packet."""
        return size_of(self.header_fields) + self.repeat * size_of(self.sample_fields)

    @property
    def columns(self) -> tuple[Field, ...]:
        """The fields that are the columns."""
        named = {field.name: field for field in self.sample_fields if field.name}
        return tuple(named[name] for name in self.axes or named if name not in (self.counter, self.time))

    def placed(self, name: str) -> Field | None:
        """Return a field of a whole packet by its name, that of the first sample."""
        whole = parse_fields((*self.header, *self.fields), "fields")
        return next((field for field in whole if name and field.name == name), None)

    @property
    def layout(self) -> StreamLayout:
        """What a decoder has to know of the stream."""
        axes = tuple(field.name for field in self.columns)
        return StreamLayout(self.quantity, self.unit, axes, self.fs_hz, self._counting())

    def _counting(self) -> Counting:
        if self.on_change:
            return Counting(LossMode.NONE, on_change=True)
        if counter := self.placed(self.counter):
            is_packets = self.counts is Counts.PACKETS
            mode = LossMode.PACKET_COUNTER if is_packets else LossMode.SAMPLE_COUNTER
            return Counting(mode, counter.span, self.repeat if is_packets else 1, self.survives_link)
        if time := self.placed(self.time):
            span_ns = round(time.span * self.tick_s * NS_PER_S)
            return Counting(LossMode.DEVICE_TS, span_ns, survives_link=self.survives_link)
        return Counting(LossMode.RATE_ONLY)


@dataclass(frozen=True, slots=True)
class TableDevice:
    """A described sensor: a ``[[device]]`` table.

    Parameters
    ----------
    name : str
        What ``device`` of a sensor calls it.
    streams : tuple of TableStream
        What it sends.
    service : str
        Service that it advertises; empty if it advertises none.
    name_prefix : str
        Beginning of the name that it advertises.
    start : tuple of TableWrite
        What makes it stream; written on each connect, after everything was subscribed to.
    stop : tuple of TableWrite
        What makes it stop; written at the end of the night.
    silence_s : float
        Silence after which the link is doubted, s; at most 3600.

    Raises
    ------
    ValueError
        If the description contradicts itself; the message begins with the key that is wrong.
    """

    name: str
    streams: tuple[TableStream, ...]
    service: str = ""
    name_prefix: str = ""
    start: tuple[TableWrite, ...] = ()
    stop: tuple[TableWrite, ...] = ()
    silence_s: float = 5.0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            msg = f"name is {self.name!r}, expected letters, digits, '.', '_' and '-' only"
            raise ValueError(msg)
        if self.service:
            full_uuid(self.service, "service")
        if not self.streams:
            raise ValueError("stream is missing, expected at least one table [[device.stream]]")
        check_silence(self)
        for one, other in combinations(self.streams, 2):
            check_together(one, other)

    @property
    def characteristics(self) -> tuple[str, ...]:
        """Where its packets come from, each once."""
        return tuple(dict.fromkeys(stream.uuid for stream in self.streams))
