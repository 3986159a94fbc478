"""The diary as pages use it: of any night or none, changed under its key, filed under the evening it belongs to."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dashboards.book import NightCard
from dashboards.diary import DiaryEntry, Written
from detectors.signal import NS_PER_S
from ingest.diary import Note, note_entry
from ingest.night.entries import Delivery
from ingest.night.journal import Journal
from soleus.book import FolderBook
from soleus.book_diary import PersonDiary
from soleus.evenings import Evenings, evening_here
from soleus.nights import journal_path
from soleus.settings import Settings
from tests.fake_diary import FakeDiary
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.made_folder import CRITERIA, LASTS_S, Made, made_folder, made_info

if TYPE_CHECKING:
    from pathlib import Path

    from dashboards.diary import DiaryBook

HOUR_NS = 3600 * NS_PER_S
DAY_NS = 24 * HOUR_NS
FIRST, SECOND = made_info(0), made_info(1)
START_NS = FIRST.start_ns
END_NS = START_NS + LASTS_S * NS_PER_S
PAST_NS = START_NS - 30 * 24 * HOUR_NS
CRAMP = Written("cramp", START_NS + HOUR_NS, " calf\n", {"pain_0_10": 7}, {"leg": "left", "helped": " "})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return made_folder(tmp_path / "data", 2, Made(n_events=3, n_minutes=0))


@pytest.fixture
def book(settings: Settings) -> FolderBook:
    return FolderBook(settings, CRITERIA)


@pytest.fixture(params=["folder", "fake"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> DiaryBook:
    if request.param == "fake":
        return FakeNightBook(kept=FakeDiary(now_ns=time.time_ns(), entries={}))
    return FolderBook(Settings(data_dir=tmp_path / "new" / "data"), CRITERIA)


def whole(book: DiaryBook) -> list[DiaryEntry]:
    return [entry for entry in book.diary_between(0, 2**62) if entry.key]


def test_an_entry_is_kept_as_it_was_entered(either: DiaryBook) -> None:
    entry = either.write(CRAMP)
    assert (entry.kind, entry.text, entry.values, entry.words) == ("cramp", "calf", {"pain_0_10": 7}, {"leg": "left"})
    assert (entry.time_ns, entry.history) == (CRAMP.time_ns, ())
    assert whole(either) == [entry]
    assert either.diary_between(entry.time_ns, entry.time_ns) == type(either.diary_between(0, 0))()
    assert list(either.diary_between(entry.time_ns, entry.time_ns + 1)) == [entry]


def test_the_same_entry_twice_is_one(either: DiaryBook) -> None:
    assert either.write(CRAMP) == either.write(CRAMP)
    assert either.write(Written("urge", None)) == either.write(Written("urge", None))
    assert len(whole(either)) == 2


def test_an_entry_that_was_moved_is_where_it_is_now_and_no_longer_where_it_was(book: FolderBook) -> None:
    moved = book.amend(book.write(CRAMP).key, replace(CRAMP, time_ns=START_NS + 2 * HOUR_NS))
    assert book.write(replace(CRAMP, time_ns=moved.time_ns)) == moved
    other = book.write(CRAMP)
    assert other.key != moved.key
    assert 0 <= other.time_ns - START_NS - HOUR_NS < NS_PER_S
    assert book.write(replace(CRAMP, time_ns=other.time_ns)) == other


@pytest.mark.slow
def test_none_of_what_several_write_of_one_moment_at_once_is_lost(settings: Settings) -> None:
    def write(text: str) -> None:
        FolderBook(settings, CRITERIA).write(Written("note", PAST_NS, text))

    writers = [threading.Thread(target=write, args=(str(i),)) for i in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    kept = FolderBook(settings, CRITERIA).diary_between(PAST_NS, PAST_NS + NS_PER_S)
    assert {entry.text for entry in kept} == {str(i) for i in range(8)}


def test_a_change_keeps_the_key_and_what_was_said_before(either: DiaryBook) -> None:
    old = either.write(CRAMP)
    new = either.amend(old.key, Written("urge", START_NS, "left leg"))
    assert (new.key, new.kind, new.time_ns, new.text) == (old.key, "urge", START_NS, "left leg")
    (past,) = new.history
    assert (past.kind, past.time_ns, past.text, past.words) == ("cramp", old.time_ns, "calf", {"leg": "left"})
    assert past.changed_ns > 0
    assert whole(either) == [new]
    again = either.amend(old.key, Written("urge", None, "left leg"))
    assert again == new
    assert len(either.amend(old.key, Written("urge", None, "right leg")).history) == 2


def test_what_was_struck_is_gone_and_can_be_written_anew(either: DiaryBook) -> None:
    either.strike(either.write(CRAMP).key)
    assert whole(either) == []
    either.write(CRAMP)
    assert len(whole(either)) == 1


def test_what_there_is_not_cannot_be_changed(either: DiaryBook) -> None:
    key = either.write(CRAMP).key
    either.strike(key)
    for unknown in (key, "", "none"):
        with pytest.raises(KeyError):
            either.amend(unknown, CRAMP)
        with pytest.raises(KeyError):
            either.strike(unknown)


def test_a_time_far_ahead_is_refused(either: DiaryBook) -> None:
    far = replace(CRAMP, time_ns=time.time_ns() + 2 * 24 * HOUR_NS)
    with pytest.raises(ValueError, match="ahead of this computer's clock"):
        either.write(far)
    key = either.write(CRAMP).key
    with pytest.raises(ValueError, match="ahead of this computer's clock"):
        either.amend(key, far)


def test_what_is_planned_may_lie_ahead_by_a_year(either: DiaryBook) -> None:
    planned = Written("period", time.time_ns() + 100 * DAY_NS, "", {}, {"name": "plan", "phase": "on"})
    assert either.write(planned).time_ns == planned.time_ns
    with pytest.raises(ValueError, match="ahead of this computer's clock"):
        either.write(replace(planned, time_ns=time.time_ns() + 400 * DAY_NS))


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "marker"}, {"kind": "Cramp"}, {"time_ns": -1}, {"text": "x" * 1001}, {"values": {"pain_0_10": 11}},
        {"values": {"leg": 1.0}}, {"words": {"leg": "tail"}}, {"values": {"minutes": float("nan")}},
    ],
)  # fmt: skip
def test_what_cannot_be_an_entry_is_refused_where_it_is_made(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"expected "):
        Written(**{"kind": "cramp", "time_ns": None, **bad})  # type: ignore[arg-type]  # what is wrong with it


@pytest.mark.slow
def test_an_entry_shows_on_the_page_of_its_night_and_of_no_other(book: FolderBook) -> None:
    for time_ns, night in (
        (START_NS + HOUR_NS, FIRST.night),
        (START_NS - 5 * HOUR_NS, FIRST.night),
        (END_NS + 2 * HOUR_NS, FIRST.night),
        (SECOND.start_ns + HOUR_NS, SECOND.night),
    ):
        entry = book.write(Written("urge", time_ns))
        shown = {one: entry in book.diary(one) for one in (FIRST.night, SECOND.night)}
        assert shown == {one: one == night for one in shown}
        assert [entry in figures.diary for figures in book.weeks(2)] == list(shown.values())


def test_an_entry_that_is_moved_to_another_night_shows_there(book: FolderBook) -> None:
    entry = book.write(CRAMP)
    moved = book.amend(entry.key, replace(CRAMP, time_ns=SECOND.start_ns + HOUR_NS))
    assert moved not in book.diary(FIRST.night)
    assert moved in book.diary(SECOND.night)


def test_a_day_without_a_night_is_filed_under_the_date_of_its_evening(book: FolderBook, settings: Settings) -> None:
    entry = book.write(Written("caffeine", PAST_NS, "", {"amount_mg": 80}))
    with Journal(journal_path(settings)) as journal:
        kept = journal.entry(entry.key)
        assert kept is not None
        assert kept.night == evening_here(PAST_NS).isoformat()
        assert kept in [waiting.entry for waiting in journal.waiting(Delivery.STORE)]
    assert list(book.diary_between(PAST_NS, PAST_NS + 1)) == [entry]


def test_what_was_written_before_the_night_began_is_shown_with_it(tmp_path: Path) -> None:
    early = Settings("home", "p1", data_dir=tmp_path / "data")
    entry = PersonDiary.of(early).write(Written("remedy", START_NS - HOUR_NS, "", {"dose_mg": 250}))
    settings = made_folder(tmp_path / "data", 1, Made(n_events=0, n_minutes=0))
    assert entry in FolderBook(settings, CRITERIA).diary(FIRST.night)


def test_the_diary_of_another_person_is_neither_shown_nor_changed(book: FolderBook, settings: Settings) -> None:
    other = FolderBook(replace(settings, person="p2"), CRITERIA)
    entry = other.write(CRAMP)
    assert entry not in whole(book)
    assert entry not in book.diary(FIRST.night)
    with pytest.raises(KeyError):
        book.strike(entry.key)


@pytest.mark.slow
def test_a_change_that_comes_in_between_becomes_history_and_none_is_lost(book: FolderBook) -> None:
    key = book.write(CRAMP).key
    texts = [f"word {number}" for number in range(6)]
    threads = [threading.Thread(target=book.amend, args=(key, replace(CRAMP, text=text))) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (entry,) = [entry for entry in whole(book) if entry.key == key]
    assert sorted([entry.text, *(past.text for past in entry.history)]) == ["calf", *texts]


def test_a_button_that_was_pressed_is_beside_the_diary_and_has_no_key(book: FolderBook) -> None:
    marks = [entry for entry in book.diary_between(START_NS, END_NS) if entry.kind == "marker"]
    assert [(mark.text, mark.key) for mark in marks] == [("cramp", "")]


def test_the_made_up_diary_of_sixty_days_is_one_that_could_be_written() -> None:
    entries = FakeNightBook().diary_between(0, 2**62)
    for entry in entries:
        if entry.kind != "marker":
            Written(entry.kind, entry.time_ns, entry.text, entry.values, entry.words)
    kinds = {entry.kind for entry in entries}
    assert kinds >= {"cramp", "urge", "morning", "caffeine", "remedy_on", "remedy_off"}
    assert FakeNightBook().diary(NIGHT_ID)


@pytest.mark.parametrize(
    ("hour", "night"),
    [(-10.1, ""), (-9.9, "this"), (3, "this"), (13.9, "this"), (14.1, "next"), (37.9, "next"), (38.1, "")],
)
def test_a_day_of_the_diary_lasts_from_noon_to_noon(hour: float, night: str) -> None:
    at_22_ns = int(datetime(2026, 11, 20, 22, tzinfo=UTC).timestamp()) * NS_PER_S
    cards = [
        NightCard(name, at_22_ns + day * 24 * HOUR_NS, at_22_ns + (day * 24 + 8) * HOUR_NS)
        for name, day in (("next", 1), ("this", 0))
    ]
    at_ns = at_22_ns + round(hour * HOUR_NS)
    assert Evenings(tuple(cards)).night_of(at_ns) == (night or evening_here(at_ns).isoformat())


def test_a_morning_after_noon_and_what_was_written_into_a_night_belong_to_that_night() -> None:
    long, next_one = (
        NightCard(name, day * DAY_NS, day * DAY_NS + 8 * HOUR_NS) for name, day in (("long", 1), ("next", 2))
    )
    nights = Evenings((next_one, long))
    assert nights.night_of(long.end_ns + 4 * HOUR_NS) == "long"
    assert nights.night_of(next_one.start_ns - HOUR_NS, "long") == "long"
    # Unless it lies in the other one.
    assert nights.night_of(next_one.start_ns + HOUR_NS, "long") == "next"


@pytest.mark.slow
def test_years_of_a_diary_are_read_in_a_moment_beside_what_else_the_journal_holds(book: FolderBook) -> None:
    notes = [
        note_entry(Note("urge", "", {}, None), PAST_NS - number * 5 * HOUR_NS, "me", f"n{number // 5}")
        for number in range(5000)
    ]
    with Journal(journal_path(book._diary.settings)) as journal:
        journal.put([replace(note, person=book._diary.settings.person) for note in notes])
    assert len(whole(book)) > 5000
