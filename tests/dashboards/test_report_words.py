"""What reports say: numbers that lead back to their night, nothing that must not be said, and nothing to fetch."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from dashboards.report import words
from dashboards.report.html import night_html, weeks_html
from dashboards.report.night import night_report
from dashboards.report.night_pdf import night_pdf
from dashboards.report.weeks import weeks_report
from dashboards.report.weeks_pdf import weeks_pdf
from dashboards.web.clocktime import clock_text, duration_text
from dashboards.web.diary_cramps import beside
from dashboards.web.numbers import valid_hours
from dashboards.web.weeks_figures import diary_cramps
from tests.dashboards.test_traced_numbers import (
    CONSTANTS,
    GRADES,
    clock_words,
    diary_words,
    event_words,
    flat,
    words_for,
)
from tests.dashboards.test_words_everywhere import SHARE, found_in
from tests.fake_sleep import SleepingBook
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.report_pages import BOOKS, WordyBook, text_of
from tests.shown_text import numbers_in, pieces_of
from tests.synthetic_night import UTC_OFFSET_S
from tests.web_client import client_of

if TYPE_CHECKING:
    from dashboards.report.weeks import WeeksReport

pytestmark = pytest.mark.slow

FROM_OUTSIDE = re.compile(
    r"<(?:script|link|img|iframe|object|embed|form)\b|\bsrc=|\bhref=|url\(|@import|://", re.IGNORECASE
)
RAW_SECONDS = frozenset({"25"})
CONFIDENCE = frozenset({"0", "1"})


@cache
def html_of(name: str = "over") -> str:
    return night_html(night_report(BOOKS[name], NIGHT_ID))


@cache
def weeks_of(n_weeks: int = 6) -> WeeksReport:
    report = weeks_report(SleepingBook(), NIGHT_ID, n_weeks)
    assert report is not None
    return report


@pytest.mark.parametrize("name", BOOKS)
def test_no_report_of_a_night_says_what_must_not_be_said(name: str) -> None:
    for text in (
        *(piece.text for piece in pieces_of(html_of(name))),
        text_of(night_pdf(night_report(BOOKS[name], NIGHT_ID))),
    ):
        assert found_in(text) == []
        assert not SHARE.search(text)


def test_no_report_of_weeks_says_what_must_not_be_said() -> None:
    for text in (*(piece.text for piece in pieces_of(weeks_html(weeks_of()))), text_of(weeks_pdf(weeks_of()))):
        assert found_in(text) == []
        assert not SHARE.search(text)


def test_a_report_speaks_of_the_wearer_and_not_to_them_except_for_help() -> None:
    book = WordyBook()
    for text in (html_of(), weeks_html(weeks_of()), night_html(night_report(book, NIGHT_ID))):
        said = [piece.text for piece in pieces_of(text) if not piece.inside("footer") and not piece.inside(".safety")]
        assert [one for one in said if re.search(r"\byou(?:r|rs)?\b", one, re.IGNORECASE)] == []


@pytest.mark.parametrize("name", BOOKS)
def test_the_page_is_one_file_that_fetches_and_runs_nothing(name: str) -> None:
    html = html_of(name)
    # The name of a namespace is no address that anybody asks.
    assert FROM_OUTSIDE.findall(html) == []
    assert "default-src 'none'" in html
    assert "<style>" in html
    assert html.count("<svg") >= 2
    assert all(piece.given.get("aria-label") for piece in pieces_of(html) if piece.around[-1][0] == "svg")


def test_what_somebody_wrote_is_text_and_no_markup() -> None:
    html = night_html(night_report(WordyBook(text="<script>alert(1)</script> & more"), NIGHT_ID))
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html


def test_the_footer_is_that_of_the_pages_and_the_card_has_every_sign() -> None:
    text = " ".join(piece.text for piece in pieces_of(html_of()))
    for said in (
        "This report shows leg-muscle activity and movement recorded on Saturday 14 March to Sunday 15 March 2026",
        "7.4 h of usable signal (left-shin)", "sensors: left-shin (tibialis anterior), right-shin (tibialis anterior)",
        "Events are found by software (version 0.1.0, criteria wasm-2016) and can be wrong",
        "It does not diagnose any condition and does not measure pain, sleep stages or breathing",
        "do not change treatment because of it",
        "If you have a painful, swollen, warm or red calf, or breathlessness, get medical help now.",
        "not validated for diagnosis or treatment decisions", "not a medical device",
    ):  # fmt: skip
        assert said in text
    title, *card = words.safety()
    assert title == "Get medical help now"
    signs = (
        "swollen",
        "one side",
        "clot",
        "breathlessness",
        "chest pain",
        "numbness",
        "bladder",
        "dark urine",
        "fever",
    )
    assert [sign for sign in signs if sign not in " ".join(card)] == []
    assert title in text
    assert all(part in text for part in card)


def test_the_report_says_of_itself_what_the_page_of_the_night_says() -> None:
    page = pieces_of(client_of(SleepingBook()).get(f"/night/{NIGHT_ID}").text)
    on_page = " ".join(piece.text for piece in page if piece.inside("footer"))
    begins, last = "Events are found by software", "get medical help now."
    sides = (night_report(SleepingBook(), NIGHT_ID).footer[0], on_page)
    of_report, of_page = (text[text.index(begins) : text.index(last) + len(last)] for text in sides)
    assert of_report == of_page


def test_every_marked_number_is_that_of_the_summary() -> None:
    view = SleepingBook().night(NIGHT_ID)
    numbers = [piece for piece in pieces_of(html_of()) if piece.given.get("data-key")]
    assert {"cramp_probable", "cramp_possible", "plms_wasm_per_h", "lm_per_h", "tst_est_h", "waso_est_min"} <= {
        piece.given["data-key"] for piece in numbers
    }
    for piece in numbers:
        value = view.summary[piece.given["data-key"]]
        if piece.given["value"] == "":
            assert value is None
            continue
        assert isinstance(value, int | float)
        assert float(piece.given["value"]) == float(value)
        assert piece.numbers <= words_for({piece.given["data-key"]: value})
    hours = {sensor.label: sensor.hours for sensor in valid_hours(view)}
    valid = {p.given["data-valid"]: float(p.given["value"]) for p in pieces_of(html_of()) if p.given.get("data-valid")}
    assert valid == hours


def test_every_other_number_is_of_the_summary_an_event_the_clock_or_the_diary() -> None:
    view = SleepingBook().night(NIGHT_ID)
    told = words_for(view.summary) | CONSTANTS
    places = {
        ".when": clock_words(view), ".lead": told, ".answer": told, ".strip": _strip_words(), ".of": frozenset(),
        ".grade": GRADES, ".rule": CONFIDENCE, ".note": told | CONFIDENCE, ".diary": diary_words(), "td": told,
        "title": clock_words(view), "h1": clock_words(view),
        ".foot": told | clock_words(view) | numbers_in(view.version) | numbers_in(view.criteria),
    }  # fmt: skip
    counts = beside(view.events, SleepingBook().diary(NIGHT_ID)).counts
    places = {".beside": frozenset(map(str, counts)), **places}
    events, traced = event_words(view), set()
    for piece in pieces_of(html_of()):
        if not piece.numbers or piece.given.get("data-key") or piece.given.get("data-valid"):
            continue
        ids = [given["data-event"] for _, given in piece.around if "data-event" in given]
        if ids:
            traced.add("events")
            if not piece.inside("svg"):
                assert piece.numbers <= events[ids[0]] | frozenset("123"), piece
            continue
        place = next((name for name in places if piece.inside(name)), None)
        assert place is not None, (piece.text, piece.around[-1])
        traced.add(place)
        assert piece.numbers <= places[place], (place, piece.text)
    assert {"events", ".when", ".lead", ".answer", ".strip", ".note", ".diary", ".beside", ".foot"} <= traced


def _strip_words() -> frozenset[str]:
    """Return the hours of the clock, the numbers of the three events, and what the strip says in words."""
    view = SleepingBook().night(NIGHT_ID)
    spans = [*view.events, *view.sleep]
    lengths = [sum(s.end_ns - s.onset_ns for s in group) / 1e9 for group in (view.sleep, view.events)]
    texts = [clock_text(span.onset_ns, UTC_OFFSET_S) for span in spans] + list(map(duration_text, lengths))
    rows = night_report(SleepingBook(), NIGHT_ID).strip.text
    return numbers_in(" ".join(texts)) | frozenset("123") | numbers_in(rows) | {f"{hour:02d}" for hour in range(24)}


def test_the_scale_of_a_trace_is_of_its_samples() -> None:
    for row in night_report(SleepingBook(), NIGHT_ID).events:
        assert row.picture is not None
        labels = [shape.text for shape in row.picture.shapes if hasattr(shape, "text")]
        assert any(label.startswith(f"Raw signal, {next(iter(RAW_SECONDS))} s, ±") for label in labels)
        assert sum(label == row.facts[0][:8] for label in labels) == 2


def test_every_number_in_the_table_of_weeks_is_that_of_its_night() -> None:
    nights = {one.card.night_id: one for one in SleepingBook().weeks(42)}
    assert len(weeks_of().table.rows) == len(nights)
    checked = 0
    for row, night in zip(weeks_of().table.rows, reversed(nights.values()), strict=True):
        for cell in row.cells:
            if cell.value is None:
                continue
            checked += 1
            found = diary_cramps(night) if cell.key == "noted" else night.summary[cell.key]
            expected = max(flat(found)) if isinstance(found, dict) else float(str(found))
            assert cell.value == pytest.approx(expected)
    assert checked > 200
    shown = [piece for piece in pieces_of(weeks_html(weeks_of())) if piece.given.get("data-key")]
    assert len(shown) == checked


def test_a_number_that_is_not_known_says_why_in_the_table_and_is_never_0() -> None:
    cells = [cell for row in weeks_of().table.rows for cell in row.cells if cell.value is None]
    whys = {cell.text for cell in cells if cell.key not in {"night_grade", "diary", "noted"}}
    assert "no valid signal" in whys
    assert all(why and why[0] != "0" for why in whys)
    assert {cell.text for cell in cells if cell.key == "noted"} == {"nothing noted"}


def test_weeks_count_back_from_the_night_that_is_asked_for() -> None:
    assert [len(weeks_of(n).nights.figures) for n in (1, 2, 6)] == [7, 14, 40]
    assert weeks_report(FakeNightBook(empty=False, running=True), NIGHT_ID, 1) is not None
    with pytest.raises(KeyError):
        weeks_report(SleepingBook(), "none", 6)


def test_the_pdf_has_no_number_that_the_page_does_not_have() -> None:
    assert numbers_in(text_of(night_pdf(night_report(SleepingBook(), NIGHT_ID)))) <= _numbers(html_of())
    shown = _numbers(weeks_html(weeks_of())) | frozenset("123456789")
    assert numbers_in(text_of(weeks_pdf(weeks_of()))) <= shown


def test_a_number_of_nowhere_is_seen() -> None:
    assert not _numbers("<p>3.14 per hour</p>") <= words_for(SleepingBook().night(NIGHT_ID).summary)


def _numbers(html: str) -> frozenset[str]:
    return frozenset[str]().union(*(piece.numbers for piece in pieces_of(html)))
