"""What happened to one sensor in a night besides its samples: links, battery, packets that could not be used."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from detectors.signal import NS_PER_S
from ingest.decoders.base import StatusKind

if TYPE_CHECKING:
    from ingest.decoders.base import Status

EMPTY = {"battery_pct": 5.0, "battery_mv": 3500.0}
"""Sensors switch off at about 5 %; the Leg Sensor Profile calls 3.5 V low, where a lithium cell has little left."""
CHARGED = {"battery_pct": 5.0, "battery_mv": 100.0}
"""A battery that says this much more than before was charged or changed."""
_CHANGED = {"battery_pct": 1.0, "battery_mv": 20.0}
"""Readings that differ by less are not kept one by one."""
_SAYS_WITHIN_NS = 60 * NS_PER_S
"""A sensor that is back says what its battery holds within this time."""
ON_PURPOSE = frozenset({"stopped", "cancelled"})
"""Reasons of a lost link that are no loss if the night ends there."""


class Reading(NamedTuple):
    """What a sensor said about its battery at `t_ns` (UTC), in percent or in mV."""

    t_ns: int
    value: float


@dataclass(slots=True)
class LinkLoss:
    """A lost link: UTC, ns, of the loss, of the last link after it, and of the first packet.

    `n_links` counts links until a packet came: more than one means that links came up and gave nothing.
    """

    down_ns: int
    reason: str
    linked_ns: int | None = None
    back_ns: int | None = None
    n_links: int = 0

    @property
    def away_s(self) -> float | None:
        """Time until packets came again, s; None if they never did."""
        return None if self.back_ns is None else (self.back_ns - self.down_ns) / NS_PER_S


@dataclass(slots=True)
class SensorLedger:
    """Everything about one sensor that is no sample.

    Parameters
    ----------
    n_notifications, n_bytes : int
        What came over the air.
    counts : Counter
        Packets that could not be read, and those that came twice.
    steps : Counter
        Steps of the recovery ladder by kind.
    losses : list of LinkLoss
        Lost links.
    batteries : mapping of str to list of Reading
        By what is read (``battery_pct``, ``battery_mv``): the first word, the last, and between them every change.
    """

    n_notifications: int = 0
    n_bytes: int = 0
    counts: Counter[StatusKind] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    losses: list[LinkLoss] = field(default_factory=list)
    batteries: dict[str, list[Reading]] = field(default_factory=dict)
    linked: bool = False
    was_linked: bool = False

    @property
    def true_losses(self) -> list[LinkLoss]:
        """Lost links without the one that ended the night."""
        return [loss for loss in self.losses if loss.back_ns is not None or loss.reason not in ON_PURPOSE]

    def link_up(self, t_ns: int) -> None:
        """Take a link that came."""
        self.linked = self.was_linked = True
        if self.losses and self.losses[-1].back_ns is None:
            self.losses[-1].linked_ns = t_ns
            self.losses[-1].n_links += 1

    def link_down(self, t_ns: int, reason: str) -> None:
        """Take a link that went; one that never gave a packet belongs to the loss before it."""
        was_linked, self.linked = self.linked, False
        never_heard = not self.n_notifications
        if was_linked and not never_heard and (not self.losses or self.losses[-1].back_ns is not None):
            self.losses.append(LinkLoss(t_ns, reason))

    def heard(self, t_ns: int, n_bytes: int) -> None:
        """Take a notification."""
        self.n_notifications += 1
        self.n_bytes += n_bytes
        if self.losses and self.losses[-1].back_ns is None:
            self.losses[-1].back_ns = t_ns

    def said(self, status: Status, t_ns: int) -> None:
        """Take what the sensor, or its decoder, says about it."""
        if status.kind in (StatusKind.MALFORMED, StatusKind.DUPLICATE):
            self.counts[status.kind] = round(status.values.get("count", self.counts[status.kind] + 1))
        for what in EMPTY.keys() & status.values.keys():
            self._take_battery(what, Reading(t_ns, status.values[what]))

    def was_empty(self, start_ns: int, end_ns: int | None) -> bool:
        """Tell whether the battery explains why nothing came from `start_ns` to `end_ns` (None: never again)."""
        before = {what: _last_before(readings, start_ns) for what, readings in self.batteries.items()}
        newest = max((kept.t_ns for kept in before.values() if kept is not None), default=None)
        if not any(kept is not None and kept.t_ns == newest and kept.value <= EMPTY[w] for w, kept in before.items()):
            return False
        return end_ns is None or any(
            kept is not None and reading.value - kept.value >= CHARGED[what]
            for what, kept in before.items()
            for reading in self.batteries[what]
            if start_ns < reading.t_ns <= end_ns + _SAYS_WITHIN_NS
        )

    def was_away(self, start_ns: int, end_ns: int) -> bool:
        """Tell whether the link was lost at some time between `start_ns` and `end_ns`."""
        before = bisect_left(self.losses, end_ns, key=attrgetter("down_ns"))
        if not before:
            return False
        back_ns = self.losses[before - 1].back_ns
        return back_ns is None or back_ns > start_ns

    def ended_on_purpose(self) -> bool:
        """Tell whether the last thing that happened to the link was that the night was ended."""
        if self.linked or not self.losses:
            return True
        return self.losses[-1].back_ns is not None or self.losses[-1].reason in ON_PURPOSE

    def _take_battery(self, what: str, reading: Reading) -> None:
        kept = self.batteries.setdefault(what, [])
        # The newest always stays; the one before it only if something had changed, or it was the first.
        if len(kept) > 1 and abs(kept[-1].value - kept[-2].value) < _CHANGED[what]:
            kept[-1] = reading
        else:
            kept.append(reading)


def _last_before(readings: list[Reading], t_ns: int) -> Reading | None:
    return next((reading for reading in reversed(readings) if reading.t_ns <= t_ns), None)
