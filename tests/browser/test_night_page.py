"""The page of a night in a real browser: what a person sees and does, at any width, light and dark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serving
from tests.browser.night_page import (
    assert_no_sideways_scroll,
    assert_numbers,
    assert_raw_and_levels,
    check_night_page,
    open_event,
    open_night,
    pixels,
)
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.synthetic_night import DURATION_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.system


def span_s(page: Page) -> tuple[float, float]:
    charts = page.locator("#charts")
    return float(charts.get_attribute("data-from") or 0), float(charts.get_attribute("data-to") or 0)


def drag(page: Page, begin: float, end: float) -> None:
    """Drag over the first EMG strip, from one share of its width to another."""
    over = page.locator(".envelope_uv .u-over").first
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + begin * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + (begin + end) / 2 * box["width"], y)
    page.mouse.move(box["x"] + end * box["width"], y)
    page.mouse.up()


def test_the_page_shows_the_numbers_of_the_summary_and_an_event_close_up(
    open_page: Callable[..., Page], base_url: str
) -> None:
    summary = FakeNightBook().night(NIGHT_ID).summary
    check_night_page(open_page(), base_url, summary, "cramp-probable")


def test_dragging_zooms_all_strips_and_a_double_click_shows_the_whole_night(
    open_page: Callable[..., Page], base_url: str
) -> None:
    page = open_page()
    open_night(page, base_url)
    assert span_s(page) == (0, DURATION_S)
    drag(page, 0.25, 0.5)
    begin_s, end_s = span_s(page)
    assert begin_s == pytest.approx(0.25 * DURATION_S, abs=60)
    assert end_s == pytest.approx(0.5 * DURATION_S, abs=60)
    expect(page.locator("#span")).to_contain_text("1 h 5")
    page.locator(".tilt_deg .u-over").last.dblclick(position={"x": 5, "y": 5})
    assert span_s(page) == (0, DURATION_S)


def test_the_keyboard_steps_opens_zooms_and_goes_back(open_page: Callable[..., Page], base_url: str) -> None:
    page = open_page()
    open_night(page, base_url)
    said = page.locator("#announce")
    page.keyboard.press("ArrowRight")
    expect(said).to_have_text(re.compile("Leg movement, 22:54:04, .*right leg"))
    page.keyboard.press("+")
    zoomed = span_s(page)
    assert zoomed[1] - zoomed[0] == pytest.approx(DURATION_S / 2)
    page.keyboard.press("Enter")
    page.wait_for_selector("#detail[data-ready]")
    first = page.locator("#detail article").get_attribute("data-event")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#detail article")).not_to_have_attribute("data-event", first or "")
    page.wait_for_selector("#detail[data-ready]")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#detail article")).to_have_attribute("data-event", first or "")
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()
    assert span_s(page) == zoomed
    page.keyboard.press("Escape")
    assert span_s(page) == (0, DURATION_S)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


def test_a_click_on_an_event_in_its_lane_opens_it(open_page: Callable[..., Page], base_url: str) -> None:
    page = open_page()
    open_night(page, base_url)
    lanes = page.locator("figure[data-leg=right] .lanes .u-over")
    lanes.scroll_into_view_if_needed()
    box = lanes.bounding_box()
    assert box is not None
    where = {"x": 12_680 / DURATION_S * box["width"], "y": 8}
    lanes.hover(position=where)
    expect(page.locator("figure[data-leg=right] .tip")).to_contain_text("Cramp-like contraction, probable")
    lanes.click(position=where)
    page.wait_for_selector("#detail[data-ready]")
    expect(page.locator("#detail .event-title")).to_have_text("Cramp-like contraction, probable")
    assert_raw_and_levels(page)


def test_hovering_reads_every_strip_at_the_same_time(open_page: Callable[..., Page], base_url: str) -> None:
    page = open_page()
    open_night(page, base_url)
    over = page.locator("figure[data-leg=left] .envelope_uv .u-over")
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    assert box is not None
    over.hover(position={"x": 0.9 * box["width"], "y": 20})
    outputs = page.locator(".strip-name output")
    expect(outputs).to_have_text([re.compile(r"\d µV$"), re.compile(r"\d mg$"), re.compile(r"\d °$")] * 2)
    over.hover(position={"x": 11_900 / DURATION_S * box["width"], "y": 20})
    expect(outputs.first).to_have_text("no signal")


def test_a_class_that_is_switched_off_is_no_longer_drawn_nor_stepped_to(
    open_page: Callable[..., Page], base_url: str
) -> None:
    page = open_page()
    open_night(page, base_url)
    lanes = page.locator("figure[data-leg=left] .lanes canvas")
    assert pixels(lanes, "c-periodic") > 100
    box = page.get_by_role("checkbox", name="Periodic movement")
    box.click()
    expect(box).not_to_be_checked()
    page.get_by_role("checkbox", name="Periodic series").click()
    page.wait_for_function("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
    assert pixels(lanes, "c-periodic") == 0
    for name in ("Other leg movement", "Shift, restless, up", "Cramp-like, possible", "No valid signal"):
        page.get_by_role("checkbox", name=name).click()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#announce")).to_contain_text("Cramp-like contraction, probable")


@pytest.mark.parametrize("width", [360, 768])
def test_a_narrow_window_has_no_sideways_scroll(open_page: Callable[..., Page], base_url: str, width: int) -> None:
    page = open_page(width=width, has_touch=True)
    open_night(page, base_url)
    assert_no_sideways_scroll(page)
    page.evaluate("document.querySelectorAll('details').forEach(group => group.open = true)")
    assert_no_sideways_scroll(page)
    open_event(page, "cramp-probable")
    assert_no_sideways_scroll(page)
    assert page.evaluate(
        "document.getElementById('detail').scrollWidth <= document.getElementById('detail').clientWidth"
    )
    assert_raw_and_levels(page)


def test_a_browser_that_keeps_nothing_shows_the_page_and_switches_its_theme(
    open_page: Callable[..., Page], base_url: str
) -> None:
    page = open_page()
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } })")
    open_night(page, base_url)
    page.locator("#theme").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_dark_theme_follows_the_system_and_the_button_remembers(
    open_page: Callable[..., Page], base_url: str
) -> None:
    page = open_page(color_scheme="dark")
    open_night(page, base_url)
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.locator("#theme").click()
    light = page.evaluate(ground)
    assert (dark, light) == ("rgb(18, 22, 28)", "rgb(246, 245, 242)")
    page.reload()
    page.wait_for_selector("#charts[data-ready]")
    assert page.evaluate(ground) == light


def test_a_running_night_fills_without_a_reload(open_page: Callable[..., Page]) -> None:
    book = FakeNightBook(running=True, so_far_s=3_000)
    with serving(book) as url:
        page = open_page()
        open_night(page, url, f"/night/{NIGHT_ID}")
        expect(page.locator("#status")).to_have_text("filling, 00:50 of the night so far")
        assert page.locator("#group-cramp-probable").count() == 0
        page.evaluate("window.stayed = true")
        page.locator("#group-periodic summary").click()
        book.so_far_s = 13_000
        expect(page.locator("#status")).to_have_text("filling, 03:36 of the night so far")
        expect(page.locator("#charts")).to_have_attribute("data-to", "13000")
        expect(page.locator("#group-cramp-probable a.event")).to_have_count(1)
        assert page.locator("#group-periodic").evaluate("group => group.open")
        book.running = False
        expect(page.locator("#status")).to_have_count(0)
        assert_numbers(page, book.night(NIGHT_ID).summary)
        assert page.evaluate("window.stayed")
        assert_raw_after_growth(page)


def assert_raw_after_growth(page: Page) -> None:
    open_event(page, "cramp-probable")
    assert_raw_and_levels(page)


def test_a_scorer_that_starts_again_is_followed(open_page: Callable[..., Page]) -> None:
    book = FakeNightBook(running=True, so_far_s=6_000)
    with serving(book) as url:
        page = open_page()
        open_night(page, url, f"/night/{NIGHT_ID}")
        book.so_far_s = 1_000
        expect(page.locator("#charts")).to_have_attribute("data-to", "1000")
        book.so_far_s = 2_000
        expect(page.locator("#charts")).to_have_attribute("data-to", "2000")
        # It would go on asking a server that is gone.
        page.close()


def test_without_javascript_every_number_and_event_is_there(open_page: Callable[..., Page], base_url: str) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{base_url}/")
    expect(page.locator("#headline")).to_contain_text("cramp-like contractions were marked")
    expect(page.locator("[data-key=cramp_probable]")).to_have_text("2")
    page.locator("#group-cramp-probable a.event").first.click()
    expect(page.get_by_text("Rose to 84.8 µV; needed 7.6 µV to begin")).to_be_visible()
    page.get_by_role("link", name="Back to the night").click()
    expect(page.locator("#headline")).to_be_visible()


def test_on_paper_the_tools_are_left_out_and_the_colours_are_light(
    open_page: Callable[..., Page], base_url: str
) -> None:
    page = open_page(color_scheme="dark")
    open_night(page, base_url)
    tilt = page.locator(".tilt_deg canvas").first
    dark = pixels(tilt, "trace-3")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator("#tools")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert min(dark, pixels(tilt, "trace-3")) > 40
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 28)"


def test_everything_that_can_be_used_has_a_name(open_page: Callable[..., Page], base_url: str) -> None:
    page = open_page()
    open_night(page, base_url)
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, a, summary, output, dialog, section')]"
        ".filter(e => !(e.textContent.trim() || e.ariaLabel || e.matches('output'))).map(e => e.outerHTML)"
    )
    assert nameless == []
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the night")).to_be_focused()


def test_without_scripts_the_charts_are_there_as_the_server_drew_them(
    open_page: Callable[..., Page], base_url: str
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{base_url}/night/{NIGHT_ID}")
    for leg in page.locator("figure.leg").all():
        for name in ("lanes", "envelope_uv", "movement_g", "tilt_deg"):
            box = leg.locator(f".first.{name} svg").bounding_box()
            assert box is not None
            assert box["width"] > 500
            assert box["height"] > 30
    expect(page.locator("#chart-hint")).to_contain_text("needs JavaScript")
    ready = open_page()
    open_night(ready, base_url, f"/night/{NIGHT_ID}")
    expect(ready.locator(".first")).to_have_count(0)
