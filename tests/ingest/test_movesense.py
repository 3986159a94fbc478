"""Movesense: what its bytes mean, in one part or two, and what becomes of them in a night."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import Quantity, Unit
from ingest.decoders.base import Item, StatusKind
from ingest.decoders.layout import Reported, Said, Samples
from ingest.decoders.movesense import (
    DATA_REF,
    HELLO,
    MOVESENSE_DEVICE,
    MS2_PER_G,
    NOTIFY_UUID,
    SUBSCRIBE,
    WRITE_UUID,
    MovesenseReader,
    encode_data,
    encode_parts,
    encode_request,
    encode_result,
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
    gaps,
    link_down,
    link_up,
    night_start,
    spans,
    statuses,
)

VECTORS = vectors("clocked_sensors")
FS_HZ, N = 104.0, 8
NUMBER = st.floats(-78, 78, width=32)
VECTOR = st.tuples(NUMBER, NUMBER, NUMBER)
PATHS = {3.0: "/Meas/Acc/104", 6.0: "/Meas/IMU6/104", 9.0: "/Meas/IMU9/104"}


def options(**given_options: float) -> dict[str, float]:
    return MOVESENSE_DEVICE.settled({"fs_hz": FS_HZ, **given_options})


def samples(said: list[Said]) -> list[Samples]:
    return [each for each in said if isinstance(each, Samples)]


def packet(number: int, late_ms: float = 5.0, time_ms: int | None = None) -> Notification:
    """Eight samples whose x is their index."""
    start = number * N
    data = np.zeros((N, 3))
    data[:, 0] = np.arange(start, start + N) % 50
    sent_ms = round(start / FS_HZ * 1000) if time_ms is None else time_ms
    arrival_ns = round((start + N) / FS_HZ * NS_PER_S + late_ms * 1e6)
    return Notification(arrival_ns, SENSOR, NOTIFY_UUID, encode_data(DATA_REF, sent_ms, [data]))


def night(*records: Record, **given_options: float) -> list[Item]:
    return device_night(MOVESENSE_DEVICE, records, **options(**given_options))


# --- bytes


def test_the_vector_reads_as_it_says() -> None:
    vector = VECTORS["movesense_acc"]
    payload = bytes.fromhex(vector["hex"])
    (told,) = samples(MovesenseReader(MOVESENSE_DEVICE.settled({})).notified(vector["characteristic"], payload))
    assert (told.layout.quantity, told.layout.unit, told.layout.fs_hz) == (Quantity.ACCELERATION, Unit.G, 52.0)
    assert told.device_ns == vector["expected"]["ts_ms"] * 1_000_000
    np.testing.assert_allclose(told.data * MS2_PER_G, vector["expected"]["ms2"], rtol=1e-6)
    assert encode_data(99, 5000, [np.array(vector["expected"]["ms2"])]) == payload


@pytest.mark.slow
@given(
    st.sampled_from([3.0, 6.0, 9.0]), st.lists(VECTOR, min_size=1, max_size=12), st.integers(0, 2**32 - 1), st.data()
)
def test_what_was_written_is_read_in_one_part_or_two(
    axes: float, acc: list[tuple[float, ...]], time_ms: int, draws: st.DataObject
) -> None:
    parts = [np.array(acc) * scale for scale in (1.0, 20.0, 0.5)[: int(axes) // 3]]
    payload = encode_data(DATA_REF, time_ms, parts)
    cut = draws.draw(st.integers(7, len(payload)))
    reader = MovesenseReader(options(axes=axes))
    if (cut - 6) % (12 * len(parts)) == 0:
        cut = len(payload)  # such a first part looks complete
    sent = encode_parts(payload, cut, repeats_time=draws.draw(st.booleans()))
    told = [each for part in sent for each in samples(reader.notified(NOTIFY_UUID, part))]
    assert [each.layout.quantity for each in told] == [Quantity.ACCELERATION, Quantity.ROTATION][: len(parts)]
    assert {each.device_ns for each in told} == {time_ms * 1_000_000}
    np.testing.assert_allclose(told[0].data * MS2_PER_G, parts[0], rtol=1e-5, atol=1e-6)
    if len(told) > 1:
        np.testing.assert_array_equal(told[1].data, parts[1].astype(np.float32))


def test_a_first_part_of_whole_samples_is_waited_for_once_a_second_one_came() -> None:
    reader = MovesenseReader(options())
    parts = encode_parts(encode_data(DATA_REF, 0, [np.ones((8, 3))]), 6 + 5 * 12)
    assert len(samples(reader.notified(NOTIFY_UUID, parts[0]))[0].data) == 5
    with pytest.raises(DecodeError, match="MTU is too small"):
        reader.notified(NOTIFY_UUID, parts[1])
    assert reader.notified(NOTIFY_UUID, parts[0]) == []
    assert len(samples(reader.notified(NOTIFY_UUID, parts[1]))[0].data) == 8


def test_a_stray_second_part_costs_one_notification() -> None:
    reader = MovesenseReader(options())
    whole = encode_data(DATA_REF, 0, [np.ones((8, 3))])
    reader.notified(NOTIFY_UUID, whole)
    with pytest.raises(DecodeError):
        reader.notified(NOTIFY_UUID, b"\x03\x63")
    told = [reader.notified(NOTIFY_UUID, whole) for _ in range(4)]
    assert [len(samples(said)) for said in told] == [0, 1, 1, 1]
    assert [len(said) - len(samples(said)) for said in told] == [0, 1, 0, 0]


def test_a_first_part_is_forgotten_with_the_link_and_said_to_be_lost() -> None:
    reader = MovesenseReader(options())
    first, second = encode_parts(encode_data(DATA_REF, 0, [np.ones((8, 3))]), 20)
    assert reader.notified(NOTIFY_UUID, first) == []
    (lost,) = reader.unlinked()
    assert isinstance(lost, Reported)
    assert lost.kind is StatusKind.MALFORMED
    assert reader.unlinked() == []
    with pytest.raises(DecodeError):
        reader.notified(NOTIFY_UUID, second)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x04\x63",
        b"\x02\x63\x00\x00\x00\x00",
        b"\x03",
        encode_data(99, 0, [np.array([[0, 0, np.nan]])]),
        encode_data(99, 0, [np.array([[0, 0, 200.0]])]),
    ],
)
def test_what_makes_no_sense_is_refused(payload: bytes) -> None:
    with pytest.raises(DecodeError):
        MovesenseReader(options()).notified(NOTIFY_UUID, payload)


def test_other_characteristics_are_none_of_its_own() -> None:
    reader = MovesenseReader(options())
    assert reader.notified(WRITE_UUID, b"\xff") == []
    assert reader.reply(WRITE_UUID, b"\x01\x63", b"\xff") == []


# --- set-up


@pytest.mark.parametrize("axes", [3.0, 6.0, 9.0])
def test_the_set_up_says_hello_and_subscribes_to_what_the_options_say(axes: float) -> None:
    profile = MOVESENSE_DEVICE.profile(options(axes=axes))
    first, hello, unsubscribe, subscribe, *_ = profile.setup
    assert (first.op, first.characteristic) == (SetupOp.SUBSCRIBE, NOTIFY_UUID)
    assert (hello.payload, hello.required) == (b"\x00\x01", False)
    assert (unsubscribe.payload, unsubscribe.required) == (b"\x02\x63", False)
    assert subscribe.payload == b"\x01\x63" + PATHS[axes].encode()
    assert (subscribe.expect_prefix, subscribe.answered_on) == (b"\x01\x63\xc8\x00", NOTIFY_UUID)
    assert [step.payload for step in profile.stop] == [b"\x02\x63"]


def test_a_logged_subscription_says_what_its_number_stands_for() -> None:
    request = encode_request(SUBSCRIBE, 7, "/Meas/IMU6/26")
    reader = MovesenseReader(options())
    reader.reply(NOTIFY_UUID, request, encode_result(7))
    acc, gyro = samples(reader.notified(NOTIFY_UUID, encode_data(7, 0, [np.ones((2, 3)), np.ones((2, 3))])))
    assert (acc.layout.fs_hz, gyro.layout.quantity) == (26.0, Quantity.ROTATION)
    with pytest.raises(DecodeError, match="expected /Meas/"):
        reader.reply(NOTIFY_UUID, encode_request(SUBSCRIBE, 7, "/Meas/HR"), encode_result(7))


def test_a_request_that_is_refused_is_said_and_an_accepted_one_is_not() -> None:
    request = encode_request(SUBSCRIBE, DATA_REF, "/Meas/Acc/104")
    items = night(
        SetupReply(1, SENSOR, NOTIFY_UUID, encode_request(HELLO, 1), b"\x01\x01\x02\x00"),
        SetupReply(1, SENSOR, NOTIFY_UUID, request, encode_result(DATA_REF)),
        SetupReply(2, SENSOR, NOTIFY_UUID, request, encode_result(DATA_REF, 404)),
        Notification(3, SENSOR, NOTIFY_UUID, encode_result(DATA_REF, 503)),
    )
    assert [status.values["result"] for status in statuses(items, StatusKind.DEVICE)] == [404.0, 503.0]


# --- a night


@pytest.mark.parametrize(
    "after",
    [[], [link_down(at_s(3))], [packet(2)], [night_start()]],
    ids=["the log ends", "the link goes", "another notification", "the collector begins again"],
)
def test_a_first_part_whose_second_never_comes_is_counted(after: list[Record]) -> None:
    whole = packet(1)
    first, _ = encode_parts(whole.payload, 20)
    items = night(packet(0), replace(whole, payload=first), *after)
    assert [status.values["count"] for status in statuses(items, StatusKind.MALFORMED)] == [1.0]
    assert gaps(items) == ([(N, N, "air")] if spans(items)[1:] else [])


def test_each_first_part_that_follows_another_says_that_one_was_lost() -> None:
    firsts = [replace(packet(number), payload=encode_parts(packet(number).payload, 20)[0]) for number in (1, 2, 3)]
    items = night(packet(0), *firsts, packet(4))
    assert [status.values["count"] for status in statuses(items, StatusKind.MALFORMED)] == [1.0, 2.0, 3.0]
    assert gaps(items) == [(N, 3 * N, "air")]


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 148), max_size=30), st.integers(0, 2**32 - 1))
def test_gaps_are_exactly_what_was_left_out_over_a_wrap_of_the_clock(lost: list[int], first_ms: int) -> None:
    sent = [
        packet(number, time_ms=first_ms + round(number * N / FS_HZ * 1000))
        for number in range(150)
        if number not in lost
    ]
    items = night(*sent, *sent[-1:])
    assert missing(items) == [index for number in sorted(set(lost)) for index in range(number * N, number * N + N)]
    assert len(statuses(items, StatusKind.DUPLICATE)) == 1
    for block in blocks(items):
        np.testing.assert_allclose(block.data[:, 0] * MS2_PER_G, np.arange(block.start, block.stop) % 50, atol=1e-5)


def test_a_clock_that_began_anew_begins_a_segment_on_the_same_time() -> None:
    again = [packet(number, time_ms=round((number - 500) * N / FS_HZ * 1000)) for number in range(500, 510)]
    items = night(*map(packet, range(10)), link_down(at_s(2)), link_up(at_s(30)), *again)
    assert spans(items) == [(0, 80), (0, 80)]
    last = blocks(items)[-1]
    assert last.clock.at(last.start) - UTC_NS == pytest.approx(at_s(509 * N / FS_HZ), abs=2e7)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([b"", b"\1", b"\2c", b"\3c"]), st.binary(max_size=60)), max_size=6))
def test_random_bytes_never_raise(packets: list[tuple[bytes, bytes]]) -> None:
    noise: list[Record] = []
    for head, tail in packets:
        noise += [Notification(5, SENSOR, NOTIFY_UUID, head + tail), SetupReply(5, SENSOR, NOTIFY_UUID, tail, head)]
    again: list[Record] = [link_down(at_s(1)), link_up(at_s(2)), *map(packet, range(100, 110))]
    items = night(packet(0), *noise, *again)
    assert blocks(items)[-1].stop == 80
