"""One sensor through a whole night: found, connected, listened to, and found again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, TypeVar

from detectors.signal import NS_PER_S
from ingest.airspace import LEAST_CONNECT_WALL_S
from ingest.errors import LinkLost, NotKnown
from ingest.ladder import ROUNDS, ROUNDS_WITHIN_S, RUNG_WAITS_S, Backoff, FailedRounds, Rung, SilenceLadder
from ingest.night.records import LinkDown, LinkUp, RecoveryStep
from ingest.refill import Refill
from ingest.session import Session

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from random import Random

    from ingest.airspace import Airspace
    from ingest.ble_link import Link
    from ingest.inbox import Inbox
    from ingest.session import SensorSpec
    from ingest.timebase import Timebase

log = logging.getLogger(__name__)
T = TypeVar("T")

# Silence that a compressed night must show before it is one: the machine may have been busy.
LEAST_SILENCE_WALL_S = 1.0
LEAST_RUNG_WALL_S = 0.25
# The watchdog looks so often: an eighth of the shortest silence.
LOOK_EVERY_S = 0.375
LEAST_LOOK_WALL_S = 0.125
# A sensor that stops by itself again and again (an empty battery) is not started faster than this.
START_AGAIN_EVERY_NS = 3_000_000_000
# For a sensor that may say nothing for as long as it likes: a lifetime.
NEVER_S = 1e9


class SensorWatch:
    """Keeps one sensor connected and logged until it is told to stop.

    Parameters
    ----------
    spec : SensorSpec
        The sensor.
    inbox : Inbox
        Where everything heard and done goes.
    timebase : Timebase
        Time of the night.
    air : Airspace
        What it shares with the other sensors of its adapter.
    rng : random.Random
        Source of the jitter.
    """

    def __init__(self, spec: SensorSpec, *, inbox: Inbox, timebase: Timebase, air: Airspace, rng: Random) -> None:
        self._spec = spec
        self._inbox = inbox
        self._timebase = timebase
        self._air = air
        self._backoff = Backoff(rng)
        least_wall_s = ROUNDS * LEAST_CONNECT_WALL_S
        self._rounds = FailedRounds(timebase.patience_s(ROUNDS_WITHIN_S, least_wall_s=least_wall_s))
        self._refill = Refill.of(spec.profile, spec.name, inbox, timebase.speed)
        self._link: Link | None = None
        self._delivered = False
        self._dropped = False

    def wake(self) -> None:
        """Treat the sensor as lost: the computer slept, and its link with it."""
        if self._link is not None:
            self._link.lost.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Record until `stop` is set, then stop the sensor and disconnect."""
        while not stop.is_set():
            self._delivered = self._dropped = False
            try:
                await self._link_once(stop)
            except LinkLost as lost:
                if isinstance(lost, NotKnown):
                    self._air.forget(self._spec.name)
                await self._wait_after(str(lost), stop)

    async def _wait_after(self, reason: str, stop: asyncio.Event) -> None:
        """Note how a link ended, or that there was none, and wait before the next."""
        self._note("lost" if self._delivered else "unreachable", reason)
        if self._rounds.fail(self._timebase.mono_ns()):
            await _unless(stop, self._air.reset(self._spec.name))
        wait_s = self._backoff.next_s() + (self._backoff.settle_s() if self._dropped else 0.0)
        if self._backoff.exhausted:
            self._note("alarm", f"not reached in {self._backoff.failures} attempts; trying on")
        await _unless(stop, self._air.wait(wait_s))

    async def _link_once(self, stop: asyncio.Event) -> None:
        """Live through one link."""
        reason = ""
        try:
            async with contextlib.AsyncExitStack() as stack:
                self._link = link = await _unless(stop, self._air.open(self._spec.name, stack))
                if link is None:
                    return
                reason = "cancelled"
                self._inbox.tell(LinkUp(self._timebase.mono_ns(), self._spec.name, link.mtu))
                session = Session(link, self._spec, self._inbox, self._timebase, self._refill)
                try:
                    await _unless(stop, session.set_up())
                    await self._listen(link, session, stop)
                    reason = "stopped"
                    if session.ready:
                        await session.stop()
                except LinkLost as lost:
                    reason = str(lost)
                    self._dropped = not link.lost.is_set()
                    if session.data_heard_ns is not None:
                        self._deliver()
                    raise
        finally:
            self._link = None
            if reason:
                self._inbox.tell(LinkDown(self._timebase.mono_ns(), self._spec.name, reason))

    async def _listen(self, link: Link, session: Session, stop: asyncio.Event) -> None:
        """Wait while the sensor delivers; climb the ladder while it does not."""
        ladder = self._ladder()
        look_s = self._timebase.patience_s(LOOK_EVERY_S, least_wall_s=LEAST_LOOK_WALL_S)
        looked_ns = self._timebase.mono_ns()
        heard_ns = None
        start_ns = looked_ns
        while not stop.is_set():
            self._require(link)
            now_ns = self._timebase.mono_ns()
            ladder.excuse(max(now_ns - looked_ns - round(2 * look_s * NS_PER_S), 0))
            looked_ns = now_ns
            if session.data_heard_ns != heard_ns:
                heard_ns = session.data_heard_ns
                if heard_ns is not None:
                    self._hear(ladder, heard_ns)
            rung = ladder.due(now_ns)
            if rung is not None:
                await _unless(stop, self._climb(rung, session))
            elif session.stopped_itself and now_ns >= start_ns:
                start_ns = now_ns + START_AGAIN_EVERY_NS
                self._note("stopped by itself", "starting it again")
                await _unless(stop, session.start_again())
            await _unless(stop, session.ask_for_missing())
            looked_ns = self._timebase.mono_ns()
            await _either(stop, link.lost, look_s / self._timebase.speed)

    def _ladder(self) -> SilenceLadder:
        """Return the ladder for one link; a sensor that sends only when something changes is never silent."""
        silence_s = self._timebase.patience_s(
            self._spec.profile.silence_timeout_s or NEVER_S, least_wall_s=LEAST_SILENCE_WALL_S
        )
        waits_s = tuple(self._timebase.patience_s(wait_s, least_wall_s=LEAST_RUNG_WALL_S) for wait_s in RUNG_WAITS_S)
        return SilenceLadder(silence_s, waits_s, self._timebase.mono_ns())

    def _hear(self, ladder: SilenceLadder, heard_ns: int) -> None:
        """Take note of data."""
        self._deliver()
        if ladder.hear(heard_ns):
            self._note("recovered", "data again")

    def _deliver(self) -> None:
        """Forget how often the sensor was tried: this link brought data."""
        self._backoff.reset()
        self._rounds.reset()
        self._air.delivers(self._spec.name)
        self._delivered = True

    async def _climb(self, rung: Rung, session: Session) -> None:
        """Try one thing on a silent sensor."""
        self._note(f"silent: {rung}", "no data although connected")
        self._air.falls_silent(self._spec.name)
        match rung:
            case Rung.READ_HEALTH:
                await session.read_health()
            case Rung.START_AGAIN:
                await session.start_again()
            case Rung.STOP_AND_START:
                await session.stop_and_start()
            case Rung.SUBSCRIBE_AGAIN:
                await session.subscribe_again()
            case Rung.RECONNECT:
                raise LinkLost("silent although connected; disconnecting")

    def _require(self, link: Link) -> None:
        if link.lost.is_set():
            raise LinkLost("the link was lost")

    def _note(self, step: str, detail: str) -> None:
        self._inbox.tell(RecoveryStep(self._timebase.mono_ns(), self._spec.name, step, detail))
        log.info("%s: %s: %s", self._spec.name, step, detail)


async def _unless(stop: asyncio.Event, work: Awaitable[T]) -> T | None:
    """Do `work`, but drop it when `stop` is set."""
    doing = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return doing.result() if doing.done() else None
    finally:
        stopping.cancel()
        doing.cancel()
        await asyncio.wait({doing})
        # What it failed with no longer matters; asyncio would complain that nobody asked.
        _ = doing.cancelled() or doing.exception()


async def _either(stop: asyncio.Event, lost: asyncio.Event, wall_s: float) -> None:
    """Wait for one of two events, at most so long."""
    waiting = {asyncio.ensure_future(event.wait()) for event in (stop, lost)}
    try:
        await asyncio.wait(waiting, timeout=wall_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiting:
            waiter.cancel()
