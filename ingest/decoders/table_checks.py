"""Whether a description of a sensor makes sense; every message begins with the key that is wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from detectors.signal import Quantity, Unit
from ingest.decoders.layout import LEAST_HZ, MOST_HZ
from ingest.decoders.table_fields import Field, parse_fields

if TYPE_CHECKING:
    from ingest.decoders.table import TableDevice, TableStream

MOST_BYTES = 512
"""No notification is longer."""
MOST = 1e19
"""Up to this, the largest whole number that a field can hold stays one that single precision can."""
LEAST = 1e-19
"""Below this, no sample would differ from the offset."""
MOST_TICK_S = 60.0
"""A clock that ticks more slowly places no sample."""
MOST_SILENCE_S = 3600.0
"""A link that is doubted later is not watched."""
LEAST_CLOCK_S = 20.0
"""A sensor's clock that begins again sooner cannot be told from a packet that came late."""
UNITS = {
    Quantity.ACCELERATION: (Unit.G,),
    Quantity.ROTATION: (Unit.DEGREES_PER_SECOND,),
    Quantity.EMG: (Unit.MICROVOLT, Unit.COUNTS),
    Quantity.OTHER: tuple(Unit),
}
SPATIAL = (Quantity.ACCELERATION, Quantity.ROTATION)
N_SPATIAL = 3
TOO_SLOW_HZ = {Quantity.ACCELERATION: 1.0, Quantity.EMG: 40.0}
"""At these rates and below, no band that a detector looks at is left."""


def check_stream(stream: TableStream) -> None:
    """Refuse a stream that contradicts itself.

    Raises
    ------
    ValueError
        If it does.
    """
    _check_numbers(stream)
    _check_fields(stream)
    _check_axes(stream)
    _check_counting(stream)


def _check_numbers(stream: TableStream) -> None:
    if stream.unit not in UNITS[stream.quantity]:
        expected = " or ".join(UNITS[stream.quantity])
        raise ValueError(f"unit is {stream.unit}, expected {expected} for {stream.quantity}")
    if not LEAST_HZ <= stream.fs_hz <= MOST_HZ:
        raise ValueError(f"fs_hz is {stream.fs_hz:g}, expected {LEAST_HZ:g} to {MOST_HZ:g} Hz")
    least_hz = TOO_SLOW_HZ.get(stream.quantity, 0.0)
    if stream.fs_hz <= least_hz:
        raise ValueError(f"fs_hz is {stream.fs_hz:g}, expected more than {least_hz:g} Hz for {stream.quantity}")
    if not 0 < abs(stream.scale) <= MOST:
        raise ValueError(f"scale is {stream.scale:g}, expected a number that is not 0, and at most {MOST:g}")
    if abs(stream.scale) < LEAST:
        raise ValueError(f"scale is {stream.scale:g}, expected at least {LEAST:g}, or no sample would tell anything")
    if not abs(stream.offset) <= MOST:
        raise ValueError(f"offset is {stream.offset:g}, expected a number, and at most {MOST:g}")
    if stream.repeat < 1:
        raise ValueError(f"repeat is {stream.repeat}, expected 1 or more samples per packet")


def _check_fields(stream: TableStream) -> None:
    _ = stream.header_fields  # says what is wrong under its own name
    _ = stream.sample_fields
    parse_fields((*stream.header, *stream.fields), "fields")
    if stream.n_bytes > MOST_BYTES:
        raise ValueError(f"fields make packets of {stream.n_bytes} bytes, expected at most {MOST_BYTES}")


def _check_axes(stream: TableStream) -> None:
    names = [field.name for field in stream.sample_fields if field.name]
    for name in stream.axes:
        if name not in names or name in (stream.counter, stream.time):
            values = ", ".join(other for other in names if other not in (stream.counter, stream.time))
            raise ValueError(f"axes has {name!r}, expected some of the fields {values or '(there are none)'}")
        if stream.axes.count(name) > 1:
            raise ValueError(f"axes has {name!r} twice, expected each field once")
    n_columns = len(stream.columns)
    if stream.quantity in SPATIAL and n_columns != N_SPATIAL:
        where = "axes" if stream.axes else "fields"
        raise ValueError(f"{where} make {n_columns} columns, expected {N_SPATIAL} for {stream.quantity}: x, y and z")
    if not n_columns:
        raise ValueError("fields has no field that is measured, expected at least one such as 'i16 x'")


def _check_counting(stream: TableStream) -> None:
    if stream.counter and stream.time:
        raise ValueError("time is given beside counter, expected one of them: losses are counted by one")
    if stream.on_change and (stream.counter or stream.time):
        raise ValueError("on_change is given beside counter or time, expected it alone: what counts shows its losses")
    if stream.survives_link and not (stream.counter or stream.time):
        raise ValueError("survives_link is given without counter or time, expected one of them")
    if stream.counter:
        _counting_field(stream, stream.counter, "counter")
    if stream.time:
        _check_clock(stream)
    elif stream.tick_s:
        raise ValueError("tick_s is given without time, expected the name of a field as time")


def _check_clock(stream: TableStream) -> None:
    span = _counting_field(stream, stream.time, "time").span
    if not 0 < stream.tick_s < math.inf:
        raise ValueError(f"tick_s is {stream.tick_s:g}, expected the seconds of one tick of {stream.time}")
    if stream.tick_s > MOST_TICK_S:
        raise ValueError(f"tick_s is {stream.tick_s:g}, expected at most {MOST_TICK_S:g} s")
    again_s = span * stream.tick_s
    if again_s < LEAST_CLOCK_S:
        repeats = f"{stream.time} begins again after {again_s:.3g} s"
        raise ValueError(f"tick_s is {stream.tick_s:g}, so {repeats}, expected at least {LEAST_CLOCK_S:g} s")


def _counting_field(stream: TableStream, name: str, key: str) -> Field:
    field = stream.placed(name)
    if field is None:
        names = [each.name for each in (*stream.header_fields, *stream.sample_fields) if each.name]
        raise ValueError(f"{key} is {name!r}, expected the name of a field: {', '.join(names)}")
    if not field.is_unsigned:
        raise ValueError(f"{key} is {name!r}, which is {field.kind}, expected an unsigned field such as u8 or u32")
    return field


def check_silence(device: TableDevice) -> None:
    """Refuse a silence that a healthy sensor keeps between two packets.

    Raises
    ------
    ValueError
        If it is too short.
    """
    if not 0 < device.silence_s < math.inf:
        raise ValueError(f"silence_s is {device.silence_s:g}, expected a positive number of seconds")
    if device.silence_s > MOST_SILENCE_S:
        raise ValueError(f"silence_s is {device.silence_s:g}, expected at most {MOST_SILENCE_S:g} s")
    slowest_s = max(stream.repeat / stream.fs_hz for stream in device.streams)
    if device.silence_s <= slowest_s:
        raise ValueError(f"silence_s is {device.silence_s:g}, expected more than the {slowest_s:g} s of one packet")


def check_together(one: TableStream, other: TableStream) -> None:
    """Refuse two streams that cannot be told apart, or two of one quantity that differ.

    Raises
    ------
    ValueError
        If they are.
    """
    if one.quantity is not other.quantity:
        return
    if one.layout != other.layout:
        raise ValueError(
            f"stream has {one.quantity} twice, expected forms of one stream to agree in unit, fs_hz, axes and counter"
        )
    if one.uuid == other.uuid and one.n_bytes == other.n_bytes and not _told_apart(one, other):
        raise ValueError(
            f"stream has {one.quantity} twice on {one.characteristic} in packets of {one.n_bytes} bytes, "
            "expected forms that differ in length or in a magic field"
        )


def _told_apart(one: TableStream, other: TableStream) -> bool:
    """Whether some byte has to be different in the two."""
    mine, theirs = (_magic_bytes(stream) for stream in (one, other))
    return any(mine[at] != theirs[at] for at in mine.keys() & theirs.keys())


def _magic_bytes(stream: TableStream) -> dict[int, int]:
    whole = parse_fields((*stream.header, *stream.fields), "fields")
    return {field.start + at: value for field in whole for at, value in enumerate(field.magic)}
