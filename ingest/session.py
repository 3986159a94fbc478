"""One link to one sensor: its set-up by the profile's list, and the log of every word exchanged."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ingest.decoders.profile import SetupOp, SetupStep
from ingest.errors import LinkLost
from ingest.night.records import Notification, RecoveryStep, SetupReply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ingest.ble_link import SensorLink
    from ingest.decoders.profile import DeviceProfile
    from ingest.inbox import Inbox
    from ingest.refill import Refill
    from ingest.timebase import Timebase

NS_PER_US = 1_000
UTC_BYTES = 8
# An exchange takes a few round trips through the computer's Bluetooth service, however fast the night is played.
LEAST_EXCHANGE_WALL_S = 3.0
# Requests for lost samples between two looks of the watchdog; each is a round trip that live packets wait for.
MOST_REQUESTS = 4


@dataclass(frozen=True, slots=True)
class SensorSpec:
    """A sensor to record.

    Parameters
    ----------
    name : str
        Name that the wearer gave it; stands in every record.
    profile : DeviceProfile
        What kind it is.
    address : str
        Bluetooth address (on macOS the UUID that stands for it), or empty to go by the advertised name.
    advertised_name : str
        Advertised name, used when there is no address.
    adapter : str
        Bluetooth adapter to use, for example ``hci1``; the computer's default if empty.

    Raises
    ------
    ValueError
        If there is neither address nor advertised name.
    """

    name: str
    profile: DeviceProfile
    address: str = ""
    advertised_name: str = ""
    adapter: str = ""

    def __post_init__(self) -> None:
        if not (self.address or self.advertised_name):
            msg = f"{self.name}: a sensor needs an address or an advertised name, got neither"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A request, and the answer once it came."""

    request: bytes
    answer_prefix: bytes
    answer: asyncio.Future[bytes]

    def is_answered_by(self, payload: bytes) -> bool:
        return not self.answer.done() and payload.startswith(self.answer_prefix)


class Session:
    """What is said over one link; whatever is not answered as it must be raises LinkLost.

    Parameters
    ----------
    link : SensorLink
        The connected sensor.
    spec : SensorSpec
        Which sensor, and how it is set up.
    inbox : Inbox
        Where everything heard goes.
    timebase : Timebase
        Time of the night.
    refill : Refill, optional
        What asks the sensor for lost samples.
    """

    def __init__(
        self, link: SensorLink, spec: SensorSpec, inbox: Inbox, timebase: Timebase, refill: Refill | None = None
    ) -> None:
        self._link = link
        self._refill = refill
        self._spec = spec
        self._inbox = inbox
        self._timebase = timebase
        self._subscribed: list[str] = []
        self._open: dict[str, _Exchange] = {}
        steps = spec.profile.setup + spec.profile.stop
        self._asked = {step.characteristic for step in steps if _answers(step) and not step.answered_on}
        self._branches = {step.only_after for step in steps}
        self._taken = {b""}
        self._heard_ns: dict[str, int] = {}
        self.data_heard_ns: int | None = None
        self.ready = False
        self.stopped_itself = False
        if refill is not None:
            refill.linked(timebase.mono_ns())

    async def set_up(self) -> None:
        """Run the profile's full list of set-up steps."""
        await self._run(self._spec.profile.setup)
        self.stopped_itself = False
        self.ready = True

    async def start_again(self) -> None:
        """Repeat what the set-up writes; a sensor that streams takes no notice."""
        writes = (SetupOp.WRITE, SetupOp.WRITE_NO_RSP)
        await self._run(tuple(step for step in self._spec.profile.setup if step.op in writes))
        # Some say so when they are told to stop, too, and a set-up may begin with that.
        self.stopped_itself = False

    async def stop_and_start(self) -> None:
        """Stop the streams, whatever the sensor says to that, and repeat what the set-up writes."""
        await self._run(tuple(replace(step, required=False) for step in self._spec.profile.stop))
        await self.start_again()

    async def ask_for_missing(self) -> None:
        """Ask the sensor for samples that were lost on the way, as far as its profile knows how."""
        for _ in range(MOST_REQUESTS):
            step = None if self._refill is None else self._refill.due(self._timebase.mono_ns())
            if step is None:
                return
            await self._step(step)

    async def subscribe_again(self) -> None:
        """End every subscription, then run the full set-up."""
        while self._subscribed:
            characteristic = self._subscribed.pop()
            async with self._patience("unsubscribe", self._spec.profile.setup[0].timeout_s):
                await self._link.unsubscribe(characteristic)
        await self.set_up()

    async def read_health(self) -> None:
        """Read the sensor's state, if its profile names where; without an answer the ladder goes on."""
        characteristic = self._spec.profile.health_characteristic
        if characteristic:
            await self._step(SetupStep(SetupOp.READ, characteristic, timeout_s=LEAST_EXCHANGE_WALL_S, required=False))

    async def stop(self) -> None:
        """Stop the streams."""
        await self._run(self._spec.profile.stop)

    async def _run(self, steps: tuple[SetupStep, ...]) -> None:
        for step in steps:
            if step.only_after in self._taken:
                await self._step(step)

    async def _step(self, step: SetupStep) -> None:
        """Run one step within its time; one that is not required may fail."""
        try:
            async with self._patience(f"{step.op} {step.characteristic}", step.timeout_s):
                await self._exchange(step)
        except LinkLost as failed:
            if step.required or self._link.lost.is_set():
                raise
            now_ns = self._timebase.mono_ns()
            self._inbox.tell(RecoveryStep(now_ns, self._spec.name, "set-up step left out", str(failed)))

    async def _exchange(self, step: SetupStep) -> None:
        match step.op:
            case SetupOp.READ:
                value = await self._link.read(step.characteristic)
                self._log_reply(step.characteristic, b"", value)
                self._expect(step, value)
            case SetupOp.SUBSCRIBE:
                if step.characteristic not in self._subscribed:
                    await self._subscribe(step.characteristic)
            case SetupOp.WRITE | SetupOp.WRITE_NO_RSP:
                await self._write(step)

    async def _subscribe(self, characteristic: str) -> None:
        def heard(payload: bytes) -> None:
            self._hear(characteristic, payload)

        await self._link.subscribe(characteristic, heard)
        self._subscribed.append(characteristic)

    async def _write(self, step: SetupStep) -> None:
        """Write, and where an answer is expected, try the other payloads before giving up."""
        answer = await self._ask(step, step.payload)
        for payload in step.otherwise:
            if answer.startswith(step.expect_prefix):
                break
            answer = await self._ask(step, payload)
        self._expect(step, answer)

    async def _ask(self, step: SetupStep, payload: bytes) -> bytes:
        """Write a payload and return the answer, empty where none is expected."""
        if step.append_utc_us:
            payload += (self._timebase.now_ns() // NS_PER_US).to_bytes(UTC_BYTES, "little")
        if not _answers(step):
            await self._link.write(step.characteristic, payload, response=step.op is SetupOp.WRITE)
            return b""
        # An answer may come before the write is confirmed.
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        answered_on = step.answered_on or step.characteristic
        self._open[answered_on] = _Exchange(payload, step.answer_prefix, answer)
        try:
            await self._link.write(step.characteristic, payload, response=step.op is SetupOp.WRITE)
            said = await self._answer(answered_on, answer)
        finally:
            del self._open[answered_on]
        self._taken |= {branch for branch in self._branches if said.startswith(branch)}
        return said

    async def _answer(self, characteristic: str, answer: asyncio.Future[bytes]) -> bytes:
        """Wait for an answer."""
        lost = asyncio.ensure_future(self._link.lost.wait())
        either: set[asyncio.Future[Any]] = {answer, lost}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost.cancel()
        if not answer.done():
            raise LinkLost(f"{characteristic}: the link was lost before the answer came")
        return answer.result()

    def _expect(self, step: SetupStep, answer: bytes) -> None:
        if not answer.startswith(step.expect_prefix):
            msg = f"{step.characteristic} answered {answer.hex()}, expected {step.expect_prefix.hex()}..."
            raise LinkLost(msg)

    def _hear(self, characteristic: str, payload: bytes) -> None:
        """Log a notification or indication as it comes; called in the event loop, must not wait."""
        exchange = self._open.get(characteristic)
        if exchange is not None and exchange.is_answered_by(payload):
            self._log_reply(characteristic, exchange.request, payload)
            exchange.answer.set_result(payload)
            return
        now_ns = self._timebase.mono_ns()
        if any(characteristic == where and payload.startswith(words) for where, words in self._spec.profile.stop_words):
            self.stopped_itself = True
        if self._is_data(characteristic):
            self._heard_ns[characteristic if self._spec.profile.streams else ""] = now_ns
            self.data_heard_ns = min(self._heard_ns.values())
        self._inbox.hear(Notification(now_ns, self._spec.name, characteristic, payload))
        if self._refill is not None:
            self._refill.heard(characteristic, payload, now_ns)

    def _is_data(self, characteristic: str) -> bool:
        profile = self._spec.profile
        if profile.streams:
            return characteristic in profile.streams
        return characteristic not in self._asked and characteristic != profile.health_characteristic

    def _log_reply(self, characteristic: str, request: bytes, payload: bytes) -> None:
        now_ns = self._timebase.mono_ns()
        self._inbox.tell(SetupReply(now_ns, self._spec.name, characteristic, request, payload))
        if self._refill is not None:
            self._refill.replied(characteristic, request, payload, now_ns)

    @contextlib.asynccontextmanager
    async def _patience(self, doing: str, seconds: float) -> AsyncIterator[None]:
        """Give an exchange its time of the night, and the machine at least its time of the wall clock."""
        wall_s = self._timebase.patience_s(seconds, least_wall_s=LEAST_EXCHANGE_WALL_S) / self._timebase.speed
        try:
            async with asyncio.timeout(wall_s):
                yield
        except TimeoutError as error:
            raise LinkLost(f"{doing}: no answer within {wall_s:g} s") from error


def _answers(step: SetupStep) -> bool:
    """Whether an indication of the step's characteristic answers it."""
    writes = (SetupOp.WRITE, SetupOp.WRITE_NO_RSP)
    return step.op in writes and bool(step.expect_prefix)
