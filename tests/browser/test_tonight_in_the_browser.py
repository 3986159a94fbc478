"""The page Tonight in a browser: what moves, and what is said."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serving
from tests.browser.night_page import assert_no_sideways_scroll
from tests.browser.tonight_page import BEGUN_S, PHONE_PX, SAMPLES, Clock, come, follow, running_book
from tests.fake_live import FakeFeed
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.system

PICTURE = "canvas => canvas.toDataURL()"
DRAWN_ANEW = """async stream => {
  const { strips, shown } = await import("/static/tonight.js");
  const strip = strips.get(stream);
  while (shown.to < strip.end) await new Promise((drawn) => requestAnimationFrame(drawn));
  const before = strip.canvas.toDataURL();
  strip.drawn = null;
  strip.draw(shown.to, shown.span);
  return before === strip.canvas.toDataURL();
}"""
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def book(clock: Clock) -> FakeNightBook:
    return running_book(clock)


@pytest.fixture
def url(book: FakeNightBook) -> Iterator[str]:
    with serving(book) as address:
        yield address


def test_samples_arrive_complete_and_in_order_and_the_trace_moves(
    open_page: Callable[..., Page], url: str, clock: Clock, book: FakeNightBook
) -> None:
    page = open_page()
    follow(page, url)
    canvas = page.locator('[data-stream="left-shin/emg/200"] canvas.trace-line')
    n = 2_000
    for passed_s in (0.04, 0.5, 0.013, 3.0, 20.0):
        come(page, n)
        # A picture that was moved along piece by piece is the one that is drawn at once.
        for stream in ("left-shin/emg/200", "left-shin/acceleration/50"):
            assert page.evaluate(DRAWN_ANEW, stream)
        before = canvas.evaluate(PICTURE)
        clock.s += passed_s
        n = 2_000 + round(200 * (clock.s - BEGUN_S))
        wait_until(lambda before=before: canvas.evaluate(PICTURE) != before, "another picture")  # type: ignore[misc] # bound at once
    found = come(page, n)
    alone = FakeFeed(book.scene, Clock())
    alone.poll()
    alone.now_s = clock
    expected = alone.poll()[0].data[:, 0]
    assert (found["n"], found["again"], found["missing"]) == (n, 0, 0)
    assert np.array_equal(np.array(found["last"], np.float32)[2_000:], expected)
    for axis in "xyz":
        motion = page.evaluate(SAMPLES, ["left-shin/acceleration/50", axis])
        assert (motion["again"], motion["missing"]) == (0, 0)
    page.close()


def test_a_hidden_page_reads_nothing_and_goes_on_where_it_was_without_a_sample_twice(
    open_page: Callable[..., Page], url: str, clock: Clock, book: FakeNightBook
) -> None:
    page = open_page()
    follow(page, url)
    come(page, 2_000)
    page.evaluate(HIDE, True)  # noqa: FBT003 - the argument of a script
    wait_until(lambda: book.feeds[0].closed, "a feed that is closed")
    clock.s += 4.0
    page.evaluate(HIDE, False)  # noqa: FBT003 - the argument of a script
    found = come(page, 2_800)
    assert len(book.feeds) == 2
    # The new stream begins with its last 10 s, of which 6 were here.
    assert (found["n"], found["again"], found["missing"]) == (2_800, 1_200, 0)
    assert np.array_equal(np.array(found["last"], np.float32)[800:], FakeFeed(book.scene, clock).poll()[0].data[:, 0])
    page.close()


def test_a_stream_that_breaks_is_said_and_asked_for_again(browser: Browser, url: str) -> None:
    # A browser complains in its console about each request that fails, so this page is not watched.
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.route("**/live", lambda route: route.abort())
    page.goto(f"{url}/tonight")
    state = page.locator("#stream-state")
    expect(state).to_have_text(
        re.compile(r"No connection to Soleus. The night goes on; this page tries again in \d+ s\.")
    )
    page.unroute("**/live")
    expect(state).to_have_text("Live.")
    come(page, 2_000)
    context.close()


def test_a_server_that_falls_silent_is_said_and_the_traces_go_on_when_it_speaks_again(
    open_page: Callable[..., Page], url: str, clock: Clock
) -> None:
    page = open_page()
    state = follow(page, url)
    come(page, 2_000)
    with clock.stopped():
        expect(state).to_have_text(re.compile(r"^No connection to Soleus"))
    clock.s += 1.0
    expect(state).to_have_text("Live.")
    found = come(page, 2_200)
    assert (found["n"], found["missing"]) == (2_200, 0)
    page.close()


def test_each_sensor_says_how_it_does_with_a_sign_of_its_own(
    open_page: Callable[..., Page], url: str, clock: Clock, book: FakeNightBook
) -> None:
    page = open_page(width=PHONE_PX)
    state = follow(page, url)
    left, right = (page.locator(f'#sensors [data-sensor="{leg}-shin"]') for leg in ("left", "right"))
    for sensor in (left, right):
        expect(sensor.locator(".says")).to_contain_text("linked, electrodes on the skin, battery")
        expect(sensor.locator(".sign")).to_have_attribute("data-sign", "good")
    expect(state).to_have_text("Live.")
    clock.s = BEGUN_S + 142
    expect(right.locator(".says")).to_contain_text("link lost, silent for 42 s")
    expect(right.locator(".sign")).to_have_attribute("data-sign", "lost")
    expect(left.locator(".sign")).to_have_attribute("data-sign", "good")
    # What is counted so far follows, too.
    book.so_far_s = 18_000
    expect(page.locator("#so-far")).to_contain_text("5 h scored so far")
    expect(page.locator('[data-key="cramp_probable"]')).to_have_text("1")
    assert_no_sideways_scroll(page)
    page.close()


def test_the_end_of_the_night_is_said_and_leads_to_it(
    open_page: Callable[..., Page], url: str, book: FakeNightBook
) -> None:
    page = open_page(width=PHONE_PX)
    state = follow(page, url)
    expect(page.get_by_role("button", name="Cramp now")).to_be_visible()
    book.running = False
    expect(state).to_have_text("The night has ended. See the night.")
    expect(page.get_by_role("button", name="Cramp now")).to_be_hidden()
    wait_until(lambda: book.feeds[0].closed, "a feed that is closed")
    page.keyboard.press("c")
    expect(page.locator("#press-said")).to_have_text("The night has ended: nothing can be marked any more.")
    assert not book.marked
    assert not book.written
    page.get_by_role("link", name="See the night.").click()
    page.wait_for_url(f"**/night/{NIGHT_ID}")
    page.close()


def test_everything_can_be_done_by_keyboard(open_page: Callable[..., Page], url: str, clock: Clock) -> None:
    page = open_page()
    state = follow(page, url)
    canvas = page.locator('[data-stream="left-shin/emg/200"] canvas.trace-line')
    page.keyboard.press("p")
    expect(state).to_have_text("Held: the traces stand still, the night goes on.")
    held = canvas.evaluate(PICTURE)
    clock.s += 2.0
    come(page, 2_400)
    assert canvas.evaluate(PICTURE) == held
    page.keyboard.press("p")
    expect(state).to_have_text("Live.")
    wait_until(lambda: canvas.evaluate(PICTURE) != held, "another picture")
    for key, span in (("3", "30"), ("6", "60"), ("1", "10")):
        page.keyboard.press(key)
        expect(page.locator(f'[data-span="{span}"]')).to_have_attribute("aria-pressed", "true")
        expect(page.locator("[data-span][aria-pressed=true]")).to_have_count(1)
        expect(page.locator("#oldest")).to_have_text(f"{span} s ago")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("cramp now")
    page.keyboard.press("c")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#cramp")).to_have_text("Cramp now")
    page.close()
