"""Sensors of other kinds recorded over a real Bluetooth stack: set up by their profile, and read out of the log.

The sensors are simulated from the same layouts that are tested, so this shows that set-up, recorder and decoder
work together, and nothing about hardware.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.signal import Quantity, SampleBlock
from ingest.decoders.base import Status, StatusKind
from ingest.decoders.metamotion import COMMAND_UUID, NOTIFY_UUID, encode_samples
from ingest.decoders.metamotion import SERVICE_UUID as METAMOTION_UUID
from ingest.decoders.witmotion import NOTIFY_UUID as WIT_NOTIFY_UUID
from ingest.decoders.witmotion import SERVICE_UUID as WIT_UUID
from ingest.decoders.witmotion import WRITE_UUID as WIT_WRITE_UUID
from ingest.decoders.witmotion import Motion, Register
from ingest.night.records import NightStart, Notification, RecoveryStep
from ingest.recorder import record
from ingest.virtual.adapter import AdapterServer
from ingest.virtual.backend import hci_backend
from ingest.virtual.radio import Radio
from soleus.build import decoder, sensor_spec
from soleus.nights import start_or_resume
from soleus.settings_file import read
from tests.bedroom import MemoryLog, timebase
from tests.gatt_sensor import BATTERY_PCT, GattSensor

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.night.folder import NightSensor

pytestmark = pytest.mark.slow

N_PACKETS = 60
TOML = """
data_dir = "{data}"
[[device]]
name = "sketch"
service = "19b10000-0000-537e-4f6c-d104768a1214"
start = [{{ write = "19b10002-0000-537e-4f6c-d104768a1214", bytes = "01 32" }}]
[[device.stream]]
characteristic = "19b10000-5001-537e-4f6c-d104768a1214"
quantity = "acceleration"
unit = "g"
fs_hz = 250
header = ["magic a5", "u8 number"]
fields = ["i16 x", "i16 y", "i16 z"]
repeat = 5
scale = 0.000122
counter = "number"
[[sensor]]
name = "sketch"
device = "sketch"
address = "C4:00:00:00:00:0A"
leg = "left"
[[sensor]]
name = "meta"
device = "metamotion"
address = "C4:00:00:00:00:0B"
leg = "right"
options = {{ fs_hz = 200, range_g = 16 }}
[[sensor]]
name = "wit"
device = "witmotion"
address = "C4:00:00:00:00:0C"
leg = "left"
options = {{ fs_hz = 50 }}
"""
SKETCH = GattSensor(
    "C4:00:00:00:00:0A",
    "19b10000-0000-537e-4f6c-d104768a1214",
    ("19b10000-5001-537e-4f6c-d104768a1214",),
    ("19b10002-0000-537e-4f6c-d104768a1214",),
    lambda _payload: None,
    b"\x01\x32",
    lambda number: (
        "19b10000-5001-537e-4f6c-d104768a1214",
        bytes((0xA5, number % 256)) + np.repeat(np.arange(5 * number, 5 * number + 5), 3).astype("<i2").tobytes(),
    ),
    0.02,
)
META = GattSensor(
    "C4:00:00:00:00:0B",
    METAMOTION_UUID,
    (NOTIFY_UUID,),
    (COMMAND_UUID,),
    lambda payload: payload + b"\x04\x00" if payload == b"\x03\x80" else None,
    b"\x03\x01\x01",
    lambda number: (
        NOTIFY_UUID,
        encode_samples(0x05, np.repeat(np.arange(3 * number, 3 * number + 3), 3).reshape(3, 3).astype(np.int16)),
    ),
    0.015,
)
WIT = GattSensor(
    "C4:00:00:00:00:0C",
    WIT_UUID,
    (WIT_NOTIFY_UUID,),
    (WIT_WRITE_UUID,),
    lambda payload: Register(3, (8,) * 8).to_bytes() if payload[2] == 0x27 else None,
    None,
    lambda number: (WIT_NOTIFY_UUID, Motion((number / 2048,) * 3, (0.0,) * 3, (0.0,) * 3).to_bytes()),
    0.02,
)


async def recorded(path: Path) -> MemoryLog:
    """Record the three sensors until enough has come of each."""
    settings, _ = read(path)
    log, stop, clock = MemoryLog(), asyncio.Event(), timebase(1.0)
    log.append(NightStart(clock.mono_ns(), clock.now_ns(), clock.speed, "test"))
    async with AsyncExitStack() as stack:
        radio = Radio(supervision_s=2.0)
        for sensor in (SKETCH, META, WIT):
            await stack.enter_async_context(sensor.on_air(radio))
        server = await stack.enter_async_context(AdapterServer(radio))
        ble = await stack.enter_async_context(hci_backend(f"tcp-client:127.0.0.1:{server.port}"))
        specs = [sensor_spec(sensor) for sensor in settings.sensors]
        night = asyncio.create_task(record(specs, log, clock, stop=stop, ble=ble))
        for spec in specs:
            await log.until(lambda _learnt, name=spec.name: heard(log, name) > N_PACKETS)
        stop.set()
        await night
    return log


def heard(log: MemoryLog, name: str) -> int:
    return sum(1 for notification in log.of(Notification) if notification.sensor == name)


def samples(log: MemoryLog, worn: NightSensor) -> tuple[np.ndarray, list[Status], float]:
    made = decoder(worn, 1.0)
    items = [item for learnt in log.records for item in made.feed(learnt)]
    blocks = [item for item in items if isinstance(item, SampleBlock) and item.stream.quantity is Quantity.ACCELERATION]
    assert all(before.stop == after.start for before, after in pairwise(blocks))
    statuses = [item for item in items if isinstance(item, Status)]
    return np.concatenate([block.data[:, 0] for block in blocks]), statuses, blocks[-1].stream.fs_hz


async def test_three_sensors_of_which_one_is_only_described_are_set_up_recorded_and_read(tmp_path: Path) -> None:
    path = tmp_path / "soleus.toml"
    path.write_text(TOML.format(data=tmp_path / "data"), encoding="utf-8")
    log = await recorded(path)
    assert {step.step for step in log.of(RecoveryStep) if "set-up" in step.step} <= {"set-up step left out"}
    worn = {each.name: each for each in start_or_resume(read(path)[0]).read_info().sensors}

    assert SKETCH.written == [b"\x01\x32"]
    x, said, fs_hz = samples(log, worn["sketch"])
    np.testing.assert_allclose(x / 0.000122, np.arange(len(x)) + round(x[0] / 0.000122), atol=1e-2)
    assert (len(x) > 5 * N_PACKETS, fs_hz) == (True, 250.0)
    assert [each.values["battery_pct"] for each in said if each.kind is StatusKind.BATTERY] == [BATTERY_PCT]

    started = [payload.hex() for payload in META.written]
    assert started == [
        *("0380", "0303a903", "030501", "03020100", "030101"),  # as a BMI270 answered
        *("030100", "03020001", "030500"),
    ]
    x, said, _ = samples(log, worn["meta"])
    np.testing.assert_allclose(x * 2048, np.arange(len(x)) + round(x[0] * 2048))
    assert [each.detail for each in said if each.kind is StatusKind.DEVICE] == ["accelerometer BMI270"]

    assert list(dict.fromkeys(payload.hex() for payload in WIT.written)) == ["ffaa6988b5", "ffaa030800", "ffaa270300"]
    x, said, fs_hz = samples(log, worn["wit"])
    assert {each.detail for each in said if each.kind is StatusKind.DEVICE} == {"rate 50 Hz"}
    assert fs_hz == 50.0
    assert set(np.diff(np.rint(x * 2048))) == {1.0}
