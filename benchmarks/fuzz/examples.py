"""Packets that each kind of sensor does send, made with its own encoder: what the noise is mutated from."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detectors.signal import NS_PER_S, Quantity, Unit
from ingest.decoders import dot, ganglion_packets, ganglion_reader, movesense, myo, npg_lite, polar_control, umyo
from ingest.decoders import metamotion as meta
from ingest.decoders import witmotion as wit
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
from ingest.decoders.microbit import DATA_UUID as MICROBIT_UUID
from ingest.decoders.microbit import encode_data
from ingest.decoders.pinetime import MOTION_UUID as PINETIME_UUID
from ingest.decoders.pinetime import encode_motion
from ingest.decoders.polar_frames import FrameType, Measurement, encode_frame
from ingest.decoders.table import Counts, TableDevice, TableStream
from ingest.decoders.table_device import PacketForm, table_device
from ingest.decoders.thingy52 import RAW_UUID, RawMotion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from ingest.decoders.layout import Device


class Said(NamedTuple):
    """A value of a characteristic; with the request that it answers, or empty bytes after a read, a set-up reply."""

    characteristic: str
    payload: bytes
    request: bytes | None = None


class Example(NamedTuple):
    """One kind of sensor at work.

    Parameters
    ----------
    replies : tuple of Said
        What it answers in set-up.
    step : callable of int to list of Said
        What it notifies in its n-th step.
    step_ns : int
        How long a step takes.
    options : mapping of str to float
        Facts that its packets do not carry.
    fresh : tuple of Said or None
        What it answers when it was switched off and on, if that differs.
    """

    replies: tuple[Said, ...]
    step: Callable[[int], list[Said]]
    step_ns: int
    options: Mapping[str, float] = MappingProxyType({})
    fresh: tuple[Said, ...] | None = None

    @property
    def fresh_replies(self) -> tuple[Said, ...]:
        """What it answers in the set-up that begins another segment."""
        return self.replies if self.fresh is None else self.fresh


def _wave(first: int, n_samples: int, n_axes: int, most: int = 1000) -> NDArray[np.int64]:
    """Return counts that change from sample to sample and from axis to axis."""
    index = np.arange(first, first + n_samples)[:, None] * 7 + np.arange(n_axes) * 13
    return index * index % (2 * most) - most


def _triple(first: int, per_count: float) -> tuple[float, ...]:
    return tuple(float(value) for value in _wave(first, 1, 3)[0] * per_count)


_EMG = StreamDescriptor(0, Kind.EMG, 2, Format.I16, 1_000_000, 0.25, 0.0, UnitCode.MICROVOLT, 50)
_ACC = StreamDescriptor(1, Kind.ACC, 3, Format.I24, 100_000, 1 / 8192, 0.0, UnitCode.G, 5)
_INFO = Info(InfoFlag.RESEND | InfoFlag.COMMON_CLOCK, 7, 1_000_000, 244, 3, 40, 0xB007, (_EMG, _ACC))


def _lsp_long(number: int) -> list[Said]:
    said = []
    for stream in (_EMG, _ACC):
        n_samples = stream.samples_per_packet
        index = number * n_samples
        header = DataHeader(
            stream.stream_id, PacketFlag.NONE, number, index, round(index * 1_000_000 / stream.fs_hz) + 5_000_000
        )
        said.append(Said(DATA_UUID, encode_long(stream, header, _wave(index, n_samples, stream.channels))))
    if number % 20 == 0:
        said.append(Said(EVENT_UUID, encode_event(EventPacket(EventType.PRESS, 0, number, number * 50_000, 1))))
        said.append(Said(STATUS_UUID, encode_status(StatusPacket(1, 0, 1, 9, 3900, 3100, 0, (23_000, None)))))
    return said


def _lsp_short(number: int) -> list[Said]:
    index = number * 4
    sync = [Said(DATA_UUID, encode_sync(Sync(0, number, index, index * 1000)))] if number % 250 == 0 else []
    header = DataHeader(0, PacketFlag.NONE, number, None, None)
    return [*sync, Said(DATA_UUID, encode_short(_EMG, header, _wave(index, 4, 2)))]


_LSP_REPLIES = (
    Said(INFO_UUID, _INFO.to_bytes(), b""),
    Said(CONTROL_UUID, Response(Op.GET_TIME, 2, 0, 5_000_000, 0).to_bytes(), b"\x07\x02"),
    Said(CONTROL_UUID, Response(Op.START, 3).to_bytes(), b"\x01\x03\xff\xff"),
)


def _polar(number: int) -> list[Said]:
    last_ns = 600_000_000 * NS_PER_S + (36 * number + 35) * NS_PER_S // 52
    kind = FrameType.I16 if number % 3 else FrameType.DELTA_MG
    return [
        Said(polar_control.DATA_UUID, encode_frame(Measurement.ACC, last_ns, kind, _wave(36 * number, 36, 3, most=900)))
    ]


_POLAR_SETTINGS: polar_control.Settings = {
    polar_control.Setting.RATE_HZ: (52,),
    polar_control.Setting.RESOLUTION_BITS: (16,),
    polar_control.Setting.RANGE: (8,),
    polar_control.Setting.CHANNELS: (3,),
}
_POLAR_REQUEST = polar_control.Request(polar_control.Op.START, Measurement.ACC, _POLAR_SETTINGS)
_POLAR_REPLIES = (
    Said(
        polar_control.CONTROL_UUID,
        polar_control.Response(
            polar_control.Op.START,
            Measurement.ACC,
            polar_control.Result.OK,
            settings={polar_control.Setting.FACTOR: (1 / 4096,)},
        ).to_bytes(),
        _POLAR_REQUEST.to_bytes(),
    ),
)


def _umyo(number: int) -> list[Said]:
    form = umyo.FORMS[(0, 1)[number % 2]]
    emg = tuple(int(value) for value in _wave(24 * number, 24, 1)[:, 0])
    said = [
        Said(umyo.TELEMETRY_UUID, umyo.encode_telemetry(umyo.Telemetry(form, 24 * number, emg, (1,) * form.n_motion)))
    ]
    if number % 2:
        motion = tuple(int(value) for value in _wave(number, 13, 1)[:, 0])
        said.append(Said(umyo.TELEMETRY_UUID, umyo.encode_telemetry(umyo.Telemetry(umyo.FORMS[2], None, (), motion))))
    return said


def _npg(number: int) -> list[Said]:
    packet = npg_lite.Packet(np.arange(10) + 10 * number, _wave(10 * number, 10, 3))
    return [Said(npg_lite.DATA_UUID, npg_lite.encode_packet(packet))]


def _ganglion(number: int) -> list[Said]:
    position = number % 101
    if not position:
        payload = ganglion_packets.encode_raw(_wave(number, 1, 4)[0].tolist())
    else:
        width = ganglion_packets.Width.WITH_ACCELERATION
        fields = _wave(2 * number, 2, 4) % (1 << width)
        payload = ganglion_packets.encode_fields(ganglion_packets.Fields(position, width, fields, number % 100))
    said = [Said(ganglion_reader.NOTIFY_UUID, payload)]
    if number % 50 == 0:
        texts = (
            ganglion_packets.encode_impedance(2, 12_000),
            *ganglion_packets.encode_text("Impedance of a good skin"),
        )
        said += [Said(ganglion_reader.NOTIFY_UUID, text) for text in texts]
    return said


def _meta(number: int) -> list[Said]:
    packed = meta.PACKED[meta.Chip.BMI160]
    return [Said(meta.NOTIFY_UUID, meta.encode_samples(packed, _wave(3 * number, 3, 3, most=8000).astype(np.int16)))]


def _wit(number: int) -> list[Said]:
    motion = wit.Motion(_triple(number, 1 / 2048), _triple(number + 1, 0.0625), (0.0, 45.0, -45.0))
    return [Said(wit.NOTIFY_UUID, motion.to_bytes())]


def _movesense(number: int) -> list[Said]:
    data = movesense.encode_data(movesense.DATA_REF, 5000 + number * 154, [_wave(8 * number, 8, 3) / 100])
    parts = movesense.encode_parts(data, 60 if number % 2 else 200)
    return [Said(movesense.NOTIFY_UUID, part) for part in parts]


_MOVESENSE_ASKED = movesense.encode_request(movesense.SUBSCRIBE, movesense.DATA_REF, "/Meas/Acc/52")


def _myo(number: int) -> list[Said]:
    said = [Said(myo.EMG_UUIDS[number % 4], myo.encode_emg(_wave(2 * number, 2, 8, most=100)))]
    if number % 2 == 0:
        motion = myo.Motion((1.0, 0.0, 0.0, 0.0), _triple(number, 1 / 2048), _triple(number, 1 / 16))
        said.append(Said(myo.MOTION_UUID, myo.encode_motion(motion)))
    return said


def _dot(number: int) -> list[Said]:
    sample = dot.DotSample(1_000_000 + number * 16_667, _triple(number, 0.01), _triple(number, 0.1), (1, -1, 0))
    return [Said(dot.MEDIUM_UUID, dot.encode_sample(sample))]


def _thingy(number: int) -> list[Said]:
    return [Said(RAW_UUID, RawMotion(_triple(number, 1 / 1024), _triple(number, 1 / 32), (1.0, 0.0, -1.0)).to_bytes())]


def _pinetime(number: int) -> list[Said]:
    x, y, z = _triple(number, 1 / 1024)
    return [Said(PINETIME_UUID, encode_motion((x, y, z)))]


def _microbit(number: int) -> list[Said]:
    x, y, z = _triple(number, 0.001)
    return [Said(MICROBIT_UUID, encode_data((x, y, z)))]


DESCRIBED = TableDevice(
    "described",
    (
        TableStream(
            "abcd",
            Quantity.EMG,
            Unit.MICROVOLT,
            500.0,
            ("i16 ch1", "i16 ch2"),
            header=("magic a5", "u8 number"),
            repeat=5,
            scale=0.5,
            counter="number",
            counts=Counts.PACKETS,
        ),
    ),
)
_DESCRIBED_FORM = PacketForm(DESCRIBED.streams[0])


def _described(number: int) -> list[Said]:
    return [Said(_DESCRIBED_FORM.uuid, _DESCRIBED_FORM.write(_wave(5 * number, 5, 2) * 0.5, counter=number % 256))]


def described_device() -> Device:
    """Return a kind of sensor that only its description knows."""
    return table_device(DESCRIBED)


def _per_second(steps: float) -> int:
    return round(NS_PER_S / steps)


_REBOOTED = (_LSP_REPLIES[0]._replace(payload=dataclasses.replace(_INFO, boot_id=0xF4E5).to_bytes()), *_LSP_REPLIES[1:])

EXAMPLES: dict[str, tuple[Example, ...]] = {
    "lsp": (
        Example(_LSP_REPLIES, _lsp_long, _per_second(20), fresh=_REBOOTED),
        Example(_LSP_REPLIES, _lsp_short, _per_second(250), fresh=_REBOOTED),
    ),
    "polar-pmd": (Example(_POLAR_REPLIES, _polar, _per_second(52 / 36)),),
    "umyo": (Example((), _umyo, _per_second(1116 / 24)),),
    "npg-lite": (Example((), _npg, _per_second(50)),),
    "ganglion": (
        Example((Said(ganglion_reader.FIRMWARE_UUID, b"2.0.1", b""),), _ganglion, _per_second(100)),
        Example((), _ganglion, _per_second(100), {"firmware": 3}),
    ),
    "metamotion": (Example((), _meta, _per_second(100 / 3), {"range_g": 4}),),
    "movesense": (
        Example(
            (Said(movesense.NOTIFY_UUID, movesense.encode_result(movesense.DATA_REF), _MOVESENSE_ASKED),),
            _movesense,
            _per_second(52 / 8),
        ),
    ),
    "witmotion": (
        Example(
            (Said(wit.NOTIFY_UUID, wit.Register(3, (9, 0, 0, 0, 0, 0, 0, 0)).to_bytes(), b"\xff\xaa\x27\x03\0"),),
            _wit,
            _per_second(100),
        ),
    ),
    "myo": (Example((), _myo, _per_second(100)),),
    "dot": (Example((Said(dot.SETTINGS_UUID, dot.encode_settings(60), b""),), _dot, _per_second(60)),),
    "thingy52": (Example((), _thingy, _per_second(50)),),
    "pinetime": (Example((), _pinetime, _per_second(10)),),
    "microbit": (Example((), _microbit, _per_second(50)),),
    DESCRIBED.name: (Example((), _described, _per_second(100)),),
}
"""By the name of the device; each kind of sensor in every form that its packets take."""
