"""The bar that leads from page to page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from dashboards.web.app import create_app
from dashboards.web.night_json import event_id
from tests.fakes import EARLIER_ID, NIGHT_ID, FakeNightBook
from tests.synthetic_night import CRAMPS
from tests.web_client import client_of, far_client

if TYPE_CHECKING:
    from dashboards.book import NightCard

EVENT = f"/night/{NIGHT_ID}/event/{event_id(CRAMPS[0])}"


def bar(client: TestClient, path: str) -> list[tuple[str, str, str]]:
    found = re.search(r'<nav class="places"[^>]*>(.*?)</nav>', client.get(path).text, re.DOTALL)
    assert found
    return re.findall(r'<a href="([^"]*)"(?: aria-current="(\w+)")?>([^<]*)</a>', found[1])


@dataclass(slots=True)
class Counting:
    """A book that counts how often its nights are asked for."""

    own: FakeNightBook
    n_asked: int = 0

    def nights(self) -> tuple[NightCard, ...]:
        self.n_asked += 1
        return self.own.nights()

    def __getattr__(self, name: str) -> object:
        return getattr(self.own, name)


@pytest.mark.slow
@pytest.mark.parametrize("path", [f"/night/{NIGHT_ID}", f"/night/{NIGHT_ID}/sensors", "/tonight", "/sensors", "/weeks"])
@pytest.mark.parametrize("running", [False, True])
def test_a_page_asks_for_the_nights_of_years_once(path: str, *, running: bool) -> None:
    book = Counting(FakeNightBook(running=running, so_far_s=3_000))
    with TestClient(create_app(book), base_url="http://127.0.0.1") as client:
        for n_asked in (1, 2):
            assert client.get(path).status_code == 200
            assert book.n_asked == n_asked


@pytest.mark.parametrize(
    ("path", "current"),
    [
        (f"/night/{NIGHT_ID}", ("page", "Night")),
        (EVENT, ("true", "Night")),
        (f"/night/{NIGHT_ID}/sensors", ("page", "Sensors")),
        ("/sensors", ("page", "Sensors")),
        ("/weeks", ("page", "Weeks")),
        ("/diary", ("page", "Diary")),
    ],
)
def test_the_bar_says_on_which_page_one_is(client: TestClient, path: str, current: tuple[str, str]) -> None:
    marked = [(kind, title) for _, kind, title in bar(client, path) if kind]
    assert marked == [current]


def test_on_a_page_of_one_night_the_bar_stays_with_it(client: TestClient) -> None:
    paths = {title: path for path, _, title in bar(client, f"/night/{EARLIER_ID}")}
    assert paths == {
        "Night": f"/night/{EARLIER_ID}",
        "Diary": "/diary",
        "Weeks": "/weeks",
        "Sensors": f"/night/{EARLIER_ID}/sensors",
    }


@pytest.mark.slow
def test_tonight_is_in_the_bar_only_while_a_night_runs(client: TestClient) -> None:
    running = client_of(FakeNightBook(running=True))
    assert bar(running, f"/night/{NIGHT_ID}")[0] == ("/tonight", "", "Tonight")
    assert "Tonight" not in {title for *_, title in bar(client, f"/night/{NIGHT_ID}")}


def test_without_a_night_the_bar_leads_to_the_first_page() -> None:
    assert bar(client_of(FakeNightBook(empty=True)), "/")[0] == ("/", "", "Night")


def test_an_error_page_has_the_bar_and_asks_for_no_night(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(_book: FakeNightBook) -> None:
        raise OSError

    client = client_of(FakeNightBook(), raise_server_exceptions=False)
    monkeypatch.setattr(FakeNightBook, "nights", unreadable)
    assert client.get(f"/night/{NIGHT_ID}").status_code == 500
    assert [title for *_, title in bar(client, f"/night/{NIGHT_ID}")] == ["Night", "Diary", "Weeks", "Sensors"]


def test_who_has_not_signed_in_sees_no_bar() -> None:
    assert "places" not in far_client().client.get("/login").text
