"""What a person writes on the pages: it is kept in the journal, waits for delivery, and outlasts every scoring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from dashboards.web.app import create_app
from dashboards.web.night_json import event_id
from detectors.events import EventKind
from detectors.signal import NS_PER_S
from ingest.night.changes import NightName
from ingest.night.entries import Confirmation, Delivery, TopicKind, event_entry
from ingest.night.folder import NightFolder
from ingest.night.journal import Journal
from ingest.points import points_of
from ingest.tonight import Tonight
from ingest.wire import Delivered
from soleus.book import FolderBook
from soleus.nights import alone, journal_path, nights_dir
from tests.made_folder import CRITERIA, LASTS_S, Made, made_events, made_folder, made_info

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from detectors.events import Event
    from ingest.night.entries import Entry
    from soleus.settings import Settings

INFO = made_info(0)
NIGHT = INFO.night
WHOSE = NightName(INFO.person, NIGHT, INFO.scoring)
MADE = Made(n_events=12, n_minutes=0)
BUTTON_AND_REMEDY = ["remedy", "marker"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return made_folder(tmp_path / "data", 1, MADE)


@pytest.fixture
def book(settings: Settings) -> FolderBook:
    return FolderBook(settings, CRITERIA)


@pytest.fixture
def journal(settings: Settings) -> Iterator[Journal]:
    """The journal as the scorer and the relay have it; everything in it was delivered."""
    with Journal(journal_path(settings)) as journal:
        kept = [waiting.entry for waiting in journal.waiting(Delivery.STORE)]
        journal.stored([Confirmation(entry.key, entry.person, entry.revision) for entry in kept])
        assert journal.waiting(Delivery.STORE) == []
        yield journal


def page_of(book: FolderBook) -> TestClient:
    return TestClient(create_app(book), base_url="http://127.0.0.1")


def cramp_of(book: FolderBook) -> Event:
    return next(event for event in book.night(NIGHT).events if event.kind is EventKind.CRAMP)


def counts_of(numbers: object) -> dict[str, object]:
    assert isinstance(numbers, dict)
    return {name: numbers[name] for name in ("cramp_probable", "cramp_possible")}


def waiting(journal: Journal) -> list[Entry]:
    return [one.entry for one in journal.waiting(Delivery.STORE)]


def scored_again(journal: Journal) -> None:
    """Let a scoring say the last word on the night again, as a replay does."""
    entries = [event_entry(event, *WHOSE) for event in made_events(INFO, MADE.n_events)]
    journal.reconcile(*WHOSE, entries, kinds={TopicKind.EVENT})


@pytest.mark.parametrize("word", [True, False])
def test_a_word_on_the_page_waits_for_delivery_as_the_next_revision(
    book: FolderBook, journal: Journal, *, word: bool
) -> None:
    event = cramp_of(book)
    answer = page_of(book).post(f"/api/night/{NIGHT}/judgements", json={"event": event_id(event), "confirmed": word})
    assert answer.status_code == 204
    (entry,) = waiting(journal)
    assert (entry.key, entry.revision) == (event_entry(event, *WHOSE).key, event.revision + 1)
    (point,) = points_of(Delivered("home", "bedroom", 0, entry))
    assert f"confirmed={float(word)}" in point.line()
    assert cramp_of(book).measures["confirmed"] == float(word)


def test_a_word_outlasts_a_scoring_that_says_the_same_and_one_that_begins_anew(
    book: FolderBook, journal: Journal
) -> None:
    book.judge(NIGHT, cramp_of(book), confirmed=False)
    scored_again(journal)
    assert (cramp_of(book).measures["confirmed"], cramp_of(book).revision) == (0.0, 1)
    key = event_entry(cramp_of(book), *WHOSE).key
    journal.reconcile(*WHOSE, [], kinds={TopicKind.EVENT})
    assert book.night(NIGHT).events == ()
    scored_again(journal)
    assert cramp_of(book).measures["confirmed"] == 0.0
    assert [entry.revision for entry in waiting(journal) if entry.key == key] == [3]


def test_a_word_that_is_taken_back_is_sent_as_taken_back(book: FolderBook, journal: Journal) -> None:
    book.judge(NIGHT, cramp_of(book), confirmed=True)
    book.judge(NIGHT, cramp_of(book), confirmed=None)
    assert "confirmed" not in cramp_of(book).measures
    (entry,) = waiting(journal)
    (point,) = points_of(Delivered("home", "bedroom", 0, entry))
    assert (entry.revision, point.fields["confirmed"]) == (2, -1.0)


def test_a_word_on_what_the_scoring_took_back_is_refused(book: FolderBook, journal: Journal) -> None:
    event = cramp_of(book)
    journal.reconcile(*WHOSE, [], kinds={TopicKind.EVENT})
    with pytest.raises(KeyError):
        book.judge(NIGHT, event, confirmed=True)
    with pytest.raises(KeyError):
        book.judge("2031-01-01", event, confirmed=True)


def test_a_denied_contraction_is_counted_nowhere_that_a_person_looks(book: FolderBook, journal: Journal) -> None:
    assert counts_of(book.night(NIGHT).summary) == {"cramp_probable": 1, "cramp_possible": 1}
    book.judge(NIGHT, cramp_of(book), confirmed=False)
    tonight = Tonight(WHOSE, INFO.start_ns, ["left-shin", "right-shin"])
    tonight.take(entry for _, entry in journal.changes(WHOSE, after=0, limit=1000))
    (week,) = book.weeks(1)
    for told in (tonight.state()["counts"], book.night(NIGHT).summary, week.summary):
        assert counts_of(told) == {"cramp_probable": 0, "cramp_possible": 1}
    assert [span.confirmed for span in week.spans if span.kind is EventKind.CRAMP] == [False, None]
    book.judge(NIGHT, cramp_of(book), confirmed=None)
    assert counts_of(book.night(NIGHT).summary) == {"cramp_probable": 1, "cramp_possible": 1}


def test_the_files_of_the_night_keep_the_numbers_of_the_detectors(book: FolderBook, settings: Settings) -> None:
    folder = NightFolder(nights_dir(settings) / NIGHT)
    before = folder.read_summary()
    book.judge(NIGHT, cramp_of(book), confirmed=False)
    assert folder.read_summary() == before


def test_two_notes_of_a_moment_stay_two_and_the_same_words_are_one(book: FolderBook, journal: Journal) -> None:
    at_ns = INFO.start_ns + 5 * NS_PER_S
    for text in ("right calf", "  stood\nup ", "right calf"):
        book.note(NIGHT, text, at_ns)
    notes = [entry for entry in book.diary(NIGHT) if entry.kind == "note"]
    assert [(entry.text, entry.time_ns - at_ns) for entry in notes] == [("right calf", 0), ("stood up", 1)]
    assert [entry.topic_kind for entry in waiting(journal)] == [TopicKind.DIARY] * 2


def test_a_note_is_a_few_words_within_a_day_of_the_night(book: FolderBook, journal: Journal) -> None:
    day_ns, end_ns = 24 * 3600 * NS_PER_S, INFO.start_ns + LASTS_S * NS_PER_S
    for text, at_ns in (
        ("", INFO.start_ns), (" \x00\n", INFO.start_ns), ("x" * 1001, INFO.start_ns),
        ("early", INFO.start_ns - day_ns - 1), ("late", end_ns + day_ns + 1), ("when", None),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="expected"):
            book.note(NIGHT, text, at_ns)
    assert waiting(journal) == []
    book.note(NIGHT, "x" * 1000, INFO.start_ns - day_ns)
    book.note(NIGHT, "morning", end_ns + day_ns)
    assert [entry.kind for entry in book.diary(NIGHT)] == ["note", *BUTTON_AND_REMEDY, "note"]


def test_a_note_of_now_belongs_to_a_night_that_is_being_collected(book: FolderBook, settings: Settings) -> None:
    folder = NightFolder(nights_dir(settings) / NIGHT)
    stored = folder.read_summary()
    assert stored is not None
    folder.write_summary({**stored, "final": False})
    with alone(folder.path / "night.lock", "taken"):
        book.note(NIGHT, "left foot")
        book.note(NIGHT, "left foot")
    assert [entry.text for entry in book.diary(NIGHT) if entry.kind == "note"] == ["left foot"]
    with pytest.raises(ValueError, match="is over"):
        book.note(NIGHT, "nobody collects it any more")
