"""What a person does on the page of a night, for any server and any summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from tests.fake_sleep import SleepingBook

READY_MS = 60_000
# A page shows a word before the server has it; how long between two looks at the book.
LOOK_MS = 20
ON_TOP = ("cramp_probable", "cramp_possible", "plms_wasm_per_h", "longest_undisturbed_min")
# A level that is drawn crosses the plot, 230 px on a phone; its dots leave more than half of it out.
LEAST_LEVEL_PIXELS = 40
COUNT_PIXELS = """(canvas, name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  probe.remove();
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let i = 0; i < data.length; i += 4) {
    const near = Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 60;
    if (near && data[i + 3] > 200) found += 1;
  }
  return found;
}"""


def open_night(page: Page, base_url: str, path: str = "/") -> None:
    """Go to a night, the newest one that is over if none is named, and wait until its charts are drawn."""
    page.goto(f"{base_url}{path}")
    page.wait_for_selector("#charts[data-ready][data-drawn]", timeout=READY_MS)


def numbers(page: Page) -> dict[str, float | None]:
    """Return the numbers that the page shows, by their key in the summary."""
    found = page.eval_on_selector_all("data[data-key]", "all => all.map(d => [d.dataset.key, d.value])")
    return {key: float(value) if value else None for key, value in found}


def assert_numbers(page: Page, summary: Mapping[str, object]) -> None:
    """The numbers on top are those of the summary, and what is not known is words."""
    shown = numbers(page)
    for key in ON_TOP:
        expected = summary[key]
        if isinstance(expected, int | float):
            assert shown[key] == pytest.approx(float(expected)), key
        else:
            assert shown.get(key) is None
    assert page.locator(".card .missing", has_text="0").count() == 0


def pixels(canvas: Locator, colour: str) -> int:
    """Count the pixels of a canvas that have a colour of the style sheet."""
    return int(canvas.evaluate(COUNT_PIXELS, colour))


def open_event(page: Page, name: str) -> None:
    """Open the first listed event of a class and wait for its raw signal."""
    page.locator(f"#group-{name} a.event").first.click()
    page.wait_for_selector("#detail[data-ready]", timeout=READY_MS)


def assert_raw_and_levels(page: Page) -> None:
    """The dialog shows raw EMG, the envelope and both levels as lines across the plot."""
    raw, envelope = (page.locator("#detail .strip", has_text=name) for name in ("Raw EMG", "Envelope"))
    assert int(raw.get_attribute("data-samples") or 0) > 1_000
    assert pixels(raw.locator("canvas"), "trace") > LEAST_LEVEL_PIXELS
    assert pixels(envelope.locator("canvas"), "c-cramp-probable") > LEAST_LEVEL_PIXELS
    assert pixels(envelope.locator("canvas"), "c-position") > LEAST_LEVEL_PIXELS
    for words in ("onset level", "offset level", "resting level"):
        assert envelope.get_by_text(words).count() == 1
    assert page.locator("#detail .why li").count() > 0


def assert_no_sideways_scroll(page: Page) -> None:
    """Nothing is wider than the window."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def take_picture(page: Page, path: Path) -> None:
    """Write the top of the page, down to the end of the charts, as a picture for the README."""
    bottom = page.locator("#charts").bounding_box()
    assert bottom is not None
    height = bottom["y"] + bottom["height"] + 8
    page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": 1280, "height": height})


def check_night_page(page: Page, base_url: str, summary: Mapping[str, object], event_class: str) -> None:
    """Walk through the page of the newest night: numbers, one event close up, back."""
    open_night(page, base_url)
    assert_numbers(page, summary)
    open_event(page, event_class)
    assert_raw_and_levels(page)
    page.keyboard.press("Escape")
    page.wait_for_selector("#detail", state="hidden")


def assert_judged(page: Page, book: SleepingBook, words: Sequence[bool | None]) -> None:
    """These words reach the book, and no other."""
    for _ in range(READY_MS // LOOK_MS):
        if len(book.judged) >= len(words):
            break
        page.wait_for_timeout(LOOK_MS)
    assert [word for *_, word in book.judged] == list(words)
