"""Every number on the pages leads back to the summary, the events, the diary or the account of the sensors."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from dashboards.web import clocktime
from dashboards.web.classes import class_of
from dashboards.web.diary_cramps import beside
from dashboards.web.diary_words import value_text
from dashboards.web.numbers import rest, valid_hours
from dashboards.web.weeks_figures import diary_cramps
from dashboards.web.weeks_words import MATCHED
from dashboards.web.wording import number_text, quantity_text
from detectors.signal import NS_PER_S
from tests.fake_sleep import SleepingBook
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.shown_text import Piece, numbers_in, pieces_of
from tests.synthetic_night import UTC_OFFSET_S
from tests.web_client import client_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dashboards.book import NightView

pytestmark = pytest.mark.slow

CONSTANTS = frozenset({"2016"})  # of WASM 2016
GRADES = frozenset({"4", "6"})  # the hours that the grades begin with, said where the grades are
NIGHT = f"/night/{NIGHT_ID}"


@cache
def shown(path: str, *, running: bool = False) -> tuple[Piece, ...]:
    book = FakeNightBook(running=True, so_far_s=3_000) if running else SleepingBook()
    return tuple(piece for piece in pieces_of(client_of(book).get(path).text) if piece.inside("main"))


def data_of(path: str, name: str, *, running: bool = False) -> list[Piece]:
    """Return what the page marks as a number, by the attribute that says which."""
    return [piece for piece in shown(path, running=running) if name in piece.given and piece.given.get("value")]


def flat(value: Any) -> Iterator[float]:
    """Yield every number of a summary."""
    if isinstance(value, dict | list | tuple):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from flat(inner)
    elif isinstance(value, int | float):
        yield float(value)


def words_for(summary: Mapping[str, object]) -> frozenset[str]:
    """Return the numbers in every way of saying those of a summary: as they are, with one decimal, as lengths."""
    found: set[str] = set()
    for key, value in summary.items():
        for number in flat(value):
            lengths = (number, number * 60, round(number) * 60, number * 3600)
            said = [number_text(number), f"{number:.1f}", quantity_text(key, number)]
            said += [clocktime.duration_text(length) for length in lengths]
            found.update(*(numbers_in(text) for text in said))
    return frozenset(found)


def clock_words(view: NightView) -> frozenset[str]:
    card = view.card
    lasted_s = (card.end_ns - card.start_ns) / NS_PER_S
    texts = [clocktime.night_text(card.start_ns, card.end_ns, UTC_OFFSET_S), clocktime.zone_text(UTC_OFFSET_S)]
    texts += [clocktime.clock_text(t_ns, UTC_OFFSET_S) for t_ns in (card.start_ns, card.end_ns)]
    return numbers_in(" ".join([*texts, clocktime.duration_text(lasted_s)]))


def event_words(view: NightView) -> dict[str, frozenset[str]]:
    """Return the numbers that the list says of each event."""
    found = {}
    for event in view.events:
        clock = clocktime.clock_text(event.onset_ns, UTC_OFFSET_S, seconds=True)
        texts = [clock, clocktime.duration_text(event.duration_s)]
        texts += [quantity_text(key, value) for key, value in event.measures.items()]
        found[f"{event.onset_ns}/{event.kind}/{event.leg}/{event.sensor}"] = numbers_in(" ".join(texts))
    return found


def diary_words() -> frozenset[str]:
    texts = []
    for entry in SleepingBook().diary(NIGHT_ID):
        texts += [entry.text, clocktime.clock_text(entry.time_ns, UTC_OFFSET_S)]
        texts += [value_text(key, float(value)) for key, value in entry.values.items()]
    return numbers_in(" ".join(texts))


@pytest.mark.parametrize(("path", "running"), [(NIGHT, False), (NIGHT, True), ("/tonight", True)])
def test_every_marked_number_of_a_night_is_that_of_its_summary(path: str, *, running: bool) -> None:
    book = FakeNightBook(running=True, so_far_s=3_000) if running else SleepingBook()
    view = book.night(NIGHT_ID)
    numbers = data_of(path, "data-key", running=running)
    assert len(numbers) >= 2
    for piece in numbers:
        value = view.summary[piece.given["data-key"]]
        assert isinstance(value, int | float)
        assert float(piece.given["value"]) == float(value)
        assert piece.numbers <= words_for({piece.given["data-key"]: value})
    hours = {sensor.label: sensor.hours for sensor in valid_hours(view)}
    valid = data_of(path, "data-valid", running=running)
    assert {piece.given["data-valid"]: float(piece.given["value"]) for piece in valid} == hours
    assert set(hours.values()) <= set(flat(view.summary["valid_h"]))
    assert all(piece.text == f"{float(piece.given['value']):.1f}" for piece in valid)


def test_every_other_number_of_a_night_is_of_its_summary_events_clock_or_diary() -> None:
    view = SleepingBook().night(NIGHT_ID)
    classes = [class_of(event) for event in view.events]
    counts = frozenset(str(classes.count(one)) for one in classes if one)
    diary, own = diary_words(), SleepingBook().diary(NIGHT_ID)
    told = words_for(view.summary) | CONSTANTS
    events = event_words(view)
    spans = [event for event in view.events if class_of(event)] + [*view.sleep]
    lengths = [clocktime.duration_text((span.end_ns - span.onset_ns) / NS_PER_S) for span in spans]
    clocks = [clocktime.clock_text(t_ns, UTC_OFFSET_S) for span in spans for t_ns in (span.onset_ns, span.end_ns)]
    places: dict[str, frozenset[str]] = {
        ".when": clock_words(view),
        "#headline": told,
        "#answer": told,
        ".note": told | GRADES,
        ".grade": GRADES,
        ".count": counts | {str(len(rest(view)))},
        "#notes-list": diary,
        "#beside": diary | numbers_in(" ".join([*clocks, MATCHED])) | {str(n) for n in beside(view.events, own).counts},
        "#rest": told | {"0", "1"},
        ".course-clock": frozenset({f"{hour:02d}" for hour in range(24)} | {"00"}),
        "#course": told | numbers_in(" ".join([*lengths, *clocks])) | counts,
    }
    traced = set()
    for piece in shown(NIGHT):
        if not piece.numbers or piece.inside("data") or piece.inside("dialog"):
            continue
        links = [given["data-event"] for tag, given in piece.around if tag == "a" and "data-event" in given]
        if links:
            traced.add("events")
            assert piece.numbers <= events[links[0]], piece
        else:
            place = next((name for name in places if piece.inside(name)), None)
            assert place is not None, (piece.text, piece.around[-1])
            traced.add(place)
            assert piece.numbers <= places[place], (piece.text, piece.around[-1])
    assert {"events", ".when", "#headline", "#answer", ".note", ".count", "#notes-list", "#beside"} <= traced


def test_every_number_in_the_table_of_weeks_is_that_of_its_night() -> None:
    nights = SleepingBook().weeks(30)
    cells = data_of("/weeks?n=30", "data-key")
    assert len(cells) > len(nights)
    rows: list[list[Piece]] = []
    for cell in cells:
        # The first column begins a row.
        if cell.given["data-key"] == cells[0].given["data-key"]:
            rows.append([])
        rows[-1].append(cell)
    known = [
        night for night in reversed(nights) if isinstance(night.summary.get(cells[0].given["data-key"]), int | float)
    ]
    assert len(rows) == len(known)
    for row, night in zip(rows, known, strict=True):
        for cell in row:
            key = cell.given["data-key"]
            value = diary_cramps(night) if key == "noted" else night.summary[key]
            expected = max(flat(value)) if isinstance(value, dict) else float(str(value))
            assert float(cell.given["value"]) == pytest.approx(expected), (night.card.night_id, key)


def test_the_middle_of_every_chart_of_weeks_is_that_of_the_nights_in_the_table() -> None:
    cells = data_of("/weeks?n=30", "data-key")
    short = {id(piece) for piece in cells if piece.inside(".missing")}
    middles = [piece for piece in shown("/weeks?n=30") if piece.inside(".middle")]
    metrics = {given["data-metric"]: piece for piece in middles for _, given in piece.around if "data-metric" in given}
    checked = 0
    for name, piece in metrics.items():
        values = [
            float(cell.given["value"]) for cell in cells if cell.given["data-key"] == name and id(cell) not in short
        ]
        if not values:
            continue
        checked += 1
        middle = np.percentile(values, (50, 25, 75))
        assert piece.numbers <= words_for({name: list(map(float, middle))}), (piece.text, middle)
    assert checked >= 4


def of_minutes(name: str, reduce: Callable[[Any], float]) -> Callable[[Any], float]:
    return lambda report: float(reduce(np.asarray(report.minutes[name])[np.isfinite(report.minutes[name])]))


def test_every_number_of_a_sensor_is_that_of_its_account_or_of_the_summary() -> None:
    book = SleepingBook()
    hours: Any = book.night(NIGHT_ID).summary["valid_h"]
    traced: dict[str, Callable[[Any], float]] = {
        "battery_pct": of_minutes("battery_pct", lambda values: values[-1]),
        "linked_share": of_minutes("linked_share", np.mean),
        "rssi_dbm": of_minutes("rssi_dbm", np.median),
        "valid_h": lambda report: max(
            value for label, value in hours.items() if label.partition("/")[0] == report.view.name
        ),
    }
    facts = data_of("/sensors", "data-fact")
    checked = set()
    for report in book.sensors(NIGHT_ID):
        for piece in facts:
            if not any(given.get("data-sensor") == report.view.name for _, given in piece.around):
                continue
            key, value = piece.given["data-fact"], float(piece.given["value"])
            if key in traced:
                checked.add(key)
                assert value == pytest.approx(traced[key](report)), (report.view.name, key)
            elif key in report.account:
                checked.add(key)
                assert value == pytest.approx(report.account[key]), (report.view.name, key)
    assert {"battery_pct", "linked_share", "valid_h"} <= checked


def test_a_number_of_nowhere_is_seen() -> None:
    (piece,) = pieces_of("<main><p id=answer>Asleep for 5 h 7 min, 3.14 times</p></main>")
    assert piece.inside("#answer")
    assert not piece.numbers <= words_for(SleepingBook().night(NIGHT_ID).summary)
