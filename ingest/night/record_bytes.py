"""One log record as bytes and back.

A record is a tag, its monotonic time, its numbers, the lengths of its texts and byte strings, and
then those: one ``struct`` call per record. That is as fast as msgpack, needs no dependency to read a
night in ten years, and every record can be read without the ones before it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from ingest.errors import DecodeError
from ingest.night.records import (
    LinkDown,
    LinkUp,
    Mark,
    NightEnd,
    NightStart,
    Notification,
    RecoveryStep,
    SetupReply,
    TimePair,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.night.records import Record

_TEXT_ERRORS = "surrogatepass"
"""Any Python string survives, also one made from a broken file name or driver message."""

TAG_AND_TIME = struct.Struct("<Bq")
LEAST_BYTES = TAG_AND_TIME.size


@dataclass(frozen=True, slots=True)
class _Layout:
    """How one kind of record is laid out; `make` takes its numbers, texts and byte strings in this order."""

    tag: int
    head: struct.Struct
    n_numbers: int
    n_texts: int
    numbers: Callable[[Any], tuple[float, ...]]
    texts: Callable[[Any], tuple[str, ...]]
    blobs: Callable[[Any], tuple[bytes, ...]]
    make: Callable[..., Record]


def _several(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Return a getter of several attributes that gives a tuple for one and for none, too."""
    if not names:
        return lambda _record: ()
    get = attrgetter(*names)
    return get if len(names) > 1 else lambda record: (get(record),)


def _layout(
    tag: int, make: Callable[..., Record], numbers: str, number_names: str, texts: str, blobs: str = ""
) -> _Layout:
    names, text_names, blob_names = tuple(number_names.split()), tuple(texts.split()), tuple(blobs.split())
    head = struct.Struct(f"<B{numbers}{(len(text_names) + len(blob_names)) * 'I'}")
    getters = (_several(names), _several(text_names), _several(blob_names))
    return _Layout(tag, head, len(names), len(text_names), *getters, make)


def _link_up(mono_ns: int, mtu: int, sensor: str) -> LinkUp:
    return LinkUp(mono_ns, sensor, mtu)


_LAYOUTS: dict[type, _Layout] = {
    NightStart: _layout(1, NightStart, "qqd", "mono_ns utc_ns speed", "version"),
    Notification: _layout(2, Notification, "q", "mono_ns", "sensor characteristic", "payload"),
    SetupReply: _layout(3, SetupReply, "q", "mono_ns", "sensor characteristic", "request payload"),
    LinkUp: _layout(4, _link_up, "qi", "mono_ns mtu", "sensor"),
    LinkDown: _layout(5, LinkDown, "q", "mono_ns", "sensor reason"),
    TimePair: _layout(6, TimePair, "qq", "mono_ns utc_ns", ""),
    Mark: _layout(7, Mark, "q", "mono_ns", "label source"),
    RecoveryStep: _layout(8, RecoveryStep, "q", "mono_ns", "sensor step detail"),
    NightEnd: _layout(9, NightEnd, "qq", "mono_ns utc_ns", "reason"),
}
_BY_TAG = {layout.tag: layout for layout in _LAYOUTS.values()}
CONTEXT_TAGS = frozenset(_LAYOUTS[kind].tag for kind in (NightStart, SetupReply, LinkUp, LinkDown))
"""Tags of the records that a decoder needs even when it starts in the middle of a night."""

_NOTIFICATION = _LAYOUTS[Notification]
_SENSOR_BYTES = struct.Struct("<I")


def is_packet(data: bytes) -> bool:
    """Return whether a record is a :class:`Notification`, without reading the rest of it."""
    return data[0] == _NOTIFICATION.tag


def is_packet_of(data: bytes, sensor: bytes) -> bool:
    """Return whether a :class:`Notification` is one of a sensor, whose name is written as the log writes it."""
    return data.startswith(sensor, _NOTIFICATION.head.size) and _SENSOR_BYTES.unpack_from(data, LEAST_BYTES)[0] == len(
        sensor
    )


def mono_of(data: bytes) -> int:
    """Return the monotonic time of a record, ns."""
    mono_ns: int = TAG_AND_TIME.unpack_from(data)[1]
    return mono_ns


def name_bytes(sensor: str) -> bytes:
    """Return the name of a sensor as the log writes it."""
    return sensor.encode("utf-8", _TEXT_ERRORS)


def record_to_bytes(record: Record) -> bytes:
    """Return a record as it stands in the log.

    Raises
    ------
    ValueError
        If a number does not fit into 64 bits (`mtu`: 32).
    """
    layout = _LAYOUTS[type(record)]
    parts = [text.encode("utf-8", _TEXT_ERRORS) for text in layout.texts(record)]
    parts += layout.blobs(record)
    try:
        head = layout.head.pack(layout.tag, *layout.numbers(record), *map(len, parts))
    except struct.error as error:
        msg = f"{record}: a number does not fit into the packet log"
        raise ValueError(msg) from error
    return head + b"".join(parts)


def record_from_bytes(data: bytes) -> Record | None:
    """Return the record, or None if it is of a kind that only a later version knows.

    Raises
    ------
    DecodeError
        If the lengths inside do not fit.
    """
    layout = _BY_TAG.get(data[0]) if data else None
    if layout is None:
        return None
    try:
        _, *values = layout.head.unpack_from(data)
        arguments: list[Any] = values[: layout.n_numbers]
        start = layout.head.size
        for number, length in enumerate(values[layout.n_numbers :]):
            part = data[start : start + length]
            arguments.append(part.decode("utf-8", _TEXT_ERRORS) if number < layout.n_texts else part)
            start += length
    except (struct.error, UnicodeDecodeError) as error:
        msg = f"log record with tag {layout.tag} and {len(data)} bytes cannot be read: {error}"
        raise DecodeError(msg) from error
    if start != len(data):
        msg = f"log record with tag {layout.tag} has {len(data)} bytes, its lengths add up to {start}"
        raise DecodeError(msg)
    return layout.make(*arguments)
