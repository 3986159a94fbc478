"""The ways people take, on nights that went the whole way from packets to the page: in the morning, at night, later."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dashboards.web.night_json import event_id
from ingest.night.marks import MarkBox
from ingest.timebase import Timebase
from soleus.nights import alone
from tests.browser.conftest import serving
from tests.browser.night_page import open_night
from tests.stored_nights import NIGHT, begun_night, book_of, copy_of, stored_night

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from soleus.settings import Settings

pytestmark = pytest.mark.system

HOURS = 0.75
PHONE_PX = 360
N_STEPS = 50
MOST_TAPS = 3


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return stored_night(tmp_path_factory.mktemp("stored"), HOURS)


@pytest.fixture
def settings(stored: Settings, tmp_path: Path) -> Settings:
    return copy_of(stored, tmp_path)


def in_view(place: Locator) -> bool:
    """Return whether all of an element lies in the window."""
    box = place.bounding_box()
    assert box is not None
    return box["y"] >= 0 and box["y"] + box["height"] <= int(place.page.evaluate("innerHeight"))


def test_the_morning_answer_takes_at_most_three_taps_on_a_phone(
    open_page: Callable[..., Page], settings: Settings
) -> None:
    book = book_of(settings)
    summary = book.night(NIGHT).summary
    with serving(book) as url:
        page = open_page(width=PHONE_PX, has_touch=True, is_mobile=True)
        open_night(page, url)
        # No tap: how many, and how the night went.
        expect(page.locator("#headline")).to_contain_text(re.compile(r"\bcramp-like\b"))
        assert in_view(page.locator("#headline"))
        assert in_view(page.locator("#course"))
        shown = page.locator("data[data-key=cramp_probable]")
        expect(shown).to_have_attribute("value", str(float(summary["cramp_probable"])))  # type: ignore[arg-type] # a number
        taps = [
            page.locator("#group-cramp-probable a.event").first,
            page.locator("#detail").get_by_role("button", name="Confirm"),
            page.get_by_role("button", name="Close", exact=True),
        ]
        assert len(taps) <= MOST_TAPS
        # One tap: when, and why; the second and the third: yes, that was one, and back.
        taps[0].tap()
        page.wait_for_selector("#detail[data-ready]")
        expect(page.locator("#detail .when")).to_contain_text(re.compile(r"\d\d:\d\d"))
        expect(page.locator("#detail .why li").first).to_be_visible()
        taps[1].tap()
        expect(page.locator("#detail .told").first).to_have_text("Confirmed by you")
        taps[2].tap()
        expect(page.locator("#own-words")).to_have_text("Of the events you confirmed 1.")
        page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("name", ["Weeks", "Sensors"])
def test_every_other_page_is_one_tap_away_in_the_morning(
    open_page: Callable[..., Page], settings: Settings, name: str
) -> None:
    with serving(book_of(settings)) as url:
        page = open_page(width=PHONE_PX, has_touch=True, is_mobile=True)
        open_night(page, url)
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).tap()
        page.wait_for_url(f"**/{name.lower()}*")
        expect(page.locator("[aria-current=page]").filter(has_text=name)).to_be_visible()
        page.wait_for_load_state("networkidle")


def test_fifty_events_are_gone_through_by_keyboard_and_two_that_were_denied_stay_denied(
    open_page: Callable[..., Page], settings: Settings
) -> None:
    before = book_of(settings).night(NIGHT).summary
    with serving(book_of(settings)) as url:
        page = open_page()
        open_night(page, url)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        cramp = page.locator("#group-cramp-probable a.event").first.get_attribute("data-event")
        seen: list[str] = []
        for _ in range(N_STEPS):
            page.wait_for_selector("#detail[data-ready]")
            seen.append(page.locator("#detail").get_attribute("data-ready") or "")
            if seen[-1] == cramp or len(seen) == N_STEPS:
                with page.expect_response("**/judgements"):
                    page.keyboard.press("n")
                expect(page.locator("#detail .words .told")).to_have_text("Denied by you")
            if len(seen) < N_STEPS:
                page.keyboard.press("ArrowRight")
                expect(page.locator("#detail article")).not_to_have_attribute("data-event", seen[-1])
        page.keyboard.press("Escape")
        said = "cramp-like ones that you denied are not counted, other numbers stay as measured"
        expect(page.locator("#own-words")).to_have_text(f"Of the events you denied 2; {said}.")
        page.reload()
        page.wait_for_selector("#charts[data-ready]")
        for event in (cramp, seen[-1]):
            expect(page.locator(f'#events a[data-event="{event}"]')).to_have_attribute("data-word", "denied")
        page.wait_for_load_state("networkidle")
    assert len(set(seen)) == N_STEPS
    # Another program that opens the folder finds them too.
    night = book_of(settings).night(NIGHT)
    assert {event_id(event) for event in night.events if event.measures.get("confirmed") == 0.0} == {cramp, seen[-1]}
    for key in ("cramp_probable", "cramp_events"):
        assert night.summary[key] == int(str(before[key])) - 1


def test_cramp_now_in_the_dark_reaches_the_folder_of_the_night(open_page: Callable[..., Page], tmp_path: Path) -> None:
    settings, folder = begun_night(tmp_path, 0.01)
    with alone(folder.path / "night.lock", "taken"), serving(book_of(settings)) as url:
        page = open_page(width=PHONE_PX, color_scheme="dark", has_touch=True, is_mobile=True)
        page.goto(url)
        page.wait_for_selector("#tonight[data-drawn]")
        page.get_by_role("button", name="Cramp now").tap()
        expect(page.locator("#press-said")).to_have_text(re.compile(r"^Saved: \d\d:\d\d:\d\d\.$"))
        page.reload()
        page.wait_for_selector("#tonight[data-drawn]")
        expect(page.get_by_role("button", name="Cramp now")).to_be_visible()
        page.close()
    waiting = MarkBox(folder.path, Timebase()).waiting()
    assert [(mark.label, mark.source) for _, mark in waiting] == [("cramp", "page")]
