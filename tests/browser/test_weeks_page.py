"""The pages of weeks and sensors as their users see them: on a phone, in the dark, without scripts, by keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serving
from tests.browser.night_page import assert_no_sideways_scroll
from tests.fakes import NIGHT_ID, FakeNightBook

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.system
LEAST_TARGET_PX = 44
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
WIDTHS = pytest.mark.parametrize("width", [360, 1280])
# Texts that are less than four and a half times as bright or dark as their ground (WCAG 2.1, 1.4.3).
FAINT_TEXTS = """(selector) => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const bright = (colour) => {
    canvas.fillStyle = "#000";
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => {
      const share = v / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (element) => {
    let ground = element;
    const seen = () => getComputedStyle(ground).backgroundColor;
    while (ground.parentElement && seen() === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
    const pair = [bright(getComputedStyle(element).color), bright(seen())];
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  };
  const faint = (element) => element.checkVisibility() && contrast(element) < 4.5;
  return [...document.querySelectorAll(selector)].filter(faint).map((element) => element.outerHTML);
}"""
TEXTS = (
    "h1, h2, h3, .trend, .note, .middle, .quiet, .day, .top, .ends, .places a, .choices a, .heat td, td, th, dd, dt, li"
)


def open_weeks(page: Page, base_url: str, n: int = 30) -> None:
    page.goto(f"{base_url}/weeks?n={n}")
    page.wait_for_selector("#raster[data-ready]")


@WIDTHS
@SCHEMES
@pytest.mark.parametrize("path", ["/weeks", "/weeks?n=90", "/sensors"])
def test_nothing_is_wider_than_the_window_and_every_text_can_be_read(
    open_page: Callable[..., Page], base_url: str, width: int, scheme: str, path: str
) -> None:
    page = open_page(width=width, color_scheme=scheme)
    page.goto(f"{base_url}{path}")
    assert_no_sideways_scroll(page)
    page.evaluate("document.querySelectorAll('details').forEach(group => group.open = true)")
    assert_no_sideways_scroll(page)
    assert page.evaluate(FAINT_TEXTS, TEXTS) == []


@WIDTHS
def test_a_tap_on_a_row_opens_its_night(open_page: Callable[..., Page], base_url: str, width: int) -> None:
    page = open_page(width=width, has_touch=True)
    open_weeks(page, base_url)
    page.locator(".raster a").first.tap()
    page.wait_for_url(f"**/night/{NIGHT_ID}")
    assert page.locator("#headline").count() == 1


def test_what_a_finger_presses_is_large_enough(open_page: Callable[..., Page], base_url: str) -> None:
    page = open_page(width=360, has_touch=True, is_mobile=True)
    open_weeks(page, base_url)
    page.locator("#table summary").click()
    for target in page.locator(".places a, .choices a, .raster a, .keys-of button, summary, #table th a").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= LEAST_TARGET_PX, target.inner_text()


def test_the_bar_leads_from_page_to_page_by_keyboard(open_page: Callable[..., Page], base_url: str) -> None:
    page = open_page(width=360)
    page.goto(f"{base_url}/weeks")
    for _ in range(2):
        page.keyboard.press("Tab")
    for name in ("Night", "Diary", "Weeks", "Sensors"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("navigation", name="Pages").get_by_role("link", name=name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("How the sensors did")
    expect(page.locator("[aria-current=page]")).to_have_text("Sensors")


def test_tonight_is_one_tap_away_while_a_night_runs(open_page: Callable[..., Page]) -> None:
    with serving(FakeNightBook(running=True, so_far_s=3_000)) as url:
        page = open_page(width=360)
        page.goto(f"{url}/weeks")
        expect(page.get_by_role("link", name="Tonight")).to_have_attribute("href", "/tonight")
        assert_no_sideways_scroll(page)


def test_the_pointer_tells_the_event_under_it_and_a_class_can_be_hidden(
    open_page: Callable[..., Page], base_url: str
) -> None:
    page = open_page()
    open_weeks(page, base_url)
    row = page.locator(".raster li:has(.m-cramp-probable) a").first
    cramp = row.locator(".m-cramp-probable")
    first = re.match(r"M(\d+) ", cramp.get_attribute("d") or "")
    assert first
    box = row.locator("svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + (int(first[1]) + 2) * box["width"] / 1200, box["y"] + box["height"] / 2)
    expect(page.locator("#readout")).to_contain_text("Cramp-like contraction, probable")
    page.get_by_role("button", name="Cramp-like, probable").click()
    expect(cramp).to_be_hidden()
    page.get_by_role("button", name="Cramp-like, probable").click()
    expect(cramp).to_be_visible()


def test_the_event_under_the_pointer_has_the_time_at_which_the_night_lists_it(
    open_page: Callable[..., Page], base_url: str
) -> None:
    page = open_page()
    open_weeks(page, base_url)
    weeks = page.evaluate("fetch('/api/weeks?n=30').then(answer => answer.json())")
    events = weeks["events"]
    at = max(i for i, tier in enumerate(events["tier"]) if tier == 2)
    night = weeks["nights"][events["night"][at]]
    start_s = int(night["start_ns"]) // 10**9 + night["utc_offset_s"] + events["onset_s"][at]
    clock = f"{int(start_s) // 3600 % 24:02d}:{int(start_s) // 60 % 60:02d}"
    row = page.locator(f'.raster a[data-night="{events["night"][at]}"]')
    d = row.locator(".m-cramp-probable").get_attribute("d") or ""
    box = row.locator("svg").bounding_box()
    assert box is not None
    said = []
    for first in re.findall(r"M(\d+) ", d):
        page.mouse.move(box["x"] + (int(first) + 1) * box["width"] / 1200, box["y"] + box["height"] / 2)
        said.append(page.locator("#readout").inner_text())
    assert any(clock in text for text in said), (clock, said)


def test_without_scripts_every_number_is_in_the_table_and_every_picture_is_drawn(
    open_page: Callable[..., Page], base_url: str
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{base_url}/weeks")
    expect(page.locator(".raster .m-recorded")).to_have_count(30)
    expect(page.locator(".panel .band").first).to_be_visible()
    page.locator("#table summary").click()
    expect(page.locator("#table tbody tr")).to_have_count(30)
    newest = FakeNightBook().weeks(30)[-1].summary
    expect(page.locator("#table tbody tr").first.locator("[data-key=cramp_probable]")).to_have_text(
        str(newest["cramp_probable"])
    )
    page.get_by_role("link", name="14 nights").click()
    expect(page.locator(".raster .m-recorded")).to_have_count(14)


def test_a_theme_that_is_chosen_recolours_every_picture(open_page: Callable[..., Page], base_url: str) -> None:
    page = open_page()
    open_weeks(page, base_url)
    fill = "getComputedStyle(document.querySelector('.m-cramp-probable')).fill"
    light = page.evaluate(fill)
    page.locator("#theme").click()
    assert (light, page.evaluate(fill)) == ("rgb(200, 67, 10)", "rgb(255, 122, 69)")


def test_the_sensors_say_what_to_do_and_list_their_gaps(open_page: Callable[..., Page], base_url: str) -> None:
    page = open_page(width=360)
    page.goto(f"{base_url}/sensors")
    left = page.locator('[data-sensor="left-shin"]')
    expect(left.locator(".advice")).to_contain_text("of the minutes had no link")
    left.locator("summary").click()
    expect(left.locator(".gap-list li")).to_have_count(1)
    expect(left.locator(".gap-list")).to_contain_text("no link")
    expect(left.locator(".s-unlinked")).to_be_visible()
