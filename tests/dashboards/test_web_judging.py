"""A person's word on an event and notes, from scripts as JSON and from plain forms."""

from __future__ import annotations

import pytest

from dashboards.web.night_json import event_id
from tests.fakes import EARLIER_ID, NIGHT_ID, FakeNightBook
from tests.synthetic_night import CRAMPS, DURATION_S, to_ns
from tests.web_client import client_of

JUDGEMENTS = f"/api/night/{NIGHT_ID}/judgements"
NOTES = f"/api/night/{NIGHT_ID}/notes"
CRAMP = event_id(CRAMPS[0])
PAGE = f"/night/{NIGHT_ID}/event/{CRAMP}"


@pytest.mark.parametrize("word", [True, False, None])
def test_a_word_on_an_event_reaches_the_book(*, word: bool | None) -> None:
    book = FakeNightBook()
    assert client_of(book).post(JUDGEMENTS, json={"event": CRAMP, "confirmed": word}).status_code == 204
    assert book.judged == [(NIGHT_ID, CRAMPS[0].key, word)]


@pytest.mark.parametrize(("word", "kept"), [("yes", True), ("no", False), ("", None)])
def test_a_button_of_the_form_is_a_word_and_shows_the_event_again(word: str, *, kept: bool | None) -> None:
    book = FakeNightBook()
    answer = client_of(book).post(PAGE, data={"confirmed": word}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert book.judged == [(NIGHT_ID, CRAMPS[0].key, kept)]


def test_a_note_has_its_moment() -> None:
    book = FakeNightBook(running=True)
    client = client_of(book)
    assert client.post(NOTES, json={"text": " both calves ", "at_s": 12.5}).status_code == 204
    assert client.post(NOTES, json={"text": "now"}).status_code == 204
    assert client.post(PAGE, data={"text": "of it"}, follow_redirects=False).status_code == 303
    noted = [(entry.text, entry.time_ns) for _, entry in book.written]
    assert noted == [("both calves", to_ns(12.5)), ("now", to_ns(DURATION_S)), ("of it", CRAMPS[0].onset_ns)]


def test_the_note_of_a_night_that_is_over_is_of_its_end_and_leads_back_to_the_notes() -> None:
    book = FakeNightBook()
    answer = client_of(book).post(f"/night/{NIGHT_ID}/notes", data={"text": "slept badly"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/night/{NIGHT_ID}#notes")
    assert [(night, entry.time_ns) for night, entry in book.written] == [(NIGHT_ID, to_ns(DURATION_S))]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", 400),
        (b"[" * 1000, 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"event": 7, "confirmed": true}', 400),
        (b'{"event": "x"}', 400),
        (b'{"event": "x", "confirmed": 1}', 400),
        (b'{"event": "x", "confirmed": true}', 404),
        (b"x" * 20_000, 413),
    ],
)
def test_a_bad_word_is_refused_in_one_line(body: bytes, code: int) -> None:
    book = FakeNightBook()
    answer = client_of(book).post(JUDGEMENTS, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == code
    assert "\n" not in answer.json()["error"]
    assert not book.judged


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"text": ""}', 400),
        (b'{"text": "  "}', 400),
        (b'{"text": 7}', 400),
        (b'{"text": "a", "at_s": true}', 400),
        (b'{"text": "a", "at_s": "1"}', 400),
        (b'{"text": "a", "at_s": NaN}', 400),
        (b'{"text": "a", "at_s": 1e300}', 400),
        (b'{"text": "%s"}' % (b"a" * 2000), 409),
    ],
)
def test_a_bad_note_is_refused_in_one_line(body: bytes, code: int) -> None:
    book = FakeNightBook()
    answer = client_of(book).post(NOTES, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == code
    assert "expected" in answer.json()["error"]
    assert not book.written


def test_a_page_elsewhere_can_neither_judge_nor_note() -> None:
    book = FakeNightBook()
    client = client_of(book)
    assert client.post(JUDGEMENTS, data={"event": CRAMP}).status_code == 415
    assert client.post(NOTES, content=b'{"text": "x"}', headers={"content-type": "text/plain"}).status_code == 415
    for path, form in ((PAGE, {"confirmed": "no"}), (f"/night/{NIGHT_ID}/notes", {"text": "x"})):
        for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "null"}):
            assert client.post(path, data=form, headers=headers).status_code == 403
    assert not book.judged
    assert not book.written


def test_a_night_or_an_event_that_is_not_there_is_404() -> None:
    client = client_of(FakeNightBook())
    assert client.post("/api/night/no/judgements", json={"event": CRAMP, "confirmed": True}).status_code == 404
    assert client.post("/api/night/no/notes", json={"text": "x"}).status_code == 404
    assert client.post(f"/night/{EARLIER_ID}/event/1/cramp/left/x", data={"confirmed": "no"}).status_code == 404
    assert client.post(PAGE, data={"confirmed": "perhaps"}).status_code == 400
