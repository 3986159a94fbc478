"""Packets of the Leg Sensor Profile in both forms."""

from __future__ import annotations

import dataclasses

from benchmarks.fuzz.example import Example, Said, wave
from detectors.signal import NS_PER_S
from ingest.decoders.lsp_control import Op, Response
from ingest.decoders.lsp_info import (
    CONTROL_UUID,
    DATA_UUID,
    EVENT_UUID,
    INFO_UUID,
    STATUS_UUID,
    Format,
    Info,
    InfoFlag,
    Kind,
    StreamDescriptor,
    UnitCode,
)
from ingest.decoders.lsp_packets import DataHeader, PacketFlag, Sync, encode_long, encode_short, encode_sync
from ingest.decoders.lsp_status import EventPacket, EventType, StatusPacket, encode_event, encode_status

_EMG = StreamDescriptor(0, Kind.EMG, 2, Format.I16, 1_000_000, 0.25, 0.0, UnitCode.MICROVOLT, 50)
_ACC = StreamDescriptor(1, Kind.ACC, 3, Format.I24, 100_000, 1 / 8192, 0.0, UnitCode.G, 5)
_INFO = Info(InfoFlag.RESEND | InfoFlag.COMMON_CLOCK, 7, 1_000_000, 244, 3, 40, 0xB007, (_EMG, _ACC))


def _long(number: int) -> list[Said]:
    said = []
    for stream in (_EMG, _ACC):
        n_samples = stream.samples_per_packet
        index = number * n_samples
        header = DataHeader(
            stream.stream_id, PacketFlag.NONE, number, index, round(index * 1_000_000 / stream.fs_hz) + 5_000_000
        )
        said.append(Said(DATA_UUID, encode_long(stream, header, wave(index, n_samples, stream.channels))))
    if number % 20 == 0:
        said.append(Said(EVENT_UUID, encode_event(EventPacket(EventType.PRESS, 0, number, number * 50_000, 1))))
        said.append(Said(STATUS_UUID, encode_status(StatusPacket(1, 0, 1, 9, 3900, 3100, 0, (23_000, None)))))
    return said


def _short(number: int) -> list[Said]:
    index = number * 4
    sync = [Said(DATA_UUID, encode_sync(Sync(0, number, index, index * 1000)))] if number % 50 == 0 else []
    header = DataHeader(0, PacketFlag.NONE, number, None, None)
    return [*sync, Said(DATA_UUID, encode_short(_EMG, header, wave(index, 4, 2)))]


_REPLIES = (
    Said(INFO_UUID, _INFO.to_bytes(), b""),
    Said(CONTROL_UUID, Response(Op.GET_TIME, 2, 0, 5_000_000, 0).to_bytes(), b"\x07\x02"),
    Said(CONTROL_UUID, Response(Op.START, 3).to_bytes(), b"\x01\x03\xff\xff"),
)
_REBOOTED = (_REPLIES[0]._replace(payload=dataclasses.replace(_INFO, boot_id=0xF4E5).to_bytes()), *_REPLIES[1:])

LSP_EXAMPLES = (
    Example(_REPLIES, _long, NS_PER_S // 20, fresh=_REBOOTED),
    Example(_REPLIES, _short, NS_PER_S // 250, fresh=_REBOOTED),
)
