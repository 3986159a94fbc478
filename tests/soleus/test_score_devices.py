"""``soleus score`` on the files of worn loggers, whole and damaged."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from detectors.criteria import named
from detectors.pipeline import score
from ingest.errors import DecodeError
from ingest.files.actigraph import read_actigraph
from soleus.__main__ import run
from soleus.reading import Reading
from soleus.tune.sources import FromFiles

pytestmark = pytest.mark.slow

FILES = Path(__file__).parent.parent / "data" / "device_files"


def test_a_device_that_was_worn_on_a_leg_is_scored_as_that_leg_s(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["score", str(FILES / "actigraph.gt3x"), "--channel", "acceleration=ACC-L", "--format", "json"]
    assert run([*command, "--time-zone", "Europe/Berlin"]) == 0
    answer = json.loads(capsys.readouterr().out)
    (stream,) = answer["recording"]["streams"]
    assert (stream["leg"], stream["quantity"], stream["n_samples"]) == ("left", "acceleration", 53_040)
    assert datetime.fromisoformat(answer["recording"]["start"]) == datetime(2020, 8, 26, 8, 9, tzinfo=UTC)
    # Of half an hour it was ten minutes awake.
    assert 0 < answer["summary"]["valid_h"]["left"] < 588 / 3600
    assert "signal_gap" in {event["kind"] for event in answer["events"]}


def test_a_recording_with_many_gaps_is_scored_the_same_however_it_is_cut() -> None:
    recording = read_actigraph(FILES / "actigraph.gt3x", channels={"acceleration": "ACC-L"})
    whole, cut = (score(recording, named("wasm-2016"), block_samples=length) for length in (None, 97))
    assert (whole.events, whole.summary) == (cut.events, cut.summary)
    assert len(whole.events) > 100


def test_rotation_is_listed_and_not_scored(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["score", str(FILES / "ax6.cwa"), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [stream["quantity"] for stream in answer["recording"]["streams"]] == ["acceleration", "rotation"]
    assert answer["summary"]["unscored"] == {"axivity/rotation": "no rule uses rotation"}


def test_what_moved_at_a_waist_is_no_leg_movement(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(FILES / "actigraph.gt3x")
    assert run(["score", path]) == 2
    said = capsys.readouterr()
    expected = "was worn at 'Waist', expected a leg; if it was one, say which with --channel acceleration=ACC-L"
    assert (said.out, said.err) == ("", f"soleus: {path}: {expected}\n")


def test_what_is_whole_of_a_damaged_file_is_scored_where_that_is_asked_for(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    path = str(FILES / "geneactiv_cut_off.bin")
    assert run(["score", path, "--channel", "acceleration=ACC-L", "--format", "json"]) == 2
    capsys.readouterr()
    assert run(["score", path, "--channel", "acceleration=ACC-L", "--format", "json", "--salvage"]) == 0
    (stream,) = json.loads(capsys.readouterr().out)["recording"]["streams"]
    assert stream["n_samples"] == 16 * 300
    assert "ends within page 17" in caplog.text


@pytest.mark.parametrize(
    ("channel", "told"),
    [
        ("acceleration=left wrist", "is said to be 'left wrist', expected for example 'ACC-L'"),
        ("acceleration=EMG TA-L", "is said to be 'EMG TA-L', expected for example 'ACC-L'"),
        ("acceleration=-", "acceleration left out, expected one that is not"),
    ],
)
def test_a_channel_of_a_device_is_the_acceleration_of_a_leg(
    channel: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["score", str(FILES / "actigraph.gt3x"), "--channel", channel]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("name", ["ax3.cwa", "ax6.cwa", "actigraph.gt3x", "geneactiv_cut_off.bin", "genea.bin"])
def test_what_is_cut_off_is_one_clear_line_and_exit_code_2(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    stored = (FILES / name).read_bytes()
    path.write_bytes(stored[: len(stored) * 2 // 3 + 1])
    assert run(["score", str(path), "--format", "json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
    assert str(path) in said.err
    assert "Traceback" not in said.err


def test_a_damaged_file_is_judged_where_that_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = tmp_path / "ann.tsv"
    listed.write_text("onset\tduration\ttrial_type\n1\t2\tLM left\n", encoding="utf-8")
    asked = ["evaluate", str(FILES / "geneactiv_cut_off.bin"), "--reference", str(listed)]
    asked += ["--channel", "acceleration=ACC-L", "--format", "json"]
    assert run(asked) == 1
    assert "ends within page 17" in str(json.loads(capsys.readouterr().out)["recordings"][0]["errors"])
    assert run([*asked, "--salvage"]) == 0
    (recording,) = json.loads(capsys.readouterr().out)["recordings"]
    assert not recording["errors"]


def test_thresholds_are_tried_on_a_damaged_file_where_that_is_asked_for(tmp_path: Path) -> None:
    listed = tmp_path / "ann.tsv"
    listed.write_text("onset\tduration\ttrial_type\n1\t2\tLM left\n", encoding="utf-8")
    refused, whole = (
        FromFiles(FILES / "geneactiv_cut_off.bin", listed, Reading((("acceleration", "ACC-L"),), salvage=salvage))
        for salvage in (False, True)
    )
    with pytest.raises(DecodeError, match="ends within page 17"):
        refused()
    assert whole().recording.duration_s > 0
    assert whole.reading.told["salvage"] is True


@pytest.mark.slow
def test_no_threshold_is_chosen_on_what_moved_at_a_waist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lists").mkdir()
    found = [str(FILES / name) for name in ("actigraph.gt3x", "ax6.cwa")]
    for name in ("actigraph", "ax6"):
        rows = "onset\tduration\ttrial_type\n1\t2\tLM left\n"
        (tmp_path / "lists" / f"{name}.tsv").write_text(rows, encoding="utf-8")
    asked = ["tune", *found, "--reference", str(tmp_path / "lists"), "--out", str(tmp_path / "lab.toml")]
    assert run([*asked, "--vary", "motion.onset_g=0.02,0.03", "--folds", "2", "--inner-folds", "1"]) == 2
    assert "was worn at 'Waist', expected a leg" in capsys.readouterr().err
    assert run([*asked, "--vary", "motion.onset_g=0.02,0.03", "--take", "spasm=cramp"]) == 2
    assert "got 'spasm=cramp', expected KIND=KIND with kinds of events" in capsys.readouterr().err
