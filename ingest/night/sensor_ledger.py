"""What happened to one sensor in a night besides its samples: links, battery, packets that could not be used."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from detectors.signal import NS_PER_S
from ingest.decoders.base import StatusKind

if TYPE_CHECKING:
    from ingest.decoders.base import Status

BATTERY_EMPTY_PCT = 5.0
"""Sensors switch themselves off at about this charge."""
BATTERY_EMPTY_MV = 3400.0
"""A lithium cell at this voltage has a few percent left."""
_CHARGED_PCT = 5.0
_CHARGED_MV = 100.0
"""A battery that says this much more than before was charged or changed."""
_CHANGED_PCT = 1.0
_CHANGED_MV = 20.0
"""Readings that differ by less are not kept one by one."""
_SAYS_WITHIN_NS = 60 * NS_PER_S
"""A sensor that is back says what its battery holds within this time."""
ON_PURPOSE = frozenset({"stopped", "cancelled"})
"""Reasons of a lost link that are no loss if the night ends there."""


class Battery(NamedTuple):
    """What a sensor said about its battery: UTC, ns; charge, percent, and voltage, mV, as far as it says them."""

    t_ns: int
    pct: float | None
    mv: float | None

    @property
    def is_empty(self) -> bool:
        """Whether the sensor is about to switch itself off."""
        low_pct = self.pct is not None and self.pct <= BATTERY_EMPTY_PCT
        low_mv = self.pct is None and self.mv is not None and self.mv <= BATTERY_EMPTY_MV
        return low_pct or low_mv

    def was_charged_since(self, before: Battery) -> bool:
        """Tell whether there is clearly more in it than there was."""
        return _rise(before.pct, self.pct) >= _CHARGED_PCT or _rise(before.mv, self.mv) >= _CHARGED_MV

    def differs_from(self, other: Battery) -> bool:
        """Tell whether it is worth a line of its own."""
        return abs(_rise(other.pct, self.pct)) >= _CHANGED_PCT or abs(_rise(other.mv, self.mv)) >= _CHANGED_MV


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
    batteries : list of Battery
        First and last word, and between them every change.
    """

    n_notifications: int = 0
    n_bytes: int = 0
    counts: Counter[StatusKind] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    losses: list[LinkLoss] = field(default_factory=list)
    batteries: list[Battery] = field(default_factory=list)
    linked: bool = False

    @property
    def true_losses(self) -> list[LinkLoss]:
        """Lost links without the one that ended the night."""
        return [loss for loss in self.losses if loss.back_ns is not None or loss.reason not in ON_PURPOSE]

    def link_up(self, t_ns: int) -> None:
        """Take a link that came."""
        self.linked = True
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
        if status.kind is StatusKind.BATTERY:
            self._take_battery(Battery(t_ns, status.values.get("battery_pct"), status.values.get("battery_mv")))

    def was_empty(self, start_ns: int, end_ns: int | None) -> bool:
        """Tell whether the battery explains why nothing came from `start_ns` to `end_ns` (None: never again)."""
        before = [battery for battery in self.batteries if battery.t_ns <= start_ns]
        if not before or not before[-1].is_empty:
            return False
        until_ns = math.inf if end_ns is None else end_ns + _SAYS_WITHIN_NS
        after = [battery for battery in self.batteries if start_ns < battery.t_ns <= until_ns]
        return end_ns is None or any(battery.was_charged_since(before[-1]) for battery in after)

    def ended_on_purpose(self) -> bool:
        """Tell whether the last thing that happened to the link was that the night was ended."""
        if self.linked or not self.losses:
            return True
        return self.losses[-1].back_ns is not None or self.losses[-1].reason in ON_PURPOSE

    def _take_battery(self, battery: Battery) -> None:
        kept = self.batteries
        # The newest always stays; the one before it only if something had changed, or it was the first.
        if len(kept) > 1 and not kept[-1].differs_from(kept[-2]):
            kept[-1] = battery
        else:
            kept.append(battery)


def _rise(before: float | None, after: float | None) -> float:
    return 0.0 if before is None or after is None else after - before
