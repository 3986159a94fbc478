"""What the firmware sends arrives: short or long, over lost links and lost packets, and nothing is made up."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from ingest.decoders.lsp_control import Op
from ingest.decoders.lsp_info import Format
from ingest.decoders.lsp_packets import PacketFlag, decode_header, decode_samples, decode_sync
from ingest.decoders.lsp_status import EventPacket, EventType, StatusPacket
from tests.firmware.compiled_leg import ACC, EMG, LONG, SHORT, ramp, samples_of

if TYPE_CHECKING:
    from tests.firmware.compiled_leg import CompiledLeg

SYNC, SHORT_PACKET, LONG_PACKET = 0xA2, 0xA0, 0xA1


def start(leg: CompiledLeg, n_samples: int = 0, payload: int = LONG, mask: int = 1) -> None:
    leg.boot()
    leg.tell("link")
    leg.ask(Op.START, mask, payload=payload)
    put(leg, 0, n_samples)


def put(leg: CompiledLeg, begin: int, end: int) -> None:
    for piece in range(begin, end, 1000):
        leg.put(0, 1000 * piece, ramp(EMG, piece, min(piece + 1000, end)))


def places(packets: list[bytes]) -> list[tuple[int, int, bool]]:
    """Number, index and "dropped" of data packets; a short one has no index."""
    headers = [decode_header(packet)[0] for packet in packets if packet[0] != SYNC]
    return [(header.seq, header.index or 0, PacketFlag.DROPPED in header.flags) for header in headers]


@pytest.mark.parametrize(
    ("payload", "kind"), [(20, SHORT_PACKET), (60, SHORT_PACKET), (61, LONG_PACKET), (244, LONG_PACKET)]
)
def test_the_size_of_a_notification_decides_on_the_form(leg: CompiledLeg, payload: int, kind: int) -> None:
    start(leg, 200, payload)
    packets = leg.send(payload)
    assert {packet[0] for packet in packets} - {SYNC} == {kind}
    assert max(len(packet) for packet in packets) <= payload


def test_the_form_stays_the_same_on_one_link(leg: CompiledLeg) -> None:
    start(leg, 200)
    first = leg.send(SHORT, most=3)
    assert {packet[0] for packet in [*first, *leg.send(LONG)]} == {SYNC, SHORT_PACKET}
    leg.tell("unlink")
    leg.tell("link")
    put(leg, 200, 300)
    assert {packet[0] for packet in leg.send(LONG)} == {LONG_PACKET}


def test_the_stream_with_the_oldest_samples_goes_first(leg: CompiledLeg) -> None:
    start(leg, 200, mask=3)
    leg.put(1, 0, ramp(ACC, 0, 20))
    headers = [decode_header(packet)[0] for packet in leg.send()]
    ticks = [header.tick or 0 for header in headers]
    assert ticks == sorted(ticks)
    assert {header.stream_id for header in headers} == {0, 1}


def test_a_packet_that_the_radio_refuses_is_made_again(leg: CompiledLeg) -> None:
    start(leg, 100)
    refused = leg.hex("data", LONG, 1, 0)
    assert leg.hex("data", LONG, 1, 0) == refused
    assert leg.send()[0] == refused[0]


def test_samples_that_are_overwritten_while_the_radio_takes_them_do_not_turn_time_back(leg: CompiledLeg) -> None:
    start(leg, 10_000)
    leg.hex("data", LONG, 1, 0)
    put(leg, 10_000, 10_200)
    leg.tell("sent")
    assert places(leg.send(most=1)) == [(1, 200, True)]


def test_no_more_is_in_flight_than_can_be_taken_back(leg: CompiledLeg) -> None:
    start(leg, 2000)
    assert len(leg.hex("data", LONG, 99, 1)) == 16
    assert leg.hex("data", LONG, 99, 1) == []
    leg.tell("delivered", 3)
    assert len(leg.hex("data", LONG, 99, 1)) == 3


@pytest.mark.parametrize("payload", [LONG, SHORT])
def test_what_had_not_arrived_when_the_link_went_is_sent_again(leg: CompiledLeg, payload: int) -> None:
    start(leg, 1000, payload)
    sent = leg.hex("data", payload, 9, 1)
    leg.tell("delivered", 4)
    leg.tell("unlink")
    put(leg, 1000, 1200)
    leg.tell("link")
    again = [packet for packet in leg.send(payload) if packet[0] != SYNC]
    data = [packet for packet in sent[4:] if packet[0] != SYNC]
    assert again[: len(data)] == data


def test_nothing_is_sent_without_a_link(leg: CompiledLeg) -> None:
    start(leg, 1000)
    leg.tell("unlink")
    assert leg.send() == []


def test_ten_seconds_without_a_link_are_kept_and_more_shows_as_dropped(leg: CompiledLeg) -> None:
    start(leg, 50)
    leg.send()
    leg.tell("unlink")
    put(leg, 50, 10_050)
    leg.tell("link")
    assert places(leg.send(most=1)) == [(1, 50, False)]
    leg.tell("unlink")
    put(leg, 10_050, 10_150)
    leg.tell("link")
    assert places(leg.send())[:2] == [(2, 150, True), (3, 200, False)]
    assert StatusPacket.from_bytes(leg.hex("status")[0]).drops == 50
    events = [EventPacket.from_bytes(event).event_type for event in leg.hex("events")]
    assert events == [EventType.BOOT, EventType.OVERFLOW]


def test_a_short_stream_that_lost_samples_tells_its_place_by_a_sync_at_once(leg: CompiledLeg) -> None:
    start(leg, 10_006, SHORT)
    packets = leg.send(SHORT, most=4)
    assert [packet[0] for packet in packets] == [SYNC, SHORT_PACKET, SYNC, SHORT_PACKET]
    assert (decode_sync(packets[0]).seq, decode_sync(packets[0]).index) == (2, 8)
    assert (decode_sync(packets[2]).seq, decode_sync(packets[2]).index) == (3, 12)
    assert places(packets) == [(2, 0, True), (3, 0, False)]


def test_samples_that_could_not_be_read_are_a_gap_and_the_packet_before_is_cut(leg: CompiledLeg) -> None:
    start(leg, 70)
    leg.tell("missed", 0, 5)
    leg.put(0, 75_000, ramp(EMG, 75, 130))
    packets = leg.send()
    assert places(packets) == [(0, 0, False), (1, 50, False), (2, 75, True)]
    assert [len(decode_samples(EMG, decode_header(packet)[1])) for packet in packets] == [50, 20, 50]
    assert StatusPacket.from_bytes(leg.hex("status")[0]).drops == 5


@pytest.mark.parametrize("payload", [LONG, SHORT])
def test_a_packet_is_sent_again_byte_for_byte(leg: CompiledLeg, payload: int) -> None:
    start(leg, 3000, payload)
    first = [packet for packet in leg.send(payload) if packet[0] != SYNC]
    size = 50 if payload == LONG else 4
    assert leg.ask(Op.RESEND, 0, 20 * size + 1, 2 * size, payload=payload).result == 0
    assert [packet for packet in leg.send(payload) if packet[0] != SYNC] == first[20:23]


def test_packets_around_losses_are_sent_again_byte_for_byte(leg: CompiledLeg) -> None:
    start(leg, 70)
    for begin in range(100, 2000, 300):
        leg.tell("missed", 0, 30)
        leg.put(0, 0, ramp(EMG, begin, begin + 270))
    first = leg.send()
    assert leg.ask(Op.RESEND, 0, 0, 3000).result == 0
    assert leg.send() == first


def test_only_whole_packets_that_are_still_kept_are_sent_again(leg: CompiledLeg) -> None:
    start(leg, 10_000)
    leg.send()
    put(leg, 10_000, 10_120)
    assert leg.ask(Op.RESEND, 0, 0, 120).result != 0
    assert leg.ask(Op.RESEND, 0, 0, 300).result == 0
    assert [place[1] for place in places(leg.send(most=3))] == [150, 200, 250]


def test_a_long_packet_cannot_be_sent_again_on_a_link_of_mtu_23_and_a_short_one_becomes_long(leg: CompiledLeg) -> None:
    start(leg, 100)
    leg.send()
    leg.tell("unlink")
    leg.tell("link")
    put(leg, 100, 200)
    leg.send(SHORT)
    assert leg.ask(Op.RESEND, 0, 0, 50, payload=SHORT).result == 6
    leg.tell("unlink")
    leg.tell("link")
    assert leg.ask(Op.RESEND, 0, 104, 4).result == 0
    (packet,) = leg.send()
    header, samples = decode_header(packet)
    assert (header.seq, header.index, header.tick) == (26, 104, 104_000)
    assert len(decode_samples(EMG, samples)) == 4


def test_an_electrode_that_is_off_shows_in_the_packets_of_the_streams_that_can_tell(leg: CompiledLeg) -> None:
    start(leg, 50, mask=3)
    leg.put(1, 0, ramp(ACC, 0, 10))
    leg.tell("lead", 0, 2, 0)
    flags = {decode_header(packet)[0].stream_id: decode_header(packet)[0].flags for packet in leg.send()}
    assert flags == {0: PacketFlag.LEAD_OFF, 1: PacketFlag.NONE}


@pytest.mark.slow
def test_numbers_of_packets_wrap_and_are_sent_again_over_the_wrap(leg: CompiledLeg) -> None:
    small = dataclasses.replace(EMG, channels=1, value_format=Format.I8, samples_per_packet=1)
    leg.boot(samples_of([small]))
    leg.tell("link")
    leg.ask(Op.START, 1)
    packets: list[bytes] = []
    for _begin in range(0, 66_000, 4000):
        leg.put(0, 0, [[1]] * 4000)
        packets += leg.send()
    assert [decode_header(packet)[0].seq for packet in packets] == [n & 0xFFFF for n in range(68_000)]
    assert leg.ask(Op.RESEND, 0, 65_530, 12).result == 0
    assert leg.send() == packets[65_530:65_542]
