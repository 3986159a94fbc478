"""Who scores a recording blind on *Label* sees nothing of the others on *Bench* either, in the same browser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dashboards.labelling import Act, ActWay, Label
from soleus.__main__ import run
from soleus.settings import Settings
from soleus.studio.opening import studio_of
from tests.browser.bench_page import open_bench
from tests.browser.conftest import serving
from tests.browser.label_page import open_label
from tests.browser.night_page import assert_no_sideways_scroll
from tests.fakes import FakeNightBook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.system
FIRST, SECOND = "Ann", "Bob"
HIDDEN = "night: Bob scores this recording blind; lists of others are shown when that is ended."
COUNTED = ".n-h, .n-m, .n-f"
FOREVER_S = 600.0


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    assert run(["simulate", str(tmp_path / "night"), "--hours", "0.05", "--seed", "7"]) == 0
    settings = replace(Settings(), data_dir=tmp_path / "data")
    with studio_of(settings, [tmp_path / "night"], patience_s=FOREVER_S, n_workers=1) as studio:
        mark = Label("1", "leg_movement", "left", 31.234, 33.5)
        studio.labels.act("night", FIRST, Act("1", ActWay.ADD, mark))
        with serving(FakeNightBook(empty=True), studio=studio) as served:
            yield served


def test_a_rater_who_scores_blind_finds_no_list_of_others_on_the_bench_until_all_is_scored(
    open_page: Callable[..., Page], url: str
) -> None:
    before, page = open_page(), open_page(width=390)
    open_bench(before, url, "?ref=Ann")
    expect(before.locator("#reference option")).to_have_text(["nobody", "truth", FIRST])
    expect(before.locator("#strips .n-m, #strips .n-h").first).to_be_visible()
    expect(before.locator("#veils")).to_be_hidden()

    open_label(page, url, SECOND, "/label/night", blind=True)
    expect(page.locator("#saved")).to_have_text("Saved.")
    open_bench(page, url, "?ref=Ann")
    expect(page.locator("#veils")).to_have_text(HIDDEN)
    expect(page.locator("#reference option")).to_have_text(["nobody"])
    expect(page.locator("#strips .strip-said")).to_contain_text("found")
    expect(page.locator("#strips").locator(COUNTED)).to_have_count(0)
    assert_no_sideways_scroll(page)
    page.goto(f"{url}/bench/compare?a=wasm-2016&b=wasm-2016&r=night&word=leg_movement&ref=Ann")
    expect(page.get_by_text(HIDDEN)).to_be_visible()
    expect(page.get_by_text("share of the marked events")).to_have_count(0)

    # A page that was open before shows it no longer once somebody looks at it again.
    before.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(before.locator("#veils")).to_have_text(HIDDEN)
    expect(before.locator("#strips").locator(COUNTED)).to_have_count(0)

    page.goto(f"{url}/label/night")
    expect(page.locator("#finished-note")).to_be_visible()
    with page.expect_response("**/acts"):
        page.locator("#finished").check()
    open_bench(page, url, "?ref=Ann")
    expect(page.locator("#veils")).to_be_hidden()
    expect(page.locator("#reference")).to_have_value(FIRST)
    expect(page.locator("#strips").locator(COUNTED)).not_to_have_count(0)
