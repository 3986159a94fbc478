"""What the pages never read: anything outside of the data folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from dashboards.web.app import create_app
from detectors.criteria import named
from detectors.signal import Leg
from ingest.night.folder import NightFolder, NightInfo, NightSensor
from soleus.book import FolderBook
from soleus.nights import nights_dir
from soleus.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

NIGHT = "2026-03-14-223000"
NO_NIGHTS = (
    "%2e%2e", "..%2f..%2fsecret.txt", "%2e%2e%2fsecret.txt", "..%5csecret.txt", "%2fetc%2fpasswd", "//etc/passwd",
    "%00", f"{NIGHT}%00", f"{NIGHT}%2f..%2f..%2fsecret.txt", f"{NIGHT}/night.json", "%252e%252e", "%2e", "~",
    "%c0%ae%c0%ae", "%ff", "%F0%9F%98%80", "..;/secret.txt", "a" * 5000, "%0d%0aset-cookie:x",
)  # fmt: skip
NO_SPANS = (
    "from=0&to=1e300", "from=nan&to=1", "from=0&to=inf", "from=-1e18&to=1", "from=0&to=0", "from=1&to=0", "from=0",
    "to=1", "from=0&to=3600", "from=0x10&to=20", "from=%00&to=1", f"from={'9' * 5000}&to=1",
)  # fmt: skip
SECRET = "nobody but its owner reads this"  # noqa: S105 - the content of a file


def make_night(path: Path, name: str = NIGHT) -> NightFolder:
    path.mkdir(parents=True)
    folder = NightFolder(path)
    sensor = NightSensor("left-shin", "lsp", "C4:00:00:00:00:01", Leg.LEFT, "shin")
    folder.write_info(NightInfo("home", "p1", name, "default", 1.0, (sensor,), 10**18, 0, "0.1.0"))
    return folder


def make_data(top: Path) -> Settings:
    """Return the settings of a folder with one night, beside which there is something to be kept secret."""
    settings = Settings(person="p1", data_dir=top / "data")
    make_night(nights_dir(settings) / NIGHT)
    make_night(top / "elsewhere" / "night")
    (top / "data" / "secret.txt").write_text(SECRET)
    (top / "secret.txt").write_text(SECRET)
    return settings


def client_of(settings: Settings) -> TestClient:
    return TestClient(create_app(FolderBook(settings, named("wasm-2016"))), base_url="http://127.0.0.1")


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    return client_of(make_data(tmp_path_factory.mktemp("data")))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_data(tmp_path)


@pytest.mark.parametrize("address", ["/night/{}", "/night/{}/event/x", "/api/night/{}", "/api/night/{}/tracks"])
def test_no_name_of_a_night_leads_to_another_file(unchanged: TestClient, address: str) -> None:
    for name in NO_NIGHTS:
        answer = unchanged.get(address.format(name), follow_redirects=False)
        assert answer.status_code == 404, name
        assert SECRET not in answer.text
        assert "left-shin" not in answer.text
        assert "set-cookie" not in answer.headers


def test_no_name_of_an_event_leads_to_a_file(unchanged: TestClient) -> None:
    for event in (
        "..%2f..%2fnight.json",
        "%2fetc%2fpasswd",
        "%00",
        "%2e%2e/secret.txt",
        "cramp/%2e%2e/left/1",
        "x" * 5000,
    ):
        answer = unchanged.get(f"/night/{NIGHT}/event/{event}")
        assert answer.status_code == 404, event
        assert SECRET not in answer.text


def test_no_name_of_a_sensor_leads_to_a_file(unchanged: TestClient) -> None:
    for sensor in ("..%2fsecret.txt", "%2fetc%2fpasswd", "left-shin%00", "*"):
        answer = unchanged.get(f"/api/night/{NIGHT}/raw?sensor={sensor}&from=0&to=1")
        assert answer.status_code == 404, sensor
        assert SECRET not in answer.text


def test_no_stretch_is_longer_than_a_page_draws(unchanged: TestClient) -> None:
    for span in NO_SPANS:
        answer = unchanged.get(f"/api/night/{NIGHT}/raw?sensor=left-shin&{span}")
        assert answer.status_code == 400, span
        assert len(answer.content) < 300


def test_a_night_that_a_link_leads_to_elsewhere_is_not_shown(tmp_path: Path, settings: Settings) -> None:
    client = client_of(settings)
    (nights_dir(settings) / "2026-03-15").symlink_to(tmp_path / "elsewhere" / "night")
    assert client.get("/api/night/2026-03-15").status_code == 404
    assert client.get("/night/2026-03-15").status_code == 404
    assert client.get("/", follow_redirects=False).headers["location"] == f"/night/{NIGHT}"
    assert client.get(f"/api/night/{NIGHT}").status_code == 200


@pytest.mark.parametrize("name", ["summary.json", "packets.log", "marks", "tracks"])
def test_a_night_with_a_file_that_a_link_leads_to_elsewhere_is_not_shown(
    tmp_path: Path, settings: Settings, name: str
) -> None:
    client = client_of(settings)
    (nights_dir(settings) / NIGHT / name).symlink_to(tmp_path / "secret.txt")
    assert client.get(f"/api/night/{NIGHT}").status_code == 404
    answer = client.post(f"/api/night/{NIGHT}/marks", json={"label": "x"})
    assert answer.status_code == 404
    assert client.get("/").status_code == 200


def test_a_link_inside_the_data_folder_and_a_data_folder_that_is_a_link_are_fine(
    tmp_path: Path, settings: Settings
) -> None:
    (nights_dir(settings) / "2026-03-15").symlink_to(nights_dir(settings) / NIGHT)
    (tmp_path / "link").symlink_to(settings.data_dir)
    book = FolderBook(Settings(person="p1", data_dir=tmp_path / "link"), named("wasm-2016"))
    assert len(book.nights()) == 2
