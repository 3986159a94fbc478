"""NPG Lite: three and six channels, a number on every sample, and what is lost inside the sensor."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import Unit
from ingest.decoders.base import StatusKind
from ingest.decoders.layout import Restarted, Samples
from ingest.decoders.npg_lite import (
    BATTERY_UUID,
    CONTROL_UUID,
    DATA_UUID,
    NPG_LITE_DEVICE,
    NpgLiteReader,
    Packet,
    decode_packet,
    encode_packet,
)
from ingest.decoders.profile import SetupOp
from ingest.errors import DecodeError
from ingest.night.records import Notification, Record, SetupReply
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

if TYPE_CHECKING:
    from ingest.decoders.base import Item

VECTORS = vectors("emg_sensors")


def counts(indices: np.ndarray, channels: int = 3) -> np.ndarray:
    """Values that say which sample of 4096 they belong to."""
    return (indices[:, np.newaxis] + np.arange(channels)) % 4096 - 2048


def packet(indices: np.ndarray, channels: int = 3) -> bytes:
    return encode_packet(Packet(indices % 256, counts(indices, channels)))


def heard(number: int, late_ms: float = 5.0, payload: bytes | None = None) -> Notification:
    sent_ns = NS_PER_S + (number + 1) * 20_000_000 + round(late_ms * 1e6)
    whole = packet(number * 10 + np.arange(10)) if payload is None else payload
    return Notification(sent_ns, SENSOR, DATA_UUID, whole)


night = partial(device_night, NPG_LITE_DEVICE)


def assert_samples_are_their_own(items: list[Item]) -> None:
    for block in blocks(items):
        np.testing.assert_array_equal(block.data, counts(np.arange(block.start, block.stop), block.data.shape[1]))


def test_a_packet_is_read_as_its_vector_says() -> None:
    payload, expected = bytes.fromhex(VECTORS["npg_3ch"]["hex"]), VECTORS["npg_3ch"]["expected"]
    read = decode_packet(payload)
    assert (read.counters.tolist(), (read.counts + 2048).tolist()) == (expected["counters"], expected["rows"])
    (samples,) = NpgLiteReader({}).notified(DATA_UUID, payload)
    assert isinstance(samples, Samples)
    assert (samples.counter, samples.layout.unit, len(samples.data)) == (250, Unit.COUNTS, expected["n"])


@pytest.mark.slow
@settings(max_examples=30)
@given(st.sampled_from([3, 6]), st.integers(0, 255), st.data())
def test_what_is_written_is_read_again(channels: int, first: int, draws: st.DataObject) -> None:
    value = st.integers(-2048, 2047)
    drawn = draws.draw(st.lists(value, min_size=10 * channels, max_size=10 * channels))
    wanted = Packet((first + np.arange(10)) % 256, np.array(drawn).reshape(10, channels))
    payload = encode_packet(wanted)
    assert len(payload) == 10 * (1 + 2 * channels)
    read = decode_packet(payload)
    np.testing.assert_array_equal(read.counters, wanted.counters)
    np.testing.assert_array_equal(read.counts, wanted.counts)
    (samples,) = NpgLiteReader({"uv_per_count": 0.25}).notified(DATA_UUID, payload)
    assert isinstance(samples, Samples)
    assert (samples.layout.unit, len(samples.layout.axes)) == (Unit.MICROVOLT, channels)
    np.testing.assert_array_equal(samples.data * 4, wanted.counts)


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.sets(st.integers(1, 98), max_size=40), st.sets(st.integers(0, 99), max_size=5))
def test_the_gaps_are_what_was_left_out_and_twice_is_once(lost: set[int], twice: set[int]) -> None:
    records: list[Record] = [heard(n) for n in range(100) if n not in lost for _ in range(1 + (n in twice))]
    items = night(records)
    assert missing(items) == [10 * number + sample for number in sorted(lost) for sample in range(10)]
    assert len(statuses(items, StatusKind.DUPLICATE)) == len(twice - lost)
    assert_samples_are_their_own(items)


@pytest.mark.parametrize("n_lost", [12, 25, 26, 51, 77, 127, 500])
def test_arrival_tells_how_often_the_number_went_round_meanwhile(n_lost: int) -> None:
    items = night([heard(number) for number in [*range(50), *range(50 + n_lost, 80 + n_lost)]])
    assert gaps(items) == [(500, 10 * n_lost, "air")]
    assert_samples_are_their_own(items)


@pytest.mark.slow
def test_a_loss_of_whole_turns_of_the_number_is_noticed_by_what_stays_behind() -> None:
    # 128 packets of 10 samples: five times 256.
    items = night([heard(number) for number in [*range(300), *range(428, 1100)]])
    ((first, n_missing, cause),) = gaps(items)
    assert (n_missing, cause) == (1280, "air")
    assert 3000 <= first <= 3000 + 10 * 500


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.sets(st.integers(1, 198), max_size=30))
def test_samples_that_are_lost_inside_a_packet_are_a_gap_inside_it(dropped: set[int]) -> None:
    kept = np.array([index for index in range(230) if index not in dropped])[:200]
    records: list[Record] = [heard(n, payload=packet(kept[10 * n : 10 * n + 10])) for n in range(20)]
    items = night(records)
    assert missing(items) == sorted(index for index in dropped if index < kept[-1])
    assert_samples_are_their_own(items)


def test_the_sensor_is_blamed_for_what_is_missing_inside_a_packet_and_the_air_for_packets() -> None:
    inside = packet(np.array([10, 11, 12, 13, 17, 18, 19, 20, 22, 23]))
    items = night([heard(0), heard(1, payload=inside), heard(3, payload=packet(44 + np.arange(10)))])
    assert gaps(items) == [(14, 3, "device"), (21, 1, "device"), (24, 20, "air")]


def test_after_stopped_the_number_starts_anew_in_a_new_segment() -> None:
    stopped = SetupReply(2 * NS_PER_S, SENSOR, CONTROL_UUID, b"STATUS", b"STOPPED")
    again = Notification(3 * NS_PER_S, SENSOR, DATA_UUID, packet(np.arange(10)))
    items = night([stopped, heard(0), heard(1), stopped, again])
    assert [(block.stream.segment, block.start) for block in blocks(items)] == [(0, 0), (0, 10), (1, 0)]
    assert gaps(items) == [(20, None, "end")]
    assert NpgLiteReader({}).reply(CONTROL_UUID, b"STATUS", b"STOPPED") == []
    reader = NpgLiteReader({})
    reader.notified(DATA_UUID, packet(np.arange(10)))
    assert reader.reply(CONTROL_UUID, b"STATUS", b"RUNNING") == []
    assert [type(said) for said in reader.reply(CONTROL_UUID, b"STATUS", b"STOPPED")] == [Restarted]


def test_each_link_is_a_segment() -> None:
    items = night([heard(0), link_down(2 * NS_PER_S), link_up(3 * NS_PER_S), heard(200)])
    assert [(block.stream.segment, block.start) for block in blocks(items)] == [(0, 0), (1, 0)]


def test_three_channels_that_become_six_are_a_new_segment() -> None:
    items = night([heard(0), heard(1, payload=packet(10 + np.arange(10), 6))])
    assert [(block.stream.segment, len(block.stream.axes)) for block in blocks(items)] == [(0, 3), (1, 6)]


@pytest.mark.parametrize("length", [0, 1, 20, 69, 71, 120, 129])
def test_a_packet_that_a_small_mtu_cut_off_is_refused_and_the_reason_said(length: int) -> None:
    with pytest.raises(DecodeError, match=f"of {length} bytes, expected 70 or 130: cut off, the MTU must be 73"):
        decode_packet(packet(np.arange(10), 6)[:length])


def test_a_packet_that_is_too_long_or_reads_more_than_12_bits_is_refused_and_changes_nothing() -> None:
    with pytest.raises(DecodeError, match=r"of 131 bytes, expected 70 or 130$"):
        decode_packet(bytes(131))
    wrong = bytearray(packet(10 + np.arange(10)))
    wrong[1] = 0x10
    with pytest.raises(DecodeError, match=r"reading of 41.., expected 0 to 4095"):
        decode_packet(bytes(wrong))
    assert gaps(night([heard(0), heard(1, payload=bytes(wrong)), heard(1)])) == []


def test_its_own_battery_is_read_and_heard() -> None:
    heard_at_70 = Notification(NS_PER_S, SENSOR, BATTERY_UUID, b"\x46")
    items = night([SetupReply(1, SENSOR, BATTERY_UUID, b"", b"\x64"), heard_at_70, heard(0)])
    assert [status.values for status in statuses(items, StatusKind.BATTERY)] == [
        {"battery_pct": 100.0},
        {"battery_pct": 70.0},
    ]
    with pytest.raises(DecodeError, match="battery of 0 bytes"):
        NpgLiteReader({}).notified(BATTERY_UUID, b"")


def test_it_is_subscribed_to_and_stopped_before_it_is_started() -> None:
    profile = NPG_LITE_DEVICE.profile({})
    said = [(step.op, step.payload) for step in profile.setup if step.op is not SetupOp.READ]
    assert [payload for op, payload in said if op is SetupOp.WRITE] == [b"STOP", b"STATUS", b"START"]
    assert said.index((SetupOp.SUBSCRIBE, b"")) < said.index((SetupOp.WRITE, b"START"))
    assert [step.payload for step in profile.stop] == [b"STOP"]


def test_other_characteristics_say_nothing() -> None:
    assert NpgLiteReader({}).notified(CONTROL_UUID, b"RUNNING") == []
