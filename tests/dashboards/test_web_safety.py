"""What needs a doctor and no diary stands in sight wherever cramps are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dashboards.web.night_json import event_id
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.shown_text import pieces_of
from tests.synthetic_night import CRAMPS
from tests.web_client import client_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

NIGHT = f"/night/{NIGHT_ID}"
# science.md 10.2, number 6.
SIGNS = (
    "swollen", "warm", "red", "painful", "one side", "clot", "cancer", "tamoxifen", "breathlessness", "chest pain",
    "emergency", "weakness", "numbness", "bladder or bowel", "twitching", "wasting", "dark urine", "fever",
)  # fmt: skip


def card_of(client: TestClient, path: str) -> str:
    """Return what the card on a page says, as far as nobody has to open anything for it."""
    pieces = [piece for piece in pieces_of(client.get(path).text) if piece.inside(".safety")]
    assert all(piece.inside("main") and not piece.inside("details") for piece in pieces), path
    return " ".join(piece.text for piece in pieces)


@pytest.mark.slow
@pytest.mark.parametrize("path", [NIGHT, f"{NIGHT}/event/{event_id(CRAMPS[0])}", "/weeks", "/diary", "/compare"])
def test_every_page_with_cramps_says_when_to_get_medical_help(client: TestClient, path: str) -> None:
    text = card_of(client, path)
    assert "Get medical help now" in text
    assert [sign for sign in SIGNS if sign not in text] == []


@pytest.mark.slow
def test_so_does_the_night_that_runs() -> None:
    client = client_of(FakeNightBook(running=True, so_far_s=3_000))
    assert {card_of(client, path) for path in ("/tonight", NIGHT)} == {card_of(client, "/weeks")}
    assert "Get medical help now" in card_of(client, "/weeks")


def test_a_page_of_sensors_shows_no_cramps_and_no_card(client: TestClient) -> None:
    assert card_of(client, "/sensors") == ""
