"""The charts of a night as the server draws them: there with the page, before any script, and where there is none."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from dashboards.web.classes import TEXTS, EventClass, class_of
from dashboards.web.filters import Word, word_name
from dashboards.web.night_json import STEADY, of_buckets, seconds_of
from detectors.signal import Leg
from detectors.track import TrackName

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dashboards.book import NightView
    from dashboards.signals import TrackView
    from dashboards.web.filters import Filters
    from detectors.events import Event

    Signal = NDArray[np.float32]

WIDTH: Final = 1000
"""A night is so wide, and a trace as high as it is drawn: the style sheet stretches it to the page."""
POINTS: Final = 400
LANE: Final = 15
_PAD = 2
_ALWAYS = frozenset({"Cramp-like", "Periodic", "Movement"})
_EITHER_LEG = frozenset({Leg.BOTH, Leg.UNKNOWN})
# Cramp-like contractions are rare, and must be seen among hundreds of movements.
_LEAST_WIDTH = {EventClass.CRAMP_PROBABLE: 3.0, EventClass.CRAMP_POSSIBLE: 3.0}
_NARROW = 1.25
_THIN = 2


class _Kind(NamedTuple):
    """How a track is drawn; `low` is the least range, `times` what a value is multiplied by to be in the unit."""

    title: str
    height: int
    low: float
    times: float = 1.0
    under: TrackName | None = None


_KINDS: Final = {
    TrackName.ENVELOPE_UV: _Kind("EMG envelope, µV", 86, 20.0, under=TrackName.RESTING_UV),
    TrackName.MOVEMENT_G: _Kind("Movement, mg", 50, 40.0, 1000.0),
    TrackName.TILT_DEG: _Kind("Orientation, tilt of the sensor, °", 46, 30.0),
}


class Mark(NamedTuple):
    """The events of one class as the outline of rectangles; `style` is the name of their colour."""

    style: str
    path: str
    denied: bool


class FirstStrip(NamedTuple):
    """One chart: its title, its class in the style sheet, its height, and the outlines of its traces."""

    title: str
    name: str
    height: int
    trace: str
    under: str


class FirstCharts(NamedTuple):
    """The charts of one leg: the names of the lanes from the top, what lies in them, and the traces."""

    lanes: tuple[str, ...]
    marks: tuple[Mark, ...]
    strips: tuple[FirstStrip, ...]

    @property
    def height(self) -> int:
        """How high the lanes are."""
        return len(self.lanes) * LANE


def first_charts(view: NightView, tracks: Sequence[TrackView], filters: Filters, leg: Leg) -> FirstCharts:
    """Return the charts of one leg.

    Parameters
    ----------
    view : NightView
        The night.
    tracks : sequence of TrackView
        Its tracks, of all legs.
    filters : Filters
        Which events are shown.
    leg : Leg
        The leg.

    Returns
    -------
    FirstCharts
        As the scripts draw them, without axes.
    """
    here = [event for event in view.events if event.leg == leg or event.leg in _EITHER_LEG]
    held = {class_of(event) for event in here}
    lanes = tuple(dict.fromkeys(text.lane for name, text in TEXTS.items() if text.lane in _ALWAYS or name in held))
    strips = tuple(strip for track in tracks if track.leg == leg and (strip := _strip(view, track, tracks)) is not None)
    return FirstCharts(lanes, tuple(_marks(view, [e for e in here if filters.shows(e)], lanes)), strips)


def _marks(view: NightView, events: Sequence[Event], lanes: Sequence[str]) -> Iterator[Mark]:
    """Yield the events of each class, the foremost last."""
    for name in reversed(EventClass):
        for denied in (True, False):
            mine = [e for e in events if class_of(e) is name and (word_name(e) is Word.DENIED) is denied]
            if mine:
                top = lanes.index(TEXTS[name].lane) * LANE
                yield Mark(name, "".join(_box(view, event, name, top) for event in mine), denied)


def _box(view: NightView, event: Event, name: EventClass, top: int) -> str:
    left, right = (min(max(_across(view, t_ns), 0.0), float(WIDTH)) for t_ns in (event.onset_ns, event.end_ns))
    width = max(right - left, _LEAST_WIDTH.get(name, _NARROW))
    above, height = (top + LANE - _PAD - _THIN, _THIN) if name is EventClass.SERIES else (top + _PAD, LANE - 2 * _PAD)
    return f"M{min(left, WIDTH - width):.1f} {above}h{width:.1f}v{height}h{-width:.1f}z"


def _across(view: NightView, t_ns: int) -> float:
    return WIDTH * seconds_of(view.card, t_ns) / _duration_s(view)


def _duration_s(view: NightView) -> float:
    return max(seconds_of(view.card, view.card.end_ns), 1.0)


def _strip(view: NightView, track: TrackView, tracks: Sequence[TrackView]) -> FirstStrip | None:
    kind = _KINDS.get(track.name)
    if kind is None:
        return None
    size = max(1, math.ceil(len(track.values) / POINTS))
    values = _drawn(track, size) * kind.times
    steady = track.name in STEADY
    low, high = _range(values, kind, steady=steady)
    below = next(
        (t for t in tracks if t.name is kind.under and (t.sensor, t.hop_s) == (track.sensor, track.hop_s)), None
    )
    several = sum(other.leg == track.leg and other.name is track.name for other in tracks) > 1
    scale = _Scale(view, track, size, (low, high), kind.height)
    return FirstStrip(
        f"{kind.title} ({track.sensor})" if several else kind.title,
        track.name,
        kind.height,
        scale.path(values, filled=not steady),
        "" if below is None else scale.path(_drawn(below, size), filled=False),
    )


def _drawn(track: TrackView, size: int) -> Signal:
    return of_buckets(track.values, size, steady=track.name in STEADY)


def _range(values: Signal, kind: _Kind, *, steady: bool) -> tuple[float, float]:
    """Return what the chart reaches from and to, as its script chooses it."""
    known = values[np.isfinite(values)]
    lowest, highest = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    if not steady:
        return 0.0, max(kind.low, highest * 1.06)
    middle, half = (lowest + highest) / 2, max(highest - lowest, kind.low) * 0.55
    return middle - half, middle + half


class _Scale(NamedTuple):
    view: NightView
    track: TrackView
    size: int
    limits: tuple[float, float]
    height: int

    def path(self, values: Signal, *, filled: bool) -> str:
        """Return the outline of a trace: a line, or the area below it, for each stretch without a gap."""
        low, high = self.limits
        hop = WIDTH * self.track.hop_s * self.size / _duration_s(self.view)
        first = _across(self.view, self.track.start_ns) + hop / 2
        x = np.minimum(np.round(first + hop * np.arange(len(values)), 1), WIDTH)
        known = np.isfinite(values)
        y = np.round(self.height * (1.0 - (np.where(known, values, low) - low) / (high - low)), 1)
        edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False])))).reshape(-1, 2)
        return "".join(self._stretch(x[a:b], y[a:b], filled=filled) for a, b in edges.tolist())

    def _stretch(self, x: NDArray[np.float64], y: NDArray[np.float64], *, filled: bool) -> str:
        points = " ".join(f"{a:g} {b:g}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
        return f"M{x[0]:g} {self.height}L{points}V{self.height}" if filled else f"M{points}"
