"""The page *Bench* and what it asks for: every answer of the book reaches the page, and what is wrong is one line."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from dashboards.bench import Studio
from dashboards.bench_values import Asked, Number, Setting
from dashboards.web.bench_asked import MOST_KEYS, MOST_VALUES
from tests.dashboards.test_web_openapi import assert_answer, fits, paths
from tests.dashboards.test_words_everywhere import found_in
from tests.fake_bench import EASY, MIN_S, ONSET, SCORER, THRESHOLDS, WASM, FakeBench
from tests.fake_labels import FakeLabels
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.web_client import client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.testclient import TestClient

    from dashboards.bench_values import Answer

ASKED: dict[str, Any] = {
    "keys": [NIGHT_ID, "night-01"], "criteria": WASM, "changes": {ONSET: "6"}, "word": "leg_movement",
    "reference": SCORER,
}  # fmt: skip
VALUE = Asked((NIGHT_ID, "night-01"), Setting(WASM, ((ONSET, "6"),)), "leg_movement", SCORER)


def client_with(bench: FakeBench) -> TestClient:
    return client_of(FakeNightBook(), Studio(bench, FakeLabels()))


@pytest.fixture(scope="module")
def bench() -> FakeBench:
    return FakeBench()


@pytest.fixture(scope="module")
def client(bench: FakeBench) -> Iterator[TestClient]:
    with client_with(bench) as client:
        yield client


def test_the_bench_stands_in_the_bar_only_where_there_is_a_studio(client: TestClient) -> None:
    assert '<a href="/bench" aria-current="page">Bench</a>' in client.get("/bench").text
    without = client_of(FakeNightBook())
    assert ">Bench<" not in without.get("/weeks").text
    assert without.get("/bench").status_code == 404


def test_a_page_without_recordings_says_how_to_get_some() -> None:
    html = client_with(FakeBench(0)).get("/bench").text
    assert "soleus serve --recordings" in html
    assert "<script" not in html.partition("<main")[2]


def test_the_choices_are_those_of_the_book(client: TestClient, bench: FakeBench) -> None:
    said = client.get("/api/bench").json()
    assert [one["key"] for one in said["recordings"]] == [one.key for one in bench.recordings()]
    assert said["recordings"][-1]["problem"] == "broken.edf: 12 bytes, expected an EDF header"
    assert said["recordings"][0]["scorers"] == [SCORER]
    assert said["criteria"] == list(bench.criteria())
    assert [one["word"] for one in said["classes"]] == list(bench.words())
    assert said["classes"][0]["groups"][0] == "leg_movement"


def test_every_threshold_is_told_with_its_source(client: TestClient) -> None:
    said = client.get(f"/api/bench/thresholds/{WASM}").json()
    assert [one["name"] for one in said] == [one.name for one in THRESHOLDS]
    assert {"value": 8.0, "published": True, "low": 1.0, "group": "leg_movement"}.items() <= said[0].items()
    assert all(one["source"] for one in said)


@pytest.mark.parametrize("way", ["look", "settle"])
def test_an_answer_holds_every_event_and_mark_to_the_last_digit(client: TestClient, bench: FakeBench, way: str) -> None:
    answer = bench.look(VALUE)
    said = client.post(f"/api/bench/{way}", json=ASKED).json()
    for night, told in zip(answer.nights, said["nights"], strict=True):
        for events, columns in ((night.events, told["events"]), (night.marks, told["marks"])):
            assert columns["onset_s"] == [event.onset_s for event in events]
            assert columns["end_s"] == [event.end_s for event in events]
            assert columns["leg"] == "".join(event.leg[0] for event in events)
            assert columns["state"] == "".join(event.state[0] for event in events)
        assert told["numbers"] == night.numbers
    assert [one["page"] for one in (night["events"] for night in said["nights"])][1] == []
    assert {one["name"]: (one["value"], one["low"], one["high"]) for one in said["agreement"]} == {
        number.name: (number.value, number.low, number.high) for number in answer.agreement
    }


def test_a_page_that_has_the_marks_is_told_their_state_alone(client: TestClient) -> None:
    whole = client.post("/api/bench/look", json=ASKED).json()["nights"][0]["marks"]
    assert client.post("/api/bench/look", json={**ASKED, "marks": False}).json()["nights"][0]["marks"] == {
        "state": whole["state"]
    }


def test_nothing_is_judged_without_a_reference(client: TestClient) -> None:
    said = client.post("/api/bench/look", json={**ASKED, "reference": ""}).json()
    assert set(said["nights"][0]["events"]["state"]) == {"-"}
    assert [one["name"] for one in said["agreement"]] == ["index_per_h"]


def test_a_curve_comes_line_by_line_in_the_order_that_was_asked(client: TestClient) -> None:
    body = {**ASKED, "threshold": MIN_S, "values": [0.5, 0.1, 2]}
    answer = client.post("/api/bench/curve", json=body)
    assert answer.headers["content-type"] == "application/x-ndjson"
    points = [json.loads(line) for line in answer.text.splitlines()]
    assert [point["value"] for point in points] == [0.5, 0.1, 2]
    assert set(points[0]) == {"value", "f1", "sensitivity", "ppv", "false_per_h", "index_per_h"}


def test_flips_say_what_was_and_what_is(client: TestClient, bench: FakeBench) -> None:
    body = {**ASKED, "before": {"criteria": WASM, "changes": {}}}
    said = client.post("/api/bench/flips", json=body).json()
    flips = bench.flips(VALUE, Setting(WASM))
    assert len(said) == len(flips) > 0
    assert {one["way"] for one in said} == {"gained"}
    assert said[0]["before"] is None
    assert said[0]["after"]["onset_s"] == flips[0].after.onset_s  # type: ignore[union-attr] # gained


def test_the_reach_of_an_index_may_be_unknown(client: TestClient) -> None:
    said = client.post("/api/bench/robustness", json={"key": "night-01", "criteria": WASM, "changes": {}}).json()
    assert said[0]["widest"] == ONSET
    assert said[-1] == {"name": "cramp_probable", "value": None, "low": None, "high": None, "widest": "", "why": ""}


def test_a_set_is_saved_once_under_a_name() -> None:
    bench = FakeBench()
    client = client_with(bench)
    body = {**ASKED, "name": " mine ", "reason": "finds the small ones"}
    said = client.post("/api/bench/save", json=body).json()
    assert said["name"] == "mine"
    assert "finds the small ones" in said["text"]
    assert bench.saved["mine"].changes == ((ONSET, "6"),)
    again = client.post("/api/bench/save", json=body)
    assert (again.status_code, again.json()["error"]) == (409, "there is a set mine already, choose another name")


@pytest.mark.parametrize(
    ("way", "change", "code", "said"),
    [
        ("look", {"keys": []}, 400, f"1 to {MOST_KEYS} recordings"),
        ("look", {"keys": ["a", "a"]}, 400, "each once"),
        ("look", {"keys": "a"}, 400, "keys: expected a list"),
        ("look", {"keys": ["none"]}, 404, "there is no recording of this name"),
        ("look", {"changes": {ONSET: 6}}, 400, "changes: expected an object of values as text"),
        ("look", {"changes": {ONSET: "-1"}}, 400, "expected a number above 0"),
        ("settle", {"changes": {"leg_movement.onset_mv": "6"}}, 400, "there is no threshold"),
        ("settle", {"criteria": "mine"}, 400, "there is no set 'mine'"),
        ("settle", {"word": 1}, 400, "word: expected a text"),
        ("curve", {"threshold": ONSET, "values": []}, 400, f"1 to {MOST_VALUES} numbers"),
        ("curve", {"threshold": ONSET, "values": [True]}, 400, "values: expected numbers"),
        ("curve", {"threshold": "none", "values": [1]}, 400, "there is no threshold"),
        ("flips", {}, 400, "before: expected an object"),
        ("save", {"name": "a/b", "reason": ""}, 409, "expected letters"),
        ("save", {"name": "x" * 81, "reason": ""}, 400, "name: expected a text of at most 80"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    client: TestClient, way: str, change: dict[str, Any], code: int, said: str
) -> None:
    answer = client.post(f"/api/bench/{way}", json={**ASKED, **change})
    assert answer.status_code == code
    assert said in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


def test_only_json_of_our_own_pages_is_taken(client: TestClient) -> None:
    assert client.post("/api/bench/look", content=b"x").status_code == 415
    assert client.post("/api/bench/look", json=[]).status_code == 400
    assert client.post("/api/bench/look", json=ASKED, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post("/api/bench/look", json={**ASKED, "word": "x" * 70_000}).status_code == 413


def test_two_sets_stand_side_by_side_with_what_differs(client: TestClient, bench: FakeBench) -> None:
    html = client.get(f"/bench/compare?a={WASM}&b={EASY}&r=night-01&word=leg_movement&ref={SCORER}").text
    assert re.findall(r'<tr data-threshold="([\w.]+)"', html) == [ONSET]
    assert "8 µV" in html
    assert "5 µV" in html
    flips = bench.flips(Asked(("night-01",), Setting(EASY), "leg_movement", SCORER), Setting(WASM))
    assert html.count('class="flip-row"') == len(flips) > 0
    assert '<a href="/bench" aria-current="true">Bench</a>' in html
    assert found_in(html) == []


@pytest.mark.parametrize(
    ("query", "code"), [("a=none", 400), ("b=none", 400), ("word=none", 400), ("r=none", 404), ("r=broken", 404)]
)
def test_a_comparison_of_what_there_is_not_is_refused(client: TestClient, query: str, code: int) -> None:
    assert client.get(f"/bench/compare?{query}").status_code == code


def test_what_is_being_opened_is_said() -> None:
    class Opening(FakeBench):
        def settle(self, asked: Asked) -> Answer:
            answer = FakeBench.settle(self, asked)
            return replace(answer, nights=tuple(replace(night, opening=True) for night in answer.nights))

    client = client_with(Opening())
    assert client.post("/api/bench/settle", json=ASKED).json()["nights"][0]["opening"]
    assert "1 of these recordings is being opened" in client.get(f"/bench/compare?b={EASY}&r=night-01").text


def test_a_comparison_says_why_a_number_is_not_known() -> None:
    class Short(FakeBench):
        def settle(self, asked: Asked) -> Answer:
            numbers = (
                Number("ppv", None),
                Number("index_per_h", None, why="0.3 h of valid signal, an index needs 4 h"),
            )
            return replace(FakeBench.settle(self, asked), agreement=numbers)

    html = client_with(Short()).get(f"/bench/compare?b={EASY}&r=night-01&ref={SCORER}").text
    assert html.count("<td>not known: nothing found</td>") == 2
    assert html.count("<td>not known: 0.3 h of valid signal, an index needs 4 h</td>") == 2


@pytest.mark.slow
def test_answers_fit_the_description_of_the_api(client: TestClient) -> None:
    for path, body in {
        "look": ASKED,
        "settle": {**ASKED, "marks": False},
        "flips": {**ASKED, "before": {"criteria": WASM, "changes": {}}},
        "robustness": {"key": "night-01", "criteria": WASM},
        "curve": {**ASKED, "threshold": ONSET, "values": [8.0]},
    }.items():
        operation = paths()[f"/api/bench/{path}"]["post"]
        assert fits(body, operation["requestBody"]["content"]["application/json"]["schema"]) == []
        assert_answer(client.post(f"/api/bench/{path}", json=body), operation)
    for path in ("", "/thresholds/{criteria}"):
        assert_answer(client.get(f"/api/bench{path.format(criteria=WASM)}"), paths()[f"/api/bench{path}"]["get"])
    assert_answer(client.post("/api/bench/look", json={}), paths()["/api/bench/look"]["post"])


def test_names_of_recordings_are_no_part_of_the_page() -> None:
    html = client_with(FakeBench()).get("/bench").text
    assert "night-01" not in html
