"""The diary for scripts: what is sent fits its description and is kept once; what cannot be is refused."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from dashboards.web.openapi import description
from detectors.signal import NS_PER_S
from tests.dashboards.test_web_openapi import assert_answer, fits
from tests.fakes import FakeNightBook
from tests.web_client import client_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PATHS: Mapping[str, Any] = description()["paths"]  # type: ignore[assignment] # plain JSON
ONE = "/api/diary/entry/{key}"
CRAMP = {"kind": "cramp", "words": {"leg": "left"}, "values": {"minutes": 2.0}}


def asked(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
    return found


@pytest.mark.slow
def test_an_entry_is_written_changed_read_and_taken_back_as_the_description_says() -> None:
    book = FakeNightBook()
    client = client_of(book)
    assert fits(CRAMP, asked(PATHS["/api/diary"]["post"])) == []
    answer = client.post("/api/diary", json=CRAMP)
    assert answer.status_code == 201
    assert_answer(answer, PATHS["/api/diary"]["post"])
    address = ONE.replace("{key}", quote(answer.json()["key"], safe=""))
    changed = client.post(address, json={**CRAMP, "text": "hard"})
    assert_answer(changed, PATHS[ONE]["post"])
    assert [past["text"] for past in changed.json()["history"]] == [""]
    read = client.get(address)
    assert_answer(read, PATHS[ONE]["get"])
    assert read.json() == changed.json()
    everything = client.get("/api/diary?from_ns=0&to_ns=9223372036854775807")
    assert_answer(everything, PATHS["/api/diary"]["get"])
    assert read.json() in everything.json()
    for code in (204, 404):
        assert client.delete(address).status_code == code
    assert [client.get(address).status_code, client.post(address, json=CRAMP).status_code] == [404, 404]


def test_a_press_that_comes_late_and_twice_is_one_cramp_of_the_moment_when_it_was_pressed() -> None:
    book = FakeNightBook()
    book.kept.now_ns = time.time_ns()
    client = client_of(book)
    answers = [client.post("/api/diary", json={**CRAMP, "age_s": 3600.0, "press": "one"}).json() for _ in range(2)]
    assert answers[0] == answers[1]
    late_s = (time.time_ns() - int(answers[0]["time_ns"])) / NS_PER_S
    assert 3600.0 <= late_s < 3660.0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[]", 400),
        (b"{}", 400),
        (b'{"kind": "marker"}', 400),
        (b'{"kind": "cramp", "time_ns": 5}', 400),
        (b'{"kind": "cramp", "time_ns": "soon"}', 400),
        (b'{"kind": "cramp", "values": {"pain_0_10": 11}}', 400),
        (b'{"kind": "cramp", "values": {"steps": 1' + b"0" * 400 + b"}}", 400),
        (b'{"kind": "cramp", "words": {"leg": "third"}}', 400),
        (b'{"kind": "cramp", "age_s": true}', 400),
        (b'{"kind": "cramp", "age_s": -1}', 400),
        (b'{"kind": "cramp", "press": 7}', 400),
        (b'{"kind": "note"}', 400),
        (b"x" * 20_000, 413),
    ],
)
def test_what_is_no_entry_is_refused_in_one_line(body: bytes, code: int) -> None:
    book = FakeNightBook()
    n_before = len(book.kept.entries)
    answer = client_of(book).post("/api/diary", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == code
    assert "\n" not in answer.json()["error"]
    assert len(book.kept.entries) == n_before


def test_a_page_elsewhere_can_neither_write_nor_remove() -> None:
    book = FakeNightBook()
    client, n_before = client_of(book), len(book.kept.entries)
    address = ONE.replace("{key}", quote(next(iter(book.kept.entries)), safe=""))
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert client.post("/api/diary", data={"kind": "cramp"}).status_code == 415
    assert client.post("/diary", data={"kind": "cramp"}, headers=elsewhere).status_code == 403
    assert client.delete(address, headers=elsewhere).status_code == 403
    assert client.post(address.removeprefix("/api"), data={"strike": "yes"}, headers=elsewhere).status_code == 403
    assert len(book.kept.entries) == n_before
