"""Going through a night as its wearer does: from event to event, judging, filtering and writing notes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE_MS, serving
from tests.browser.night_page import assert_judged, assert_no_sideways_scroll, open_event, open_night, pixels
from tests.fake_sleep import SleepingBook
from tests.fakes import NIGHT_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.system

PHONE_PX = 360
LEAST_TARGET_PX = 44
N_STEPS = 12
PATH = f"/night/{NIGHT_ID}"


@pytest.fixture
def book() -> SleepingBook:
    return SleepingBook()


@pytest.fixture
def url(book: SleepingBook) -> Iterator[str]:
    with serving(book) as address:
        yield address


def current(page: Page) -> str:
    """Return the event in the dialog, once it is there with its signals."""
    page.wait_for_selector("#detail[data-ready]")
    return page.locator("#detail").get_attribute("data-ready") or ""


def row(page: Page, event: str) -> Locator:
    return page.locator(f'#events a[data-event="{event}"]')


def test_events_are_stepped_through_by_keyboard_and_two_of_them_denied(
    open_page: Callable[..., Page], url: str, book: SleepingBook
) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/raw?" in request.url else None)
    open_night(page, url)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    seen, denied = [current(page)], []
    for number in range(1, N_STEPS):
        page.keyboard.press("ArrowRight")
        expect(page.locator("#detail article")).not_to_have_attribute("data-event", seen[-1])
        seen.append(current(page))
        if number in {3, 9}:
            page.keyboard.press("n")
            denied.append(seen[-1])
            expect(page.locator("#detail .words .told")).to_have_text("Denied by you")
    assert len(set(seen)) == N_STEPS
    # Samples are asked for once and ahead of the step: those of the event before the first and after the last as well.
    assert len(asked) == len(set(asked)) <= N_STEPS + 2
    expect(page.locator("#detail-position")).to_have_text(re.compile(r"^12 of \d+$"))
    page.keyboard.press("Escape")
    for event in denied:
        expect(row(page, event).locator(".word")).to_have_text("denied by you")
    expect(page.locator("#own-words")).to_have_text(re.compile(r"^Of the events you denied 2; "))
    assert_judged(page, book, [False, False])
    page.reload()
    page.wait_for_selector("#charts[data-ready]")
    for event in denied:
        expect(row(page, event)).to_have_attribute("data-word", "denied")
    page.wait_for_load_state("networkidle")


def test_a_word_shows_at_once_in_list_lane_and_dialog_and_can_be_taken_back(
    open_page: Callable[..., Page], url: str, book: SleepingBook
) -> None:
    page = open_page()
    open_night(page, url)
    lane = page.locator("figure[data-leg=right] .lanes canvas")
    before = pixels(lane, "c-cramp-probable")
    open_event(page, "cramp-probable")
    event = current(page)
    page.keyboard.press("n")
    expect(page.get_by_role("button", name="Deny")).to_have_attribute("aria-pressed", "true")
    assert row(page, event).get_attribute("data-word") == "denied"
    page.wait_for_function("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
    assert pixels(lane, "c-cramp-probable") < before
    page.keyboard.press("y")
    expect(page.get_by_role("button", name="Confirm")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Deny")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("u")
    expect(page.locator("#detail .words .told")).to_have_text("")
    expect(page.get_by_role("button", name="Take back")).to_be_disabled()
    assert_judged(page, book, [False, True, None])


def test_what_could_not_be_saved_says_so_and_is_saved_when_it_is_tried_again(
    browser: Browser, url: str, book: SleepingBook
) -> None:
    # A browser complains of every answer that is no success, so nobody listens to it here.
    page = browser.new_context().new_page()
    page.set_default_timeout(PATIENCE_MS)
    open_night(page, url)
    page.route("**/judgements", lambda route: route.fulfill(status=500))
    open_event(page, "cramp-probable")
    event = current(page)
    page.keyboard.press("y")
    unsaved = page.locator("#detail .unsaved")
    expect(unsaved).to_contain_text("Not saved: Cramp-like contraction, probable, 02:17:43. Soleus could not keep it.")
    expect(page.locator("#detail .words .told")).to_have_text("")
    assert row(page, event).get_attribute("data-word") == "unjudged"
    page.keyboard.press("ArrowRight")
    expect(unsaved).to_be_visible()
    page.unroute("**/judgements")
    unsaved.get_by_role("button", name="Try again").click()
    expect(unsaved).to_be_hidden()
    expect(row(page, event)).to_have_attribute("data-word", "confirmed")
    assert_judged(page, book, [True])
    page.context.close()


@pytest.mark.parametrize("width", [PHONE_PX, 1280])
def test_the_buttons_are_large_enough_for_a_thumb_in_the_dialog_and_on_the_page_of_the_event(
    open_page: Callable[..., Page], url: str, book: SleepingBook, width: int
) -> None:
    page = open_page(width=width, has_touch=True, color_scheme="dark")
    open_night(page, url)
    link = page.locator("#group-cramp-probable a.event").first
    address = link.get_attribute("href")
    link.tap()
    current(page)
    tapped = ("Confirm", "Deny")
    for name, place, words in zip(tapped, ("#detail", "main"), ([True], [True, False]), strict=True):
        found = page.locator(f"{place} :is(.judge, .closeup-zoom) :is(button, summary)").filter(visible=True).all()
        assert len(found) > len(tapped)
        for button in found:
            box = button.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= LEAST_TARGET_PX, button
        page.locator(place).get_by_role("button", name=name).tap()
        expect(page.locator(f"{place} .words [aria-pressed=true]")).to_have_text(name)
        assert_no_sideways_scroll(page)
        assert_judged(page, book, words)
        page.goto(f"{url}{address}")
        page.wait_for_selector(".detail-charts[data-ready]")


def test_a_note_is_written_with_e_and_appears_on_the_night_and_beside_the_event(
    open_page: Callable[..., Page], url: str, book: SleepingBook
) -> None:
    page = open_page()
    open_night(page, url)
    open_event(page, "cramp-possible")
    page.keyboard.press("e")
    expect(page.locator("#detail textarea")).to_be_focused()
    page.keyboard.type("no cause that I know of, y or n")
    page.locator("#detail .note-form button").click()
    expect(page.locator("#detail .note-form .told")).to_have_text("Saved.")
    page.keyboard.press("Escape")
    expect(page.locator("#notes-list")).to_contain_text("03:32 Note: no cause that I know of, y or n")
    assert not book.judged
    address = page.locator("#group-cramp-possible a.event").first.get_attribute("href")
    page.goto(f"{url}{address}")
    expect(page.locator("article .notes")).to_contain_text("no cause that I know of")
    page.wait_for_load_state("networkidle")


def test_filters_work_by_keyboard_stay_in_the_address_and_survive_a_reload(
    open_page: Callable[..., Page], url: str
) -> None:
    page = open_page()
    open_night(page, url)
    shown = page.locator("#events li:not([hidden]) a.event")
    total = shown.count()
    page.get_by_role("checkbox", name="Other leg movement").focus()
    page.keyboard.press("Space")
    page.locator("#more-filters summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Leg", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.get_by_label("Cramp-like", exact=True).select_option("2")
    page.get_by_label("Hide low signal quality").check()
    query = page.evaluate("location.search")
    assert "class=movement" not in query
    assert {"leg=left", "tier=2", "quality=good"} <= set(query[1:].split("&"))
    left = shown.count()
    assert 0 < left < total
    for name in ("movement", "cramp-possible", "cramp-probable", "no-signal"):
        assert page.locator(f"#group-{name} li:not([hidden])").count() == 0
    expect(page.locator("#group-cramp-probable .count")).to_have_text("0 of 2")
    page.reload()
    page.wait_for_selector("#charts[data-ready]")
    assert shown.count() == left
    expect(page.get_by_role("checkbox", name="Other leg movement")).not_to_be_checked()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#announce")).not_to_contain_text("right leg")
    page.get_by_role("link", name="Show all").click()
    assert shown.count() == total
    assert page.evaluate("location.search") == ""


def test_stepping_through_what_is_not_judged_yet_goes_on_when_an_event_is_judged(
    open_page: Callable[..., Page], url: str
) -> None:
    page = open_page()
    page.goto(f"{url}{PATH}?class=cramp-probable&class=cramp-possible&word=unjudged")
    page.wait_for_selector("#charts[data-ready]")
    open_event(page, "cramp-probable")
    first = current(page)
    expect(page.locator("#detail-position")).to_have_text("1 of 3")
    page.keyboard.press("y")
    expect(row(page, first).locator("..")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#detail article")).not_to_have_attribute("data-event", first)
    expect(page.locator("#detail-position")).to_have_text("1 of 2")
    page.wait_for_load_state("networkidle")


def test_without_scripts_forms_judge_filter_and_take_notes(
    open_page: Callable[..., Page], url: str, book: SleepingBook
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{url}{PATH}")
    page.locator("#group-cramp-probable a.event").first.click()
    page.get_by_role("button", name="Deny").click()
    expect(page.locator(".words .told")).to_have_text("Denied by you")
    page.get_by_text("Add a note").click()
    page.locator("article textarea").fill("it was the cat")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator("article .notes")).to_contain_text("it was the cat")
    page.get_by_role("link", name="Back to the night").click()
    expect(page.locator("#notes-list")).to_contain_text("it was the cat")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Your word", exact=True).select_option("denied")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#events li:visible a.event")).to_have_count(1)
    page.locator("#notes textarea").fill("slept badly")
    page.locator("#notes").get_by_role("button", name="Save note").click()
    expect(page.locator("#notes-list")).to_contain_text("slept badly")
    assert_judged(page, book, [False])


def test_the_morning_answer_is_on_the_first_screen_of_a_phone_and_the_reasons_one_tap_away(
    open_page: Callable[..., Page], url: str
) -> None:
    page = open_page(width=PHONE_PX, has_touch=True)
    page.goto(f"{url}/")
    for place in ("#headline", "#answer", "#course"):
        box = page.locator(place).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= page.evaluate("innerHeight")
    expect(page.locator("#answer")).to_contain_text("Asleep for 6 h 40 min, awake 2 times")
    rows = page.locator("#course svg[role=img]")
    expect(rows.nth(3)).to_have_accessible_name(re.compile(r"^Asleep: 6 h 40 min in all\."))
    page.wait_for_selector("#charts[data-ready]")
    page.locator("#group-cramp-probable a.event").first.tap()
    current(page)
    expect(page.locator("#detail")).to_contain_text("Rose to 84.8 µV; needed 7.6 µV to begin")
