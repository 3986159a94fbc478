"""Described sensors: every layout both ways, and losses exactly as the description says they are counted."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import Quantity, Unit
from ingest.decoders.base import StatusKind
from ingest.decoders.profile import LossMode, SetupOp
from ingest.decoders.table import Counts, TableDevice, TableStream, TableWrite, TimeOf
from ingest.decoders.table_device import PacketForm, TableReader, stored_table, table_device
from ingest.decoders.table_fields import TYPES, ByteOrder
from ingest.errors import DecodeError
from ingest.night.records import Notification, Record
from tests.ingest.device_nights import device_night
from tests.ingest.logged_sensor import (
    NS_PER_S,
    SENSOR,
    blocks,
    gaps,
    link_down,
    link_up,
    spans,
    statuses,
)

if TYPE_CHECKING:
    from ingest.decoders.base import Item

UUID = "0000abcd-0000-1000-8000-00805f9b34fb"
EMG = TableStream("abcd", Quantity.EMG, Unit.MICROVOLT, 500.0, ("i16 ch1",), scale=0.5)
NUMBERED = replace(EMG, header=("u8 number",), repeat=10, counter="number")
LIMITS = {"i8": 7, "u8": 8, "i16": 15, "u16": 16, "i24": 23, "u24": 24, "i32": 31, "u32": 32}


def device(*streams: TableStream) -> TableDevice:
    return TableDevice("mine", streams)


def packets(stream: TableStream, numbers: list[int], *, late_ns: int = 0) -> list[Record]:
    """Packets of a stream by their number; every sample carries its index."""
    form = PacketForm(stream)
    sent: list[Record] = []
    for number in numbers:
        index = np.arange(number * stream.repeat, (number + 1) * stream.repeat)
        per_packet = 1 if stream.counts is Counts.PACKETS else stream.repeat
        ticks = round(index[0] / stream.fs_hz / stream.tick_s) if stream.time else 0
        payload = form.write((index % 10_000)[:, None] * 0.5, counter=number * per_packet, ticks=ticks)
        at_ns = round(int(index[-1] + 1) * NS_PER_S / stream.fs_hz) + 5_000_000
        sent.append(Notification(at_ns + late_ns, SENSOR, UUID, payload))
    return sent


def decoded(stream: TableStream, sent: list[Record]) -> list[Item]:
    return device_night(table_device(device(stream)), sent)


# --- layouts


@pytest.mark.slow
@settings(max_examples=40)
@given(st.data())
def test_every_layout_is_read_as_it_was_written(draws: st.DataObject) -> None:
    kinds = draws.draw(st.lists(st.sampled_from(list(LIMITS)), min_size=1, max_size=5))
    header = draws.draw(st.lists(st.sampled_from(["magic a0 01", "skip 3", "u16 spare"]), unique=True, max_size=3))
    stream = TableStream(
        "abcd",
        Quantity.EMG,
        Unit.COUNTS,
        500.0,
        tuple(f"{kind} ch{number}" for number, kind in enumerate(kinds)),
        header=tuple(header),
        repeat=draws.draw(st.integers(1, 6)),
        byte_order=draws.draw(st.sampled_from(ByteOrder)),
    )
    columns = [st.integers(-(2 ** LIMITS[kind]) if kind[0] == "i" else 0, 2 ** LIMITS[kind] - 1) for kind in kinds]
    rows = draws.draw(st.lists(st.tuples(*columns), min_size=stream.repeat, max_size=stream.repeat))
    form = PacketForm(stream)
    payload = form.write(np.array(rows, np.float64))
    assert len(payload) == stream.n_bytes
    assert form.is_form_of(payload)
    np.testing.assert_array_equal(form.read(payload).data, np.array(rows, np.float64).astype(np.float32))


@pytest.mark.slow
@settings(max_examples=40)
@given(
    st.sampled_from(["f32", "f64"]),
    st.sampled_from(ByteOrder),
    st.floats(-1e6, 1e6, width=32),
    st.floats(0.001, 100),
    st.floats(-100, 100),
)
def test_floating_point_is_scaled_and_shifted_and_back(
    kind: str, order: ByteOrder, value: float, scale: float, offset: float
) -> None:
    stream = TableStream("abcd", Quantity.EMG, Unit.MICROVOLT, 500.0, (f"{kind} ch1",), byte_order=order)
    sent = np.array([value], f"{'<' if order is ByteOrder.LITTLE else '>'}f{TYPES[kind]}").tobytes()
    stream = replace(stream, scale=scale, offset=offset)
    data = PacketForm(stream).read(sent).data
    np.testing.assert_allclose(data, [[value * scale + offset]], rtol=1e-6, atol=1e-6)
    again = PacketForm(stream).read(PacketForm(stream).write(np.array([[value * scale + offset]])))
    np.testing.assert_allclose(again.data, data, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("field", "payload", "value"),
    [
        ("i24 x", "ffffff", -1), ("u24 x", "ffffff", 16_777_215), ("i24 x", "563412", 0x123456), ("i8 x", "80", -128),
        ("u32 x", "00000080", 2_147_483_648), ("i16 x", "18fc", -1000), ("f32 x", "000000bf", -0.5),
    ],
)  # fmt: skip
def test_each_type_is_read_as_by_hand_in_both_byte_orders(field: str, payload: str, value: float) -> None:
    stream = TableStream("abcd", Quantity.EMG, Unit.COUNTS, 500.0, (field,))
    assert PacketForm(stream).read(bytes.fromhex(payload)).data.tolist() == [[value]]
    swapped = replace(stream, byte_order=ByteOrder.BIG)
    assert PacketForm(swapped).read(bytes.fromhex(payload)[::-1]).data.tolist() == [[value]]


def test_axes_choose_and_order_the_columns() -> None:
    stream = TableStream(
        "abcd", Quantity.ACCELERATION, Unit.G, 50.0, ("u8 n", "i8 a", "i8 b", "i8 c", "i8 d"), axes=("d", "a", "b")
    )
    samples = PacketForm(stream).read(bytes([9, 1, 2, 3, 4]))
    assert samples.layout.axes == ("d", "a", "b")
    assert samples.data.tolist() == [[4, 1, 2]]


def test_a_sample_that_is_no_number_is_refused() -> None:
    reader = TableReader(device(TableStream("abcd", Quantity.EMG, Unit.COUNTS, 500.0, ("f32 x",))))
    for value in (np.nan, np.inf):
        with pytest.raises(DecodeError, match="expected a finite one"):
            reader.notified(UUID, np.array([value], "<f4").tobytes())
    wide = TableReader(device(TableStream("abcd", Quantity.EMG, Unit.COUNTS, 500.0, ("f64 x",))))
    with pytest.raises(DecodeError, match="expected a finite one"):
        wide.notified(UUID, np.array([1e300], "<f8").tobytes())


def test_forms_of_one_stream_are_told_apart_by_length_and_by_magic_bytes() -> None:
    long = replace(EMG, header=("magic a1",), repeat=3)
    other = replace(EMG, header=("magic a2", "u8 spare"), repeat=2, fields=("u8 gain", "i16 ch1"), axes=("ch1",))
    same_length = replace(EMG, header=("magic a2", "skip 4"), repeat=1)
    reader = TableReader(device(EMG, long, other, same_length))
    for form, rows in ((EMG, [[3]]), (long, [[1], [2], [3]]), (other, [[5], [6]]), (same_length, [[7]])):
        payload = PacketForm(form).write(np.array(rows, np.float64))
        (samples,) = reader.notified(UUID, payload)
        assert samples.data.tolist() == rows  # type: ignore[union-attr]  # samples
    with pytest.raises(DecodeError, match=r"a packet of 7 bytes that begin with 00000000 has no described form, exp"):
        reader.notified(UUID, bytes(7))
    assert reader.notified("other", b"\x01") == []


# --- losses


@pytest.mark.slow
@settings(max_examples=40)
@given(st.integers(0, 2**20), st.lists(st.integers(1, 100), min_size=1, max_size=8))
def test_a_packet_counter_shows_exactly_what_was_left_out_across_its_wrap(first: int, steps: list[int]) -> None:
    numbers = [first, *(first + int(ahead) for ahead in np.cumsum(steps))]
    items = decoded(NUMBERED, packets(NUMBERED, numbers))
    lost = [(10 * (a - first + 1), 10 * (b - a - 1), "air") for a, b in pairwise(numbers)]
    assert gaps(items) == [gap for gap in lost if gap[1]]
    got = np.concatenate([block.data[:, 0] for block in blocks(items)])
    expected = np.concatenate([np.arange(10 * n, 10 * n + 10) % 10_000 for n in numbers]) * 0.5
    np.testing.assert_array_equal(got, expected.astype(np.float32))


@pytest.mark.parametrize(
    "stream",
    [
        replace(EMG, header=("u16 at",), repeat=10, counter="at", counts=Counts.SAMPLES),
        replace(EMG, fields=("u32 at", "i16 ch1"), repeat=10, counter="at", counts=Counts.SAMPLES),
        replace(EMG, header=("u24 ms",), repeat=10, time="ms", tick_s=0.001),
        replace(EMG, header=("u32 us",), repeat=10, time="us", tick_s=1e-6, byte_order=ByteOrder.BIG),
    ],
    ids=["u16 samples", "u32 samples in each", "u24 ms", "u32 us"],
)
def test_samples_and_clocks_show_exactly_what_was_left_out(stream: TableStream) -> None:
    kept = [number for number in range(300) if number not in (50, 51, 52, 200)]
    items = decoded(stream, packets(stream, kept))
    assert gaps(items) == [(500, 30, "air"), (2000, 10, "air")]
    assert spans(items) == [(0, 500), (530, 2000), (2010, 3000)]


def test_a_clock_that_begins_again_loses_nothing() -> None:
    stream = replace(EMG, fs_hz=100.0, header=("u16 ms",), repeat=100, time="ms", tick_s=0.001)
    items = decoded(stream, packets(stream, [number for number in range(90) if not 60 <= number < 80]))
    assert gaps(items) == [(6000, 2000, "air")]
    assert spans(items) == [(0, 6000), (8000, 9000)]


def test_the_time_of_the_last_sample_is_turned_into_that_of_the_first() -> None:
    stream = replace(EMG, header=("u32 us",), repeat=10, time="us", tick_s=1e-6, time_of=TimeOf.LAST)
    payload = PacketForm(stream).write(np.zeros((10, 1)), ticks=1_018_000)
    assert PacketForm(stream).read(payload).device_ns == 1_000_000_000


def test_duplicates_and_truncated_packets_are_counted_and_change_nothing_else() -> None:
    sent = packets(NUMBERED, list(range(20)))
    cut = [replace(record, payload=record.payload[:-1]) for record in sent if isinstance(record, Notification)]
    mixed = [each for pair in zip(sent, sent, cut, strict=True) for each in pair]
    items = decoded(NUMBERED, mixed)
    assert spans(items) == [(0, 200)]
    assert statuses(items, StatusKind.DUPLICATE)[-1].values == {"count": 20}
    assert statuses(items, StatusKind.MALFORMED)[-1].values == {"count": 20}


@pytest.mark.parametrize("survives", [True, False])
def test_a_lost_link_ends_the_segment_unless_the_counter_survives_it(survives: bool) -> None:  # noqa: FBT001 - drawn
    stream = replace(EMG, header=("u32 number",), repeat=10, counter="number", survives_link=survives)
    before, after = packets(stream, list(range(50))), packets(stream, list(range(80, 100)))
    items = decoded(stream, [*before, link_down(NS_PER_S), link_up(3 * NS_PER_S // 2), *after])
    segments = {block.stream.segment for block in blocks(items)}
    assert segments == ({0} if survives else {0, 1})
    missing = [gap for gap in gaps(items) if gap[1] is not None]
    assert missing == ([(500, 300, "reconnect")] if survives else [])


def test_a_sensor_that_sends_on_change_holds_its_last_sample_and_has_no_watchdog() -> None:
    stream = replace(EMG, fs_hz=50.0, on_change=True)
    made = table_device(device(stream))
    assert made.profile({}).silence_timeout_s is None
    payload = PacketForm(stream).write(np.array([[4.0]]))
    sent: list[Record] = [Notification(at * NS_PER_S, SENSOR, UUID, payload) for at in (0, 2)]
    items = device_night(made, sent)
    assert spans(items) == [(0, 101)]


# --- the whole


def test_a_description_survives_the_folder_of_a_night() -> None:
    start = TableWrite("2a00", "01 02", response=False)
    clocked = TableStream(
        "abce",
        Quantity.ROTATION,
        Unit.DEGREES_PER_SECOND,
        50.0,
        ("u32 t", "i8 x", "i8 y", "i8 z"),
        time="t",
        tick_s=0.1,
    )
    table = TableDevice("mine", (NUMBERED, clocked), "180d", "My", (start,), (start,), 9.0)
    assert stored_table(json.loads(json.dumps(asdict(table)))) == table
    assert stored_table(None) is None


@pytest.mark.parametrize("damage", [3, [], {}, {"name": "x"}, {"name": "x", "streams": [{}], "start": [], "stop": []}])
def test_a_damaged_description_is_a_value_error(damage: object) -> None:
    with pytest.raises(ValueError, match="described device"):
        stored_table(damage)
    stored = json.loads(json.dumps(asdict(device(NUMBERED))))
    stored["streams"][0]["scale"] = 0
    with pytest.raises(ValueError, match="scale is 0"):
        stored_table(stored)


def test_a_described_sensor_subscribes_then_starts_and_is_asked_for_its_battery() -> None:
    rotation = replace(EMG, characteristic="2aaa", quantity=Quantity.OTHER)
    writes = (TableWrite("2a00", "01 02"), TableWrite("2a01", "ff", response=False))
    profile = table_device(TableDevice("mine", (NUMBERED, rotation), start=writes, stop=writes[:1])).profile({})
    short = [(step.op, step.characteristic[4:8], step.payload.hex()) for step in profile.setup if step.required]
    assert short == [
        (SetupOp.SUBSCRIBE, "abcd", ""),
        (SetupOp.SUBSCRIBE, "2aaa", ""),
        (SetupOp.WRITE, "2a00", "0102"),
        (SetupOp.WRITE_NO_RSP, "2a01", "ff"),
    ]
    assert [step.payload.hex() for step in profile.stop] == ["0102"]
    assert "00002a19-0000-1000-8000-00805f9b34fb" in [s.characteristic for s in profile.setup if not s.required]
    assert profile.loss_mode is LossMode.PACKET_COUNTER


@pytest.mark.slow
@settings(max_examples=40)
@given(st.lists(st.binary(max_size=60), max_size=30))
def test_no_bytes_raise_and_a_good_packet_in_a_fresh_segment_is_read_as_without_them(noise: list[bytes]) -> None:
    records: list[Record] = [Notification(number, SENSOR, UUID, payload) for number, payload in enumerate(noise)]
    records += [link_down(NS_PER_S), link_up(NS_PER_S)]
    good = packets(NUMBERED, [7], late_ns=2 * NS_PER_S)
    assert (
        blocks(decoded(NUMBERED, [*records, *good]))[-1].data.tolist()
        == blocks(decoded(NUMBERED, good))[-1].data.tolist()
    )
