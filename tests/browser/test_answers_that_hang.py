"""A server that takes a request and never answers: nothing is shown as kept, and no page looks fresh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_MS, serving
from tests.browser.night_page import open_night
from tests.fake_sleep import SleepingBook
from tests.fakes import NIGHT_ID, FakeNightBook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Dialog, Page

pytestmark = pytest.mark.system

PATH = f"/night/{NIGHT_ID}"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    page.context.close()


def test_words_that_nobody_answers_are_being_saved_then_said_not_to_be_and_hold_the_page(page: Page) -> None:
    book = SleepingBook()
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    with serving(book) as url:
        open_night(page, url, PATH)
        page.route("**/judgements", lambda _: None)
        for _ in range(2):
            page.keyboard.press("ArrowRight")
            page.keyboard.press("n")
        words = page.locator("a.event[data-word=denied] .word")
        expect(words).to_have_text(["denied by you, saving …"] * 2)
        page.on("dialog", stay)
        page.close(run_before_unload=True)
        expect(page.locator("main > .unsaved")).to_contain_text("Soleus does not answer.")
        assert asked == ["beforeunload"]
        # The second was under way at the same time as the first.
        expect(words).to_have_count(0)
        assert page.locator("main > .unsaved").inner_text().count("; ") == 1
        page.unroute("**/judgements")
        page.locator("main > .unsaved").get_by_role("button").click()
        expect(words).to_have_text(["denied by you"] * 2)
        expect(page.locator("main > .unsaved")).to_be_hidden()
        page.wait_for_load_state("networkidle")
    # What was held up may come through as well, once it is let through.
    assert len({key for _, key, _ in book.judged}) == 2
    assert {word for *_, word in book.judged} == {False}


def test_a_running_night_that_nobody_answers_for_says_so_and_goes_on_when_it_can(page: Page) -> None:
    book = FakeNightBook(running=True, so_far_s=7_200)
    with serving(book) as url:
        open_night(page, url, PATH)
        page.route(f"**/api{PATH}", lambda _: None)
        status = page.locator("#status")
        expect(status).to_have_text("no connection to Soleus, trying again")
        page.unroute(f"**/api{PATH}")
        book.so_far_s = 10_800
        expect(status).to_have_text("filling, 03:00 of the night so far")
        page.close()
