"""The diary as its writer uses it: two taps at night, a correction in the morning, and words that are never lost."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from detectors.signal import NS_PER_S
from tests.browser.conftest import PATIENCE_MS, serving
from tests.browser.night_page import assert_no_sideways_scroll, open_night
from tests.browser.test_weeks_page import FAINT_TEXTS, LEAST_TARGET_PX
from tests.fakes import FakeNightBook
from tests.system.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from dashboards.diary import DiaryEntry

pytestmark = pytest.mark.system

PHONE_PX = 360
PHONE = {"width": PHONE_PX, "has_touch": True, "is_mobile": True, "color_scheme": "dark"}
TARGETS = ".leg-now, .kinds a, .entry-row, .save, .places a, .field input:not([type=hidden]), .field select"
TEXTS = "h1, h2, h3, p, label, time, .what, .says, .act, .kinds a, .leg-now, .until, .past li, summary"


@pytest.fixture
def book() -> FakeNightBook:
    book = FakeNightBook()
    # What is pressed in the browser is of now.
    book.kept.now_ns = time.time_ns()
    return book


@pytest.fixture
def url(book: FakeNightBook) -> Iterator[str]:
    with serving(book) as address:
        yield address


def newest(book: FakeNightBook) -> DiaryEntry:
    return max(book.kept.entries.values(), key=lambda entry: entry.time_ns)


def test_a_cramp_at_night_takes_two_taps_in_the_dark_and_its_history_is_seen_in_the_morning(
    open_page: Callable[..., Page], url: str, book: FakeNightBook
) -> None:
    n_before = len(book.kept.entries)
    page = open_page(**PHONE)
    open_night(page, url)
    page.get_by_role("link", name="Diary", exact=True).tap()
    page.get_by_role("button", name="Left leg").tap()
    expect(page.get_by_role("button", name=re.compile(r"^Noted \d\d:\d\d:\d\d$"))).to_be_visible()
    expect(page.locator("#press-said")).to_have_text(re.compile(r"^Saved: \d\d:\d\d:\d\d\.$"))
    assert len(book.kept.entries) == n_before + 1
    assert (newest(book).kind, dict(newest(book).words)) == ("cramp", {"leg": "left"})
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 28)"
    # The morning: the newest entry stands on top, without a reload.
    page.locator(".entry-row", has_text="left leg").first.tap()
    page.get_by_label("Leg", exact=True).select_option("right")
    page.get_by_label("How long, minutes").fill("4")
    page.get_by_role("button", name="Save").tap()
    expect(page.locator("h1")).to_have_text("Cramp: right leg, 4 min")
    expect(page.locator("#history li")).to_have_count(1)
    expect(page.locator("#history li")).to_contain_text("Cramp: left leg")
    assert [dict(past.words) for past in newest(book).history] == [{"leg": "left"}]


def test_a_press_and_a_form_that_find_nobody_are_kept_until_they_are_saved(
    browser: Browser, url: str, book: FakeNightBook
) -> None:
    n_before = len(book.kept.entries)
    page = browser.new_context(viewport={"width": PHONE_PX, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    for address in ("**/api/diary", "**/diary"):
        page.route(address, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.goto(f"{url}/diary?kind=drink")
    page.get_by_role("button", name="Both legs").click()
    expect(page.locator("#press-said")).to_contain_text("It is kept here and sent again.")
    page.get_by_label("How much, ml").fill("250")
    page.get_by_label("In your own words").fill("warm milk")
    page.get_by_role("button", name="Save").click()
    told = page.locator(".diary-form .told")
    expect(told).to_have_text("Not saved: Soleus does not answer. What you wrote is still here.")
    page.reload()
    expect(page.get_by_label("In your own words")).to_have_value("warm milk")
    expect(told).to_have_text("What you wrote before is here again. It is not saved yet.")
    assert len(book.kept.entries) == n_before
    page.unroute("**/api/diary")
    page.unroute("**/diary")
    page.get_by_label("How much, ml").fill("a cup")
    page.get_by_role("button", name="Save").click()
    expect(told).to_have_text("Not saved: How much is 'a cup', expected a number. What you wrote is still here.")
    page.get_by_label("How much, ml").fill("250")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#kept-said")).to_contain_text("Drink, warm milk, 250 ml.")
    wait_until(lambda: len(book.kept.entries) == n_before + 2, "the press and the drink")
    page.goto(f"{url}/diary?kind=drink")
    expect(page.get_by_label("In your own words")).to_have_value("")
    assert page.evaluate("localStorage.getItem('soleus-presses')") == "[]"
    page.context.close()


def test_what_was_begun_of_one_press_is_not_put_under_the_time_of_another(
    open_page: Callable[..., Page], url: str, book: FakeNightBook
) -> None:
    page = open_page(width=PHONE_PX)
    first, second = (f"{url}/diary?kind=cramp&at={book.kept.now_ns - hours * 3600 * NS_PER_S}" for hours in (5, 4))
    page.goto(first)
    when = page.get_by_label("When")
    at = when.input_value()
    page.get_by_label("What helped").fill("walking")
    page.goto(second)
    expect(page.get_by_label("What helped")).to_have_value("")
    expect(when).not_to_have_value(at)
    page.goto(first)
    expect(page.get_by_label("What helped")).to_have_value("walking")
    expect(when).to_have_value(at)


def test_without_scripts_everything_is_written_changed_and_removed(
    browser: Browser, url: str, book: FakeNightBook
) -> None:
    # The browser complains in its console about the form that was refused: this page is not watched.
    page = browser.new_context(viewport={"width": PHONE_PX, "height": 900}, java_script_enabled=False).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{url}/diary")
    page.get_by_role("button", name="Right leg").click()
    expect(page.locator("#kept-said")).to_contain_text(": Cramp, right leg.")
    page.locator("#kept").click()
    page.get_by_label("How long, minutes").fill("never")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#form-said")).to_have_text("How long is 'never', expected a number.")
    expect(page.get_by_label("How long, minutes")).to_have_value("never")
    page.get_by_label("How long, minutes").fill("2,5")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("h1")).to_have_text("Cramp: right leg, 2.5 min")
    page.get_by_text("Remove this entry").click()
    page.get_by_role("button", name="Yes, remove it").click()
    expect(page.locator("#kept-said")).to_have_text("The entry was removed.")
    assert len(book.kept.struck) == 1
    page.context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_every_text_can_be_read_and_what_a_finger_presses_is_large_enough(
    open_page: Callable[..., Page], url: str, width: int
) -> None:
    page = open_page(width=width, has_touch=True)
    for path in ("/diary?kind=medicine", "/compare"):
        page.goto(f"{url}{path}")
        assert_no_sideways_scroll(page)
        small = page.eval_on_selector_all(
            TARGETS,
            "(all, px) => all.filter(e => e.getBoundingClientRect().height < px).map(e => e.outerHTML)",
            LEAST_TARGET_PX,
        )
        assert small == []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate(FAINT_TEXTS, TEXTS) == []
