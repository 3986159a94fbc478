"""A detector of a third party in evaluate, in tune and in a cohort of recordings, as ours are."""

from __future__ import annotations

import json
import pickle
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from soleus.__main__ import run
from soleus.config import load

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

LAB = Path(__file__).parents[1] / "data" / "lab_detectors"
SEEDS = ("1002", "1009")


@pytest.fixture(autouse=True)
def lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(LAB)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nights")
    for seed in SEEDS:
        assert run(["simulate", str(folder / seed), "--hours", "0.06", "--seed", seed]) == 0
    return folder


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[..., list[dict[str, Any]]]:
    def runner(*words: object) -> list[dict[str, Any]]:
        capsys.readouterr()
        assert run([*map(str, words), "--json"]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return runner


def test_its_events_are_judged_against_references(nights: Path, told: Callable[..., list[dict[str, Any]]]) -> None:
    command = ("evaluate", nights, "--detector", "long_activity", "--set", "long_activity.min_s=0.5")
    (answer,) = told(*command, "--take", "plugin_long_activity=leg_movement")
    assert answer["criteria"]["plugins"][0]["version"] == "1.2.0"
    row = answer["pairs"][0]["events"][0]
    assert (row["class"], row["rule"], row["n_true"], row["hits"]) == ("leg movement", "IoU 0.3", 5, 5)
    # Its level is reached later than ours, so these are not our own events.
    assert row["onset_error_s"]["value"] > 0.1


def test_its_numbers_are_chosen_and_the_criteria_file_switches_it_on(
    nights: Path, tmp_path: Path, told: Callable[..., list[dict[str, Any]]]
) -> None:
    out = tmp_path / "lab.toml"
    command = ("tune", nights, "--detector", "long_activity", "--vary", "long_activity.min_s=0.5,5", "--out", out)
    (answer,) = told(*command, "--folds", "2", "--inner-folds", "1", "--take", "plugin_long_activity=leg_movement")
    assert answer["tuned"]["tries"] == 2
    written = tomllib.loads(out.read_text(encoding="utf-8"))
    assert written["detectors"] == ["long_activity"]
    assert written["set"]["long_activity"]["min_s"] in {0.5, 5.0}
    (scored,) = told("score", nights / SEEDS[0] / "night.edf", "--criteria", out)
    assert scored["criteria"]["plugins"][0]["criteria"]["min_s"] == written["set"]["long_activity"]["min_s"]


def test_what_is_switched_on_reaches_another_process_as_it_is() -> None:
    criteria = load(None, assignments=["detectors=long_activity", "long_activity.min_s=2"], environ={}).criteria
    assert pickle.loads(pickle.dumps(criteria)) == criteria  # noqa: S301 - our own bytes
