"""The button "Cramp now" in a browser: in the dark, half asleep, without a network, without a script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serving
from tests.browser.night_page import assert_no_sideways_scroll
from tests.browser.tonight_page import PHONE_PX, Clock, follow, running_book
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.system

LEAST_BUTTON_PX = 88
BRIGHTNESS = """element => {
  const [r, g, b] = getComputedStyle(element).backgroundColor.match(/[\\d.]+/g).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}"""
THREE_PRESSES = """() => {
  const button = document.getElementById("cramp");
  button.click();
  button.click();
  button.dispatchEvent(new KeyboardEvent("keydown", { key: "c", bubbles: true }));
}"""


@pytest.fixture
def book() -> FakeNightBook:
    return running_book(Clock())


@pytest.fixture
def url(book: FakeNightBook) -> Iterator[str]:
    with serving(book) as address:
        yield address


def test_the_button_works_half_asleep_in_the_dark_and_once(
    open_page: Callable[..., Page], url: str, book: FakeNightBook
) -> None:
    page = open_page(width=PHONE_PX, color_scheme="dark", has_touch=True)
    page.add_init_script("navigator.vibrate = (pattern) => { window.buzzed = [...(window.buzzed ?? []), pattern]; };")
    follow(page, url)
    button = page.locator("#cramp")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= LEAST_BUTTON_PX
    assert box["width"] >= PHONE_PX * 0.9
    assert 900 - (box["y"] + box["height"]) < 24
    assert all(page.locator(part).evaluate(BRIGHTNESS) < 0.2 for part in ("body", "#press", "#cramp"))
    page.evaluate(THREE_PRESSES)
    expect(button).to_have_text(re.compile(r"^Noted \d\d:\d\d:\d\d$"))
    assert button.evaluate(BRIGHTNESS) < 0.3
    expect(page.locator("#press-said")).to_have_text(re.compile(r"^Saved: \d\d:\d\d:\d\d\.$"))
    assert (len(book.marked), page.evaluate("window.buzzed.length")) == (1, 1)
    # After 5 s it is a button again.
    expect(button).to_have_text("Cramp now")
    button.tap()
    wait_until(lambda: len(book.marked) == 2, "two marks")
    expect(button).to_have_text(re.compile("^Noted"))
    expect(button).to_have_text("Cramp now")
    page.keyboard.press("c")
    wait_until(lambda: len(book.marked) == 3, "three marks")
    assert set(book.marked) == {(NIGHT_ID, "cramp")}
    assert_no_sideways_scroll(page)
    page.close()


def test_a_press_that_finds_nobody_waits_in_the_browser_and_is_sent_with_its_age(
    browser: Browser, url: str, book: FakeNightBook
) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.route("**/marks", lambda route: route.abort())
    follow(page, url)
    page.keyboard.press("c")
    expect(page.locator("#cramp")).to_have_text(re.compile("^Noted"))
    said = page.locator("#press-said")
    expect(said).to_have_text("Not saved yet: Soleus does not answer. It is kept here and sent again.")
    assert not book.marked
    page.unroute("**/marks")
    page.reload()
    wait_until(lambda: len(book.marked) == 1, "a mark")
    expect(said).to_have_text(re.compile("^Saved"))
    assert book.mark_ages_s[0] > 0
    page.reload()
    page.wait_for_selector("#tonight[data-drawn]")
    assert len(book.marked) == 1
    context.close()


def test_without_a_script_the_button_works_too(open_page: Callable[..., Page], url: str, book: FakeNightBook) -> None:
    page = open_page(width=PHONE_PX, color_scheme="dark", java_script_enabled=False)
    page.goto(f"{url}/tonight")
    page.get_by_role("button", name="Cramp now").click()
    expect(page.locator("#press-said")).to_have_text("Noted. It is kept with the night.")
    assert book.marked == [(NIGHT_ID, "cramp")]
    assert_no_sideways_scroll(page)
    page.close()
