"""``soleus simulate``: a night and its truth as files, and what scoring finds in them."""

from __future__ import annotations

import csv
import json
import tracemalloc
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import edfio
import numpy as np
import pyedflib
import pytest

from detectors.matching import match
from detectors.simulate import simulate_night
from ingest.files.edf import read_edf
from ingest.files.edf_writing import write_edf
from soleus.__main__ import run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

IOU = 0.3
HALF_A_MINUTE = ("--hours", "0.01")


def simulated(folder: Path, *args: str) -> Path:
    assert run(["simulate", str(folder), *args]) == 0
    return folder / "night.edf"


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "truth.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def clear(folder: Path, kind: str, leg: str) -> np.ndarray:
    events = [row for row in rows(folder) if (row["trial_type"], row["leg"], row["clear"]) == (kind, leg, "1")]
    spans = [(float(row["onset"]), float(row["onset"]) + float(row["duration"])) for row in events]
    return np.array(spans).reshape(-1, 2)


def found(answer: dict[str, Any], kind: str, leg: str) -> np.ndarray:
    events = [event for event in answer["events"] if (event["kind"], event["leg"]) == (kind, leg)]
    shown = [event for event in events if event["measures"].get("tier", 1) >= 1]
    return np.array([(event["onset_s"], event["end_s"]) for event in shown]).reshape(-1, 2)


def test_scoring_finds_what_was_simulated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    night = simulated(tmp_path, "--hours", "1", "--seed", "4")
    capsys.readouterr()
    assert run(["score", "--criteria", "wasm-2016", "--format", "json", str(night)]) == 0
    answer = json.loads(capsys.readouterr().out)
    counts = {"leg_movement": [0, 0], "cramp": [0, 0]}
    for kind, count in counts.items():
        for leg in ("left", "right"):
            truth = clear(tmp_path, kind, leg)
            count[0] += len(match(found(answer, kind, leg), truth, iou_min=IOU).pairs)
            count[1] += len(truth)
    movements, cramps = counts["leg_movement"], counts["cramp"]
    assert movements[1] >= 20
    assert movements[0] >= 0.95 * movements[1]
    assert cramps[1] >= 1
    assert cramps[0] == cramps[1]


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    first, again, other = (
        simulated(tmp_path / name, *HALF_A_MINUTE, "--seed", seed)
        for name, seed in (("a", "3"), ("b", "3"), ("c", "4"))
    )
    assert first.read_bytes() == again.read_bytes() != other.read_bytes()
    assert (tmp_path / "a" / "truth.tsv").read_bytes() == (tmp_path / "b" / "truth.tsv").read_bytes()


def test_a_second_run_replaces_nothing_unless_forced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    night = simulated(tmp_path, *HALF_A_MINUTE)
    before = night.read_bytes()
    capsys.readouterr()
    assert run(["simulate", str(tmp_path), *HALF_A_MINUTE, "--seed", "2"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"soleus: {night}: exists already, expected a new folder (or --force")
    assert printed.err.count("\n") == 1
    assert night.read_bytes() == before
    simulated(tmp_path, *HALF_A_MINUTE, "--seed", "2", "--force")
    assert night.read_bytes() != before


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--regime", "easy"], "soleus: Invalid value for '--regime': 'easy' is not one of 'clean', 'hard'"),
        (["--hours", "nan"], "soleus: Invalid value for '--hours': nan is not a number"),
        (["--muscles", "ta,biceps"], "soleus: --muscles: got 'biceps', expected some of ta, gm, gl, gas, so"),
        (["--hours", "0"], "soleus: Invalid value for '--hours'"),
        (["--seed", "-1"], "soleus: Invalid value for '--seed'"),
    ],
)
def test_what_cannot_be_simulated_is_one_line_and_leaves_no_file(
    args: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["simulate", str(tmp_path / "new"), *args]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(message)
    assert printed.err.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_progress_goes_to_stderr_and_the_result_to_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    night = simulated(tmp_path, *HALF_A_MINUTE)
    printed = capsys.readouterr()
    assert printed.out.startswith(f"{night}: 0.01 h, ")
    assert printed.out.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["night.edf", "truth.json", "truth.tsv"]


def test_several_muscles_are_several_channels(tmp_path: Path) -> None:
    recording = read_edf(simulated(tmp_path, *HALF_A_MINUTE, "--muscles", "TA, gm"))
    assert [source.stream.sensor for source in recording.sources] == [
        "left.ta", "left.gm", "left", "right.ta", "right.gm", "right",
    ]  # fmt: skip


def test_what_is_written_is_the_night_to_half_a_step(tmp_path: Path) -> None:
    night = simulate_night(0.05, seed=6, regime="clean")
    write_edf(tmp_path / "night.edf", night)
    sources = read_edf(tmp_path / "night.edf").sources
    for leg, (emg, motion) in zip(night.legs, (sources[:2], sources[2:]), strict=True):
        for source, expected, step in (
            (emg, leg.emg(0, leg.n_emg), 0.1),
            (motion, leg.acceleration(0, leg.n_acceleration), 0.00025),
        ):
            assert source.n_samples == len(expected)
            assert np.abs(source.read(0, source.n_samples) - expected).max() <= 0.51 * step


def test_two_other_readers_understand_the_file(tmp_path: Path) -> None:
    path = simulated(tmp_path, *HALF_A_MINUTE)
    ours = read_edf(path)
    left = ours.sources[0].read(0, 18_000)[:, 0]
    theirs = edfio.read_edf(path)
    assert (theirs.reserved, theirs.duration, theirs.is_continuous) == ("EDF+C", 36, True)
    assert theirs.startdatetime.isoformat() == "2026-01-01T22:30:00"
    assert [annotation.text for annotation in theirs.annotations] == ["Simulated night starts"]
    np.testing.assert_allclose(theirs.get_signal("EMG TA-L").data, left, atol=1e-3)
    # pyedflib refuses what is not EDF+ to the letter, and checks every record's time.
    with pyedflib.EdfReader(str(path)) as strict:
        assert strict.getSignalLabels() == list(theirs.labels)
        assert strict.file_duration == 36
        np.testing.assert_allclose(strict.readSignal(0), left, atol=1e-3)


def test_the_truth_is_told_to_the_microsecond_with_series_and_level(tmp_path: Path) -> None:
    simulated(tmp_path, "--hours", "0.5", "--seed", "3")
    truth = simulate_night(0.5, seed=3, regime="clean").truth
    assert [
        (row["onset"], row["amplitude_uv"], row["series"], row["angle_deg"], row["cause"]) for row in rows(tmp_path)
    ] == [
        (
            f"{one.onset_s:.6f}",
            f"{one.amplitude_uv:.3f}",
            "" if one.series is None else str(one.series),
            f"{one.angle_deg:.2f}",
            one.cause,
        )
        for one in truth
    ]


@pytest.mark.parametrize(("seed", "split"), [("3", "test"), ("1003", "tuning")])
def test_all_that_a_night_was_made_from_is_written(tmp_path: Path, seed: str, split: str) -> None:
    simulated(tmp_path, *HALF_A_MINUTE, "--seed", seed, "--regime", "artefact")
    told = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert (told["seed"], told["split"], told["duration_s"], told["regime"]["name"]) == (
        int(seed),
        split,
        36,
        "artefact",
    )
    # A pause that never ends is null: JSON has no infinity.
    assert told["regime"]["movements"]["series_gap_s"] is None
    low, high = told["regime"]["emg"]["noise_uv"]
    assert all(low <= leg["noise_uv"] <= high for leg in told["legs"].values())
    assert [told["stages"][0]["onset_s"], told["stages"][-1]["end_s"]] == [0, 36]
    assert {"kind": "wake", "leg": "both", "onset_s": 0.0, "end_s": 9.0} in told["spans"]


def test_a_night_begins_when_the_caller_says(tmp_path: Path) -> None:
    start = datetime(2027, 5, 6, 23, 15, tzinfo=UTC)
    write_edf(tmp_path / "night.edf", simulate_night(0.01, seed=1, regime="clean"), start=start)
    assert read_edf(tmp_path / "night.edf").start_ns == start.timestamp() * 1e9


def test_a_night_is_written_minute_by_minute(tmp_path: Path) -> None:
    night = simulate_night(0.4, seed=1, regime="clean")
    shares: list[float] = []
    peaks: list[int] = []

    def progress(share: float) -> None:
        shares.append(share)
        peaks.append(tracemalloc.get_traced_memory()[1])

    tracemalloc.start()
    try:
        write_edf(tmp_path / "night.edf", night, progress=progress)
    finally:
        tracemalloc.stop()
    assert shares == [pytest.approx((minute + 1) / 24) for minute in range(24)]
    assert peaks[-1] < peaks[1] + 2e6


def test_a_night_of_less_than_a_second_or_with_an_odd_rate_is_refused(tmp_path: Path) -> None:
    for night, message in (
        (simulate_night(0.0001, seed=1, regime="clean"), "the night lasts 0.36 s, expected 1 s or more"),
        (simulate_night(0.01, seed=1, regime="clean", emg_fs_hz=476.5), "left: sampling rate is 476.5 Hz, expected"),
        (simulate_night(0.01, seed=1, regime="clean", muscles=("chin",)), "left: muscle is 'chin', expected one of"),
    ):
        with pytest.raises(ValueError, match=message):
            write_edf(tmp_path / "night.edf", night)
    assert not (tmp_path / "night.edf").exists()
