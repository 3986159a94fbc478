"""Pictures of agreement: F1 by what is a match, errors of onset and end, Bland and Altman's differences, recordings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dashboards.report import shapes
from dashboards.report.shapes import Box, Label, Line, Picture, diamond
from detectors.evaluate.classes import MOVEMENT
from detectors.evaluate.comparison import OWN_RULE
from soleus.evaluation.rows import INDEX_WORDS, number, pair_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dashboards.report.shapes import Shape
    from soleus.evaluation.course import Line as RecordingLine
    from soleus.evaluation.course import Pair

WIDTH_MM, HEIGHT_MM = 90.0, 58.0
_LEFT_MM, _RIGHT_MM, _TOP_MM, _BOTTOM_MM = 12.0, 3.0, 4.0, 12.0
_TEXT_PT = 8.0
_ROW_MM = 9.0
_BOX_MM = 3.2
_DOT_MM = 1.0
_INKS = (shapes.TRACE, shapes.CRAMP, shapes.PERIODIC, shapes.INK)
# Half of the errors lie in the box, 90 % between the ends of the line.
_SHOWN_PERCENT = (5.0, 25.0, 50.0, 75.0, 95.0)
_STEPS = (1.0, 2.0, 5.0)
_MOST_TICKS = 6


class _Axes(NamedTuple):
    """Where numbers lie in a picture."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    height_mm: float = HEIGHT_MM

    def x(self, value: float) -> float:
        """Return mm from the left."""
        low, high = self.x_range
        return _LEFT_MM + (WIDTH_MM - _LEFT_MM - _RIGHT_MM) * (value - low) / (high - low)

    def y(self, value: float) -> float:
        """Return mm from the top."""
        low, high = self.y_range
        return self.height_mm - _BOTTOM_MM - (self.height_mm - _TOP_MM - _BOTTOM_MM) * (value - low) / (high - low)


def f1_picture(pairs: Sequence[Mapping[str, Any]]) -> Picture | None:
    """Return F1 of leg movements over the overlap that a match asks for, a line per pair of scorers."""
    lines = [(pair, points) for pair in pairs if (points := _f1_points(pair))]
    if not lines:
        return None
    legend_mm = _ROW_MM / 2 * len(lines)
    axes = _Axes((0.05, 0.55), (0.0, 1.0), HEIGHT_MM)
    drawn = [*_frame(axes, "overlap that a match asks for (IoU)", (0.1, 0.2, 0.3, 0.5), (0.0, 0.25, 0.5, 0.75, 1.0))]
    for position, (pair, points) in enumerate(lines):
        ink = _ink(position, pair)
        places = tuple((axes.x(iou), axes.y(f1)) for iou, f1 in points)
        drawn.append(Line(places, ink, 0.5, dashed=pair["people"]))
        drawn += [diamond(x, y, _DOT_MM, ink) for x, y in places]
        drawn += _key(HEIGHT_MM + position * _ROW_MM / 2, pair_words(pair), ink, dashed=pair["people"])
    told = "; ".join(f"{pair_words(pair)}: {', '.join(f'{f1:.2f}' for _, f1 in points)}" for pair, points in lines)
    return Picture(WIDTH_MM, HEIGHT_MM + legend_mm, tuple(drawn), f"F1 of leg movements at IoU 0.1 to 0.5. {told}.")


def error_picture(lines: Sequence[RecordingLine], pairs: Sequence[Pair], which: str) -> Picture | None:
    """Return the errors of ``onset`` or ``end`` of matched leg movements, a box per pair of scorers."""
    key = (MOVEMENT.name, OWN_RULE)
    rows: list[tuple[Pair, list[float]]] = []
    for pair in pairs:
        tallies = [
            line.compared[pair].events[key]
            for line in lines
            if pair in line.compared and key in line.compared[pair].events
        ]
        errors = [error for one in tallies for error in (one.onset_errors if which == "onset" else one.end_errors)]
        if errors:
            rows.append((pair, np.percentile(errors, _SHOWN_PERCENT).tolist()))
    if not rows:
        return None
    reach = _padded(min(0.0, *(cuts[0] for _, cuts in rows)), max(0.0, *(cuts[-1] for _, cuts in rows)))
    height = _TOP_MM + _BOTTOM_MM + _ROW_MM * len(rows)
    axes = _Axes(reach, (0.0, float(len(rows))), height)
    drawn = [*_frame(axes, f"{which} error: judged minus reference (s)", _ticks(*reach), ())]
    drawn.append(Line(((axes.x(0.0), _TOP_MM), (axes.x(0.0), height - _BOTTOM_MM)), shapes.SOFT, shapes.HAIRLINE_MM))
    for position, (pair, cuts) in enumerate(rows):
        words = f"{pair.scored} by {pair.reference}"
        drawn += _box(axes, _TOP_MM + _ROW_MM * position, cuts, (words, _INKS[position % len(_INKS)]))
    told = "; ".join(f"{pair.scored} by {pair.reference}: median {cuts[2]:+.2f} s" for pair, cuts in rows)
    return Picture(WIDTH_MM, height, tuple(drawn), f"Errors of the {which} of leg movements. {told}.")


def difference_picture(pair: Mapping[str, Any], answer: Mapping[str, Any], rules: str, name: str) -> Picture | None:
    """Return Bland and Altman's picture of one number of the night: differences over means, a mark per recording."""
    points = list(_differences(pair, answer["recordings"], rules, name))
    told = next((one for one in pair["indices"] if one["rules"] == rules and one["index"] == name), None)
    if told is None or len(points) < 2:  # noqa: PLR2004 - limits need two
        return None
    means, differences = zip(*points, strict=True)
    lines = [told["limits"][0], told["bias"], told["limits"][1]]
    known = [one for one in lines if one is not None]
    axes = _Axes(
        _padded(min(means), max(means)), _padded(min(0.0, *differences, *known), max(0.0, *differences, *known))
    )
    words = INDEX_WORDS.get(name, name)
    drawn = [*_frame(axes, f"mean of both, {words}", _ticks(*axes.x_range), _ticks(*axes.y_range))]
    for value, dashed in zip(lines, (True, False, True), strict=True):
        if value is not None:
            y = axes.y(value)
            drawn.append(Line(((_LEFT_MM, y), (WIDTH_MM - _RIGHT_MM, y)), shapes.CRAMP, 0.35, dashed=dashed))
            drawn.append(Label(WIDTH_MM - _RIGHT_MM, y - 0.6, f"{value:+.1f}", _TEXT_PT, shapes.CRAMP, "end"))
    drawn += [diamond(axes.x(mean), axes.y(one), _DOT_MM, shapes.TRACE) for mean, one in points]
    bias = number(told["bias"], "+.2f")
    text = f"{pair_words(pair)}: {words} by {rules}, {len(points)} recordings, mean difference {bias}."
    return Picture(WIDTH_MM, HEIGHT_MM, tuple(drawn), text)


def recordings_picture(pairs: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]) -> Picture | None:
    """Return F1 of leg movements of every recording, a row of marks per pair of scorers."""
    rows = [(pair, values) for pair in pairs if (values := _f1_by_recording(pair, answer["recordings"]))]
    if not rows:
        return None
    height = _TOP_MM + _BOTTOM_MM + _ROW_MM * len(rows)
    axes = _Axes((0.0, 1.0), (0.0, float(len(rows))), height)
    drawn = [*_frame(axes, "F1 of leg movements, a mark per recording", (0.0, 0.25, 0.5, 0.75, 1.0), ())]
    for position, (pair, values) in enumerate(rows):
        top, ink = _TOP_MM + _ROW_MM * position, _ink(position, pair)
        drawn.append(Label(_LEFT_MM, top + 3.0, pair_words(pair), _TEXT_PT, shapes.INK))
        drawn += [diamond(axes.x(value), top + 6.0, _DOT_MM, ink) for value in values]
    told = "; ".join(f"{pair_words(pair)}: {min(values):.2f} to {max(values):.2f}" for pair, values in rows)
    return Picture(WIDTH_MM, height, tuple(drawn), f"F1 of leg movements by recording. {told}.")


def _f1_points(pair: Mapping[str, Any]) -> list[tuple[float, float]]:
    return [
        (float(one["matching"].removeprefix("IoU ")), one["f1"]["value"])
        for one in pair["events"]
        if one["class"] == MOVEMENT.name and one["matching"].startswith("IoU ") and one["f1"]["value"] is not None
    ]


def _f1_by_recording(pair: Mapping[str, Any], recordings: Sequence[Mapping[str, Any]]) -> list[float]:
    return [
        one["f1"]
        for other in _same(pair, recordings)
        for one in other["events"]
        if one["class"] == MOVEMENT.name and one["matching"] == OWN_RULE and one["f1"] is not None
    ]


def _differences(
    pair: Mapping[str, Any], recordings: Sequence[Mapping[str, Any]], rules: str, name: str
) -> Iterator[tuple[float, float]]:
    for other in _same(pair, recordings):
        for one in other["indices"]:
            if one["rules"] == rules and one["index"] == name and None not in (one["scored"], one["reference"]):
                yield (one["scored"] + one["reference"]) / 2.0, one["scored"] - one["reference"]


def _same(pair: Mapping[str, Any], recordings: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    whose = ("scored", "reference", "people")
    return (one for line in recordings for one in line["pairs"] if all(one[key] == pair[key] for key in whose))


def _ink(position: int, pair: Mapping[str, Any]) -> str:
    return shapes.SOFT if pair["people"] else _INKS[position % len(_INKS)]


def _key(top: float, words: str, ink: str, *, dashed: bool) -> Iterator[Shape]:
    yield Line(((_LEFT_MM, top), (_LEFT_MM + 8.0, top)), ink, 0.5, dashed=dashed)
    yield Label(_LEFT_MM + 10.0, top + 0.9, words, _TEXT_PT, shapes.INK)


def _box(axes: _Axes, top: float, cuts: Sequence[float], look: tuple[str, str]) -> Iterator[Shape]:
    words, ink = look
    low, lower, middle, upper, high = (axes.x(cut) for cut in cuts)
    at = top + 6.0
    yield Label(_LEFT_MM, top + 3.0, words, _TEXT_PT, shapes.INK)
    yield Line(((low, at), (high, at)), ink, 0.35)
    yield Box(lower, at - _BOX_MM / 2, max(upper - lower, 0.3), _BOX_MM, shapes.GROUND, ink)
    yield Line(((middle, at - _BOX_MM / 2), (middle, at + _BOX_MM / 2)), ink, 0.7)


def _frame(axes: _Axes, below: str, x_ticks: Sequence[float], y_ticks: Sequence[float]) -> Iterator[Shape]:
    """Yield the axes with their numbers."""
    ground, right = axes.height_mm - _BOTTOM_MM, WIDTH_MM - _RIGHT_MM
    for value in y_ticks:
        y = axes.y(value)
        yield Line(((_LEFT_MM, y), (right, y)), shapes.LINE, shapes.HAIRLINE_MM)
        yield Label(_LEFT_MM - 1.0, y + 0.9, f"{value:g}", _TEXT_PT, shapes.SOFT, "end")
    yield Line(((_LEFT_MM, ground), (right, ground)), shapes.LINE)
    for value in x_ticks:
        x = axes.x(value)
        yield Line(((x, ground), (x, ground + 1.0)), shapes.LINE)
        yield Label(x, ground + 4.2, f"{value:g}", _TEXT_PT, shapes.SOFT, "middle")
    yield Label((_LEFT_MM + right) / 2, ground + 8.6, below, _TEXT_PT, shapes.INK, "middle")


def _padded(low: float, high: float) -> tuple[float, float]:
    """Return a range with a little room on either side."""
    room = 0.08 * (high - low) or max(abs(high), 1.0) * 0.5
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers within a range, at most a handful."""
    rough = (high - low) / _MOST_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((one * power for one in _STEPS if one * power >= rough), 10.0 * power)
    return [round(i * step, 9) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
