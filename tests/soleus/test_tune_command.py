"""`soleus tune` from recordings to a criteria file, and what takes it."""

from __future__ import annotations

import json
import pickle
import shutil
import sqlite3
import tomllib
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from ingest.errors import DecodeError
from soleus.__main__ import run
from soleus.errors import ConfigError
from soleus.nights import alone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.slow

HOURS, SEEDS = "0.06", ("1002", "1009", "1010")
ONSET = "leg_movement.onset_uv=16,60"
# The set allows any order of a filter; that there is no such one is said by the process that scores a night.
ORDER = f"leg_movement.filter_order=2,{10**22}"


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with simulated nights."""
    folder = tmp_path_factory.mktemp("nights")
    for seed in SEEDS:
        assert run(["simulate", str(folder / seed), "--hours", HOURS, "--seed", seed]) == 0
    return folder


def tune(nights: Path, out: Path, *options: str, vary: Sequence[str] = (ONSET, ORDER)) -> int:
    varied = [word for one in vary for word in ("--vary", one)]
    asked = ["--set", "leg_movement.onset_uv=60", "--folds", "2", "--inner-folds", "1", "--out", str(out)]
    return run(["tune", str(nights), *varied, *asked, *options])


def counts(study: Path) -> dict[tuple[str, str], list[float]]:
    """Return what was counted, by thresholds and night."""
    tries = (
        "select one.value_json, other.value_json from trial_user_attributes one join trial_user_attributes other"
        " using (trial_id) where one.key = 'values' and other.key = 'counts'"
    )
    with closing(sqlite3.connect(study)) as database:
        rows = database.execute(tries).fetchall()
    return {(values, night): found for values, told in rows for night, found in json.loads(told).items()}


def test_thresholds_are_chosen_on_recordings_and_several_processes_count_the_same(
    nights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune(nights, tmp_path / "one.toml", "--json", "--name", "lab") == 0
    told = json.loads(capsys.readouterr().out)["tuned"]
    assert (told["name"], told["search"], told["tries"], told["subjects"]) == ("lab", "grid", 4, 3)
    assert told["impossible"] == 2
    assert sorted(one["name"] for one in told["night"]) == sorted(SEEDS)
    assert all(len(one["recording_sha256"]) == len(one["reference_sha256"]) == 64 for one in told["night"])
    by_one = counts(tmp_path / "one.db")
    assert len(by_one) == 2 * len(SEEDS)
    assert len({tuple(found) for found in by_one.values()}) > len(SEEDS)
    written = tomllib.loads((tmp_path / "one.toml").read_text("utf-8"))
    assert written["set"] == {"leg_movement": {"onset_uv": 16.0}}
    assert run(["score", str(nights / SEEDS[0] / "night.edf"), "--criteria", str(tmp_path / "one.toml"), "--json"]) == 0
    scored = json.loads(capsys.readouterr().out)
    assert scored["criteria"]["leg_movement"]["onset_uv"] == 16.0
    assert tune(nights, tmp_path / "two.toml", "--name", "lab", "--workers", "2") == 0
    assert "On subjects that the choice has not seen" in capsys.readouterr().out
    assert counts(tmp_path / "two.db") == by_one
    assert tomllib.loads((tmp_path / "two.toml").read_text("utf-8")) == written


def test_a_recording_that_cannot_be_read_is_told_before_anything_is_tried(
    nights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # It is held back in the first fold: the search itself would meet it late.
    shutil.copytree(nights, tmp_path / "nights")
    broken = shutil.copytree(nights / SEEDS[0], tmp_path / "nights" / "2000") / "night.edf"
    broken.write_bytes(b"0       " + b"x" * 99)
    assert tune(tmp_path / "nights", tmp_path / "a.toml") == 2
    (said,) = capsys.readouterr().err.strip().splitlines()
    assert "2000/night.edf: the file ends inside its header" in said
    assert counts(tmp_path / "a.db") == {}


def test_a_recording_is_never_both_chosen_on_and_judged_on_under_another_name(
    nights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{seed},{seed},{nights}/{seed}/night.edf,{nights}/{seed}/truth.tsv" for seed in SEEDS]
    again = rows[0].replace(f"{SEEDS[0]},{SEEDS[0]}", "another,again")
    table = tmp_path / "pairs.csv"
    table.write_text("\n".join(["subject,recording,found,anna", *rows, again]), encoding="utf-8")
    asked = ["--vary", ONSET, "--folds", "2", "--out", str(tmp_path / "a.toml")]
    assert run(["tune", "--pairs", str(table), *asked]) == 2
    assert f"again: is the same recording as {SEEDS[0]}" in capsys.readouterr().err
    table.write_text("\n".join(["subject,found,anna", *(row.split(",", 1)[1] for row in rows)]), encoding="utf-8")
    assert run(["tune", "--pairs", str(table), *asked]) == 2
    assert (
        "night: comes 3 times, expected every recording once (--pairs: `recording` names it)" in capsys.readouterr().err
    )


@pytest.mark.parametrize("error", [DecodeError("night.edf: is none"), ConfigError("is none")])
def test_what_a_process_could_not_score_comes_back_as_it_was(error: Exception) -> None:
    # As it goes through the pipe.
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(back), str(back)) == (type(error), str(error))


def test_one_study_is_written_by_one_run_at_a_time(
    nights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with alone(tmp_path / ".a.db.lock", "never"):
        assert tune(nights, tmp_path / "a.toml") == 2
    assert "another `soleus tune` writes a.db, expected one at a time" in capsys.readouterr().err
    assert not (tmp_path / "a.db").exists()


@pytest.mark.parametrize(
    ("options", "vary", "said"),
    [
        (("--class", "sneeze"), ["leg_movement.onset_uv=4,8"], "class is 'sneeze', expected one of "),
        ((), ["leg_movement.onset=4,8"], "unknown setting leg_movement.onset, did you mean leg_movement.onset_uv?"),
        (("--search", "grid"), ["leg_movement.onset_uv=4:8"], "a grid needs values"),
        (("--folds", "9"), ["leg_movement.onset_uv=4,8"], "9 folds of 3 subjects"),
        (
            ("--scorer", "anna"),
            ["leg_movement.onset_uv=4,8"],
            "got no list of anna, expected --scorer to be one of truth",
        ),
        (("--criteria", "nothing"), ["leg_movement.onset_uv=4,8"], "criteria are called 'nothing'"),
        (("--out", "tuned.txt"), ["leg_movement.onset_uv=4,8"], "expected a name that ends in .toml"),
        (("--study", "nowhere/a.db"), ["leg_movement.onset_uv=4,8"], "there is no folder nowhere"),
        (("--out", "nowhere/a.toml"), ["leg_movement.onset_uv=4,8"], "there is no folder nowhere"),
        (("--out", "a.toml", "--study", "./a.toml"), ["leg_movement.onset_uv=4,8"], "is what --out names"),
        (("--out", "a\nb.toml"), ["leg_movement.onset_uv=4,8"], "expected a name that ends in .toml"),
        (("--name", "\udce9"), ["leg_movement.onset_uv=4,8"], "expected a name in UTF-8"),
        (("--beta", "1e200"), ["leg_movement.onset_uv=4,8"], "expected more than 0 and at most 1000"),
    ],
)
def test_what_cannot_be_tuned_is_told_in_one_line(
    nights: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    vary: list[str],
    said: str,
) -> None:
    assert tune(nights, tmp_path / "a.toml", *options, vary=vary) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert said in lines[0]
    assert list(tmp_path.glob("*")) == []
