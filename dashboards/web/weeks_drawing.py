"""The pictures of many nights as SVG paths: a raster of the nights, and small charts by night."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dashboards.web.classes import EventClass, class_of
from dashboards.web.clocktime import S_PER_H
from dashboards.web.weeks_figures import CRAMPS, NOON_S, S_PER_DAY, valid_hours
from detectors.events import Event
from detectors.signal import NS_PER_S, Leg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from dashboards.web.weeks_figures import Nights, Series
    from dashboards.weeks import NightFigures
    from detectors.events import EventKind

RASTER_WIDTH = 1200
LANE = 10
DAY_WIDTH = 10
CHART_HEIGHT = 100
DENIED = "denied"
_BAR = 3.6
"""Half of the width of a bar; a day has 10."""
_BOTH = (0, LANE)
_LANES = {Leg.LEFT: (0,), Leg.RIGHT: (LANE,)}


# A night with 0 is no night without a number: it has a mark on the ground.
_NONE = 1.5


class Mark(NamedTuple):
    """How a class is drawn in the raster: its part of the lane from the top, and its least width."""

    top: float
    height: float
    least: int = 1


# From the back to the front.
_MARKS = {
    EventClass.NO_SIGNAL: Mark(0.0, 1.0),
    EventClass.POSITION: Mark(0.62, 0.3),
    EventClass.MOVEMENT: Mark(0.25, 0.35),
    EventClass.SERIES: Mark(0.1, 0.15),
    EventClass.SUSTAINED: Mark(0.15, 0.6),
    EventClass.TWITCH: Mark(0.35, 0.2),
    DENIED: Mark(0.3, 0.4, 7),
    EventClass.CRAMP_POSSIBLE: Mark(0.06, 0.88, 7),
    EventClass.CRAMP_PROBABLE: Mark(0.06, 0.88, 7),
}


class Path(NamedTuple):
    """One class of marks: its name, which is its CSS class as well, and the path."""

    name: str
    d: str


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the day that the raster shows.

    Parameters
    ----------
    from_s, to_s : int
        Whole hours, s since noon of the evening, local time.
    """

    from_s: int
    to_s: int

    @property
    def clock_hours(self) -> tuple[int, ...]:
        """The local hours that it shows, in order."""
        hours = range(self.from_s // S_PER_H, self.to_s // S_PER_H)
        return tuple((hour + NOON_S // S_PER_H) % (S_PER_DAY // S_PER_H) for hour in hours)

    def columns(self, edges_s: NDArray[np.float64], least: int = 1) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first column of each stretch and the one after its last; columns are what is drawn."""
        onset_s, end_s = edges_s
        scale = RASTER_WIDTH / (self.to_s - self.from_s)
        first = np.floor((onset_s - self.from_s) * scale).astype(np.int64)
        stop = np.maximum(np.ceil((end_s - self.from_s) * scale).astype(np.int64), first + least)
        return np.clip(first, 0, RASTER_WIDTH - least), np.clip(stop, least, RASTER_WIDTH)


@dataclass(frozen=True, slots=True)
class Chart:
    """One number over the nights as a picture; x in days of 10 units, y from 0 at the bottom to the top of 100.

    Parameters
    ----------
    width : int
        Units of the picture from left to right.
    top : float
        What the upper edge stands for.
    bars : tuple of Path
        The nights, a part of the number in each; what does not count is ``aside``, what is missing ``missing``.
    band : tuple of float
        y and height of the middle half; empty without one.
    median : float or None
        y of the median.
    line : str
        The path of a change; empty where one cannot tell.
    """

    width: int
    top: float
    bars: tuple[Path, ...]
    band: tuple[float, ...]
    median: float | None
    line: str


def window_of(nights: Nights) -> Window:
    """Return the whole hours from the earliest begin of a night to the latest end; at most a day."""
    edges_s = [_since_noon(one, [_whole(one)], day) for one, day in nights.dated]
    starts, ends = ([float(edge[0]) for edge in edges] for edges in zip(*edges_s, strict=True)) if edges_s else ([], [])
    from_s = math.floor(min(starts, default=0) / S_PER_H) * S_PER_H
    to_s = math.ceil(max(ends, default=0) / S_PER_H) * S_PER_H
    return Window(from_s, min(max(to_s, from_s + S_PER_H), from_s + S_PER_DAY))


def raster_row(nights: Nights, position: int, window: Window) -> tuple[Path, ...]:
    """Return one night of the raster.

    Parameters
    ----------
    nights : Nights
        The nights.
    position : int
        Which of them.
    window : Window
        What the raster shows.

    Returns
    -------
    tuple of Path
        First what was recorded (``recorded``), then events by class; the left leg is above the right one.
    """
    one, day = nights.figures[position], int(nights.days[position])
    start, stop = (int(edge[0]) for edge in window.columns(_since_noon(one, [_whole(one)], day)))
    filled: dict[tuple[str, int], NDArray[np.bool_]] = {}
    if not valid_hours(one):
        filled |= {(EventClass.NO_SIGNAL, lane): _between(np.array([start]), np.array([stop])) for lane in _BOTH}
    for sort, spans_ns in _by_sort(one).items():
        name = _name_of(sort)
        if name in _MARKS:
            cells = _between(*window.columns(_since_noon(one, spans_ns, day), _MARKS[name].least))
            for lane in _LANES.get(sort.leg, _BOTH):
                filled[name, lane] = filled.get((name, lane), np.False_) | cells
    recorded = Path("recorded", f"M{start} 0h{stop - start}v{2 * LANE}H{start}z")
    drawn = ((name, [(lane, cells) for (of, lane), cells in filled.items() if of == name]) for name in _MARKS)
    return (recorded, *(Path(str(name), _lanes_path(_MARKS[name], lanes)) for name, lanes in drawn if lanes))


def chart(nights: Nights, series: Series) -> Chart:
    """Return the picture of one number over nights.

    Parameters
    ----------
    nights : Nights
        The nights.
    series : Series
        The number.

    Returns
    -------
    Chart
        A line only where the number changed; a night without the number has no bar, and one without valid signal is
        marked as missing.
    """
    x = (nights.days - nights.days[0]) * DAY_WIDTH + DAY_WIDTH / 2
    top = round_up(float(np.nanmax(series.values))) if np.isfinite(series.values).any() else 1.0
    scale = CHART_HEIGHT / top
    counted = np.array([not why for why in series.whys], np.bool_)
    names = ("cramp-probable", "cramp-possible") if series.metric.name == CRAMPS else ("value",)
    base = np.zeros(len(x))
    bars = []
    for name, part in zip(names, series.parts, strict=True):
        for shown, which in ((name, counted), (f"{name} aside", ~counted & np.isfinite(part))):
            bars.append(Path(shown, _bars(x[which], scale * base[which], scale * part[which])))
        base = base + np.nan_to_num(part)
    none = x[series.values == 0]
    bars.append(Path("none", _bars(none, np.zeros(len(none)), np.full(len(none), _NONE))))
    missing = x[~np.isfinite(series.values)]
    bars.append(Path("missing", _bars(missing, np.zeros(len(missing)), np.full(len(missing), CHART_HEIGHT))))
    low, median, high = series.middle
    found = series.trend
    ends = [_y(value, scale) for value in (found.first, found.last)] if found.changed else []
    return Chart(
        int(nights.days[-1] - nights.days[0] + 1) * DAY_WIDTH,
        top,
        tuple(path for path in bars if path.d),
        () if math.isnan(low) else (_y(high, scale), round(scale * (high - low), 1)),
        None if math.isnan(median) else _y(median, scale),
        f"M{x[counted][0]:g} {ends[0]}L{x[counted][-1]:g} {ends[1]}" if ends else "",
    )


def round_up(value: float) -> float:
    """Return the next value that reads well on an axis.

    Examples
    --------
    >>> [round_up(value) for value in (0.0, 3.2, 7.0, 41.0, 130.0)]
    [1.0, 4.0, 8.0, 50.0, 200.0]
    """
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * power >= value)


def ticks(days: Sequence[int], first_day: int) -> str:
    """Return one short line for each day on which something was written."""
    return "".join(f"M{(day - first_day) * DAY_WIDTH + DAY_WIDTH // 2} 0v10" for day in sorted(set(days)))


def _whole(one: NightFigures) -> tuple[int, int]:
    return one.card.start_ns, one.card.end_ns


def _since_noon(one: NightFigures, spans_ns: Sequence[tuple[int, int]], day: int) -> NDArray[np.float64]:
    """Return onsets and ends as seconds since noon of the evening, local time; shape (2, n)."""
    start_s = one.card.start_ns // NS_PER_S + one.card.utc_offset_s - NOON_S - day * S_PER_DAY
    since_ns = np.array(spans_ns, np.int64).T - one.card.start_ns // NS_PER_S * NS_PER_S
    return start_s + since_ns / NS_PER_S


class _Sort(NamedTuple):
    """What decides how an event is drawn."""

    kind: EventKind
    tier: int
    confirmed: bool | None
    leg: Leg


def _by_sort(one: NightFigures) -> Mapping[_Sort, list[tuple[int, int]]]:
    """Return onsets and ends of the thousands of events of a night by the few sorts of them, UTC ns."""
    found: dict[_Sort, list[tuple[int, int]]] = {}
    for span in one.spans:
        sort = _Sort(span.kind, span.tier, span.confirmed, span.leg)
        found.setdefault(sort, []).append((span.onset_ns, span.end_ns))
    return found


def _name_of(sort: _Sort) -> str:
    if sort.tier and sort.confirmed is False:
        return DENIED
    return class_of(Event(sort.kind, "", sort.leg, 0, 0, {"tier": float(sort.tier)})) or ""


def _between(first: NDArray[np.int64], stop: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which columns lie in one of some stretches."""
    steps = np.bincount(first, minlength=RASTER_WIDTH + 1) - np.bincount(stop, minlength=RASTER_WIDTH + 1)
    filled: NDArray[np.bool_] = np.cumsum(steps)[:RASTER_WIDTH] > 0
    return filled


def _lanes_path(mark: Mark, lanes: Sequence[tuple[int, NDArray[np.bool_]]]) -> str:
    parts = []
    for lane, cells in lanes:
        edges = np.flatnonzero(np.diff(np.concatenate(([False], cells, [False]))))
        top, height = lane + mark.top * LANE, mark.height * LANE
        parts += [f"M{a} {top:g}h{b - a}v{height:g}h{a - b}z" for a, b in edges.reshape(-1, 2).tolist()]
    return "".join(parts)


def _bars(x: NDArray[np.float64], base: NDArray[np.float64], height: NDArray[np.float64]) -> str:
    return "".join(
        f"M{at - _BAR:g} {CHART_HEIGHT - bottom:.1f}v-{tall:.1f}h{2 * _BAR:g}v{tall:.1f}z"
        for at, bottom, tall in zip(x.tolist(), base.tolist(), height.tolist(), strict=True)
        if tall > 0
    )


def _y(value: float, scale: float) -> float:
    return round(CHART_HEIGHT - scale * min(max(value, 0.0), CHART_HEIGHT / scale), 1)
