"""Sheets of A4 that words and pictures are put on; the one place that knows the library that writes PDF."""

from __future__ import annotations

import importlib.resources
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Self

from fpdf import FPDF
from fpdf.fonts import TTFFont

from dashboards.report import shapes
from dashboards.report.shapes import Box, Label, Line
from detectors.signal import NS_PER_S

if TYPE_CHECKING:
    from dashboards.report.shapes import Picture, Shape

WIDTH_MM, HEIGHT_MM = 210.0, 297.0
MARGIN_MM = 12.0
MM_PER_PT = 25.4 / 72.0
LEADING = 1.22
"""Height of a line in sizes of its letters."""
NO_LETTER = "☐"
"""Stands for a letter that the font does not have."""
_FAMILY = "source"
# Latin, Greek and Cyrillic with arrows and signs; the fonts that every reader of PDF has know neither → nor −.
_FONTS = {"": "SourceSansPro-Regular.ttf", "B": "SourceSansPro-Semibold.ttf"}
_UNIT = re.compile(r"(\d) (?=(?:s|min|h|µV|mg|g|mm|%|µV·s|times)\b|%)")
_ON, _OFF = 0.9, 0.7


class Type(NamedTuple):
    """How letters look: size, colour, weight."""

    size_pt: float = 8.0
    ink: str = shapes.INK
    bold: bool = False

    @property
    def line_mm(self) -> float:
        """The height of a line."""
        return self.size_pt * MM_PER_PT * LEADING


class Paper:
    """A document that is being filled, sheet by sheet; nothing on it breaks to another sheet by itself.

    Parameters
    ----------
    title : str
        Title of the document.
    written_ns : int
        The date that the document bears, UTC ns: that of what it shows, so that the same night gives the same bytes.
    """

    def __init__(self, title: str, written_ns: int) -> None:
        pdf = FPDF(format="A4", unit="mm")
        pdf.set_auto_page_break(auto=False)
        pdf.set_title(title)
        pdf.set_lang("en-GB")
        pdf.set_creator("Soleus")
        pdf.set_creation_date(datetime.fromtimestamp(written_ns // NS_PER_S, UTC))
        files = importlib.resources.files("font_source_sans_pro") / "files"
        for style, name in _FONTS.items():
            with importlib.resources.as_file(files / name) as path:
                pdf.add_font(_FAMILY, style, path)
        pdf.c_margin = 0.0
        self._pdf = pdf
        font = pdf.fonts[_FAMILY]
        self._letters = frozenset(font.cmap) if isinstance(font, TTFFont) else frozenset()

    def __enter__(self) -> Self:
        """Return it; at the end its fonts are closed, also where it is thrown away."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the fonts."""
        for font in self._pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def sheet(self) -> None:
        """Begin a new sheet."""
        self._pdf.add_page()

    def lines(self, text: str, width_mm: float, letters: Type) -> list[str]:
        """Return a text in lines that are no wider than `width_mm`."""
        self._use(letters)
        found: list[str] = []
        for word in self._known(text).split(" "):
            longer = f"{found[-1]} {word}" if found else word
            if found and self._pdf.get_string_width(longer) <= width_mm:
                found[-1] = longer
            else:
                found.append(self.shortened(word, width_mm, letters))
        return found

    def paragraph(
        self, at_mm: tuple[float, float], width_mm: float, text: str, letters: Type, most_lines: int | None = None
    ) -> float:
        """Write a text from a corner on, and return where the next one may begin, mm from the top.

        Parameters
        ----------
        at_mm : tuple of float
            x and y of the upper left corner.
        width_mm : float
            How wide it may be.
        text : str
            The text; nothing is written where it is empty.
        letters : Type
            How it looks.
        most_lines : int, optional
            How many lines there may be; what is cut off ends in an ellipsis.
        """
        if not text.strip() or most_lines == 0:
            return at_mm[1]
        lines = self.lines(text, width_mm, letters)
        if most_lines is not None and len(lines) > most_lines:
            lines = [*lines[: most_lines - 1], self.shortened(" ".join(lines[most_lines - 1 :]), width_mm, letters)]
        for position, line in enumerate(lines):
            base = at_mm[1] + (position + 0.8) * letters.line_mm
            self.word(Label(at_mm[0], base, line, letters.size_pt, letters.ink, bold=letters.bold))
        return at_mm[1] + len(lines) * letters.line_mm

    def shortened(self, text: str, width_mm: float, letters: Type) -> str:
        """Return as much of a text as fits into a line, with an ellipsis where that is not all."""
        self._use(letters)
        text = self._known(text)
        if self._pdf.get_string_width(text) <= width_mm:
            return text
        while text and self._pdf.get_string_width(f"{text}…") > width_mm:
            text = text[:-1].rstrip()
        return f"{text}…"

    def word(self, label: Label) -> None:
        """Write one line of text."""
        self._use(Type(label.size_pt, label.ink, label.bold))
        text = self._known(label.text)
        if text:
            share = {"start": 0.0, "middle": 0.5, "end": 1.0}[label.anchor]
            self._pdf.text(label.x - share * self._pdf.get_string_width(text), label.y, text)

    def picture(self, picture: Picture, x_mm: float, y_mm: float) -> float:
        """Draw a picture, and return where the next thing may begin, mm from the top."""
        with self._pdf.local_context():
            for shape in picture.shapes:
                self._draw(shape, x_mm, y_mm)
        return y_mm + picture.height_mm

    def box(self, box: Box) -> None:
        """Draw a rectangle."""
        self._draw(box, 0.0, 0.0)

    def rule(self, y_mm: float, width_mm: float = shapes.LINE_MM) -> None:
        """Draw a line across the sheet."""
        self._draw(Line(((MARGIN_MM, y_mm), (WIDTH_MM - MARGIN_MM, y_mm)), shapes.LINE, width_mm), 0.0, 0.0)

    def finish(self) -> bytes:
        """Return the document."""
        return bytes(self._pdf.output())

    def _draw(self, shape: Shape, x_mm: float, y_mm: float) -> None:
        match shape:
            case Label():
                moved = Label(x_mm + shape.x, y_mm + shape.y, shape.text, shape.size_pt, shape.ink, shape.anchor,
                              bold=shape.bold)  # fmt: skip
                self.word(moved)
            case Box():
                style = self._inks(shape.fill, shape.edge, shapes.LINE_MM)
                self._pdf.rect(x_mm + shape.x, y_mm + shape.y, shape.width, shape.height, style)
            case Line():
                self._line(shape, x_mm, y_mm)

    def _line(self, line: Line, x_mm: float, y_mm: float) -> None:
        style = self._inks(line.fill, line.ink, line.width_mm)
        self._pdf.set_dash_pattern(_ON if line.dashed else 0.0, _OFF if line.dashed else 0.0)
        points = [(x_mm + x, y_mm + y) for x, y in line.points]
        if line.fill:
            self._pdf.polygon(points, style=style)
        else:
            self._pdf.polyline(points)
        self._pdf.set_dash_pattern()

    def _inks(self, fill: str, edge: str, width_mm: float) -> str:
        """Take up colours, and return what is drawn with them: the edge, the area, or both."""
        if fill:
            self._pdf.set_fill_color(fill)
        if edge:
            self._pdf.set_draw_color(edge)
            self._pdf.set_line_width(width_mm)
        return f"{'D' if edge else ''}{'F' if fill else ''}"

    def _use(self, letters: Type) -> None:
        self._pdf.set_font(_FAMILY, "B" if letters.bold else "", letters.size_pt)
        self._pdf.set_text_color(letters.ink)

    def _known(self, text: str) -> str:
        """Return a text on one line, with a box for each letter that the font does not have."""
        # A number and its unit stay together.
        whole = _UNIT.sub("\\1\N{NO-BREAK SPACE}", " ".join(text.split()))
        return "".join(letter if ord(letter) in self._letters else NO_LETTER for letter in whole)
