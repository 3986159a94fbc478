"""Pictures of a report as a few plain shapes in mm: drawn once, written as SVG and as PDF alike."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]

INK = "#1d2430"
SOFT = "#5c6675"
LINE = "#b9b6ae"
GROUND = "#efede8"
PAPER = "#ffffff"
# On a printer without colours a full mark, an outlined one, a dark and a light grey stay four different things.
CRAMP = "#b5390a"
PERIODIC = "#0b5fa5"
MOVEMENT = "#86b9dc"
ASLEEP = "#c3d3e3"
AWAKE = "#3c4656"
TRACE = "#31557f"
HAIRLINE_MM = 0.12
LINE_MM = 0.25
_SLANT_MM = 1.1


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle.

    Parameters
    ----------
    x, y, width, height : float
        From the upper left corner of the picture, mm.
    fill, edge : str
        Colours as ``#rrggbb``; empty for none.
    """

    x: float
    y: float
    width: float
    height: float
    fill: str = ""
    edge: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points.

    Parameters
    ----------
    points : tuple of (float, float)
        x and y, mm; two or more.
    ink : str
        Colour of the line; empty for none.
    width_mm : float
        How thick it is, mm.
    fill : str
        Colour of the area that the line closes; empty for none.
    dashed : bool
        Whether it is drawn in dashes.
    """

    points: tuple[Point, ...]
    ink: str = INK
    width_mm: float = LINE_MM
    fill: str = ""
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A word.

    Parameters
    ----------
    x, y : float
        Where its base line begins, is centred or ends, mm.
    text : str
        The word.
    size_pt : float
        Size of the letters, pt.
    ink : str
        Colour.
    anchor : str
        ``start``, ``middle`` or ``end``.
    bold : bool
        Whether it is bold.
    """

    x: float
    y: float
    text: str
    size_pt: float = 7.0
    ink: str = INK
    anchor: Anchor = "start"
    bold: bool = False


Shape = Box | Line | Label


@dataclass(frozen=True, slots=True)
class Picture:
    """Shapes on a ground.

    Parameters
    ----------
    width_mm, height_mm : float
        Size, mm.
    shapes : tuple of Box, Line or Label
        From the back to the front.
    text : str
        The picture in words, for who cannot see it.
    """

    width_mm: float
    height_mm: float
    shapes: tuple[Shape, ...]
    text: str


def hatched(box: Box, ink: str = SOFT) -> Iterator[Shape]:
    """Yield a rectangle with slanted lines in it: what is not known, also on a printer without colours.

    Parameters
    ----------
    box : Box
        The rectangle.
    ink : str
        Colour of the lines.

    Yields
    ------
    Box or Line
        The ground first; no line leaves the rectangle.

    Examples
    --------
    >>> _, *lines = hatched(Box(0.0, 0.0, 2.0, 1.0))
    >>> all(0 <= x <= 2 and 0 <= y <= 1 for line in lines for x, y in line.points)
    True
    """
    yield box
    x_stop, y_stop = box.x + box.width, box.y + box.height
    # Lines x + y = c, from the corner above to the corner below; on the same raster in every box.
    first = math.floor((box.x + box.y) / _SLANT_MM) + 1
    for step in range(first, math.ceil((x_stop + y_stop) / _SLANT_MM)):
        c = step * _SLANT_MM
        upper = (min(c - box.y, x_stop), max(box.y, c - x_stop))
        lower = (max(box.x, c - y_stop), min(c - box.x, y_stop))
        yield Line((upper, lower), ink, HAIRLINE_MM)


def squeezed(picture: Picture, height_mm: float) -> Picture:
    """Return a picture of another height; letters keep their size.

    Parameters
    ----------
    picture : Picture
        The picture.
    height_mm : float
        Its new height, mm.
    """
    by = height_mm / picture.height_mm

    def moved(shape: Shape) -> Shape:
        match shape:
            case Box():
                return replace(shape, y=shape.y * by, height=shape.height * by)
            case Line():
                return replace(shape, points=tuple((x, y * by) for x, y in shape.points))
            case Label():
                return replace(shape, y=shape.y * by)

    return replace(picture, height_mm=height_mm, shapes=tuple(map(moved, picture.shapes)))


def diamond(x: float, y: float, half_mm: float, ink: str = INK) -> Line:
    """Return a filled diamond around a point: an entry of the diary."""
    return Line(((x, y - half_mm), (x + half_mm, y), (x, y + half_mm), (x - half_mm, y)), "", fill=ink)
