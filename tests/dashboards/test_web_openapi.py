"""The description of the API: it is valid, names what there is and nothing else, and real answers fit it."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

import dashboards.web.compare
import dashboards.web.diary_json
import dashboards.web.label_asking
import dashboards.web.label_json
import dashboards.web.signal_views
import dashboards.web.weeks
from dashboards.bench import Studio
from dashboards.web.app import create_app
from dashboards.web.night_json import event_id
from dashboards.web.openapi import API, description
from dashboards.web.openapi_documentation import PATH, page
from dashboards.web.openapi_schemas import SCHEMAS
from soleus.book import FolderBook
from tests.fake_bench import FakeBench
from tests.fake_labels import FakeLabels
from tests.fake_sleep import SleepingBook
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.made_folder import CRITERIA, Made, made_folder
from tests.synthetic_night import CRAMPS
from tests.web_client import client_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from httpx2 import Response

NIGHT = f"/api/night/{NIGHT_ID}"
STRETCH = "sensor=left-shin&from=100&to=110"
ASKED = (
    ("/api/openapi.json", ""), ("/api/nights", ""), ("/api/night/{night_id}", ""), ("/api/weeks", "?n=14"),
    ("/api/weeks", ""), ("/api/night/{night_id}/sensors", ""), ("/api/night/{night_id}/tracks", "?since=100"),
    ("/api/diary", "?from_ns=0"), ("/api/compare", ""),
    ("/api/compare", "?a_first=2026-02-01&a_last=2026-02-10&b_first=2026-02-14&b_last=2026-03-10"),
    ("/api/night/{night_id}/raw", f"?{STRETCH}"), ("/api/night/{night_id}/extremes", f"?{STRETCH}&buckets=5"),
)  # fmt: skip
SENT = {
    "judgements": {"event": event_id(CRAMPS[0]), "confirmed": True},
    "notes": {"text": "cramped in the calf", "at_s": 100.0},
    "marks": {"label": "cramp", "age_s": 2.0, "press": "one"},
}


def paths() -> Mapping[str, Mapping[str, Any]]:
    found: Any = description()["paths"]
    return found  # type: ignore[no-any-return] # plain JSON


def fits(value: object, schema: Mapping[str, Any]) -> list[str]:
    """Return what does not fit."""
    whole = {**schema, "components": {"schemas": SCHEMAS}}
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(value)]


def assert_answer(answer: Response, operation: Mapping[str, Any]) -> None:
    told = operation["responses"][str(answer.status_code)]
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if not kind:
        assert "content" not in told
        return
    schema = told["content"][kind]["schema"]
    if kind == "application/json":
        assert fits(answer.json(), schema) == []
    else:
        assert answer.content


@pytest.mark.slow
def test_the_description_is_valid_openapi() -> None:
    validate(description())  # type: ignore[arg-type] # plain JSON


@pytest.mark.slow
def test_it_names_exactly_the_addresses_methods_and_path_parameters_of_the_app() -> None:
    app = create_app(FakeNightBook(), studio=Studio(FakeBench(), FakeLabels()))
    here: dict[str, set[str]] = {}
    for route in app.routes:
        if getattr(route, "path", "").startswith(API):
            here.setdefault(route.path, set()).update(getattr(route, "methods", None) or {"GET"})
    there = {path: {method.upper() for method in item if method != "parameters"} for path, item in paths().items()}
    assert {path: methods - {"HEAD"} for path, methods in here.items()} == there
    for path, item in paths().items():
        named = {parameter["name"] for parameter in item.get("parameters", ()) if parameter["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)", path))


def test_it_names_exactly_the_query_parameters_that_the_app_reads() -> None:
    read = set()
    for module in (dashboards.web.signal_views, dashboards.web.weeks, dashboards.web.diary_json):
        source = inspect.getsource(module)
        read |= set(re.findall(r"query_params\.get\(\"(\w+)\"", source))
        read |= set(re.findall(r"_(?:seconds|count)\(request, \"(\w+)\"", source))
    for module in (dashboards.web.label_asking, dashboards.web.label_json):
        read |= set(re.findall(r"query(?:_params)?(?:\.get(?:list)?\(|, )\"(\w+)\"", inspect.getsource(module)))
    read |= dashboards.web.compare.ASKED
    operations = [item.get(method, {}) for item in paths().values() for method in ("get", "post")]
    parameters = [one for operation in operations for one in operation.get("parameters", ())]
    assert {parameter["name"] for parameter in parameters} == read


@pytest.mark.slow
@pytest.mark.parametrize("running", [False, True])
def test_real_answers_fit_their_schemas(*, running: bool) -> None:
    book = FakeNightBook(running=True, so_far_s=3_000) if running else SleepingBook()
    client = client_of(book)
    for path, query in ASKED:
        answer = client.get(path.format(night_id=NIGHT_ID) + query)
        assert answer.status_code == 200
        assert_answer(answer, paths()[path]["get"])
    assert client_of(FakeNightBook(empty=True)).get("/api/nights").json() == []


@pytest.mark.slow
def test_answers_over_a_real_folder_fit_too(tmp_path: Path) -> None:
    book = FolderBook(made_folder(tmp_path / "data", 15, Made(tracks=True)), CRITERIA)
    client = client_of(book)
    night = book.nights()[0].night_id
    for path in ("/api/nights", "/api/night/{night_id}", "/api/night/{night_id}/sensors", "/api/weeks"):
        assert_answer(client.get(path.format(night_id=night)), paths()[path]["get"])


@pytest.mark.slow
def test_what_is_sent_fits_its_schema_and_is_kept() -> None:
    book = FakeNightBook(running=True, so_far_s=3_000, all_events=())
    client = client_of(SleepingBook())
    running = client_of(book)
    for name, body in SENT.items():
        operation = paths()[f"/api/night/{{night_id}}/{name}"]["post"]
        assert fits(body, operation["requestBody"]["content"]["application/json"]["schema"]) == []
        answer = (running if name == "marks" else client).post(f"{NIGHT}/{name}", json=body)
        assert answer.status_code == 204
        assert_answer(answer, operation)
    assert book.marked == [(NIGHT_ID, "cramp")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path", "asked", "code"),
    [
        ("get", "/api/night/{night_id}", "/api/night/none", 404),
        ("get", "/api/night/{night_id}/raw", f"{NIGHT}/raw", 400),
        ("get", "/api/night/{night_id}/extremes", f"{NIGHT}/extremes?{STRETCH}&buckets=0", 400),
        ("get", "/api/night/{night_id}/live", f"{NIGHT}/live", 409),
        ("get", "/api/weeks", "/api/weeks?n=7", 400),
        ("post", "/api/night/{night_id}/judgements", f"{NIGHT}/judgements", 415),
        ("post", "/api/night/{night_id}/marks", f"{NIGHT}/marks", 415),
    ],
)
def test_a_refusal_has_a_code_that_is_told_and_says_why(method: str, path: str, asked: str, code: int) -> None:
    answer = client_of(FakeNightBook()).request(method, asked)
    assert answer.status_code == code
    assert_answer(answer, paths()[path][method])
    assert answer.json()["error"]


def test_a_field_that_is_not_told_or_missing_does_not_fit() -> None:
    told: Any = {"$ref": "#/components/schemas/Judgement"}
    assert fits({"event": "x", "confirmed": None}, told) == []
    assert fits({"event": "x"}, told)
    assert fits({"event": "x", "confirmed": None, "why": "?"}, told)


def test_the_document_is_what_the_description_says() -> None:
    assert PATH.read_text(encoding="utf-8") == page()
