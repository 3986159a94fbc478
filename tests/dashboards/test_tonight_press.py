"""A press of the button "Cramp now": once, of its moment, however late and however often it is sent."""

from __future__ import annotations

import json
import time

import pytest

from dashboards.web.tonight_press import LONGEST_MARK_AGE_S, MOST_NAMES, TWICE_S, Press, Presses
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.web_client import client_of

MARKS = f"/api/night/{NIGHT_ID}/marks"
FORM = f"/night/{NIGHT_ID}/cramp"


class Clock:
    s = 50.0

    def __call__(self) -> float:
        return self.s


def test_a_press_is_kept_with_the_time_of_the_press() -> None:
    book = FakeNightBook(running=True)
    client = client_of(book)
    assert client.post(MARKS, json={"label": "cramp", "age_s": 12.5, "press": "a"}).status_code == 204
    assert (book.marked, book.mark_ages_s) == ([(NIGHT_ID, "cramp")], [12.5])


def test_a_press_that_is_sent_again_is_kept_once_and_another_one_too() -> None:
    book = FakeNightBook(running=True)
    client = client_of(book)
    for name in ("a", "a", "b", "a", "", ""):
        assert client.post(MARKS, json={"label": "cramp", "age_s": 1, "press": name}).status_code == 204
    assert len(book.marked) == 4


def test_a_press_that_could_not_be_kept_is_kept_when_it_is_sent_again() -> None:
    book = FakeNightBook(empty=True, running=True)
    presses = Presses(book)
    with pytest.raises(KeyError):
        presses.keep(NIGHT_ID, Press("cramp", 0.0, "a"))
    book.empty = False
    presses.keep(NIGHT_ID, Press("cramp", 0.0, "a"))
    assert len(book.marked) == 1


def test_names_of_presses_do_not_pile_up() -> None:
    book = FakeNightBook(running=True)
    presses = Presses(book)
    for n in range(MOST_NAMES + 1):
        presses.keep(NIGHT_ID, Press("cramp", 0.0, str(n)))
    presses.keep(NIGHT_ID, Press("cramp", 0.0, "1"))
    assert len(book.marked) == MOST_NAMES + 1
    presses.keep(NIGHT_ID, Press("cramp", 0.0, "0"))
    assert len(book.marked) == MOST_NAMES + 2


@pytest.mark.parametrize(("running", "age_s"), [(True, LONGEST_MARK_AGE_S + 1), (False, 30.0), (False, 0)])
def test_what_comes_too_late_for_a_marker_stands_in_the_diary_under_its_time(*, running: bool, age_s: float) -> None:
    book = FakeNightBook(running=running)
    before_ns = time.time_ns()
    assert client_of(book).post(MARKS, json={"label": "cramp", "age_s": age_s, "press": "a"}).status_code == 204
    assert not book.marked
    ((night_id, entry),) = book.written
    assert night_id == NIGHT_ID
    assert (entry.kind, entry.text) == ("cramp", "pressed on the page Tonight")
    assert abs(before_ns - entry.time_ns - age_s * 1e9) < 10e9


def test_a_press_that_is_none_is_refused_in_one_line() -> None:
    book = FakeNightBook(running=True)
    client = client_of(book)
    ages: tuple[object, ...] = (-1, 90_000, True, "1", float("nan"))
    others: tuple[dict[str, object], ...] = ({"press": 7}, {"press": "x" * 65}, {"label": None})
    for body in (*({"age_s": age} for age in ages), *others):
        answer = client.post(MARKS, content=json.dumps(body), headers={"content-type": "application/json"})
        assert answer.status_code == 400
        assert "age_s" in answer.json()["error"]
    assert not book.marked


@pytest.mark.slow
def test_without_a_script_the_form_keeps_a_press_and_says_so_on_the_page() -> None:
    book = FakeNightBook(running=True, so_far_s=3_000)
    answer = client_of(book).post(FORM)
    assert answer.url.path == "/tonight"
    assert "Noted. It is kept with the night." in answer.text
    assert book.marked == [(NIGHT_ID, "cramp")]
    assert "Noted" not in client_of(book).get("/tonight").text


def test_two_presses_of_the_form_within_5_s_are_one() -> None:
    book, clock = FakeNightBook(running=True), Clock()
    presses = Presses(book, now_s=clock)
    for later_s, n_kept in ((0.0, 1), (TWICE_S - 0.01, 1), (0.02, 2)):
        clock.s += later_s
        presses.keep_cramp(NIGHT_ID)
        assert len(book.marked) == n_kept


def test_a_press_of_the_form_is_kept_although_the_night_has_just_ended_and_the_page_says_so() -> None:
    book = FakeNightBook(running=False)
    answer = client_of(book).post(FORM)
    assert answer.status_code == 200
    assert "Noted. It is kept with the night, which is over." in answer.text
    assert [(night_id, entry.kind) for night_id, entry in book.written] == [(NIGHT_ID, "cramp")]


def test_a_marker_of_this_moment_that_nobody_sends_again_is_refused_of_a_night_that_is_over() -> None:
    with pytest.raises(ValueError, match="is over"):
        Presses(FakeNightBook()).keep(NIGHT_ID, Press("cramp"))


def test_another_label_that_comes_too_late_is_a_note_with_its_words() -> None:
    book = FakeNightBook()
    Presses(book).keep(NIGHT_ID, Press("stood up", 30.0, "a"))
    assert [(entry.kind, entry.text) for _, entry in book.written] == [
        ("note", "stood up, pressed on the page Tonight")
    ]


def test_the_form_is_refused_from_elsewhere_and_for_nights_that_are_not_there() -> None:
    book = FakeNightBook(running=True)
    client = client_of(book)
    assert client.post(FORM, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post("/night/none/cramp").status_code == 404
    assert client.get(FORM).status_code == 405
    assert not book.marked
