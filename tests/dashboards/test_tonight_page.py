"""What the page Tonight says before any script has run."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from dashboards.web.tonight import last_event, tonight_context
from detectors.events import EventKind
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.synthetic_night import summary
from tests.web_client import client_of


def running(so_far_s: int = 20_000, **options: object) -> FakeNightBook:
    return FakeNightBook(running=True, so_far_s=so_far_s, **options)  # type: ignore[arg-type] # passed through


def shown(html: str) -> dict[str, str]:
    return dict(re.findall(r'data-key="(\w+)"[^>]*>([^<]*)<', html))


@pytest.mark.slow
def test_the_first_page_is_tonight_while_a_night_runs_and_the_newest_night_else() -> None:
    for book, path in ((running(), "/tonight"), (FakeNightBook(), f"/night/{NIGHT_ID}")):
        assert client_of(book).get("/").url.path == path


def test_the_page_says_since_when_how_many_and_what_was_last() -> None:
    book = running()
    view = book.night(NIGHT_ID)
    facts = summary(view.events) | {"lm": 41}
    book.summary = facts
    html = client_of(book).get("/tonight").text
    assert "Since 22:47, 5 h 33 min scored so far" in html
    assert shown(html) == {"cramp_probable": "1", "cramp_possible": "1", "lm": "41"}
    newest = last_event(book.night(NIGHT_ID))
    assert newest is not None
    assert newest.onset_ns == max(e.onset_ns for e in view.events if e.kind is not EventKind.TONIC)
    assert re.search(r"Last marked: \d\d:\d\d [A-Z][\w ,-]+", html)
    assert "Left leg: left-shin on tibialis anterior" in html
    assert f'action="/night/{NIGHT_ID}/cramp"' in html


def test_numbers_without_a_signal_are_words() -> None:
    html = client_of(running(60, summary={})).get("/tonight").text
    assert set(shown(html).values()) == {"not yet"}
    assert "Nothing marked so far." in html
    no_signal = running(60, summary={"cramp_probable": None, "cramp_possible": None, "lm": None, "reasons": {}})
    assert set(shown(client_of(no_signal).get("/tonight").text).values()) == {"no valid signal"}


@pytest.mark.parametrize(("so_far_s", "words"), [(59, "less than a minute"), (60, "1 min"), (11_579, "3 h 12 min")])
def test_how_long_the_night_runs_is_said_in_whole_minutes(so_far_s: int, words: str) -> None:
    assert tonight_context(running(so_far_s).night(NIGHT_ID))["so_far"] == words


def test_without_a_running_night_the_page_says_what_to_do_and_leads_to_the_newest() -> None:
    html = client_of(FakeNightBook()).get("/tonight").text
    assert "No night is running" in html
    assert "soleus night" in html
    assert f'href="/night/{NIGHT_ID}"' in html
    assert "The newest night" not in client_of(FakeNightBook(empty=True)).get("/tonight").text


@dataclass(slots=True)
class VanishingBook(FakeNightBook):
    def night(self, night_id: str) -> None:  # type: ignore[override] # it never returns
        self.empty = True
        raise KeyError(night_id)


def test_a_night_that_is_removed_meanwhile_is_no_failure() -> None:
    answer = client_of(VanishingBook(running=True)).get("/tonight")
    assert answer.status_code == 200
    assert "No night is running" in answer.text


def test_no_script_or_style_stands_in_the_page() -> None:
    html = client_of(running()).get("/tonight").text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|https?://", html)
