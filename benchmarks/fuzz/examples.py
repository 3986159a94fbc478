"""Packets that each kind of sensor does send, made with its own encoder: what the noise is mutated from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.fuzz.example import Example, Said, triple, wave
from benchmarks.fuzz.lsp_examples import LSP_EXAMPLES
from detectors.signal import NS_PER_S, Quantity, Unit
from ingest.decoders import dot, ganglion_packets, ganglion_reader, movesense, myo, npg_lite, polar_control, umyo
from ingest.decoders import metamotion as meta
from ingest.decoders import witmotion as wit
from ingest.decoders.microbit import DATA_UUID as MICROBIT_UUID
from ingest.decoders.microbit import encode_data
from ingest.decoders.pinetime import MOTION_UUID as PINETIME_UUID
from ingest.decoders.pinetime import encode_motion
from ingest.decoders.polar_frames import FrameType, Measurement, encode_frame
from ingest.decoders.table import Counts, TableDevice, TableStream
from ingest.decoders.table_device import PacketForm, table_device
from ingest.decoders.thingy52 import RAW_UUID, RawMotion

if TYPE_CHECKING:
    from ingest.decoders.layout import Device


def _polar(number: int) -> list[Said]:
    last_ns = 600_000_000 * NS_PER_S + (36 * number + 35) * NS_PER_S // 52
    kind = FrameType.I16 if number % 3 else FrameType.DELTA_MG
    return [
        Said(polar_control.DATA_UUID, encode_frame(Measurement.ACC, last_ns, kind, wave(36 * number, 36, 3, most=900)))
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
    emg = tuple(int(value) for value in wave(24 * number, 24, 1)[:, 0])
    said = [
        Said(umyo.TELEMETRY_UUID, umyo.encode_telemetry(umyo.Telemetry(form, 24 * number, emg, (1,) * form.n_motion)))
    ]
    if number % 2:
        motion = tuple(int(value) for value in wave(number, 13, 1)[:, 0])
        said.append(Said(umyo.TELEMETRY_UUID, umyo.encode_telemetry(umyo.Telemetry(umyo.FORMS[2], None, (), motion))))
    return said


def _npg(number: int) -> list[Said]:
    packet = npg_lite.Packet(np.arange(10) + 10 * number, wave(10 * number, 10, 3))
    return [Said(npg_lite.DATA_UUID, npg_lite.encode_packet(packet))]


def _ganglion(number: int) -> list[Said]:
    position = number % 101
    if not position:
        payload = ganglion_packets.encode_raw(wave(number, 1, 4)[0].tolist())
    else:
        width = ganglion_packets.Width.WITH_ACCELERATION
        fields = wave(2 * number, 2, 4) % (1 << width)
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
    return [Said(meta.NOTIFY_UUID, meta.encode_samples(packed, wave(3 * number, 3, 3, most=8000).astype(np.int16)))]


def _wit(number: int) -> list[Said]:
    motion = wit.Motion(triple(number, 1 / 2048), triple(number + 1, 0.0625), (0.0, 45.0, -45.0))
    return [Said(wit.NOTIFY_UUID, motion.to_bytes())]


def _movesense(number: int) -> list[Said]:
    data = movesense.encode_data(movesense.DATA_REF, 5000 + number * 154, [wave(8 * number, 8, 3) / 100])
    parts = movesense.encode_parts(data, 60 if number % 2 else 200)
    return [Said(movesense.NOTIFY_UUID, part) for part in parts]


_MOVESENSE_ASKED = movesense.encode_request(movesense.SUBSCRIBE, movesense.DATA_REF, "/Meas/Acc/52")


def _myo(number: int) -> list[Said]:
    said = [Said(myo.EMG_UUIDS[number % 4], myo.encode_emg(wave(2 * number, 2, 8, most=100)))]
    if number % 2 == 0:
        motion = myo.Motion((1.0, 0.0, 0.0, 0.0), triple(number, 1 / 2048), triple(number, 1 / 16))
        said.append(Said(myo.MOTION_UUID, myo.encode_motion(motion)))
    return said


def _dot(number: int) -> list[Said]:
    sample = dot.DotSample(1_000_000 + number * 16_667, triple(number, 0.01), triple(number, 0.1), (1, -1, 0))
    return [Said(dot.MEDIUM_UUID, dot.encode_sample(sample))]


def _thingy(number: int) -> list[Said]:
    return [Said(RAW_UUID, RawMotion(triple(number, 1 / 1024), triple(number, 1 / 32), (1.0, 0.0, -1.0)).to_bytes())]


def _pinetime(number: int) -> list[Said]:
    x, y, z = triple(number, 1 / 1024)
    return [Said(PINETIME_UUID, encode_motion((x, y, z)))]


def _microbit(number: int) -> list[Said]:
    x, y, z = triple(number, 0.001)
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
    return [
        Said(
            _DESCRIBED_FORM.uuid,
            _DESCRIBED_FORM.write(wave(5 * number, 5, 2).astype(np.float64) * 0.5, counter=number % 256),
        )
    ]


def described_device() -> Device:
    """Return a kind of sensor that only its description knows."""
    return table_device(DESCRIBED)


def _per_second(steps: float) -> int:
    return round(NS_PER_S / steps)


EXAMPLES: dict[str, tuple[Example, ...]] = {
    "lsp": LSP_EXAMPLES,
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
