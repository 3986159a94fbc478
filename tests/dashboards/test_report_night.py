"""The report of one night as a picture: one page of A4, looked at, whatever the night was like."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pypdfium2
import pytest

from dashboards.report import shapes
from dashboards.report.night import NightReport, night_report
from dashboards.report.night_pdf import night_pdf
from dashboards.report.paper import NO_LETTER, Paper, Type
from dashboards.report.shapes import Box, Label
from dashboards.report.strip import NAMES_MM
from dashboards.signals import Stretch, UnreadableLogError
from detectors.events import Event, EventKind
from detectors.signal import NS_PER_S, Leg
from tests.fake_sleep import SleepingBook
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.report_pages import BOOKS, WordyBook, text_of
from tests.synthetic_night import CRAMPS, to_ns

if TYPE_CHECKING:
    from numpy.typing import NDArray

A4_PT = (595.0, 842.0)
A4_HEIGHT_MM = 297.0
MARGIN_MM = 7.0
PIXELS_PER_MM = 3.0


@cache
def report_of(name: str = "over") -> NightReport:
    return night_report(BOOKS[name], NIGHT_ID)


@cache
def pdf_of(name: str = "over") -> bytes:
    return night_pdf(report_of(name))


def picture_of(pdf: bytes) -> NDArray[np.uint8]:
    """Return the only page of a document as a printer without colours shows it, three pixels a millimetre."""
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 1
        assert document[0].get_size() == pytest.approx(A4_PT, abs=1.0)
        drawn = document[0].render(scale=PIXELS_PER_MM * 25.4 / 72.0, grayscale=True)
        return np.array(drawn.to_numpy(), np.uint8)


@pytest.mark.slow
@pytest.mark.parametrize("name", BOOKS)
def test_a_night_is_one_page_of_a4_with_clear_margins_whatever_it_was_like(name: str) -> None:
    ink = picture_of(pdf_of(name)) < 250
    assert ink.shape[0] == pytest.approx(A4_HEIGHT_MM * PIXELS_PER_MM, abs=1)
    margin = round(MARGIN_MM * PIXELS_PER_MM)
    assert not any(edge.any() for edge in (ink[:margin], ink[-margin:], ink[:, :margin], ink[:, -margin:]))
    assert ink.mean() > 0.02
    # The footer is the last thing on the page, and whole.
    assert text_of(pdf_of(name)).rstrip().endswith("these sensors cannot tell them apart.")


@pytest.mark.slow
def test_the_page_shows_a_lane_for_each_leg_and_a_raw_trace_for_each_of_three_events() -> None:
    text = text_of(pdf_of())
    assert all(word in text for word in ("Left leg", "Right leg", "Asleep", "Awake", "Diary"))
    assert text.count("Raw signal, 25 s, ±") == 3
    assert text.count("Envelope, 0 to") == 3
    dark = picture_of(pdf_of()) < 120
    # A raw trace is a band of ink on the right that no line of text is as dense as.
    right = dark[:, round(125 * PIXELS_PER_MM) : round(190 * PIXELS_PER_MM)].mean(axis=1) > 0.8
    begins = np.flatnonzero(np.diff(np.concatenate(([0], right.astype(int)))) == 1)
    heights = np.diff(np.flatnonzero(np.diff(np.concatenate(([0], right.astype(int), [0])))))[::2]
    assert len(begins) >= 2
    assert heights.max() > 2 * PIXELS_PER_MM


@pytest.mark.slow
def test_probable_and_possible_are_told_apart_without_colours() -> None:
    shown = {row.title: row for row in report_of().events}
    assert list(shown) == ["Cramp-like contraction, probable", "Cramp-like contraction, possible"]
    picture = picture_of(pdf_of())
    strip = picture[: round(90 * PIXELS_PER_MM)]
    # The middle of a full mark is dark from top to bottom; that of an outlined one is paper.
    tall = (strip < 110).astype(int)
    columns = np.flatnonzero(tall.sum(axis=0) > 8.5 * PIXELS_PER_MM)
    runs = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    assert len(runs) >= 2


@pytest.mark.slow
def test_signs_of_units_and_arrows_are_letters_of_the_page() -> None:
    text = text_of(night_pdf(night_report(WordyBook(text="µV → 3 – 5 ≥ 2 − 1 Жирный"), NIGHT_ID)))
    assert "µV → 3 – 5 ≥ 2 − 1 Жирный" in text
    assert NO_LETTER in text_of(night_pdf(night_report(WordyBook(text="\N{GRINNING FACE}"), NIGHT_ID)))


@pytest.mark.slow
def test_what_of_the_diary_does_not_fit_is_counted() -> None:
    wordy = WordyBook(n_notes=120, text="a long night with many words in it, " * 20)
    report = night_report(wordy, NIGHT_ID)
    text = text_of(night_pdf(report))
    assert len(report.diary) > 100
    found = [part for part in text.split("… and ")[1:] if part.split(" more.")[0].isdigit()]
    assert len(found) == 1
    assert int(found[0].split()[0]) >= 100
    assert "Get medical help now" in text


@pytest.mark.slow
def test_no_label_of_the_strip_reaches_into_the_night() -> None:
    report = report_of("crowded")
    names = [s for s in report.strip.shapes if isinstance(s, Label) and s.x == 0.0]
    assert {"Left leg", "Right leg", "Both legs", "Leg not known"} <= {label.text for label in names}
    with Paper("a title", 0) as paper:
        for label in names:
            letters = Type(label.size_pt, bold=label.bold)
            assert len(paper.lines(label.text, NAMES_MM, letters)) == 1


def test_an_event_that_is_shown_close_up_has_a_mark_on_the_strip() -> None:
    unsure = Event(EventKind.TONIC, "left-shin", Leg.LEFT, to_ns(5_000.0), to_ns(5_060.0), {"peak_uv": 20.0})
    report = night_report(FakeNightBook(all_events=(unsure,)), NIGHT_ID)
    marks = [shape for shape in report.strip.shapes if isinstance(shape, Box) and shape.edge == shapes.SOFT]
    numbers = [shape for shape in report.strip.shapes if isinstance(shape, Label) and shape.text == "1"]
    assert len(marks) == len(numbers) == len(report.events) == 1
    assert marks[0].x <= numbers[0].x <= marks[0].x + marks[0].width


@pytest.mark.slow
def test_the_same_night_gives_the_same_bytes() -> None:
    again = night_pdf(night_report(SleepingBook(), NIGHT_ID))
    assert again == pdf_of()


@pytest.mark.slow
def test_events_are_chosen_by_what_they_are_then_by_their_strength_and_never_against_the_wearer() -> None:
    assert [row.number for row in report_of().events] == [1, 2, 3]
    peaks = [row.facts[1] for row in report_of().events]
    assert peaks == ["1 min 14 s, peak 212 µV", "31 s, peak 128 µV", "12 s, peak 64 µV"]
    book = FakeNightBook()
    book.judge(NIGHT_ID, CRAMPS[0], confirmed=False)
    book.judge(NIGHT_ID, CRAMPS[2], confirmed=True)
    report = night_report(book, NIGHT_ID)
    assert [row.facts[0][:8] for row in report.events[:2]] == ["04:41:54", "03:32:50"]
    assert report.events[2].title == "Periodic leg movement"
    assert "Confirmed by the wearer" in report.events[0].facts
    assert "the wearer confirmed 1 and denied 1" in report.answer[-1]


def test_a_night_without_events_says_so_and_still_has_its_strip() -> None:
    report = report_of("without signal")
    assert report.events == ()
    assert report.strip.height_mm > 30
    figures = {one.key: one for card in report.cards for one in card.figures}
    assert {one.value for one in figures.values()} == {None}
    assert report.beside == "Cramps: 1 noted; whether the sensors would have marked any is not known."
    notes = {card.title: card.note for card in report.cards}
    assert notes["Periodic leg movements"] == "An electrode was off."


class Unreadable(SleepingBook):
    """A night whose packet log is damaged."""

    def raw(self, night_id: str, sensor: str, onset_ns: int, end_ns: int) -> Stretch:
        del night_id, sensor, onset_ns, end_ns
        message = "the samples of this night cannot be read"
        raise UnreadableLogError(message)


def test_an_event_whose_samples_cannot_be_read_is_reported_without_traces() -> None:
    rows = night_report(Unreadable(), NIGHT_ID).events
    assert [(row.picture, row.missing) for row in rows] == [(None, "the samples of this night cannot be read")] * 3


def test_a_trace_begins_before_its_event_and_stays_inside_of_its_frame() -> None:
    for row in report_of().events:
        assert row.picture is not None
        points = [point for shape in row.picture.shapes if hasattr(shape, "points") for point in shape.points]
        assert all(0 <= x <= row.picture.width_mm and 0 <= y <= row.picture.height_mm for x, y in points)
        assert len(points) > 500


def test_an_event_of_acceleration_shows_acceleration() -> None:
    moved = Event(
        EventKind.POSSIBLE_EPISODE, "right-shin", Leg.RIGHT, CRAMPS[0].onset_ns, CRAMPS[0].onset_ns + 30 * NS_PER_S,
        {"peak_g": 0.2, "confidence": 0.3},
    )  # fmt: skip
    (row,) = night_report(FakeNightBook(all_events=(moved,)), NIGHT_ID).events
    assert row.picture is not None
    labels = [shape.text for shape in row.picture.shapes if hasattr(shape, "text")]
    assert any(text.startswith("Acceleration, 0 to") for text in labels)
