"""The page of many nights: which nights count, what it says of them, and the same numbers everywhere."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from dashboards.web.weeks_drawing import RASTER_WIDTH, raster_row, window_of
from dashboards.web.weeks_figures import METRICS, nights_of, series_of
from dashboards.weeks import EventSpan
from detectors.events import EventKind
from detectors.signal import NS_PER_S, Leg
from tests.fake_weeks import DARK_NIGHTS, SHORT_NIGHTS, SLEEPLESS_NIGHTS
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.web_client import client_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.testclient import TestClient

    from dashboards.weeks import NightFigures

FORTY = FakeNightBook().weeks(90)
THIRTY = FORTY[-30:]
HOUR_NS = 3600 * NS_PER_S


@dataclass(slots=True)
class SomeNights:
    """A book of the nights that a test made; whatever else is asked for is that of the synthetic night."""

    figures: tuple[NightFigures, ...]

    def nights(self) -> tuple[object, ...]:
        return tuple(one.card for one in reversed(self.figures))

    def weeks(self, n_nights: int) -> tuple[NightFigures, ...]:
        return self.figures[-n_nights:]

    def periods(self) -> tuple[object, ...]:
        return ()


@pytest.fixture(scope="module")
def page_of() -> Callable[..., str]:
    """Return what gives the page of some nights; one app for all, as its templates are compiled once."""
    book = SomeNights(())
    client = client_of(book)  # type: ignore[arg-type] # no other method is asked for

    def page(*figures: NightFigures) -> str:
        book.figures = figures
        return client.get("/weeks?n=90").text

    return page


def changed_summary(one: NightFigures, **values: object) -> NightFigures:
    return replace(one, summary={**one.summary, **values})


def in_words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


@pytest.mark.slow
def test_nights_without_signal_do_not_count_and_are_counted_as_such(page_of: Callable[..., str]) -> None:
    cramps = series_of(nights_of(THIRTY), METRICS[0])
    assert cramps.left_out == {"no valid signal": len(DARK_NIGHTS), "less than 4 h of valid signal": len(SHORT_NIGHTS)}
    assert cramps.n_counted == cramps.trend.n_nights == 27
    html = in_words(page_of(*THIRTY))
    assert "27 of 30 nights count. 3 do not: no valid signal (2), less than 4 h of valid signal (1)." in html


def test_a_number_that_a_night_does_not_have_is_left_out_with_its_own_reason() -> None:
    waso = series_of(nights_of(THIRTY), next(one for one in METRICS if one.name == "waso_est_min"))
    why = "no sleep stages were given and there is no estimate of sleep"
    assert waso.left_out[why] == len(SLEEPLESS_NIGHTS)


def test_how_far_a_night_is_too_short_is_one_reason_over_many_nights() -> None:
    short = [
        changed_summary(
            one, plms_wasm_per_h=None, reasons={"plms_wasm_per_h": f"{h} h of valid signal, an index needs 4 h"}
        )
        for one, h in zip(FORTY[:2], (2.4, 3.1), strict=True)
    ]
    plm = series_of(nights_of(short), next(one for one in METRICS if one.name == "plms_wasm_per_h"))
    assert plm.left_out == {"less than 4 h of valid signal": 2}


def test_a_number_of_a_night_without_valid_signal_is_not_taken() -> None:
    stated = changed_summary(FORTY[0], valid_h={"left-shin": 0.0}, cramp_probable=0, cramp_possible=0)
    assert series_of(nights_of([stated]), METRICS[0]).left_out == {"no valid signal": 1}


def test_the_median_leaves_out_what_does_not_count() -> None:
    nights = nights_of(
        [
            changed_summary(one, cramp_probable=n, cramp_possible=0, night_grade="C" if n == 90 else "A")
            for one, n in zip(FORTY[:5], (1, 2, 3, 4, 90), strict=True)
        ]
    )
    assert series_of(nights, METRICS[0]).middle.median == 2.5


@pytest.mark.slow
def test_the_table_the_json_and_the_summaries_hold_the_same_numbers(client: TestClient) -> None:
    weeks = client.get("/api/weeks?n=30").json()
    html = client.get("/weeks?n=30").text
    table = html[html.index('id="table"') :]
    shown = [re.findall(r'<data value="([^"]+)" data-key="([^"]+)"', row) for row in table.split("<tr>")[2:]]
    of_json = {one["name"]: one for one in weeks["metrics"]}
    for position, (figures, row) in enumerate(zip(THIRTY, reversed(shown), strict=True)):
        numbers = {key: float(value) for value, key in row}
        for key in ("cramp_probable", "cramp_possible", "waso_est_min", "plms_wasm_per_h", "longest_undisturbed_min"):
            assert numbers.get(key) == pytest.approx(figures.summary[key]), key
        for name in ("waso_est_min", "plms_wasm_per_h"):
            assert of_json[name]["values"][position] == pytest.approx(numbers.get(name))


@pytest.mark.slow
def test_a_night_without_signal_has_no_number_anywhere(client: TestClient, page_of: Callable[..., str]) -> None:
    weeks = client.get("/api/weeks?n=30").json()
    for ago in DARK_NIGHTS:
        position = 29 - ago
        assert weeks["nights"][position]["grade"] is None
        assert {one["values"][position] for one in weeks["metrics"]} == {None}
        row = page_of(*THIRTY).split("<tr>")[-(position + 1)]
        assert not set(re.findall(r'data-key="([^"]+)"', row)) - {"noted"}
        assert "no valid signal" in row


def test_a_page_of_dark_nights_only_says_so_and_shows_no_median(page_of: Callable[..., str]) -> None:
    dark = [one for one in FORTY if not one.summary["valid_h"]]
    html = page_of(*dark)
    assert "No night of these had enough valid signal to count cramp-like contractions in." in html
    assert "no valid night" in html
    assert "median" not in in_words(html[: html.index('class="quiet assumes"')])
    assert 'class="plot"' not in html


@pytest.mark.slow
def test_n_is_one_of_what_is_offered(client: TestClient) -> None:
    answer = client.get("/api/weeks?n=15")
    assert (answer.status_code, answer.json()) == (400, {"error": "n is '15', expected 14, 30, 90"})
    assert client.get("/weeks?n=x").status_code == 400
    for n in (14, 90):
        assert len(client.get(f"/api/weeks?n={n}").json()["nights"]) == min(n, len(FORTY))


def test_without_a_night_the_page_says_so() -> None:
    client = client_of(FakeNightBook(empty=True))
    assert "No night is over yet" in client.get("/weeks").text
    assert client.get("/api/weeks").json()["nights"] == []


@pytest.mark.slow
def test_each_row_leads_to_its_night_and_says_what_was_marked(client: TestClient) -> None:
    rows = re.findall(r'<li><a href="([^"]+)" data-night="(\d+)">(.*?)</a>', client.get("/weeks").text, re.DOTALL)
    assert rows[0][:2] == (f"/night/{NIGHT_ID}", "29")
    assert [path for path, *_ in rows] == [f"/night/{one.card.night_id}" for one in reversed(THIRTY)]
    newest = THIRTY[-1].summary
    assert f"{newest['cramp_probable']} probable" in rows[0][2]


def test_the_raster_draws_every_cramp_wide_enough_to_be_seen_at_its_time() -> None:
    card = replace(FORTY[0].card, start_ns=0, end_ns=8 * HOUR_NS, utc_offset_s=22 * 3600)
    span = EventSpan(EventKind.CRAMP, Leg.RIGHT, 4 * HOUR_NS, 4 * HOUR_NS + 20 * NS_PER_S, tier=2)
    nights = nights_of([replace(FORTY[0], card=card, spans=(span,))])
    window = window_of(nights)
    assert window.clock_hours == (22, 23, 0, 1, 2, 3, 4, 5)
    recorded, cramp = raster_row(nights, 0, window)
    assert recorded.d == f"M0 0h{RASTER_WIDTH}v20H0z"
    assert (cramp.name, cramp.d) == ("cramp-probable", f"M{RASTER_WIDTH // 2} 10.6h7v8.8h-7z")


def test_a_night_without_valid_signal_is_hatched_from_begin_to_end_on_both_legs() -> None:
    dark = next(one for one in FORTY if not one.summary["valid_h"])
    nights = nights_of([replace(dark, spans=())])
    recorded, hatched = raster_row(nights, 0, window_of(nights))
    first, width = (int(number) for number in re.findall(r"M(\d+) 0h(\d+)", recorded.d)[0])
    assert (hatched.name, hatched.d) == (
        "no-signal",
        f"M{first} 0h{width}v10h-{width}zM{first} 10h{width}v10h-{width}z",
    )


def test_a_denied_cramp_is_drawn_apart() -> None:
    span = EventSpan(EventKind.CRAMP, Leg.LEFT, FORTY[0].card.start_ns, FORTY[0].card.start_ns + 1, 2, confirmed=False)
    nights = nights_of([replace(FORTY[0], spans=(span,))])
    assert raster_row(nights, 0, window_of(nights))[1].name == "denied"


def test_pauses_between_nights_are_told(page_of: Callable[..., str]) -> None:
    assert "3 days without a night" in page_of(*FORTY[:3], *FORTY[6:10])
    assert "without a night" not in page_of(*FORTY)


@pytest.mark.slow
def test_what_makes_nights_hard_to_compare_is_said(page_of: Callable[..., str]) -> None:
    mixed = in_words(page_of(*FORTY))
    assert "Scored with different versions of the software: 0.0.9 (10 nights), 0.1.0 (30 nights)." in mixed
    one_leg = (*FORTY[:3], *(changed_summary(one, one_leg=True) for one in FORTY[3:5]))
    assert "2 nights recorded one leg only, the others both" in in_words(page_of(*one_leg))
    assert "Scored with different" not in in_words(page_of(*FORTY[15:]))


def test_the_sensor_count_stands_beside_what_a_person_noted(page_of: Callable[..., str]) -> None:
    html = in_words(page_of(*THIRTY))
    left_out = {29 - ago for ago in DARK_NIGHTS | SHORT_NIGHTS}
    spans = [span for n, one in enumerate(THIRTY) if n not in left_out for span in one.spans]
    marked = sum(span.tier > 0 and span.confirmed is not False for span in spans)
    assert f"Marked by the sensors: {marked} on 27 valid nights." in html
    assert "A night without an entry may be one without a cramp, or one in which nobody wrote." in html


def test_remedies_are_marked_under_the_charts_on_their_days(page_of: Callable[..., str]) -> None:
    html = page_of(*FORTY)
    ticks = re.search(r'class="written w-remedy".*?<path d="([^"]*)"', html, re.DOTALL)
    assert ticks
    assert ticks[1].count("M") == sum(any(entry.kind == "remedy" for entry in one.diary) for one in FORTY)
    assert "Remedy: magnesium, dose 300 mg" in html


def test_what_was_taken_for_weeks_is_marked_on_all_of_its_days(page_of: Callable[..., str]) -> None:
    course = replace(FORTY[0].diary[0], kind="remedy", text="a course", values={"duration_h": 96.0})
    nights = [replace(one, diary=()) for one in FORTY[:8]]
    html = page_of(replace(nights[0], diary=(course,)), *nights[1:])
    ticks = re.search(r'class="written w-remedy".*?<path d="([^"]*)"', html, re.DOTALL)
    assert ticks
    assert re.findall(r"M(\d+) ", ticks[1]) == ["5", "15", "25", "35"]


@pytest.mark.slow
def test_events_are_columns_of_one_length_and_small(client: TestClient) -> None:
    answer = client.get("/api/weeks?n=90")
    events = answer.json()["events"]
    assert len({len(column) for column in events.values()}) == 1
    assert len(events["kind"]) == sum(len(one.spans) for one in FORTY)
    assert len(json.dumps(answer.json())) < 1_000_000


def test_what_a_person_wrote_is_text_and_never_markup(page_of: Callable[..., str]) -> None:
    entry = replace(FORTY[0].diary[0], kind="note", text="<script>alert(1)</script>")
    html = page_of(replace(FORTY[0], diary=(entry,)))
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html
