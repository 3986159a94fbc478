"""What a leg sensor is asked, as data: the requests of the profile, and the answers that count as yes."""

from __future__ import annotations

import dataclasses

import pytest

from ingest.decoders.lsp_control import Op, Request, Response, Result
from ingest.decoders.lsp_info import CONTROL_UUID, INFO_UUID, Format
from ingest.decoders.lsp_packets import DataHeader, PacketFlag, encode_long
from ingest.decoders.lsp_setup import LSP, control_step
from ingest.decoders.profile import SetupOp, SetupStep
from ingest.night.records import SetupReply
from ingest.virtual.device import LegDevice
from ingest.virtual.leg import Curtain
from tests.bedroom import LEFT, adapter, bedroom, recording
from tests.counting_leg import CountingLeg
from tests.ingest.logged_sensor import (
    EMG,
    INFO,
    SENSOR,
    assert_samples_are_their_own,
    at_s,
    beginning,
    data,
    decode,
    ramp,
    spans,
)

STEPS = [
    *(step for step in LSP.setup + LSP.stop + LSP.impedance + LSP.impedance_end if step.op is SetupOp.WRITE),
    control_step(Op.IDENTIFY),
    control_step(Op.KEEPALIVE, 30),
    control_step(Op.SET_CONN, 12, 0, 600),
    control_step(Op.SET_RATE, 0, 500_000),
    control_step(Op.SET_SPP, 0, 25),
]


def written(step: SetupStep) -> bytes:
    return step.payload + bytes(8) if step.append_utc_us else step.payload


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.payload.hex())
def test_every_request_can_be_read_and_expects_its_own_answer(step: SetupStep) -> None:
    request = Request.from_bytes(written(step))
    assert request.op in set(Op)
    assert step.characteristic == CONTROL_UUID
    assert step.expect_prefix == Response(request.op, request.tid).to_bytes()[:3]
    refusal = Response(request.op, request.tid, Result.BUSY).to_bytes()
    assert refusal.startswith(step.answer_prefix)
    assert not refusal.startswith(step.expect_prefix)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.payload.hex())
def test_a_sensor_by_the_profile_answers_every_request_or_says_that_it_cannot(step: SetupStep) -> None:
    sensor = LegDevice(LEFT, CountingLeg(60.0), Curtain(1), boot_id=7, mono_ns=0)
    answer = Response.from_bytes(sensor.answer(written(step), 0))
    changes = {Op.SET_RATE, Op.SET_SPP}
    assert answer.result == (Result.UNSUPPORTED if answer.op in changes else Result.OK)


def test_numbers_of_requests_are_all_different_so_that_no_answer_is_taken_for_another() -> None:
    tids = {written(step)[:2] for step in STEPS}
    assert len({tid[1] for tid in tids}) == len(tids)


def test_only_describing_itself_and_starting_are_required_of_a_sensor() -> None:
    required = [step for step in LSP.setup if step.required and step.op is not SetupOp.SUBSCRIBE]
    assert [(step.op, step.characteristic) for step in required] == [
        (SetupOp.READ, INFO_UUID), (SetupOp.WRITE, CONTROL_UUID),
    ]  # fmt: skip


@pytest.mark.parametrize("value_format", Format)
def test_every_format_of_a_later_version_of_the_profile_is_read(value_format: Format) -> None:
    stream = dataclasses.replace(EMG, value_format=value_format, scale=1.0)
    info = dataclasses.replace(INFO, version=9, streams=(stream,))
    raw = ramp(EMG, 0, 40) % 120
    packet = encode_long(stream, DataHeader(0, PacketFlag.NONE, 0, 0, 0), raw)
    items = decode([*beginning(info), data(packet, at_s(0.1))])
    assert spans(items) == [(0, 40)]
    assert_samples_are_their_own(items, dataclasses.replace(stream, scale=1.0))


@pytest.mark.slow
async def test_the_electrodes_are_measured_while_a_sensor_streams() -> None:
    profile = dataclasses.replace(LSP, setup=LSP.setup + LSP.impedance, stop=LSP.impedance_end + LSP.stop)
    async with bedroom(speed=20.0, hours=0.02) as room, adapter(room) as ble:
        room.order(do="impedance", sensor="left", ohm=[4_700])
        async with recording(room, ble, profile=profile) as log:
            await room.until("done")
        asked = [reply.request[0] for reply in log.of(SetupReply) if reply.characteristic == CONTROL_UUID]
    assert asked[-3:] == [Op.IMPEDANCE_START, Op.IMPEDANCE_STOP, Op.STOP]
    records = [dataclasses.replace(each, sensor=SENSOR) if hasattr(each, "sensor") else each for each in log.records]
    measured = [item for item in decode(records) if getattr(item, "kind", "") == "impedance"]
    assert measured
    assert {item.values["impedance_ch1_ohm"] for item in measured} == {4_700.0}  # type: ignore[union-attr]  # statuses
