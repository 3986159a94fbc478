"""A virtual sensor's account of a bad night is exact: what the air took, less what was sent again, is missing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.signal import NS_PER_S, Leg, Quantity, SampleBlock
from ingest.decoders.base import Placement, Status, StatusKind
from ingest.decoders.lsp import LspDecoder
from ingest.decoders.lsp_control import Op, Request, Response, Result
from ingest.decoders.lsp_info import DATA_UUID, EVENT_UUID
from ingest.decoders.lsp_packets import PacketFlag, decode_header
from ingest.decoders.lsp_status import StatusFlag, StatusPacket
from ingest.night.records import LinkDown, Notification
from ingest.virtual.account import AirLosses
from ingest.virtual.device import LOW_BATTERY_MV, LegDevice
from ingest.virtual.leg import Curtain
from tests.bedroom import LEFT, adapter, bedroom, decode, recording
from tests.counting_leg import CountingLeg

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.night.records import Record
    from tests.bedroom import Bedroom, MemoryLog

SPEED = 20.0


def device() -> LegDevice:
    made = LegDevice(LEFT, CountingLeg(60.0), Curtain(1), boot_id=7, mono_ns=0)
    ask(made, Op.START, 3)
    made.produce(10 * NS_PER_S, hold=False)
    return made


def ask(sensor: LegDevice, op: Op, *values: int, mono_ns: int = 0) -> int:
    return Response.from_bytes(sensor.answer(Request(op, 9, values).to_bytes(), mono_ns)).result


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from(["take", "came", "back"]), st.integers(0, 60), st.integers(1, 20)), max_size=30)
)
def test_an_account_is_that_of_a_set_of_samples(steps: list[tuple[str, int, int]]) -> None:
    losses, missing, n_resent = AirLosses(), set[int](), 0
    for what, start, length in steps:
        span = set(range(start, start + length))
        if what == "take":
            losses.take(start, start + length)
            missing |= span
        elif what == "came":
            losses.came(start, start + length)
            n_resent += len(missing & span)
            missing -= span
        else:
            losses.take_back(start)
            missing = {sample for sample in missing if sample < start}
    assert (losses.n_missing, losses.n_resent) == (len(missing), n_resent)


def is_from(characteristic: str) -> Callable[[Record], bool]:
    return lambda learnt: isinstance(learnt, Notification) and learnt.characteristic == characteristic


async def final(room: Bedroom) -> list[dict[str, Any]]:
    """The runs that the sensor has ended; what it is asked for until it is stopped may come after `done`."""
    room.order(do="stats")
    (report,) = cast("list[dict[str, Any]]", (await room.until("stats"))["sensors"])
    assert report["streams"] == {}
    return cast("list[dict[str, Any]]", report["earlier"])


def check_account(log: MemoryLog, run: dict[str, Any]) -> dict[str, dict[str, int]]:
    """What the log holds is what the sensor says that it should, stream by stream; returns the account."""
    streams = decode(log.records, "left", SPEED, math.inf)
    for number, name in enumerate(("emg", "acceleration")):
        account, stream = run["streams"][str(number)], streams[name]
        assert stream.indices == sorted(set(stream.indices))
        assert len(stream.indices) == account["sent"] - account["dropped_on_device"] - account["missing"]
        assert account["missing"] == account["lost_on_purpose"] - account["resent"]
        # A gap at the very end, or before the first packet, nobody can know of.
        assert account["produced"] - len(stream.indices) - stream.missing in range(200)
    return cast("dict[str, dict[str, int]]", run["streams"])


@pytest.mark.slow
async def test_what_the_air_loses_is_sent_again_and_nothing_is_missing() -> None:
    async with bedroom(speed=SPEED, hours=0.04) as room, adapter(room) as ble:
        room.order(do="lose", sensor="left", share=0.02)
        async with recording(room, ble) as log:
            await room.until("done")
        (run,) = await final(room)
        emg = check_account(log, run)["0"]
        # Which packets those 2 % are goes by when they were sent: some 1500 samples, 500 at the very least.
        assert emg["lost_on_purpose"] > 500
        # What the end of the night took, or a machine that was busy, is not asked for in time.
        assert emg["missing"] < emg["lost_on_purpose"] / 4


@pytest.mark.slow
async def test_packets_that_are_cut_or_doubled_or_lost_without_end_leave_gaps_as_long_as_the_account_says() -> None:
    async with bedroom(speed=SPEED, hours=0.04) as room, adapter(room) as ble:
        room.order(do="cut", sensor="left", share=0.05, bytes=7)
        room.order(do="lose", sensor="left", share=0.3)
        room.order(do="double", sensor="left", share=0.05)
        async with recording(room, ble) as log:
            done = await room.until("done")
        (report,) = cast("list[dict[str, int]]", done["sensors"])
        assert report["cut_packets"] > 0
        assert report["doubled_packets"] > 0
        (run,) = await final(room)
        check_account(log, run)


@pytest.mark.slow
async def test_short_packets_are_sent_again_in_their_own_form() -> None:
    async with bedroom(speed=10.0, hours=0.01) as room, adapter(room, largest_mtu=23) as ble:
        room.order(do="lose", sensor="left", share=0.01)
        async with recording(room, ble) as log:
            await room.until("done")
        (run,) = await final(room)
        emg = check_account(log, run)["0"]
        assert emg["resent"] > 0


@pytest.mark.slow
async def test_a_reboot_ends_an_account_and_begins_another() -> None:
    async with bedroom(speed=SPEED, hours=0.03) as room, adapter(room) as ble:
        async with recording(room, ble) as log:
            await log.until(is_from(DATA_UUID))
            room.order(do="reboot", sensor="left", for_s=10.0)
            await log.until(lambda learnt: isinstance(learnt, LinkDown))
            await room.until("done")
        before, after = await final(room)
        assert before["boot_id"] != after["boot_id"]
        decoder = LspDecoder(Placement("left", Leg.LEFT, "shin"), speed=SPEED, backfill_window_s=math.inf)
        items = [item for learnt in log.records for item in decoder.feed(learnt)] + decoder.finish()
        found = [item for item in items if isinstance(item, SampleBlock) and item.stream.quantity is Quantity.EMG]
        for segment, run in enumerate((before, after)):
            n_samples = sum(len(block.data) for block in found if block.stream.segment == segment)
            assert n_samples == run["streams"]["0"]["sent"]


@pytest.mark.slow
async def test_a_battery_that_ends_is_said_to_be_low_and_then_the_sensor_is_gone() -> None:
    async with bedroom(speed=SPEED, hours=0.1) as room, adapter(room) as ble:
        async with recording(room, ble) as log:
            await log.until(is_from(DATA_UUID))
            room.order(do="battery", sensor="left", mv=3_400)
            await log.until(is_from(EVENT_UUID))
            room.order(do="battery", sensor="left", mv=3_300)
            await log.until(lambda learnt: isinstance(learnt, LinkDown))
        decoder = LspDecoder(Placement("left", Leg.LEFT, "shin"), speed=SPEED)
        items = [item for learnt in log.records for item in decoder.feed(learnt)]
        low = next(n for n, item in enumerate(items) if isinstance(item, Status) and item.detail == "battery low")
        down = next(n for n, item in enumerate(items) if isinstance(item, Status) and item.detail.startswith("down"))
        assert low < down
        assert not any(isinstance(item, SampleBlock) for item in items[down:])
        battery = [item.values for item in items if isinstance(item, Status) and item.kind is StatusKind.BATTERY]
        assert battery[-1]["battery_mv"] <= LOW_BATTERY_MV


def test_impedance_is_measured_between_start_and_stop() -> None:
    sensor = device()
    sensor.contact_ohm = (4_700,)
    assert StatusPacket.from_bytes(sensor.status(0)).impedance_ohm == (None,)
    assert ask(sensor, Op.IMPEDANCE_START, 0xFFFF) == Result.OK
    measured = StatusPacket.from_bytes(sensor.status(0))
    assert (measured.impedance_ohm, measured.flags) == ((4_700,), StatusFlag.STREAMING | StatusFlag.IMPEDANCE)
    assert ask(sensor, Op.IMPEDANCE_STOP, 0xFFFF) == Result.OK
    assert StatusPacket.from_bytes(sensor.status(0)).impedance_ohm == (None,)


def test_a_sensor_that_is_told_of_no_listener_in_time_stops() -> None:
    sensor = device()
    ask(sensor, Op.KEEPALIVE, 5, mono_ns=10 * NS_PER_S)
    sensor.produce(14 * NS_PER_S, hold=False)
    assert sensor.started
    sensor.produce(15 * NS_PER_S, hold=False)
    assert not sensor.started
    assert len(sensor.earlier_runs) == 1


def test_electrodes_that_are_off_show_in_the_status_and_in_every_packet_of_the_emg() -> None:
    sensor = device()
    sensor.detach(1, 0)
    flags = []
    for memory in sensor.rings:
        packet = memory.next_long()
        assert packet is not None
        flags.append(decode_header(packet.payload)[0].flags)
    assert flags == [PacketFlag.LEAD_OFF, PacketFlag.NONE]
    assert StatusPacket.from_bytes(sensor.status(0)).lead_off_p == 1


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 5000), st.integers(1, 2000))
def test_resend_is_refused_for_what_was_never_sent_or_is_overwritten(start: int, count: int) -> None:
    sensor = device()
    packets = [packet for packet in iter(sensor.rings[0].next_long, None) if packet]
    expected = [p.start for p in packets if p.start < start + count and p.stop > start]
    assert ask(sensor, Op.RESEND, 0, start, count) == (Result.OK if expected else Result.PARAMETER)
    assert [packet.start for _, packet in sensor.wanted_again] == expected


@pytest.mark.parametrize(("payload_bytes", "result"), [(244, Result.OK), (20, Result.MTU_TOO_SMALL)])
def test_long_packets_are_not_sent_again_over_a_link_that_would_cut_them(payload_bytes: int, result: Result) -> None:
    sensor = device()
    sensor.rings[0].next_long()
    sensor.payload_bytes = payload_bytes
    assert ask(sensor, Op.RESEND, 0, 0, 100) == result
