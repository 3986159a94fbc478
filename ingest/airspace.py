"""One adapter's air: who streams through it, one connection attempt at a time, and scans only while it is quiet.

A scan takes air from the sensors that stream, and connecting to two at once fails on BlueZ (see docs/adr/0022). So all
sensors are looked for together, before the first of them streams; one that is lost later is connected to without a
scan, because the Bluetooth service still knows it.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.ble import connect, find, still_connected
from ingest.errors import LinkLost
from ingest.night.records import RecoveryStep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ingest.ble import BleBackend, Sighting
    from ingest.ble_link import Link
    from ingest.inbox import Inbox
    from ingest.session import SensorSpec
    from ingest.timebase import Timebase

FIND_TIMEOUT_S = 10.0
# How much longer than for one sensor the others are waited for; slow ones advertise every two seconds.
OTHERS_TIMEOUT_S = 3.0
CONNECT_TIMEOUT_S = 20.0
LEAST_FIND_WALL_S = 5.0
LEAST_OTHERS_WALL_S = 0.5
LEAST_CONNECT_WALL_S = 10.0
# A sensor that delivered is tried so often without a scan before one is made, if nobody streams.
DIRECT_ATTEMPTS = 3
# While others stream: how long a scan may last, and how long after the last one it may come, the first time and later.
SHORT_SCAN_S = 5.0
SHORT_SCAN_WAITS_S = (30.0, 60.0, 120.0, 300.0)
RESET_EVERY_S = 600.0


@dataclass(slots=True)
class _Place:
    """What is known of one sensor."""

    spec: SensorSpec
    sighting: Sighting | None = None
    attempts: int = 0
    short_scans: int = 0
    linked: bool = False
    streams: bool = False
    delivered: bool = False
    looked_back: bool = False
    refused: str = ""

    def is_it(self, sighting: Sighting) -> bool:
        if self.spec.address:
            return sighting.address.upper() == self.spec.address.upper()
        return sighting.name == self.spec.advertised_name


class Airspace:
    """What the sensors on one adapter share.

    Parameters
    ----------
    sensors : sequence of SensorSpec
        All of them.
    ble : BleBackend
        The Bluetooth to use, on that adapter.
    inbox : Inbox
        Where every step goes.
    timebase : Timebase
        Time of the night.
    """

    def __init__(self, sensors: Sequence[SensorSpec], *, ble: BleBackend, inbox: Inbox, timebase: Timebase) -> None:
        self._places = {spec.name: _Place(spec) for spec in sensors}
        self._ble = ble
        self._inbox = inbox
        self._timebase = timebase
        self._turn = asyncio.Lock()
        self._scanned_ns: int | None = None
        self._reset_ns: int | None = None
        self._dawn = asyncio.Event()
        self._vain: asyncio.Timeout | None = None

    async def open(self, name: str, stack: contextlib.AsyncExitStack) -> Link:
        """Find a sensor and connect to it; one attempt, when it is its turn.

        One that was tried in vain before makes way for one that delivered just now: an empty battery on one leg
        must not cost the other leg its data.

        Parameters
        ----------
        name : str
            The sensor.
        stack : contextlib.AsyncExitStack
            Closes the link.

        Returns
        -------
        Link
            Connected.

        Raises
        ------
        LinkLost
            If it is not found, or cannot be connected.
        """
        place = self._places[name]
        if place.attempts == 0 and self._vain is not None:
            self._vain.reschedule(asyncio.get_running_loop().time())
        async with self._turn:
            try:
                async with asyncio.timeout(None) as attempt:
                    self._vain = attempt if place.attempts else None
                    link = await self._connect(place, stack)
            except TimeoutError as error:
                raise LinkLost("made way for a sensor that delivered just now") from error
            finally:
                self._vain = None
            # Before any data: the link is set up now, which a reset would end and from which a scan would take the air.
            # That lasts seconds: without an answer the set-up ends with its link, and one that brings no data makes the
            # sensor fall silent. Until then a reset or a scan for another is put off, and tried again anyway.
            place.linked = place.streams = True
            stack.callback(self._unlink, place)
            return link

    async def _connect(self, place: _Place, stack: contextlib.AsyncExitStack) -> Link:
        place.sighting = await self._sighting(place)
        wall_s = self._wall_s(CONNECT_TIMEOUT_S, LEAST_CONNECT_WALL_S)
        return await stack.enter_async_context(connect(place.sighting, wall_s, self._ble))

    def delivers(self, name: str) -> None:
        """Note that data came from a sensor."""
        place = self._places[name]
        if not place.delivered:
            self._dawn.set()
            self._dawn = asyncio.Event()
        place.streams = place.delivered = True
        place.attempts = place.short_scans = 0
        place.refused = ""

    def forget(self, name: str) -> None:
        """Note that the Bluetooth service does not know a sensor: only a scan finds it."""
        self._places[name].sighting = None

    async def wait(self, seconds: float) -> None:
        """Wait before the next attempt, but no longer than until somebody delivers again if now nobody has a link.

        Then the adapter or its service was to blame, and what it cost one sensor need not cost the others. A link alone
        proves nothing: bleak may take one for standing that died with the service.

        Parameters
        ----------
        seconds : float
            How long, s of the night.
        """
        if self._is_dark():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._dawn.wait(), seconds / self._timebase.speed)
        else:
            await self._timebase.sleep(seconds)

    def falls_silent(self, name: str) -> None:
        """Note that nothing comes from a connected sensor."""
        self._places[name].streams = False

    async def reset(self, name: str) -> None:
        """Switch the adapter off and on for the sake of a sensor, if that is allowed, is not too soon and harms nobody.

        Parameters
        ----------
        name : str
            The sensor that cannot be reached.
        """
        place = self._places[name]
        refused = self._refusal()
        if not refused:
            self._note(name, "adapter reset", "off and on")
            before_ns, self._reset_ns = self._reset_ns, self._timebase.mono_ns()
            try:
                async with self._turn:
                    await self._reset(place.spec.adapter)
            except LinkLost as error:
                self._reset_ns = before_ns
                refused = str(error)
        if refused and refused != place.refused:
            self._note(name, "adapter not reset", refused)
        place.refused = refused

    def _refusal(self) -> str:
        """Return why the adapter must not be reset now, empty if it may."""
        others = self._streaming()
        if self._ble.reset is None:
            return "not allowed: reset_adapter is off"
        if others:
            return ", ".join(self._why_not(name) for name in others)
        if self._reset_ns is not None and self._timebase.mono_ns() - self._reset_ns < RESET_EVERY_S * NS_PER_S:
            return f"it was reset less than {RESET_EVERY_S / 60:g} min ago"
        return ""

    def _why_not(self, name: str) -> str:
        return f"{name} still delivers" if self._places[name].delivered else f"{name} is being set up"

    async def _reset(self, adapter: str) -> None:
        if self._ble.reset is not None:
            await self._ble.reset(adapter)

    async def _sighting(self, place: _Place) -> Sighting:
        """Return where to connect to: what is known of a sensor, or what a scan finds."""
        place.attempts += 1
        others = self._streaming()
        may_scan = self._scan_is_due(place) if others else place.attempts % 2 == 0
        if place.sighting is not None and (place.attempts <= DIRECT_ATTEMPTS or not may_scan):
            return place.sighting
        standing = await self._standing(place)
        if standing is not None:
            return standing
        if others and not may_scan:
            raise LinkLost(f"not known to the Bluetooth service, and no scan yet while {', '.join(others)} streams")
        return await self._scan(place, others)

    def _scan_is_due(self, place: _Place) -> bool:
        """Whether the last scan is so long ago that a short one may come although others stream."""
        wait_s = SHORT_SCAN_WAITS_S[min(place.short_scans, len(SHORT_SCAN_WAITS_S) - 1)]
        return self._scanned_ns is None or self._timebase.mono_ns() - self._scanned_ns >= wait_s * NS_PER_S

    async def _standing(self, place: _Place) -> Sighting | None:
        """Look among links that were left standing, every other time: what says that it is linked may be wrong."""
        place.looked_back = not place.looked_back
        if place.looked_back:
            for sighting in await still_connected(place.spec.profile.service_uuids, self._ble):
                if place.is_it(sighting):
                    return sighting
        return None

    async def _scan(self, place: _Place, others: list[str]) -> Sighting:
        """Listen for every sensor that has no link."""
        missing = [known for known in self._places.values() if not known.linked]
        wanted: dict[str, Callable[[Sighting], bool]] = {known.spec.name: known.is_it for known in missing}
        if others:
            place.short_scans += 1
            self._note(place.spec.name, "short scan", f"while {', '.join(others)} streams")
        seconds = SHORT_SCAN_S if others else FIND_TIMEOUT_S
        wall_s = self._wall_s(seconds, LEAST_FIND_WALL_S)
        others_wall_s = 0.0 if others else self._wall_s(OTHERS_TIMEOUT_S, LEAST_OTHERS_WALL_S)
        self._scanned_ns = self._timebase.mono_ns()
        try:
            found = await find(wanted, place.spec.name, (wall_s, others_wall_s), self._ble)
        finally:
            self._scanned_ns = self._timebase.mono_ns()
        for known in missing:
            known.sighting = found.get(known.spec.name, known.sighting)
        if place.spec.name not in found:
            raise LinkLost(f"not heard in a scan of {wall_s:g} s")
        return found[place.spec.name]

    def _is_dark(self) -> bool:
        return not any(place.linked for place in self._places.values())

    def _streaming(self) -> list[str]:
        return [name for name, place in self._places.items() if place.streams]

    def _unlink(self, place: _Place) -> None:
        place.linked = place.streams = place.delivered = False

    def _note(self, name: str, step: str, detail: str) -> None:
        self._inbox.tell(RecoveryStep(self._timebase.mono_ns(), name, step, detail))

    def _wall_s(self, seconds: float, least_wall_s: float) -> float:
        return self._timebase.patience_s(seconds, least_wall_s=least_wall_s) / self._timebase.speed
