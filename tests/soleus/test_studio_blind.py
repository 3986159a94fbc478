"""While somebody scores a recording blind, the bench answers with nobody's marks but his, by whatever address."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from dashboards.labelling import Act, ActWay, Label
from soleus.__main__ import run
from soleus.settings import Settings
from soleus.studio.opening import Said, studio_of
from tests.fakes import FakeNightBook
from tests.web_client import client_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from starlette.testclient import TestClient

    from dashboards.bench import Studio

pytestmark = pytest.mark.slow

FIRST, SECOND = "Ann", "Bob"
ANN_S: Final = 31.234
"""Where the first rater marked something: nothing else has this onset."""
HIDDEN = "Bob scores this recording blind; lists of others are shown when that is ended"
ONSET = "leg_movement.onset_uv"
FOREVER_S = 600.0
JUDGED = {"choices", "look", "settle", "curve", "save", "compare"}


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    for name in ("blind", "open"):
        assert run(["simulate", str(tmp_path / "nights" / name), "--hours", "0.05", "--seed", "7"]) == 0
    plain, listed = tmp_path / "plain.edf", tmp_path / SECOND / "plain.tsv"
    listed.parent.mkdir()
    for name, copy in (("night.edf", plain), ("truth.tsv", listed)):
        shutil.copy(tmp_path / "nights" / "blind" / name, copy)
    settings = replace(Settings(), data_dir=tmp_path / "data")
    with studio_of(
        settings, [tmp_path / "nights", plain], Said([listed.parent]), patience_s=FOREVER_S, n_workers=1
    ) as opened:
        for key in ("blind", "open"):
            mark(opened, key, FIRST, ANN_S)
        yield opened


@pytest.fixture
def client(studio: Studio) -> Iterator[TestClient]:
    with client_of(FakeNightBook(), studio) as client:
        yield client


def mark(studio: Studio, key: str, rater: str, onset_s: float) -> None:
    label = Label(f"{rater} 1", "leg_movement", "left", onset_s, onset_s + 1.5)
    studio.labels.act(key, rater, Act(f"{rater} add", ActWay.ADD, label))


def said(client: TestClient, reference: str, saved: str, key: str = "blind") -> dict[str, Any]:
    """Return what every address of the bench says of a recording."""
    body = {"keys": [key], "criteria": "wasm-2016", "word": "leg_movement", "reference": reference}
    before = {"criteria": "wasm-2016", "changes": {ONSET: "40"}}
    query = {"a": "wasm-2016", "b": saved, "r": key, "word": "leg_movement", "ref": reference}
    saving = {**body, "changes": {ONSET: "40"}, "name": saved, "reason": "of a test"}
    return {
        "choices": next(one for one in client.get("/api/bench").json()["recordings"] if one["key"] == key),
        "look": client.post("/api/bench/look", json=body).json(),
        "settle": client.post("/api/bench/settle", json=body).json(),
        "curve": client.post("/api/bench/curve", json={**body, "threshold": ONSET, "values": [8.0]}).json(),
        "flips": client.post("/api/bench/flips", json={**body, "before": before}).json(),
        "save": client.post("/api/bench/save", json=saving).json(),
        "compare": client.get("/bench/compare", params=query).text,
    }


def judged(answers: Mapping[str, Any]) -> set[str]:
    """Return which answers were judged by a list, or show where its marks are."""
    by = {
        "choices": bool(answers["choices"]["scorers"]),
        "look": _is_judged(answers["look"]),
        "settle": _is_judged(answers["settle"]),
        "curve": answers["curve"]["f1"] is not None,
        "save": any(word in answers["save"]["text"] for word in ("reference_sha256", "\nreference =", "agreement.f1")),
        "compare": "share of the marked events" in answers["compare"],
    }
    return {name for name, is_judged in by.items() if is_judged}


def _is_judged(answer: Mapping[str, Any]) -> bool:
    (night,) = answer["nights"]
    names = {number["name"] for number in answer["agreement"]}
    return bool(night["marks"]["onset_s"]) or set(night["events"]["state"]) != {"-"} or "f1" in names


def test_while_a_second_rater_scores_blind_no_address_of_the_bench_answers_with_the_marks_of_others(
    studio: Studio, client: TestClient
) -> None:
    open_ = said(client, FIRST, "open")
    assert judged(open_) == JUDGED
    assert open_["choices"]["veil"] == open_["look"]["nights"][0]["veil"] == ""
    assert ANN_S in open_["look"]["nights"][0]["marks"]["onset_s"]
    # What he has begun counts, also before he has marked anything.
    studio.labels.set_blind("blind", SECOND, blind=True)
    for number, reference in enumerate((FIRST, "truth", SECOND)):
        hidden = said(client, reference, f"hidden{number}")
        assert judged(hidden) == set()
        assert {hidden["choices"]["veil"], *(hidden[way]["nights"][0]["veil"] for way in ("look", "settle"))} == {
            HIDDEN
        }
        assert f"{HIDDEN}." in hidden["compare"]
        assert str(ANN_S) not in json.dumps(hidden)
        # What Soleus found is what the page is about.
        assert hidden["look"]["nights"][0]["events"] == {
            **open_["look"]["nights"][0]["events"],
            "state": "-" * len(open_["look"]["nights"][0]["events"]["state"]),
        }
    studio.labels.finish("blind", SECOND, finished=True)
    assert judged(said(client, FIRST, "again")) == JUDGED


def test_a_page_that_has_the_marks_is_told_that_there_are_none_once_somebody_scores_blind(
    studio: Studio, client: TestClient
) -> None:
    studio.labels.set_blind("blind", SECOND, blind=True)
    body = {"keys": ["open", "blind"], "criteria": "wasm-2016", "word": "leg_movement", "reference": FIRST}
    shown, hidden = client.post("/api/bench/look", json={**body, "marks": False}).json()["nights"]
    assert hidden["marks"] == {"onset_s": [], "end_s": [], "leg": "", "state": "", "page": []}
    assert (shown["veil"], len(shown["marks"]["state"])) == ("", 1)


def test_the_list_of_the_only_one_who_scores_blind_is_shown_and_of_two_neither(
    studio: Studio, client: TestClient
) -> None:
    studio.labels.set_blind("blind", SECOND, blind=True)
    mark(studio, "blind", SECOND, ANN_S + 9.0)
    own = said(client, SECOND, "own")
    assert own["choices"]["scorers"] == [SECOND]
    assert own["look"]["nights"][0]["marks"]["onset_s"] == [ANN_S + 9.0]
    studio.labels.set_blind("blind", "Cat", blind=True)
    for number, reference in enumerate((FIRST, SECOND, "Cat")):
        hidden = said(client, reference, f"two{number}")
        assert judged(hidden) == set()
        assert hidden["choices"]["veil"].startswith("Bob and Cat score this recording blind; ")


def test_a_list_beside_a_recording_that_is_called_like_who_scores_it_blind_is_hidden(
    studio: Studio, client: TestClient
) -> None:
    assert judged(said(client, SECOND, "before", "plain")) == JUDGED
    studio.labels.set_blind("plain", SECOND, blind=True)
    assert judged(said(client, SECOND, "same", "plain")) == set()
