"""``soleus evaluate`` on simulated nights says what the accuracy tables say of the same nights."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.accuracy.evaluation import class_nights, plms_indices
from benchmarks.accuracy.nights import found_rows, truth_rows
from benchmarks.playing import played, recorded
from detectors.criteria import named
from detectors.evaluate.classes import CLASSES, MOVEMENT
from detectors.events import Stage, StageSpan
from detectors.published import AASM, WASM_2016
from detectors.signal import NS_PER_S
from detectors.simulate import simulate_night
from soleus.__main__ import run
from soleus.commands.simulate import write_parameters, write_truth
from soleus.evaluation.lists import estimated_sleep
from soleus.result import dumps, result
from tests.benchmarks.accuracy_rows import night

if TYPE_CHECKING:
    from pathlib import Path

Answer = dict[str, Any]
NIGHTS = (("hard", 3), ("spastic", 5))
HOURS = 0.3
COUNTS = ("hits", "missed", "false", "neutral", "split", "merged")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Answer]]:
    """Return two nights as files, results beside their truth, and as rows of the accuracy tables."""
    folder = tmp_path_factory.mktemp("nights")
    rows, lines = [], ["subject,found,truth"]
    for regime, seed in NIGHTS:
        simulated = simulate_night(HOURS, seed, regime)
        recording, criteria = recorded(simulated), named("wasm-2016")
        scored = played(recording, criteria)
        (folder / f"{regime}.json").write_text(dumps(result(recording, criteria, scored)) + "\n", encoding="utf-8")
        (folder / regime).mkdir()
        write_truth(folder / regime / "truth.tsv", simulated.truth)
        write_parameters(folder / regime / "truth.json", simulated)
        lines.append(f"{regime},{regime}.json,{regime}/truth.tsv")
        valid_h = {name: valid for name, valid in scored.summary["valid_h"].items() if valid is not None}
        noise_uv = {leg.leg.value: leg.character.noise_uv for leg in simulated.legs}
        row = night(found_rows(scored), truth_rows(simulated), regime, seed)
        rows.append({**row, "hours": HOURS, "valid_h": valid_h, "noise_uv": noise_uv})
    (folder / "pairs.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder, rows


@pytest.fixture(scope="module")
def pair(nights: tuple[Path, list[Answer]]) -> Answer:
    with redirect_stdout(io.StringIO()) as printed:
        assert run(["evaluate", "--pairs", str(nights[0] / "pairs.csv"), "--format", "json"]) == 0
    (pair,) = json.loads(printed.getvalue())["pairs"]
    assert (pair["scored"], pair["reference"], pair["people"]) == ("soleus", "truth", False)
    found: Answer = pair
    return found


def test_every_class_has_the_counts_and_intervals_of_the_accuracy_tables(
    nights: tuple[Path, list[Answer]], pair: Answer
) -> None:
    rows = nights[1]
    said = {one["class"]: one for one in pair["events"] if one["matching"] == "rule"}
    expected = {one.name: class_nights(rows, one) for one in CLASSES}
    expected[f"{MOVEMENT.name}, all truth"] = class_nights(rows, MOVEMENT, all_truth=True)
    there = {name: counts for name, counts in expected.items() if counts.n_true or counts.false}
    assert set(said) == set(there)
    assert len(there) > 6
    for name, counts in there.items():
        one = said[name]
        sums = {key: sum(getattr(each, key) for each in counts.nights) for key in COUNTS}
        assert {key: one[key] for key in COUNTS} == sums, name
        assert one["hours"] == pytest.approx(counts.hours)
        assert one["f1"]["value"] == counts.f1
        # The truth is written with six decimals.
        if counts.hits:
            assert one["onset_error_s"]["value"] == pytest.approx(counts.onset_error.median, abs=2e-6)
        if counts.f1 is not None:
            assert [one["f1"]["low"], one["f1"]["high"]] == pytest.approx(list(counts.f1_interval))


def test_the_rates_of_periodic_movements_are_those_of_the_accuracy_tables(
    nights: tuple[Path, list[Answer]], pair: Answer
) -> None:
    rows, indices = nights[1], pair["indices"]
    for criteria in (WASM_2016, AASM):
        expected = plms_indices(rows, criteria)
        (said,) = [one for one in indices if one["rules"] == criteria.name and one["index"] == "plm_per_h"]
        assert (said["mean_scored"], said["mean_reference"]) == (expected.found.mean(), expected.true.mean())
        assert said["bias"] == pytest.approx(expected.differences.mean())


def test_a_simulated_night_is_scored_and_judged_by_the_truth_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "night"
    assert run(["simulate", str(folder), "--hours", "0.05", "--seed", "4"]) == 0
    capsys.readouterr()
    assert run(["score", str(folder / "night.edf"), "--format", "json"]) == 0
    (tmp_path / "night.json").write_text(capsys.readouterr().out, encoding="utf-8")
    assert run(["evaluate", str(folder), "--format", "json"]) == 0
    scored_here = json.loads(capsys.readouterr().out)
    words = [str(tmp_path / "night.json"), "--reference", str(folder / "truth.tsv"), "--format", "json"]
    assert run(["evaluate", *words]) == 0
    scored_before = json.loads(capsys.readouterr().out)
    assert scored_here["pairs"] == scored_before["pairs"]
    (tmp_path / "broken.edf").write_bytes(b"0       not an EDF")
    study = tmp_path / "study"
    assert run(["score", str(folder / "night.edf"), str(tmp_path / "broken.edf"), "--out", str(study)]) == 1
    assert run(["evaluate", str(study), *words[1:]]) == 2
    assert "expected a folder of lists, or --pairs" in capsys.readouterr().err
    (tmp_path / "refs").mkdir()
    for name in ("truth.tsv", "truth.json"):
        (tmp_path / "refs" / name.replace("truth", "night")).write_bytes((folder / name).read_bytes())
    assert run(["evaluate", str(study), "--reference", str(tmp_path / "refs"), "--format", "json"]) == 1
    of_study = json.loads(capsys.readouterr().out)
    assert of_study["pairs"] == [{**scored_here["pairs"][0], "reference": "refs"}]
    assert [line["errors"] != [] for line in of_study["recordings"]] == [False, True]
    assert "broken.edf: the file ends inside its header" in of_study["recordings"][1]["errors"][0]
    assert scored_here["criteria"]["name"] == "wasm-2016"
    assert scored_before["criteria"] is None


def test_the_estimate_of_sleep_is_that_of_the_legs_and_not_what_the_recording_brings_along() -> None:
    recording = recorded(simulate_night(1.5, 3, "clean", acceleration_fs_hz=25.0), ("acceleration",))
    awake = StageSpan(0, round(1.5 * 3600) * NS_PER_S, Stage.WAKE)
    told = replace(recording, stages=(awake,))
    sleep = estimated_sleep(told, named("wasm-2016"))
    # All but the last half minute, which is no whole epoch of what is known.
    assert (sleep[0].onset_s, sleep[-1].end_s) == (0.0, pytest.approx(5400.0, abs=60.0))
    assert sum(state.end_s - state.onset_s for state in sleep if state.asleep) > 3600.0
    assert estimated_sleep(recording, named("wasm-2016")) == sleep
