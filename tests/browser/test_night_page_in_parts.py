"""The page of a night comes in parts: charts first, then what a person does, then every value; any of them may fail."""

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
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.system

NIGHT = f"/night/{NIGHT_ID}"
TRACKS = re.compile("/tracks")
EVERY_VALUE = re.compile("/tracks$")
HINT = "#chart-hint"
# The first answer with every value comes when the test says so, as it was.
HOLD_EVERY_VALUE = """
const ask = window.fetch;
window.fetch = async (url, options) => {
  const answer = await ask(url, options);
  if (window.held || !/\\/tracks$/.test(url)) return answer;
  const body = await answer.arrayBuffer();
  return new Promise((come) => (window.held = () => come(new Response(body, answer))));
};
"""
LAST_TENTH = """canvas => {
  const from = Math.floor(canvas.width * 0.92);
  const { data } = canvas.getContext("2d").getImageData(from, 0, 20, canvas.height);
  return data.filter((value, i) => i % 4 === 3 && value > 40).length;
}"""


def unavailable(route: Route) -> None:
    route.fulfill(status=503, body="{}")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that may complain: what it asks for is refused here."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    yield context.new_page()
    context.close()


def test_on_paper_there_is_every_chart_also_those_below_the_window(page: Page, base_url: str) -> None:
    open_night(page, base_url)
    there = page.evaluate(
        "[document.querySelectorAll('canvas').length, dispatchEvent(new Event('beforeprint')),"
        " document.querySelectorAll('canvas').length]"
    )
    assert there == [8, True, 8]


def test_paper_that_is_narrower_than_the_window_shows_the_charts_to_their_end(page: Page, base_url: str) -> None:
    open_night(page, base_url)
    page.emulate_media(media="print")
    # Paper waits for no frame, in which the charts could take its width.
    widths = page.evaluate(
        "(document.body.style.width = '680px', [...document.querySelectorAll('.strip canvas')].map(c => c.clientWidth))"
    )
    assert len(widths) == 8
    assert 500 < max(widths) < 680


def test_a_moment_is_marked_also_where_the_charts_do_not_come(page: Page) -> None:
    book = FakeNightBook(running=True, so_far_s=3_000)
    with serving(book) as url:
        page.route(TRACKS, unavailable)
        page.goto(f"{url}{NIGHT}")
        expect(page.locator(HINT)).to_contain_text("The charts cannot be drawn")
        page.locator("#mark").click()
        wait_until(lambda: book.marked == [(NIGHT_ID, "marker")], "a mark")
        page.close()


def test_a_page_that_cannot_be_used_says_so(page: Page, base_url: str) -> None:
    page.route("**/night_acts.js", lambda route: route.abort())
    page.goto(f"{base_url}{NIGHT}")
    expect(page.locator(HINT)).to_contain_text("can be looked at and no more")


def test_every_value_is_asked_for_again_and_nobody_says_that_nothing_is_drawn(page: Page, base_url: str) -> None:
    page.route(EVERY_VALUE, unavailable)
    open_night(page, base_url)
    expect(page.locator(HINT)).to_contain_text("coarse so far")
    page.unroute(EVERY_VALUE)
    expect(page.locator(HINT)).to_be_hidden()


def test_values_that_come_late_do_not_take_back_what_a_running_night_has_added(page: Page) -> None:
    book = FakeNightBook(running=True, so_far_s=8_000)
    with serving(book) as url:
        page.add_init_script(HOLD_EVERY_VALUE)
        open_night(page, url, NIGHT)
        wait_until(lambda: page.evaluate("Boolean(window.held)"), "every value of the first 8000 s")
        book.so_far_s, book.running = 9_000, False
        expect(page.locator("#charts")).to_have_attribute("data-to", "9000")
        envelope = page.locator(".envelope_uv canvas").first
        wait_until(lambda: envelope.evaluate(LAST_TENTH) > 0, "the end of the night")
        newest = envelope.evaluate(LAST_TENTH)
        page.evaluate("window.held()")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert envelope.evaluate(LAST_TENTH) == newest
