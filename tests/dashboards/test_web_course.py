"""The strip of a night, the sentences above it, and which events a page shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from starlette.datastructures import QueryParams

from dashboards.diary import DiaryEntry
from dashboards.web.classes import CONFIRMED, class_of
from dashboards.web.course import Course, CourseRow, answer, course_of
from dashboards.web.filters import Filters, filters_of
from dashboards.web.rows import chips, event_groups, is_near, note_rows, own_words
from detectors.events import EventKind, EventQuality
from detectors.signal import NS_PER_S, Leg
from tests.fake_sleep import SleepingBook, sleep
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.synthetic_night import CRAMPS, DURATION_S, GAP_S, START_NS, to_ns

if TYPE_CHECKING:
    from dashboards.book import NightView


@pytest.fixture(scope="module")
def slept() -> NightView:
    return SleepingBook().night(NIGHT_ID)


@pytest.fixture(scope="module")
def unknown() -> NightView:
    return FakeNightBook().night(NIGHT_ID)


def row(course: Course, name: str) -> CourseRow:
    return next(row for row in course.rows if row.name == name)


def test_the_strip_shows_each_stretch_of_sleep_and_wake_where_it_was(slept: NightView) -> None:
    course = course_of(slept)
    assert [row.name for row in course.rows] == ["Cramp-like", "Up", "Awake", "Asleep", "No signal"]
    asleep = [span for span in sleep() if span.asleep]
    for bar, span in zip(row(course, "Asleep").bars, asleep, strict=True):
        assert bar.left == pytest.approx(100 * (span.onset_ns - START_NS) / NS_PER_S / DURATION_S, abs=0.001)
        assert bar.style == ("asleep-uncertain" if span.uncertain else "asleep")
    assert row(course, "Awake").text == "Awake: 49 min 30 s in all."
    (gap,) = row(course, "No signal").bars
    assert gap.left == pytest.approx(100 * GAP_S[0] / DURATION_S, abs=0.001)
    assert gap.text == "No signal, 02:02 to 02:08"
    assert "estimate from how the legs move" in course.note


def test_no_bar_is_too_narrow_to_see_and_none_leaves_the_strip(slept: NightView) -> None:
    late = replace(CRAMPS[0], onset_ns=to_ns(DURATION_S - 1), end_ns=to_ns(DURATION_S + 60))
    bars = [bar for row in course_of(replace(slept, events=(*slept.events, late))).rows for bar in row.bars]
    assert len(bars) > 10
    assert all(bar.width >= 0.6 and bar.left >= 0 and bar.left + bar.width <= 100.001 for bar in bars)


def test_where_nothing_is_known_of_sleep_the_strip_and_the_sentence_say_so(unknown: NightView) -> None:
    course = course_of(unknown)
    assert [(row(course, name).bars, row(course, name).unknown) for name in ("Awake", "Asleep")] == [
        ((), "not known")
    ] * 2
    assert answer(unknown).startswith("Sleep and wake are not known: no sleep stages were given")


def test_a_night_that_keeps_no_stretches_shows_its_awakenings_and_says_what_is_missing(slept: NightView) -> None:
    course = course_of(replace(slept, sleep=()))
    assert len(row(course, "Awake").bars) == 2
    assert row(course, "Asleep").unknown == "when is not kept with this night"


def test_what_the_person_denied_is_not_on_the_strip(slept: NightView) -> None:
    denied = replace(CRAMPS[0], measures={**CRAMPS[0].measures, CONFIRMED: 0.0})
    events = tuple(denied if event.key == denied.key else event for event in slept.events)
    n_before = len(row(course_of(slept), "Cramp-like").bars)
    assert len(row(course_of(replace(slept, events=events)), "Cramp-like").bars) == n_before - 1
    said = (
        "Of the events you denied 1; cramp-like ones that you denied are not counted, other numbers stay as measured."
    )
    assert own_words(replace(slept, events=events)) == said
    assert own_words(slept) == ""


@pytest.mark.parametrize(
    ("confirmed", "said"), [(0.0, "denied 1; the numbers stay as measured."), (1.0, "confirmed 1.")]
)
def test_of_another_event_that_was_denied_it_says_that_the_numbers_keep_it(
    slept: NightView, confirmed: float, said: str
) -> None:
    moved = next(event for event in slept.events if event.kind is EventKind.LEG_MOVEMENT)
    judged = replace(moved, measures={**moved.measures, CONFIRMED: confirmed})
    events = tuple(judged if event.key == moved.key else event for event in slept.events)
    assert own_words(replace(slept, events=events)) == f"Of the events you {said}"


def test_a_filter_that_shows_no_class_checks_no_box(slept: NightView) -> None:
    assert not any(chip.shown for chip in chips(slept, filters_of(QueryParams("class="))))
    assert all(chip.shown for chip in chips(slept, Filters()))


def test_the_sentence_tells_sleep_and_wake_as_an_estimate_or_by_stages(slept: NightView) -> None:
    told = "Asleep for 6 h 40 min, awake 2 times for two minutes or more, 14 min of wake in between"
    assert answer(slept) == f"{told} (an estimate)."
    staged = replace(slept, summary={**slept.summary, "sleep_basis": "stages"})
    assert answer(staged) == f"{told} (by the stages that were given)."
    calm = replace(slept, summary={**slept.summary, "awakenings_est": 0, "waso_est_min": 1.2})
    assert "never seen awake for two minutes, 1 min of wake in between" in answer(calm)
    running = replace(slept, card=replace(slept.card, running=True))
    assert answer(running) == ""
    assert course_of(running).note == "Sleep and wake are estimated when the night is over."


@pytest.mark.parametrize(
    ("query", "shows"),
    [
        ("", lambda _: True),
        ("class=periodic&class=marker", lambda e: class_of(e) in {"periodic", "marker"}),
        ("class=", lambda _: False),
        ("leg=left", lambda e: e.leg is not Leg.RIGHT),
        ("tier=2", lambda e: e.kind is not EventKind.CRAMP or e.measures["tier"] == 2),
        ("tier=1&leg=left&quality=good", lambda e: e.leg is not Leg.RIGHT and e.quality is EventQuality.GOOD),
        ("word=denied", lambda e: e.measures.get(CONFIRMED) == 0.0),
        ("word=confirmed", lambda e: e.measures.get(CONFIRMED) == 1.0),
        ("word=unjudged", lambda e: CONFIRMED not in e.measures),
        ("leg=up&tier=7&word=perhaps&quality=any", lambda _: True),
    ],
)
def test_each_filter_leaves_out_what_it_names_and_nothing_else(unknown: NightView, query: str, shows: object) -> None:
    words = {CRAMPS[0].key: 0.0, CRAMPS[1].key: 1.0}
    events = [
        replace(e, measures={**e.measures, CONFIRMED: words[e.key]}) if e.key in words else e for e in unknown.events
    ]
    filters = filters_of(QueryParams(query))
    assert callable(shows)
    shown = [event for event in events if class_of(event) is not None]
    assert [filters.shows(event) for event in shown] == [bool(shows(event)) for event in shown]


def test_what_is_filtered_stays_in_the_list_hidden_and_is_counted(unknown: NightView) -> None:
    groups = {group.name: group for group in event_groups(unknown, Filters(leg="left"))}
    cramps = groups["cramp-probable"]
    assert (cramps.n_shown, len(cramps.rows)) == (0, 2)
    assert groups["cramp-possible"].n_shown == 1


def test_the_diary_is_in_words_without_markers_and_near_an_event_for_five_minutes(unknown: NightView) -> None:
    rows = note_rows(unknown, FakeNightBook().diary(NIGHT_ID))
    assert ("02:20", "Note", "right calf, hard as a stone; stood up") in [row[:3] for row in rows]
    assert all(row.kind != "Button" for row in rows)
    end_ns = CRAMPS[0].end_ns
    assert is_near(DiaryEntry(end_ns + 300 * NS_PER_S, "note"), CRAMPS[0])
    assert not is_near(DiaryEntry(end_ns + 301 * NS_PER_S, "note"), CRAMPS[0])
