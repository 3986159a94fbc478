"""The conformance list of the Leg Sensor Profile, items 1 to 5: what the packets say."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.decoders.base import StatusKind
from ingest.decoders.lsp_info import INFO_UUID, Info
from ingest.decoders.lsp_packets import PacketFlag
from ingest.errors import DecodeError
from ingest.night.records import SetupReply
from tests.ingest.logged_sensor import (
    NO_RESEND,
    SENSOR,
    assert_samples_are_their_own,
    at_s,
    beginning,
    blocks,
    data,
    decode,
    gaps,
    info_read,
    link_up,
    long_packet,
    night_start,
    short_packet,
    spans,
    statuses,
    sync_packet,
    vector,
)

# --- 1 Info


def test_1_info_reads_as_the_profile_says() -> None:
    info = Info.from_bytes(vector("lsp_info"))
    assert (info.device_uid, info.flags, info.tick_hz, info.max_payload) == (0x00C0FFEE, 15, 1_000_000, 244)
    assert (info.body_location, info.accuracy_ppm, info.boot_id) == (3, 40, 0xA1B2C3D4)
    emg, acc = info.streams
    assert (emg.kind, emg.channels, emg.fs_hz, emg.scale, emg.samples_per_packet) == (1, 2, 1000.0, 0.25, 50)
    assert (emg.flags, emg.high_pass_chz, emg.low_pass_hz) == (4, 2000, 450)
    assert (acc.kind, acc.channels, acc.fs_hz, acc.scale, acc.samples_per_packet) == (2, 3, 100.0, 1 / 8192, 10)
    assert info.to_bytes() == vector("lsp_info")


def test_1_a_longer_header_and_longer_descriptors_are_skipped() -> None:
    plain = vector("lsp_info")
    header = bytes((*plain[:2], 2, 27, plain[4], 25)) + plain[6:24] + b"new"
    later = header + plain[24:48] + b"!" + plain[48:72] + b"!" + b"tail"
    assert Info.from_bytes(later).streams == Info.from_bytes(plain).streams
    assert Info.from_bytes(later).version == 2


@pytest.mark.parametrize("damage", [b"XS", b"LX", b"", b"LS\x00"])
def test_1_a_wrong_magic_is_rejected(damage: bytes) -> None:
    with pytest.raises(DecodeError, match="beginning 4c5301"):
        Info.from_bytes(damage + vector("lsp_info")[len(damage) :] if damage else b"")


def test_1_an_info_that_ends_early_is_rejected() -> None:
    for length in range(72):
        with pytest.raises(DecodeError):
            Info.from_bytes(vector("lsp_info")[:length])


# --- 2 Long


def test_2_the_long_vectors_give_gaps_of_exactly_0_and_2_samples() -> None:
    names = ("lsp_long_acc", "lsp_long_acc_next", "lsp_long_acc_lost1")
    records = [data(vector(name), at_s(1 + number / 50)) for number, name in enumerate(names)]
    items = decode([night_start(), link_up(), SetupReply(0, SENSOR, INFO_UUID, b"", vector("lsp_info")), *records])
    assert gaps(items) == [(74, 2, "air")]
    assert spans(items) == [(70, 74), (76, 78)]
    np.testing.assert_array_equal(blocks(items)[0].data, [[0, 0, 1], [-1, 0.5, 0.25]])


def test_2_loss_on_the_air_and_in_the_sensor_at_once_is_told_apart() -> None:
    records = [long_packet(0), long_packet(1), long_packet(4, shift=7, flags=PacketFlag.DROPPED)]
    items = decode([*beginning(NO_RESEND), *records])
    assert gaps(items) == [(100, 100, "air"), (200, 7, "device")]
    assert spans(items) == [(0, 100), (207, 257)]


def test_2_consecutive_packets_with_an_index_that_jumps_were_dropped_in_the_sensor() -> None:
    items = decode([*beginning(), long_packet(0), long_packet(1, shift=3, flags=PacketFlag.DROPPED)])
    assert gaps(items) == [(50, 3, "device")]


# --- 3 Short


def test_3_the_short_vector_sits_where_its_sync_says_and_the_next_one_follows_over_the_wrap() -> None:
    next_short = bytes.fromhex("a000 0000") + vector("lsp_short")[4:]
    packets = [vector("lsp_sync"), vector("lsp_short"), next_short]
    records = [data(payload, at_s(1 + number / 250)) for number, payload in enumerate(packets)]
    items = decode(
        [night_start(), link_up(mtu=23), SetupReply(0, SENSOR, INFO_UUID, b"", vector("lsp_info")), *records]
    )
    assert spans(items) == [(262_140, 262_148)]
    assert gaps(items) == []
    np.testing.assert_array_equal(blocks(items)[0].data, np.array([[1, -1], [2, -2], [3, -3], [4, -4]]) * 0.25)


def test_3_short_packets_wait_for_their_first_sync_and_are_not_lost() -> None:
    records = [short_packet(number, at_s(number * 0.004)) for number in range(200)]
    items = decode([*beginning(), *records, sync_packet(200, at_s(0.8)), short_packet(200, at_s(0.804))])
    assert spans(items) == [(0, 804)]
    assert_samples_are_their_own(items)


def test_3_samples_dropped_before_short_packets_show_at_the_next_sync() -> None:
    before = [sync_packet(0, 0), *(short_packet(number, at_s(number * 0.004)) for number in range(10))]
    after = [
        short_packet(10, at_s(0.041), shift=9, flags=PacketFlag.DROPPED),
        short_packet(11, at_s(0.045), shift=9),
        sync_packet(12, at_s(0.049), shift=9),
        short_packet(12, at_s(0.049), shift=9),
    ]
    items = decode([*beginning(), *before, *after])
    assert gaps(items) == [(40, 9, "device")]
    assert spans(items) == [(0, 40), (49, 61)]
    assert_samples_are_their_own(items)


def test_3_lost_short_packets_are_counted_over_the_wrap() -> None:
    numbers = [65_530, *range(65_535, 65_540)]
    first = [sync_packet(65_530, at_s(0)), *(short_packet(n, at_s((n - 65_530) * 0.004)) for n in numbers)]
    items = decode([*beginning(NO_RESEND), *first])
    assert gaps(items) == [(262_124, 16, "air")]
    assert spans(items)[-1] == (262_140, 262_160)


# --- 4 Truncated


@pytest.mark.parametrize("length", [0, 1, 3, 5, 11, 12, 23, 211])
def test_4_a_truncated_packet_is_counted_and_changes_nothing(length: int) -> None:
    cut = data(long_packet(1).payload[:length], at_s(0.11))
    items = decode([*beginning(), long_packet(0), cut, long_packet(1), long_packet(2)])
    assert [status.values["count"] for status in statuses(items, StatusKind.MALFORMED)] == [1.0]
    assert gaps(items) == []
    assert spans(items) == [(0, 150)]


def test_4_a_long_packet_that_an_mtu_of_23_cut_to_whole_samples_is_not_believed() -> None:
    cut = data(long_packet(1).payload[:20], at_s(0.1))
    items = decode([night_start(), link_up(mtu=23), info_read(), cut, cut])
    assert blocks(items) == []
    assert "MTU of 23" in statuses(items, StatusKind.MALFORMED)[0].detail


def test_4_a_short_packet_has_to_be_full() -> None:
    half = data(short_packet(1, 0).payload[:12], at_s(0.01))
    items = decode([*beginning(), sync_packet(0, 0), short_packet(0, 0), half, short_packet(1, at_s(0.02))])
    assert len(statuses(items, StatusKind.MALFORMED)) == 1
    assert spans(items) == [(0, 8)]


# --- 5 Duplicate


def test_5_a_duplicate_packet_is_ignored_and_counted() -> None:
    records = [long_packet(number) for number in (0, 1, 1, 0, 2)]
    items = decode([*beginning(), *records])
    assert spans(items) == [(0, 150)]
    assert gaps(items) == []
    assert [status.values["count"] for status in statuses(items, StatusKind.DUPLICATE)] == [1.0, 2.0]
