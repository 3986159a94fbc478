"""``soleus replay``: a stored night once more, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from soleus import __version__
from soleus.__main__ import run
from tests.night_log import night_records, write_night

if TYPE_CHECKING:
    from pathlib import Path

HOURS = 0.05


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_night(tmp_path_factory.mktemp("replay") / "2026-09-21-2230", night_records(HOURS)).path


@pytest.fixture
def arguments(night: Path, tmp_path: Path) -> list[str]:
    file = tmp_path / "soleus.toml"
    file.write_text(f"data_dir = '{tmp_path / 'data'}'\n", encoding="utf-8")
    return ["replay", str(night), "--config", str(file), "--format", "json"]


def test_the_answer_names_every_stream_with_its_length(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 0
    recording = json.loads(capsys.readouterr().out)["recording"]
    streams = sorted(recording["streams"], key=lambda stream: (stream["sensor"], stream["quantity"]))
    assert streams == [
        {
            "sensor": f"{leg}-shin", "leg": leg, "site": "tibialis anterior", "quantity": quantity, "unit": unit,
            "fs_hz": fs_hz, "n_samples": round(HOURS * 3600 * fs_hz),
        }
        for leg in ("left", "right")
        for quantity, unit, fs_hz in (("acceleration", "g", 50.0), ("emg", "uV", 500.0))
    ]  # fmt: skip


def test_the_answer_says_how_complete_the_night_is(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 0
    stated = json.loads(capsys.readouterr().out)["completeness"]
    assert stated["verdict"] == "left-shin, emg: 3 min 00 s of 3 min 00 s, 100 %; no gap"
    assert stated["version"] == __version__


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["--set", "leg_movement.nyquist_share=0.01"], "soleus: 2026-09-21-2230: a band of 20-5 Hz needs more than"),
        (["--scoring", "a/b"], "soleus: --scoring is 'a/b', expected letters, digits"),
    ],
)
def test_what_cannot_be_replayed_is_one_line_and_exit_2(
    arguments: list[str], changes: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*arguments, *changes]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(message)
    assert printed.err.count("\n") == 1


@pytest.mark.slow
def test_a_night_that_was_never_finished_gets_its_files_from_a_published_replay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_night(tmp_path / "nights" / "2026-09-21-2230", night_records(HOURS))
    file = tmp_path / "soleus.toml"
    file.write_text(f"data_dir = '{tmp_path}'\n", encoding="utf-8")
    replay = ["replay", folder.path.name, "--config", str(file), "--format", "json"]
    assert run([*replay, "--publish", "--scoring", "other"]) == 0
    assert folder.read_summary() is None
    assert run([*replay, "--publish"]) == 0
    summary = folder.read_summary()
    assert summary is not None
    assert summary["final"]
    assert len(folder.read_events()) == len(json.loads(capsys.readouterr().out.splitlines()[-1])["events"])
    assert run(["certificate", folder.path.name, "--config", str(file), "--check"]) == 0
