"""A picture of each page, as README and docs/pages.md show it: of synthetic nights, and small."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.browser.conftest import serving
from tests.browser.every_page import CHARTS, COMPARED, EVENT, NIGHT, night_over
from tests.browser.pictures import assert_small, picture_file
from tests.fake_live import LiveScene
from tests.fakes import FakeNightBook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.system

PHONE_PX, SCREEN_PX = 360, 1280
TALL_PX = {PHONE_PX: 720, SCREEN_PX: 820}
BEGUN_S = 3_000
SO_FAR = {"cramp_probable": 0, "cramp_possible": 0, "lm": 41, "valid_h": {"left-shin": 0.8, "right-shin": 0.8}}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(night_over()) as address:
        yield address


class Taken(NamedTuple):
    """A picture: its name, address, what is there once the page is complete, and its width, px."""

    name: str
    path: str
    ready: str
    width: int


TAKEN = (
    Taken("night-phone", NIGHT, CHARTS, PHONE_PX),
    Taken("event", EVENT, ".detail-charts[data-ready]", SCREEN_PX),
    Taken("weeks", "/weeks?n=30", "#raster[data-ready]", SCREEN_PX),
    Taken("sensors", "/sensors", "#main", SCREEN_PX),
    Taken("compare", f"{COMPARED}#results", "#results section", SCREEN_PX),
)


@pytest.mark.parametrize("taken", TAKEN, ids=lambda taken: taken.name)
def test_the_picture_of_a_page_is_small_and_says_that_the_night_is_simulated(
    open_page: Callable[..., Page], url: str, tmp_path: Path, taken: Taken
) -> None:
    page = open_page(width=taken.width)
    page.set_viewport_size({"width": taken.width, "height": TALL_PX[taken.width]})
    page.goto(f"{url}{taken.path}")
    page.wait_for_selector(taken.ready)
    assert page.get_by_text("Simulated").first.is_visible()
    file = picture_file(taken.name, tmp_path)
    page.screenshot(path=file)
    assert_small(file, taken.width)


def test_the_picture_of_the_diary_is_small_and_dark(open_page: Callable[..., Page], url: str, tmp_path: Path) -> None:
    page = open_page(width=PHONE_PX, color_scheme="dark")
    page.set_viewport_size({"width": PHONE_PX, "height": TALL_PX[PHONE_PX]})
    page.goto(f"{url}/diary")
    page.wait_for_selector("#entries")
    file = picture_file("diary-phone", tmp_path)
    page.screenshot(path=file)
    assert_small(file, PHONE_PX)


def test_the_picture_of_tonight_is_small_and_dark(open_page: Callable[..., Page], tmp_path: Path) -> None:
    book = FakeNightBook(running=True, so_far_s=BEGUN_S, summary=SO_FAR, scene=LiveScene(2, 200.0))
    with serving(book) as address:
        page = open_page(width=PHONE_PX, color_scheme="dark")
        page.set_viewport_size({"width": PHONE_PX, "height": TALL_PX[SCREEN_PX]})
        page.goto(f"{address}/tonight")
        page.wait_for_selector("#tonight[data-drawn]")
        file = picture_file("tonight-phone", tmp_path)
        page.screenshot(path=file)
        page.close()
    assert_small(file, PHONE_PX)
