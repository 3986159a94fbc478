"""``soleus score`` on a file: formats, cuts, thresholds, differences, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, time
from typing import TYPE_CHECKING

import edfio
import pytest

from detectors.simulate import simulate_night
from soleus.__main__ import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

MINUTES = 10
AXES = "xyz"


def write_recording(
    path: Path, *, minutes: float = MINUTES, labels: tuple[str, str] = ("EMG TA-L", "EMG TA-R")
) -> Path:
    """Write both legs of a simulated night as any recorder would, with edfio itself."""
    signals = []
    for label, leg in zip(labels, simulate_night(minutes / 60, seed=5, regime="clean").legs, strict=True):
        emg = leg.emg(0, leg.n_emg)[:, 0].astype(float)
        signals.append(
            edfio.EdfSignal(emg, leg.emg_fs_hz, label=label, physical_dimension="uV", physical_range=(-3000, 3000))
        )
        motion = leg.acceleration(0, leg.n_acceleration).astype(float)
        signals += [
            edfio.EdfSignal(
                motion[:, column], leg.acceleration_fs_hz, label=f"ACC-{leg.leg[0].upper()} {axis}",
                physical_dimension="g", physical_range=(-8, 8),
            )
            for column, axis in enumerate(AXES)
        ]  # fmt: skip
    edfio.Edf(signals, recording=edfio.Recording(startdate=date(2026, 3, 14)), starttime=time(22, 30)).write(path)
    return path


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recording(tmp_path_factory.mktemp("score") / "night.edf")


@pytest.fixture
def scored(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def runner(*args: object) -> str:
        assert run(["score", "--criteria", "wasm-2016", *map(str, args)]) == 0
        return capsys.readouterr().out

    return runner


def test_one_object_says_what_was_recorded_and_found(night: Path, scored: Callable[..., str]) -> None:
    found = json.loads(scored(night, "--format", "json"))
    assert found["recording"]["file"] == str(night)
    assert found["recording"]["start"].startswith("2026-03-14T22:30:00")
    assert found["recording"]["duration_s"] == MINUTES * 60
    assert {(s["leg"], s["quantity"], s["unit"], s["fs_hz"]) for s in found["recording"]["streams"]} == {
        (leg, *what) for leg in ("left", "right") for what in (("emg", "uV", 500.0), ("acceleration", "g", 50.0))
    }
    assert {"leg_movement"} <= {event["kind"] for event in found["events"]}
    assert found["summary"]["lm"] > 0
    assert found["summary"]["lm_per_h"] is None
    assert found["summary"]["reasons"]["lm_per_h"] == "0.2 h of valid signal, an index needs 4 h"


def test_an_index_of_a_short_recording_is_there_for_who_asks_for_it(night: Path, scored: Callable[..., str]) -> None:
    found = json.loads(scored(night, "--format", "json", "--set", "validity.min_index_h=0"))
    assert found["summary"]["lm_per_h"] > 0


def test_however_the_streams_are_cut_the_bytes_are_the_same(night: Path, scored: Callable[..., str]) -> None:
    whole = scored(night, "--format", "json")
    for n in (250, 10_000_000):
        assert scored(night, "--format", "json", "--block-samples", n) == whole, f"blocks of {n} samples"


def test_four_minutes_cut_into_tiny_blocks_give_the_same_bytes(scored: Callable[..., str], tmp_path: Path) -> None:
    short = write_recording(tmp_path / "short.edf", minutes=4)
    whole = scored(short, "--format", "json")
    assert scored(short, "--format", "json", "--block-samples", 7) == whole
    assert json.loads(whole)["summary"]["lm"] > 0


def test_several_files_are_one_line_each(night: Path, scored: Callable[..., str], tmp_path: Path) -> None:
    short = write_recording(tmp_path / "short.edf", minutes=2)
    lines = scored(night, short, "--format", "json").splitlines()
    assert [json.loads(line)["recording"]["file"] for line in lines] == [str(night), str(short)]


def test_csv_lists_every_event(night: Path, scored: Callable[..., str]) -> None:
    events = json.loads(scored(night, "--format", "json"))["events"]
    rows = list(csv.DictReader(io.StringIO(scored(night, "--format", "csv"))))
    assert [(row["kind"], float(row["onset_s"])) for row in rows] == [(e["kind"], e["onset_s"]) for e in events]


def test_the_rules_read_the_movements_back(
    night: Path, scored: Callable[..., str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = [e for e in json.loads(scored(night, "--format", "json"))["events"] if e["kind"] == "leg_movement"]
    listed = tmp_path / "events.tsv"
    listed.write_text(scored(night, "--format", "tsv"), encoding="utf-8")
    assert run(["rules", str(listed), "--format", "json"]) == 0
    combined = json.loads(capsys.readouterr().out)["events"]
    assert 0 < len(combined) <= len(events)


def test_a_higher_threshold_loses_events_and_the_difference_names_them(
    night: Path, scored: Callable[..., str], tmp_path: Path
) -> None:
    before = tmp_path / "before.json"
    before.write_text(scored(night, "--format", "json"), encoding="utf-8")
    same = json.loads(scored(night, "--format", "json", "--diff", before))["diff"]
    assert (same["added"], same["lost"], same["moved"]) == ([], [], [])
    change = ("--set", "leg_movement.onset_uv=200", "--set", "leg_movement.offset_uv=100")
    after = json.loads(scored(night, "--format", "json", "--diff", before, *change))
    assert after["criteria"]["leg_movement"]["onset_uv"] == 200.0
    assert "leg_movement" in {event["kind"] for event in after["diff"]["lost"]}
    assert " lost" in scored(night, "--diff", before, *change)


def test_thresholds_can_come_from_a_file(night: Path, scored: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[set.leg_movement]\nonset_uv = 12.5\n", encoding="utf-8")
    found = json.loads(scored(night, "--format", "json", "--criteria", file))
    assert found["criteria"]["leg_movement"]["onset_uv"] == 12.5


def test_stages_of_a_list_count_like_those_of_the_file(night: Path, scored: Callable[..., str], tmp_path: Path) -> None:
    stages = tmp_path / "stages.tsv"
    stages.write_text("onset\tduration\ttrial_type\n0\t300\tSleep stage W\n300\t300\tSleep stage N2\n")
    summary = json.loads(scored(night, "--stages", stages, "--format", "json"))["summary"]
    assert summary["sleep_basis"] == "stages"
    assert summary["tst_est_h"] == pytest.approx(300 / 3600)


def test_a_channel_with_a_name_of_its_own_can_be_mapped(scored: Callable[..., str], tmp_path: Path) -> None:
    odd = write_recording(tmp_path / "odd.edf", minutes=2, labels=("DC7", "EMG TA-R"))
    mapped = json.loads(scored(odd, "--format", "json", "--channel", "DC7=EMG TA-L"))
    assert ("left", "emg") in {(s["leg"], s["quantity"]) for s in mapped["recording"]["streams"]}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["{text}"], "soleus: {text}: "),
        (["{missing}"], "soleus: {missing}: "),
        (["{night}", "--criteria", "wasm-2015"], "soleus: --criteria: criteria: criteria are called 'wasm-2015'"),
        (["{night}", "--criteria", "{missing}.toml"], "soleus: {missing}.toml: cannot be read as TOML"),
        (["{night}", "--set", "leg_movement.onset_uv=1"], "soleus: leg_movement.offset_uv is 2.0, expected less than"),
        (
            ["{night}", "--set", "leg_movement.onset=9"],
            "soleus: --set: unknown setting leg_movement.onset, did you mean",
        ),
        (["{night}", "--set", "leg_movement.nyquist_share=0.01"], "soleus: {night}: a band of 20-5 Hz needs more than"),
        (["{night}", "--channel", "DC7"], "soleus: Invalid value for '--channel': got 'DC7', expected LABEL=CHANNEL"),
        (["{night}", "--diff", "{text}"], "soleus: --diff {text}: cannot be read as the output of"),
        (
            ["{night}", "--diff", "{text}", "--format", "csv"],
            "soleus: --diff with --format csv: expected --format table or",
        ),
        (
            ["{night}", "--diff", "{text}", "--format", "tsv"],
            "soleus: --diff with --format tsv: expected --format table or",
        ),
        (["{night}", "--block-samples", "0"], "soleus: Invalid value for '--block-samples'"),
        (["{night}", "{night}", "--format", "tsv"], "soleus: --format tsv: got 2 files, expected one"),
    ],
)
def test_what_cannot_be_scored_is_one_line_and_exit_2(
    args: list[str], message: str, night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "text.edf"
    text.write_text("this is no recording\n" * 50, encoding="utf-8")
    names = {"text": text, "missing": tmp_path / "missing.edf", "night": night}
    assert run(["score", *(arg.format(**names) for arg in args)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(message.format(**names))
    assert printed.err.count("\n") == 1


def test_stages_of_another_night_are_refused_in_one_line(
    night: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stages = tmp_path / "stages.tsv"
    stages.write_text("onset\tduration\ttrial_type\n90000\t300\tSleep stage N2\n")
    assert run(["score", str(night), "--stages", str(stages)]) == 2
    said = capsys.readouterr().err.strip()
    assert "the stages lie from 90000 s to 90300 s after its start, expected some of them within its" in said
    assert len(said.splitlines()) == 1
