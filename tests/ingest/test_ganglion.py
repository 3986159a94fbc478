"""OpenBCI Ganglion over a night: differences and values, losses, axes, electrodes and what it says in words."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import Quantity, Unit
from ingest.decoders.base import StatusKind
from ingest.decoders.ganglion import GANGLION_DEVICE, IMPEDANCE_END, IMPEDANCE_SETUP
from ingest.decoders.ganglion_packets import (
    UV_PER_COUNT,
    Fields,
    Width,
    encode_fields,
    encode_impedance,
    encode_raw,
    encode_text,
    fields_of_differences,
    fields_of_values,
)
from ingest.decoders.ganglion_reader import FIRMWARE_UUID, NOTIFY_UUID
from ingest.decoders.profile import SetupOp
from ingest.night.records import Notification, Record, SetupReply
from tests.ingest.device_nights import device_night, missing
from tests.ingest.logged_sensor import (
    NS_PER_S,
    SENSOR,
    blocks,
    gaps,
    link_down,
    link_up,
    night_start,
    statuses,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ingest.decoders.base import Item

EMG_18, EMG_19 = Width.WITH_ACCELERATION, Width.EMG_ONLY
CHANNEL_COUNTS: NDArray[np.int64] = np.arange(4) * 100_000 - 200_000


def counts(indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """Values that name their sample, and whose differences are sent without loss: up is odd, down is even."""
    return (3 * (indices // 2) + 1001 * (indices % 2))[:, np.newaxis] + CHANNEL_COUNTS


def acceleration(position: int) -> int:
    return position - 60


def first_index(number: int) -> int:
    """Of packet `number` of firmware 2: one whole value, then 100 packets of two."""
    cycle, position = divmod(number, 101)
    return cycle * 201 + max(0, 2 * position - 1)


@cache
def differing(number: int, width: Width = EMG_18) -> bytes:
    position = number % 101
    if not position:
        return encode_raw(counts(np.array([first_index(number)]))[0].tolist())
    indices = first_index(number) + np.arange(-1, 2)
    fields = fields_of_differences(-np.diff(counts(indices), axis=0), width)
    has_room = width is EMG_18
    packet_id = position if has_room else 100 + position
    return encode_fields(Fields(packet_id, width, fields, acceleration(position) if has_room else None))


@cache
def whole(number: int, width: Width = EMG_18) -> bytes:
    position = number % 100
    fields = fields_of_values(128 * counts(2 * number + np.arange(2)) // 4, width)
    has_room = width is EMG_18
    packet_id = position if has_room else 100 + position
    return encode_fields(Fields(packet_id, width, fields, acceleration(position) if has_room else None))


def at(n_samples: int, payload: bytes) -> Notification:
    """A packet that arrives when so many samples were taken."""
    return Notification(NS_PER_S + n_samples * 5_000_000, SENSOR, NOTIFY_UUID, payload)


def old(number: int, width: Width = EMG_18) -> Notification:
    return at(first_index(number + 1), differing(number, width))


def new(number: int, width: Width = EMG_18) -> Notification:
    return at(2 * number + 2, whole(number, width))


night = partial(device_night, GANGLION_DEVICE)


def emg(items: list[Item]) -> list[Item]:
    return [item for item in items if getattr(getattr(item, "stream", None), "quantity", None) is Quantity.EMG]


def motion(items: list[Item]) -> list[Item]:
    quantity = Quantity.ACCELERATION
    return [item for item in items if getattr(getattr(item, "stream", None), "quantity", None) is quantity]


def assert_samples_are_their_own(items: list[Item], per_count: float = UV_PER_COUNT) -> None:
    for block in blocks(emg(items)):
        expected = counts(np.arange(block.start, block.stop)) * per_count
        np.testing.assert_allclose(block.data, expected, rtol=1e-6)


@pytest.mark.parametrize("width", Width)
def test_differences_add_up_from_one_whole_value_to_the_next(width: Width) -> None:
    items = night([old(number, width) for number in range(303)], firmware=2)
    assert gaps(items) == []
    assert sum(len(block.data) for block in blocks(emg(items))) == 3 * 201
    assert_samples_are_their_own(items)
    assert {(block.stream.unit, block.stream.fs_hz) for block in blocks(emg(items))} == {(Unit.MICROVOLT, 200.0)}


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(st.sets(st.integers(1, 201), max_size=8), st.sets(st.integers(202, 302), max_size=5), st.sampled_from(Width))
def test_after_a_loss_nothing_is_handed_out_until_the_next_whole_value(
    lost: set[int], twice: set[int], width: Width
) -> None:
    records: list[Record] = [old(n, width) for n in range(310) if n not in lost for _ in range(1 + (n in twice))]
    items = night(records, firmware=2)
    is_known, unknown = True, list[int]()
    for number in range(310):
        is_known = number not in lost and (is_known or number % 101 == 0)
        unknown += [] if is_known else range(first_index(number), first_index(number + 1))
    assert missing(emg(items)) == unknown
    assert_samples_are_their_own(items)
    assert len(statuses(items, StatusKind.DUPLICATE)) == len(twice)
    left_out = sum(status.values.get("n_left_out", 0.0) for status in statuses(items, StatusKind.DEVICE))
    assert left_out == len(unknown) - sum(first_index(number + 1) - first_index(number) for number in lost)


@pytest.mark.parametrize("lost", [[101], range(90, 102), range(101, 201), range(50, 150)])
def test_a_lost_whole_value_does_not_hide_the_turn_that_goes_with_it(lost: list[int]) -> None:
    items = night([old(number) for number in range(404) if number not in lost], firmware=2)
    (first, n_lost, cause), *unusable = gaps(emg(items))
    assert (first, cause) == (first_index(lost[0]), "air")
    assert n_lost == first_index(lost[-1] + 1) - first
    assert {each for _, _, each in unusable} <= {"device"}
    assert len(missing(emg(items))) == first_index(lost[-1] // 101 * 101 + 101) - first
    assert_samples_are_their_own(items)


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(st.sets(st.integers(1, 198), max_size=60), st.sets(st.integers(0, 199), max_size=5), st.sampled_from(Width))
def test_firmware_3_loses_no_more_than_the_packet(lost: set[int], twice: set[int], width: Width) -> None:
    records: list[Record] = [new(n, width) for n in range(200) if n not in lost for _ in range(1 + (n in twice))]
    items = night(records, firmware=3)
    assert missing(emg(items)) == [2 * number + sample for number in sorted(lost) for sample in range(2)]
    assert len(statuses(items, StatusKind.DUPLICATE)) >= len(twice - lost)
    for block in blocks(emg(items)):
        sent = 32 * counts(np.arange(block.start, block.stop))
        step = 128 if width is EMG_18 else 64
        np.testing.assert_allclose(block.data, sent // step * step * UV_PER_COUNT, rtol=1e-6)


@pytest.mark.parametrize("n_lost", [60, 100, 130, 250])
def test_arrival_tells_how_often_the_ids_went_round_meanwhile(n_lost: int) -> None:
    items = night([new(number) for number in [*range(50), *range(50 + n_lost, 300 + n_lost)]], firmware=3)
    if n_lost % 100:
        assert gaps(emg(items)) == [(100, 2 * n_lost, "air")]
    else:  # no id is missing; the stream is behind for good, and that is placed up to 10 s late
        assert gaps(emg(items)) == []


def test_three_packets_that_follow_on_each_other_make_one_acceleration() -> None:
    items = night([old(number) for number in range(303)], firmware=2)
    rows = np.concatenate([block.data for block in blocks(motion(items))])
    expected = [[acceleration(10 * ten + axis) for axis in (1, 2, 3)] for ten in range(10)] * 3
    np.testing.assert_allclose(rows, np.array(expected) * 0.016, rtol=1e-6)
    assert {(block.stream.unit, block.stream.fs_hz) for block in blocks(motion(items))} == {(Unit.G, 10.0)}
    assert [(block.start) for block in blocks(motion(items))] == list(range(30))


@pytest.mark.parametrize("lost", [{41}, {42}, {43}, {42, 43, 51}])
def test_an_axis_that_is_lost_is_one_acceleration_that_is_missing(lost: set[int]) -> None:
    records: list[Record] = [new(number) for number in range(200) if number not in lost]
    items = night(records, firmware=3)
    assert missing(motion(items)) == sorted({number // 10 for number in lost})
    assert len(blocks(motion(items))) == 20 - len({number // 10 for number in lost})


def test_packets_without_room_for_acceleration_give_none() -> None:
    assert motion(night([new(number, EMG_19) for number in range(100)], firmware=3)) == []


def test_the_sensor_says_its_firmware_and_the_option_has_the_last_word() -> None:
    packets: list[Record] = [new(number) for number in range(10)]
    said = SetupReply(1, SENSOR, FIRMWARE_UUID, b"", b"3.0.1\0")
    assert len(blocks(emg(night([said, *packets])))) == 10
    assert len(blocks(emg(night(packets, firmware=3)))) == 10
    assert len(blocks(emg(night([said, *packets], firmware=2)))[0].data) == 1
    (identity,) = statuses(night([said]), StatusKind.IDENTITY)
    assert identity.detail == "software: 3.0.1"
    (assumed,) = statuses(night([old(0), old(1)]), StatusKind.DEVICE)
    assert assumed.detail.startswith("firmware unknown, taken for 2")
    assert statuses(night([SetupReply(1, SENSOR, FIRMWARE_UUID, b"", b"2.0.1"), old(0)]), StatusKind.DEVICE) == []


def test_a_cut_packet_is_counted_and_is_a_loss() -> None:
    cut = at(first_index(6), differing(5)[:19])
    items = night([*(old(number) for number in range(5)), cut, *(old(number) for number in range(6, 110))], firmware=2)
    assert len(statuses(items, StatusKind.MALFORMED)) == 1
    assert gaps(emg(items))[:2] == [(9, 2, "air"), (11, 2, "device")]
    assert missing(emg(items)) == list(range(9, 201))


STOPPED = SetupReply(NS_PER_S + 30_000_000, SENSOR, NOTIFY_UUID, b"s", *encode_text("stop running\n"))


@pytest.mark.parametrize("end", [None, link_down(3 * NS_PER_S), night_start(), STOPPED])
@pytest.mark.parametrize("sent", [(0, 1, 3, 4), (5, 6)])
def test_what_is_left_out_is_said_at_once_and_counted_though_no_whole_value_follows(
    end: Record | None, sent: tuple[int, ...]
) -> None:
    items = night([*map(old, sent), *([] if end is None else [end])], firmware=2)
    assert gaps(emg(items))[:3] == ([(3, 2, "air"), (5, 2, "device"), (7, 2, "device")] if 0 in sent else [])
    first, *told = statuses(items, StatusKind.DEVICE)
    assert first.detail.startswith("offset unknown")
    assert [status.values for status in told] == [{"n_left_out": 4.0}]


@pytest.mark.parametrize(("version", "n_samples"), [(b"v3.0.1", 2), (b"2.0.1", 1), (b"beta", 1)])
def test_the_first_digit_of_a_version_is_the_generation(version: bytes, n_samples: int) -> None:
    items = night([SetupReply(1, SENSOR, FIRMWARE_UUID, b"", version), new(0)])
    assert len(blocks(emg(items))[0].data) == n_samples
    assert bool(statuses(items, StatusKind.DEVICE)) is (version == b"beta")


def test_each_link_is_a_segment_and_knows_no_value_of_the_last() -> None:
    again: list[Record] = [link_down(3 * NS_PER_S), link_up(4 * NS_PER_S), old(500), *map(old, range(505, 510))]
    items = night([old(0), old(1), *again], firmware=2)
    segments = [(block.stream.segment, block.start) for block in blocks(emg(items))]
    assert segments[:3] == [(0, 0), (0, 1), (1, 0)]
    assert len(segments) == 7


def test_a_stop_and_start_within_a_link_is_a_new_segment() -> None:
    again: list[Record] = [at(100 + first_index(number + 1), differing(number)) for number in range(3)]
    items = night([old(0), old(1), STOPPED, *again], firmware=2)
    segments = [(block.stream.segment, block.start) for block in blocks(emg(items))]
    assert segments == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 3)]
    assert gaps(emg(items)) == [(3, None, "end")]
    assert len(statuses(items, StatusKind.REBOOT)) == 1
    assert statuses(night([STOPPED, *again], firmware=2), StatusKind.REBOOT) == []


def test_electrodes_and_words_are_reported() -> None:
    impedances = [at(number, encode_impedance(number, 1000 * number)) for number in range(1, 6)]
    words = [at(10, packet) for packet in encode_text("accelerometer enabled\n")]
    items = night([*impedances, *words, at(11, b"\xcf\n")])
    assert [dict(status.values) for status in statuses(items, StatusKind.IMPEDANCE)] == [
        {"impedance_ch1_ohm": 1000.0},
        {"impedance_ch2_ohm": 2000.0},
        {"impedance_ch3_ohm": 3000.0},
        {"impedance_ch4_ohm": 4000.0},
        {"impedance_reference_ohm": 5000.0},
    ]
    assert [status.detail for status in statuses(items, StatusKind.DEVICE)] == ["accelerometer enabled"]


@pytest.mark.parametrize(("firmware", "packet_id"), [(3, 200), (2, 208), (3, 255)])
def test_an_id_that_there_is_not_is_refused(firmware: int, packet_id: int) -> None:
    items = night([at(1, bytes((packet_id,)) + bytes(19)), at(2, b"")], firmware=firmware)
    assert [f"id {packet_id}" in status.detail for status in statuses(items, StatusKind.MALFORMED)] == [True, False]


def test_it_is_stopped_before_it_is_started_and_impedance_is_a_set_up_of_its_own() -> None:
    profile = GANGLION_DEVICE.profile({})
    said = [(step.op, step.payload) for step in profile.setup if step.op is not SetupOp.READ]
    assert [payload for _, payload in said] == [b"", b"s", b"n", b"b"]
    assert profile.setup[0].characteristic == FIRMWARE_UUID
    assert [step.payload for step in profile.stop] == [b"s"]
    assert [step.payload for step in (*IMPEDANCE_SETUP, *IMPEDANCE_END)] == [b"", b"s", b"z", b"Z"]


@pytest.mark.parametrize("fs_hz", [0.09, 20_001.0, 1e300])
def test_a_rate_that_no_sensor_has_is_refused(fs_hz: float) -> None:
    with pytest.raises(ValueError, match=r"option fs_hz is .*, expected 0\.1 to 20000 \(nominal"):
        GANGLION_DEVICE.settled({"fs_hz": fs_hz})
