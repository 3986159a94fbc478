"""What a leg sensor is asked to send again: everything the air lost, little at a time, and never for ever."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.decoders.lsp_control import Op, Request, Response, Result
from ingest.decoders.lsp_info import CONTROL_UUID, DATA_UUID, INFO_UUID, Info
from ingest.decoders.lsp_missing import MOST_PIECES
from ingest.decoders.lsp_packets import PacketFlag
from ingest.decoders.lsp_resend import MOST_ASKED, MOST_ON_THEIR_WAY, MOST_REFUSALS, RING_S, ResendPlanner
from ingest.decoders.lsp_setup import LSP
from tests.ingest.logged_sensor import ACC, INFO, NO_RESEND, at_s, long_packet, short_packet, sync_packet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingest.night.records import Notification


def planner(info: Info = INFO) -> ResendPlanner:
    asking = ResendPlanner()
    asking.linked(0)
    asking.replied(INFO_UUID, b"", info.to_bytes(), 0)
    return asking


def hear(asking: ResendPlanner, packets: Iterable[Notification]) -> None:
    for packet in packets:
        asking.heard(packet.characteristic, packet.payload, packet.mono_ns)


def asked(asking: ResendPlanner, mono_ns: int) -> Request | None:
    step = asking.due(mono_ns)
    return None if step is None else Request.from_bytes(step.payload)


def answer(asking: ResendPlanner, request: Request, result: Result, mono_ns: int) -> None:
    response = Response(Op.RESEND, request.tid, result)
    asking.replied(CONTROL_UUID, request.to_bytes(), response.to_bytes(), mono_ns)


def all_asked(asking: ResendPlanner, mono_ns: int, until_s: float = 60.0) -> list[tuple[int, ...]]:
    """What is asked for of a sensor that says yes and then sends nothing."""
    found = []
    for step in range(round(until_s * 20)):
        request = asked(asking, mono_ns + at_s(step / 20))
        if request is not None:
            found.append(request.values)
            answer(asking, request, Result.OK, mono_ns + at_s(step / 20))
    return found


def test_a_packet_that_the_air_lost_is_asked_for_at_once_and_no_more_when_it_came() -> None:
    asking = planner()
    hear(asking, map(long_packet, (0, 1, 3)))
    request = asked(asking, at_s(0.2))
    assert request is not None
    assert (request.op, request.values) == (Op.RESEND, (0, 100, 50))
    answer(asking, request, Result.OK, at_s(0.25))
    hear(asking, [long_packet(2)])
    assert all_asked(asking, at_s(1)) == []


def test_what_was_lost_inside_the_sensor_is_never_asked_for() -> None:
    asking = planner()
    hear(asking, [long_packet(0), long_packet(1, shift=300, flags=PacketFlag.DROPPED)])
    assert all_asked(asking, at_s(1)) == []


def test_a_sensor_that_cannot_send_again_is_never_asked() -> None:
    asking = planner(NO_RESEND)
    hear(asking, map(long_packet, (0, 5)))
    assert all_asked(asking, at_s(1)) == []


def test_what_a_reconnect_lost_is_asked_for_on_the_new_link() -> None:
    asking = planner()
    hear(asking, map(long_packet, range(10)))
    asking.linked(at_s(5))
    asking.replied(INFO_UUID, b"", INFO.to_bytes(), at_s(5))
    hear(asking, map(long_packet, range(40, 42)))
    assert set(all_asked(asking, at_s(6))) == {(0, 500, 1000), (0, 1500, 500)}


def test_a_request_that_was_under_way_when_the_link_went_is_made_again() -> None:
    asking = planner()
    hear(asking, map(long_packet, (0, 2)))
    assert asked(asking, at_s(0.2)) is not None
    asking.linked(at_s(0.3))
    again = asked(asking, at_s(0.3))
    assert again is not None
    assert again.values == (0, 50, 50)


def test_a_lost_answer_is_asked_again_and_given_up_in_the_end() -> None:
    asking = planner()
    hear(asking, map(long_packet, (0, 2)))
    assert [asked(asking, at_s(t)) is not None for t in (0.2, 1.0, 2.3, 3.0, 4.4, 6.5, 20.0)] == [
        True, False, True, False, True, False, False,
    ]  # fmt: skip


def test_what_a_sensor_says_it_has_no_longer_is_given_up_with_all_that_is_older() -> None:
    asking = planner()
    hear(asking, map(long_packet, (0, 40, 42)))
    first = asked(asking, at_s(3))
    assert first is not None
    second = asked(asking, at_s(4))
    assert second is not None
    assert (first.values, second.values) == ((0, 50, 1000), (0, 1050, 950))
    answer(asking, second, Result.PARAMETER, at_s(4.1))
    assert set(all_asked(asking, at_s(5))) == {(0, 2050, 50)}


def test_a_busy_sensor_is_left_alone_for_a_second() -> None:
    asking = planner()
    hear(asking, map(long_packet, (0, 2)))
    request = asked(asking, at_s(0.2))
    assert request is not None
    answer(asking, request, Result.BUSY, at_s(0.3))
    assert asked(asking, at_s(1.2)) is None
    assert asked(asking, at_s(1.4)) is not None


def test_a_sensor_that_does_not_know_the_request_is_asked_once() -> None:
    asking = planner()
    hear(asking, map(long_packet, (0, 2, 4)))
    request = asked(asking, at_s(0.5))
    assert request is not None
    answer(asking, request, Result.UNKNOWN_OP, at_s(0.6))
    hear(asking, map(long_packet, (6, 8)))
    assert all_asked(asking, at_s(1)) == []


def test_a_sensor_that_refuses_and_refuses_is_let_be_until_the_next_link() -> None:
    asking, refused = planner(), 0
    for number in range(0, 100, 2):
        hear(asking, [long_packet(number)])
        request = asked(asking, at_s(number * 0.1))
        if request is not None:
            refused += 1
            answer(asking, request, Result.PARAMETER, at_s(number * 0.1))
    assert refused == MOST_REFUSALS
    asking.linked(at_s(20))
    hear(asking, [long_packet(102)])
    assert asked(asking, at_s(20)) is not None


def test_requests_take_at_most_twice_the_air_of_live_data_and_few_are_under_way() -> None:
    asking = planner()
    hear(asking, [*map(long_packet, (0, 201)), *(long_packet(number, stream=ACC) for number in (0, 100))])
    assert sum(asked(asking, at_s(11 + step / 100)) is not None for step in range(150)) == MOST_ON_THEIR_WAY
    n_samples, live_bytes_per_s = 0, 2 * 2 * 1000 + 3 * 2 * 100
    asking = planner()
    hear(asking, map(long_packet, (0, 401)))
    for step in range(400):
        request = asked(asking, at_s(21 + step / 100))
        if request is not None:
            n_samples += request.values[2]
            hear(asking, map(long_packet, range(request.values[1] // 50, sum(request.values[1:]) // 50)))
    assert n_samples * 4 / live_bytes_per_s == pytest.approx(2 * (4.0 + 0.5), abs=1.0)


def test_many_small_losses_are_asked_for_at_once() -> None:
    asking = planner()
    hear(asking, map(long_packet, range(0, 20, 2)))
    found = [asked(asking, at_s(1)) for _ in range(MOST_ON_THEIR_WAY + 1)]
    assert [request is None for request in found] == [False] * MOST_ON_THEIR_WAY + [True]


def test_after_a_long_outage_only_what_a_sensor_could_still_keep_is_asked_for() -> None:
    asking = planner()
    hear(asking, map(long_packet, (0, 12_000)))
    values = all_asked(asking, at_s(600), until_s=400)
    assert {first for _, first, _ in values} == set(range(601_000 - round(RING_S * 1000), 600_000, 1000))
    assert len(values) == MOST_ASKED * 59


def test_another_boot_or_a_stop_and_a_start_forget_what_was_missing() -> None:
    for change in (
        lambda asking: asking.replied(INFO_UUID, b"", dataclasses.replace(INFO, boot_id=9).to_bytes(), 1),
        lambda asking: [
            asking.replied(CONTROL_UUID, bytes((op, 1)), Response(op, 1).to_bytes(), 1) for op in (Op.STOP, Op.START)
        ],
    ):
        asking = planner()
        hear(asking, map(long_packet, (5, 9)))
        change(asking)
        assert asked(asking, at_s(1)) is None
        hear(asking, map(long_packet, (0, 1)))
        assert asked(asking, at_s(2)) is None


def test_a_start_of_a_streaming_sensor_forgets_nothing() -> None:
    asking = planner()
    hear(asking, map(long_packet, (5, 9)))
    asking.replied(CONTROL_UUID, b"\x01\x03\xff\xff", Response(Op.START, 3).to_bytes(), at_s(1))
    assert asked(asking, at_s(1)) is not None


def test_lost_short_packets_are_asked_for_by_the_index_that_their_sync_gives() -> None:
    asking = planner()
    shorts = [short_packet(number, at_s(number * 0.004)) for number in (0, 1, 2, 7, 8)]
    hear(asking, [sync_packet(0, 0), *shorts])
    request = asked(asking, at_s(0.1))
    assert request is not None
    assert request.values == (0, 12, 16)
    hear(asking, [short_packet(number, at_s(0.2)) for number in (3, 4)])
    assert asked(asking, at_s(2.5)).values == (0, 20, 8)  # type: ignore[union-attr]  # it fails if it is None


def test_short_packets_before_their_sync_and_after_an_overrun_say_nothing() -> None:
    asking = planner()
    hear(asking, [short_packet(number, 0) for number in (0, 5)])
    hear(asking, [sync_packet(5, 0), short_packet(5, 0), short_packet(6, 0, flags=PacketFlag.DROPPED)])
    hear(asking, [short_packet(9, 0)])
    assert all_asked(asking, at_s(1)) == []


def test_index_and_number_may_wrap() -> None:
    asking = planner()
    first = 2**32 // 50 - 1
    hear(asking, [long_packet(first), long_packet(first + 3)])
    request = asked(asking, at_s(0.2))
    assert request is not None
    assert request.values == (0, (first + 1) * 50, 100)


def test_the_recorder_is_given_it_with_the_profile() -> None:
    assert LSP.backfill is not None
    assert isinstance(LSP.backfill(1.0), ResendPlanner)


def test_a_compressed_night_leaves_the_machine_time_to_answer() -> None:
    asking = ResendPlanner(100.0)
    asking.linked(0)
    asking.replied(INFO_UUID, b"", INFO.to_bytes(), 0)
    hear(asking, map(long_packet, (0, 2)))
    assert asked(asking, at_s(1)) is not None
    assert asked(asking, at_s(40)) is None
    assert asked(asking, at_s(52)) is not None


@pytest.mark.slow
@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([DATA_UUID, CONTROL_UUID, INFO_UUID, "0000180f-0000-1000-8000-00805f9b34fb"]),
            st.one_of(
                st.binary(max_size=40),
                st.tuples(
                    st.sampled_from([b"\xa1\x00", b"\xa0\x01", b"\xa2\x00", b"\x8c\x40"]), st.binary(max_size=40)
                ).map(b"".join),
            ),
        ),
        max_size=40,
    )
)
def test_no_bytes_make_it_raise_or_ask_without_bound(noise: list[tuple[str, bytes]]) -> None:
    asking = planner()
    for number, (characteristic, payload) in enumerate(noise):
        asking.heard(characteristic, payload, at_s(number))
        asking.replied(characteristic, payload[:7], payload, at_s(number))
    asking.replied(INFO_UUID, b"", INFO.to_bytes(), at_s(50))
    assert len(all_asked(asking, at_s(60), until_s=30.0)) <= MOST_ASKED * MOST_PIECES


@pytest.mark.slow
@settings(deadline=None, max_examples=15)
@given(st.sets(st.integers(1, 198), max_size=40), st.sets(st.integers(1, 300), max_size=40), st.integers(20, 300))
def test_a_sensor_that_has_everything_is_asked_until_nothing_is_missing(
    lost: set[int], lost_again: set[int], poll_ms: int
) -> None:
    """A sensor that sends what is asked for over an air that loses some of that too, no packet more than twice."""
    asking, n_sent, came, losses = planner(), 0, set(range(200)) - lost, Counter[int]()
    hear(asking, [long_packet(number) for number in sorted(came)])
    for step in range(round(40_000 / poll_ms)):
        now_ns = at_s(10 + step * poll_ms / 1000)
        request = asked(asking, now_ns)
        if request is None:
            continue
        answer(asking, request, Result.OK, now_ns)
        _, start, count = request.values
        for number in range(start // 50, -(-(start + count) // 50)):
            n_sent += 1
            if n_sent in lost_again and losses[number] + 1 < MOST_ASKED:
                losses[number] += 1
            else:
                came.add(number)
                hear(asking, [long_packet(number)])
    assert came == set(range(200))
