"""Presses that could not be sent: no page loses them, and each says what waits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_MS, serving
from tests.browser.tonight_page import PHONE_PX, Clock, running_book
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.system

FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"
A_DAY_AGO = """() => {
  const stored = JSON.parse(localStorage.getItem("soleus-presses"));
  stored[0].at -= 25 * 3600 * 1000;
  localStorage.setItem("soleus-presses", JSON.stringify(stored));
}"""


@pytest.fixture
def book() -> FakeNightBook:
    return running_book(Clock())


@pytest.fixture
def url(book: FakeNightBook) -> Iterator[str]:
    with serving(book) as address:
        yield address


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """Tonight, on a phone, after a press that found nobody."""
    page = browser.new_context(viewport={"width": PHONE_PX, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.route("**/marks", lambda route: route.abort())
    page.goto(f"{url}/tonight")
    page.locator("#cramp").click()
    expect(page.locator("#press-said")).to_contain_text("It is kept here and sent again.")
    yield page
    page.context.close()


def test_a_browser_that_cannot_store_sends_a_press_all_the_same(
    open_page: Callable[..., Page], url: str, book: FakeNightBook
) -> None:
    page = open_page(width=PHONE_PX)
    page.add_init_script(FULL)
    page.goto(f"{url}/tonight")
    page.locator("#cramp").click()
    expect(page.locator("#press-said")).to_have_text(re.compile(r"^Saved: \d\d:\d\d:\d\d\.$"))
    assert book.marked == [(NIGHT_ID, "cramp")]
    page.close()


def test_a_press_that_waits_is_said_and_sent_by_every_page_after_the_night_too(
    page: Page, url: str, book: FakeNightBook
) -> None:
    book.running = False
    page.goto(f"{url}/weeks")
    line = page.locator("#waiting")
    expect(line).to_contain_text("kept in this browser and not saved yet: Soleus does not answer.")
    page.unroute("**/marks")
    page.goto(f"{url}/tonight")
    expect(line).to_have_text(re.compile(r"^Saved: the press of \d\d:\d\d:\d\d\."))
    wait_until(lambda: len(book.written) == 1, "a press in the diary")
    page.reload()
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("localStorage.getItem('soleus-presses')") == "[]"


def test_a_press_that_is_too_old_to_be_kept_is_said_until_somebody_has_read_it(
    page: Page, url: str, book: FakeNightBook
) -> None:
    # Where no page is that tries again meanwhile.
    page.goto(f"{url}/static/page.css")
    page.evaluate(A_DAY_AGO)
    page.unroute("**/marks")
    page.goto(f"{url}/sensors")
    line = page.locator("#waiting")
    expect(line).to_contain_text("is too old to be kept. Write it down as a note.")
    line.get_by_role("button").click()
    expect(line.locator("p")).to_have_text("")
    page.reload()
    expect(page.locator("h1")).to_be_visible()
    expect(line.locator("p")).to_have_text("")
    assert not book.marked
    assert not book.written
