"""The button that marks this moment."""

from __future__ import annotations

import pytest

from tests.fakes import EARLIER_ID, NIGHT_ID, FakeNightBook
from tests.web_client import client_of

MARKS = f"/api/night/{NIGHT_ID}/marks"


def test_a_marker_reaches_the_book_of_a_running_night() -> None:
    book = FakeNightBook(running=True)
    assert client_of(book).post(MARKS, json={"label": "cramp"}).status_code == 204
    assert client_of(book).post(MARKS, json={}).status_code == 204
    assert book.marked == [(NIGHT_ID, "cramp"), (NIGHT_ID, "")]


@pytest.mark.slow
def test_a_night_that_is_over_cannot_be_marked_and_shows_no_button() -> None:
    book = FakeNightBook(running=True)
    client = client_of(book)
    answer = client.post(f"/api/night/{EARLIER_ID}/marks", json={"label": "x"})
    assert answer.status_code == 409
    assert "is over" in answer.json()["error"]
    assert 'id="mark"' in client.get(f"/night/{NIGHT_ID}").text
    assert 'id="mark"' not in client.get(f"/night/{EARLIER_ID}").text


def test_an_unknown_night_cannot_be_marked() -> None:
    assert client_of(FakeNightBook(running=True)).post("/api/night/no/marks", json={}).status_code == 404


def test_a_page_elsewhere_cannot_mark() -> None:
    book = FakeNightBook(running=True)
    client = client_of(book)
    assert client.post(MARKS, data={"label": "x"}).status_code == 415
    assert client.post(MARKS, content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    for elsewhere in ("cross-site", "same-site"):
        assert client.post(MARKS, json={}, headers={"sec-fetch-site": elsewhere}).status_code == 403
    assert client.post(MARKS, json={}, headers={"sec-fetch-site": "same-origin"}).status_code == 204
    assert len(book.marked) == 1


@pytest.mark.parametrize(
    ("body", "code"), [(b"{", 400), (b"[]", 400), (b'{"label": 7}', 400), (b"[" * 1000, 400), (b"x" * 2000, 413)]
)
def test_a_bad_marker_is_refused_in_one_line(body: bytes, code: int) -> None:
    book = FakeNightBook(running=True)
    answer = client_of(book).post(MARKS, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == code
    assert "expected" in answer.json()["error"]
    assert not book.marked
