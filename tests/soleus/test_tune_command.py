"""`soleus tune` from recordings to a criteria file, and what takes it."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from typing import TYPE_CHECKING

import pytest

from soleus.__main__ import run
from soleus.config import choose_criteria, load
from soleus.errors import ConfigError
from soleus.tune.criteria_file import write
from soleus.tune.plan import Method
from tests.made_study import ONSET, SUBJECTS, Formula, chosen, study

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

pytestmark = pytest.mark.slow

HOURS, SEEDS = "0.06", ("1002", "1009", "1010")


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with simulated nights."""
    folder = tmp_path_factory.mktemp("nights")
    for seed in SEEDS:
        assert run(["simulate", str(folder / seed), "--hours", HOURS, "--seed", seed]) == 0
    return folder


def tune(nights: Path, out: Path, *options: str, vary: Sequence[str] = ("leg_movement.onset_uv=4,8",)) -> int:
    varied = [word for one in vary for word in ("--vary", one)]
    return run(["tune", str(nights), *varied, "--folds", "2", "--inner-folds", "1", "--out", str(out), *options])


def test_thresholds_are_chosen_on_recordings_and_several_processes_choose_the_same(
    nights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune(nights, tmp_path / "one.toml", "--json", "--name", "lab") == 0
    told = json.loads(capsys.readouterr().out)["tuned"]
    assert (told["name"], told["search"], told["tries"], told["subjects"]) == ("lab", "grid", 2, 3)
    assert sorted(one["name"] for one in told["night"]) == sorted(SEEDS)
    assert all(len(one["recording_sha256"]) == len(one["reference_sha256"]) == 64 for one in told["night"])
    with sqlite3.connect(tmp_path / "one.db") as database:
        assert database.execute("select count(*) from trials").fetchone() == (2 * 3,)
    database.close()
    assert tune(nights, tmp_path / "two.toml", "--name", "lab", "--workers", "2") == 0
    assert "On subjects that the choice has not seen" in capsys.readouterr().out
    one, two = (tomllib.loads((tmp_path / name).read_text("utf-8")) for name in ("one.toml", "two.toml"))
    assert one == two
    assert run(["score", str(nights / SEEDS[0] / "night.edf"), "--criteria", str(tmp_path / "one.toml"), "--json"]) == 0
    scored = json.loads(capsys.readouterr().out)
    assert (
        scored["criteria"]["leg_movement"]["onset_uv"]
        == one.get("set", {}).get("leg_movement", {"onset_uv": 8.0})["onset_uv"]
    )


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


def test_a_criteria_file_is_taken_as_it_is_and_says_where_it_comes_from(tmp_path: Path) -> None:
    found = chosen(tmp_path / "a.db", study(Method.RANDOM, n_tries=2), Formula())
    path = tmp_path / "lab.toml"
    write(found, path)
    assert choose_criteria(str(path), None, ()) == found.criteria
    (tmp_path / "soleus.toml").write_text(f'criteria = "{path.name}"\n[set.cramp]\nonset_uv = 9.0\n', encoding="utf-8")
    config = load(tmp_path / "soleus.toml", assignments=["leg_movement.min_s=0.6"])
    assert config.criteria.leg_movement.onset_uv == found.criteria.leg_movement.onset_uv
    assert (config.criteria.cramp.onset_uv, config.criteria.leg_movement.min_s) == (9.0, 0.6)
    assert config.origins[ONSET].startswith("lab.toml:")
    assert config.provenance is not None
    assert config.provenance["name"] == "made"
    told = tomllib.loads(path.read_text(encoding="utf-8"))["tuned"]
    assert {one["subject"] for one in told["night"]} == set(SUBJECTS.values())
    assert [one["number"] for one in told["fold"]] == [1, 2]
    path.write_text('criteria = "other.toml"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"lab\.toml:1: criteria is 'other\.toml', expected the name of a set"):
        load(tmp_path / "soleus.toml")
