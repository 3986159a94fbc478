"""The button that marks this moment, pressed in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serving
from tests.browser.night_page import open_night
from tests.fakes import NIGHT_ID, FakeNightBook

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.system


def test_a_running_night_is_marked_with_one_press_or_one_key(open_page: Callable[..., Page]) -> None:
    book = FakeNightBook(running=True, so_far_s=3_000)
    with serving(book) as url:
        page = open_page()
        open_night(page, url, f"/night/{NIGHT_ID}")
        page.get_by_role("button", name="Mark this moment").click()
        expect(page.locator("#marked")).to_have_text("Marked.")
        expect(page.locator("#marked")).to_have_text("")
        page.keyboard.press("m")
        expect(page.locator("#marked")).to_have_text("Marked.")
        # It would go on asking a server that is gone.
        page.close()
    assert book.marked == [(NIGHT_ID, "marker"), (NIGHT_ID, "marker")]
