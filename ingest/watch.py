"""One sensor through a whole night: found, connected, listened to, and found again."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, TypeVar

from ingest.ble import Sighting, connect, find, still_connected
from ingest.errors import LinkLost
from ingest.ladder import RUNG_WAITS_S, Backoff, Rung, SilenceLadder
from ingest.night.records import LinkDown, LinkUp, RecoveryStep
from ingest.session import Session

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from random import Random

    from ingest.ble import BleBackend, Link
    from ingest.inbox import Inbox
    from ingest.session import SensorSpec
    from ingest.timebase import Timebase

log = logging.getLogger(__name__)
T = TypeVar("T")

FIND_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 20.0
LEAST_FIND_WALL_S = 5.0
LEAST_CONNECT_WALL_S = 10.0
# Silence that a compressed night must show before it is one: the machine may have been busy.
LEAST_SILENCE_WALL_S = 1.0
LEAST_RUNG_WALL_S = 0.25
# The watchdog looks this often per silence timeout.
LOOKS_PER_SILENCE = 8
NS_PER_S = 1_000_000_000


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
    ble : BleBackend
        The Bluetooth to use.
    connecting : asyncio.Lock
        Held while scanning or connecting: an adapter does one of them at a time.
    rng : random.Random
        Source of the jitter.
    """

    def __init__(
        self,
        spec: SensorSpec,
        *,
        inbox: Inbox,
        timebase: Timebase,
        ble: BleBackend,
        connecting: asyncio.Lock,
        rng: Random,
    ) -> None:
        self._spec = spec
        self._inbox = inbox
        self._timebase = timebase
        self._ble = ble
        self._connecting = connecting
        self._rng = rng
        self._backoff = Backoff(rng)
        self._linked: Sighting | None = None
        self._known: Sighting | None = None
        self._look_back = False

    async def run(self, stop: asyncio.Event) -> None:
        """Record until `stop` is set, then stop the sensor and disconnect."""
        while not stop.is_set():
            try:
                await self._link_once(stop)
            except LinkLost as lost:
                self._note("lost" if self._known else "unreachable", str(lost))
                wait_s = self._backoff.next_s()
                if self._backoff.exhausted:
                    self._note("alarm", f"not reached in {self._backoff.failures} attempts; trying on")
                await _unless(stop, self._timebase.sleep(wait_s))

    async def _link_once(self, stop: asyncio.Event) -> None:
        """Live through one link."""
        reason = ""
        try:
            async with contextlib.AsyncExitStack() as stack:
                link = await _unless(stop, self._open(stack))
                if link is None:
                    return
                reason = "cancelled"
                self._inbox.tell(LinkUp(self._timebase.mono_ns(), self._spec.name, link.mtu))
                session = Session(link, self._spec, self._inbox, self._timebase)
                try:
                    await _unless(stop, session.set_up())
                    await self._listen(link, session, stop)
                    reason = "stopped"
                    if session.ready:
                        await session.stop()
                except LinkLost as lost:
                    reason = str(lost)
                    raise
        finally:
            if reason:
                self._inbox.tell(LinkDown(self._timebase.mono_ns(), self._spec.name, reason))

    async def _open(self, stack: contextlib.AsyncExitStack) -> Link:
        """Find the sensor and connect; one that delivered until just now is tried without a scan.

        A scan disturbs the other sensors. But what BlueZ remembers of a sensor may be as dead as BlueZ itself, so only
        data make a sensor known.
        """
        async with self._connecting:
            known, self._known = self._known, None
            sighting = known or await self._find()
            wall_s = self._wall_s(CONNECT_TIMEOUT_S, LEAST_CONNECT_WALL_S)
            self._linked = sighting
            return await stack.enter_async_context(connect(sighting, wall_s, self._ble))

    async def _find(self) -> Sighting:
        """Look for the sensor: every other time, beginning with the first, among links that were left standing."""
        self._look_back = not self._look_back
        if self._look_back:
            for sighting in await still_connected(self._spec.profile.service_uuids, self._ble):
                if self._wanted(sighting):
                    return sighting
        return await find(self._wanted, self._wall_s(FIND_TIMEOUT_S, LEAST_FIND_WALL_S), self._ble)

    def _wanted(self, sighting: Sighting) -> bool:
        if self._spec.address:
            return sighting.address.upper() == self._spec.address.upper()
        return sighting.name == self._spec.advertised_name

    async def _listen(self, link: Link, session: Session, stop: asyncio.Event) -> None:
        """Wait while the sensor delivers; climb the ladder while it does not."""
        silence_s = self._spec.profile.silence_timeout_s
        if silence_s is None:
            await _unless(stop, link.lost.wait())
            self._require(link)
            return
        silence_s = self._timebase.patience_s(silence_s, least_wall_s=LEAST_SILENCE_WALL_S)
        waits_s = tuple(self._timebase.patience_s(wait_s, least_wall_s=LEAST_RUNG_WALL_S) for wait_s in RUNG_WAITS_S)
        look_s = silence_s / LOOKS_PER_SILENCE
        looked_ns = self._timebase.mono_ns()
        ladder = SilenceLadder(silence_s, waits_s, looked_ns)
        heard_ns = None
        while not stop.is_set():
            self._require(link)
            now_ns = self._timebase.mono_ns()
            ladder.excuse(max(now_ns - looked_ns - round(2 * look_s * NS_PER_S), 0))
            looked_ns = now_ns
            if session.data_heard_ns != heard_ns:
                heard_ns = session.data_heard_ns
                self._backoff.reset()
                self._known = self._linked
                if heard_ns is not None and ladder.hear(heard_ns):
                    self._note("recovered", "data again")
            rung = ladder.due(now_ns)
            if rung is not None:
                await _unless(stop, self._climb(rung, session))
                looked_ns = self._timebase.mono_ns()
            await _either(stop, link.lost, look_s / self._timebase.speed)

    async def _climb(self, rung: Rung, session: Session) -> None:
        """Try one thing on a silent sensor."""
        self._note(f"silent: {rung}", "no data although connected")
        match rung:
            case Rung.READ_HEALTH:
                await session.read_health()
            case Rung.START_AGAIN:
                await session.start_again()
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

    def _wall_s(self, seconds: float, least_wall_s: float) -> float:
        return self._timebase.patience_s(seconds, least_wall_s=least_wall_s) / self._timebase.speed


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
