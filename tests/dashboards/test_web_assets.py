"""Style sheets and scripts come out of memory, packed, and a page names every module that its scripts import."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import dashboards.web
from dashboards.signals import TrackView
from dashboards.web.assets import Assets
from dashboards.web.night_json import track_columns
from detectors.signal import NS_PER_S, Leg
from detectors.track import TrackName
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.web_client import client_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from starlette.testclient import TestClient

STATIC = Path(dashboards.web.__file__).parent / "static"
ORIGIN = "http://127.0.0.1"


@pytest.fixture
def client() -> TestClient:
    return client_of(FakeNightBook())


def test_a_script_is_sent_packed_to_who_can_unpack_it(client: TestClient) -> None:
    with client.stream("GET", "/static/night.js", headers={"accept-encoding": "gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(b"".join(answer.iter_raw())) == (STATIC / "night.js").read_bytes()
    plain = client.get("/static/night.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == (STATIC / "night.js").read_bytes()


@pytest.mark.parametrize("name", ["none.js", "../app.py", "%2e%2e/app.py", "", "uplot", "/etc/passwd"])
def test_nothing_but_the_files_of_the_folder_is_sent(client: TestClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/static/night.js", "/api/night/none"])
def test_what_cannot_be_written_says_what_may_be_asked(client: TestClient, path: str) -> None:
    for answer in (client.put(path, content=b"x", headers={"origin": ORIGIN}), client.options(path)):
        assert answer.status_code == 405
        assert sorted(answer.headers["allow"].split(", ")) == ["GET", "HEAD"]


def test_the_modules_of_a_script_are_all_that_it_imports_and_what_those_import() -> None:
    modules = Assets(STATIC).modules("event_page.js")
    assert {"closeup.js", "closeup_data.js", "columns.js", "judging.js", "drafts.js"} <= set(modules)
    assert "event_page.js" not in modules
    for name in modules:
        assert set(re.findall(r'from "\./([\w.]+)"', (STATIC / name).read_text())) <= {*modules, "event_page.js"}


def test_a_page_names_the_modules_of_its_scripts_and_its_data_before_it_asks_for_them(client: TestClient) -> None:
    html = client.get(f"/night/{NIGHT_ID}").text
    preloaded = set(re.findall(r'<link rel="modulepreload" href="/static/([\w.]+)">', html))
    assert preloaded == {*Assets(STATIC).modules("night.js"), *Assets(STATIC).modules("waiting.js")}
    data = re.findall(r'<link rel="preload" as="fetch" crossorigin href="([^"]+)">', html)
    assert data == [f"/api/night/{NIGHT_ID}", f"/api/night/{NIGHT_ID}/tracks?points=1600"]
    assert all(client.get(path).status_code == 200 for path in data)
    # What is asked for by another address is fetched twice.
    assert "const MOST_POINTS = 1600;" in (STATIC / "trace.js").read_text()


def read(blob: bytes) -> tuple[dict[str, Any], list[NDArray[np.float32]]]:
    stop = 4 + int.from_bytes(blob[:4], "little")
    header = json.loads(blob[4:stop])
    return header, [np.frombuffer(blob, "<f4", c["n"], stop + c["offset"]) for c in header["columns"]]


def test_an_overview_has_the_highest_value_of_each_bucket_and_of_a_steady_track_the_first() -> None:
    card = FakeNightBook().nights()[0]
    values = np.array([1, 3, 2, np.nan, 5, np.nan, np.nan, np.nan, np.nan, 7], np.float32)
    tracks = [
        TrackView("s", Leg.LEFT, name, card.start_ns + NS_PER_S, 1.0, values)
        for name in (TrackName.ENVELOPE_UV, TrackName.TILT_DEG)
    ]
    header, (envelope, tilt) = read(track_columns(card, tracks, 0.0, 4))
    assert header["whole"] is False
    assert [column["hop_s"] for column in header["columns"]] == [3.0, 3.0]
    np.testing.assert_array_equal(envelope, [3, 5, np.nan, 7])
    np.testing.assert_array_equal(tilt, [1, 5, np.nan, 7])
    header, (envelope, _) = read(track_columns(card, tracks, 0.0, 10))
    assert header["whole"] is True
    np.testing.assert_array_equal(envelope, values)


def test_what_belongs_together_keeps_the_same_buckets_where_one_is_a_value_longer() -> None:
    card = FakeNightBook().nights()[0]
    tracks = [
        TrackView("s", Leg.LEFT, name, card.start_ns, 1.0, np.zeros(n, np.float32))
        for name, n in ((TrackName.ENVELOPE_UV, 9), (TrackName.RESTING_UV, 8))
    ]
    header, _ = read(track_columns(card, tracks, 0.0, 4))
    assert [column["hop_s"] for column in header["columns"]] == [3.0, 3.0]


def test_what_is_packed_and_what_is_not_are_alike_and_not_the_same_to_the_last_byte(client: TestClient) -> None:
    packed, plain = (
        client.get("/static/night.js", headers={"accept-encoding": how}).headers for how in ("gzip", "identity")
    )
    assert packed["content-length"] != plain["content-length"]
    assert packed["etag"] == plain["etag"]
    assert packed["etag"].startswith("W/")
    assert packed["vary"] == "accept-encoding"
    for known in (packed["etag"], packed["etag"].removeprefix("W/"), f'"other", {packed["etag"]}'):
        again = client.get("/static/night.js", headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == packed["etag"]
    head = client.head("/static/night.js", headers={"accept-encoding": "gzip"})
    assert head.headers["content-length"] == packed["content-length"]
