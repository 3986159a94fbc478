"""Leg Sensor Profile version 1: how to make such a sensor stream, and what its packets say."""

from __future__ import annotations

from ingest.decoders.lsp_control import RESPONSE_BIT, Op, Request, Result
from ingest.decoders.lsp_info import CONTROL_UUID, DATA_UUID, EVENT_UUID, INFO_UUID, SERVICE_UUID, STATUS_UUID
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep

_ALL_STREAMS = 0xFFFF
_FEWER_STREAMS = (0x000F, 0x0007, 0x0003, 0x0001)
_TIDS = {Op.SET_TIME: 1, Op.GET_TIME: 2, Op.START: 3, Op.STOP: 4}


def _ok(op: Op) -> bytes:
    return bytes((RESPONSE_BIT | op, _TIDS[op], Result.OK))


def _start(mask: int) -> bytes:
    return Request(Op.START, _TIDS[Op.START], (mask,)).to_bytes()


LSP = DeviceProfile(
    name="lsp",
    service_uuids=(SERVICE_UUID,),
    setup=(
        SetupStep(SetupOp.READ, INFO_UUID, expect_prefix=b"LS"),
        SetupStep(SetupOp.SUBSCRIBE, CONTROL_UUID),
        SetupStep(SetupOp.SUBSCRIBE, EVENT_UUID, required=False),
        SetupStep(SetupOp.SUBSCRIBE, STATUS_UUID, required=False),
        SetupStep(SetupOp.SUBSCRIBE, DATA_UUID),
        SetupStep(
            SetupOp.WRITE,
            CONTROL_UUID,
            payload=bytes((Op.SET_TIME, _TIDS[Op.SET_TIME])),
            expect_prefix=_ok(Op.SET_TIME),
            append_utc_us=True,
            required=False,
        ),
        SetupStep(
            SetupOp.WRITE,
            CONTROL_UUID,
            payload=Request(Op.GET_TIME, _TIDS[Op.GET_TIME]).to_bytes(),
            expect_prefix=_ok(Op.GET_TIME),
            required=False,
        ),
        # A sensor may refuse to start streams that it does not have, so fewer are asked for each time.
        SetupStep(
            SetupOp.WRITE,
            CONTROL_UUID,
            payload=_start(_ALL_STREAMS),
            expect_prefix=_ok(Op.START),
            otherwise=tuple(_start(mask) for mask in _FEWER_STREAMS),
        ),
        SetupStep(SetupOp.READ, STATUS_UUID, required=False),
    ),
    stop=(
        SetupStep(
            SetupOp.WRITE,
            CONTROL_UUID,
            payload=Request(Op.STOP, _TIDS[Op.STOP]).to_bytes(),
            expect_prefix=_ok(Op.STOP),
        ),
    ),
    silence_timeout_s=3.0,
    loss_mode=LossMode.SAMPLE_COUNTER,
    name_prefixes=("LSP-",),
    health_characteristic=STATUS_UUID,
)
