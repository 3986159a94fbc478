"""The *do not write* list, on every page as it is shown, every panel and alert of Grafana, and every document."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

import dashboards.web
from dashboards.web.night_json import event_id
from tests.dashboards.test_web_wording import ALLOWED_PATTERN, FORBIDDEN_PATTERN
from tests.fake_live import LiveScene
from tests.fake_sleep import SleepingBook
from tests.fakes import EARLIER_ID, NIGHT_ID, FakeNightBook
from tests.shown_text import pieces_of
from tests.synthetic_night import CRAMPS
from tests.web_client import client_of, far_client

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(dashboards.web.__file__).parents[2]
BOARDS = sorted((TOP / "dashboards/grafana").glob("*.json"))
ALERTS = sorted((TOP / "deploy/grafana/provisioning/alerting").glob("*.json"))
DOCUMENTS = sorted([*TOP.glob("*.md"), *(TOP / "docs").rglob("*.md")])
# What a person reads; queries and settings are for machines.
READ = frozenset({"title", "description", "text", "content", "summary", "displayName", "noValue", "label", "message"})
LEAST_TEXTS = 20
# A shown share of right answers must name the data that it was found on; pages and panels have no room to.
_RIGHT = r"\b(?:accura|sensitiv|specific|precision|recall)\w*"
SHARE = re.compile(rf"{_RIGHT}.{{0,80}}%|%.{{0,80}}{_RIGHT}", re.IGNORECASE)
# Said of other things than our events: what a label is called, what others marked, and what makes a diagnosis.
OF_OTHERS = re.compile(
    r"`Arousal`|`REM`|;PLM Arousal \(EEG\)`|\| arousal \| any name with"
    r"|None of them is a diagnosis|restless legs are diagnosed by interview"
    r"|the sleep, breathing and arousals of the reference|scored REM sleep without atonia"
    r"|They marked muscle activity in REM sleep|not validated for diagnosis or treatment decisions"
)
ENTRY = f"/diary/entry/{quote(next(iter(FakeNightBook().kept.entries)), safe='')}"
PATHS = (
    "/", f"/night/{NIGHT_ID}", f"/night/{EARLIER_ID}", f"/night/{NIGHT_ID}/event/{event_id(CRAMPS[0])}",
    "/weeks?n=14", "/weeks?n=30", "/weeks?n=90", "/sensors", f"/night/{NIGHT_ID}/sensors", "/tonight",
    "/night/none", "/weeks?n=many", "/diary", "/diary?kind=cramp", "/diary?kind=medicine", "/compare", ENTRY,
    "/compare?a=none", "/compare?a_first=2026-02-11&a_last=2026-02-24&b_first=2026-02-25&b_last=2026-03-14",
)  # fmt: skip
NO_SIGNAL: dict[str, object] = {"cramp_probable": None, "cramp_possible": None, "lm_per_h": None, "valid_h": {}}
BOOKS = {
    "over": SleepingBook(),
    "running": FakeNightBook(running=True, so_far_s=3_000, scene=LiveScene(2, 100.0)),
    "just begun": FakeNightBook(running=True, so_far_s=3_000, summary={}),
    "without signal": FakeNightBook(summary=NO_SIGNAL, all_events=()),
    "empty": FakeNightBook(empty=True),
}


def found_in(text: str) -> list[str]:
    text = OF_OTHERS.sub("", ALLOWED_PATTERN.sub("", re.sub(r"\s+", " ", text)))
    return [found[0] for found in FORBIDDEN_PATTERN.finditer(text)]


def texts_of(value: Any, key: str = "") -> Iterator[str]:
    """Yield everything in a dashboard that a person reads."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts_of(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner, key)
    elif isinstance(value, str) and key in READ:
        yield value


@pytest.mark.slow
@pytest.mark.parametrize("name", BOOKS)
def test_no_page_says_what_must_not_be_said_whatever_the_night_was_like(name: str) -> None:
    client = client_of(BOOKS[name])
    for path in PATHS:
        pieces = pieces_of(client.get(path).text)
        assert pieces
        assert [(path, word, piece.text) for piece in pieces for word in found_in(piece.text)] == []
        assert [(path, piece.text) for piece in pieces if SHARE.search(piece.text)] == []


@pytest.mark.slow
def test_the_door_says_nothing_of_it_either() -> None:
    far = far_client()
    for html in (far.client.get("/login").text, far.sign_in("a guess").text):
        assert "Sign in" in html
        assert found_in(html) == []


@pytest.mark.parametrize("path", [*BOARDS, *ALERTS], ids=lambda path: path.name)
def test_no_panel_variable_or_alert_says_what_must_not_be_said(path: Path) -> None:
    texts = [*texts_of(json.loads(path.read_text(encoding="utf-8")))]
    assert len(texts) >= (LEAST_TEXTS if path in BOARDS else 1)
    assert [(word, text) for text in texts for word in found_in(text)] == []
    assert [text for text in texts if SHARE.search(text)] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(TOP).as_posix())
def test_no_document_says_what_must_not_be_said(path: Path) -> None:
    assert found_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "No arousals", "arousals of the night", "This detects cramps", "a diagnosis of RLS", "caused by\nmagnesium",
        "REM sleep was short", "Soleus scored REM sleep",
    ],
)  # fmt: skip
def test_what_is_allowed_of_others_lets_nothing_else_through(text: str) -> None:
    assert found_in(text)


@pytest.mark.parametrize("text", ["Accuracy 94 %", "94 % sensitivity", "Sensitivity of the rules is 0.9, or 90 %"])
def test_a_share_of_right_answers_is_found_however_it_is_written(text: str) -> None:
    assert SHARE.search(text)
