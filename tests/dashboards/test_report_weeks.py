"""The report of weeks: which nights, what can be told of them, two periods side by side, and the sheets as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pypdfium2
import pytest

from dashboards.comparison import Block, Period, Phase, Plan
from dashboards.report import shapes
from dashboards.report.html import weeks_html
from dashboards.report.shapes import Box, Line
from dashboards.report.weeks import WeeksReport, weeks_report
from dashboards.report.weeks_pdf import weeks_pdf
from tests.fake_sleep import SleepingBook
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.report_pages import text_of
from tests.shown_text import pieces_of

if TYPE_CHECKING:
    from dashboards.report.weeks import Panel

pytestmark = pytest.mark.slow

OFF = Period("without", date(2026, 2, 3), date(2026, 2, 20))
ON = Period("magnesium", date(2026, 2, 21), date(2026, 3, 14))
LONG_AGO = Period("long ago", date(2025, 3, 1), date(2025, 3, 14))


@dataclass(slots=True)
class ComparedBook(SleepingBook):
    """Nights with periods in their diary."""

    told: tuple[Period, ...] = (OFF, ON)
    planned: Plan | None = None

    def periods(self) -> tuple[Period, ...]:
        return self.told

    def plan(self) -> Plan | None:
        return self.planned


def report_of(book: FakeNightBook, n_weeks: int = 6) -> WeeksReport:
    report = weeks_report(book, NIGHT_ID, n_weeks)
    assert report is not None
    return report


@cache
def usual() -> WeeksReport:
    return report_of(SleepingBook())


def panels_of(report: WeeksReport) -> dict[str, Panel]:
    return {panel.name: panel for panel in report.panels}


def test_what_changed_is_said_with_its_interval_or_that_one_cannot_tell() -> None:
    for panel in usual().panels:
        assert panel.trend.startswith(("Cannot tell whether this changed", "Changed from about"))
        assert "nights" in panel.trend
        assert "count" in panel.counted
    few = panels_of(report_of(SleepingBook(), n_weeks=1))
    assert all("it takes 14" in panel.trend or "in each of" in panel.trend for panel in few.values())
    # A line is drawn only where a change can be told.
    for panel in few.values():
        assert not [s for s in panel.picture.shapes if isinstance(s, Line) and s.ink == shapes.INK and s.width_mm > 0.5]


def test_a_night_without_a_number_is_hatched_a_short_one_outlined_and_one_with_0_has_its_mark() -> None:
    drawn = panels_of(usual())["cramps"].picture.shapes
    boxes = [shape for shape in drawn if isinstance(shape, Box)]
    values = [one for row in usual().table.rows for one in row.cells if one.key == "cramp_probable"]
    n_missing = sum(cell.value is None for cell in values)
    plain = [box for box in boxes if box.fill == shapes.PAPER and not box.edge and box.height > 10]
    assert len(plain) == n_missing == 2
    assert any(box.fill == shapes.CRAMP and box.height < 0.5 for box in boxes)
    assert any(box.fill == shapes.CRAMP and box.height > 1.0 for box in boxes)
    assert any(box.fill == shapes.PAPER and box.edge == shapes.CRAMP for box in boxes)
    slanted = [s for s in drawn if isinstance(s, Line) and s.points[0][0] != s.points[1][0] != 0 and s.width_mm < 0.2]
    assert slanted


def test_two_periods_of_the_diary_are_compared_in_words_and_drawn_under_the_bars() -> None:
    report = report_of(ComparedBook())
    heading, cramps, periodic = report.compared
    assert heading == "without, 3 Feb 2026 to 20 Feb 2026, and magnesium, 21 Feb 2026 to 14 Mar 2026"
    assert cramps.startswith("Cramp-like contractions: ")
    assert periodic.startswith("Periodic leg movements: ")
    assert all("valid" in line for line in (cramps, periodic))
    assert "A without, 3 Feb 2026 to 20 Feb 2026; B magnesium" in report.legend
    labels = [shape.text for shape in report.panels[0].picture.shapes if hasattr(shape, "text")]
    assert {"A", "B"} <= set(labels)
    shown = " ".join(piece.text for piece in pieces_of(weeks_html(report)))
    assert cramps in shown
    assert cramps in text_of(weeks_pdf(report)).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    "told", [(), (ON,), (LONG_AGO, ON), (OFF, Period("without", date(2026, 3, 1), date(2026, 3, 9)))]
)
def test_without_two_periods_of_these_weeks_nothing_is_compared(told: tuple[Period, ...]) -> None:
    assert report_of(ComparedBook(told=told)).compared == ()


def test_periods_that_share_an_evening_are_not_compared() -> None:
    book = ComparedBook(told=(OFF, Period("other", date(2026, 2, 20), date(2026, 3, 1))))
    assert report_of(book).compared == ()


def test_of_a_plan_off_is_compared_with_on() -> None:
    blocks = (
        Block(Phase.OFF, date(2026, 2, 3), 10), Block(Phase.WASHOUT, date(2026, 2, 13), 2),
        Block(Phase.ON, date(2026, 2, 15), 10),
    )  # fmt: skip
    heading, *_ = report_of(ComparedBook(told=(), planned=Plan("stretching", blocks))).compared
    assert "stretching, off" in heading
    assert "stretching, on" in heading


def test_weeks_with_too_few_valid_nights_compare_no_numbers() -> None:
    short = (Period("a", date(2026, 3, 8), date(2026, 3, 10)), Period("b", date(2026, 3, 11), date(2026, 3, 14)))
    _, cramps, _ = report_of(ComparedBook(told=short), n_weeks=1).compared
    assert "a comparison needs at least 5 in each" in cramps


@pytest.mark.parametrize("n_weeks", [1, 6])
def test_weeks_are_two_sheets_of_a4_with_clear_margins(n_weeks: int) -> None:
    with pypdfium2.PdfDocument(weeks_pdf(report_of(ComparedBook(), n_weeks))) as document:
        assert len(document) == 2
        for page in document:
            assert page.get_size() == pytest.approx((595.0, 842.0), abs=1.0)
            ink = np.array(page.render(scale=2.0, grayscale=True).to_numpy()) < 250
            margin = round(7.0 / 25.4 * 72.0 * 2.0)
            assert not any(edge.any() for edge in (ink[:margin], ink[-margin:], ink[:, :margin], ink[:, -margin:]))
            text = " ".join(page.get_textpage().get_text_range().split())
            assert text.rstrip().endswith("these sensors cannot tell them apart.")
            assert "SIMULATED" in text


def test_every_night_is_a_row_on_paper_and_every_missing_number_has_its_reason_below() -> None:
    text = text_of(weeks_pdf(usual()))
    assert all(row.day in text for row in usual().table.rows)
    assert [why for why in usual().whys if why not in text] == []
    html = weeks_html(usual())
    assert html.count("<sup") >= sum(cell.text in usual().whys for row in usual().table.rows for cell in row.cells)


def test_a_book_without_a_finished_night_has_no_report_of_weeks() -> None:
    class Unfinished(FakeNightBook):
        def weeks(self, n_nights: int) -> tuple[()]:
            del n_nights
            return ()

    assert weeks_report(Unfinished(), NIGHT_ID, 6) is None
