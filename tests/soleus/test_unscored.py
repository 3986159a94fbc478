"""A night with a sensor that no rule can be applied to is scored as far as it can be, and says what is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.criteria import named
from detectors.pipeline import Pipeline
from detectors.signal import NS_PER_S, Clock, Gap, GapCause, Knot, Leg, Quantity, SampleBlock, Stream, Unit, Watermark
from detectors.unscored import why_unscored
from ingest.decoders.myo import EMG_UUIDS, MOTION_UUID, Motion, encode_emg, encode_motion
from ingest.night.folder import NightInfo, NightSensor
from ingest.night.records import LinkDown, LinkUp, NightEnd, NightStart, Notification, Record
from soleus.night_table import summary_table
from soleus.scorable import expect_usable
from soleus.scoring import NightScoring

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UTC_NS = 1_790_022_600 * NS_PER_S
WASM = named("wasm-2016")
EMG = Stream("shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("ch1",), 200.0)
ACC = Stream("shin", Leg.LEFT, "shin", Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), 50.0)
COUNTS = replace(EMG, unit=Unit.COUNTS)
SEND_S = 90


def info(options: Mapping[str, float]) -> NightInfo:
    worn = NightSensor("shin", "myo", "Myo", Leg.LEFT, "tibialis anterior", dict(options))
    return NightInfo("home", "p1", "2026-09-21-2230", "default", 1.0, (worn,), UTC_NS, 7200, "test")


def myo_night() -> Iterator[Record]:
    """A minute and a half of a Myo with a burst of EMG and a kick in the middle, and one lost link."""
    yield NightStart(0, UTC_NS, 1.0, "test")
    yield LinkUp(0, "shin", 23)
    rng = np.random.default_rng(5)
    for number in range(100 * SEND_S):
        seconds, is_loud = number / 100, 4000 <= number < 4200
        mono_ns = round(seconds * NS_PER_S) + 15_000_000
        counts = np.clip(rng.normal(0, 40 if is_loud else 2, (2, 8)), -127, 127).astype(np.int8)
        yield Notification(mono_ns, "shin", EMG_UUIDS[number % 4], encode_emg(counts))
        if number % 2 == 0:
            kick = 0.5 * np.sin(12 * seconds) if is_loud else 0.0
            motion = Motion((1.0, 0.0, 0.0, 0.0), (kick, 0.0, 1.0), (10 * kick, 0.0, 0.0))
            yield Notification(mono_ns, "shin", MOTION_UUID, encode_motion(motion))
        if number == 6000:
            yield LinkDown(mono_ns, "shin", "gone")
            yield LinkUp(mono_ns, "shin", 23)
    yield NightEnd(SEND_S * NS_PER_S, UTC_NS + SEND_S * NS_PER_S, "test")


def scored(**options: float) -> NightScoring:
    scoring = NightScoring(info(options), WASM)
    scoring.feed(myo_night())
    scoring.finish()
    return scoring


@pytest.mark.slow
def test_emg_in_counts_is_left_unscored_and_the_acceleration_of_the_same_sensor_is_scored() -> None:
    scoring = scored()
    summary = scoring.summary()
    assert {stream.unit for stream in scoring.streams} == {Unit.COUNTS, Unit.G, Unit.DEGREES_PER_SECOND}
    assert set(summary["unscored"]) == {"shin/emg", "shin/rotation"}
    assert "uv_per_count" in summary["unscored"]["shin/emg"]
    assert summary["unscored"]["shin/rotation"] == "no rule uses rotation"
    assert set(summary["valid_h"]) == {"shin"}
    assert summary["valid_h"]["shin"] >= 0.016  # whole epochs of both links
    assert summary["movement_source"] == "acceleration"
    assert {epoch.quantity for epoch in scoring.epochs} == {Quantity.ACCELERATION}
    assert "unscored.shin/emg" in summary_table(summary).columns[0].cells


@pytest.mark.slow
def test_with_microvolts_per_count_the_same_night_is_scored_by_emg() -> None:
    summary = scored(uv_per_count=0.5).summary()
    assert set(summary["unscored"]) == {"shin/rotation"}
    assert set(summary["valid_h"]) == {"shin", *(f"shin.ch{number}" for number in range(1, 9))}


@pytest.mark.parametrize(
    ("stream", "why"),
    [
        (COUNTS, "EMG in counts, thresholds are in uV; the option uv_per_count of the sensor says"),
        (replace(EMG, fs_hz=20.0), "a band of 20-9 Hz needs more than 40 samples per second, got 20"),
        (replace(ACC, unit=Unit.COUNTS), "acceleration in counts, thresholds are in g"),
        (replace(ACC, axes=("x",)), "stream is 1 x acceleration in g, expected 3 axes"),
        (replace(ACC, fs_hz=0.2), "a band of"),
        (replace(ACC, quantity=Quantity.ROTATION, unit=Unit.DEGREES_PER_SECOND), "no rule uses rotation"),
        (replace(ACC, quantity=Quantity.OTHER, unit=Unit.COUNTS), "no rule uses it"),
    ],
)
def test_a_stream_that_joins_and_cannot_be_scored_ends_no_night_and_is_told(stream: Stream, why: str) -> None:
    pipeline = Pipeline(WASM)
    clock = Clock((Knot(0, UTC_NS, stream.fs_hz),))
    data = np.ones((100, len(stream.axes)), dtype=np.float32)
    items: list[SampleBlock | Gap | Watermark] = [
        SampleBlock(stream, clock, 0, data),
        Gap(stream, clock, 100, 5, GapCause.AIR),
        Watermark(stream, UTC_NS),
    ]
    assert all(pipeline.feed(item).events == () for item in items)
    pipeline.finish()
    summary = pipeline.summary(UTC_NS, UTC_NS + 3600 * NS_PER_S)
    assert why in summary["unscored"][f"shin/{stream.quantity}"]
    assert summary["valid_h"] == {}
    assert summary["cramp_probable"] is None


@pytest.mark.parametrize("stream", [EMG, ACC, replace(ACC, fs_hz=10.0), replace(ACC, fs_hz=25.0)])
def test_what_can_be_scored_is_not_told(stream: Stream) -> None:
    assert why_unscored(stream, WASM) is None
    pipeline = Pipeline(WASM, [stream])
    data = np.zeros((3000, len(stream.axes)), dtype=np.float32)
    pipeline.feed(SampleBlock(stream, Clock((Knot(0, UTC_NS, stream.fs_hz),)), 0, data))
    pipeline.finish()
    assert "unscored" not in pipeline.summary(UTC_NS, UTC_NS + NS_PER_S)


def test_a_sensor_that_is_too_slow_is_no_fault_of_the_thresholds() -> None:
    expect_usable(WASM, replace(EMG, fs_hz=20.0), name="2026-09-21-2230")
    expect_usable(WASM, COUNTS, name="2026-09-21-2230")
