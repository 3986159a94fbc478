"""The night as one strip: for each leg activity and events, then sleep and wake, getting up, and the diary."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dashboards.report import shapes
from dashboards.report.shapes import Box, Label, Line, Picture, diamond, hatched
from dashboards.web.classes import EventClass, class_of, word_of
from dashboards.web.course import course_of
from dashboards.web.views import legs_of
from detectors.signal import Leg
from detectors.track import TrackName

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from dashboards.book import NightView
    from dashboards.diary import DiaryEntry
    from dashboards.report.shapes import Shape
    from dashboards.signals import TrackView
    from detectors.events import Event

WIDTH_MM = 186.0
NAMES_MM = 25.0
"""Where the names of the rows stand; the night has the rest."""
_NIGHT_MM = WIDTH_MM - NAMES_MM
_LANE_MM = 10.5
_ROW_MM = 3.2
_BETWEEN_MM = 0.9
_NUMBERS_MM = 3.0
_CLOCK_MM = 3.6
_NAME_PT, _CLOCK_PT = 7.0, 6.5
_SITE_LETTERS = 22
"""So much of the places fits beside a lane; the footer has all of them."""
_LEAST_MM = 0.45
"""What is shorter is drawn so wide."""
_CRAMP_MM = 0.9
_LEGS = {Leg.LEFT: "Left leg", Leg.RIGHT: "Right leg", Leg.BOTH: "Both legs", Leg.UNKNOWN: "Leg not known"}
_ACTIVITY = (TrackName.ENVELOPE_UV, TrackName.MOVEMENT_G)
_COLUMNS = 640
# The ground of the activity, in shares of its middle: a resting muscle is flat, a hundred times it fills the lane.
_DECADES = 2.0
_SLEEP = {
    "asleep": shapes.ASLEEP,
    "awake": shapes.AWAKE,
    "up": shapes.AWAKE,
    "asleep-uncertain": shapes.ASLEEP,
    "awake-uncertain": shapes.AWAKE,
}


class _Mark(NamedTuple):
    """How events of a class are drawn in the lane of their leg: from the top, height and least width, mm."""

    top: float
    height: float
    least: float
    fill: str
    edge: str = ""


# From the back to the front. Height and outline tell them apart where there are no colours.
_MARKS = {
    EventClass.MOVEMENT: _Mark(8.4, 1.6, _LEAST_MM / 2, shapes.MOVEMENT),
    EventClass.PERIODIC: _Mark(7.0, 3.0, _LEAST_MM / 2, shapes.PERIODIC),
    EventClass.SUSTAINED: _Mark(0.9, 5.6, _CRAMP_MM, "", shapes.SOFT),
    EventClass.CRAMP_POSSIBLE: _Mark(0.4, 9.7, _CRAMP_MM, shapes.PAPER, shapes.CRAMP),
    EventClass.CRAMP_PROBABLE: _Mark(0.4, 9.7, _CRAMP_MM, shapes.CRAMP),
}
_KEY_MM, _LETTER_MM = 2.8, 1.06
# In the legend the marks have the order of their heights.
_KEYS = {
    "cramp-like, probable": (_MARKS[EventClass.CRAMP_PROBABLE], 2.8),
    "possible": (_MARKS[EventClass.CRAMP_POSSIBLE], 2.8),
    "unsure": (_MARKS[EventClass.SUSTAINED], 2.2),
    "periodic movement": (_MARKS[EventClass.PERIODIC], 1.8),
    "other movement": (_MARKS[EventClass.MOVEMENT], 1.1),
}


class _Scale(NamedTuple):
    start_ns: int
    end_ns: int

    def at(self, t_ns: float) -> float:
        """Return where a moment stands, mm; never outside of the night."""
        share = (t_ns - self.start_ns) / max(self.end_ns - self.start_ns, 1)
        return NAMES_MM + _NIGHT_MM * min(max(share, 0.0), 1.0)

    def box(self, onset_ns: int, end_ns: int, mark: _Mark, top: float) -> Box:
        """Return the mark of a stretch."""
        left, right = self.at(onset_ns), self.at(end_ns)
        width = max(right - left, mark.least)
        return Box(min(left, WIDTH_MM - width), top + mark.top, width, mark.height, mark.fill, mark.edge)


def strip_of(
    view: NightView, tracks: Sequence[TrackView], diary: Sequence[DiaryEntry], numbered: Mapping[int, Event]
) -> Picture:
    """Return the strip of a night.

    Parameters
    ----------
    view : NightView
        The night; what the person denied is left out.
    tracks : sequence of TrackView
        Its tracks at about a value per second; the envelope of the muscle is drawn, of acceleration the movement.
    diary : sequence of DiaryEntry
        What was written; entries of the night itself are marked.
    numbered : mapping of int to Event
        Events that the report shows close up, by their number in it.

    Returns
    -------
    Picture
        A lane for each leg that has a sensor, the left one first.
    """
    scale = _Scale(view.card.start_ns, view.card.end_ns)
    course = course_of(view)
    drawn: list[Shape] = []
    top = _NUMBERS_MM
    for leg in legs_of(view):
        drawn += [*_lane(view, leg, tracks, scale, top), *_numbers(numbered, leg, scale, top)]
        top += _LANE_MM + _BETWEEN_MM + _NUMBERS_MM
    top -= _NUMBERS_MM - _BETWEEN_MM
    for row in (row for row in course.rows if row.style in {"up", "awake", "asleep"}):
        drawn += [Label(0.0, top + _ROW_MM - 0.8, row.name, _NAME_PT), _ground(top, _ROW_MM)]
        for bar in row.bars:
            drawn += _bar(NAMES_MM + _NIGHT_MM * bar.left / 100.0, _NIGHT_MM * bar.width / 100.0, bar.style, top)
        if row.unknown:
            drawn.append(Label(NAMES_MM + 1.5, top + _ROW_MM - 0.8, row.unknown, _NAME_PT, shapes.SOFT))
        top += _ROW_MM + _BETWEEN_MM
    drawn += _diary_row(diary, scale, top)
    top += _ROW_MM + _BETWEEN_MM
    drawn += _clock(course.ticks, top)
    text = " ".join(row.text for row in course.rows)
    # The ground, then the hours, then what happened.
    ordered = sorted(drawn, key=_depth)
    return Picture(WIDTH_MM, top + _CLOCK_MM, tuple(ordered), f"The course of the night. {text}")


def _depth(shape: Shape) -> int:
    if isinstance(shape, Box) and shape.fill == shapes.GROUND:
        return 0
    return 1 if isinstance(shape, Line) and shape.dashed else 2


def _ground(top: float, height: float) -> Box:
    return Box(NAMES_MM, top, _NIGHT_MM, height, shapes.GROUND)


def _lane(view: NightView, leg: Leg, tracks: Sequence[TrackView], scale: _Scale, top: float) -> Iterator[Shape]:
    sites = ", ".join(sorted({sensor.site for sensor in view.sensors if sensor.leg is leg and sensor.site}))
    yield Label(0.0, top + 4.4, _LEGS[leg], _NAME_PT + 1, bold=True)
    short = sites if len(sites) <= _SITE_LETTERS else f"{sites[: _SITE_LETTERS - 1].rstrip()}…"
    yield Label(0.0, top + 7.8, short, _NAME_PT - 0.8, shapes.SOFT)
    yield _ground(top, _LANE_MM)
    told = [event for event in view.events if event.leg in {leg, Leg.BOTH} and word_of(event) is not False]
    yield from _activity([track for track in tracks if track.leg is leg], scale, top)
    for event in told:
        if class_of(event) is EventClass.NO_SIGNAL:
            mark = _Mark(0.0, _LANE_MM, _LEAST_MM, shapes.PAPER)
            yield from hatched(scale.box(event.onset_ns, event.end_ns, mark, top))
    for name, mark in _MARKS.items():
        yield from (scale.box(e.onset_ns, e.end_ns, mark, top) for e in told if class_of(e) is name and e.leg is leg)


def _activity(tracks: Sequence[TrackView], scale: _Scale, top: float) -> Iterator[Shape]:
    """Yield the activity of a leg as an area, on a scale of logarithms above the resting level of the night."""
    track = next((track for name in _ACTIVITY for track in tracks if track.name is name), None)
    if track is None or not np.isfinite(track.values).any():
        return
    size = max(1, -(-len(track.values) // _COLUMNS))
    filled = np.full(-(-len(track.values) // size) * size, np.nan, np.float32)
    filled[: len(track.values)] = track.values
    highest = np.fmax.reduce(filled.reshape(-1, size), axis=1)
    known = np.isfinite(highest) & (highest > 0)
    if not known.any():
        return
    rest = float(np.median(highest[known]))
    share = np.zeros(len(highest))
    share[known] = np.clip(np.log10(highest[known] / rest) / _DECADES, 0.0, 1.0)
    yield from _areas(track, share, known, size, (scale, top))


def _areas(
    track: TrackView, share: NDArray[np.float64], known: NDArray[np.bool_], size: int, where: tuple[_Scale, float]
) -> Iterator[Shape]:
    """Yield an area for each stretch without a gap."""
    scale, top = where
    edges = np.flatnonzero(np.diff(np.concatenate(([False], known, [False])))).reshape(-1, 2)
    column_ns = track.hop_s * size * 1e9
    floor = top + 6.8
    for first, stop in edges.tolist():
        columns = range(first, stop)
        outline = [(scale.at(track.start_ns + (i + 0.5) * column_ns), floor - 5.6 * float(share[i])) for i in columns]
        if len(outline) > 1:
            ends = ((outline[-1][0], floor + 0.15), (outline[0][0], floor + 0.15))
            yield Line((*outline, *ends), "", fill=shapes.LINE)


def _numbers(numbered: Mapping[int, Event], leg: Leg, scale: _Scale, top: float) -> Iterator[Shape]:
    for number, event in numbered.items():
        if event.leg is leg:
            middle = scale.at((event.onset_ns + event.end_ns) / 2)
            yield Label(middle, top - 0.6, str(number), _NAME_PT, shapes.CRAMP, "middle", bold=True)


def _bar(left: float, width: float, style: str, top: float) -> Iterator[Shape]:
    box = Box(left, top, width, _ROW_MM, _SLEEP.get(style, shapes.SOFT))
    if style.endswith("uncertain"):
        yield from hatched(box, shapes.PAPER)
    else:
        yield box


def _diary_row(diary: Sequence[DiaryEntry], scale: _Scale, top: float) -> Iterator[Shape]:
    yield Label(0.0, top + _ROW_MM - 0.8, "Diary", _NAME_PT)
    yield _ground(top, _ROW_MM)
    for entry in diary:
        if scale.start_ns <= entry.time_ns <= scale.end_ns:
            yield diamond(scale.at(entry.time_ns), top + _ROW_MM / 2, _ROW_MM / 2 - 0.2)


def _clock(ticks: Sequence[tuple[float, str]], top: float) -> Iterator[Shape]:
    for percent, clock in ticks:
        x = NAMES_MM + _NIGHT_MM * percent / 100.0
        yield Line(((x, _NUMBERS_MM), (x, top)), shapes.SOFT, shapes.HAIRLINE_MM, dashed=True)
        yield Label(min(x, WIDTH_MM - 3.5), top + 2.6, clock, _CLOCK_PT, shapes.SOFT, "middle")


def keys() -> Picture:
    """Return what the marks of the strip mean."""
    drawn: list[Shape] = []
    x, base = NAMES_MM, 0.4 + _KEY_MM
    for text, (mark, height) in _KEYS.items():
        drawn.append(Box(x, base - height, _CRAMP_MM, height, mark.fill, mark.edge))
        drawn.append(Label(x + 1.8, base - 0.5, text, _CLOCK_PT, shapes.SOFT))
        x += 6.0 + len(text) * _LETTER_MM
    drawn += hatched(Box(x, 0.4, 4.0, _KEY_MM, shapes.PAPER))
    drawn.append(Label(x + 4.9, base - 0.5, "no signal; sleep or wake in doubt", _CLOCK_PT, shapes.SOFT))
    x += 48.0
    drawn += [diamond(x, base - _KEY_MM / 2, 1.3), Label(x + 2.0, base - 0.5, "diary", _CLOCK_PT, shapes.SOFT)]
    return Picture(WIDTH_MM, base + 0.4, tuple(drawn), "What the marks mean.")
