"""Polar sensors: what is started for which options, and frames that are read without any logged answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.signal import NS_PER_S, Leg, Quantity, Unit
from ingest.decoders.base import Item, Placement, StatusKind
from ingest.decoders.polar import POLAR_DEVICE, POLAR_PMD, polar_profile
from ingest.decoders.polar_control import CONTROL_UUID, DATA_UUID, Op, Request, Response, Result, Setting
from ingest.decoders.polar_frames import (
    Frame,
    FrameType,
    Measurement,
    decode_gyro,
    decode_mag,
    encode_acc,
    encode_frame,
)
from ingest.decoders.reports import BATTERY_LEVEL_UUID, IDENTITY_UUIDS
from ingest.errors import DecodeError
from ingest.night.records import LinkUp, Notification, Record, SetupReply
from tests.ingest.logged_sensor import at_s, blocks, decode, gaps, night_start, spans, statuses

SENSOR = "left-calf"
PLACEMENT = Placement(SENSOR, Leg.LEFT, "calf")
STEPS = np.arange(30).reshape(10, 3) - 12
_START, _STOP, _SDK_ON, _SDK_OFF = "02 02", "03 02", "02 09", "03 09"


def written(**options: float) -> list[str]:
    """Everything that is written during set-up, in order, first choices only."""
    return [step.payload.hex(" ") for step in polar_profile(options).setup if step.payload]


def start_of(measurement: Measurement, fs_hz: float, factor: float, mono_s: float = 0.0) -> SetupReply:
    request = Request(Op.START, measurement, {Setting.RATE_HZ: (fs_hz,)})
    response = Response(Op.START, measurement, Result.OK, {Setting.FACTOR: (factor,)})
    return SetupReply(at_s(mono_s), SENSOR, CONTROL_UUID, request.to_bytes(), response.to_bytes())


def sent(payload: bytes, mono_s: float = 0.2) -> Notification:
    return Notification(at_s(mono_s), SENSOR, DATA_UUID, payload)


def polar(*records: Record, **options: float) -> list[Item]:
    return decode([night_start(), LinkUp(0, SENSOR, 247), *records], POLAR_DEVICE.made(PLACEMENT, options))


# --- set-up


def test_without_options_the_set_up_is_what_every_model_knows() -> None:
    assert written() == ["01 02", _STOP, "02 02 00 01 34 00 01 01 10 00 02 01 08 00 04 01 03"]
    read = [step.characteristic for step in POLAR_PMD.setup if step.op == "read"]
    assert read[1:] == [BATTERY_LEVEL_UUID, *list(IDENTITY_UUIDS)[:1], *list(IDENTITY_UUIDS)[2:4], read[-1]]
    assert not any(step.required for step in POLAR_PMD.setup if step.op == "read")


@pytest.mark.parametrize("fs_hz", [26.0, 104.0, 208.0, 416.0])
def test_rates_of_sdk_mode_switch_it_on_before_the_start_and_off_after_the_stop(fs_hz: float) -> None:
    asked = written(fs_hz=fs_hz, range_g=16.0)
    rate = int(fs_hz).to_bytes(2, "little").hex(" ")
    assert asked[1:] == [_STOP, _SDK_ON, f"02 02 00 01 {rate} 01 01 10 00 02 01 10 00 04 01 03"]
    stop = polar_profile({"fs_hz": fs_hz}).stop
    assert [step.payload.hex(" ") for step in stop] == [_STOP, _SDK_OFF]


@pytest.mark.parametrize("fs_hz", [25.0, 50.0, 100.0, 200.0])
def test_rates_of_an_h10_need_no_sdk_mode_and_are_tried_with_and_without_channels(fs_hz: float) -> None:
    start = next(step for step in polar_profile({"fs_hz": fs_hz, "range_g": 2.0}).setup if step.payload[:1] == b"\2")
    assert Request.from_bytes(start.payload).settings[Setting.RATE_HZ] == (fs_hz,)
    (without,) = (Request.from_bytes(payload).settings for payload in start.otherwise)
    assert without == {Setting.RATE_HZ: (fs_hz,), Setting.RESOLUTION_BITS: (16,), Setting.RANGE: (2,)}


def test_another_range_alone_tries_both_models_and_needs_sdk_mode_on_the_one_that_has_8_g_only() -> None:
    start = next(step for step in polar_profile({"range_g": 4.0}).setup if step.payload[:2] == b"\2\2")
    tried = [Request.from_bytes(payload).settings for payload in (start.payload, *start.otherwise)]
    assert [settings[Setting.RATE_HZ] for settings in tried] == [(52,), (52,), (50,), (50,)]
    assert {settings[Setting.RANGE] for settings in tried} == {(4,)}
    assert _SDK_ON in written(range_g=4.0)
    assert _SDK_ON not in written(range_g=8.0)


@pytest.mark.parametrize("option", [{"fs_hz": 60.0}, {"range_g": 3.0}, {"gain": 1.0}, {"factor": -1.0}])
def test_options_that_make_no_sense_are_refused(option: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="option"):
        POLAR_DEVICE.settled(option)


# --- without a logged answer


def test_with_options_frames_are_read_without_any_answer() -> None:
    payload = encode_acc(NS_PER_S, FrameType.DELTA_G, STEPS)
    items = polar(sent(payload), factor=0.25, fs_hz=104.0, range_g=8.0, resolution_bits=16.0)
    (block,) = blocks(items)
    assert (block.stream.fs_hz, block.stream.unit) == (104.0, Unit.G)
    np.testing.assert_allclose(block.data, STEPS * 0.25)


@pytest.mark.parametrize("frame_type", [FrameType.I8, FrameType.I16, FrameType.I24, FrameType.DELTA_MG])
def test_frames_in_milli_g_need_no_option(frame_type: FrameType) -> None:
    (block,) = blocks(polar(sent(encode_acc(NS_PER_S, frame_type, STEPS))))
    assert block.stream.fs_hz == 52.0
    np.testing.assert_allclose(block.data, STEPS / 1000, rtol=1e-6)


def test_frames_in_steps_of_an_unknown_size_are_refused_with_what_to_give() -> None:
    (status,) = statuses(polar(sent(encode_acc(1, FrameType.DELTA_G, STEPS))), StatusKind.MALFORMED)
    assert "expected option factor" in status.detail


def test_a_start_that_is_answered_ends_what_was_assumed() -> None:
    frames = [sent(encode_acc(n * NS_PER_S // 10, FrameType.DELTA_MG, STEPS), n / 10) for n in range(1, 5)]
    start = start_of(Measurement.ACC, 100.0, 0.5, 0.21)
    items = polar(*frames[:2], start, *frames[2:])
    assert [block.stream.fs_hz for block in blocks(items)] == [52.0, 52.0, 100.0, 100.0]
    np.testing.assert_allclose(blocks(items)[2].data, STEPS / 2000, rtol=1e-6)


@pytest.mark.parametrize("given", [{}, {"fs_hz": 104.0, "resolution_bits": 8.0}])
def test_an_answered_start_that_nobody_knows_has_its_rate_named_and_its_factor_taken(given: dict[str, float]) -> None:
    answered = replace(start_of(Measurement.ACC, 100.0, 0.5), request=b"")
    n_bytes = round(given.get("resolution_bits", 16) / 8)
    frame = encode_frame(Measurement.ACC, NS_PER_S, FrameType.DELTA_MG, STEPS, delta_bytes=n_bytes)
    items = polar(answered, sent(frame), **given)
    (block,) = blocks(items)
    assert block.stream.fs_hz == given.get("fs_hz", 52.0)
    np.testing.assert_allclose(block.data, STEPS / 2000, rtol=1e-6)
    (named,) = statuses(items, StatusKind.DEVICE)
    assert named.detail == f"{block.stream.fs_hz:g} Hz assumed: the start that was answered is not known"


def test_a_sensor_that_streamed_already_has_the_rate_that_was_asked_for_named() -> None:
    refused = replace(start_of(Measurement.ACC, 100.0, 0.5), payload=b"\xf0\x02\x02\x06")
    (named,) = statuses(polar(refused, sent(encode_acc(1, FrameType.I16, STEPS))), StatusKind.DEVICE)
    assert named.detail == "100 Hz assumed: the sensor streamed already"
    started = start_of(Measurement.ACC, 100.0, 0.5)
    assert statuses(polar(started, refused), StatusKind.DEVICE) == []


def test_a_start_again_in_one_connection_goes_on_with_a_gap_as_long_as_the_clock_says() -> None:
    frames = [sent(encode_acc(n * NS_PER_S // 10, FrameType.I16, STEPS), n / 10) for n in (1, 2, 3, 48, 49)]
    items = polar(
        start_of(Measurement.ACC, 100.0, 1.0), *frames[:3], start_of(Measurement.ACC, 100.0, 1.0), *frames[3:]
    )
    assert gaps(items) == [(30, 440, "air")]
    assert spans(items) == [(0, 30), (470, 490)]


# --- gyroscope and magnetometer


@pytest.mark.slow
@given(st.lists(st.tuples(*[st.integers(-(2**15), 2**15 - 1)] * 3), min_size=1, max_size=20))
def test_rotation_in_steps_is_read_as_it_was_written(steps: list[tuple[int, ...]]) -> None:
    raw = np.array(steps)
    frame = Frame.from_bytes(encode_frame(Measurement.GYRO, 7, FrameType.DELTA_G, raw))
    np.testing.assert_allclose(decode_gyro(frame, 0.07), raw * 0.07, rtol=1e-6)


@pytest.mark.slow
@given(st.lists(st.tuples(*[st.floats(-2000, 2000, width=32)] * 3), min_size=1, max_size=20))
def test_rotation_in_floating_point_is_read_as_it_was_written(rotation: list[tuple[float, ...]]) -> None:
    values = np.array(rotation, dtype="<f4")
    bits = values.view("<i4").astype(np.int64)
    step = np.diff(bits, axis=0, prepend=bits[:1])
    if np.abs(step).max() < 2**31:  # wider differences do not fit into a block
        payload = encode_frame(Measurement.GYRO, 7, FrameType.DELTA_MG, bits, delta_bytes=4)
        np.testing.assert_array_equal(decode_gyro(Frame.from_bytes(payload), 1.0), values)


def test_rotation_is_a_stream_of_its_own() -> None:
    payload = encode_frame(Measurement.GYRO, NS_PER_S, FrameType.DELTA_G, STEPS)
    (block,) = blocks(polar(start_of(Measurement.GYRO, 52.0, 0.5), sent(payload)))
    assert (block.stream.quantity, block.stream.unit) == (Quantity.ROTATION, Unit.DEGREES_PER_SECOND)
    np.testing.assert_allclose(block.data, STEPS / 2)


def test_rotation_without_a_factor_or_in_an_unknown_type_is_refused() -> None:
    items = polar(
        sent(encode_frame(Measurement.GYRO, 1, FrameType.DELTA_G, STEPS)),
        start_of(Measurement.GYRO, 52.0, 0.5),
        sent(encode_frame(Measurement.GYRO, 1, FrameType.I16, STEPS)),
    )
    assert len(statuses(items, StatusKind.MALFORMED)) == 2


def test_a_magnetometer_is_read_in_gauss_and_not_kept() -> None:
    plain = Frame.from_bytes(encode_frame(Measurement.MAG, 1, FrameType.DELTA_G, STEPS))
    np.testing.assert_allclose(decode_mag(plain, 0.5), STEPS / 2)
    four = np.arange(40).reshape(10, 4)
    calibrated = Frame.from_bytes(encode_frame(Measurement.MAG, 1, FrameType.DELTA_MG, four))
    np.testing.assert_allclose(decode_mag(calibrated, 2.0), four[:, :3] / 500)
    with pytest.raises(DecodeError, match="expected 80 or 81"):
        decode_mag(Frame(Measurement.MAG, 1, FrameType.I16, bytes(6)), 1.0)
    items = polar(sent(calibrated.to_bytes()), sent(calibrated.to_bytes()))
    assert len(statuses(items, StatusKind.DEVICE)) == 1
    assert blocks(items) == []
