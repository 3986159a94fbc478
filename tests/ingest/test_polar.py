"""The Polar decoder: samples, and loss by the device's clock alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.signal import Gap, Leg, SampleBlock
from ingest.decoders.base import Item, Placement, StatusKind
from ingest.decoders.polar import POLAR_DEVICE, POLAR_PMD
from ingest.decoders.polar_control import (
    CONTROL_UUID,
    DATA_UUID,
    Op,
    Request,
    Response,
    Result,
    Setting,
)
from ingest.decoders.polar_frames import Frame, FrameType, Measurement, encode_acc
from ingest.decoders.polar_reader import UNIX_OF_POLAR_EPOCH_NS
from ingest.decoders.reports import BATTERY_LEVEL_UUID
from ingest.night.records import LinkDown, LinkUp, Notification, Record, RecoveryStep, SetupReply
from tests.ingest.logged_sensor import (
    NS_PER_MS,
    NS_PER_S,
    UTC_NS,
    at_s,
    blocks,
    decode,
    gaps,
    night_start,
    spans,
    statuses,
    time_pair,
    watermarks,
)

SENSOR = "left-calf"
PLACEMENT = Placement(SENSOR, Leg.LEFT, "calf")
FS_HZ = 52.0
N = 36
DEVICE_NS = 500_000_000 * NS_PER_S
START = POLAR_PMD.setup[5].payload
BIG_DELTA = encode_acc(DEVICE_NS, FrameType.DELTA_G, np.full((1, 3), 1000))


def samples(n_samples: int, seed: int = 0, bits: int = 10) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(-(2**bits), 2**bits, (n_samples, 3))


def frame_at(number: float, *, n_samples: int = N, offset_ns: int = 0, late_ms: float = 5.0) -> Notification:
    """The frame whose last sample is the one before `number` frames' worth of samples."""
    after_ns = round(number * N / FS_HZ * NS_PER_S)
    last_ns = DEVICE_NS + offset_ns + after_ns - round(NS_PER_S / FS_HZ)
    payload = encode_acc(last_ns, FrameType.DELTA_MG, samples(n_samples, int(number)), blocks=[10, 7])
    return Notification(after_ns + round(late_ms * NS_PER_MS), SENSOR, DATA_UUID, payload)


def started(mono_ns: int = 0, *, result: Result = Result.OK, factor: float = 1.0) -> SetupReply:
    answered = {Setting.FACTOR: (factor,)} if result is Result.OK else {}
    response = Response(Op.START, Measurement.ACC, result, answered)
    return SetupReply(mono_ns, SENSOR, CONTROL_UUID, START, response.to_bytes())


def beginning(speed: float = 1.0) -> list[Record]:
    return [night_start(speed), LinkUp(0, SENSOR, 247), started()]


def polar(records: list[Record], **options: float) -> list[Item]:
    return decode(records, POLAR_DEVICE.made(PLACEMENT, options))


# --- decoder


def test_frames_in_a_row_are_samples_in_a_row_on_the_devices_clock() -> None:
    items = polar([*beginning(), *(frame_at(number) for number in range(1, 200))])
    assert spans(items) == [(0, 199 * N)]
    assert gaps(items) == []
    for block in blocks(items):
        assert block.clock.at(block.start) - UTC_NS == pytest.approx(block.start / FS_HZ * NS_PER_S, abs=6 * NS_PER_MS)
    np.testing.assert_allclose(blocks(items)[4].data, samples(N, 5) / 1000, rtol=1e-6)


@pytest.mark.parametrize("n_lost", [1, 2, 20])
def test_lost_frames_are_a_gap_and_stretch_no_sample(n_lost: int) -> None:
    numbers = [*range(1, 6), *range(6 + n_lost, 10 + n_lost)]
    items = polar([*beginning(), *map(frame_at, numbers)])
    assert gaps(items) == [(5 * N, n_lost * N, "air")]
    first = next(block for block in blocks(items) if block.start > 5 * N)
    assert first.clock.at(first.start) - UTC_NS == pytest.approx((5 + n_lost) * N / FS_HZ * NS_PER_S, abs=6 * NS_PER_MS)


def test_a_rate_that_is_1_percent_off_is_learnt_before_it_can_miscount_a_gap() -> None:
    real_hz = FS_HZ * 0.99

    def frame(number: int) -> Notification:
        after_ns = round(number * N / real_hz * NS_PER_S)
        payload = encode_acc(DEVICE_NS + after_ns, FrameType.I16, samples(N, number))
        return Notification(after_ns, SENSOR, DATA_UUID, payload)

    items = polar([*beginning(), *map(frame, [*range(1, 150), *range(250, 255)])])
    assert gaps(items) == [(149 * N, 100 * N, "air")]


def test_a_frame_that_comes_twice_is_ignored_and_counted() -> None:
    items = polar([*beginning(), frame_at(1), frame_at(2), frame_at(2), frame_at(1), frame_at(3)])
    assert spans(items) == [(0, 3 * N)]
    assert [status.values["count"] for status in statuses(items, StatusKind.DUPLICATE)] == [1.0, 2.0]


@pytest.mark.parametrize("offset_ns", [-200_000_000 * NS_PER_S, 200_000_000 * NS_PER_S])
def test_a_clock_that_starts_anew_begins_a_segment_and_no_gap_of_years(offset_ns: int) -> None:
    items = polar([*beginning(), frame_at(1), frame_at(2), frame_at(3, offset_ns=offset_ns)])
    assert gaps(items) == [(2 * N, None, "end")]
    assert [(block.stream.segment, block.start) for block in blocks(items)] == [(0, 0), (0, N), (1, 0)]


def test_each_connection_is_a_segment() -> None:
    again: list[Record] = [LinkDown(at_s(3), SENSOR, "gone"), LinkUp(at_s(30), SENSOR, 247), started(at_s(31))]
    items = polar([*beginning(), frame_at(1), *again, frame_at(50)])
    assert [(block.stream.segment, block.start) for block in blocks(items)] == [(0, 0), (1, 0)]
    assert [status.values["up"] for status in statuses(items, StatusKind.LINK)] == [1.0, 0.0, 1.0]


def test_a_start_that_brought_nothing_is_no_segment() -> None:
    items = polar([*beginning(), started(5), started(6), frame_at(1)])
    assert [block.stream.segment for block in blocks(items)] == [0]


def test_a_sensor_that_says_it_streams_already_goes_on() -> None:
    items = polar([*beginning(), frame_at(1), started(at_s(1), result=Result.ALREADY), frame_at(2)])
    assert spans(items) == [(0, 2 * N)]
    assert {block.stream.segment for block in blocks(items)} == {0}


def test_silence_is_a_gap_of_unknown_length_and_a_watermark_from_the_log() -> None:
    down = LinkDown(at_s(2), SENSOR, "gone")
    items = polar([*beginning(), frame_at(1), down, *(time_pair(at_s(seconds)) for seconds in range(10, 50, 10))])
    assert gaps(items) == [(N, None, "reconnect")]
    assert [mark.t_ns - UTC_NS for mark in watermarks(items)] == [at_s(8), at_s(18), at_s(28)]


def test_a_collector_that_was_killed_begins_a_new_segment() -> None:
    again: list[Record] = [night_start(), LinkUp(at_s(9), SENSOR, 247), started(at_s(10))]
    assert [block.stream.segment for block in blocks(polar([*beginning(), frame_at(1), *again, frame_at(20)]))] == [
        0,
        1,
    ]


def test_answers_about_other_measurements_and_stops_start_nothing() -> None:
    mag = Response(Op.START, Measurement.MAG, Result.OK).to_bytes()
    stop = Response(Op.STOP, Measurement.ACC, Result.OK).to_bytes()
    records = [
        SetupReply(1, SENSOR, CONTROL_UUID, b"\x02\x06", mag),
        SetupReply(2, SENSOR, CONTROL_UUID, b"", b"\x0f\x04"),
        SetupReply(3, SENSOR, CONTROL_UUID, b"\x03\x02", stop),
    ]
    items = polar([*beginning(), frame_at(1), *records, frame_at(2)])
    assert spans(items) == [(0, N)]
    assert len(statuses(items, StatusKind.MALFORMED)) == 1
    assert gaps(polar([*beginning(), RecoveryStep(1, SENSOR, "restart", "")])) == []


def test_a_sensor_that_stops_by_itself_is_said() -> None:
    items = polar([*beginning(), Notification(5, SENSOR, CONTROL_UUID, b"\x01\x02")])
    assert len(statuses(items, StatusKind.STOPPED)) == 1


def test_other_measurements_are_said_once_and_battery_is_read() -> None:
    ecg = Notification(5, SENSOR, DATA_UUID, Frame(Measurement.ECG, 1, 0, b"\0\0\0").to_bytes())
    items = polar([*beginning(), ecg, ecg, SetupReply(6, SENSOR, BATTERY_LEVEL_UUID, b"", b"\x32")])
    assert len(statuses(items, StatusKind.DEVICE)) == 1
    assert statuses(items, StatusKind.BATTERY)[0].values == {"battery_pct": 50.0}


def test_data_before_a_start_and_a_start_without_a_usable_answer_are_counted() -> None:
    useless = [started(factor=math.nan), started(factor=0.0)]
    no_rate = SetupReply(0, SENSOR, CONTROL_UUID, b"\x02\x02", started().payload)
    no_bits = SetupReply(0, SENSOR, CONTROL_UUID, bytes.fromhex("02020001340001010000"), started().payload)
    settings_read = SetupReply(0, SENSOR, CONTROL_UUID, b"\x01\x02", b"\xf0\x01\x02\x00\x00")
    before: list[Record] = [night_start(), LinkUp(0, SENSOR, 247), settings_read]
    items = polar([*before, frame_at(1), *useless, no_rate, no_bits, frame_at(2)])
    assert len(statuses(items, StatusKind.MALFORMED)) == 5
    (block,) = blocks(items)  # an answer about settings says nothing about what runs
    assert block.stream.segment == 0
    assert any("52 Hz assumed" in status.detail for status in statuses(items, StatusKind.DEVICE))


def test_a_night_at_speed_is_placed_by_a_device_that_knows_the_time() -> None:
    offset_ns = UTC_NS - UNIX_OF_POLAR_EPOCH_NS - DEVICE_NS
    records = [frame_at(number, offset_ns=offset_ns, late_ms=20_000) for number in range(1, 20)]
    for block in blocks(polar([*beginning(speed=240.0), *records])):
        assert abs(block.clock.at(block.start) - UTC_NS - block.start / FS_HZ * NS_PER_S) < NS_PER_MS


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([DATA_UUID, CONTROL_UUID, BATTERY_LEVEL_UUID]),
            st.booleans(),
            st.sampled_from(
                [b"", b"\x02", b"\xf0\x02\x02\x00\x00", b"\x02" + bytes(8) + b"\x81", b"\x02" + bytes(8) + b"\x01"]
            ),
            st.binary(max_size=280),
        ),
        max_size=6,
    )
)
def test_random_bytes_never_raise(packets: list[tuple[str, bool, bytes, bytes]]) -> None:
    noise: list[Record] = [
        SetupReply(5, SENSOR, uuid, b"\x02\x02" + tail[:20], head + tail)
        if is_reply
        else Notification(5, SENSOR, uuid, head + tail)
        for uuid, is_reply, head, tail in packets
    ]
    items = polar([*beginning(), frame_at(1), *noise, time_pair(at_s(10)), frame_at(2)])
    assert all(len(item.data) for item in items if isinstance(item, SampleBlock))
    assert all(item.n_missing is None or item.n_missing > 0 for item in items if isinstance(item, Gap))


U16S = st.tuples(st.integers(0, 2**16 - 1))
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        Setting.RATE_HZ: U16S,
        Setting.RESOLUTION_BITS: U16S,
        Setting.FACTOR: st.tuples(st.floats(width=32)),
    },
)
ACC_REQUESTS = st.one_of(
    st.binary(max_size=12),
    st.just(START),
    st.builds(Request, st.sampled_from(Op), st.just(Measurement.ACC), SETTINGS).map(Request.to_bytes),
)
ACC_ANSWERS = st.one_of(
    st.binary(max_size=12),
    st.builds(Response, st.sampled_from(Op), st.just(Measurement.ACC), st.sampled_from(Result), SETTINGS).map(
        Response.to_bytes
    ),
)
FRAMES = st.tuples(st.sampled_from(FrameType), st.binary(min_size=1, max_size=60)).map(
    lambda sent: Frame(Measurement.ACC, DEVICE_NS, sent[0], sent[1]).to_bytes()
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(ACC_REQUESTS, ACC_ANSWERS, FRAMES), max_size=3))
@example([(START, Response(Op.START, Measurement.ACC, Result.OK, {Setting.FACTOR: (3e38,)}).to_bytes(), BIG_DELTA)])
def test_random_pairs_of_request_and_answer_never_raise_and_no_sample_is_infinite(
    exchanges: list[tuple[bytes, bytes, bytes]],
) -> None:
    records: list[Record] = []
    for request, answer, frame in exchanges:
        records += [SetupReply(5, SENSOR, CONTROL_UUID, request, answer), Notification(6, SENSOR, DATA_UUID, frame)]
    items = polar([*beginning(), frame_at(1), *records, time_pair(at_s(10)), frame_at(2)])
    assert all(np.isfinite(item.data).all() for item in items if isinstance(item, SampleBlock))
    assert all(item.n_missing is None or item.n_missing > 0 for item in items if isinstance(item, Gap))
