"""The data set of a cohort: what is in it, what is not scored again, and what a killed run leaves."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pyarrow import dataset as arrow

from detectors.criteria import named
from soleus.__main__ import run
from soleus.cohort.course import Staff, outcomes
from soleus.cohort.dataset import DESCRIPTION, LOCK, open_dataset, recording_name
from soleus.cohort.order import Manner, State
from soleus.nights import alone
from soleus.thresholds import apply_overrides
from tests.soleus.short_cohort import BROKEN, short_cohort

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

HOURS = 0.07
MANNER = Manner(named("wasm-2016"), {})
HIGHER = Manner(apply_overrides(MANNER.criteria, {"leg_movement.onset_uv": 9.0}), {})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    short_cohort(folder, n=2, hours=HOURS)
    return folder


@pytest.fixture
def cohort(made: Path, tmp_path: Path) -> list[Path]:
    """The recordings, for a test that changes them."""
    return sorted(shutil.copytree(made, tmp_path / "cohort").iterdir())


def kept(folder: Path, paths: list[Path], manner: Manner = MANNER) -> list[State]:
    with open_dataset(folder, manner.scoring_sha256()) as dataset:
        return [outcome.state for outcome in outcomes(paths, manner, staff=Staff(), dataset=dataset)]


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = arrow.dataset(folder / name, format="parquet").to_table().to_pylist()
    return sorted(rows, key=lambda row: row["file"])


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")}


def test_the_tables_hold_what_the_command_prints(
    cohort: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, *nights = cohort
    assert run(["score", "--criteria", "wasm-2016", *map(str, nights), "--format", "json"]) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    out = tmp_path / "out"
    assert run(["score", "--criteria", "wasm-2016", *map(str, cohort), "--out", str(out), "--format", "json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["file"], line["state"]) for line in lines] == [
        (str(broken), "failed"), *((str(night), "scored") for night in nights)
    ]  # fmt: skip
    assert [line["summary"] for line in lines[1:]] == [one["summary"] for one in printed]
    events = table(out, "events")
    expected = [(one["recording"]["file"], event) for one in printed for event in one["events"]]
    assert len(events) == len(expected) > 0
    for row, (file, event) in zip(events, expected, strict=True):
        assert {name: row[name] for name in event if name != "measures"} | {"file": file} == {
            "file": file, **{name: value for name, value in event.items() if name != "measures"}
        }  # fmt: skip
        assert {name: row[name] for name in event["measures"]} == event["measures"]
    summaries = table(out, "summaries")
    assert [json.loads(row["summary_json"]) for row in summaries] == [one["summary"] for one in printed]
    assert [json.loads(row["criteria_json"]) for row in summaries] == [one["criteria"] for one in printed]
    assert [row["lm"] for row in summaries] == [one["summary"]["lm"] for one in printed]
    (failure,) = table(out, "failures")
    assert failure["reason"].startswith(f"{broken}: the file begins with")
    assert run(["score", "--criteria", "wasm-2016", *map(str, cohort), "--out", str(out)]) == 1
    said = capsys.readouterr()
    assert said.err.splitlines()[-1] == "soleus: 3 recordings: 0 scored, 2 kept as they were, 1 failed"
    assert said.out.count("kept") == 2


def test_only_what_has_changed_is_scored_again(cohort: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    one, other = cohort[1:]
    assert kept(out, [one, other]) == [State.SCORED, State.SCORED]
    before = files(out)
    assert kept(out, [one, other]) == [State.KEPT, State.KEPT]
    assert files(out) == before
    shutil.copy(one, other)
    assert kept(out, [one, other]) == [State.KEPT, State.SCORED]
    assert table(out, "summaries")[0]["data_sha256"] == table(out, "summaries")[1]["data_sha256"]
    assert kept(out, [one, other], HIGHER) == [State.SCORED, State.SCORED]
    assert {json.loads(row["criteria_json"])["leg_movement"]["onset_uv"] for row in table(out, "summaries")} == {9.0}


def test_a_failure_takes_the_result_of_other_data_away_and_a_success_the_failure(
    cohort: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    broken, night, other = cohort
    whole = night.read_bytes()
    kept(out, [night])
    shutil.copy(broken, night)
    assert kept(out, [night]) == [State.FAILED]
    assert sorted(files(out)) == [f"failures/{recording_name(night)}.parquet"]
    night.write_bytes(whole)
    assert kept(out, [night]) == [State.SCORED]
    assert sorted(name.partition("/")[0] for name in files(out)) == ["events", "summaries"]
    other.unlink()
    assert kept(out, [other]) == [State.FAILED]


def test_a_recording_that_cannot_be_reached_now_keeps_its_result(cohort: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    night, away = cohort[1], tmp_path / "away.edf"
    kept(out, [night])
    night.rename(away)
    assert kept(out, [night]) == [State.FAILED]
    assert len(table(out, "summaries")) == len(table(out, "failures")) == 1
    away.rename(night)
    assert kept(out, [night]) == [State.KEPT]
    assert sorted(name.partition("/")[0] for name in files(out)) == ["events", "summaries"]


def test_what_a_killed_run_left_is_swept_and_scored_again(cohort: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    one, other = cohort[1:]
    kept(out, [one, other])
    before = files(out)
    (out / "summaries" / f"{recording_name(one)}.parquet").unlink()
    (out / "summaries" / f".{recording_name(other)}.parquet").write_bytes(b"PAR1 and no more")
    with open_dataset(out, MANNER.scoring_sha256()):
        assert sorted(files(out)) == [f"{name}/{recording_name(other)}.parquet" for name in ("events", "summaries")]
    assert kept(out, [one, other]) == [State.SCORED, State.KEPT]
    assert files(out) == before


def test_a_run_killed_before_it_said_what_it_writes_is_taken_up_again(cohort: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / LOCK).touch()
    (out / f".{DESCRIPTION}.1.2").write_text("{", encoding="utf-8")
    assert kept(out, cohort[1:2]) == [State.SCORED]
    assert {path.name for path in out.iterdir()} == {LOCK, DESCRIPTION, "events", "summaries", "failures"}
    said = (out / DESCRIPTION).stat().st_mtime_ns
    assert kept(out, cohort[1:2]) == [State.KEPT]
    assert (out / DESCRIPTION).stat().st_mtime_ns == said


def test_a_damaged_result_is_scored_again_and_ends_no_run(cohort: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    kept(out, cohort[1:])
    before = files(out)
    (out / "summaries" / f"{recording_name(cohort[1])}.parquet").write_bytes(b"PAR1 and no more")
    assert kept(out, cohort[1:]) == [State.SCORED, State.KEPT]
    assert files(out) == before


def test_two_runs_do_not_write_into_one_data_set(
    cohort: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    kept(out, [])
    with alone(out / LOCK, "held"):
        assert run(["score", str(cohort[1]), "--out", str(out)]) == 2
    assert capsys.readouterr().err.startswith(f"soleus: {out}: another `soleus score` writes into it")


def test_recordings_of_one_name_have_files_of_their_own(tmp_path: Path) -> None:
    places = [tmp_path / ward / "night 1.edf" for ward in ("a", "b")]
    first, second = map(recording_name, places)
    assert first != second
    assert first.startswith("night-1-")
    assert recording_name(tmp_path / "b" / ".." / "a" / "night 1.edf") == first


def test_every_table_has_the_same_columns_whatever_was_found(cohort: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    deaf = replace(MANNER, criteria=apply_overrides(MANNER.criteria, {"leg_movement.onset_uv": 5000.0}))
    kept(out / "deaf", cohort, deaf)
    kept(out / "usual", cohort)
    for name in ("events", "summaries", "failures"):
        schemas = [arrow.dataset(path / name, format="parquet").schema for path in (out / "deaf", out / "usual")]
        assert schemas[0] == schemas[1]
        assert BROKEN in {row["file"].rpartition("/")[2] for row in table(out / "deaf", "failures")}
