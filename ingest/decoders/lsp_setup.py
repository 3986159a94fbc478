"""Leg Sensor Profile version 1: what is written to a sensor to make it stream, and what else it can be asked."""

from __future__ import annotations

from ingest.decoders.lsp_control import RESPONSE_BIT, Op, Request, Result
from ingest.decoders.lsp_info import CONTROL_UUID, DATA_UUID, EVENT_UUID, INFO_UUID, SERVICE_UUID, STATUS_UUID
from ingest.decoders.lsp_resend import ResendPlanner
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.decoders.standard_steps import STANDARD_STEPS

_ALL_STREAMS = 0xFFFF
_FEWER_STREAMS = (0x000F, 0x0007, 0x0003, 0x0001)
_TIDS = {op: number for number, op in enumerate((Op.SET_TIME, Op.GET_TIME, Op.START, Op.STOP), start=1)} | {
    op: 0x10 + op
    for op in (Op.IMPEDANCE_START, Op.IMPEDANCE_STOP, Op.KEEPALIVE, Op.IDENTIFY, Op.SET_CONN, Op.SET_RATE, Op.SET_SPP)
}
"""Numbers of requests; those of RESEND begin at 40 hex."""


def control_step(op: Op, *values: int, required: bool = False) -> SetupStep:
    """Return a request to the control point that is to be answered with `OK`.

    Parameters
    ----------
    op : Op
        What to ask for.
    *values : int
        Its parameters, in the order and unit of the profile's table.
    required : bool
        Whether it is a failure if the sensor refuses.

    Returns
    -------
    SetupStep
        The request and the answer to wait for.

    Examples
    --------
    >>> control_step(Op.IMPEDANCE_START, 0b11).payload.hex(" ")
    '08 18 03 00'
    """
    return _exchange(op, Request(op, _TIDS[op], values).to_bytes(), required=required)


def _exchange(
    op: Op,
    payload: bytes,
    *,
    otherwise: tuple[bytes, ...] = (),
    append_utc_us: bool = False,
    required: bool = True,
) -> SetupStep:
    answer = bytes((RESPONSE_BIT | op, _TIDS[op]))
    return SetupStep(
        SetupOp.WRITE,
        CONTROL_UUID,
        payload=payload,
        expect_prefix=answer + bytes((Result.OK,)),
        answer_prefix=answer,
        otherwise=otherwise,
        append_utc_us=append_utc_us,
        required=required,
    )


def _start(mask: int) -> bytes:
    return Request(Op.START, _TIDS[Op.START], (mask,)).to_bytes()


IMPEDANCE_CHANNELS = 0xFFFF
IMPEDANCE_START = (control_step(Op.IMPEDANCE_START, IMPEDANCE_CHANNELS),)
"""Measure the impedance of all electrodes; what is found is notified with the status, about every 10 s."""
IMPEDANCE_STOP = (control_step(Op.IMPEDANCE_STOP, IMPEDANCE_CHANNELS),)
"""End that; a sensor's measuring current may show in the EMG."""

LSP = DeviceProfile(
    name="lsp",
    service_uuids=(SERVICE_UUID,),
    setup=(
        SetupStep(SetupOp.READ, INFO_UUID, expect_prefix=b"LS"),
        *STANDARD_STEPS,
        SetupStep(SetupOp.SUBSCRIBE, CONTROL_UUID),
        SetupStep(SetupOp.SUBSCRIBE, EVENT_UUID, required=False),
        SetupStep(SetupOp.SUBSCRIBE, STATUS_UUID, required=False),
        SetupStep(SetupOp.SUBSCRIBE, DATA_UUID),
        _exchange(Op.SET_TIME, bytes((Op.SET_TIME, _TIDS[Op.SET_TIME])), append_utc_us=True, required=False),
        control_step(Op.GET_TIME),
        SetupStep(SetupOp.READ, STATUS_UUID, required=False),
        # The last step, so that a sensor that streams is set up. It may refuse to start streams that it
        # does not have, so fewer are asked for each time.
        _exchange(
            Op.START,
            _start(_ALL_STREAMS),
            otherwise=tuple(_start(mask) for mask in _FEWER_STREAMS),
        ),
    ),
    stop=(control_step(Op.STOP, required=True),),
    silence_timeout_s=3.0,
    loss_mode=LossMode.SAMPLE_COUNTER,
    name_prefixes=("LSP-",),
    health_characteristic=STATUS_UUID,
    streams=(DATA_UUID,),
    impedance=IMPEDANCE_START,
    impedance_end=IMPEDANCE_STOP,
    backfill=ResendPlanner,
)
