"""``soleus replay``: a stored night once more, and what is refused."""

from __future__ import annotations

import gc
import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from soleus import __version__
from soleus.__main__ import run
from soleus.nights import alone
from soleus.scoring import NightScoring
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with three nights, the middle one without a log."""
    folder = tmp_path_factory.mktemp("several")
    for number in range(3):
        night = write_night(folder / "nights" / f"2026-09-2{number}-223000", night_records(0.01, seed=number))
        if number == 1:
            night.packets.unlink()
    (folder / "soleus.toml").write_text(f"data_dir = '{folder}'\n", encoding="utf-8")
    return folder


@pytest.mark.slow
def test_several_nights_are_an_object_each_and_one_that_cannot_be_read_is_named(
    several: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["replay", "--all", "--json", "--config", str(several / "soleus.toml")]) == 1
    printed = capsys.readouterr()
    files = [json.loads(line)["recording"]["file"] for line in printed.out.splitlines()]
    assert files == ["2026-09-20-223000", "2026-09-22-223000"]
    assert "2026-09-21-223000" in printed.err
    assert printed.err.count("\n") == 1


class LiveNights(io.StringIO):
    """A standard output that notes how many scored nights are in memory when something is printed."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: list[int] = []

    def write(self, text: str) -> int:
        gc.collect()
        self.counts.append(sum(isinstance(thing, NightScoring) for thing in gc.get_objects()))
        return super().write(text)


@pytest.mark.slow
def test_a_night_is_forgotten_before_the_next_is_read(several: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = LiveNights()
    monkeypatch.setattr(sys, "stdout", out)
    nights = [f"2026-09-2{number}-223000" for number in (0, 2, 0)]
    assert run(["replay", *nights, "--json", "--config", str(several / "soleus.toml")]) == 0
    assert len(out.getvalue().splitlines()) == len(nights)
    assert set(out.counts) == {1}


@pytest.mark.slow
def test_a_night_that_was_published_says_what_changed(several: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replay = ["replay", "2026-09-20-223000", "2026-09-22-223000", "--publish", "--config", str(several / "soleus.toml")]
    said = []
    for _ in range(2):
        assert run(replay) == 0
        said.append(capsys.readouterr().out.splitlines())
    assert all("entries changed" in line for line in said[0])
    assert [line.rpartition(", ")[2] for line in said[1]] == ["nothing changed", "nothing changed"]


@pytest.mark.slow
def test_a_night_that_a_collector_works_on_is_not_published(several: Path, capsys: pytest.CaptureFixture[str]) -> None:
    night = several / "nights/2026-09-22-223000"
    with alone(night / "night.lock", "taken"):
        assert run(["replay", night.name, "--publish", "--config", str(several / "soleus.toml")]) == 2
        assert capsys.readouterr().err.splitlines()[-1].endswith("a collector is at work on this night")
        assert run(["replay", night.name, "--config", str(several / "soleus.toml")]) == 0


@pytest.mark.parametrize("nights", [[], ["--all", "2026-09-20-223000"]])
def test_it_must_be_said_which_nights(nights: list[str], several: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["replay", *nights, "--config", str(several / "soleus.toml")]) == 2
    assert capsys.readouterr().err.startswith("soleus: which nights? Expected their names, or --all and no name")
