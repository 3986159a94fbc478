"""What the tests of the page Label do there again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.fake_labels import SHORT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Page

PATH = f"/label/{SHORT}"
SEEN = "#board .row canvas"
SAVED = "Saved."


def open_label(page: Page, url: str, rater: str = "", path: str = PATH, *, blind: bool = False) -> None:
    """Go to the page; a rater who is new to this browser, or to the recording, says so by keyboard."""
    page.goto(f"{url}{path}")
    if rater:
        expect(page.locator("#who")).to_be_visible()
        page.keyboard.type(rater)
        page.keyboard.press("Enter")
        expect(page.locator("#how, #label").locator("visible=true").first).to_be_visible()
        if page.locator("#how").is_visible():
            if not blind:
                page.keyboard.press("ArrowDown")
            page.keyboard.press("Enter")
    page.wait_for_selector(SEEN)
    expect(page.locator("#board")).not_to_have_attribute("data-loading", "")


def press(page: Page, *keys: str) -> None:
    """Press keys; ``3 ArrowRight`` is three times that key."""
    for key in keys:
        times, _, name = key.partition(" ")
        for _ in range(int(times) if name else 1):
            page.keyboard.press(name or key)


def mark(page: Page, after_s: int, length_s: int, *keys: str) -> None:
    """Mark by keyboard: so many seconds after the cursor, so long; then what else is pressed."""
    press(page, f"{after_s} ArrowRight", "Enter", f"{length_s} ArrowRight", "Enter", *keys)


def expect_saved(page: Page, n_marks: int) -> None:
    """Wait until so many marks are shown and nothing is on its way."""
    expect(page.locator(f"#label[data-n='{n_marks}']:has(#saved:text-is('{SAVED}'))")).to_be_visible()


def spans(labels: Sequence[tuple[str, str, str, float, float]]) -> list[tuple[str, str, float, float]]:
    """Return kind, leg, onset and end of marks."""
    return [(kind, leg, onset_s, end_s) for _, kind, leg, onset_s, end_s in labels]
