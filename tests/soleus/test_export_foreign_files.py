"""What somebody keeps beside an export or a report stays as it is, whatever it is called."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ingest.decoders.lsp_info import DATA_UUID
from ingest.decoders.lsp_packets import decode_header
from ingest.night.records import Notification
from soleus.__main__ import run
from soleus.export_folder import new_folder
from tests.night_log import ACC, EMG, INFO, UTC_NS, night_records, write_night

if TYPE_CHECKING:
    from pathlib import Path

HOURS = 0.003


def test_a_folder_that_is_called_as_the_export_and_part_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "out.part" / "own.txt"
    own.parent.mkdir()
    own.write_text("mine", encoding="utf-8")
    with new_folder(tmp_path / "out", force=False) as part:
        (part / "events.csv").touch()
    assert own.read_text(encoding="utf-8") == "mine"
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["out", "out.part"]


def test_the_folder_that_one_is_in_and_one_behind_a_link_can_be_written_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, linked = tmp_path / "inside", tmp_path / "linked"
    inside.mkdir()
    linked.symlink_to(inside)
    monkeypatch.chdir(inside)
    for target, force in ((inside.relative_to(inside), False), (linked, True)):
        with new_folder(target, force=force) as part:
            (part / "events.csv").write_text(str(force), encoding="utf-8")
        assert (inside / "events.csv").read_text(encoding="utf-8") == str(force)
    assert linked.is_symlink()
    assert inside.stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_a_file_that_is_called_as_the_recording_and_part_is_left_alone(tmp_path: Path) -> None:
    night = write_night(tmp_path / INFO.night, night_records(HOURS))
    own = tmp_path / "out.edf.part"
    own.write_text("mine", encoding="utf-8")
    assert run(["export", str(night.path), "--to", str(tmp_path / "out.edf")]) == 0
    assert own.read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "out.edf").stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_two_nights_of_one_name_are_not_written_over_each_other_and_one_is_written_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = (write_night(tmp_path / home / INFO.night, night_records(HOURS)) for home in ("a", "b"))
    target = tmp_path / "out"
    assert run(["export", str(here.path), str(there.path), "--to", str(target), "--force"]) == 2
    assert f"2 nights are called {INFO.night}, expected one of each name" in capsys.readouterr().err
    assert not target.exists()
    assert run(["export", str(here.path), f"{here.path}/", "--to", str(tmp_path / "one.edf")]) == 0
    assert (tmp_path / "one.edf").is_file()


@pytest.mark.slow
def test_a_folder_that_is_not_there_is_named_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    night = write_night(tmp_path / INFO.night, night_records(HOURS))
    assert run(["export", str(night.path), "--to", str(tmp_path / "no" / "x.edf")]) == 2
    assert f"{tmp_path / 'no'} is not a folder, expected one to write into" in capsys.readouterr().err


@pytest.mark.slow
def test_nights_without_emg_or_samples_are_left_out_of_a_data_set_and_leave_no_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "soleus.toml"
    config.write_text(f"data_dir = '{tmp_path / 'data'}'\n", encoding="utf-8")
    for night, streams in (("whole", {EMG.stream_id, ACC.stream_id}), ("motion", {ACC.stream_id}), ("empty", set())):
        records = [
            one
            for one in night_records(HOURS)
            if not (isinstance(one, Notification) and one.characteristic == DATA_UUID)
            or decode_header(one.payload)[0].stream_id in streams
        ]
        folder = write_night(tmp_path / "data" / "nights" / night, records)
        folder.write_info(replace(INFO, night=night, person=night))
        folder.write_events([])
        folder.write_summary({"start_ns": UTC_NS, "end_ns": UTC_NS + 1, "final": True, "summary": {"lm": 0}})
    out = tmp_path / "out"
    assert run(["export", "--all", "--format", "bids", "--to", str(out), "--config", str(config)]) == 0
    said = capsys.readouterr().err
    assert "no EMG in it" in said
    assert "no samples in it" in said
    assert [path.name for path in out.iterdir() if path.is_dir()] == ["sub-whole"]
    assert run(["export", "--all", "--to", str(tmp_path / "files"), "--config", str(config)]) == 0
    assert {path.name for path in (tmp_path / "files").iterdir()} == {"motion.edf", "whole.edf"}


@pytest.mark.slow
def test_a_report_replaces_a_report_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, target = tmp_path / "soleus.toml", tmp_path / "own.txt"
    config.write_text(f"data_dir = '{tmp_path / 'data'}'\n", encoding="utf-8")
    write_night(tmp_path / "data" / "nights" / INFO.night, night_records(HOURS))
    target.write_text("mine", encoding="utf-8")
    words = ["report", "--config", str(config), "--force", "--pdf"]
    assert run([*words, str(target)]) == 2
    assert "is no report, expected a new file or an earlier report to replace" in capsys.readouterr().err
    assert target.read_text(encoding="utf-8") == "mine"
    for _ in range(2):
        assert run([*words, str(tmp_path / "night.pdf")]) == 0
