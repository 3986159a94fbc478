"""Set-up by the profile's list: every step, every answer logged, and what happens when an answer is wrong."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ingest.decoders.lsp import LSP
from ingest.decoders.polar import POLAR_PMD
from ingest.decoders.profile import DeviceProfile, LossMode, SetupOp, SetupStep
from ingest.errors import LinkLost
from ingest.inbox import Inbox
from ingest.night.records import Notification, RecoveryStep, SetupReply
from ingest.session import SensorSpec, Session
from ingest.timebase import Timebase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DATA, CONTROL, HEALTH = "data", "control", "health"


class FakeLink:
    """A sensor that answers by a table."""

    def __init__(self, answers: Mapping[bytes, bytes | None]) -> None:
        self.lost = asyncio.Event()
        self.said: list[tuple[str, str, bytes]] = []
        self.listeners: dict[str, Callable[[bytes], None]] = {}
        self.says_first: list[bytes] = []
        self._answers = answers

    async def read(self, characteristic: str) -> bytes:
        self.said.append(("read", characteristic, b""))
        return b"value"

    async def write(self, characteristic: str, payload: bytes, *, response: bool = True) -> None:
        self.said.append(("write" if response else "write_no_rsp", characteristic, payload))
        # As over the air: the answer may come before the write is confirmed.
        for unasked in self.says_first:
            self.listeners[characteristic](unasked)
        answer = self._answers.get(payload[:1])
        if answer is not None:
            self.listeners[characteristic](answer)
        await asyncio.sleep(0)

    async def subscribe(self, characteristic: str, heard: Callable[[bytes], None]) -> None:
        self.said.append(("subscribe", characteristic, b""))
        self.listeners[characteristic] = heard

    async def unsubscribe(self, characteristic: str) -> None:
        self.said.append(("unsubscribe", characteristic, b""))
        del self.listeners[characteristic]


def session(
    *setup: SetupStep, answers: Mapping[bytes, bytes | None] | None = None, speed: float = 1.0
) -> tuple[Session, FakeLink, Inbox]:
    profile = DeviceProfile("fake", ("service",), setup, (), 3.0, LossMode.NONE, health_characteristic=HEALTH)
    link, inbox = FakeLink(answers or {}), Inbox()
    timebase = Timebase(speed, epoch_ns=1_790_000_000_000_000_000)
    return Session(link, SensorSpec("left", profile, "C4:00"), inbox, timebase), link, inbox


def replies(inbox: Inbox) -> list[tuple[bytes, bytes]]:
    return [(learnt.request, learnt.payload) for learnt in inbox.take() if isinstance(learnt, SetupReply)]


SUBSCRIBE = SetupStep(SetupOp.SUBSCRIBE, CONTROL)
LISTEN = SetupStep(SetupOp.SUBSCRIBE, DATA)


async def test_every_value_read_and_every_answer_is_logged_with_its_request() -> None:
    start = SetupStep(SetupOp.WRITE, CONTROL, b"\x01go", expect_prefix=b"\x81")
    talk, link, inbox = session(SetupStep(SetupOp.READ, "info"), SUBSCRIBE, start, answers={b"\x01": b"\x81\x00"})
    await talk.set_up()
    assert replies(inbox) == [(b"", b"value"), (b"\x01go", b"\x81\x00")]
    assert [said for said, _, _ in link.said] == ["read", "subscribe", "write"]
    assert talk.ready


async def test_a_refused_write_is_followed_by_the_other_payloads_until_the_answer_is_right() -> None:
    start = SetupStep(SetupOp.WRITE, CONTROL, b"\x01", expect_prefix=b"ok", otherwise=(b"\x02", b"\x01", b"\x03"))
    answers: dict[bytes, bytes | None] = {b"\x01": b"busy", b"\x02": b"stopped", b"\x03": b"ok"}
    talk, link, inbox = session(SUBSCRIBE, start, answers=answers)
    await talk.set_up()
    assert [payload for said, _, payload in link.said if said == "write"] == [b"\x01", b"\x02", b"\x01", b"\x03"]
    assert [answer for _, answer in replies(inbox)] == [b"busy", b"stopped", b"busy", b"ok"]


async def test_a_required_step_with_a_wrong_answer_ends_the_link_and_says_what_was_expected() -> None:
    start = SetupStep(SetupOp.WRITE, CONTROL, b"\x01", expect_prefix=b"\x81")
    talk, _, _ = session(SUBSCRIBE, start, answers={b"\x01": b"\x06"})
    with pytest.raises(LinkLost, match=r"control answered 06, expected 81\.\.\."):
        await talk.set_up()
    assert not talk.ready


async def test_a_step_that_is_not_required_is_left_out_and_logged() -> None:
    wish = SetupStep(SetupOp.WRITE, CONTROL, b"\x01", expect_prefix=b"\x81", required=False)
    talk, link, inbox = session(SUBSCRIBE, wish, LISTEN, answers={b"\x01": b"\x06"})
    await talk.set_up()
    assert [learnt.step for learnt in inbox.take() if isinstance(learnt, RecoveryStep)] == ["set-up step left out"]
    assert DATA in link.listeners


async def test_a_sensor_that_does_not_answer_is_given_up_in_time() -> None:
    start = SetupStep(SetupOp.WRITE, CONTROL, b"\x01", expect_prefix=b"\x81", timeout_s=0.01)
    talk, _, _ = session(SUBSCRIBE, start)
    with pytest.raises(LinkLost, match=r"write control: no answer within 0\.01 s"):
        await talk.set_up()


async def test_a_link_that_is_lost_while_an_answer_is_awaited_is_noticed_at_once() -> None:
    start = SetupStep(SetupOp.WRITE, CONTROL, b"\x01", expect_prefix=b"\x81", timeout_s=1e6, required=False)
    talk, link, _ = session(SUBSCRIBE, start)
    asyncio.get_running_loop().call_soon(link.lost.set)
    with pytest.raises(LinkLost, match="lost before the answer came"):
        await talk.set_up()


async def test_the_time_of_the_night_is_appended_where_the_step_asks_for_it() -> None:
    step = SetupStep(SetupOp.WRITE, CONTROL, b"\x06\x01", append_utc_us=True)
    talk, link, _ = session(step, speed=2.0)
    await talk.set_up()
    payload = link.said[0][2]
    assert payload[:2] == b"\x06\x01"
    assert abs(int.from_bytes(payload[2:], "little") - 1_790_000_000_000_000) < 1e15


async def test_what_the_control_point_says_unasked_is_a_notification() -> None:
    start = SetupStep(SetupOp.WRITE, CONTROL, b"\x01", expect_prefix=b"\x81")
    talk, link, inbox = session(SUBSCRIBE, start, answers={b"\x01": b"\x81"})
    await talk.set_up()
    inbox.take()
    link.listeners[CONTROL](b"unasked")
    assert [type(learnt) for learnt in inbox.take()] == [Notification]


async def test_what_is_indicated_while_an_answer_is_awaited_is_logged_as_it_comes_and_not_taken_for_the_answer() -> (
    None
):
    start = SetupStep(SetupOp.WRITE, CONTROL, b"\x02", expect_prefix=b"\xf0\x02\x00", answer_prefix=b"\xf0\x02")
    talk, link, inbox = session(SUBSCRIBE, start, answers={b"\x02": b"\xf0\x02\x00"})
    link.says_first = [b"\x01\x02", b"\xf0\x03\x00"]
    await talk.set_up()
    logged = [(type(learnt), learnt.payload) for learnt in inbox.take()]  # type: ignore[union-attr]  # all carry one
    assert logged == [(Notification, b"\x01\x02"), (Notification, b"\xf0\x03\x00"), (SetupReply, b"\xf0\x02\x00")]


async def test_an_answer_that_comes_twice_is_one_reply_and_one_notification_and_none_too_late_is_lost() -> None:
    wish = SetupStep(SetupOp.WRITE, CONTROL, b"\x01", expect_prefix=b"\x81", required=False, timeout_s=0.01)
    talk, link, inbox = session(SUBSCRIBE, wish, LISTEN)
    await talk.set_up()
    link.listeners[CONTROL](b"\x81 late")
    start = SetupStep(SetupOp.WRITE, CONTROL, b"\x01", expect_prefix=b"\x81")
    again, link, heard = session(SUBSCRIBE, start, answers={b"\x01": b"\x81"})
    link.says_first = [b"\x81"]
    await again.set_up()
    assert [type(learnt) for learnt in inbox.take()] == [RecoveryStep, Notification]
    assert [type(learnt) for learnt in heard.take()] == [SetupReply, Notification]


async def test_a_failed_set_up_has_logged_what_the_sensor_said() -> None:
    start = SetupStep(SetupOp.WRITE, CONTROL, b"\x02", expect_prefix=b"\xf0", answer_prefix=b"\xf0", timeout_s=0.01)
    talk, _, inbox = session(SUBSCRIBE, start, answers={b"\x02": b"\x01\x02"})
    with pytest.raises(LinkLost, match="no answer"):
        await talk.set_up()
    assert [type(learnt) for learnt in inbox.take()] == [Notification]


@pytest.mark.parametrize("profile", [LSP, POLAR_PMD])
def test_a_profile_says_how_every_answer_begins(profile: DeviceProfile) -> None:
    exchanges = [step for step in (*profile.setup, *profile.stop) if step.op is SetupOp.WRITE]
    assert exchanges
    for step in exchanges:
        assert step.answer_prefix
        assert step.expect_prefix.startswith(step.answer_prefix)


async def test_only_data_keep_the_watchdog_quiet() -> None:
    health = SetupStep(SetupOp.SUBSCRIBE, HEALTH)
    talk, link, _ = session(LISTEN, health)
    await talk.set_up()
    link.listeners[HEALTH](b"still here")
    assert talk.data_heard_ns is None
    link.listeners[DATA](b"samples")
    assert talk.data_heard_ns is not None


async def test_subscribing_again_ends_every_subscription_first_and_starts_again_without_reading() -> None:
    start = SetupStep(SetupOp.WRITE, CONTROL, b"\x01", expect_prefix=b"\x81")
    talk, link, _ = session(SetupStep(SetupOp.READ, "info"), SUBSCRIBE, LISTEN, start, answers={b"\x01": b"\x81"})
    await talk.set_up()
    link.said.clear()
    await talk.start_again()
    assert [said for said, _, _ in link.said] == ["write"]
    link.said.clear()
    await talk.subscribe_again()
    ended = ["unsubscribe", "unsubscribe"]
    assert [said for said, _, _ in link.said] == [*ended, "read", "subscribe", "subscribe", "write"]
