"""Detectors of a third party: one that keeps the contract, and some that break it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from detectors.events import Event, EventKind, Step
from detectors.signal import Gap, Quantity
from detectors.track import TrackName

if TYPE_CHECKING:
    from detectors.signal import Clock, Stream
    from detectors.track import Track


@dataclass(frozen=True, slots=True)
class LongActivityCriteria:
    """A level, and for how long."""

    onset_uv: float
    min_s: float

    def __post_init__(self) -> None:
        if not (self.onset_uv > 0 and self.min_s > 0):
            msg = f"onset_uv is {self.onset_uv} and min_s is {self.min_s}, expected positive numbers"
            raise ValueError(msg)


class LongActivity:
    """EMG above a level for a while."""

    name = "long_activity"
    quantity = Quantity.EMG
    criteria = LongActivityCriteria(onset_uv=20.0, min_s=3.0)

    def __init__(self, stream: Stream, criteria: LongActivityCriteria) -> None:
        self._stream = stream
        self._criteria = criteria
        self._begun = -1
        self._peak_uv = 0.0
        self._next = 0
        self._clock: Clock
        self._rejected: list[Event] = []

    @property
    def settled(self) -> int:
        """Sample index before which no later event will begin."""
        return self._begun if self._begun >= 0 else self._next

    def feed(self, item: Track | Gap) -> list[Event]:
        """Take one track or gap."""
        if isinstance(item, Gap):
            return self._closed()
        if item.name is not TrackName.ENVELOPE_UV:
            return []
        found = self._closed() if item.start != self._next else []
        above = item.values >= self._criteria.onset_uv
        edges = np.flatnonzero(np.diff(above.astype(np.int8), prepend=np.int8(self._begun >= 0)))
        ends = [*edges, len(above)]
        if self._begun >= 0:
            self._peak_uv = max(self._peak_uv, *item.values[: ends[0]], 0.0)
        for edge, end in zip(edges, ends[1:], strict=True):
            self._clock, self._next = item.clock, item.start + int(edge) * item.hop
            if above[edge]:
                self._begun, self._peak_uv = self._next, float(item.values[edge:end].max())
            else:
                found += self._closed()
        self._clock, self._next = item.clock, item.stop
        return found

    def finish(self) -> list[Event]:
        """Return the event that was still open."""
        return self._closed()

    def rejected(self) -> list[Event]:
        """Return what was too short."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def _closed(self) -> list[Event]:
        begun, self._begun = self._begun, -1
        if begun < 0:
            return []
        seconds = (self._next - begun) / self._stream.fs_hz
        why = (Step("min_s", seconds, self._criteria.min_s, held=seconds >= self._criteria.min_s),)
        event = Event(
            EventKind("plugin_long_activity"),
            self._stream.sensor,
            self._stream.leg,
            self._clock.at(begun),
            self._clock.at(self._next),
            {"peak_uv": self._peak_uv, "lab_score": seconds / self._criteria.min_s},
            why=why,
        )
        if why[0].held:
            return [event]
        self._rejected.append(event)
        return []


@dataclass(frozen=True, slots=True)
class GivesUpCriteria:
    """When it breaks."""

    after_s: float


class GivesUp:
    """A detector with a bug that shows in the night."""

    name = "gives_up"
    quantity = Quantity.EMG
    criteria = GivesUpCriteria(after_s=60.0)

    def __init__(self, stream: Stream, criteria: GivesUpCriteria) -> None:
        self._last = round(criteria.after_s * stream.fs_hz)
        self.settled = 0

    def feed(self, item: Track | Gap) -> list[Event]:
        """Break after a while."""
        if isinstance(item, Gap):
            return []
        self.settled = max(self.settled, item.start)
        return [] if item.stop < self._last else [self._unknown[0]]  # type: ignore[attr-defined]  # the bug

    def finish(self) -> list[Event]:
        """Return nothing."""
        return []

    def rejected(self) -> list[Event]:
        """Return nothing."""
        return []


class TakenName(LongActivity):
    """A detector that calls itself like a group of thresholds."""

    name = "leg_movement"
