"""Set-up of a sensor that answers on another characteristic, and whose next steps depend on what it answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.inbox import Inbox
from ingest.night.records import Notification, SetupReply
from ingest.session import SensorSpec, Session
from ingest.timebase import Timebase

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND, NOTIFY = "command", "notify"
ASK = SetupStep(SetupOp.WRITE, COMMAND, b"\x03\x80", b"\x03\x80", b"\x03\x80", answered_on=NOTIFY)
SETUP = (
    SetupStep(SetupOp.SUBSCRIBE, NOTIFY),
    ASK,
    SetupStep(SetupOp.WRITE, COMMAND, b"old", only_after=b"\x03\x80\x01"),
    SetupStep(SetupOp.WRITE, COMMAND, b"new", only_after=b"\x03\x80\x04"),
    SetupStep(SetupOp.WRITE, COMMAND, b"start"),
)
STOP = (SetupStep(SetupOp.WRITE, COMMAND, b"stop new", only_after=b"\x03\x80\x04"),)


class AnsweringLink:
    """A sensor that streams from the start, and says which model it is when asked."""

    def __init__(self, model: int) -> None:
        self.lost = asyncio.Event()
        self.written: list[bytes] = []
        self._model = model
        self._heard: list[Callable[[bytes], None]] = []

    async def read(self, characteristic: str) -> bytes:
        return characteristic.encode()

    async def write(self, characteristic: str, payload: bytes, *, response: bool = True) -> None:
        assert (characteristic, response) == (COMMAND, True)
        self.written.append(payload)
        if payload == ASK.payload:
            for heard in self._heard:
                heard(b"\x03\x04sample")
                heard(payload + bytes((self._model,)))

    async def subscribe(self, characteristic: str, heard: Callable[[bytes], None]) -> None:
        assert characteristic == NOTIFY
        self._heard.append(heard)

    async def unsubscribe(self, characteristic: str) -> None:
        assert characteristic == NOTIFY


def session(model: int) -> tuple[Session, AnsweringLink, Inbox]:
    profile = DeviceProfile("fake", ("service",), SETUP, STOP, 3.0, LossMode.RATE_ONLY)
    link, inbox = AnsweringLink(model), Inbox()
    return Session(link, SensorSpec("left", profile, "C4:00"), inbox, Timebase(1.0)), link, inbox


async def test_an_answer_on_another_characteristic_is_logged_with_its_request_and_a_sample_there_is_data() -> None:
    talk, _, inbox = session(1)
    await talk.set_up()
    sample, reply = inbox.take()
    assert isinstance(sample, Notification)
    assert isinstance(reply, SetupReply)
    assert (reply.characteristic, reply.request, reply.payload) == (NOTIFY, ASK.payload, b"\x03\x80\x01")
    assert talk.data_heard_ns is not None


async def test_only_the_steps_for_the_model_that_answered_are_run_and_again_when_started_again_or_stopped() -> None:
    for model, own, stop in ((1, b"old", []), (4, b"new", [b"stop new"]), (9, None, [])):
        talk, link, _ = session(model)
        await talk.set_up()
        await talk.start_again()
        await talk.stop()
        written = [ASK.payload, *([own] if own else []), b"start"]
        assert link.written == [*written, *written, *stop]
