"""Movella DOT: what its bytes mean, and what becomes of them in a night."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import Quantity, Unit
from ingest.decoders import dot
from ingest.decoders.base import Item, StatusKind
from ingest.decoders.dot import (
    DOT,
    DOT_DEVICE,
    GAUSS_PER_COUNT,
    MS2_PER_G,
    DotReader,
    DotSample,
    decode_sample,
    encode_sample,
    encode_settings,
)
from ingest.decoders.profile import SetupOp
from ingest.errors import DecodeError
from ingest.night.records import Notification, Record, SetupReply
from tests.ingest.device_nights import device_night, missing, vectors
from tests.ingest.logged_sensor import (
    NS_PER_S,
    SENSOR,
    UTC_NS,
    at_s,
    blocks,
    link_down,
    link_up,
    statuses,
)

VECTORS = vectors("clocked_sensors")
FS_HZ = 60.0
THREE = st.tuples(*[st.floats(-150, 150, width=32)] * 3)
COUNTS = st.tuples(*[st.integers(-(2**15), 2**15 - 1)] * 3)


def packet(number: int, late_ms: float = 5.0, first_us: int = 0) -> Notification:
    """One sample whose x is its index."""
    time_us = first_us + round(number * 1_000_000 / FS_HZ)
    sample = DotSample(time_us, (number % 100 * 1.0, 0.0, MS2_PER_G), (0.0, 0.0, number % 100 * 1.0))
    arrival_ns = round((number + 1) / FS_HZ * NS_PER_S + late_ms * 1e6)
    return Notification(arrival_ns, SENSOR, dot.MEDIUM_UUID, encode_sample(sample))


def night(*records: Record) -> list[Item]:
    return device_night(DOT_DEVICE, records)


# --- bytes


def test_the_vector_reads_as_it_says() -> None:
    vector = VECTORS["dot_20"]
    payload, expected = bytes.fromhex(vector["hex"]), vector["expected"]
    sample = decode_sample(payload)
    assert sample.time_us == expected["ts_us"]
    np.testing.assert_allclose(sample.acceleration_ms2, expected["acc"], rtol=1e-6)
    assert sample.rotation_dps == tuple(expected["gyr"])
    assert [count * GAUSS_PER_COUNT for count in sample.magnetometer] == expected["mag"]
    assert encode_sample(sample) == payload


@pytest.mark.slow
@given(st.builds(DotSample, st.integers(0, 2**32 - 1), THREE, THREE, COUNTS))
def test_a_sample_is_read_as_it_was_written(sample: DotSample) -> None:
    assert decode_sample(encode_sample(sample)) == sample


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        bytes(33),
        bytes(35),
        encode_sample(DotSample(0, (float("nan"), 0.0, 0.0), (0.0, 0.0, 0.0))),
        encode_sample(DotSample(0, (0.0, 0.0, 0.0), (0.0, 3e9, 0.0))),
    ],
)
def test_what_makes_no_sense_is_refused(payload: bytes) -> None:
    with pytest.raises(DecodeError):
        DotReader(DOT_DEVICE.settled({})).notified(dot.MEDIUM_UUID, payload)


def test_the_bytes_that_start_and_stop_are_those_of_payload_20() -> None:
    ops = [(step.op, step.characteristic) for step in DOT.setup[1:3]]
    assert ops == [(SetupOp.SUBSCRIBE, dot.MEDIUM_UUID), (SetupOp.WRITE, dot.CONTROL_UUID)]
    assert DOT.setup[2].payload.hex(" ") == "01 01 14"
    assert [step.payload.hex(" ") for step in DOT.stop] == ["01 00 14"]


# --- a night


def test_acceleration_in_g_and_rotation_come_from_every_packet() -> None:
    items = night(*map(packet, range(100)))
    by_quantity = {q: [b for b in blocks(items) if b.stream.quantity is q] for q in Quantity}
    assert [len(by_quantity[q]) for q in (Quantity.ACCELERATION, Quantity.ROTATION)] == [100, 100]
    acceleration, rotation = by_quantity[Quantity.ACCELERATION][7], by_quantity[Quantity.ROTATION][7]
    assert (acceleration.stream.unit, rotation.stream.unit) == (Unit.G, Unit.DEGREES_PER_SECOND)
    np.testing.assert_allclose(acceleration.data, [[7 / MS2_PER_G, 0, 1]], rtol=1e-6)
    assert rotation.data.tolist() == [[0, 0, 7]]


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 298), max_size=40), st.integers(2**32 - 3_000_000, 2**32 - 1))
def test_gaps_are_exactly_what_was_left_out_over_the_wrap_of_the_clock(lost: list[int], first_us: int) -> None:
    sent = [packet(number, first_us=first_us) for number in range(300) if number not in lost]
    items = night(*sent, *sent[-1:])
    assert sorted(missing(items)) == sorted([*set(lost), *set(lost)])
    assert len(statuses(items, StatusKind.DUPLICATE)) == 2


def test_a_clock_that_began_anew_begins_a_segment_of_both_streams() -> None:
    again = [packet(number, first_us=-round(1000 * 1_000_000 / FS_HZ)) for number in range(1000, 1010)]
    items = night(*map(packet, range(10)), link_down(at_s(1)), link_up(at_s(16)), *again)
    assert [block.stream.segment for block in blocks(items)] == [0] * 20 + [1] * 20
    last = blocks(items)[-1]
    assert last.clock.at(last.start) - UTC_NS == pytest.approx(at_s(1009 / FS_HZ), abs=2e7)


def test_the_output_rate_is_what_the_settings_say() -> None:
    settings_read = SetupReply(1, SENSOR, dot.SETTINGS_UUID, b"", encode_settings(30))
    odd = SetupReply(2, SENSOR, dot.SETTINGS_UUID, b"", encode_settings(17))
    short = SetupReply(2, SENSOR, dot.SETTINGS_UUID, b"", b"\0")
    items = night(settings_read, odd, short, packet(0))
    assert {block.stream.fs_hz for block in blocks(items)} == {30.0}
    assert len(statuses(items, StatusKind.MALFORMED)) == 2


def test_other_payloads_are_said_once_and_not_kept() -> None:
    others = [Notification(5, SENSOR, dot.MEDIUM_UUID, bytes(n_bytes)) for n_bytes in (28, 28, 32, 36, 40)]
    short = [Notification(6, SENSOR, dot.SHORT_UUID, bytes(n_bytes)) for n_bytes in (16, 20)]
    items = night(*others, *short)
    assert len(statuses(items, StatusKind.DEVICE)) == 6
    assert blocks(items) == []


def test_the_battery_is_read_and_notified() -> None:
    items = night(
        SetupReply(1, SENSOR, dot.BATTERY_UUID, b"", b"\x50\x01"),
        Notification(2, SENSOR, dot.BATTERY_UUID, b"\x4f\x00"),
        Notification(2, SENSOR, dot.BATTERY_UUID, b"\x4f"),
        Notification(3, SENSOR, "0000beef-0000-1000-8000-00805f9b34fb", b"\x4f"),
    )
    read = [status.values for status in statuses(items, StatusKind.BATTERY)]
    assert read == [{"battery_pct": 80.0, "charging": 1.0}, {"battery_pct": 79.0, "charging": 0.0}]
    assert len(statuses(items, StatusKind.MALFORMED)) == 1


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([dot.MEDIUM_UUID, dot.SHORT_UUID, dot.BATTERY_UUID, dot.SETTINGS_UUID]),
            st.one_of(st.binary(max_size=50), st.binary(min_size=34, max_size=34)),
        ),
        max_size=6,
    )
)
def test_random_bytes_never_raise(packets: list[tuple[str, bytes]]) -> None:
    noise: list[Record] = []
    for uuid, payload in packets:
        noise += [Notification(5, SENSOR, uuid, payload), SetupReply(5, SENSOR, uuid, b"", payload)]
    items = night(packet(0), *noise, link_down(at_s(1)), link_up(at_s(16)), *map(packet, range(1000, 1010)))
    assert blocks(items)[-1].stop == 10
