"""Every address of the web app: what it answers and what it refuses."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from dashboards.web.app import chart_directory
from dashboards.web.night_json import event_id
from tests.fakes import EARLIER_ID, NIGHT_ID, FakeNightBook
from tests.synthetic_night import CRAMPS, DURATION_S, GAP_S
from tests.web_client import client_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from starlette.testclient import TestClient

API = f"/api/night/{NIGHT_ID}"


def columns(body: bytes) -> list[tuple[dict[str, object], NDArray[np.float32]]]:
    size = int.from_bytes(body[:4], "little")
    header = json.loads(body[4 : 4 + size])
    data = body[4 + size :]
    return [(c, np.frombuffer(data, "<f4", c["n"], c["offset"])) for c in header["columns"]]


def figures(html: str) -> dict[str, str]:
    return {key: value for value, key in re.findall(r'<data value="([^"]*)" data-key="([^"]+)"', html)}


def test_the_first_page_leads_to_the_newest_night(client: TestClient) -> None:
    answer = client.get("/", follow_redirects=False)
    assert answer.status_code == 307
    assert answer.headers["location"] == f"/night/{NIGHT_ID}"


def test_without_a_night_the_first_page_says_how_to_start_one() -> None:
    answer = client_of(FakeNightBook(empty=True)).get("/")
    assert answer.status_code == 200
    assert "soleus demo" in answer.text


@pytest.mark.slow
def test_the_page_holds_every_number_of_the_summary_without_javascript(client: TestClient) -> None:
    html = client.get(f"/night/{NIGHT_ID}").text
    summary = FakeNightBook().night(NIGHT_ID).summary
    shown = figures(html)
    for key, value in summary.items():
        if isinstance(value, int | float) and key != "cramp_total_s":
            assert float(shown[key]) == pytest.approx(float(value)), key
    assert "1 min 58 s in all" in html
    assert "WASM 2016, per hour of recording" in html
    assert "Simulated night" in html


def test_a_number_that_is_not_known_is_said_and_never_shown_as_0(client: TestClient) -> None:
    html = client.get(f"/night/{NIGHT_ID}").text
    assert figures(html)["tst_est_h"] == ""
    assert "no sleep stages were given" in html


@pytest.mark.slow
def test_a_night_without_valid_signal_says_so() -> None:
    keys = ("cramp_probable", "cramp_possible", "cramp_total_s", "plms_wasm_per_h", "longest_undisturbed_min")
    summary = {**dict.fromkeys(keys), "valid_h": {}, "grade": {}, "reasons": dict.fromkeys(keys, "no valid signal")}
    html = client_of(FakeNightBook(summary=summary)).get(f"/night/{NIGHT_ID}").text
    assert html.count(">no valid signal<") == 4
    assert 'value="0' not in html


@pytest.mark.slow
def test_a_running_night_says_how_far_it_is() -> None:
    html = client_of(FakeNightBook(running=True, so_far_s=11_520, summary={})).get(f"/night/{NIGHT_ID}").text
    assert "filling, 03:12 of the night so far" in html
    assert "not yet" in html


def test_the_list_of_events_holds_each_shown_event_and_no_stored_one(client: TestClient) -> None:
    html = client.get(f"/night/{NIGHT_ID}").text
    listed = set(re.findall(r'data-event="([^"]+)"', html))
    events = FakeNightBook().night(NIGHT_ID).events
    hidden = {event_id(event) for event in events if event.measures.get("tier") == 0}
    assert hidden
    assert listed == {event_id(event) for event in events} - hidden


def test_the_json_is_the_summary_and_the_events(client: TestClient) -> None:
    night = client.get(API).json()
    view = FakeNightBook().night(NIGHT_ID)
    assert night["summary"] == view.summary
    assert [event["id"] for event in night["events"]] == [event_id(event) for event in view.events]
    cramp = next(event for event in night["events"] if event["class"] == "cramp-probable")
    assert cramp["levels"] == {"onset_uv": 7.6, "offset_uv": 4.6}
    assert night["start_ns"] == str(view.card.start_ns)


def test_a_measure_that_is_not_a_number_is_null_in_the_json() -> None:
    book = FakeNightBook()
    book.all_events = (replace(CRAMPS[0], measures={"tier": 2.0, "peak_uv": float("nan")}),)
    event = client_of(book).get(API).json()["events"][0]
    assert event["measures"] == {"tier": 2.0, "peak_uv": None}


def test_tracks_are_columns_of_float32(client: TestClient) -> None:
    found = columns(client.get(f"{API}/tracks").content)
    sent = FakeNightBook().tracks(NIGHT_ID)
    assert [(c["sensor"], c["name"]) for c, _ in found] == [(t.sensor, t.name) for t in sent]
    for (_, values), track in zip(found, sent, strict=True):
        np.testing.assert_array_equal(values, track.values)


@pytest.mark.slow
def test_tracks_since_a_time_leave_out_what_the_page_has(client: TestClient) -> None:
    whole = columns(client.get(f"{API}/tracks").content)
    part = columns(client.get(f"{API}/tracks?since=26990").content)
    for (facts, values), (_, all_values) in zip(part, whole, strict=True):
        assert (facts["first"], facts["n"]) == (26_990, 10)
        np.testing.assert_array_equal(values, all_values[26_990:])
    assert all(c["n"] == 0 for c, _ in columns(client.get(f"{API}/tracks?since=99999").content))


def test_a_short_raw_stretch_is_sent_sample_by_sample(client: TestClient) -> None:
    found = columns(client.get(f"{API}/raw?sensor=right-shin&from=12640&to=12650").content)
    emg, x, *_ = found
    assert (emg[0]["axis"], emg[0]["hop_s"], emg[0]["start_s"], len(emg[1])) == ("emg", 0.002, 12_640.0, 5_000)
    assert (x[0]["axis"], x[0]["hop_s"], len(x[1])) == ("x", 0.02, 500)
    assert {c["name"] for c, _ in found if "name" in c} == {"envelope_uv", "resting_uv"}


@pytest.mark.slow
def test_a_long_raw_stretch_keeps_its_extremes(client: TestClient) -> None:
    found = columns(client.get(f"{API}/raw?sensor=right-shin&from=12600&to=13200").content)
    low, high = (values for c, values in found if c.get("axis") == "emg")
    view = FakeNightBook().night(NIGHT_ID)
    start_ns = view.card.start_ns
    raw = FakeNightBook().raw(NIGHT_ID, "right-shin", start_ns + 12_600 * 10**9, start_ns + 13_200 * 10**9)
    assert len(low) <= 4000
    assert (low.min(), high.max()) == (raw.signals[0].data.min(), raw.signals[0].data.max())
    assert found[0][0]["hop_s"] == pytest.approx(75 / 500)


def test_a_gap_splits_the_raw_stretch(client: TestClient) -> None:
    edges = f"from={GAP_S[0] - 5}&to={GAP_S[1] + 5}"
    starts = [
        c["start_s"] for c, _ in columns(client.get(f"{API}/raw?sensor=left-shin&{edges}").content) if "axis" in c
    ]
    assert set(starts) == {GAP_S[0] - 5, GAP_S[1]}


def test_raw_after_the_end_of_the_night_is_empty(client: TestClient) -> None:
    answer = client.get(f"{API}/raw?sensor=left-shin&from={DURATION_S + 1}&to={DURATION_S + 9}")
    assert (answer.status_code, columns(answer.content)) == (200, [])


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=1&to=2", "sensor is missing"),
        ("sensor=left-shin&to=2", "from is missing"),
        ("sensor=left-shin&from=x&to=2", "from is 'x', expected seconds"),
        ("sensor=left-shin&from=nan&to=2", "expected seconds"),
        ("sensor=left-shin&from=1&to=inf", "expected seconds"),
        ("sensor=left-shin&from=5&to=5", "is 0 s, expected more than 0"),
        ("sensor=left-shin&from=9&to=5", "expected more than 0 and at most 600 s"),
        ("sensor=left-shin&from=0&to=601", "is 601 s"),
    ],
)
def test_a_bad_raw_request_is_refused_in_one_line(client: TestClient, query: str, words: str) -> None:
    answer = client.get(f"{API}/raw?{query}")
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


def test_a_bad_since_is_refused(client: TestClient) -> None:
    assert client.get(f"{API}/tracks?since=soon").status_code == 400


@pytest.mark.parametrize("path", ["", "/tracks", "/raw?sensor=left-shin&from=0&to=1"])
def test_an_unknown_night_is_404_in_the_api(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/night/1999-01-01{path}")
    assert (answer.status_code, answer.json()) == (404, {"error": "there is no night of this name"})


def test_an_unknown_night_sensor_event_or_page_is_404(client: TestClient) -> None:
    assert client.get(f"{API}/raw?sensor=third-leg&from=0&to=1").status_code == 404
    for path in ("/night/1999-01-01", f"/night/{NIGHT_ID}/event/1/cramp/left/left-shin", "/nowhere"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "This page is not here" in answer.text


def test_an_event_has_a_page_with_the_reasons_and_measures_in_words(client: TestClient) -> None:
    html = client.get(f"/night/{NIGHT_ID}/event/{event_id(CRAMPS[0])}").text
    assert "Cramp-like contraction, probable" in html
    assert "Rose to 84.8 µV; needed 7.6 µV to begin" in html
    assert "highest signal intensity" in html
    assert "212 µV" in html
    assert "02:17:43" in html


@pytest.mark.slow
def test_a_night_leads_to_the_nights_around_it(client: TestClient) -> None:
    assert f'href="/night/{EARLIER_ID}" rel="prev"' in client.get(f"/night/{NIGHT_ID}").text
    assert f'href="/night/{NIGHT_ID}" rel="next"' in client.get(f"/night/{EARLIER_ID}").text


def test_the_chart_library_comes_out_of_the_installed_package(client: TestClient) -> None:
    answer = client.get("/static/uplot/uPlot.iife.js")
    assert answer.status_code == 200
    assert answer.content == (chart_directory() / "uPlot.iife.js").read_bytes()


@pytest.mark.slow
def test_a_night_is_not_kept_by_the_browser_and_static_files_are_asked_about(client: TestClient) -> None:
    assert client.get(f"/night/{NIGHT_ID}").headers["cache-control"] == "no-store"
    assert client.get(API).headers["cache-control"] == "no-store"
    style = client.get("/static/page.css")
    assert style.headers["cache-control"] == "no-cache"
    again = client.get("/static/page.css", headers={"if-none-match": style.headers["etag"]})
    assert again.status_code == 304


def test_large_answers_are_compressed_but_for_columns_of_noise(client: TestClient) -> None:
    assert client.get(API).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get(f"{API}/tracks").headers
