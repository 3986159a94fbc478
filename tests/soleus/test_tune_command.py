"""`soleus tune` from recordings to a criteria file, and what takes it."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from typing import TYPE_CHECKING

import pytest

from detectors.criteria import named
from ingest.errors import DecodeError
from soleus.__main__ import run
from soleus.tune.crew import Crew
from soleus.tune.nights import NightSource
from soleus.tune.sources import FromFiles, Reading

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


def test_a_recording_that_cannot_be_read_is_told_by_the_process_that_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "night.edf"
    path.write_bytes(b"0       " + b"x" * 99)
    night = NightSource("a", "a", FromFiles(path, path, Reading()))
    criteria = named("wasm-2016")
    with (
        Crew([night], criteria, "leg_movement", n_workers=2, n_open=1, after_night=lambda: None) as crew,
        pytest.raises(DecodeError, match=r"night\.edf: "),
    ):
        crew(criteria, ["a"])
