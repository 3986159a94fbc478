"""Recordings that lie beside a simulated night in one folder are no less there than the night."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from soleus.__main__ import run
from soleus.errors import ConfigError
from soleus.evaluation.cases import cases_of, recordings_of
from soleus.tune.sources import paired

if TYPE_CHECKING:
    from pathlib import Path


def made(folder: Path, *names: str) -> Path:
    """Make empty files: which is what is told by their names."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Return a folder with simulated nights at two depths, and recordings beside and among their files."""
    nights = (f"{night}/{name}" for night in ("made-1", "deep/made-2") for name in ("night.edf", "truth.tsv"))
    return made(tmp_path / "study", *nights, "made-1/other.edf", "ann.edf", "night.edf", "bob.csv", "plain/night.edf")


NIGHTS = ["made-1", "made-2"]
OTHERS = ["ann.edf", "made-1/other.edf", "night.edf", "plain/night.edf"]


def test_every_recording_of_a_folder_with_simulated_nights_is_there(study: Path) -> None:
    cases = recordings_of([study], [])
    assert [case.recording for case in cases if case.references] == NIGHTS
    assert [str(case.found.relative_to(study)) for case in cases if case.found and not case.references] == OTHERS
    assert not any(case.error for case in cases)
    # One that is named twice is one.
    assert recordings_of([study, study / "made-1", study / "ann.edf"], []) == cases
    tables = recordings_of([study], [], with_tables=True)
    assert [case.recording for case in tables if case not in cases] == ["bob"]


def test_a_simulated_night_that_is_named_itself_has_the_others_of_its_folder_beside_it(study: Path) -> None:
    (night, other) = recordings_of([study / "made-1"], [])
    assert (night.recording, [*night.references], other.recording) == ("made-1", ["truth"], "other")


def test_a_night_whose_recording_was_not_written_to_its_end_is_there_too(tmp_path: Path) -> None:
    (night,) = recordings_of([made(tmp_path, "made/truth.tsv")], [])
    assert night.found == tmp_path / "made" / "night.edf"


def test_lists_are_of_the_recordings_that_are_not_simulated(study: Path, tmp_path: Path) -> None:
    for file in ("night.edf", "plain/night.edf", "made-1/other.edf"):
        (study / file).unlink()
    lists = made(tmp_path / "anna", "ann.tsv")
    cases = recordings_of([study], [lists])
    assert [(case.recording, *case.references) for case in cases] == [
        *((night, "truth") for night in NIGHTS),
        ("ann", "anna"),
    ]
    with pytest.raises(ConfigError, match="got simulated nights alone"):
        recordings_of([study / "deep"], [lists])


def test_what_nothing_lies_beside_to_judge_it_by_is_told_and_not_left_out(study: Path) -> None:
    cases = cases_of([study], [])
    assert [case.recording for case in cases if not case.error] == NIGHTS
    told = {case.found: case.error for case in cases if case.error}
    assert [*told] == [study / other for other in OTHERS]
    assert all(str(file) in error and "expected one" in error for file, error in told.items())
    with pytest.raises(ConfigError, match="other: got no --reference"):
        paired([study / "made-1"], [], None, None)
    with pytest.raises(ConfigError, match="expected one, or a folder"):
        cases_of([study / "plain"], [])


@pytest.mark.slow
def test_evaluate_says_which_recording_of_the_folder_was_not_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["simulate", str(tmp_path / "made"), "--hours", "0.01"]) == 0
    shutil.copy(tmp_path / "made" / "night.edf", tmp_path / "ann.edf")
    capsys.readouterr()
    assert run(["evaluate", str(tmp_path), "--format", "json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert [one["recording"] for one in answer["recordings"]] == ["made", "ann"]
    assert [len(one["errors"]) for one in answer["recordings"]] == [0, 1]
    assert "ann.edf" in answer["recordings"][1]["errors"][0]
