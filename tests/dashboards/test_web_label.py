"""The page Label and its addresses: what a rater does is kept, and one who scores blind is told of nobody else."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from dashboards.labelling import NOTHING
from dashboards.web.app import create_app
from dashboards.web.label_json import LARGEST_FILE_BYTES
from dashboards.web.label_words import kind_facts
from tests.dashboards.test_web_openapi import assert_answer, fits, paths
from tests.dashboards.test_words_everywhere import SHARE, found_in
from tests.fake_labels import DAMAGED, KINDS, SHORT, SHORT_S, SOLEUS, WHOLE, FakeLabelBench, FakeLabels, label_studio
from tests.fakes import NIGHT_ID, FakeNightBook
from tests.shown_text import pieces_of

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.applications import Starlette

    from dashboards.bench import Studio

API = f"/api/label/{SHORT}"
FIRST, SECOND = "Alma Maren", "Bo"
MARK = {"key": "m1", "kind": "leg_movement", "leg": "left", "onset_s": 12.0, "end_s": 13.5}
QUESTIONS = ("sheet", "others", "agreement", "suggestions", "learned", "export")


@pytest.fixture(scope="module")
def studio() -> Studio:
    return label_studio()


@pytest.fixture(scope="module")
def app(studio: Studio) -> Starlette:
    """Return an app: to make one takes longer than most that is asked of it."""
    return create_app(FakeNightBook(), studio=studio)


@pytest.fixture
def labels(studio: Studio) -> FakeLabels:
    """Return where the marks are kept, with none in it."""
    assert isinstance(studio.labels, FakeLabels)
    studio.labels.pads.clear()
    studio.labels.replaced = ""
    return studio.labels


@pytest.fixture
def bench(studio: Studio) -> FakeLabelBench:
    """Return the bench, with all of it open and nothing asked yet."""
    assert isinstance(studio.bench, FakeLabelBench)
    studio.bench.asked.clear()
    studio.bench.still_opening = 0
    return studio.bench


@pytest.fixture
def client(app: Starlette, labels: FakeLabels, bench: FakeLabelBench) -> TestClient:  # noqa: ARG001 - both are emptied
    return TestClient(app, base_url="http://127.0.0.1")


def do(client: TestClient, rater: str, word: str, key: str, label: dict[str, object] | None = None) -> Response:
    body = {"rater": rater, "key": key, "do": word, **({"label": label} if label else {})}
    return client.post(f"{API}/acts", json=body)


def marks_of(client: TestClient, rater: str) -> list[str]:
    found: Any = client.get(f"{API}/sheet", params={"rater": rater}).json()
    return [label["key"] for label in found["labels"]]


def test_the_page_names_the_recording_and_holds_nobodys_marks(client: TestClient) -> None:
    do(client, FIRST, "add", "a1", MARK)
    page = client.get(f"/label/{SHORT}")
    assert page.status_code == 200
    assert "Label Ten minutes" in page.text
    assert all(facts.text in page.text for facts in kind_facts(KINDS))
    assert FIRST not in page.text


def test_a_recording_with_a_problem_says_it_and_one_that_is_not_there_is_404(client: TestClient) -> None:
    assert "damaged.edf: no header" in client.get(f"/label/{DAMAGED}").text
    assert 'id="board"' not in client.get(f"/label/{DAMAGED}").text
    for path in (
        "/label/none",
        "/api/label/none",
        "/api/label/none/sheet?rater=A",
        "/api/label/none/signals?from=0&to=1",
    ):
        assert client.get(path).status_code == 404


def test_the_way_back_leads_to_the_bench_as_it_was(client: TestClient) -> None:
    carried = "at=12.5&criteria=wasm-2016&set=leg_movement.onset_uv%3D6&held=leg_movement.onset_uv&r=a&r=b&other=1"
    back = "criteria=wasm-2016&set=leg_movement.onset_uv%3D6&at=leg_movement.onset_uv&r=a&r=b"
    assert f'href="/bench?{escape(back)}">Back to the bench' in client.get(f"/label/{SHORT}?{carried}").text


def test_every_act_is_kept_once_and_answered_with_the_sheet(client: TestClient) -> None:
    for _ in range(2):
        sheet = do(client, FIRST, "add", "a1", MARK).json()
    assert (sheet["labels"], sheet["n_acts"]) == ([MARK], 1)
    do(client, FIRST, "change", "a2", {**MARK, "end_s": 14.25})
    assert client.get(f"{API}/sheet", params={"rater": FIRST}).json()["labels"] == [{**MARK, "end_s": 14.25}]
    assert do(client, FIRST, "undo", "a3").json()["labels"] == [MARK]
    assert do(client, FIRST, "redo", "a4").json()["labels"] == [{**MARK, "end_s": 14.25}]
    assert do(client, FIRST, "delete", "a5", MARK).json()["labels"] == []
    assert do(client, FIRST, "finish", "a6").json()["finished"]
    assert not do(client, FIRST, "unfinish", "a7").json()["finished"]


@pytest.mark.parametrize(
    "body",
    [
        [], {}, {"rater": FIRST, "key": "k", "do": "burn"}, {"rater": "", "key": "k", "do": "undo"},
        {"rater": FIRST, "key": "", "do": "undo"}, {"rater": FIRST, "key": 7, "do": "undo"},
        {"rater": FIRST, "key": "k", "do": "add"}, {"rater": FIRST, "key": "k", "do": "add", "label": "x"},
        *({"rater": FIRST, "key": "k", "do": "add", "label": {**MARK, name: value}}
          for name, value in (("key", ""), ("kind", None), ("leg", 7), ("leg", "x" * 201), ("onset_s", "1"),
                              ("onset_s", True), ("end_s", None), ("end_s", 1e9), ("end_s", SHORT_S + 1),
                              ("end_s", 1.0))),
    ],
)  # fmt: skip
def test_what_is_no_act_is_refused_in_one_line_and_nothing_is_kept(
    client: TestClient, labels: FakeLabels, body: object
) -> None:
    answer = client.post(f"{API}/acts", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    assert labels.sheet(SHORT, FIRST).labels == ()


def test_a_page_elsewhere_can_neither_mark_nor_import(client: TestClient, labels: FakeLabels) -> None:
    elsewhere = {"sec-fetch-site": "cross-site"}
    body = {"rater": FIRST, "key": "k", "do": "add", "label": MARK}
    assert client.post(f"{API}/acts", json=body, headers=elsewhere).status_code == 403
    assert client.post(f"{API}/acts", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    imported = f"{API}/import?rater=A&name=x.tsv"
    assert client.post(imported, content=b"onset\t", headers=elsewhere).status_code == 403
    assert labels.pads == {}


def test_a_page_elsewhere_cannot_have_it_kept_that_a_rater_looked_at_others(client: TestClient) -> None:
    asked = {"rater": FIRST, "other": SECOND}
    for site, code in (("cross-site", 403), ("same-origin", 200)):
        assert client.get(f"{API}/others", params=asked, headers={"sec-fetch-site": site}).status_code == code
    assert client.get(f"{API}/agreement", params=asked, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_a_rater_who_scores_blind_is_told_of_nobody_else_by_any_address(
    client: TestClient, bench: FakeLabelBench
) -> None:
    do(client, FIRST, "add", "first-act", {**MARK, "key": "first-mark"})
    do(client, SECOND, "blind", "b1")
    answers = [
        client.get(f"{API}/{name}", params={"rater": SECOND, "other": FIRST, "form": "tsv", "in": "all"})
        for name in QUESTIONS
    ]
    answers += [do(client, SECOND, "add", "b2", MARK), client.get(API), client.get(f"/label/{SHORT}")]
    assert [answer.status_code for answer in answers] == [200, 409, 409, 409, 409, 200, 200, 200, 200]
    # Not even opened is a recording for it.
    assert bench.still_opening == 0
    for said in ("first-mark", FIRST, f'"{SOLEUS}"', '"t1"'):
        assert [answer.text for answer in answers if said in answer.text] == []
    # Lifted, and then all of it.
    assert do(client, SECOND, "open", "b3").json()["blind"] is False
    assert client.get(f"{API}/others", params={"rater": SECOND}).json()["marks"].keys() == {FIRST, SOLEUS}
    rows = client.get(f"{API}/agreement", params={"rater": SECOND, "other": FIRST}).json()
    assert [(row["text"], row["n_both"], row["f1"]) for row in rows] == [("Leg movement", 1, 1.0)]


def test_only_who_has_begun_is_known(client: TestClient) -> None:
    assert client.get(f"{API}/sheet", params={"rater": FIRST}).json()["begun"] is False
    do(client, FIRST, "blind", "b1")
    sheet = client.get(f"{API}/sheet", params={"rater": FIRST}).json()
    assert (sheet["begun"], sheet["blind"], sheet["was_open"]) == (True, True, False)
    assert client.get(f"{API}/sheet").status_code == 400


def test_marks_leave_as_a_file_and_come_back_from_it(client: TestClient) -> None:
    do(client, FIRST, "add", "a1", MARK)
    file = client.get(f"{API}/export", params={"rater": FIRST, "form": "tsv"})
    assert file.headers["content-disposition"] == f"attachment; filename*=UTF-8''{SHORT}-Alma%20Maren.tsv"
    assert file.headers["content-type"].startswith("text/tab-separated-values")
    assert client.get(f"{API}/export", params={"rater": FIRST, "form": "pdf"}).status_code == 400
    query = {"rater": SECOND, "name": "alma.tsv"}
    sheet = client.post(f"{API}/import", params=query, content=file.content).json()
    assert [tuple(one.values())[1:] for one in sheet["labels"]] == [("leg_movement", "left", 12.0, 13.5)]
    for content in (b"", b"no list"):
        refused = client.post(f"{API}/import", params=query, content=content)
        assert (refused.status_code, "expected" in refused.json()["error"]) == (400, True)
    assert client.post(f"{API}/import", params=query, content=bytes(LARGEST_FILE_BYTES + 1)).status_code == 413


def test_a_long_list_of_marks_may_come_back(client: TestClient) -> None:
    lines = [f"{i / 10:.3f}\t0.050\tleg_movement\tleft" for i in range(5_000)]
    content = "\n".join(["onset\tduration\ttrial_type\tleg", *lines]).encode()
    assert len(content) > 65_536
    sheet = client.post(f"{API}/import", params={"rater": FIRST, "name": "a.tsv"}, content=content)
    assert len(sheet.json()["labels"]) == len(lines)


def test_signals_come_as_lowest_and_highest_of_every_stream(client: TestClient) -> None:
    answer = client.get(f"{API}/signals?from=10&to=40&buckets=50")
    size = int.from_bytes(answer.content[:4], "little")
    assert answer.headers["content-type"] == "application/vnd.soleus.columns"
    assert np.isfinite(np.frombuffer(answer.content[4 + size :], "<f4")).all()
    assert answer.content.count(b'"start_s": 10.0') == 2 * (2 + 6)
    for query in ("", "from=1", "from=5&to=5", "from=0&to=1&buckets=0", "from=x&to=1", "from=0&to=200000"):
        refused = client.get(f"{API}/signals?{query}")
        assert (refused.status_code, "expected" in refused.json()["error"]) == (400, True)


def test_suggestions_are_of_this_recording_or_of_all_and_of_the_thresholds_that_were_asked_about(
    client: TestClient, labels: FakeLabels, bench: FakeLabelBench
) -> None:
    query = {"rater": FIRST, "word": "cramp", "criteria": "aasm", "set": "cramp.confidence=0.5", "n": "9"}
    found = client.get(f"{API}/suggestions", params=query).json()
    assert {one["key"] for one in found} == {SHORT}
    assert (found[0]["text"], found[0]["name"]) == ("Cramp-like contraction", "Ten minutes")
    everywhere = client.get(f"{API}/suggestions", params={**query, "in": "all"}).json()
    assert {one["key"] for one in everywhere} == {SHORT, WHOLE}
    # Where one scores blind, nothing is suggested.
    labels.set_blind(WHOLE, FIRST, blind=True)
    assert {one["key"] for one in client.get(f"{API}/suggestions", params={**query, "in": "all"}).json()} == {SHORT}
    asked = bench.asked
    assert asked[0].setting.changes == (("cramp.confidence", "0.5"),)
    assert (asked[0].setting.criteria, asked[0].word, asked[0].reference) == ("aasm", "cramp", FIRST)
    learned = client.get(f"{API}/learned", params=query).json()
    assert (learned["n_yes"], learned["changes"]) == (7, [["leg_movement.onset_uv", "7.5"]])
    for wrong in ({"set": "onset"}, {"n": "0"}, {"rater": ""}):
        assert client.get(f"{API}/suggestions", params={**query, **wrong}).status_code == 400


def test_a_recording_that_was_replaced_is_left_out(client: TestClient, labels: FakeLabels) -> None:
    labels.replaced = WHOLE
    found = client.get(f"{API}/suggestions", params={"rater": FIRST, "word": "cramp", "in": "all"}).json()
    assert {one["key"] for one in found} == {SHORT}


def test_a_recording_that_is_being_opened_is_no_error_and_said_to_be(client: TestClient, bench: FakeLabelBench) -> None:
    bench.still_opening = 3
    for name in ("suggestions", "learned"):
        answer = client.get(f"{API}/{name}", params={"rater": FIRST})
        assert (answer.status_code, answer.headers["retry-after"]) == (202, "1")
        assert_answer(answer, paths()[f"/api/label/{{recording}}/{name}"]["get"])
    opening = [client.get(f"{API}/others", params={"rater": FIRST}).json()["opening"] for _ in range(2)]
    assert opening == [True, False]
    assert client.get(f"{API}/suggestions", params={"rater": FIRST}).status_code == 200


def test_every_kind_has_a_name_and_a_colour() -> None:
    facts = {one.kind: one for one in kind_facts([*KINDS, NOTHING, "sneeze"])}
    assert facts["cramp"].colour == "cramp-probable"
    assert facts["leg_movement"].colour == "movement"
    assert facts[NOTHING].text == "Nothing there"
    assert facts["sneeze"].text == "Sneeze"


@pytest.mark.slow
def test_a_night_leads_to_the_page_and_without_a_studio_there_is_none(client: TestClient) -> None:
    leads = f'href="/label/{NIGHT_ID}"'
    assert leads in client.get(f"/night/{NIGHT_ID}").text
    alone = TestClient(create_app(FakeNightBook()), base_url="http://127.0.0.1")
    assert leads not in alone.get(f"/night/{NIGHT_ID}").text
    assert alone.get(f"/label/{SHORT}").status_code == 404


@pytest.mark.slow
def test_answers_fit_the_description_of_the_api(client: TestClient) -> None:
    do(client, SECOND, "add", "s1", MARK)
    body = {"rater": FIRST, "key": "a1", "do": "add", "label": MARK}
    acting = paths()["/api/label/{recording}/acts"]["post"]
    assert fits(body, acting["requestBody"]["content"]["application/json"]["schema"]) == []
    assert fits({**body, "do": "burn"}, acting["requestBody"]["content"]["application/json"]["schema"])
    assert_answer(client.post(f"{API}/acts", json=body), acting)
    assert_answer(client.post(f"{API}/acts", json={}), acting)
    query = {"rater": FIRST, "other": SECOND, "form": "edf"}
    for name in ("", *(f"/{one}" for one in QUESTIONS), "/signals?from=1&to=2"):
        path = f"/api/label/{{recording}}{name.partition('?')[0]}"
        params = None if "?" in name else query
        assert_answer(client.get(f"{API}{name}", params=params), paths()[path]["get"])
    file = client.get(f"{API}/export", params={**query, "form": "tsv"}).content
    imported = client.post(f"{API}/import", params={"rater": FIRST, "name": "a"}, content=file)
    assert_answer(imported, paths()["/api/label/{recording}/import"]["post"])


def test_the_page_says_nothing_that_must_not_be_said(client: TestClient) -> None:
    for recording in (SHORT, DAMAGED):
        pieces = pieces_of(client.get(f"/label/{recording}").text)
        assert pieces
        assert [(word, piece.text) for piece in pieces for word in found_in(piece.text)] == []
        assert [piece.text for piece in pieces if SHARE.search(piece.text)] == []
