"""One segment of one stream: its samples placed, gaps said, watermarks kept."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from detectors.signal import NS_PER_S, GapCause, Stream
from ingest.clock import ClockFit
from ingest.decoders.outlet import Outlet
from ingest.decoders.pace import Pace
from ingest.decoders.place import Arrival, Place
from ingest.decoders.place_uncounted import ArrivalPlacer
from ingest.decoders.placing import has_clock, placer
from ingest.decoders.profile import LossMode

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ingest.decoders.base import Item, Placement
    from ingest.decoders.layout import Samples, StreamLayout

LONGEST_HOLD_S = 60.0
"""Samples that did not change are repeated in pieces of this length."""


class Channel:
    """One segment of one stream.

    Parameters
    ----------
    layout : StreamLayout
        The stream.
    where : Placement
        Where the sensor is worn.
    is_live : bool
        Whether arrival says when a sample was taken.
    """

    def __init__(self, layout: StreamLayout, where: Placement, *, is_live: bool) -> None:
        stream = Stream(where.sensor, where.leg, where.site, layout.quantity, layout.unit, layout.axes, layout.fs_hz)
        fit = ClockFit(layout.fs_hz, by_arrival=is_live, has_clock=has_clock(layout))
        self.layout = layout
        self.outlet = Outlet(stream, fit)
        self.link_lost = False
        self._is_live = is_live
        self._pace = Pace(layout.fs_hz)
        self._placer = placer(layout, is_live=is_live)
        self._held: NDArray[np.float32] | None = None
        self._cause = GapCause.AIR

    @property
    def is_empty(self) -> bool:
        """Whether nothing came yet."""
        return self.outlet.expected is None

    def goes_on(self, layout: StreamLayout) -> bool:
        """Tell whether samples of this layout belong to this segment as far as link and layout say."""
        same = layout is self.layout or layout == self.layout
        return same and (layout.counting.survives_link or not self.link_lost)

    def follow(self, before: Channel) -> None:
        """Become the next segment after `before`, or take its place if nothing came of it; before the first sample."""
        stream = dataclasses.replace(
            self.outlet.stream, segment=before.outlet.stream.segment + (0 if before.is_empty else 1)
        )
        self.outlet.fit.follow(before.outlet.fit)
        self.outlet = Outlet(stream, self.outlet.fit, before.outlet.floor_ns)

    def lose_link(self) -> None:
        """Note that the link went."""
        self.link_lost, self._held = True, None

    def place(self, samples: Samples, arrival_ns: int) -> Place:
        """Say where a packet belongs."""
        self._cause = samples.cause
        return self._placer.place(samples, Arrival(arrival_ns, self.link_lost, self.outlet.fit.measured_hz))

    def put(self, place: Place, data: NDArray[np.float32], arrival_ns: int) -> list[Item]:
        """Hand out the samples of a packet that has its place, and say what is missing before them."""
        items: list[Item] = []
        if place.start != self.outlet.expected:
            items += self._hold(place.start)
            items += self.outlet.missing(place.start, GapCause.RECONNECT if self.link_lost else self._cause)
        self.link_lost, self._held = False, data[-1:]
        return items + self.outlet.put(place.start, data, place.device_ns, arrival_ns)

    def skip(self, place: Place, n_samples: int) -> list[Item]:
        """Say that the samples of a packet that has its place cannot be used, and what is missing before them."""
        items = self.outlet.missing(place.start, GapCause.RECONNECT if self.link_lost else self._cause)
        return items + self.outlet.missing(place.start + n_samples, GapCause.DEVICE)

    def wrong_pace(self, place: Place, n_samples: int, arrival_ns: int) -> list[str]:
        """Return what is wrong with the pace of a packet that was put, in words; each thing once."""
        clock, found = self.outlet.fit.clock, list[str | None]()
        if self.layout.counting.mode is LossMode.DEVICE_TS:
            found.append(self._pace.clocked(place.device_ns, n_samples))
        if self._is_live and clock is not None:
            found.append(self._pace.arrived(clock.at(place.start + n_samples), arrival_ns))
        return [wrong for wrong in found if wrong is not None]

    def tide(self, t_ns: int) -> list[Item]:
        """Say that nothing from before `t_ns` (UTC) comes any more: nothing changed, or nothing is there."""
        if self._held is not None and isinstance(self._placer, ArrivalPlacer):
            return self._hold(self._placer.index_at(t_ns))
        return self.outlet.tide(t_ns, GapCause.RECONNECT if self.link_lost else GapCause.SILENCE)

    def _hold(self, stop: int) -> list[Item]:
        """Repeat the last sample for the time in which the sensor said nothing because nothing changed."""
        outlet, held = self.outlet, self._held
        items: list[Item] = []
        if held is None or not isinstance(self._placer, ArrivalPlacer):
            return items
        piece = max(1, round(LONGEST_HOLD_S * self.layout.fs_hz))
        while outlet.expected is not None and outlet.expected < stop:
            start, n_samples = outlet.expected, min(piece, stop - outlet.expected)
            data = np.repeat(held, n_samples, axis=0)
            device_ns = round(start * NS_PER_S / self.layout.fs_hz)
            items += outlet.put(start, data, device_ns, self._placer.arrival_ns(start + n_samples))
        return items
