"""A link that knows only a time leads to the night, or to the event that began then."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboards.web.at_time import NS_PER_MS, at_time_routes
from dashboards.web.night_json import event_id
from detectors.signal import NS_PER_S
from tests.fakes import EARLIER_ID, NIGHT_ID, FakeNightBook
from tests.web_client import client_of

if TYPE_CHECKING:
    from dashboards.book import NightCard, NightView

FOUND = 307
# The pages that it leads to, without what is on them.
ROUTES = (
    Route("/night/{night_id}", Starlette(), name="night"),
    Route("/night/{night_id}/event/{event:path}", Starlette(), name="event"),
)


def led_to(client: TestClient, path: str) -> str:
    response = client.get(path, follow_redirects=False)
    assert response.status_code == FOUND, response.text
    return response.headers["location"]


@pytest.mark.slow
def test_the_onset_of_an_event_leads_to_the_event_even_though_its_nanoseconds_are_gone(client: TestClient) -> None:
    book = FakeNightBook()
    card = book.nights()[0]
    for event in book.night(card.night_id).events[:12]:
        query = f"kind={event.kind}&leg={event.leg}"
        place = led_to(client, f"/at/{event.onset_ns // NS_PER_MS}?{query}")
        assert place == f"/night/{card.night_id}/event/{event_id(event)}"
    assert client.get(place).status_code == 200


def test_a_time_without_an_event_leads_to_the_night_that_had_begun_then(client: TestClient) -> None:
    (newest, *_), view = FakeNightBook().nights(), FakeNightBook().night("2026-03-14")
    onsets_ms = {event.onset_ns // NS_PER_MS for event in view.events}
    first_ms, last_ms = newest.start_ns // NS_PER_MS, newest.end_ns // NS_PER_MS
    quiet_ms = next(ms for ms in range(first_ms + 60_000, last_ms) if ms not in onsets_ms)
    for at_ms in (first_ms, quiet_ms, last_ms + 3_600_000):
        assert led_to(client, f"/at/{at_ms}") == f"/night/{newest.night_id}"


@dataclass(slots=True)
class TwoPeople:
    """One book of two people, of whom the second began half an hour after the first."""

    own: FakeNightBook = field(default_factory=FakeNightBook)

    def nights(self) -> tuple[NightCard, ...]:
        first = replace(self.own.nights()[0], person="p1")
        later_ns = first.start_ns + 1800 * NS_PER_S
        return replace(first, night_id=EARLIER_ID, start_ns=later_ns, person="p2"), first

    def night(self, night_id: str) -> NightView:
        view = self.own.night(night_id)
        gone = () if night_id == NIGHT_ID else view.events[:40:2]
        return replace(view, events=tuple(event for event in view.events if event not in gone))


@pytest.fixture
def shared() -> TestClient:
    return TestClient(Starlette(routes=[*at_time_routes(TwoPeople()), *ROUTES]))


@pytest.mark.slow
def test_an_event_of_one_person_never_leads_to_the_night_of_another(shared: TestClient) -> None:
    for event in FakeNightBook().all_events[40:60]:
        for person, night in (("p1", NIGHT_ID), ("p2", EARLIER_ID)):
            path = f"/at/{event.onset_ns // NS_PER_MS}?person={person}&kind={event.kind}&leg={event.leg}"
            assert led_to(shared, path) == f"/night/{night}/event/{event_id(event)}"
    at_ms = TwoPeople().nights()[0].end_ns // NS_PER_MS + 1
    assert [led_to(shared, f"/at/{at_ms}?person={person}") for person in ("p1", "p2", "")] == [
        f"/night/{NIGHT_ID}",
        *[f"/night/{EARLIER_ID}"] * 2,
    ]
    assert shared.get(f"/at/{at_ms}?person=p3", follow_redirects=False).status_code == 404


@pytest.mark.slow
def test_without_a_person_the_night_that_has_the_event_is_found(shared: TestClient) -> None:
    began_ns = TwoPeople().nights()[0].start_ns
    only_first = [event for event in FakeNightBook().all_events[:40:2] if event.onset_ns > began_ns]
    assert only_first
    for event in only_first:
        path = f"/at/{event.onset_ns // NS_PER_MS}?kind={event.kind}&leg={event.leg}"
        assert led_to(shared, path) == f"/night/{NIGHT_ID}/event/{event_id(event)}"


@pytest.mark.parametrize(("query", "night"), [("", NIGHT_ID), ("?over=1", EARLIER_ID)])
def test_a_number_of_the_last_night_leads_to_one_that_is_over_while_another_runs(query: str, night: str) -> None:
    book = FakeNightBook(running=True)
    with client_of(book) as client:
        assert led_to(client, f"/at/{book.nights()[0].end_ns // NS_PER_MS + 1}{query}") == f"/night/{night}"


def test_a_time_before_all_nights_has_none(client: TestClient) -> None:
    before_ms = FakeNightBook().nights()[0].start_ns // NS_PER_MS - 1
    for at_ms in (1000, before_ms):
        response = client.get(f"/at/{at_ms}", follow_redirects=False)
        assert response.status_code == 404


@pytest.mark.parametrize("wrong", ["now", "-5", "1.5", "²", "9" * 400, "9" * 17])
def test_what_is_no_time_is_refused_in_one_line(client: TestClient, wrong: str) -> None:
    response = client.get(f"/at/{wrong}")
    assert response.status_code == 400
    assert "expected milliseconds of UTC since 1970" in response.text


def test_an_app_without_nights_says_so() -> None:
    with client_of(FakeNightBook(empty=True)) as client:
        assert client.get("/at/1795212000000").status_code == 404
