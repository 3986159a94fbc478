"""Leg Sensor Profile version 1: data packets, both ways.

A long packet carries the index and the tick of its first sample; a short one (MTU 23) only a
sequence number, and a sync packet once per second says which sample that number belongs to.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING

import numpy as np

from ingest.decoders.lsp_info import MAX_STREAM_ID, Format
from ingest.errors import DecodeError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ingest.decoders.lsp_info import StreamDescriptor

SHORT_TYPE, LONG_TYPE, SYNC_TYPE = 0xA0, 0xA1, 0xA2
LONG_LEAST_PAYLOAD = 61
"""Smallest notification, in bytes, that carries long packets; below it a sensor sends short ones."""

_LONG = struct.Struct("<BBHII")
_SHORT = struct.Struct("<BBH")
_SYNC = struct.Struct("<BBHIIQ")
_DTYPES: dict[int, np.dtype[np.generic]] = {
    Format.I8: np.dtype("i1"),
    Format.I16: np.dtype("<i2"),
    Format.I32: np.dtype("<i4"),
    Format.F32: np.dtype("<f4"),
    Format.U16: np.dtype("<u2"),
}
_I24_LIMIT = 1 << 23
LONG_HEADER_BYTES, SHORT_HEADER_BYTES = _LONG.size, _SHORT.size


class PacketFlag(IntFlag):
    """The two upper bits of a data packet's second byte."""

    NONE = 0
    LEAD_OFF = 0x40
    DROPPED = 0x80


@dataclass(frozen=True, slots=True)
class DataHeader:
    """What stands before the samples.

    Parameters
    ----------
    stream_id : int
        Stream.
    flags : PacketFlag
        Electrode off now; samples were dropped by the sensor before this packet.
    seq : int
        Packets of this stream that were produced before, modulo 2**16.
    index, tick : int or None
        Of the first sample, modulo 2**32; None in a short packet.
    """

    stream_id: int
    flags: PacketFlag
    seq: int
    index: int | None
    tick: int | None


@dataclass(frozen=True, slots=True)
class Sync:
    """Which sample a sequence number belongs to.

    Parameters
    ----------
    stream_id : int
        Stream.
    seq : int
        Sequence number, modulo 2**16.
    index, tick : int
        Of that packet's first sample, modulo 2**32.
    unix_us : int
        UTC of that sample, µs; 0 if the sensor does not know.
    """

    stream_id: int
    seq: int
    index: int
    tick: int
    unix_us: int = 0


_FLAGS = (PacketFlag.NONE, PacketFlag.LEAD_OFF, PacketFlag.DROPPED, PacketFlag.LEAD_OFF | PacketFlag.DROPPED)


def quantise(stream: StreamDescriptor, physical: ArrayLike) -> NDArray[np.generic]:
    """Return raw values for physical ones as the sensor's converter would: rounded and saturated.

    Parameters
    ----------
    stream : StreamDescriptor
        Gives scale, offset and format.
    physical : array_like of float, shape (n_samples, channels)
        In the descriptor's unit.

    Returns
    -------
    ndarray, shape (n_samples, channels)
        Integers, or single-precision floats for :attr:`Format.F32`.

    Raises
    ------
    ValueError
        If the descriptor's format is unknown or its scale is 0.
    """
    if not stream.usable or stream.scale == 0:
        msg = f"stream {stream.stream_id}: format {stream.value_format}, scale {stream.scale}: nothing can be encoded"
        raise ValueError(msg)
    raw = (np.asarray(physical, dtype=np.float64) - stream.offset) / stream.scale
    if stream.value_format == Format.F32:
        return raw.astype("<f4")
    if stream.value_format == Format.I24:
        return np.clip(np.rint(raw), -_I24_LIMIT, _I24_LIMIT - 1).astype("<i4")
    dtype = _DTYPES[stream.value_format]
    limits = np.iinfo(dtype)  # type: ignore[type-var]  # only integer formats come here
    return np.clip(np.rint(raw), limits.min, limits.max).astype(dtype)


def encode_samples(stream: StreamDescriptor, raw: NDArray[np.generic]) -> bytes:
    """Return raw values, shape (n_samples, channels), as they stand in a packet.

    Raises
    ------
    ValueError
        If the shape does not fit the stream.
    """
    if raw.ndim != 2 or raw.shape[1] != stream.channels:  # noqa: PLR2004 - rows and columns
        msg = f"stream {stream.stream_id}: raw has shape {raw.shape}, expected (n_samples, {stream.channels})"
        raise ValueError(msg)
    if stream.value_format == Format.I24:
        return np.ascontiguousarray(raw, dtype="<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    return raw.astype(_DTYPES[stream.value_format]).tobytes()


def decode_samples(stream: StreamDescriptor, payload: bytes | memoryview) -> NDArray[np.generic]:
    """Return the raw values of a packet, shape (n_samples, channels).

    Raises
    ------
    DecodeError
        If there is no sample, or the last one is not whole.
    """
    sample_bytes = stream.channels * stream.value_bytes
    n_samples, rest = divmod(len(payload), sample_bytes) if sample_bytes else (0, 0)
    if rest or not n_samples:
        msg = f"LSP stream {stream.stream_id}: {len(payload)} bytes of samples, expected a multiple of {sample_bytes}"
        raise DecodeError(msg)
    if stream.value_format == Format.I24:
        wide = np.zeros((n_samples * stream.channels, 4), dtype=np.uint8)
        wide[:, 1:] = np.frombuffer(payload, dtype=np.uint8).reshape(-1, 3)
        return (wide.view("<i4") >> 8).reshape(n_samples, stream.channels)
    return np.frombuffer(payload, dtype=_DTYPES[stream.value_format]).reshape(n_samples, stream.channels)


def encode_long(stream: StreamDescriptor, header: DataHeader, raw: NDArray[np.generic]) -> bytes:
    """Return a long packet; `seq`, `index` and `tick` are taken modulo their width.

    Raises
    ------
    ValueError
        If the header has no index or tick, or the shape of `raw` does not fit.
    """
    if header.index is None or header.tick is None:
        msg = f"stream {header.stream_id}: a long packet needs an index and a tick, got {header.index}, {header.tick}"
        raise ValueError(msg)
    second = header.stream_id | header.flags
    start = _LONG.pack(LONG_TYPE, second, header.seq & 0xFFFF, header.index & 0xFFFFFFFF, header.tick & 0xFFFFFFFF)
    return start + encode_samples(stream, raw)


def encode_short(stream: StreamDescriptor, header: DataHeader, raw: NDArray[np.generic]) -> bytes:
    """Return a short packet, which has to be full.

    Raises
    ------
    ValueError
        If it does not hold exactly as many samples as fit.
    """
    if len(raw) != stream.samples_per_short_packet:
        full = stream.samples_per_short_packet
        msg = f"stream {header.stream_id}: {len(raw)} samples, expected {full} in a short packet"
        raise ValueError(msg)
    return _SHORT.pack(SHORT_TYPE, header.stream_id | header.flags, header.seq & 0xFFFF) + encode_samples(stream, raw)


def encode_sync(sync: Sync) -> bytes:
    """Return a sync packet."""
    return _SYNC.pack(
        SYNC_TYPE, sync.stream_id, sync.seq & 0xFFFF, sync.index & 0xFFFFFFFF, sync.tick & 0xFFFFFFFF, sync.unix_us
    )


def decode_header(payload: bytes) -> tuple[DataHeader, memoryview]:
    """Return the header of a long or short packet and the bytes of its samples.

    Raises
    ------
    DecodeError
        If it is neither, or too short.
    """
    kind = payload[0] if payload else None
    if kind == LONG_TYPE and len(payload) >= _LONG.size:
        _, second, seq, index, tick = _LONG.unpack_from(payload)
        header = DataHeader(second & MAX_STREAM_ID, _FLAGS[second >> 6], seq, index, tick)
        return header, memoryview(payload)[_LONG.size :]
    if kind == SHORT_TYPE and len(payload) >= _SHORT.size:
        _, second, seq = _SHORT.unpack_from(payload)
        header = DataHeader(second & MAX_STREAM_ID, _FLAGS[second >> 6], seq, None, None)
        return header, memoryview(payload)[_SHORT.size :]
    msg = f"LSP data packet of {len(payload)} bytes beginning {payload[:1].hex()}, expected a0 or a1 and a whole header"
    raise DecodeError(msg)


def decode_sync(payload: bytes) -> Sync:
    """Read a sync packet.

    Raises
    ------
    DecodeError
        If it is not one.
    """
    if len(payload) != _SYNC.size or payload[0] != SYNC_TYPE:
        msg = (
            f"LSP sync packet of {len(payload)} bytes beginning {payload[:1].hex()}, expected {_SYNC.size} beginning a2"
        )
        raise DecodeError(msg)
    _, second, seq, index, tick, unix_us = _SYNC.unpack(payload)
    return Sync(second & MAX_STREAM_ID, seq, index, tick, unix_us)
