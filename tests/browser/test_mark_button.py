"""The button that marks this moment, pressed in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serving
from tests.browser.night_page import open_night
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.system


HELD = """key => {
  for (let n = 0; n < 25; n += 1) {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, repeat: n > 0, bubbles: true }));
  }
}"""


def test_a_running_night_is_marked_with_one_press_or_one_key_that_may_be_held(open_page: Callable[..., Page]) -> None:
    book = FakeNightBook(running=True, so_far_s=3_000)
    with serving(book) as url:
        page = open_page()
        open_night(page, url, f"/night/{NIGHT_ID}")
        button = page.locator("#mark")
        button.click()
        expect(button).to_have_text(re.compile(r"^Noted \d\d:\d\d:\d\d$"))
        expect(page.locator("#marked")).to_have_text(re.compile(r"^Saved: \d\d:\d\d:\d\d\.$"))
        # After 5 s it is a button again.
        expect(button).to_have_text("Mark this moment")
        page.evaluate(HELD, "m")
        wait_until(lambda: len(book.marked) == 2, "two marks")
        expect(button).to_have_text(re.compile("^Noted"))
        # It would go on asking a server that is gone.
        page.close()
    assert book.marked == [(NIGHT_ID, "marker"), (NIGHT_ID, "marker")]


def test_a_mark_that_finds_nobody_waits_in_the_browser_and_is_sent_with_its_label(browser: Browser) -> None:
    book = FakeNightBook(running=True, so_far_s=3_000)
    with serving(book) as url:
        page = browser.new_context().new_page()
        page.route("**/marks", lambda route: route.abort())
        open_night(page, url, f"/night/{NIGHT_ID}")
        page.keyboard.press("m")
        expect(page.locator("#marked")).to_contain_text("It is kept here and sent again.")
        page.unroute("**/marks")
        page.goto(f"{url}/sensors")
        expect(page.locator("#waiting")).to_contain_text("Saved: the press of")
        page.context.close()
    assert book.marked == [(NIGHT_ID, "marker")]
    assert book.mark_ages_s[0] > 0
