"""What pages follow of a running night: one reading of the end of its log, shared by all pages that look at it."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from detectors.signal import NS_PER_S, SampleBlock
from ingest.clock import HostTime
from ingest.night.index import current_index, set_up_before
from ingest.night.packets import LogFollower, record_at
from ingest.night.records import NightEnd, NightStart, Notification
from soleus.build import decoder
from soleus.live_state import SensorState
from soleus.raw_stretch import joined_runs, view_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dashboards.live import LiveFeed, LiveSensor
    from dashboards.signals import RawView
    from detectors.criteria import Criteria
    from ingest.decoders.base import Item
    from ingest.night.folder import NightFolder
    from ingest.night.records import Record

KEPT_NS: Final = 10 * NS_PER_S
"""So much is held for pages; one that asks more seldom goes on with the newest."""
WINDOW_S: Final = 1.0
"""A gap waits so long for what is sent again: a page that follows must not stand still for 10 s."""
MOST_BEHIND_BYTES: Final = 8 << 20
_LOOK_EVERY_S: Final = 0.02
_LEAD_NS: Final = 40 * NS_PER_S
"""So much is decoded first: clocks and resting levels are near enough by then."""
_MOST_AGE_S: Final = 7 * 86_400.0
"""A clock that was set says nothing beyond this."""


class LiveNights:
    """The running nights that pages follow.

    Parameters
    ----------
    criteria : Criteria
        Thresholds, for the hint that a muscle is active.
    most_behind_bytes : int
        Further behind, as after the computer slept, reading begins anew near the end of the log.
    now_s : callable
        A time that never goes back, s.
    now_ns : callable
        UTC, ns.
    """

    def __init__(
        self,
        criteria: Criteria,
        *,
        most_behind_bytes: int = MOST_BEHIND_BYTES,
        now_s: Callable[[], float] = time.monotonic,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._criteria = criteria
        self._most_behind_bytes = most_behind_bytes
        self._now_s, self._now_ns = now_s, now_ns
        self._lock = threading.Lock()
        self._tails: dict[Path, tuple[LogTail, int]] = {}

    def feed(self, folder: NightFolder) -> LiveFeed:
        """Return the newest samples of a night, from 10 s ago on; the log is read once however many pages follow it.

        Parameters
        ----------
        folder : NightFolder
            The night.

        Returns
        -------
        LiveFeed
            To be closed by the caller.

        Raises
        ------
        DecodeError
            If ``night.json`` cannot be read.
        ConfigError
            If there is no decoder for a sensor.
        """
        with self._lock:
            tail, n_pages = self._tails.get(folder.path) or (self._begun(folder), 0)
            self._tails[folder.path] = tail, n_pages + 1
        return _PageFeed(tail, lambda: self._left(folder.path))

    def _begun(self, folder: NightFolder) -> LogTail:
        return LogTail(folder, self._criteria, self._most_behind_bytes, self._now_s, self._now_ns)

    def _left(self, path: Path) -> None:
        """Let go of a night's log when the last page has left."""
        with self._lock:
            tail, n_pages = self._tails.pop(path)
            if n_pages > 1:
                self._tails[path] = tail, n_pages - 1
            else:
                tail.close()


class _PageFeed:
    """What one page has seen; implements :class:`dashboards.live.LiveFeed`."""

    def __init__(self, tail: LogTail, leave: Callable[[], None]) -> None:
        self._tail = tail
        self._leave: Callable[[], None] | None = leave
        self._seen = 0

    def poll(self) -> Sequence[RawView]:
        """Return the samples that came since the last call, by stream."""
        blocks, self._seen = self._tail.since(self._seen)
        return [view_of(run) for run in joined_runs(blocks)]

    def sensors(self) -> Sequence[LiveSensor]:
        """Return how each sensor does now."""
        return self._tail.sensors()

    @property
    def over(self) -> bool:
        """Whether the night has ended."""
        return self._tail.over

    def close(self) -> None:
        """Leave; closing twice is allowed."""
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()


class LogTail:
    """The end of a log that is being written, decoded once for all who follow it; any thread may ask.

    Parameters
    ----------
    folder : NightFolder
        The night.
    criteria : Criteria
        Thresholds.
    most_behind_bytes : int
        How far behind it may be and still catch up.
    now_s : callable
        A time that never goes back, s.
    now_ns : callable
        UTC, ns.
    """

    def __init__(
        self,
        folder: NightFolder,
        criteria: Criteria,
        most_behind_bytes: int,
        now_s: Callable[[], float],
        now_ns: Callable[[], int],
    ) -> None:
        self._folder = folder
        self._most_behind_bytes = most_behind_bytes
        self._info = folder.read_info()
        self._criteria = criteria
        self._now_s, self._now_ns = now_s, now_ns
        self._lock = threading.Lock()
        self._ring: deque[tuple[int, int, SampleBlock]] = deque()
        self._n_blocks = 0
        self._follower: LogFollower | None = None
        self._looked_s = 0.0
        self._prepare()

    def since(self, seen: int) -> tuple[list[SampleBlock], int]:
        """Return what follows the first `seen` blocks, of the last 10 s at most, and how many blocks there were."""
        with self._lock:
            self._advance()
            newer = []
            for number, _, block in reversed(self._ring):
                if number <= seen:
                    break
                newer.append(block)
            return newer[::-1], self._n_blocks

    def sensors(self) -> list[LiveSensor]:
        """Return how each sensor does now."""
        with self._lock:
            self._advance()
            now_ns = self._log_ns + round((self._now_s() - self._read_s) * self._speed * NS_PER_S)
            return [state.now(now_ns) for state in self._states.values()]

    @property
    def over(self) -> bool:
        """Whether the log says so, as far as it was read, or is gone."""
        with self._lock:
            self._advance()
            return self._ended

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._follower is not None:
                self._follower.close()

    def _prepare(self) -> None:
        """Know nothing yet."""
        self._states = {worn.name: SensorState(worn, self._criteria) for worn in self._info.sensors}
        self._decoders = {worn.name: decoder(worn, self._info.speed, WINDOW_S) for worn in self._info.sensors}
        self._host = HostTime()
        self._speed = self._info.speed
        self._ended = False
        self._log_ns, self._from_ns, self._read_s = 0, 0, self._now_s()
        self._ring.clear()

    def _advance(self) -> None:
        """Read what is new, unless that was done just now."""
        now_s = self._now_s()
        if self._follower is not None and now_s - self._looked_s < _LOOK_EVERY_S:
            return
        self._looked_s = now_s
        try:
            n_bytes = self._folder.packets.stat().st_size
        except FileNotFoundError:
            # Not begun yet; or removed with its night.
            self._ended = self._follower is not None
            return
        follower = self._follower
        if follower is not None and 0 <= n_bytes - follower.offset <= self._most_behind_bytes:
            self._read(follower)
            return
        if follower is not None:
            follower.close()
            self._prepare()
        self._follower = self._near_the_end()
        self._read(self._follower)
        if self._speed == 1.0:
            # Of a log that nobody writes any more, the last word may be hours old.
            age_s = (self._now_ns() - self._host.utc_ns(self._log_ns)) / NS_PER_S
            self._read_s -= min(max(age_s, 0.0), _MOST_AGE_S)

    def _near_the_end(self) -> LogFollower:
        """Take what was set up, and return a reader of the last minute or two."""
        log = self._folder.packets
        index = current_index(self._folder)
        last = record_at(log, index.end)
        self._from_ns = 0 if last is None else last.mono_ns - _LEAD_NS
        # The last minute may have begun just now.
        start = index.minutes[-2][1] if len(index.minutes) > 1 else 0
        for record in set_up_before(log, index, start):
            self._feed(record)
        return LogFollower(log, start)

    def _read(self, follower: LogFollower) -> None:
        while records := follower.poll():
            self._read_s = self._looked_s
            for _, record in records:
                if record.mono_ns >= self._from_ns or not isinstance(record, Notification):
                    self._feed(record)

    def _feed(self, record: Record) -> None:
        self._host.feed(record)
        if isinstance(record, NightStart):
            self._speed = record.speed
            if record.mono_ns < self._log_ns:
                # Another computer time: what is held has none.
                self._log_ns = record.mono_ns
                self._from_ns = 0
                self._ring.clear()
        self._log_ns = max(self._log_ns, record.mono_ns)
        self._ended = isinstance(record, NightEnd)
        named = getattr(record, "sensor", None)
        for name in self._decoders if named is None else self._decoders.keys() & {named}:
            state = self._states[name]
            state.note(record)
            for item in self._decoders[name].feed(record):
                state.take(item, record.mono_ns)
                self._keep(item, record.mono_ns)
        while self._ring and self._ring[0][1] < self._log_ns - KEPT_NS:
            self._ring.popleft()

    def _keep(self, item: Item, mono_ns: int) -> None:
        if isinstance(item, SampleBlock) and len(item.data):
            self._n_blocks += 1
            self._ring.append((self._n_blocks, mono_ns, item))
