"""A night whose numbers cannot be read is one night less to read, and takes nothing else with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from dashboards.web.app import create_app
from dashboards.web.numbers import headline
from ingest.night.folder import NightFolder
from soleus.book import FolderBook
from soleus.nights import nights_dir
from tests.made_folder import CRITERIA, Made, made_folder, made_info

if TYPE_CHECKING:
    from soleus.settings import Settings

pytestmark = pytest.mark.slow

N_NIGHTS = 2
OLDEST, NEWEST = (made_info(number).night for number in (0, N_NIGHTS - 1))
WHOLE = '"start_ns": 1, "end_ns": 2, "final": true'


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return made_folder(tmp_path_factory.mktemp("two") / "data", N_NIGHTS, Made(n_minutes=1))


def damaged(settings: Settings, text: str) -> FolderBook:
    """A book whose oldest night has this in place of its numbers."""
    (nights_dir(settings) / OLDEST / "summary.json").write_text(text, encoding="utf-8")
    return FolderBook(settings, CRITERIA)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"start_ns": 1}',
        f"{{{WHOLE}}}",
        f'{{{WHOLE}, "summary": 7}}',
        f'{{{WHOLE[:-4]}1, "summary": {{}}}}',
    ],
)
def test_no_page_is_lost_with_the_numbers_of_one_night(settings: Settings, text: str) -> None:
    book = damaged(settings, text)
    with TestClient(create_app(book), base_url="http://127.0.0.1") as client:
        for path in ("/", "/tonight", "/weeks", "/sensors", f"/night/{NEWEST}", f"/night/{OLDEST}"):
            assert client.get(path).status_code == 200, path
        assert client.get(f"/api/night/{OLDEST}/tracks").status_code == 200
    assert [card.night_id for card in book.nights()] == [NEWEST, OLDEST]
    assert [night.card.night_id for night in book.weeks(9)] == [NEWEST]


def test_of_such_a_night_no_page_says_that_it_had_no_valid_signal(settings: Settings) -> None:
    view = damaged(settings, "").night(OLDEST)
    assert headline(view) == "The numbers of this night cannot be read."
    assert view.events
    assert headline(damaged(settings, "").night(NEWEST)).startswith("One probable")


def test_sleep_that_cannot_be_read_leaves_the_numbers(settings: Settings) -> None:
    book = damaged(settings, "")
    folder = NightFolder(nights_dir(settings) / NEWEST)
    summary = folder.read_summary()
    assert summary is not None
    for wrong in (7, [7], [{"onset_ns": 1}], [{"onset_ns": "x", "end_ns": 1, "asleep": 1, "uncertain": 1}]):
        folder.write_summary({**summary, "sleep": wrong})
        assert book.night(NEWEST).sleep == ()
        assert headline(book.night(NEWEST)).startswith("One probable")
