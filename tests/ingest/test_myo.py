"""Myo: two samples per packet, loss told by whose turn it is, and packets that come twice."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import Quantity, Unit
from ingest.decoders.base import StatusKind
from ingest.decoders.layout import Samples
from ingest.decoders.myo import (
    COMMAND_UUID,
    EMG_UUIDS,
    KEEP_AWAKE,
    MOTION_UUID,
    MYO_DEVICE,
    Motion,
    MyoReader,
    decode_emg,
    decode_motion,
    encode_emg,
    encode_motion,
)
from ingest.errors import DecodeError
from ingest.night.records import Notification
from tests.ingest.device_nights import device_night, missing, vectors
from tests.ingest.logged_sensor import (
    NS_PER_S,
    SENSOR,
    blocks,
    gaps,
    link_down,
    link_up,
    statuses,
)

VECTORS = vectors("emg_sensors")
INT8, INT16 = st.integers(-128, 127), st.integers(-(2**15), 2**15 - 1)


def counts(number: int) -> np.ndarray:
    """Values that say which packet of 500 they belong to."""
    return np.full((2, 8), [[number % 100 - 50], [number // 100 - 50]], dtype=np.int8)


def heard(number: int, late_ms: float = 5.0) -> Notification:
    sent_ns = NS_PER_S + number * 10_000_000 + round(late_ms * 1e6)
    return Notification(sent_ns, SENSOR, EMG_UUIDS[number % 4], encode_emg(counts(number)))


night = partial(device_night, MYO_DEVICE)


def test_both_packets_are_read_as_their_vectors_say() -> None:
    emg, imu = VECTORS["myo_emg"], VECTORS["myo_imu"]
    assert decode_emg(bytes.fromhex(emg["hex"])).tolist() == emg["expected"]["samples"]
    motion = decode_motion(bytes.fromhex(imu["hex"]))
    expected = imu["expected"]
    assert motion == tuple(tuple(expected[key]) for key in ("quat", "acc_g", "gyro_dps"))
    acceleration, rotation = MyoReader({}).notified(MOTION_UUID, bytes.fromhex(imu["hex"]))
    assert isinstance(acceleration, Samples)
    assert isinstance(rotation, Samples)
    assert (acceleration.data.tolist(), rotation.data.tolist()) == ([expected["acc_g"]], [expected["gyro_dps"]])


@pytest.mark.slow
@settings(max_examples=30)
@given(st.lists(INT8, min_size=16, max_size=16), st.lists(INT16, min_size=10, max_size=10), st.integers(0, 3))
def test_what_is_written_is_read_again(emg: list[int], imu: list[int], turn: int) -> None:
    wanted = np.array(emg).reshape(2, 8)
    (samples,) = MyoReader({"uv_per_count": 2.0}).notified(EMG_UUIDS[turn], encode_emg(wanted))
    assert isinstance(samples, Samples)
    assert (samples.counter, samples.layout.unit) == (turn, Unit.MICROVOLT)
    np.testing.assert_array_equal(samples.data, 2 * wanted)
    scale = (*[16384.0] * 4, *[2048.0] * 3, *[16.0] * 3)
    numbers = [number / per for number, per in zip(imu, scale, strict=True)]
    motion = Motion(tuple(numbers[:4]), tuple(numbers[4:7]), tuple(numbers[7:]))
    assert decode_motion(encode_motion(motion)) == motion


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.sets(st.integers(1, 98), max_size=40), st.sets(st.integers(0, 99), max_size=5))
def test_the_gaps_are_what_was_left_out_up_to_three_packets_and_twice_is_once(lost: set[int], twice: set[int]) -> None:
    # A fourth lost packet in a row would look like none.
    lost = {number for number in lost if not {number - 1, number - 2, number - 3} <= lost}
    records = [heard(n) for n in range(100) if n not in lost for _ in range(1 + (n in twice))]
    items = night([*records])
    assert missing(items) == [2 * number + sample for number in sorted(lost) for sample in range(2)]
    assert len(statuses(items, StatusKind.DUPLICATE)) == len(twice - lost)
    for block in blocks(items):
        np.testing.assert_array_equal(block.data, counts(block.start // 2))


def test_a_stall_of_a_second_is_a_gap_of_a_second_although_the_turn_repeats_in_40_ms() -> None:
    items = night([heard(number) for number in [*range(100), *range(203, 400)]])
    ((first, n_missing, cause),) = gaps(items)
    assert (first, cause) == (200, "air")
    assert n_missing == pytest.approx(206, abs=60)


def test_each_link_is_a_segment_whoever_has_the_turn() -> None:
    items = night([heard(0), heard(1), link_down(2 * NS_PER_S), link_up(3 * NS_PER_S), heard(301), heard(302)])
    assert [(block.stream.segment, block.start) for block in blocks(items)] == [(0, 0), (0, 2), (1, 0), (1, 2)]
    assert gaps(items) == [(4, None, "end")]


def test_a_packet_like_the_one_before_is_new_after_a_lost_link() -> None:
    items = night([heard(0), link_down(2 * NS_PER_S), link_up(3 * NS_PER_S), heard(0)])
    assert statuses(items, StatusKind.DUPLICATE) == []


@pytest.mark.parametrize(
    ("uuid", "length"), [(EMG_UUIDS[0], 15), (EMG_UUIDS[3], 17), (MOTION_UUID, 19), (MOTION_UUID, 0)]
)
def test_a_wrong_length_is_refused_and_changes_nothing(uuid: str, length: int) -> None:
    with pytest.raises(DecodeError, match=f"of {length} bytes, expected"):
        MyoReader({}).notified(uuid, bytes(length))
    wrong = Notification(NS_PER_S, SENSOR, uuid, bytes(length))
    assert gaps(night([heard(0), wrong, heard(1)])) == []


def test_it_is_kept_awake_before_anything_else_and_all_six_streams_are_asked_for() -> None:
    profile = MYO_DEVICE.profile({})
    assert (profile.setup[0].characteristic, profile.setup[0].payload) == (COMMAND_UUID, KEEP_AWAKE)
    assert profile.setup[-1].payload.hex() == "0103020100"
    assert profile.stop[0].payload.hex() == "0103000000"


def test_the_streams_are_counts_g_and_degrees_per_second() -> None:
    motion = Notification(NS_PER_S, SENSOR, MOTION_UUID, bytes.fromhex(VECTORS["myo_imu"]["hex"]))
    items = night([heard(0), motion])
    assert {block.stream.quantity: (block.stream.unit, block.stream.fs_hz) for block in blocks(items)} == {
        Quantity.EMG: (Unit.COUNTS, 200.0),
        Quantity.ACCELERATION: (Unit.G, 50.0),
        Quantity.ROTATION: (Unit.DEGREES_PER_SECOND, 50.0),
    }


def test_other_characteristics_and_replies_say_nothing() -> None:
    assert MyoReader({}).notified(COMMAND_UUID, b"\x01") == []
    assert MyoReader({}).reply(COMMAND_UUID, KEEP_AWAKE, b"") == []
