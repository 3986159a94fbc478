"""What the web app never lets out, and whom it never lets in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from dashboards.web.night_json import event_id
from detectors.events import EventKind
from detectors.signal import Leg
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.synthetic_night import CRAMPS
from tests.web_client import client_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from dashboards.book import NightView

API = f"/api/night/{NIGHT_ID}"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/..%5capp.py",
        "/static/uplot/..%2fplot.py",
        "/static//etc/passwd",
        "/night/..%2f..%2fetc%2fpasswd",
        "/api/night/..%2f..%2fetc",
    ],
)
def test_no_path_leads_out_of_the_static_files(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "import" not in answer.text


@pytest.mark.parametrize("path", ["/", "/night/none", API, "/static/page.css", f"{API}/tracks", "/static/none.css"])
def test_every_answer_forbids_other_origins(client: TestClient, path: str) -> None:
    headers = client.get(path, follow_redirects=False).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.slow
def test_no_page_has_a_script_or_style_inside(client: TestClient) -> None:
    for path in (f"/night/{NIGHT_ID}", f"/night/{NIGHT_ID}/event/{event_id(CRAMPS[0])}", "/nowhere"):
        html = client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|https?://", html)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.168.1.9"])
def test_a_name_that_points_here_from_elsewhere_is_refused(client: TestClient, host: str) -> None:
    assert client.get(f"/night/{NIGHT_ID}", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_loopback_is_served_under_each_of_its_names(client: TestClient, host: str) -> None:
    assert client.get(f"/night/{NIGHT_ID}", headers={"host": host}).status_code == 200


@dataclass(slots=True)
class BrokenBook(FakeNightBook):
    def night(self, night_id: str) -> NightView:
        msg = f"secret detail of {night_id}"
        raise OSError(msg)


@pytest.mark.parametrize("path", [f"/night/{NIGHT_ID}", API])
def test_a_failure_inside_shows_a_plain_page_and_no_traceback(path: str) -> None:
    answer = client_of(BrokenBook(), raise_server_exceptions=False).get(path)
    assert answer.status_code == 500
    assert "the page could not be made" in answer.text.lower()
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.slow
def test_names_from_a_sensor_are_escaped() -> None:
    book = FakeNightBook()
    odd = replace(CRAMPS[0], sensor='<b>&"shin/1', kind=EventKind.CRAMP, leg=Leg.RIGHT)
    book.all_events = (odd,)
    client = client_of(book)
    html = client.get(f"/night/{NIGHT_ID}").text
    assert "<b>" not in html
    (link,) = set(re.findall(r'href="(/night/[^"]+/event/[^"]+)"', html))
    page = client.get(link)
    assert page.status_code == 200
    assert "<b>" not in page.text
