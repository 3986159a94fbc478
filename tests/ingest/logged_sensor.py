"""A leg sensor as the packet log sees it: records made by the encoders, with any packet left out, twice or late."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from detectors.signal import NS_PER_S, Gap, Leg, SampleBlock, Watermark
from ingest.decoders.base import Marker, Placement, Status, StatusKind
from ingest.decoders.lsp import LspDecoder
from ingest.decoders.lsp_control import Op, Request, Response
from ingest.decoders.lsp_info import (
    CONTROL_UUID,
    DATA_UUID,
    INFO_UUID,
    Format,
    Info,
    InfoFlag,
    Kind,
    StreamDescriptor,
    UnitCode,
)
from ingest.decoders.lsp_packets import DataHeader, PacketFlag, Sync, encode_long, encode_short, encode_sync
from ingest.night.records import LinkDown, LinkUp, NightStart, Notification, Record, SetupReply, TimePair

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.decoders.base import Decoder, Item

NS_PER_MS = 1_000_000
UTC_NS = 1_790_000_000 * NS_PER_S
SENSOR = "left-shin"
PLACEMENT = Placement(SENSOR, Leg.LEFT, "tibialis anterior")
VECTORS = json.loads((Path(__file__).parent / "vectors" / "leg_sensors.json").read_text())

EMG = StreamDescriptor(0, Kind.EMG, 2, Format.I16, 1_000_000, 0.25, 0.0, UnitCode.MICROVOLT, 50, flags=4)
ACC = StreamDescriptor(1, Kind.ACC, 3, Format.I16, 100_000, 1 / 8192, 0.0, UnitCode.G, 10)
INFO = Info(InfoFlag.RESEND | InfoFlag.COMMON_CLOCK, 0xC0FFEE, 1_000_000, 244, 3, 40, 0xA1B2C3D4, (EMG, ACC))
NO_RESEND = Info(InfoFlag.COMMON_CLOCK, 0xC0FFEE, 1_000_000, 244, 3, 40, 0xA1B2C3D4, (EMG, ACC))


def vector(name: str) -> bytes:
    return bytes.fromhex(VECTORS[name]["hex"])


def at_s(seconds: float) -> int:
    return round(seconds * NS_PER_S)


def data(payload: bytes, mono_ns: int) -> Notification:
    return Notification(mono_ns, SENSOR, DATA_UUID, payload)


def info_read(info: Info = INFO, mono_ns: int = 0) -> SetupReply:
    return SetupReply(mono_ns, SENSOR, INFO_UUID, b"", info.to_bytes())


def exchange(op: Op, mono_ns: int, *values: int, tick: int = 0, unix_us: int = 0) -> SetupReply:
    request = Request(op, 1, values).to_bytes()
    return SetupReply(mono_ns, SENSOR, CONTROL_UUID, request, Response(op, 1, 0, tick, unix_us).to_bytes())


def night_start(speed: float = 1.0, mono_ns: int = 0) -> NightStart:
    return NightStart(mono_ns, UTC_NS + mono_ns, speed, "test")


def time_pair(mono_ns: int) -> TimePair:
    return TimePair(mono_ns, UTC_NS + mono_ns)


def link_up(mono_ns: int = 0, mtu: int = 247) -> LinkUp:
    return LinkUp(mono_ns, SENSOR, mtu)


def link_down(mono_ns: int) -> LinkDown:
    return LinkDown(mono_ns, SENSOR, "supervision timeout")


def beginning(info: Info = INFO, speed: float = 1.0) -> list[Record]:
    return [night_start(speed), link_up(), info_read(info)]


def ramp(stream: StreamDescriptor, start: int, n_samples: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """Raw values that say which sample they belong to."""
    index = np.arange(start, start + n_samples)[:, None]
    return ((index * stream.channels + np.arange(stream.channels)) % 20_000).astype("<i2")


@cache
def long_packet(
    number: int,
    *,
    stream: StreamDescriptor = EMG,
    shift: int = 0,
    latency_ms: float = 5.0,
    flags: PacketFlag = PacketFlag.NONE,
) -> Notification:
    """The packet of a stream that has sent `number` packets before; `shift` samples were dropped inside the sensor."""
    n_samples = stream.samples_per_packet
    index = number * n_samples + shift
    tick_us = round(index * 1_000_000 / stream.fs_hz)
    payload = encode_long(
        stream, DataHeader(stream.stream_id, flags, number & 0xFFFF, index, tick_us), ramp(stream, index, n_samples)
    )
    sent_ns = round((index + n_samples) * NS_PER_S / stream.fs_hz)
    return data(payload, sent_ns + round(latency_ms * NS_PER_MS))


def short_packet(number: int, mono_ns: int, *, shift: int = 0, flags: PacketFlag = PacketFlag.NONE) -> Notification:
    header = DataHeader(EMG.stream_id, flags, number & 0xFFFF, None, None)
    return data(encode_short(EMG, header, ramp(EMG, number * 4 + shift, 4)), mono_ns)


def sync_packet(number: int, mono_ns: int, *, shift: int = 0, unix_us: int = 0) -> Notification:
    index = number * 4 + shift
    return data(encode_sync(Sync(EMG.stream_id, number & 0xFFFF, index, index * 1000, unix_us)), mono_ns)


def decode(records: Iterable[Record], decoder: Decoder | None = None) -> list[Item]:
    """Everything that a decoder says to records, and at their end."""
    decoder = decoder or LspDecoder(PLACEMENT)
    items = [item for record in records for item in decoder.feed(record)]
    return items + decoder.finish()


def blocks(items: Iterable[Item]) -> list[SampleBlock]:
    return [item for item in items if isinstance(item, SampleBlock)]


def spans(items: Iterable[Item]) -> list[tuple[int, int]]:
    """Contiguous runs of samples that came out, ``[start, stop)``; a run per segment at least."""
    runs: list[tuple[int, int]] = []
    segment = None
    for block in blocks(items):
        if runs and runs[-1][1] == block.start and segment == block.stream.segment:
            runs[-1] = (runs[-1][0], block.stop)
        else:
            runs.append((block.start, block.stop))
        segment = block.stream.segment
    return runs


def gaps(items: Iterable[Item]) -> list[tuple[int, int | None, str]]:
    return [(item.first_missing, item.n_missing, item.cause.value) for item in items if isinstance(item, Gap)]


def watermarks(items: Iterable[Item]) -> list[Watermark]:
    return [item for item in items if isinstance(item, Watermark)]


def markers(items: Iterable[Item]) -> list[Marker]:
    return [item for item in items if isinstance(item, Marker)]


def statuses(items: Iterable[Item], kind: StatusKind) -> list[Status]:
    return [item for item in items if isinstance(item, Status) and item.kind is kind]


def assert_samples_are_their_own(items: Iterable[Item], descriptor: StreamDescriptor = EMG) -> None:
    """Every sample that came out carries the value of its index."""
    for block in blocks(items):
        expected = ramp(descriptor, block.start, len(block.data)).astype(np.float64) * descriptor.scale
        np.testing.assert_array_equal(block.data, expected.astype(np.float32))
