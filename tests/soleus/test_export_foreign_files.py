"""What somebody keeps beside an export or a report stays as it is, whatever it is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from soleus.__main__ import run
from soleus.export_folder import new_folder
from tests.night_log import INFO, night_records, write_night

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
