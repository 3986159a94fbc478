"""The Leg Sensor Profile decoder keeps its promises for every way of losing, doubling and delaying packets."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import Gap, Leg, Quantity, SampleBlock, Unit, Watermark
from ingest.decoders.base import Placement, StatusKind
from ingest.decoders.lsp import LspDecoder
from ingest.decoders.lsp_control import Op
from ingest.decoders.lsp_info import Format, Info, InfoFlag, Kind, StreamDescriptor, UnitCode
from ingest.decoders.lsp_packets import DataHeader, PacketFlag, encode_long
from tests.ingest.logged_sensor import (
    ACC,
    EMG,
    INFO,
    NS_PER_MS,
    PLACEMENT,
    SENSOR,
    UTC_NS,
    assert_samples_are_their_own,
    at_s,
    beginning,
    blocks,
    data,
    decode,
    exchange,
    gaps,
    info_read,
    link_down,
    link_up,
    long_packet,
    night_start,
    ramp,
    short_packet,
    spans,
    statuses,
    sync_packet,
    time_pair,
    vector,
    watermarks,
)

if TYPE_CHECKING:
    from ingest.night.records import Notification, Record


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.tuples(st.booleans(), st.booleans(), st.sampled_from([0, 0, 0, 40, 400, 4000])), min_size=1, max_size=60
    ),
    st.sampled_from([InfoFlag.RESEND, InfoFlag.COMMON_CLOCK]),
)
def test_what_came_and_what_is_missing_add_up_to_the_night(
    fates: list[tuple[bool, bool, int]], flags: InfoFlag
) -> None:
    """Each packet is lost or not, doubled or not, and late by some milliseconds."""
    arrivals: list[Notification] = []
    for number, (is_lost, is_doubled, late_ms) in enumerate(fates):
        packet = dataclasses.replace(long_packet(number), mono_ns=long_packet(number).mono_ns + late_ms * NS_PER_MS)
        arrivals += [] if is_lost and number else [packet] * (1 + is_doubled)
    arrivals.sort(key=lambda record: record.mono_ns)
    came = {number * 50 for number, (is_lost, _, _) in enumerate(fates) if not (is_lost and number)}
    info = dataclasses.replace(INFO, flags=flags)
    items = decode([*beginning(info), *arrivals])
    emg = [item for item in items if isinstance(item, SampleBlock | Gap)]
    position = emg[0].start if isinstance(emg[0], SampleBlock) else -1
    for item in emg:
        if isinstance(item, SampleBlock):
            assert item.start == position
            position = item.stop
        else:
            assert item.first_missing == position
            assert item.n_missing is not None
            position += item.n_missing
    assert_samples_are_their_own(items)
    if flags & InfoFlag.RESEND and fates[0][2] == 0:
        assert {block.start for block in blocks(items)} == came


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(st.permutations(range(595, 606)), st.integers(1, 4))
def test_the_order_in_which_packets_are_sent_again_changes_no_sample_and_no_knot(
    order: list[int], step_ms: int
) -> None:
    """Sample 30 000, where a knot lies, is among the packets that come late."""
    sent_again = [
        dataclasses.replace(long_packet(number), mono_ns=at_s(32) + number * step_ms * NS_PER_MS) for number in order
    ]
    before = [long_packet(number) for number in range(580, 595)]
    until_then = [long_packet(number) for number in range(606, 640)]
    after = [long_packet(number) for number in range(700, 703)]

    def outcome(late: list[Notification]) -> tuple[object, ...]:
        items = blocks(decode([*beginning(), *before, *until_then, *late, *after]))
        return [block.start for block in items], items[-1].clock.knots

    in_order = sorted(sent_again, key=lambda record: record.mono_ns)
    assert outcome(sent_again) == outcome(in_order)
    assert len(outcome(in_order)[1]) == 2


@pytest.mark.slow
@settings(deadline=None, max_examples=20)
@given(st.data())
def test_nothing_comes_from_before_a_watermark_and_watermarks_rise(draws: st.DataObject) -> None:
    down_s = draws.draw(st.floats(1, 5))
    only_acc = dataclasses.replace(INFO, streams=(ACC,))
    outage_s = draws.draw(st.floats(0.5, 60))
    ring_s = draws.draw(st.floats(0, 90))
    first = math.floor(max(down_s, down_s + outage_s - ring_s) * 10)
    back_ns = at_s(down_s + outage_s)
    before = [long_packet(number, stream=ACC) for number in range(int(down_s * 10))]
    after = [
        dataclasses.replace(packet, mono_ns=max(packet.mono_ns, back_ns))
        for packet in (long_packet(number, stream=ACC) for number in range(first, first + 700))
    ]
    pairs = [time_pair(at_s(seconds)) for seconds in range(0, 150, 10)]
    records: list[Record] = [*before, link_down(at_s(down_s + 0.2)), *pairs, *after]
    items = decode([*beginning(only_acc), *sorted(records, key=lambda record: record.mono_ns)])
    settled_ns = 0
    stream = blocks(items)[0].stream
    for item in items:
        if isinstance(item, Watermark) and item.stream == stream:
            assert item.t_ns > settled_ns
            settled_ns = item.t_ns
        elif isinstance(item, SampleBlock):
            assert item.clock.at(item.start) >= settled_ns
    stops = [stop for _, stop in spans(items)]
    assert stops[-1] == (first + 700) * 10
    if outage_s < 10 <= ring_s:
        assert sum(stop - start for start, stop in spans(items)) == stops[-1]


def test_a_ring_buffer_that_is_emptied_after_the_watermark_is_left_out_to_the_sample() -> None:
    pairs = [time_pair(at_s(seconds)) for seconds in (10, 20, 30)]
    ring = [dataclasses.replace(long_packet(n), mono_ns=at_s(30.5)) for n in range(20, 610)]
    records = [*map(long_packet, range(20)), link_down(at_s(1.2)), *pairs, *ring]
    items = decode([*beginning(), *records])
    kinds = [(first, n_missing, cause) for first, n_missing, cause in gaps(items)]
    assert kinds[0] == (1000, None, "reconnect")
    resumed = next(block for block in blocks(items) if block.start > 1000)
    assert kinds[1] == (1000, resumed.start - 1000, "reconnect")
    assert 0 <= resumed.clock.at(resumed.start) - watermarks(items)[-1].t_ns < 1.1 * NS_PER_MS
    assert_samples_are_their_own(items)
    patient = decode([*beginning(), *records], LspDecoder(PLACEMENT, backfill_window_s=60))
    assert spans(patient) == [(0, 30_500)]


@pytest.mark.slow
def test_the_same_log_gives_the_same_items_however_often_it_is_read() -> None:
    records = [*beginning(), *(long_packet(n) for n in range(100) if n % 7), time_pair(at_s(60))]
    assert [str(item) for item in decode(records)] == [str(item) for item in decode(records)]


def test_records_of_other_sensors_are_ignored() -> None:
    other = dataclasses.replace(long_packet(1), sensor="right-shin")
    assert spans(decode([*beginning(), long_packet(0), other])) == [(0, 50)]


def test_a_collector_that_was_killed_leaves_a_gap_of_the_link() -> None:
    again = [night_start(mono_ns=at_s(20)), link_up(at_s(20)), info_read(INFO, at_s(20))]
    items = decode([*beginning(), long_packet(0), *again, long_packet(410)])
    assert gaps(items) == [(50, 410 * 50 - 50, "reconnect")]


def test_a_sensor_that_counts_anew_unseen_is_believed_at_its_second_packet() -> None:
    def anew(number: int) -> Notification:
        header = DataHeader(0, PacketFlag.NONE, number, number * 50, 60_000_000 + number * 50_000)
        return data(encode_long(EMG, header, ramp(EMG, number * 50, 50)), at_s(60.05 + number * 0.05))

    items = decode([*beginning(), *map(long_packet, range(200)), *map(anew, range(3))])
    assert spans(items) == [(0, 10_000), (0, 150)]
    assert [block.stream.segment for block in blocks(items)][-3:] == [1, 1, 1]
    alone = decode([*beginning(), *map(long_packet, range(200)), anew(5), *map(long_packet, range(200, 203))])
    assert spans(alone) == [(0, 10_150)]
    assert len(statuses(alone, StatusKind.MALFORMED)) == 1


@pytest.mark.slow
def test_a_night_at_speed_is_placed_by_the_sensors_clock_whenever_packets_arrive() -> None:
    time_reply = exchange(Op.GET_TIME, at_s(0), tick=5_000_000, unix_us=UTC_NS // 1000)

    def packet(number: int, late_s: float) -> Notification:
        index = number * 50
        header = DataHeader(0, PacketFlag.NONE, number, index, 5_000_000 + index * 1000)
        return data(encode_long(EMG, header, ramp(EMG, index, 50)), at_s(index / 1000 + late_s))

    records = [packet(number, 20.0 + number % 5 * 3.0) for number in range(2000)]
    items = decode([*beginning(speed=240.0), time_reply, *records])
    for block in blocks(items):
        assert block.clock.at(block.start) == UTC_NS + block.start * NS_PER_MS
        assert len(block.clock.knots) == 1


def test_a_short_stream_at_speed_takes_its_time_from_the_sync() -> None:
    records = [sync_packet(0, at_s(30), unix_us=UTC_NS // 1000), short_packet(0, at_s(31)), short_packet(1, at_s(31))]
    items = decode([*beginning(speed=240.0), *records])
    assert [block.clock.at(block.start) - UTC_NS for block in blocks(items)] == [0, 4 * NS_PER_MS]


def test_a_sensor_whose_own_time_is_years_off_is_placed_by_when_it_was_heard() -> None:
    wrong = exchange(Op.GET_TIME, at_s(0), tick=0, unix_us=1)
    items = decode([*beginning(speed=240.0), wrong, long_packet(0), long_packet(1)])
    assert blocks(items)[0].clock.at(0) == UTC_NS


def test_a_silent_sensor_of_a_compressed_night_is_given_the_machines_time_to_be_late() -> None:
    pairs = [time_pair(at_s(seconds)) for seconds in range(10, 3000, 10)]
    items = decode([*beginning(speed=240.0), long_packet(0), *pairs])
    emg = [mark for mark in watermarks(items) if mark.stream == blocks(items)[0].stream]
    assert emg[0].t_ns - UTC_NS == at_s(2420 - 2410)


def test_units_become_ours_and_unknown_kinds_stay_raw() -> None:
    metric = StreamDescriptor(1, Kind.ACC, 3, Format.I16, 100_000, 9.80665, 0.0, UnitCode.M_PER_S2, 10)
    strange = StreamDescriptor(2, 99, 1, Format.I16, 100_000, 0.5, 1.0, 77, 10)
    warm = StreamDescriptor(3, Kind.TEMP, 1, Format.I16, 100_000, 0.5, 1.0, UnitCode.CELSIUS, 10)
    info = dataclasses.replace(INFO, streams=(EMG, metric, strange, warm))
    records = [long_packet(0, stream=stream) for stream in (EMG, metric, strange, warm)]
    streams = [block.stream for block in blocks(decode([*beginning(info), *records]))]
    assert [(s.quantity, s.unit) for s in streams] == [
        (Quantity.EMG, Unit.MICROVOLT),
        (Quantity.ACCELERATION, Unit.G),
        (Quantity.OTHER, Unit.COUNTS),
        (Quantity.OTHER, Unit.COUNTS),
    ]
    assert len(set(streams)) == 4
    values = [block.data[1, 0] for block in blocks(decode([*beginning(info), *records]))]
    assert values == [0.5, 3.0, 1.0, 1.0]


def test_leg_and_site_come_from_the_sensor_only_where_the_wearer_said_nothing() -> None:
    own = decode([*beginning(), long_packet(0)], LspDecoder(Placement(SENSOR, Leg.UNKNOWN, "")))
    assert (blocks(own)[0].stream.leg, blocks(own)[0].stream.site) == (Leg.LEFT, "left tibialis anterior")
    configured = decode([*beginning(), long_packet(0)], LspDecoder(Placement(SENSOR, Leg.RIGHT, "calf")))
    assert (blocks(configured)[0].stream.leg, blocks(configured)[0].stream.site) == (Leg.RIGHT, "calf")


def test_a_changed_rate_begins_a_new_segment_with_that_rate() -> None:
    slower = dataclasses.replace(EMG, rate_mhz=500_000)
    changed = [exchange(Op.STOP, at_s(1)), exchange(Op.SET_RATE, at_s(1), 0, 500_000), exchange(Op.START, at_s(1), 3)]
    items = decode([*beginning(), long_packet(0), *changed, long_packet(0, stream=slower), info_read(INFO, at_s(3))])
    assert [(b.stream.fs_hz, b.stream.segment) for b in blocks(items)] == [(1000.0, 0), (500.0, 1)]


def test_a_stream_that_cannot_be_read_is_said_once_and_the_others_go_on() -> None:
    broken = dataclasses.replace(ACC, scale=math.nan)
    info = dataclasses.replace(INFO, streams=(EMG, broken))
    items = decode([*beginning(info), long_packet(0)])
    assert "stream 1 cannot be read" in statuses(items, StatusKind.MALFORMED)[0].detail
    assert spans(items) == [(0, 50)]


def test_data_before_info_are_counted_packet_by_packet_and_lost() -> None:
    items = decode([night_start(), link_up(), long_packet(0), long_packet(1), info_read(), long_packet(2)])
    assert spans(items) == [(100, 150)]
    assert [status.values["count"] for status in statuses(items, StatusKind.MALFORMED)] == [1.0, 2.0]


@pytest.mark.parametrize("info", [INFO, Info.from_bytes(vector("lsp_info"))])
def test_samples_are_single_precision_in_the_shape_of_the_stream(info: Info) -> None:
    block = blocks(decode([*beginning(info), long_packet(0)]))[0]
    assert block.data.dtype == np.float32
    assert block.data.shape == (50, 2)
    assert block.clock.at(50) == UTC_NS + 55 * NS_PER_MS


@pytest.mark.parametrize("outage_s", [1800, 3000, 5400, 30_000])
def test_a_reading_of_the_clock_after_an_outage_of_hours_bends_no_clock(outage_s: int) -> None:
    back_s = 10 + outage_s
    reply = exchange(Op.GET_TIME, at_s(back_s), tick=back_s * 1_000_000)
    numbers = [*range(200), *range(back_s * 20, back_s * 20 + 1300)]
    packets = [long_packet(number) for number in numbers]
    records = [*packets[:200], link_down(at_s(11)), link_up(at_s(back_s)), info_read(INFO, at_s(back_s)), reply]
    items = decode([*beginning(), exchange(Op.GET_TIME, 1, tick=0), *records, *packets[200:]])
    for block in blocks(items):
        assert abs(block.clock.at(block.start) - UTC_NS - block.start * NS_PER_MS) < 6 * NS_PER_MS


@pytest.mark.parametrize("pause_s", [5, 3000, 20_000])
def test_a_sensor_that_is_stopped_for_hours_of_a_compressed_night_keeps_its_time(pause_s: int) -> None:
    time_reply = exchange(Op.GET_TIME, 0, tick=0, unix_us=UTC_NS // 1000)
    tick = (1 + pause_s) * 1_000_000
    payload = encode_long(EMG, DataHeader(0, PacketFlag.NONE, 0, 0, tick & 0xFFFFFFFF), ramp(EMG, 0, 50))
    again = [exchange(Op.STOP, at_s(1)), exchange(Op.START, at_s(1 + pause_s), 3), data(payload, at_s(2 + pause_s))]
    items = decode([*beginning(speed=240.0), time_reply, long_packet(0), *again])
    last = blocks(items)[-1]
    assert (last.stream.segment, last.clock.at(0) - UTC_NS) == (1, at_s(1 + pause_s))
