"""What a leg sensor does once a month: counts anew in short packets, changes their form, cuts them otherwise."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ingest.decoders.base import StatusKind
from ingest.decoders.lsp import LspDecoder
from ingest.decoders.lsp_info import Format, Info
from ingest.decoders.lsp_packets import DataHeader, PacketFlag, Sync, encode_long, encode_short, encode_sync
from tests.ingest.logged_sensor import (
    EMG,
    INFO,
    NO_RESEND,
    PLACEMENT,
    assert_samples_are_their_own,
    at_s,
    beginning,
    blocks,
    data,
    decode,
    gaps,
    info_read,
    link_down,
    link_up,
    long_packet,
    ramp,
    short_packet,
    spans,
    statuses,
    sync_packet,
    time_pair,
)

if TYPE_CHECKING:
    from ingest.night.records import Notification


def sync_at(number: int, mono_ns: int, tick: int) -> Notification:
    return data(encode_sync(Sync(0, number & 0xFFFF, number * 4, tick)), mono_ns)


def long_after_shorts(index: int) -> Notification:
    """A long packet of a sensor that has sent 100 short ones, 4 samples each."""
    header = DataHeader(0, PacketFlag.NONE, 100 + (index - 400) // 50, index, index * 1000)
    return data(encode_long(EMG, header, ramp(EMG, index, 50)), at_s(0.3 + index / 1000))


@pytest.mark.slow
def test_two_syncs_that_agree_with_each_other_and_not_with_the_past_begin_a_segment() -> None:
    before = [sync_packet(0, 0), *(short_packet(number, at_s(number * 0.004)) for number in range(2000))]
    after = [
        sync_at(0, at_s(60), 60_000_000),
        short_packet(0, at_s(60.01), flags=PacketFlag.DROPPED),
        sync_at(1, at_s(60.02), 60_004_000),
        short_packet(1, at_s(60.03)),
    ]
    items = decode([*beginning(), *before, *after])
    assert [(block.stream.segment, block.start) for block in blocks(items)][-2:] == [(1, 0), (1, 4)]
    assert len(statuses(items, StatusKind.MALFORMED)) == 1


def test_one_sync_that_agrees_with_nothing_is_counted_and_changes_nothing() -> None:
    before = [sync_packet(0, 0), *(short_packet(number, at_s(number * 0.004)) for number in range(500))]
    odd = data(encode_sync(Sync(0, 500, 7, 99_000_000)), at_s(2.001))
    items = decode([*beginning(), *before, odd, sync_packet(500, at_s(2.002)), short_packet(500, at_s(2.004))])
    assert spans(items) == [(0, 2004)]
    assert len(statuses(items, StatusKind.MALFORMED)) == 1


def test_short_packets_that_no_sync_places_in_10_s_are_left_out() -> None:
    early = [short_packet(number, at_s(number * 0.1)) for number in range(150)]
    items = decode([*beginning(), *early, sync_packet(150, at_s(15)), short_packet(150, at_s(15))])
    assert spans(items) == [(49 * 4, 151 * 4)]
    assert gaps(items) == []


def test_a_sensor_that_reconnects_with_a_larger_mtu_goes_on_in_long_packets() -> None:
    shorts = [sync_packet(0, 0), *(short_packet(number, at_s(number * 0.004)) for number in range(100))]
    again = [link_down(at_s(0.5)), link_up(at_s(0.6)), info_read(INFO, at_s(0.6))]
    longs = [long_after_shorts(400), long_after_shorts(500)]
    items = decode([*beginning(NO_RESEND), *shorts, *again, *longs])
    assert spans(items) == [(0, 450), (500, 550)]
    assert gaps(items) == [(450, 50, "air")]
    assert_samples_are_their_own(items)


def test_a_gap_between_short_and_long_packets_was_lost_on_the_air() -> None:
    shorts = [sync_packet(0, 0), *(short_packet(number, at_s(number * 0.004)) for number in range(100))]
    items = decode([*beginning(NO_RESEND), *shorts, long_after_shorts(440)])
    assert gaps(items) == [(400, 40, "air")]


def test_samples_that_are_sent_again_cut_otherwise_fill_the_gap_once() -> None:
    header = DataHeader(0, PacketFlag.NONE, 1, 40, 40_000)
    wide = data(encode_long(EMG, header, ramp(EMG, 40, 70)), at_s(0.3))
    items = decode([*beginning(), long_packet(0), long_packet(2), wide, long_packet(3)])
    assert spans(items) == [(0, 200)]
    assert gaps(items) == []
    assert_samples_are_their_own(items)


def test_two_packets_that_agree_with_nothing_are_both_counted() -> None:
    def odd(seq: int, index: int, tick: int) -> Notification:
        return data(encode_long(EMG, DataHeader(0, PacketFlag.NONE, seq, index, tick), ramp(EMG, 0, 50)), at_s(0.2))

    noise = [odd(7, 5, 900_000_000), odd(1000, 99_999, 5)]
    items = decode([*beginning(), long_packet(0), *noise, long_packet(1)])
    assert spans(items) == [(0, 100)]
    assert statuses(items, StatusKind.MALFORMED)[-1].values["count"] == 2.0


def test_a_late_stretch_with_a_hole_is_left_out_as_one() -> None:
    pairs = [time_pair(at_s(seconds)) for seconds in (20, 30, 40)]
    ring = [dataclasses.replace(long_packet(n), mono_ns=at_s(41)) for n in (*range(100, 200), *range(300, 820))]
    items = decode([*beginning(NO_RESEND), long_packet(0), link_down(at_s(1)), *pairs, *ring])
    unknown, lost, late = gaps(items)
    assert (unknown, lost) == ((50, None, "reconnect"), (50, 4950, "reconnect"))
    assert (late[0], late[2]) == (5000, "reconnect")
    assert spans(items) == [(0, 50), (5000 + (late[1] or 0), 41_000)]


def test_a_link_that_is_lost_while_short_packets_wait_for_a_sync_loses_none_of_them() -> None:
    waiting = [short_packet(number, at_s(number * 0.004)) for number in range(10)]
    again = [link_down(at_s(0.1)), link_up(at_s(0.2), mtu=23), sync_packet(10, at_s(0.3)), short_packet(10, at_s(0.3))]
    assert spans(decode([*beginning(), *waiting, *again])) == [(0, 44)]


def test_short_packets_carry_lead_off_like_long_ones() -> None:
    off = data(encode_short(EMG, DataHeader(0, PacketFlag.LEAD_OFF, 0, None, None), ramp(EMG, 0, 4)), at_s(0.01))
    (status,) = statuses(decode([*beginning(), sync_packet(0, 0), off]), StatusKind.LEAD_OFF)
    assert status.values == {"stream": 0.0, "lead_off": 1.0}


@pytest.mark.parametrize(("scale", "offset"), [(2e30, 0.0), (1.0, 3.5e38), (math.inf, 0.0), (1e29, 3e38)])
def test_a_scale_that_makes_infinite_samples_is_refused(scale: float, offset: float) -> None:
    assert not dataclasses.replace(EMG, scale=scale, offset=offset).usable
    assert dataclasses.replace(EMG, scale=1e29, offset=1e38).usable


@pytest.mark.parametrize("value", [math.nan, math.inf, -3e38])
def test_a_float_that_comes_from_no_converter_is_counted_and_its_packet_is_missing(value: float) -> None:
    stream = dataclasses.replace(EMG, value_format=Format.F32, scale=2.0)
    info = dataclasses.replace(NO_RESEND, streams=(stream,))
    packets = [long_packet(number, stream=stream) for number in range(3)]
    payload = packets[1].payload[:-4] + np.array([value], dtype="<f4").tobytes()
    items = decode([*beginning(info), packets[0], data(payload, at_s(0.15)), packets[2]])
    assert spans(items) == [(0, 50), (100, 150)]
    assert len(statuses(items, StatusKind.MALFORMED)) == 1


def test_what_is_sent_again_after_the_window_is_late_and_not_double_and_a_wider_window_uses_it() -> None:
    pairs = [time_pair(at_s(seconds)) for seconds in (5, 15)]
    records = [
        *beginning(),
        *map(long_packet, (0, 1, 3, 4)),
        *pairs,
        dataclasses.replace(long_packet(2), mono_ns=at_s(16)),
        dataclasses.replace(long_packet(2), mono_ns=at_s(16)),
    ]
    items = decode(records)
    assert gaps(items) == [(100, 50, "air"), (250, None, "silence")]
    assert [status.values["count"] for status in statuses(items, StatusKind.LATE)] == [50.0]
    assert [status.values["count"] for status in statuses(items, StatusKind.DUPLICATE)] == [1.0]
    assert spans(decode(records, LspDecoder(PLACEMENT, backfill_window_s=20.0))) == [(0, 250)]


def test_of_what_is_late_only_what_was_missing_counts() -> None:
    header = DataHeader(0, PacketFlag.NONE, 1, 40, 40_000)
    wide = data(encode_long(EMG, header, ramp(EMG, 40, 70)), at_s(16))
    items = decode([*beginning(), *map(long_packet, (0, 2)), time_pair(at_s(15)), wide, wide])
    assert [status.values["count"] for status in statuses(items, StatusKind.LATE)] == [50.0]


def test_a_long_packet_of_20_bytes_is_whole_where_no_link_told_its_size() -> None:
    small = data(encode_long(EMG, DataHeader(0, PacketFlag.NONE, 0, 0, 0), ramp(EMG, 0, 2)), 1)
    assert len(small.payload) == 20
    assert spans(decode([info_read(), small])) == [(0, 2)]
    assert spans(decode([link_up(mtu=23), info_read(), small])) == []


def test_a_short_packet_that_is_far_ahead_of_its_time_is_not_believed_and_moves_nothing() -> None:
    shorts = [short_packet(number | (0x2000 if number == 30 else 0), at_s(number * 0.004)) for number in range(500)]
    items = decode([*beginning(NO_RESEND), sync_packet(0, 0), *shorts])
    assert gaps(items) == [(120, 4, "air")]
    assert spans(items) == [(0, 120), (124, 2000)]
    assert [told.values["count"] for told in statuses(items, StatusKind.MALFORMED)] == [1.0]


def test_short_packets_that_go_on_far_ahead_are_believed_with_the_second() -> None:
    shorts = [short_packet(number, at_s(number * 0.004)) for number in range(30)]
    ahead = [short_packet(number, at_s(0.12 + number * 1e-5)) for number in range(1030, 1060)]
    items = decode([*beginning(NO_RESEND), sync_packet(0, 0), *shorts, *ahead])
    assert spans(items) == [(0, 120), (4120, 4240)]
    assert statuses(items, StatusKind.MALFORMED) == []


def test_no_short_packet_has_a_sample_before_the_first() -> None:
    shorts = [short_packet(number, at_s(0.1 + n * 0.004)) for n, number in enumerate((0x8000, 1, 2))]
    items = decode([*beginning(NO_RESEND), sync_packet(0, 0), *shorts])
    assert spans(items) == [(4, 12)]
    assert len(statuses(items, StatusKind.MALFORMED)) == 1


@pytest.mark.slow
def test_short_packets_without_a_sync_are_counted_once_in_10_s_and_at_the_end() -> None:
    items = decode([*beginning(NO_RESEND), *(short_packet(number, at_s(number * 0.01)) for number in range(3000))])
    told = statuses(items, StatusKind.MALFORMED)
    assert blocks(items) == []
    assert [status.mono_ns // at_s(1.0) for status in told] == [10, 20, 29]
    assert told[-1].values["count"] == 3000.0
    assert "no sync" in told[-1].detail


def test_what_still_waits_at_the_end_is_counted() -> None:
    dropped = short_packet(1, at_s(0.02), flags=PacketFlag.DROPPED)
    shorts = [sync_packet(0, 0), short_packet(0, at_s(0.01)), dropped, short_packet(2, at_s(0.03))]
    told = statuses(decode([*beginning(NO_RESEND), *shorts]), StatusKind.MALFORMED)
    assert [status.values["count"] for status in told] == [2.0]
    odd = data(encode_long(EMG, DataHeader(0, PacketFlag.NONE, 1, 50, 50_000_000), ramp(EMG, 50, 50)), at_s(0.1))
    told = statuses(decode([*beginning(NO_RESEND), long_packet(0), odd]), StatusKind.MALFORMED)
    assert [status.values["count"] for status in told] == [1.0]


@pytest.mark.parametrize(
    "changed",
    [
        dataclasses.replace(INFO, streams=(dataclasses.replace(EMG, rate_mhz=500_000),)),
        dataclasses.replace(INFO, streams=()),
        dataclasses.replace(INFO, boot_id=7),
    ],
    ids=["another rate", "no such stream", "booted"],
)
def test_what_waits_in_a_stream_when_it_is_described_otherwise_is_counted(changed: Info) -> None:
    waiting = [short_packet(number, at_s(0.01 * number)) for number in range(5)]
    items = decode([*beginning(), *waiting, info_read(changed, at_s(1))])
    (told,) = statuses(items, StatusKind.MALFORMED)
    assert (told.mono_ns, told.values["count"]) == (at_s(1), 5.0)
    odd = data(encode_long(EMG, DataHeader(0, PacketFlag.NONE, 1, 50, 50_000_000), ramp(EMG, 50, 50)), at_s(0.1))
    behind = [long_packet(0), long_packet(3), odd]
    items = decode([*beginning(), *behind, info_read(changed, at_s(1))])
    assert [status.values["count"] for status in statuses(items, StatusKind.MALFORMED)] == [1.0]
    assert gaps(items) == [(50, 100, "air"), (200, None, "end")]
