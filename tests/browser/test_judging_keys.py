"""The keys that judge: what they mean is what is seen, and it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serving
from tests.browser.night_page import assert_judged, open_night
from tests.fake_sleep import SleepingBook
from tests.fakes import NIGHT_ID
from tests.synthetic_night import CRAMPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

pytestmark = pytest.mark.system

PATH = f"/night/{NIGHT_ID}"
CHOSEN = "a.event[aria-current]"


@pytest.fixture
def book() -> SleepingBook:
    return SleepingBook()


@pytest.fixture
def url(book: SleepingBook) -> Iterator[str]:
    with serving(book) as address:
        yield address


def test_a_key_judges_the_event_with_the_focus_and_says_which(
    open_page: Callable[..., Page], url: str, book: SleepingBook
) -> None:
    page = open_page()
    open_night(page, url, PATH)
    page.keyboard.press("ArrowRight")
    other = page.locator(CHOSEN).get_attribute("data-event")
    cramp = page.locator("#group-cramp-probable a.event").first
    cramp.focus()
    expect(cramp).to_have_attribute("aria-current", "true")
    assert cramp.get_attribute("data-event") != other
    page.keyboard.press("n")
    expect(page.locator("#announce")).to_have_text("Denied: Cramp-like contraction, probable, 02:17:43.")
    expect(cramp).to_have_attribute("data-word", "denied")
    # The focus goes along with the steps, or is let go.
    page.keyboard.press("ArrowRight")
    expect(page.locator("a.event:focus:not([aria-current])")).to_have_count(0)
    assert_judged(page, book, [False])
    assert book.judged[0][1].onset_ns == CRAMPS[0].onset_ns


def test_a_word_on_an_event_that_the_filters_have_hidden_is_refused_and_said(
    open_page: Callable[..., Page], url: str, book: SleepingBook
) -> None:
    page = open_page()
    open_night(page, url, f"{PATH}?word=unjudged")
    page.keyboard.press("ArrowRight")
    first = page.locator(CHOSEN)
    page.keyboard.press("n")
    expect(first).to_be_hidden()
    page.keyboard.press("y")
    expect(page.locator("#announce")).to_contain_text("is not shown: step to the next one first.")
    page.keyboard.press("Escape")
    expect(first).to_have_count(0)
    page.keyboard.press("y")
    expect(page.locator("#announce")).to_have_text("No event is chosen: step to one first.")
    assert_judged(page, book, [False])


def test_a_note_that_is_being_written_survives_steps_a_change_of_colours_and_a_reload(
    open_page: Callable[..., Page], url: str, book: SleepingBook
) -> None:
    page = open_page()
    open_night(page, url, PATH)
    page.locator("#group-cramp-possible a.event").first.click()
    page.wait_for_selector("#detail[data-ready]")
    field = page.locator("#detail textarea")
    page.keyboard.press("e")
    page.keyboard.type("left calf, woke me")
    for button in ("#detail-later", "#detail-earlier"):
        shown = page.locator("#detail").get_attribute("data-ready")
        page.locator(button).click()
        page.wait_for_function("shown => !['', shown, undefined].includes(detail.dataset.ready)", arg=shown)
        expect(field).to_have_value("" if button == "#detail-later" else "left calf, woke me")
    page.emulate_media(color_scheme="dark")
    expect(field).to_have_value("left calf, woke me")
    page.locator("#detail-close").click()
    address = page.locator("#group-cramp-possible a.event").first.get_attribute("href")
    page.goto(f"{url}{address}")
    field = page.locator("article textarea")
    expect(field).to_have_value("left calf, woke me")
    page.get_by_role("button", name="Save note").click()
    expect(field).to_have_value("")
    page.wait_for_load_state("networkidle")
    page.goto(f"{url}{address}")
    page.wait_for_selector(".detail-charts[data-ready]")
    expect(field).to_have_value("")
    assert [entry.text for _, entry in book.written] == ["left calf, woke me"]


def test_keys_of_one_letter_can_be_switched_off_and_stay_so(
    open_page: Callable[..., Page], url: str, book: SleepingBook
) -> None:
    page = open_page()
    open_night(page, url, PATH)
    page.get_by_role("button", name="Keyboard help").click()
    page.get_by_label("Keys of one letter or sign").uncheck()
    page.reload()
    page.wait_for_selector("#charts[data-ready]")
    page.keyboard.press("ArrowRight")
    chosen = page.locator(CHOSEN)
    expect(chosen).to_have_count(1)
    page.keyboard.press("n")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_hidden()
    page.get_by_role("button", name="Keyboard help").click()
    page.get_by_label("Keys of one letter or sign").check()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("y")
    expect(chosen).to_have_attribute("data-word", "confirmed")
    assert_judged(page, book, [True])
