"""The conformance list of the Leg Sensor Profile, items 6 to 11: what links, boots and noise do to a stream."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.signal import Gap, SampleBlock
from ingest.decoders.base import StatusKind
from ingest.decoders.lsp import LSP, LspDecoder
from ingest.decoders.lsp_control import Op, Request
from ingest.decoders.lsp_info import CONTROL_UUID, DATA_UUID, EVENT_UUID, INFO_UUID, STATUS_UUID
from ingest.decoders.lsp_packets import DataHeader, PacketFlag, encode_long
from ingest.night.records import Notification, Record, SetupReply
from tests.ingest.logged_sensor import (
    ACC,
    EMG,
    INFO,
    NO_RESEND,
    NS_PER_MS,
    NS_PER_S,
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
    spans,
    statuses,
    time_pair,
    watermarks,
)

# --- 6 RESEND


def test_6_a_packet_sent_again_fills_its_gap_in_order() -> None:
    late = dataclasses.replace(long_packet(2), mono_ns=at_s(3))
    records: list[Record] = [*(long_packet(number) for number in (0, 1, 3, 4, 5)), late]
    items = decode([*beginning(), *records])
    assert spans(items) == [(0, 300)]
    assert gaps(items) == []
    starts = [block.start for block in blocks(items)]
    assert starts == sorted(starts)
    assert_samples_are_their_own(items)


def test_6_a_gap_that_is_not_filled_in_10_s_of_the_log_is_given_up() -> None:
    decoder = LspDecoder(PLACEMENT)
    before = decode([*beginning(), long_packet(0), long_packet(2)], decoder)  # finish hands out all
    assert gaps(before) == [(50, 50, "air")]
    decoder = LspDecoder(PLACEMENT)
    numbers = [0, *range(2, 206)]
    seen: list[tuple[float, int]] = []
    for record in [*beginning(), *map(long_packet, numbers)]:
        seen += [(record.mono_ns / NS_PER_S, len(block.data)) for block in blocks(decoder.feed(record))]
    assert seen[1][0] == pytest.approx(0.155 + 10.0, abs=0.05)
    assert sum(n_samples for _, n_samples in seen) == 205 * 50


def test_6_a_sensor_that_cannot_send_again_holds_nothing_back() -> None:
    decoder = LspDecoder(PLACEMENT)
    items = [item for r in [*beginning(NO_RESEND), long_packet(0), long_packet(2)] for item in decoder.feed(r)]
    assert gaps(items) == [(50, 50, "air")]
    assert spans(items) == [(0, 50), (100, 150)]


def test_6_a_replay_with_an_endless_window_uses_what_came_too_late_that_night() -> None:
    late = dataclasses.replace(long_packet(1), mono_ns=at_s(60))
    records: list[Record] = [*beginning(), long_packet(0), *(long_packet(n) for n in range(2, 1000)), late]
    assert gaps(decode(records)) == [(50, 50, "air")]
    items = decode(records, LspDecoder(PLACEMENT, backfill_window_s=float("inf")))
    assert gaps(items) == []
    assert spans(items) == [(0, 50_000)]


# --- 7 boot_id


def test_7_another_boot_id_begins_a_new_segment_at_index_0() -> None:
    booted = dataclasses.replace(INFO, boot_id=7)
    again = [dataclasses.replace(long_packet(number), mono_ns=at_s(30 + number / 20)) for number in range(2)]
    records: list[Record] = [
        *map(long_packet, range(3)),
        link_down(at_s(1)),
        link_up(at_s(20)),
        info_read(booted, at_s(21)),
        *again,
    ]
    items = decode([*beginning(), *records])
    assert [(block.stream.segment, block.start) for block in blocks(items)] == [
        (0, 0),
        (0, 50),
        (0, 100),
        (1, 0),
        (1, 50),
    ]
    assert gaps(items) == [(150, None, "end")]
    assert len(statuses(items, StatusKind.REBOOT)) == 1


def test_7_a_lost_link_in_the_same_boot_stays_in_the_segment_with_a_gap_to_the_sample() -> None:
    records: list[Record] = [
        *map(long_packet, range(3)),
        link_down(at_s(1)),
        link_up(at_s(20)),
        info_read(INFO, at_s(20)),
    ]
    items = decode([*beginning(), *records, exchange(Op.START, at_s(20), 3), *map(long_packet, range(400, 403))])
    assert gaps(items) == [(150, 19_850, "reconnect")]
    assert {block.stream.segment for block in blocks(items)} == {0}


# --- 8 Silence


def test_8_a_sensor_that_falls_silent_is_noticed_by_the_watchdog_in_3_s_and_by_the_decoder_from_the_log() -> None:
    assert LSP.silence_timeout_s == 3.0
    pairs = [time_pair(at_s(seconds)) for seconds in range(10, 70, 10)]
    items = decode([*beginning(), *map(long_packet, range(40)), *pairs])
    emg = [item for item in items if getattr(item, "stream", None) == blocks(items)[0].stream]
    assert gaps(emg) == [(2000, None, "silence")]
    assert [mark.t_ns - UTC_NS for mark in watermarks(emg)] == [at_s(seconds - 12) for seconds in range(20, 70, 10)]
    kinds = [type(item).__name__ for item in emg]
    assert kinds.index("Gap") < kinds.index("Watermark")


def test_8_a_stream_that_sends_gets_no_watermark_because_its_samples_carry_the_time() -> None:
    records = [record for number in range(400) for record in (long_packet(number),)]
    pairs = [time_pair(at_s(seconds)) for seconds in (10, 20)]
    items = decode(sorted([*beginning(), *records, *pairs], key=lambda record: record.mono_ns))
    assert not [mark for mark in watermarks(items) if mark.stream == blocks(items)[0].stream]


# --- 9 Tick wrap across a gap


def test_9_the_tick_may_wrap_once_or_more_inside_a_gap() -> None:
    hours = 3
    far = hours * 3600 * 20
    records: list[Record] = [*map(long_packet, range(3)), link_down(at_s(1)), *map(long_packet, range(far, far + 3))]
    items = decode([*beginning(), *records])
    assert gaps(items) == [(150, far * 50 - 150, "reconnect")]
    last = blocks(items)[-1]
    assert last.clock.at(last.start) - UTC_NS == pytest.approx(last.start * NS_PER_MS, abs=20 * NS_PER_MS)
    assert statuses(items, StatusKind.MALFORMED) == []


def test_9_index_and_sequence_wrap_without_a_gap() -> None:
    def packet(number: int) -> Notification:
        index = 2**32 - 100 + number * 50
        header = DataHeader(0, PacketFlag.NONE, 65_534 + number & 0xFFFF, index, index * 1000)
        return data(encode_long(EMG, header, ramp(EMG, index, 50)), at_s(1 + number * 0.05))

    items = decode([*beginning(), *map(packet, range(5))])
    assert spans(items) == [(2**32 - 100, 2**32 + 150)]
    assert gaps(items) == []


# --- 10 START


def test_10_start_on_a_streaming_sensor_resets_nothing() -> None:
    records: list[Record] = [
        *map(long_packet, range(3)),
        exchange(Op.START, at_s(0.2), 3),
        *map(long_packet, range(3, 6)),
    ]
    items = decode([*beginning(), *records])
    assert spans(items) == [(0, 300)]
    assert {block.stream.segment for block in blocks(items)} == {0}


@pytest.mark.parametrize("reply_after", [0, 1, 2, 3])
def test_10_stop_then_start_is_one_new_segment_also_when_data_overtake_the_reply(reply_after: int) -> None:
    def again(number: int) -> Notification:
        header = DataHeader(0, PacketFlag.NONE, number, number * 50, 9_000_000 + number * 50_000)
        return data(encode_long(EMG, header, ramp(EMG, number * 50, 50)), at_s(9.1 + number * 0.05))

    replayed = [again(number) for number in range(6)]
    started = exchange(Op.START, replayed[reply_after].mono_ns - 1, 3)
    records: list[Record] = [
        *map(long_packet, range(100)),
        exchange(Op.STOP, at_s(8)),
        *replayed[:reply_after],
        started,
    ]
    items = decode([*beginning(), *records, *replayed[reply_after:]])
    assert {block.stream.segment for block in blocks(items)} == {0, 1}
    assert spans(items) == [(0, 5000), (0, 300)]
    assert gaps(items) == [(5000, None, "end")]
    assert len(statuses(items, StatusKind.STOPPED)) == 1


# --- 11 Random bytes


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([DATA_UUID, EVENT_UUID, STATUS_UUID, CONTROL_UUID, INFO_UUID]),
            st.booleans(),
            st.one_of(
                st.binary(max_size=300),
                st.binary(max_size=299).map(lambda tail: b"\xa0" + tail),
                st.tuples(
                    st.sampled_from([b"\xa1\x00", b"\xa1\xc1", b"\xa2\x00", b"LS\x01\x18\x02\x18"]),
                    st.binary(max_size=294),
                ).map(b"".join),
                st.binary(max_size=300).map(lambda tail: b"\x81\x01\x00" + tail[:297]),
            ),
        ),
        max_size=6,
    )
)
def test_11_random_bytes_never_raise_and_the_stream_goes_on(packets: list[tuple[str, bool, bytes]]) -> None:
    noise = [
        SetupReply(at_s(0.2), SENSOR, uuid, payload[:7], payload)
        if is_reply and uuid != INFO_UUID
        else Notification(at_s(0.2), SENSOR, uuid, payload)
        for uuid, is_reply, payload in packets
    ]
    items = decode([*beginning(), long_packet(0), *noise, time_pair(at_s(10)), *map(long_packet, range(1, 5))])
    assert all(len(item.data) for item in items if isinstance(item, SampleBlock))
    assert all(item.n_missing is None or item.n_missing > 0 for item in items if isinstance(item, Gap))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_11_a_random_info_never_raises(payload: bytes) -> None:
    for beginning_of_it in (b"", b"LS\x01\x18\x01\x18", b"LS\x01\x18\x02\x18\x0f\x00\xee\xff\xc0\x00\x40\x42\x0f\x00"):
        info = SetupReply(0, SENSOR, INFO_UUID, b"", beginning_of_it + payload)
        decode([night_start(), link_up(), info, long_packet(0), long_packet(1, stream=ACC)])


OPS = st.sampled_from([*Op, 0x7F]).map(int)
REQUESTS = st.one_of(
    st.binary(max_size=12),
    st.tuples(OPS, st.integers(0, 255), st.binary(max_size=8)).map(lambda asked: bytes(asked[:2]) + asked[2]),
    st.tuples(
        st.sampled_from([Op.SET_RATE, Op.SET_SPP, Op.SET_FORMAT]), st.integers(0, 2), st.integers(0, 2**32 - 1)
    ).map(
        lambda asked: Request(asked[0], 1, (asked[1], asked[2] >> (0 if asked[0] is Op.SET_RATE else 24))).to_bytes()
    ),
)
ANSWERS = st.tuples(OPS, st.sampled_from([0, 0, 0, 3]), st.binary(max_size=20)).map(
    lambda answer: bytes((0x80 | answer[0], 1, answer[1])) + answer[2]
)
INFOS = st.tuples(st.integers(0, len(INFO.to_bytes())), st.binary(max_size=8)).map(
    lambda patch: INFO.to_bytes()[: patch[0]] + patch[1] + INFO.to_bytes()[patch[0] + len(patch[1]) :]
)
REPLIES = st.one_of(
    st.builds(SetupReply, st.just(at_s(0.2)), st.just(SENSOR), st.just(CONTROL_UUID), REQUESTS, ANSWERS),
    st.builds(SetupReply, st.just(at_s(0.2)), st.just(SENSOR), st.just(INFO_UUID), st.just(b""), INFOS),
    st.builds(SetupReply, st.just(at_s(0.2)), st.just(SENSOR), st.just(STATUS_UUID), st.just(b""), st.binary()),
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(REPLIES, max_size=6))
@example([SetupReply(at_s(0.2), SENSOR, CONTROL_UUID, b"\x01\x03\xff\xff", b"\x83\x03\x00")])
def test_11_random_pairs_of_request_and_answer_and_random_reads_never_raise(replies: list[SetupReply]) -> None:
    after = [packet for number in range(1, 5) for packet in (long_packet(number), long_packet(number, stream=ACC))]
    items = decode([*beginning(), long_packet(0), *replies, time_pair(at_s(10)), *after, info_read(INFO, at_s(20))])
    assert all(np.isfinite(item.data).all() for item in items if isinstance(item, SampleBlock))
    assert all(item.n_missing is None or item.n_missing > 0 for item in items if isinstance(item, Gap))


def test_11_an_answer_to_another_request_is_counted_and_changes_nothing() -> None:
    wrong = SetupReply(at_s(0.1), SENSOR, CONTROL_UUID, b"\x01\x03\xff\xff", b"\x83\x03\x00")
    items = decode([*beginning(), long_packet(0), wrong, long_packet(1)])
    assert len(statuses(items, StatusKind.MALFORMED)) == 1
    assert spans(items) == [(0, 100)]
