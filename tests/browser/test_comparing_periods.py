"""Two periods compared in a browser: by keyboard, out of the diary, on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serving
from tests.browser.night_page import assert_no_sideways_scroll
from tests.fakes import FakeNightBook

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.system


@pytest.mark.parametrize("scripts", [True, False])
def test_two_periods_are_compared_from_the_weeks_on(open_page: Callable[..., Page], *, scripts: bool) -> None:
    book = FakeNightBook()
    (magnesium,) = book.periods()
    with serving(book) as url:
        page = open_page(width=360, java_script_enabled=scripts)
        page.goto(f"{url}/weeks?n=90")
        expect(page.locator("#periods")).to_contain_text("magnesium")
        expect(page.locator("#panel-cramps rect.period")).to_have_count(1)
        page.get_by_role("link", name="Compare two periods").click()
        first, second = page.locator("fieldset").all()
        expect(first.get_by_label("Name")).to_have_value(f"before {magnesium.name}")
        for side, days in ((first, ("2026-02-11", "2026-02-24")), (second, ("2026-02-25", "2026-03-14"))):
            side.get_by_label("Period of the diary").select_option("")
            side.get_by_label("First evening").fill(days[0])
            side.get_by_label("Last evening").fill(days[1])
        second.get_by_label("Name").fill("later")
        page.get_by_role("button", name="Compare").press("Enter")
        cramps = page.locator('[data-measure="cramps"]')
        expect(cramps.get_by_role("row")).to_have_count(3)
        expect(cramps.locator("[data-fact=ratio]")).to_contain_text("times")
        expect(cramps.locator(".interval")).to_be_visible()
        assert_no_sideways_scroll(page)
        page.wait_for_load_state("networkidle")
