"""Cramps that were noted beside contractions that were marked: by both, by the sensors only, in the diary only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboards.diary import DiaryEntry
from dashboards.web.beside import beside_groups
from dashboards.web.diary_cramps import beside, beside_counts, noted_cramps
from dashboards.web.weeks_figures import METRICS, nights_of, series_of
from dashboards.web.weeks_words import diary_text
from detectors.signal import NS_PER_S
from tests.fake_weeks import span_of
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.shown_text import pieces_of
from tests.synthetic_night import CRAMPS, to_ns
from tests.web_client import client_of

MINUTE_NS = 60 * NS_PER_S
# What is kept and not shown has tier 0.
N_SHOWN = sum(bool(event.measures["tier"]) for event in CRAMPS)
FAR_NS = to_ns(25_000.0)
PRESS = DiaryEntry(CRAMPS[0].onset_ns + MINUTE_NS, "marker", "Cramp")
TOLD = DiaryEntry(CRAMPS[0].onset_ns + 4 * MINUTE_NS, "cramp", "", {"minutes": 2.0}, {"leg": "right"}, "one")
ALONE = DiaryEntry(FAR_NS, "cramp", "", {}, {"leg": "left"}, "two")
DIARY = (PRESS, TOLD, ALONE, DiaryEntry(FAR_NS, "note", "cramp"), DiaryEntry(FAR_NS, "marker", "lights out"))


def test_a_press_and_the_entry_of_the_morning_are_one_cramp() -> None:
    assert noted_cramps(DIARY) == (TOLD, ALONE)
    assert noted_cramps((PRESS, ALONE)) == (PRESS, ALONE)
    second = replace(PRESS, time_ns=PRESS.time_ns + MINUTE_NS)
    assert noted_cramps((PRESS, second, TOLD)) == (PRESS, TOLD)


def test_what_the_person_denied_is_matched_with_nothing() -> None:
    denied = replace(CRAMPS[0], measures={**CRAMPS[0].measures, "confirmed": 0.0})
    assert beside([*CRAMPS], DIARY).counts == (1, N_SHOWN - 1, 1)
    assert beside([denied], DIARY).counts == (0, 0, 2)
    spans = [span for event in (*CRAMPS, denied) if (span := span_of(event))]
    assert beside_counts(spans, DIARY) == (1, N_SHOWN - 1, 1)


@pytest.mark.slow
def test_the_night_shows_all_three_with_a_way_to_each() -> None:
    book = FakeNightBook()
    book.kept.entries |= {entry.key: entry for entry in (TOLD, ALONE)}
    (both, sensors, diary) = beside_groups(book.night(NIGHT_ID), book.diary(NIGHT_ID))
    assert [len(group.rows) for group in (both, sensors, diary)] == [1, N_SHOWN - 1, 1]
    assert all(row.marked is None for row in diary.rows)
    shown = client_of(book).get(f"/night/{NIGHT_ID}").text
    there = [piece for piece in pieces_of(shown) if piece.inside("#beside")]
    for group in (both, sensors, diary):
        for row in group.rows:
            for part in row:
                assert part is None or [piece for piece in there if part.text in piece.text and piece.inside("a")]
    told = client_of(book).get(f"/api/night/{NIGHT_ID}").json()["beside"]
    assert told == {"both": 1, "sensors_only": N_SHOWN - 1, "diary_only": 1}


def test_a_night_of_which_nothing_was_noted_compares_nothing() -> None:
    assert beside_groups(FakeNightBook().night(NIGHT_ID), [DIARY[-1]]) == ()


def test_the_weeks_count_both_sides_of_the_nights_with_an_entry() -> None:
    figures = FakeNightBook().weeks(30)
    nights = nights_of(figures)
    cramps = series_of(nights, METRICS[0])
    with_entry = [one for one, why in zip(figures, cramps.whys, strict=True) if not why and noted_cramps(one.diary)]
    both, sensors, alone = (
        sum(part) for part in zip(*(beside_counts(o.spans, o.diary) for o in with_entry), strict=True)
    )
    (line,) = (text for text in diary_text(nights, cramps) if "found by both" in text)
    assert f"{both} found by both, {sensors} by the sensors only, {alone} in the diary only." in line
    assert both
