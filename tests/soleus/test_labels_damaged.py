"""Marks that are damaged while the pages are open: what does not need them goes on, and nothing of them is touched."""

from __future__ import annotations

import json
import logging
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from dashboards.labelling import Act, ActWay
from dashboards.unavailable import UnreadableLabelsError
from soleus.__main__ import run
from soleus.book import FolderBook
from soleus.config import load
from soleus.errors import ConfigError
from soleus.labels.ledger import FILE
from soleus.studio.opening import studio_of
from soleus.web import Access, _configured
from tests.soleus.label_desk import NIGHT, adds, desk, label, mark_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HERE = "127.0.0.1"
RATER = "Ann"
MARKS = [label(str(n), n, n + 0.5) for n in range(200)]
FOREVER_S = 600.0
ASKED = {"keys": [NIGHT], "criteria": "wasm-2016", "changes": {}, "word": "leg_movement"}


def nonsense(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def broken_pages(path: Path) -> None:
    """Leave the first page, which says that it is a file of labels, and nothing that can be read behind it."""
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def other_tables(path: Path) -> None:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE diary (text TEXT)")
        other.commit()


def gone(path: Path) -> None:
    path.unlink()


DAMAGES = [nonsense, broken_pages, cut, other_tables]


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_question_about_damaged_marks_is_one_line_and_the_file_stays_as_it_is(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    store, path = desk(tmp_path), tmp_path / FILE
    mark_all(store, RATER, MARKS)
    whole = path.read_bytes()
    damage(path)
    damaged = path.read_bytes()
    for ask in (
        lambda one: one.raters(NIGHT),
        lambda one: one.sheet(NIGHT, RATER),
        lambda one: one.others(NIGHT, "Bo"),
        lambda one: one.exported(NIGHT, RATER, "tsv"),
        lambda one: one.undo(NIGHT, RATER, "u"),
        lambda one: one.act(NIGHT, RATER, adds("new", label("new", 1.0, 2.0))),
        lambda one: one.act(NIGHT, RATER, Act("gone", ActWay.DELETE, MARKS[0])),
    ):
        with pytest.raises(UnreadableLabelsError) as refused:
            ask(store)
        said = str(refused.value)
        assert said.startswith(f"{path}: ")
        assert "elsewhere and put a whole copy in its place" in said
        assert "\n" not in said
    assert path.read_bytes() == damaged
    path.write_bytes(whole)
    assert store.sheet(NIGHT, RATER).labels == desk(tmp_path).sheet(NIGHT, RATER).labels == tuple(MARKS)
    assert store.act(NIGHT, RATER, adds("new", label("new", 1.0, 2.0))).n_acts == len(MARKS) + 1


def test_while_the_file_is_moved_away_for_a_copy_no_act_is_kept_beside_it_and_who_scores_blind_still_does(
    tmp_path: Path,
) -> None:
    store, path, away = desk(tmp_path), tmp_path / FILE, tmp_path / "away"
    mark_all(store, RATER, MARKS[:1])
    store.set_blind(NIGHT, "Bo", blind=True)
    path.rename(away)
    for ask in (
        lambda: store.blind_raters([NIGHT]),
        lambda: store.raters(NIGHT),
        lambda: store.sheet(NIGHT, RATER),
        lambda: store.act(NIGHT, RATER, adds("new", MARKS[1])),
    ):
        with pytest.raises(
            UnreadableLabelsError, match=f"^{path}: is gone; put it back, or put a whole copy in its place$"
        ):
            ask()
    assert not path.exists()
    away.rename(path)
    assert store.blind_raters([NIGHT]) == {NIGHT: ["Bo"]}
    assert store.act(NIGHT, RATER, adds("new", MARKS[1])).labels == tuple(MARKS[:2])


@pytest.mark.parametrize("change", ["way = 'agd'", "onset_ms = 'soon'"])
def test_an_act_that_is_none_is_told_by_its_key(tmp_path: Path, change: str) -> None:
    path = tmp_path / FILE
    mark_all(desk(tmp_path), RATER, MARKS[:3])
    with closing(sqlite3.connect(path)) as ledger:
        # The layout refuses text where a number belongs; a bit that flips on a disk does not ask it.
        ledger.execute("PRAGMA writable_schema = ON")
        ledger.execute("UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'act'")
        ledger.commit()
    with closing(sqlite3.connect(path)) as ledger:
        ledger.execute(f"UPDATE act SET {change} WHERE key = '{RATER} 1'")  # noqa: S608 - our own words
        ledger.commit()
    with pytest.raises(UnreadableLabelsError, match=f"'{RATER} 1': .* is no .*; nothing in it was changed"):
        desk(tmp_path).sheet(NIGHT, RATER)


def test_what_sqlite_says_in_more_words_is_damaged_as_well(tmp_path: Path) -> None:
    store = desk(tmp_path)
    mark_all(store, RATER, MARKS[:3])
    with closing(sqlite3.connect(tmp_path / FILE)) as ledger:
        ledger.execute("PRAGMA writable_schema = ON")
        ledger.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'seq)', 'seq,more)') WHERE name = 'sqlite_sequence'"
        )
        ledger.commit()
    with pytest.raises(UnreadableLabelsError, match="malformed; nothing in it was changed"):
        store.act(NIGHT, RATER, adds("new", label("new", 1.0, 2.0)))


def test_the_store_of_another_program_is_no_file_of_labels(tmp_path: Path) -> None:
    path = tmp_path / FILE
    other_tables(path)
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="it holds tables of another program"):
        desk(tmp_path)
    assert path.read_bytes() == before


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[TestClient, Path]]:
    """Serve a simulated recording with marks of a rater, and one that he scores blind."""
    for name, seed in ((NIGHT, "7"), ("blind", "8")):
        assert run(["simulate", str(tmp_path / name), "--hours", "0.05", "--seed", seed]) == 0
    config = tmp_path / "soleus.toml"
    config.write_text(f"data_dir = {json.dumps(str(tmp_path / 'data'))}\n")
    loaded = load(config)
    book = FolderBook(loaded.settings, loaded.criteria)
    with studio_of(
        loaded.settings, [tmp_path / NIGHT, tmp_path / "blind"], patience_s=FOREVER_S, n_workers=1
    ) as studio:
        client = TestClient(_configured(book, HERE, Access(), studio).loaded_app, base_url=f"http://{HERE}")
        for n, mark in enumerate(MARKS[:20]):
            assert do(client, NIGHT, "add", f"k{n}", mark._asdict()).status_code == 200
        assert do(client, "blind", "blind", "b").status_code == 200
        assert scorers(client) == {NIGHT: ["truth", RATER], "blind": []}
        yield client, tmp_path / "data" / FILE


def do(client: TestClient, recording: str, word: str, key: str, mark: Any = None) -> Any:
    body = {"rater": RATER, "key": key, "do": word, **({"label": mark} if mark else {})}
    return client.post(f"/api/label/{recording}/acts", json=body)


def scorers(client: TestClient) -> dict[str, list[str]]:
    return {one["key"]: one["scorers"] for one in client.get("/api/bench").json()["recordings"]}


@pytest.mark.slow
@pytest.mark.parametrize("damage", [*DAMAGES, gone])
def test_the_bench_goes_on_without_raters_and_label_says_in_one_line_what_to_do(
    served: tuple[TestClient, Path], damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    client, path = served
    whole = path.read_bytes()
    damage(path)
    damaged = path.read_bytes() if path.exists() else None
    with caplog.at_level(logging.WARNING):
        # Who scored blind before still does: lists beside that recording stay hidden.
        assert scorers(client) == {NIGHT: ["truth"], "blind": []}
        (veil,) = {one["veil"] for one in client.get("/api/bench").json()["recordings"] if one["key"] == NIGHT}
        assert str(path) in veil
        answer = client.post("/api/bench/settle", json={**ASKED, "reference": "truth"}).json()
        assert answer["nights"][0]["events"]["onset_s"]
        assert {"f1"} <= {one["name"] for one in answer["agreement"] if one["value"] is not None}
        for page in ("/bench", f"/bench/compare?a=wasm-2016&r={NIGHT}", f"/label/{NIGHT}", f"/api/label/{NIGHT}"):
            assert client.get(page).status_code == 200
        assert client.get(f"/api/label/{NIGHT}/signals?from=0&to=60&buckets=100").status_code == 200
        mark = label("new", 1.0, 2.0)._asdict()
        refused = [do(client, NIGHT, "add", "new", mark), do(client, NIGHT, "undo", "u")]
        for question in ("sheet", "others", "agreement", "export", "suggestions", "learned"):
            query = f"rater={RATER}&other=truth&form=tsv"
            refused.append(client.get(f"/api/label/{NIGHT}/{question}?{query}"))
        for told in refused:
            assert told.status_code == 503, told.url
            assert str(path) in told.json()["error"]
            assert "put a whole copy in its place" in told.json()["error"]
    assert caplog.records == []
    assert (path.read_bytes() if path.exists() else None) == damaged
    path.write_bytes(whole)
    assert scorers(client) == {NIGHT: ["truth", RATER], "blind": []}
    assert do(client, NIGHT, "add", "new", mark).json()["n_acts"] == 21


def test_commands_say_one_line_of_damaged_marks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "soleus.toml"
    config.write_text(f"data_dir = {json.dumps(str(tmp_path))}\n")
    mark_all(desk(tmp_path), RATER, MARKS)
    broken_pages(tmp_path / FILE)
    for words in (["list"], ["export", NIGHT, "--rater", RATER], ["remove", NIGHT, "--yes"]):
        assert run(["labels", *words, "--config", str(config)]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f"soleus: {tmp_path / FILE}: ")
        assert said.count("\n") == 1
