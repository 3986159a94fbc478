"""What places the packets of a stream: chosen by how its samples are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detectors.signal import NS_PER_S
from ingest.decoders.place_counted import LongCountPlacer, ShortCountPlacer
from ingest.decoders.place_uncounted import ArrivalPlacer, ClockPlacer, UncountedPlacer
from ingest.decoders.profile import LossMode

if TYPE_CHECKING:
    from ingest.decoders.layout import StreamLayout
    from ingest.decoders.place import Placer

SHORT_NS = 60 * NS_PER_S
"""A counter that repeats within this time cannot tell long losses alone."""


def placer(layout: StreamLayout, *, is_live: bool) -> Placer:
    """Return what places the packets of a stream.

    Parameters
    ----------
    layout : StreamLayout
        The stream.
    is_live : bool
        Whether arrival says when a sample was taken; it does not in a night that is played faster than it lasts.
    """
    counting = layout.counting
    if counting.on_change:
        return ArrivalPlacer(layout.fs_hz)
    if counting.mode is LossMode.DEVICE_TS:
        return ClockPlacer(layout.fs_hz, counting.span, is_live=is_live)
    if counting.mode in (LossMode.RATE_ONLY, LossMode.NONE):
        return UncountedPlacer(layout.fs_hz, is_live=is_live)
    span = counting.span * counting.samples_per_count
    if 0 < span * NS_PER_S < SHORT_NS * layout.fs_hz:
        return ShortCountPlacer(layout.fs_hz, counting.samples_per_count, span, is_live=is_live)
    return LongCountPlacer(layout.fs_hz, counting.samples_per_count, span, is_live=is_live)


def has_clock(layout: StreamLayout) -> bool:
    """Tell whether the device's time of a sample comes from a clock, or from nothing but the sample count."""
    return layout.counting.on_change or layout.counting.mode is LossMode.DEVICE_TS
