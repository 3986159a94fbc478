"""What is the same for all sensors: gaps, segments, watermarks, late samples, and what a change-only sensor holds."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import Leg, Quantity, Unit
from ingest.decoders.base import Item, Placement, StatusKind
from ingest.decoders.layout import Counting, Pressed, Reported, Restarted, Said, Samples, StreamLayout
from ingest.decoders.profile import LossMode
from ingest.decoders.reading import PacketDecoder
from ingest.decoders.reports import BATTERY_LEVEL_UUID
from ingest.errors import DecodeError
from ingest.night.records import LinkDown, LinkUp, Notification, Record, RecoveryStep, SetupReply
from tests.ingest.logged_sensor import (
    NS_PER_S,
    UTC_NS,
    at_s,
    blocks,
    decode,
    gaps,
    markers,
    night_start,
    spans,
    statuses,
    time_pair,
    watermarks,
)

SENSOR, UUID = "left-calf", "0000beef-0000-1000-8000-00805f9b34fb"
FS_HZ, N = 100.0, 10
KEPT = Counting(LossMode.SAMPLE_COUNTER, span=1 << 32, survives_link=True)
ANEW = Counting(LossMode.SAMPLE_COUNTER, span=1 << 32)
CHANGES = Counting(LossMode.NONE, on_change=True)
CLOCK = Counting(LossMode.DEVICE_TS)


class Toy:
    """Reads ``[counter i64][values f32...]``; a first byte of its own makes it say something else."""

    def __init__(self, counting: Counting = KEPT, fs_hz: float = FS_HZ) -> None:
        self.layout = StreamLayout(Quantity.ACCELERATION, Unit.G, ("x",), fs_hz, counting)
        self.n_unlinked = 0

    def reply(self, characteristic: str, request: bytes, payload: bytes) -> list[Said]:
        return [] if request else self.notified(characteristic, payload)

    def notified(self, characteristic: str, payload: bytes) -> list[Said]:
        if characteristic != UUID:
            return []
        match payload[:1], len(payload):
            case b"r", 1:
                return [Restarted("began again")]
            case b"p", 1:
                return [Pressed()]
            case b"s", 1:
                return [Reported(StatusKind.DEVICE, "something", {})]
            case b"o", 1:
                return [Reported(StatusKind.MALFORMED, "something odd", {"bytes": 1.0})]
            case _, length if length < 8 or length % 4:
                raise DecodeError(f"toy packet of {length} bytes")
        (counter,) = struct.unpack_from("<q", payload)
        data = np.frombuffer(payload, dtype="<f4", offset=8)[:, None]
        device_ns = counter * NS_PER_S // 100 if self.layout.counting is CLOCK else None
        return [Samples(self.layout, data, counter, device_ns)]

    def unlinked(self) -> None:
        self.n_unlinked += 1


def packet(number: float, late_s: float = 0.005, values: list[float] | None = None) -> Notification:
    """Ten samples that carry their index; `number` tenths of a second after the first."""
    start = round(number * N)
    data = np.arange(start, start + N) if values is None else np.array(values)
    payload = struct.pack("<q", start) + data.astype("<f4").tobytes()
    return Notification(at_s((start + len(data)) / FS_HZ + late_s), SENSOR, UUID, payload)


def said(letter: bytes, mono_s: float) -> Notification:
    return Notification(at_s(mono_s), SENSOR, UUID, letter)


def toy(counting: Counting = KEPT, window_s: float = 10.0) -> PacketDecoder:
    return PacketDecoder(Placement(SENSOR, Leg.LEFT, "calf"), Toy(counting), backfill_window_s=window_s)


def night(records: list[Record], decoder: PacketDecoder | None = None, speed: float = 1.0) -> list[Item]:
    return decode([night_start(speed), LinkUp(0, SENSOR, 247), *records], decoder or toy())


def down_and_up(down_s: float, up_s: float) -> list[Record]:
    return [LinkDown(at_s(down_s), SENSOR, "gone"), LinkUp(at_s(up_s), SENSOR, 247)]


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(st.sampled_from([KEPT, ANEW, CLOCK]), st.lists(st.integers(0, 199), max_size=60))
def test_gaps_are_exactly_what_was_left_out_and_every_sample_is_its_own(counting: Counting, lost: list[int]) -> None:
    numbers = [0, *(number for number in range(1, 200) if number not in lost)]
    items = night([packet(number) for number in numbers], toy(counting))
    missing = sorted(set(range(numbers[-1] + 1)) - set(numbers))
    told = [index for first, n_missing, _ in gaps(items) for index in range(first, first + (n_missing or 0))]
    assert told == [number * N + k for number in missing for k in range(N)]
    for block in blocks(items):
        assert block.data[:, 0].tolist() == list(range(block.start, block.stop))


def test_duplicates_and_malformed_packets_are_counted_and_change_nothing() -> None:
    noise = [said(b"x", 1), said(b"", 1), packet(2, values=[math.nan]), packet(2, values=[1.0, 3e38]), packet(1)]
    items = night([packet(0), packet(1), *noise, packet(2), packet(3)])
    assert spans(items) == [(0, 4 * N)]
    assert [status.values["count"] for status in statuses(items, StatusKind.MALFORMED)] == [1, 2, 3, 4]
    assert len(statuses(items, StatusKind.DUPLICATE)) == 1


@pytest.mark.parametrize("counting", [KEPT, ANEW])
def test_a_lost_link_is_a_gap_where_the_count_survives_it_and_a_new_segment_elsewhere(counting: Counting) -> None:
    items = night([*map(packet, range(50)), *down_and_up(6, 20), *map(packet, range(200, 250))], toy(counting))
    if counting is KEPT:
        assert gaps(items) == [(500, 1500, "reconnect")]
        assert spans(items) == [(0, 500), (2000, 2500)]
    else:
        assert gaps(items) == [(500, None, "end")]
        assert [block.stream.segment for block in blocks(items)] == [0] * 50 + [1] * 50
    for block in blocks(items):
        assert block.clock.at(block.start) - UTC_NS == pytest.approx(block.data[0, 0] / FS_HZ * NS_PER_S, abs=2e7)


def test_a_sensor_that_was_off_while_the_link_was_lost_begins_a_segment() -> None:
    again = [Notification(at_s(600 + number / 10), SENSOR, UUID, packet(number).payload) for number in range(60, 90)]
    items = night([*map(packet, range(50)), *down_and_up(6, 599), *again])
    assert gaps(items) == [(500, None, "end")]
    assert blocks(items)[-1].clock.at(blocks(items)[-1].start) - UTC_NS == pytest.approx(at_s(608.8), abs=2e7)


def test_a_restart_begins_a_segment_of_every_stream_and_other_news_is_passed_on() -> None:
    items = night([packet(0), said(b"s", 0.2), said(b"p", 0.3), said(b"r", 0.4), said(b"r", 0.4), packet(0, 1.0)])
    assert [(block.stream.segment, block.start) for block in blocks(items)] == [(0, 0), (1, 0)]
    assert len(statuses(items, StatusKind.REBOOT)) == 2
    assert len(statuses(items, StatusKind.DEVICE)) == 1
    assert [marker.t_ns for marker in markers(items)] == [UTC_NS + at_s(0.3)]


def test_a_stream_whose_layout_changes_goes_on_as_another_segment() -> None:
    reader = Toy()
    decoder = PacketDecoder(Placement(SENSOR, Leg.LEFT, "calf"), reader)
    items = night([packet(0), packet(1)], decoder)
    reader.layout = Toy(fs_hz=50.0).layout
    items += decoder.feed(packet(2))
    assert [(block.stream.fs_hz, block.stream.segment) for block in blocks(items)] == [(100, 0), (100, 0), (50, 1)]


def test_battery_and_identity_are_read_whatever_the_sensor_and_other_records_say_nothing() -> None:
    items = night([
        SetupReply(1, SENSOR, BATTERY_LEVEL_UUID, b"", b"\x21"),
        SetupReply(2, SENSOR, UUID, b"", packet(0).payload),
        SetupReply(2, SENSOR, UUID, b"\1", packet(1).payload),
        Notification(2, "other", UUID, packet(1).payload),
        RecoveryStep(3, SENSOR, "restart", ""),
    ])  # fmt: skip
    assert statuses(items, StatusKind.BATTERY)[0].values == {"battery_pct": 33.0}
    assert spans(items) == [(0, N)]


def test_a_silent_stream_has_a_gap_and_watermarks_from_the_log() -> None:
    pairs = [time_pair(at_s(seconds)) for seconds in range(0, 50, 10)]
    items = night([packet(0), *down_and_up(1, 45)[:1], *pairs])
    assert gaps(items) == [(N, None, "reconnect")]
    assert [mark.t_ns - UTC_NS for mark in watermarks(items)] == [at_s(8), at_s(18), at_s(28)]
    silent = night([packet(0), *pairs])
    assert gaps(silent) == [(N, None, "silence")]


@pytest.mark.parametrize("window_s", [10.0, math.inf])
def test_samples_older_than_a_watermark_are_late_and_a_wider_window_uses_them(window_s: float) -> None:
    decoder = toy(window_s=window_s)
    pairs: list[Record] = [time_pair(at_s(seconds)) for seconds in range(0, 50, 10)]
    items = night([packet(0), *pairs, *(packet(number, 45 - number / 10) for number in range(1, 400))], decoder)
    n_used = sum(len(block.data) for block in blocks(items))
    assert decoder.n_late == (0 if window_s == math.inf else 4000 - n_used)
    assert (decoder.n_late > 2000) is (window_s != math.inf)


def test_each_segment_tells_its_clock() -> None:
    decoder = toy(ANEW)
    night([*map(packet, range(1500)), *down_and_up(150, 160), *map(packet, range(1700, 1800))], decoder)
    (first, quality), (second, _) = decoder.clocks
    assert (first.segment, second.segment) == (0, 1)
    assert quality.n_minima > 25
    assert abs(quality.slope_ppm) < 1


def test_a_new_connection_begins_with_the_rate_that_was_measured_in_the_one_before() -> None:
    counting = Counting(LossMode.RATE_ONLY)
    before = [packet(number, late_s=0.04 * number / 10) for number in range(1200)]  # 4 % slower than it says
    again = [packet(number, late_s=24.8 + 0.04 * (number - 1500) / 10) for number in range(1500, 1800)]
    items = night([*before, *down_and_up(126, 160), *again], toy(counting))
    for block in [block for block in blocks(items) if block.stream.segment]:
        true_s = 174.8 + 1.04 * block.start / FS_HZ
        assert block.clock.at(block.start) - UTC_NS == pytest.approx(at_s(true_s), abs=5e7)


# --- a sensor that sends only what changed


def changed(mono_s: float, value: float) -> Notification:
    return Notification(at_s(mono_s), SENSOR, UUID, struct.pack("<qf", 0, value))


def levels(items: list[Item]) -> np.ndarray:
    return np.concatenate([block.data[:, 0] for block in blocks(items)])


def test_what_does_not_change_is_held_until_it_does() -> None:
    items = night([changed(1, 5.0), changed(151, 7.0), changed(151.01, 8.0)], toy(CHANGES))
    assert gaps(items) == []
    assert levels(items).tolist() == [5.0] * 15_000 + [7.0, 8.0]


@pytest.mark.parametrize("window_s", [10.0, math.inf])
def test_what_is_held_is_handed_out_as_time_goes_on_and_the_same_whatever_the_window(window_s: float) -> None:
    pairs: list[Record] = [time_pair(at_s(seconds)) for seconds in range(0, 900, 10)]
    records = [changed(1, 5.0), *pairs[1:], changed(900, 7.0)]
    decoder = toy(CHANGES, window_s)
    items = night(records, decoder)
    assert levels(items).tolist() == [5.0] * 89_900 + [7.0]
    assert gaps(items) == []
    assert watermarks(items) == []
    assert decoder.n_late == 0
    last = blocks(items)[-1]
    assert last.clock.at(last.start) - UTC_NS == pytest.approx(at_s(900 - 1 / FS_HZ), abs=2e7)


def test_nothing_is_held_over_a_lost_link() -> None:
    pairs: list[Record] = [time_pair(at_s(seconds)) for seconds in (30, 40)]
    items = night([changed(1, 5.0), *down_and_up(2, 50)[:1], *pairs, changed(51, 7.0)], toy(CHANGES))
    assert levels(items).tolist() == [5.0, 7.0]
    assert [cause for _, _, cause in gaps(items)] == ["reconnect", "end"]


# --- a night that is played faster than it lasts


@pytest.mark.parametrize("counting", [KEPT, CLOCK])
def test_at_speed_samples_are_placed_by_their_count_whatever_their_delay(counting: Counting) -> None:
    rng = np.random.default_rng(7)
    records: list[Record] = [packet(0), *(packet(number, 60 * rng.random()) for number in range(1, 800))]
    items = night(records, toy(counting), speed=240.0)
    assert spans(items) == [(0, 8_000)]
    for block in blocks(items):
        assert block.clock.at(block.start) - UTC_NS == pytest.approx(at_s(block.start / FS_HZ), abs=6e6)


def test_what_a_reader_says_was_left_out_and_what_it_refuses_are_counted_together() -> None:
    odd, refused = (Notification(at_s(1), SENSOR, UUID, payload) for payload in (b"o", b"short"))
    told = statuses(night([odd, refused, odd, refused]), StatusKind.MALFORMED)
    assert [status.values["count"] for status in told] == [1.0, 2.0, 3.0, 4.0]
    assert told[2].values == {"bytes": 1.0, "count": 3.0}
