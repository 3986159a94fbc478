"""The report of one night on one sheet of A4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from dashboards.report import shapes
from dashboards.report.night import GRADES, texts_of
from dashboards.report.paper import HEIGHT_MM, MARGIN_MM, WIDTH_MM, Paper, Type
from dashboards.report.shapes import Box, Label, squeezed

if TYPE_CHECKING:
    from dashboards.report.night import EventRow, NightReport
    from dashboards.web.numbers import Card

INNER_MM = WIDTH_MM - 2 * MARGIN_MM
_BOTTOM_MM = HEIGHT_MM - 9.0
TITLE, LEAD = Type(15.0, bold=True), Type(11.0, bold=True)
BODY, SMALL, TINY = Type(8.2), Type(7.3, shapes.SOFT), Type(6.7, shapes.SOFT)
HEADING, STRONG = Type(9.5, bold=True), Type(8.2, bold=True)
ALERT = Type(8.0, bold=True)
_NAME_MM, _VALUE_MM = 40.0, 48.0
_FACTS_MM = 46.0
_SAFETY_MM = 78.0
_GAP_MM = 2.0
_LEAST_DIARY_LINES: Final = 2
_LEAST_DIARY_MM = 12.0


class _Room(NamedTuple):
    """How much room the parts of the sheet may take: lines, mm and number of events."""

    lead_lines: int
    note_lines: int
    event_mm: float
    n_events: int


# Tried in turn until everything is on one sheet.
_ROOMS: Final = (
    _Room(3, 4, 25.5, 3),
    _Room(3, 4, 22.0, 3),
    _Room(3, 3, 18.5, 3),
    _Room(2, 2, 16.0, 3),
    _Room(2, 1, 16.0, 3),
    _Room(2, 1, 16.0, 2),
    _Room(1, 1, 14.0, 1),
)


def night_pdf(report: NightReport) -> bytes:
    """Return the report of a night as a PDF of one page.

    Parameters
    ----------
    report : NightReport
        What it says.

    Returns
    -------
    bytes
        The document; the same night gives the same bytes. What does not fit is cut with an ellipsis or counted, and is
        in the HTML of the same report.
    """
    *rooms, least = _ROOMS
    for room in rooms:
        with _paper(report) as paper:
            if _fits(paper, report, room):
                return paper.finish()
    with _paper(report) as paper:
        _fits(paper, report, least)
        return paper.finish()


def _paper(report: NightReport) -> Paper:
    return Paper(f"Soleus: {report.title}", report.view.card.end_ns)


def _fits(paper: Paper, report: NightReport, room: _Room) -> bool:
    """Fill a sheet, and return whether nothing on it lies over anything else."""
    paper.sheet()
    y = head(paper, report.title, report.when, simulated=report.view.card.simulated)
    y = _answer(paper, report, y, room)
    y = paper.picture(report.strip, MARGIN_MM, y)
    y = paper.picture(report.keys, MARGIN_MM, y + 0.3) + _GAP_MM
    y = _numbers(paper, report, y, room) + _GAP_MM
    y = _events(paper, report, y, room) + _GAP_MM
    return _end(paper, report, y)


def head(paper: Paper, title: str, when: str, *, simulated: bool) -> float:
    """Write the head of a sheet, and return where the next thing may begin, mm from the top."""
    y, right = MARGIN_MM, WIDTH_MM - MARGIN_MM
    paper.word(Label(MARGIN_MM, y + 4.6, title, TITLE.size_pt, bold=True))
    paper.word(Label(right, y + 8.8, "Soleus, research prototype", TINY.size_pt, shapes.SOFT, "end"))
    paper.word(Label(MARGIN_MM, y + 8.8, when, BODY.size_pt, shapes.SOFT))
    if simulated:
        paper.box(Box(right - 20.0, y + 0.4, 20.0, 4.8, "", shapes.INK))
        paper.word(Label(right - 10.0, y + 3.8, "SIMULATED", BODY.size_pt, shapes.INK, "middle", bold=True))
    paper.rule(y + 10.4, 0.5)
    return y + 12.0


def _answer(paper: Paper, report: NightReport, y: float, room: _Room) -> float:
    first, *others = report.answer
    y = paper.paragraph((MARGIN_MM, y), INNER_MM, first, LEAD, room.lead_lines) + 0.3
    return paper.paragraph((MARGIN_MM, y), INNER_MM, " ".join(others), BODY, room.note_lines) + 0.6


def _numbers(paper: Paper, report: NightReport, y: float, room: _Room) -> float:
    paper.rule(y)
    y += 0.8
    for card in report.cards:
        y = _number_row(paper, card, y, room)
    hours = "; ".join(f"{one.label} {one.hours:.1f} h, grade {one.grade}" for one in report.valid) or "no valid signal"
    unscored = "".join(f" {stream} was not scored: {why}." for stream, why in report.unscored)
    received = f" Received: {report.received}." if report.received else ""
    paper.paragraph((MARGIN_MM, y), _NAME_MM, "Valid signal", STRONG, 1)
    left, width = MARGIN_MM + _NAME_MM, INNER_MM - _NAME_MM
    y = paper.paragraph((left, y), width, f"{hours}.", BODY, room.note_lines)
    y = paper.paragraph((left, y), width, f"{GRADES}{received}{unscored}", SMALL, room.note_lines)
    paper.rule(y + 0.8)
    return y + 0.8


def _number_row(paper: Paper, card: Card, y: float, room: _Room) -> float:
    paper.paragraph((MARGIN_MM, y), _NAME_MM, card.title, STRONG, 1)
    said = ", ".join(
        one.text if one.value is None or not one.unit else f"{one.text} {one.unit}" for one in card.figures
    )
    left = MARGIN_MM + _NAME_MM
    below = paper.paragraph((left, y), _VALUE_MM - 2.0, said, BODY, max(room.note_lines, 2))
    left += _VALUE_MM
    note = paper.paragraph((left, y + 0.2), MARGIN_MM + INNER_MM - left, card.note, SMALL, room.note_lines)
    return max(below, note, y + BODY.line_mm) + 0.6


def _events(paper: Paper, report: NightReport, y: float, room: _Room) -> float:
    y = paper.paragraph((MARGIN_MM, y), INNER_MM, "The strongest events", HEADING, 1)
    y = paper.paragraph((MARGIN_MM, y), INNER_MM, report.rule, TINY, 2) + 1.2
    if not report.events:
        return paper.paragraph((MARGIN_MM, y), INNER_MM, "Nothing was marked.", BODY)
    for row in report.events[: room.n_events]:
        _event(paper, row, y, room.event_mm)
        y += room.event_mm
    return y


def _event(paper: Paper, row: EventRow, y: float, height_mm: float) -> None:
    bottom = y + height_mm
    at = paper.paragraph((MARGIN_MM, y), _FACTS_MM, f"{row.number}  {row.title}", STRONG, 2)
    for fact in row.facts:
        free = int((bottom - at) / SMALL.line_mm)
        at = paper.paragraph((MARGIN_MM + 3.2, at), _FACTS_MM - 3.2, fact, SMALL, min(free, 2))
    left = MARGIN_MM + _FACTS_MM + 2.0
    if row.picture is None:
        paper.paragraph((left, y), 100.0, f"No traces: {row.missing}.", SMALL, 2)
    else:
        paper.picture(squeezed(row.picture, height_mm - 1.0), MARGIN_MM + INNER_MM - row.picture.width_mm, y)


def _end(paper: Paper, report: NightReport, y: float) -> bool:
    """Fill what is left: the diary beside the safety card, and the footer at the bottom; return whether it fits."""
    foot = footer_mm(paper, report.footer)
    _diary(paper, report, y, foot - 1.0)
    below = safety_card(paper, report.safety, (WIDTH_MM - MARGIN_MM - _SAFETY_MM, y), _SAFETY_MM)
    footer(paper, report.footer)
    return below <= foot and y + _LEAST_DIARY_MM <= foot


def footer_mm(paper: Paper, texts: tuple[str, ...]) -> float:
    """Return where the footer of a sheet begins, mm from the top."""
    n_lines = sum(len(paper.lines(text, INNER_MM, TINY)) for text in texts)
    return _BOTTOM_MM - n_lines * TINY.line_mm - 2.0


def footer(paper: Paper, texts: tuple[str, ...]) -> None:
    """Write the footer at the bottom of a sheet."""
    y = footer_mm(paper, texts) + 1.0
    paper.rule(y)
    y += 1.0
    for text in texts:
        y = paper.paragraph((MARGIN_MM, y), INNER_MM, text, TINY)


def safety_card(paper: Paper, safety: tuple[str, ...], at_mm: tuple[float, float], width_mm: float) -> float:
    """Write the safety card in a frame, and return where the next thing may begin, mm from the top."""
    x, y = at_mm
    title, *rest = safety
    inner, letters = width_mm - 4.0, Type(TINY.size_pt)
    height = ALERT.line_mm + sum(len(paper.lines(text, inner, letters)) for text in rest) * letters.line_mm + 2.4
    paper.box(Box(x, y, width_mm, height, "", shapes.CRAMP))
    paper.box(Box(x, y, 1.0, height, shapes.CRAMP))
    at = paper.paragraph((x + 2.6, y + 1.2), inner, title, ALERT)
    for text in rest:
        at = paper.paragraph((x + 2.6, at), inner, text, letters)
    return y + height


def _diary(paper: Paper, report: NightReport, y: float, bottom: float) -> None:
    width = INNER_MM - _SAFETY_MM - 5.0
    y = paper.paragraph((MARGIN_MM, y), width, "Diary", HEADING, 1)
    y = paper.paragraph((MARGIN_MM, y), width, report.beside, Type(SMALL.size_pt, bold=True), 2)
    texts = texts_of(report.diary) or ("Nothing was written down.",)
    n_lines = max(int((bottom - y) / SMALL.line_mm), 0)
    for position, text in enumerate(texts):
        n_after = len(texts) - position - 1
        free = n_lines - (1 if n_after else 0)
        n_needed = len(paper.lines(text, width, SMALL))
        if free < min(n_needed, _LEAST_DIARY_LINES):
            paper.paragraph((MARGIN_MM, y), width, f"… and {n_after + 1} more.", SMALL, min(n_lines, 1))
            return
        n_used = min(n_needed, free)
        y = paper.paragraph((MARGIN_MM, y), width, text, Type(SMALL.size_pt), n_used)
        n_lines -= n_used
