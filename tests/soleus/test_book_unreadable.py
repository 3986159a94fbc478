"""A packet log that cannot be read: said once and clearly, and not begun anew with every look."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from dashboards.signals import UnreadableLogError
from dashboards.web.app import create_app
from dashboards.web.night_json import extremes_columns
from detectors.signal import NS_PER_S
from ingest.night.folder import NightFolder
from soleus.book import FolderBook
from soleus.nights import nights_dir
from soleus.pyramids import TRY_AGAIN_S, PyramidMaker
from soleus.settings import Settings
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.made_folder import CRITERIA, Made, made_folder, made_info

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = made_info(0).night


class Clock:
    s = 100.0

    def __call__(self) -> float:
        return self.s


FAILS = (sys.executable, "-S", "-c", "import sys; open(sys.argv[1] + '/tries', 'a').write('x'); sys.exit(2)")


@pytest.fixture
def folder(tmp_path: Path) -> NightFolder:
    folder = NightFolder(nights_dir(made_folder(tmp_path / "data", 1, Made(n_minutes=1))) / NIGHT)
    folder.packets.write_bytes(b"this is no packet log" * 100)
    return folder


@pytest.fixture
def client(folder: NightFolder) -> TestClient:
    book = FolderBook(Settings(person="p1", data_dir=folder.path.parent.parent), CRITERIA)
    return TestClient(create_app(book), base_url="http://127.0.0.1")


def n_tries(folder: NightFolder) -> int:
    tried = folder.path / "tries"
    return len(tried.read_text(encoding="utf-8")) if tried.is_file() else 0


def test_what_could_not_be_made_is_refused_at_once_until_a_while_later_or_another_log(folder: NightFolder) -> None:
    clock = Clock()
    maker = PyramidMaker(FAILS, now_s=clock)
    for later_s, n_expected in ((0.0, 1), (0.0, 1), (TRY_AGAIN_S - 1, 1), (1.0, 2), (1.0, 2)):
        clock.s += later_s
        with pytest.raises(UnreadableLogError, match="the log of this night cannot be read"):
            maker.expect(folder)
        assert n_tries(folder) == n_expected
    folder.packets.write_bytes(b"nor is this")
    with pytest.raises(UnreadableLogError):
        maker.expect(folder)
    assert n_tries(folder) == 3


def test_one_night_that_cannot_be_read_is_no_reason_to_refuse_another(folder: NightFolder, tmp_path: Path) -> None:
    maker = PyramidMaker(FAILS)
    with pytest.raises(UnreadableLogError):
        maker.expect(folder)
    shutil.copytree(folder.path, tmp_path / "other", ignore=shutil.ignore_patterns("tries"))
    with pytest.raises(UnreadableLogError):
        maker.expect(NightFolder(tmp_path / "other"))
    assert n_tries(NightFolder(tmp_path / "other")) == 1


def test_samples_of_such_a_night_are_refused_in_one_line(client: TestClient) -> None:
    for address in ("raw", "extremes"):
        answer = client.get(f"/api/night/{NIGHT}/{address}?sensor=left-shin&from=0&to=10&buckets=8000")
        assert (answer.status_code, answer.json()) == (409, {"error": "the log of this night cannot be read"})


@pytest.mark.slow
def test_so_is_a_whole_night_and_the_page_of_the_night_stays(client: TestClient) -> None:
    answer = client.get(f"/api/night/{NIGHT}/extremes?sensor=left-shin&from=0&to=28800")
    assert (answer.status_code, answer.json()) == (409, {"error": "the log of this night cannot be read"})
    assert client.get(f"/night/{NIGHT}").status_code == 200


@pytest.mark.parametrize("whole", [True, False])
def test_an_answer_says_whether_it_is_whole(*, whole: bool) -> None:
    view = FakeNightBook().night(NIGHT_ID)
    found = FakeNightBook().extremes(NIGHT_ID, "right-shin", view.card.start_ns, view.card.start_ns + 300 * NS_PER_S, 9)
    body = extremes_columns(view.card, [*found[1:], replace(found[0], whole=whole)])
    header = json.loads(body[4 : 4 + int.from_bytes(body[:4], "little")])
    assert header["whole"] is whole
