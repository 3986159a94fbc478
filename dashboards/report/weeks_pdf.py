"""The report of weeks on sheets of A4: what can be said of them on the first, each night on the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboards.report.night_pdf import (
    BODY,
    HEADING,
    INNER_MM,
    LEAD,
    SMALL,
    STRONG,
    TINY,
    footer,
    footer_mm,
    head,
    safety_card,
)
from dashboards.report.paper import MARGIN_MM, WIDTH_MM, Paper, Type
from dashboards.report.shapes import HAIRLINE_MM, Label
from dashboards.report.weeks import BRACKETS, is_missing
from dashboards.web.weeks_figures import VALID_H

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.report.weeks import Panel, WeeksReport
    from dashboards.web.weeks_table import Row

_COLUMN_MM: Final = 90.0
_SAFETY_MM: Final = 78.0
_GAP_MM: Final = 2.0
_ROW_MM: Final = 4.5
_CELL = Type(7.0)
# Headings of the table on paper by key of the summary, and how wide each column is, mm.
COLUMNS: Final = {
    "cramp_probable": ("Cramp-like, probable", 15.0),
    "cramp_possible": ("Cramp-like, possible", 15.0),
    "awake_after_cramps_est_min": ("Awake after them, est.", 16.0),
    "waso_est_min": ("Awake at night, est.", 16.0),
    "plms_wasm_per_h": ("Periodic movements", 17.0),
    "longest_undisturbed_min": ("Longest undisturbed", 17.0),
    VALID_H: ("Valid signal", 11.0),
    "night_grade": ("Grade", 9.0),
    "noted": ("Cramps noted", 11.0),
    "diary": ("Diary", 43.0),
}
_NONE: Final = "\N{EN DASH}"
_RAISED: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_DAY_MM: Final = 16.0


def weeks_pdf(report: WeeksReport) -> bytes:
    """Return the report of weeks as a PDF.

    Parameters
    ----------
    report : WeeksReport
        What it says.

    Returns
    -------
    bytes
        The document. What is cut with an ellipsis is in the HTML of the same report.
    """
    with Paper(f"Soleus: {report.title}", report.nights.figures[-1].card.end_ns) as paper:
        _first(paper, report)
        rows = list(report.table.rows)
        while rows:
            rows = _nights(paper, report, rows)
        return paper.finish()


def _first(paper: Paper, report: WeeksReport) -> None:
    paper.sheet()
    y = head(paper, report.title, report.when, simulated=bool(report.n_simulated))
    first, *others = report.answer
    y = paper.paragraph((MARGIN_MM, y), INNER_MM, first, LEAD, 2) + 0.5
    y = paper.paragraph((MARGIN_MM, y), INNER_MM, " ".join(others), BODY, 3) + _GAP_MM
    panels = list(report.panels)
    for left, right in zip(panels[::2], panels[1::2], strict=True):
        below = [_panel(paper, one, x, y) for one, x in ((left, 0.0), (right, INNER_MM - _COLUMN_MM))]
        y = max(below) + 1.2
    y = paper.paragraph((MARGIN_MM, y), INNER_MM, report.legend, TINY) + _GAP_MM
    width = INNER_MM - _SAFETY_MM - 5.0
    foot = footer_mm(paper, report.footer)
    below_safety = safety_card(paper, report.safety, (WIDTH_MM - MARGIN_MM - _SAFETY_MM, y), _SAFETY_MM)
    at = paper.paragraph((MARGIN_MM, y), width, "Sensors beside the diary", HEADING, 1)
    for text in report.diary:
        free = int((foot - 1.0 - at) / SMALL.line_mm)
        at = paper.paragraph((MARGIN_MM, at), width, text, Type(SMALL.size_pt), max(free, 0))
    at = max(at, below_safety) + _GAP_MM
    for position, text in enumerate(report.compared):
        free = int((foot - 1.0 - at) / BODY.line_mm)
        heading = "" if position else "Compared: "
        at = paper.paragraph((MARGIN_MM, at), INNER_MM, f"{heading}{text}", BODY if position else STRONG, max(free, 0))
    free = int((foot - 2.0 - at) / TINY.line_mm)
    paper.paragraph((MARGIN_MM, at + 1.0), INNER_MM, report.assumes, TINY, max(free, 0))
    footer(paper, report.footer)


def _panel(paper: Paper, panel: Panel, x: float, y: float) -> float:
    x += MARGIN_MM
    y = paper.paragraph((x, y), _COLUMN_MM, panel.title, STRONG, 1)
    y = paper.paragraph((x, y), _COLUMN_MM, f"{panel.middle[:1].upper()}{panel.middle[1:]}", SMALL, 1)
    y = paper.picture(panel.picture, x, y + 0.2) + 0.2
    y = paper.paragraph((x, y), _COLUMN_MM, panel.trend, Type(SMALL.size_pt), 3)
    return paper.paragraph((x, y), _COLUMN_MM, panel.counted, TINY, 2)


def _nights(paper: Paper, report: WeeksReport, rows: list[Row]) -> list[Row]:
    """Fill a sheet with nights, and return those that are left."""
    paper.sheet()
    y = head(paper, f"{report.title}: night by night", report.when, simulated=bool(report.n_simulated))
    y = _headings(paper, y)
    listed = "; ".join(f"{_NONE}{_raised(number)} {why}" for number, why in enumerate(report.whys, start=1))
    key = f"{BRACKETS}{f' {listed}.' if listed else ''}"
    foot = footer_mm(paper, report.footer) - len(paper.lines(key, INNER_MM, TINY)) * TINY.line_mm
    n_rows = int((foot - 3.0 - y) / _ROW_MM)
    for row in rows[:n_rows]:
        _row(paper, row, y, report.whys)
        y += _ROW_MM
    paper.paragraph((MARGIN_MM, y + 1.0), INNER_MM, key, TINY)
    footer(paper, report.footer)
    return rows[n_rows:]


def _raised(number: int) -> str:
    return str(number).translate(_RAISED)


def _headings(paper: Paper, y: float) -> float:
    paper.word(Label(MARGIN_MM, y + 2.6, "Night", _CELL.size_pt, bold=True))
    x, below = MARGIN_MM + _DAY_MM, y
    for text, width in COLUMNS.values():
        below = max(below, paper.paragraph((x, y), width - 1.5, text, Type(_CELL.size_pt, bold=True), 3))
        x += width
    paper.rule(below + 0.4)
    return below + 0.8


def _row(paper: Paper, row: Row, y: float, whys: Sequence[str]) -> None:
    base = y + 3.1
    paper.word(Label(MARGIN_MM, base, row.day, _CELL.size_pt))
    x = MARGIN_MM + _DAY_MM
    for cell in row.cells:
        _, width = COLUMNS[cell.key]
        text = f"({cell.text})" if cell.aside else cell.text
        if is_missing(cell):
            text = f"{_NONE}{_raised(whys.index(cell.text) + 1)}"
        paper.word(Label(x, base, paper.shortened(text, width - 1.5, _CELL), _CELL.size_pt))
        x += width
    paper.rule(y + _ROW_MM - 0.2, HAIRLINE_MM)
