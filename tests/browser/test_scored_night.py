"""A night that went the whole way, from packets to the page; the picture of the README is one of those."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detectors.criteria import named
from soleus.book import FolderBook
from soleus.nights import nights_dir
from soleus.settings import Settings
from tests.browser.conftest import serving
from tests.browser.night_page import check_night_page, open_night, take_picture
from tests.browser.pictures import FOLDER, assert_small, picture_file
from tests.night_log import night_records, score_night, write_night

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = pytest.mark.system

# The README shows a whole night, which takes minutes to score.
HOURS, SEED = (8.0, 3) if FOLDER else (0.5, 3)
PATIENCE_S = 1500
MOST_BYTES = 350_000
"""Of a picture of two screens."""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> FolderBook:
    settings = Settings(person="p1", data_dir=tmp_path_factory.mktemp("night") / "data")
    score_night(write_night(nights_dir(settings) / "2026-09-21-2230", night_records(HOURS, SEED)), settings)
    return FolderBook(settings, named("wasm-2016"), simulated=True)


@pytest.fixture(scope="module")
def night_url(book: FolderBook) -> Iterator[str]:
    with serving(book) as url:
        yield url


@pytest.mark.timeout(PATIENCE_S)
def test_the_page_of_a_scored_night_shows_its_numbers_and_a_contraction_close_up(
    open_page: Callable[..., Page], night_url: str, book: FolderBook
) -> None:
    (card,) = book.nights()
    page = open_page()
    check_night_page(page, night_url, book.night(card.night_id).summary, "cramp-probable")
    assert page.get_by_text("Simulated").count() > 0


def test_the_picture_of_the_readme_is_1280_wide_and_small(
    open_page: Callable[..., Page], night_url: str, tmp_path: Path
) -> None:
    page = open_page()
    open_night(page, night_url)
    file = picture_file("night", tmp_path)
    take_picture(page, file)
    assert_small(file, 1280, MOST_BYTES)
