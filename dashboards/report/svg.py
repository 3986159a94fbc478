"""Pictures as SVG inside of a page: no script, no style sheet, nothing to fetch."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from dashboards.report.shapes import Box, Label, Line

if TYPE_CHECKING:
    from dashboards.report.shapes import Picture, Shape

MM_PER_PT = 25.4 / 72.0
_DASHES_MM = "1 0.8"


def svg_of(picture: Picture) -> str:
    """Return a picture as an ``svg`` element; its size is that of the paper, and it shrinks with the window.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    str
        Markup; all text in it is escaped.

    Examples
    --------
    >>> from dashboards.report.shapes import Picture
    >>> svg_of(Picture(2.0, 1.0, (), "Nothing."))
    '<svg viewBox="0 0 2 1" width="2mm" role="img" aria-label="Nothing."></svg>'
    """
    size = f'viewBox="0 0 {_mm(picture.width_mm)} {_mm(picture.height_mm)}" width="{_mm(picture.width_mm)}mm"'
    shapes = "".join(map(_shape, picture.shapes))
    return f'<svg {size} role="img" aria-label="{escape(picture.text)}">{shapes}</svg>'


def _shape(shape: Shape) -> str:
    match shape:
        case Box():
            place = f'x="{_mm(shape.x)}" y="{_mm(shape.y)}" width="{_mm(shape.width)}" height="{_mm(shape.height)}"'
            edge = f' stroke="{shape.edge}" stroke-width="0.25"' if shape.edge else ""
            return f'<rect {place} fill="{shape.fill or "none"}"{edge}/>'
        case Line():
            return _line(shape)
        case Label():
            weight = ' font-weight="600"' if shape.bold else ""
            anchor = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
            place = f'x="{_mm(shape.x)}" y="{_mm(shape.y)}" font-size="{_mm(shape.size_pt * MM_PER_PT)}"'
            return f'<text {place} fill="{shape.ink}"{anchor}{weight}>{escape(shape.text)}</text>'


def _line(line: Line) -> str:
    points = " ".join(f"{_mm(x)},{_mm(y)}" for x, y in line.points)
    ink = f' stroke="{line.ink}" stroke-width="{_mm(line.width_mm)}"' if line.ink else ""
    dashes = f' stroke-dasharray="{_DASHES_MM}"' if line.dashed else ""
    name = "polygon" if line.fill else "polyline"
    return f'<{name} points="{points}" fill="{line.fill or "none"}"{ink}{dashes}/>'


def _mm(value: float) -> str:
    """Return a length to a hundredth of a millimetre, as short as it can be written."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
