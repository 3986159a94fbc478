"""A link that knows only a time leads to the night, or to the event that began then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dashboards.web.at_time import NS_PER_MS
from dashboards.web.night_json import event_id
from tests.fakes import FakeNightBook
from tests.web_client import client_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

FOUND = 307


def led_to(client: TestClient, path: str) -> str:
    response = client.get(path, follow_redirects=False)
    assert response.status_code == FOUND, response.text
    return response.headers["location"]


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
