"""The firmware's control point: each request, each way in which it is refused, and what the board is asked to do."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decoders.lsp_control import Op, Request, Response, Result
from ingest.decoders.lsp_info import Format, Info
from ingest.decoders.lsp_packets import decode_header
from ingest.decoders.lsp_status import EventPacket, EventType, StatusFlag, StatusPacket
from tests.firmware.compiled_leg import ACC, EMG, INFO, LONG, SHORT, ramp, samples_of

if TYPE_CHECKING:
    from tests.firmware.compiled_leg import CompiledLeg

UTC_US = 1_790_000_000_000_000


@pytest.fixture
def running(leg: CompiledLeg) -> CompiledLeg:
    leg.boot()
    leg.tell("link")
    assert leg.ask(Op.START, 3).result == Result.OK
    leg.put(0, 0, ramp(EMG, 0, 200))
    leg.send()
    leg.said_to_the_board()
    return leg


def status_of(leg: CompiledLeg) -> StatusPacket:
    return StatusPacket.from_bytes(leg.hex("status")[0])


@pytest.mark.parametrize(
    ("request_hex", "response_hex"),
    [
        ("01110300", "811100"),
        ("03120020a10700", "831200"),
        ("0713", "871300 408695d600000000 00e025dafe5b0600"),
        ("02", "820002"),
        ("", "800002"),
        ("0114", "811402"),
        ("0113030000", "811302"),
        ("0013", "801301"),
        ("1013", "901301"),
        ("ff1300", "ff1301"),
    ],
)
def test_a_request_is_answered_as_the_profile_says(leg: CompiledLeg, request_hex: str, response_hex: str) -> None:
    leg.boot()
    tick = 3_600_123_456
    leg.ask(Op.SET_TIME, UTC_US, tick=tick)
    assert leg.hex("control", tick, LONG, request_hex) == [bytes.fromhex(response_hex)]


@pytest.mark.parametrize("op", list(Op))
def test_parameters_of_a_wrong_length_are_refused_and_change_nothing(running: CompiledLeg, op: Op) -> None:
    before = running.hex("info")
    right = len(Request(op, 9, {Op.RESEND: (0, 0, 1), Op.SET_CONN: (24, 0, 600)}.get(op, _values(op))).to_bytes())
    for length in {2, right - 1, right + 1, 20} - {right, 1}:
        request = bytes((op, 9)) + bytes(length - 2)
        assert running.hex("control", 0, LONG, request.hex()) == [bytes((0x80 | op, 9, Result.LENGTH))]
    assert running.hex("info") == before
    assert running.said_to_the_board() == []
    assert status_of(running).flags & StatusFlag.STREAMING


def _values(op: Op) -> tuple[int, ...]:
    counts = {Op.START: 1, Op.SET_RATE: 2, Op.SET_SPP: 2, Op.SET_FORMAT: 2, Op.SET_TIME: 1, Op.IMPEDANCE_START: 1,
              Op.IMPEDANCE_STOP: 1, Op.KEEPALIVE: 1}  # fmt: skip
    return (0,) * counts.get(op, 0)


@given(st.binary(max_size=40))
def test_no_request_breaks_it_and_each_is_answered(leg: CompiledLeg, request: bytes) -> None:
    leg.boot()
    (answer,) = leg.hex("control", 5, LONG, request.hex())
    response = Response.from_bytes(answer)
    assert answer[0] == 0x80 | (request[0] if request else 0)
    assert answer[1] == (request[1] if len(request) > 1 else 0)
    assert response.result in set(Result)


def test_start_twice_changes_nothing_and_stop_then_start_counts_from_zero(running: CompiledLeg) -> None:
    assert running.ask(Op.START, 0xFFFF).result == Result.OK
    running.put(0, 0, ramp(EMG, 200, 250))
    header, _ = decode_header(running.send()[0])
    assert (header.seq, header.index, header.tick) == (4, 200, 200_000)
    assert running.said_to_the_board() == []
    assert running.ask(Op.STOP).result == Result.OK
    assert running.ask(Op.START, 1).result == Result.OK
    assert running.said_to_the_board() == ["stop 0 0 0", "start 1 0 0"]
    running.put(0, 7_000_000, ramp(EMG, 0, 50))
    header, _ = decode_header(running.send()[0])
    assert (header.seq, header.index, header.tick) == (0, 0, 7_000_000)


def test_a_stream_that_is_started_later_joins_the_ones_that_run(leg: CompiledLeg) -> None:
    leg.boot()
    leg.tell("link")
    leg.ask(Op.START, 1)
    leg.put(0, 0, ramp(EMG, 0, 100))
    assert leg.ask(Op.START, 3).result == Result.OK
    assert leg.said_to_the_board() == ["start 1 0 0", "start 2 0 0"]
    leg.put(1, 100_000, ramp(ACC, 0, 10))
    headers = [decode_header(packet)[0] for packet in leg.send()]
    assert [(header.stream_id, header.index) for header in headers] == [(0, 0), (0, 50), (1, 0)]


@pytest.mark.parametrize(("mask", "result"), [(0, Result.PARAMETER), (4, Result.PARAMETER), (0xFFFF, Result.OK)])
def test_only_streams_that_exist_can_be_started(leg: CompiledLeg, mask: int, result: Result) -> None:
    leg.boot()
    assert leg.ask(Op.START, mask).result == result


def test_a_stream_whose_sample_fits_no_short_packet_needs_a_larger_mtu(leg: CompiledLeg) -> None:
    wide = dataclasses.replace(EMG, channels=8, value_format=Format.I24, samples_per_packet=9)
    leg.boot(samples_of([wide]))
    assert leg.ask(Op.START, 1, payload=SHORT).result == Result.MTU_TOO_SMALL
    assert leg.ask(Op.START, 1, payload=LONG).result == Result.OK


@pytest.mark.parametrize("op", [Op.SET_RATE, Op.SET_SPP, Op.SET_FORMAT])
def test_what_changes_a_stream_is_refused_while_any_runs(running: CompiledLeg, op: Op) -> None:
    assert running.ask(op, 0, 2).result == Result.WRONG_STATE
    running.ask(Op.STOP)
    assert running.ask(op, 2, 2).result == Result.PARAMETER


@pytest.mark.parametrize(
    ("op", "value", "field"),
    [
        (Op.SET_RATE, 500_000, "rate_mhz"),
        (Op.SET_SPP, 58, "samples_per_packet"),
        (Op.SET_FORMAT, Format.I8, "value_format"),
    ],
)
def test_a_change_is_told_by_the_info(leg: CompiledLeg, op: Op, value: int, field: str) -> None:
    leg.boot()
    assert leg.ask(op, 0, value).result == Result.OK
    changed = dataclasses.replace(EMG, **{field: value})  # type: ignore[arg-type]  # one number per field
    assert Info.from_bytes(leg.hex("info")[0]).streams == (changed, ACC)


@pytest.mark.parametrize(
    ("op", "value"),
    [
        (Op.SET_RATE, 0),
        (Op.SET_RATE, 1_000_001),  # the ring would hold less than ten seconds
        (Op.SET_SPP, 0),
        (Op.SET_SPP, 59),  # 12 + 59 * 4 bytes are more than the largest notification
        (Op.SET_FORMAT, 0),
        (Op.SET_FORMAT, 9),
        (Op.SET_FORMAT, Format.I24),  # the ring is too small for it
    ],
)
def test_a_change_that_cannot_be_is_refused(leg: CompiledLeg, op: Op, value: int) -> None:
    leg.boot()
    assert leg.ask(op, 0, value).result == Result.PARAMETER
    assert leg.hex("info") == [INFO.to_bytes()]
    assert leg.said_to_the_board() == []


@pytest.mark.parametrize(
    ("op", "values", "said"),
    [
        (Op.SET_RATE, (0, 500_000), "rate 0 500000 0"),
        (Op.SET_FORMAT, (0, Format.I8), "format 0 1 0"),
        (Op.IMPEDANCE_START, (3,), "impedance 3 0 0"),
        (Op.IDENTIFY, (), "identify 0 0 0"),
        (Op.SET_CONN, (24, 4, 600), "conn 24 4 600"),
        (Op.SAVE, (), "save 0 0 0"),
        (Op.RESET, (), "reset 0 0 0"),
        (Op.START, (3,), "start 3 0 0"),
    ],
)
def test_the_board_decides_what_it_does(leg: CompiledLeg, op: Op, values: tuple[int, ...], said: str) -> None:
    leg.boot()
    for result in (Result.BUSY, Result.PARAMETER, Result.OK):
        leg.tell("result", result)
        assert leg.ask(op, *values).result == result
    assert leg.said_to_the_board() == [said] * 3


@pytest.mark.parametrize(
    ("op", "values"),
    [(Op.SET_RATE, (0, 500_000)), (Op.SET_FORMAT, (0, Format.I8)), (Op.IMPEDANCE_START, (1,)),
     (Op.IMPEDANCE_STOP, (1,)), (Op.IDENTIFY, ()), (Op.SET_CONN, (24, 0, 600)), (Op.SAVE, ()), (Op.RESET, ())],
)  # fmt: skip
def test_what_the_board_has_no_function_for_is_unsupported(leg: CompiledLeg, op: Op, values: tuple[int, ...]) -> None:
    leg.boot(board=False)
    assert leg.ask(op, *values).result == Result.UNSUPPORTED


@pytest.mark.parametrize(
    "values", [(5, 0, 600), (3201, 0, 3200), (24, 500, 3200), (24, 0, 9), (24, 0, 3201), (3200, 4, 400), (24, 99, 600)]
)
def test_connection_parameters_that_bluetooth_forbids_are_refused(leg: CompiledLeg, values: tuple[int, ...]) -> None:
    leg.boot()
    assert leg.ask(Op.SET_CONN, *values).result == Result.PARAMETER
    assert leg.said_to_the_board() == []


def test_impedance_shows_in_the_status_and_is_stopped(leg: CompiledLeg) -> None:
    leg.boot()
    assert leg.ask(Op.IMPEDANCE_STOP, 1).result == Result.WRONG_STATE
    assert leg.ask(Op.IMPEDANCE_START, 4).result == Result.PARAMETER
    assert leg.ask(Op.IMPEDANCE_START, 2).result == Result.OK
    leg.tell("impedance", 1, 23_000)
    assert status_of(leg).flags == StatusFlag.IMPEDANCE
    assert status_of(leg).impedance_ohm == (None, 23_000)
    leg.tell("battery", 0, 4000, 1)
    assert leg.ask(Op.IMPEDANCE_STOP, 2).result == Result.OK
    assert leg.said_to_the_board() == ["impedance 2 0 0", "impedance 0 0 0"]
    assert status_of(leg).flags == StatusFlag.CHARGING


def test_the_time_is_unknown_until_it_is_set_and_then_goes_on(leg: CompiledLeg) -> None:
    leg.boot()
    assert leg.ask(Op.GET_TIME, tick=77) == Response(Op.GET_TIME, 1, 0, 77, 0)
    assert leg.ask(Op.SET_TIME, 5, tick=6).result == Result.PARAMETER
    assert leg.ask(Op.SET_TIME, UTC_US, tick=1000).result == Result.OK
    assert leg.ask(Op.GET_TIME, tick=(1 << 40) + 1000) == Response(
        Op.GET_TIME, 1, 0, (1 << 40) + 1000, UTC_US + (1 << 40)
    )


def test_streams_end_when_no_keepalive_comes_in_time(running: CompiledLeg) -> None:
    running.ask(Op.KEEPALIVE, 5, tick=1_000_000)
    running.tell("poll", 5_999_999)
    running.ask(Op.KEEPALIVE, 5, tick=5_999_999)
    running.tell("poll", 10_999_998)
    assert running.said_to_the_board() == []
    running.tell("poll", 10_999_999)
    assert running.said_to_the_board() == ["stop 0 0 0"]
    assert not status_of(running).flags & StatusFlag.STREAMING
    assert running.ask(Op.RESEND, 0, 0, 10).result == Result.WRONG_STATE


def test_a_keepalive_of_zero_asks_for_none(running: CompiledLeg) -> None:
    running.ask(Op.KEEPALIVE, 5)
    running.ask(Op.KEEPALIVE, 0)
    running.tell("poll", 1 << 40)
    assert running.said_to_the_board() == []


@pytest.mark.parametrize(
    ("values", "result"),
    [((0, 0, 50), Result.OK), ((2, 0, 50), Result.PARAMETER), ((0, 0, 0), Result.PARAMETER),
     ((0, 300, 10), Result.PARAMETER), ((0, 0xFFFFFF00, 10), Result.PARAMETER)],
)  # fmt: skip
def test_only_what_was_sent_can_be_sent_again(running: CompiledLeg, values: tuple[int, ...], result: Result) -> None:
    assert running.ask(Op.RESEND, *values).result == result


def test_too_many_wishes_at_once_are_refused_as_busy(running: CompiledLeg) -> None:
    results = [running.ask(Op.RESEND, 0, 0, 10).result for _ in range(9)]
    assert results == [Result.OK] * 8 + [Result.BUSY]


def test_changes_are_told_by_events_and_a_status_that_is_due(leg: CompiledLeg) -> None:
    leg.boot()
    leg.tell("link")
    assert [leg.tell("due", tick)[0] for tick in (5, 6, 10_000_004, 10_000_005)] == ["1", "0", "0", "1"]
    for change in (("lead", 11_000_000, 1, 2), ("battery", 12_000_000, 3500, 0), ("battery", 13_000_000, 3490, 1)):
        leg.tell(*change)
        leg.tell(*change)
    assert leg.tell("due", 13_000_001) == ["1"]
    events = [EventPacket.from_bytes(event) for event in leg.hex("events")]
    assert [(event.event_type, event.value) for event in events[1:]] == [
        (EventType.LEAD_OFF, 1 | 2 << 8), (EventType.LOW_BATTERY, 3500), (EventType.CHARGER, 1),
    ]  # fmt: skip
    assert [event.seq for event in events] == [0, 1, 2, 3]


def test_events_wait_for_a_listener_and_the_newest_sixteen_are_kept(leg: CompiledLeg) -> None:
    leg.boot()
    for number in range(20):
        leg.tell("raise", number, EventType.PRESS, number)
    assert [EventPacket.from_bytes(event).value for event in leg.hex("events")] == list(range(4, 20))
    assert leg.hex("events") == []
