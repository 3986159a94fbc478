"""The virtual sensor by itself: its memory, its packets and its control point are those of the Leg Sensor Profile."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.signal import NS_PER_S
from ingest.decoders.lsp_control import Op, Request, Response, Result
from ingest.decoders.lsp_info import Info
from ingest.decoders.lsp_packets import PacketFlag, decode_header, decode_samples, decode_sync
from ingest.decoders.lsp_status import StatusPacket
from ingest.virtual.device import LegDevice
from ingest.virtual.leg import Curtain, describe
from ingest.virtual.ring import Packet, SampleRing
from tests.bedroom import LEFT, RIGHT
from tests.counting_leg import CountingLeg

LEG = CountingLeg(60.0)
EMG, ACCELERATION = describe(LEG, 1)


def ring(capacity: int = 1000) -> SampleRing:
    return SampleRing(EMG, LEG.emg, capacity, first_tick=1_000_000)


def device(curtain: Curtain | None = None, drift_ppm: float = 0.0) -> LegDevice:
    spec = LEFT if not drift_ppm else type(LEFT)("left", "C4:00:00:00:00:01", "LSP-L001", 1, 3, drift_ppm=drift_ppm)
    return LegDevice(spec, LEG, curtain or Curtain(1), boot_id=7, mono_ns=0)


def ask(sensor: LegDevice, op: Op, *values: int, mono_ns: int = 0) -> Response:
    return Response.from_bytes(sensor.answer(Request(op, 9, values).to_bytes(), mono_ns))


def raw(packet: Packet) -> list[int]:
    _, samples = decode_header(packet.payload)
    return [int(value) for value in np.asarray(decode_samples(EMG, samples))[:, 0]]


@pytest.mark.slow
@given(st.lists(st.integers(1, 400), min_size=1, max_size=30))
def test_long_packets_carry_every_sample_once_however_production_is_cut(steps: list[int]) -> None:
    memory, until, carried = ring(), 0, []
    for number, step in enumerate(steps):
        until += step
        memory.produce(until)
        while (packet := memory.next_long(flush=number == len(steps) - 1)) is not None:
            carried += raw(packet)
    assert carried == list(range(until))
    assert memory.dropped == 0


def test_a_long_packet_says_its_number_index_and_tick() -> None:
    memory = ring()
    memory.produce(300)
    headers = [decode_header(packet.payload)[0] for packet in iter(memory.next_long, None)]
    assert [(header.seq, header.index, header.tick) for header in headers] == [(0, 0, 1_000_000), (1, 116, 1_232_000)]


def test_samples_that_no_longer_fit_are_dropped_oldest_first_and_the_next_packet_says_so() -> None:
    memory = ring(capacity=500)
    memory.produce(700)
    packet = memory.next_long()
    assert packet is not None
    header, _ = decode_header(packet.payload)
    assert (header.index, header.seq, header.flags) == (200, 0, PacketFlag.DROPPED)
    assert memory.dropped == 200
    following = memory.next_long()
    assert following is not None
    assert decode_header(following.payload)[0].flags == PacketFlag.NONE


def test_a_packet_that_never_arrived_is_sent_again_with_its_number() -> None:
    memory = ring()
    memory.produce(400)
    packets = [memory.next_long(), memory.next_long(), memory.next_long()]
    lost = packets[1]
    assert lost is not None
    memory.rewind(lost)
    assert memory.next_long() == lost
    assert memory.next_long() == packets[2]
    assert memory.dropped == 0


def test_what_was_overwritten_while_it_was_on_its_way_is_dropped_and_counted_once() -> None:
    memory = ring(capacity=500)
    memory.produce(400)
    first = memory.next_long()
    assert first is not None
    memory.next_long()
    memory.produce(1000)
    memory.rewind(first)
    assert memory.dropped == 500
    assert memory.sent == 500


def test_short_packets_are_numbered_by_their_place_and_a_sync_says_which() -> None:
    memory = ring()
    memory.produce(20)
    sync = memory.sync(lambda tick: tick + 5)
    assert sync is not None
    assert decode_sync(sync).index == 0
    assert decode_sync(sync).unix_us == 1_000_005
    assert memory.sync(lambda tick: tick) is None
    packets = [memory.next_short(), memory.next_short()]
    assert [packet.seq for packet in packets if packet] == [0, 1]
    assert memory.next_short() is None
    memory.new_link()
    memory.produce(40)
    again = memory.sync(lambda tick: tick)
    assert again is not None
    assert (decode_sync(again).seq, decode_sync(again).index) == (2, 16)


def test_two_sensors_begin_with_the_same_sample_of_the_night_when_the_last_one_is_started() -> None:
    curtain = Curtain(2)
    left = LegDevice(LEFT, LEG, curtain, boot_id=1, mono_ns=0)
    right = LegDevice(RIGHT, LEG, curtain, boot_id=2, mono_ns=0)
    ask(left, Op.START, 3, mono_ns=1 * NS_PER_S)
    left.produce(5 * NS_PER_S, hold=False)
    assert not left.rings
    ask(right, Op.START, 3, mono_ns=5 * NS_PER_S)
    for sensor in (left, right):
        sensor.produce(7 * NS_PER_S, hold=False)
        assert [memory.produced for memory in sensor.rings] == [1000, 100]
        first = sensor.rings[0].next_long()
        assert first is not None
        assert decode_header(first.payload)[0].tick == 5_000_000
        assert raw(first)[0] == 0


def test_a_sensor_started_late_begins_with_the_sample_of_that_moment() -> None:
    curtain = Curtain(1)
    curtain.arrive("left", 0)
    sensor = device(curtain)
    ask(sensor, Op.START, 3, mono_ns=10 * NS_PER_S)
    sensor.produce(11 * NS_PER_S, hold=False)
    first = sensor.rings[0].next_long()
    assert first is not None
    assert decode_header(first.payload)[0].index == 0
    assert raw(first)[0] == 5000


def test_a_night_that_is_ended_ends_with_the_samples_of_that_moment_however_late_they_are_taken() -> None:
    curtain = Curtain(1)
    sensor = device(curtain)
    ask(sensor, Op.START, 0xFF)
    sensor.produce(NS_PER_S, hold=False)
    curtain.fall(2 * NS_PER_S)
    sensor.produce(3 * NS_PER_S, hold=False)
    curtain.fall(4 * NS_PER_S)
    sensor.produce(5 * NS_PER_S, hold=False)
    assert [ring.produced for ring in sensor.rings] == [2 * 500, 2 * 50]
    assert all(map(sensor.at_end, sensor.rings))
    ask(sensor, Op.STOP)
    ask(sensor, Op.START, 0xFF, mono_ns=6 * NS_PER_S)
    sensor.produce(7 * NS_PER_S, hold=False)
    assert [ring.produced for ring in sensor.rings] == [0, 0]
    assert sensor.finished


def test_start_is_idempotent_and_stop_then_start_counts_anew() -> None:
    sensor = device()
    assert ask(sensor, Op.START, 3).result == Result.OK
    sensor.produce(2 * NS_PER_S, hold=False)
    assert ask(sensor, Op.START, 3, mono_ns=2 * NS_PER_S).result == Result.OK
    assert [memory.produced for memory in sensor.rings] == [1000, 100]
    assert ask(sensor, Op.STOP, mono_ns=2 * NS_PER_S).result == Result.OK
    ask(sensor, Op.START, 1, mono_ns=3 * NS_PER_S)
    sensor.produce(4 * NS_PER_S, hold=False)
    assert [memory.produced for memory in sensor.rings] == [500]


def test_with_hold_nothing_unsent_is_overwritten() -> None:
    sensor = device()
    ask(sensor, Op.START, 3)
    sensor.produce(30 * 60 * NS_PER_S, hold=True)
    assert all(memory.dropped == 0 for memory in sensor.rings)


def test_time_that_was_set_is_told_by_the_sensors_own_clock() -> None:
    sensor = device(drift_ppm=100.0)
    ask(sensor, Op.SET_TIME, 1_790_000_000_000_000, mono_ns=0)
    told = ask(sensor, Op.GET_TIME, mono_ns=100 * NS_PER_S)
    assert (told.tick, told.unix_us) == (100_010_000, 1_790_000_100_010_000)


def test_a_drifting_sensor_samples_faster_by_as_much() -> None:
    sensor = device(drift_ppm=1000.0)
    ask(sensor, Op.START, 3)
    sensor.produce(20 * NS_PER_S, hold=False)
    assert sensor.rings[0].produced == 10_010


@pytest.mark.parametrize(
    ("request_bytes", "result"),
    [
        (b"\x01", Result.LENGTH),
        (b"\x01\x05\x01", Result.LENGTH),
        (b"\x77\x05", Result.UNKNOWN_OP),
        (b"\x01\x05\x00\xf0", Result.PARAMETER),
        (b"\x03\x05\x00\x20\xa1\x07\x00", Result.UNSUPPORTED),
        (b"\x0c\x05\x07\x00\x00\x00\x00\x01\x00", Result.PARAMETER),
    ],
)
def test_a_request_that_makes_no_sense_is_answered_and_not_obeyed(request_bytes: bytes, result: Result) -> None:
    sensor = device()
    answer = sensor.answer(request_bytes, 0)
    assert answer[0] == request_bytes[0] | 0x80
    assert answer[2] == result
    assert not sensor.started


def test_resend_repeats_the_packets_that_hold_the_samples_with_number_and_index() -> None:
    sensor = device()
    ask(sensor, Op.START, 3)
    sensor.produce(2 * NS_PER_S, hold=False)
    memory = sensor.rings[0]
    packets = list(iter(memory.next_long, None))
    assert ask(sensor, Op.RESEND, 0, 200, 100).result == Result.OK
    assert list(sensor.wanted_again) == [(memory, packet) for packet in packets[1:3]]


def test_info_and_status_are_what_the_decoder_reads() -> None:
    sensor = device()
    info = Info.from_bytes(sensor.info.to_bytes())
    assert (info.boot_id, info.body_location, info.max_payload) == (7, 3, 244)
    assert info.streams == (EMG, ACCELERATION)
    status = StatusPacket.from_bytes(sensor.status(3600 * NS_PER_S))
    assert status.battery_mv == 4_110
