"""What a session does about a sensor that stops by itself, stays silent or lost packets, and what it survives."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.errors import LinkLost
from ingest.inbox import Inbox
from ingest.night.records import Notification, RecoveryStep, SetupReply
from ingest.refill import Refill
from ingest.session import SensorSpec, Session
from ingest.timebase import Timebase

if TYPE_CHECKING:
    from collections.abc import Callable

DATA, CONTROL = "data", "control"
START = SetupStep(SetupOp.WRITE, CONTROL, b"\x01", expect_prefix=b"\x81", answer_prefix=b"\x81")
STOP = SetupStep(SetupOp.WRITE, CONTROL, b"\x02", expect_prefix=b"\x82", answer_prefix=b"\x82", timeout_s=0.01)
AGAIN = SetupStep(SetupOp.WRITE, CONTROL, b"\x0c", expect_prefix=b"\x8c", answer_prefix=b"\x8c", required=False)
PROFILE = DeviceProfile(
    "fake",
    ("service",),
    (SetupStep(SetupOp.SUBSCRIBE, CONTROL), SetupStep(SetupOp.SUBSCRIBE, DATA), START),
    (STOP,),
    3.0,
    LossMode.PACKET_COUNTER,
    stop_words=((CONTROL, b"\x01\x02"),),
)


class ObedientLink:
    """A sensor that does what it is told, except to stop."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()
        self.written: list[bytes] = []
        self.listeners: dict[str, Callable[[bytes], None]] = {}

    async def read(self, _characteristic: str) -> bytes:
        return b""

    async def write(self, characteristic: str, payload: bytes, *, response: bool = True) -> None:
        assert response
        self.written.append(payload)
        if payload[:1] != b"\x02":
            self.listeners[characteristic](bytes((0x80 | payload[0],)))
        await asyncio.sleep(0)

    async def subscribe(self, characteristic: str, heard: Callable[[bytes], None]) -> None:
        self.listeners[characteristic] = heard

    async def unsubscribe(self, characteristic: str) -> None:
        del self.listeners[characteristic]


class EveryOdd:
    """Asks for every packet with an odd number, once; stumbles over an empty one."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._wanted: list[int] = []

    def linked(self, _mono_ns: int) -> None:
        self.calls.append("linked")

    def heard(self, characteristic: str, payload: bytes, _mono_ns: int) -> None:
        if characteristic == DATA and payload[0] % 2:
            self._wanted.append(payload[0])

    def replied(self, _characteristic: str, request: bytes, payload: bytes, _mono_ns: int) -> None:
        self.calls.append(f"{request.hex()} {payload.hex()}")

    def due(self, _mono_ns: int) -> SetupStep | None:
        return replace(AGAIN, payload=bytes((0x0C, self._wanted.pop(0)))) if self._wanted else None


async def ready(backfill: EveryOdd | None = None) -> tuple[Session, ObedientLink, Inbox]:
    link, inbox = ObedientLink(), Inbox()
    refill = None if backfill is None else Refill(backfill, "left", inbox)
    talk = Session(link, SensorSpec("left", PROFILE, "C4:00"), inbox, Timebase(), refill)
    await talk.set_up()
    inbox.take()
    return talk, link, inbox


async def test_a_sensor_that_says_it_stopped_is_noticed_and_starting_it_again_settles_that() -> None:
    talk, link, _ = await ready()
    link.listeners[CONTROL](b"\x05")
    assert not talk.stopped_itself
    link.listeners[CONTROL](b"\x01\x02")
    assert talk.stopped_itself
    await talk.start_again()
    assert not talk.stopped_itself
    assert link.written == [b"\x01", b"\x01"]


async def test_one_stream_that_ends_is_silence_although_the_other_flows_and_so_is_battery_alone() -> None:
    link, clock_ns = ObedientLink(), [0]
    profile = replace(PROFILE, streams=(DATA, "motion"))
    timebase = Timebase(clock=lambda: clock_ns[0])
    talk = Session(link, SensorSpec("left", profile, "C4:00"), Inbox(), timebase)
    await talk.set_up()
    for seconds, characteristic in enumerate((DATA, "motion", DATA, DATA, "battery")):
        clock_ns[0] = seconds
        talk._hear(characteristic, b"1")
    assert talk.data_heard_ns == 1


async def test_a_state_that_cannot_be_read_is_noted_and_ends_the_link_only_if_that_is_lost() -> None:
    class Stateless(ObedientLink):
        async def read(self, _characteristic: str) -> bytes:
            raise LinkLost("no such characteristic")

    link, inbox = Stateless(), Inbox()
    spec = SensorSpec("left", replace(PROFILE, health_characteristic="state"), "C4:00")
    talk = Session(link, spec, inbox, Timebase())
    await talk.set_up()
    await talk.read_health()
    assert [learnt.step for learnt in inbox.take() if isinstance(learnt, RecoveryStep)] == ["set-up step left out"]
    link.lost.set()
    with pytest.raises(LinkLost):
        await talk.read_health()


async def test_a_sensor_that_does_not_answer_a_stop_is_started_all_the_same() -> None:
    talk, link, inbox = await ready()
    await talk.stop_and_start()
    assert link.written == [b"\x01", b"\x02", b"\x01"]
    assert [learnt.step for learnt in inbox.take() if isinstance(learnt, RecoveryStep)] == ["set-up step left out"]


async def test_what_was_lost_is_asked_for_a_few_at_a_time_and_every_exchange_is_logged() -> None:
    backfill = EveryOdd()
    talk, link, inbox = await ready(backfill)
    assert backfill.calls == ["linked", "01 81"]
    for number in range(12):
        link.listeners[DATA](bytes((number,)))
    inbox.take()
    await talk.ask_for_missing()
    assert link.written[1:] == [b"\x0c\x01", b"\x0c\x03", b"\x0c\x05", b"\x0c\x07"]
    asked = [learnt.request for learnt in inbox.take() if isinstance(learnt, SetupReply)]
    assert asked == link.written[1:]
    await talk.ask_for_missing()
    assert link.written[5:] == [b"\x0c\x09", b"\x0c\x0b"]
    assert backfill.calls[-1] == "0c0b 8c"


async def test_a_fault_in_asking_ends_the_asking_and_not_the_recording() -> None:
    talk, link, inbox = await ready(EveryOdd())
    link.listeners[DATA](b"")
    link.listeners[DATA](b"\x01")
    await talk.ask_for_missing()
    learnt = inbox.take()
    assert [type(entry) for entry in learnt] == [Notification, RecoveryStep, Notification]
    assert "IndexError" in repr(learnt[1])
    assert link.written == [b"\x01"]


async def test_a_header_that_is_too_short_to_unpack_ends_the_asking_too() -> None:
    class Unpacking(EveryOdd):
        def heard(self, _characteristic: str, payload: bytes, _mono_ns: int) -> None:
            struct.unpack("<I", payload)

    _, link, inbox = await ready(Unpacking())
    link.listeners[DATA](b"1")
    assert any("unpack requires" in repr(learnt) for learnt in inbox.take())
