"""``soleus privacy delete``: nothing of the person stays on this computer, everything of others does."""

from __future__ import annotations

import io
import json
import shutil
from typing import TYPE_CHECKING

from ingest.influx_person import Span
from ingest.night.changes import NightName
from ingest.night.journal import Journal
from ingest.notes import Note, keep_beside
from soleus.__main__ import run
from soleus.nights import alone, sending_lock
from soleus.removal import plan
from soleus.removal_times import Unfinished, UnfinishedFile
from soleus.settings import Settings
from tests.kept_nights import HOURS_NS, NIGHTS, OTHER, STARTS_NS, entries, kept_nights

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

UNREACHABLE = '[store]\nurl = "http://127.0.0.1:1"\n'


def delete(folder: Path, *options: str) -> int:
    return run(["privacy", "delete", "--config", str(folder / "soleus.toml"), *options])


def files_that_say(folder: Path, word: str) -> list[str]:
    files = [path for path in (folder / "data").rglob("*") if path.is_file()]
    return [path.name for path in files if word.encode() in path.read_bytes()]


def settings(folder: Path) -> Settings:
    return Settings(person="p1", data_dir=folder / "data")


def test_no_byte_of_the_person_stays_and_nothing_of_others_goes(tmp_path: Path) -> None:
    kept_nights(tmp_path)
    assert delete(tmp_path, "--yes") == 0
    assert [path.name for path in (tmp_path / "data/nights").iterdir()] == ["2026-09-22"]
    assert files_that_say(tmp_path, "p1") == []
    assert files_that_say(tmp_path, "magnesium") == []
    with Journal(tmp_path / "data/journal.sqlite") as journal:
        assert len(list(journal.everything(OTHER))) == 4
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"nights", "journal.sqlite", "sending.lock"}


def test_one_night_goes_and_the_other_stays(tmp_path: Path) -> None:
    kept_nights(tmp_path)
    assert delete(tmp_path, "--yes", "--night", NIGHTS[0]) == 0
    assert not (tmp_path / "data/nights" / NIGHTS[0]).exists()
    assert files_that_say(tmp_path, NIGHTS[0]) == []
    assert files_that_say(tmp_path, "magnesium") == []
    assert (tmp_path / "data/nights" / NIGHTS[1] / "tracks/left.f32").exists()
    with Journal(tmp_path / "data/journal.sqlite") as journal:
        assert {row["night"] for row in journal.everything("p1")} == {NIGHTS[1]}


def test_it_is_said_which_entries_of_the_diary_a_night_leaves_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept_nights(tmp_path)
    evening = NightName("p1", NIGHTS[0][:10], "")
    with Journal(tmp_path / "data/journal.sqlite") as journal:
        # Written before the night began, when nobody could know of it.
        keep_beside(journal, evening, Note("drink", "absinthe", {}, None), STARTS_NS[0] - HOURS_NS)
    assert delete(tmp_path, "--yes", "--night", NIGHTS[0]) == 0
    left = f"soleus: stays: 1 entry of the diary filed under {evening.night}, which pages show with {NIGHTS[0]}"
    assert left in capsys.readouterr().err
    assert delete(tmp_path, "--yes", "--night", evening.night) == 0
    assert "stays" not in capsys.readouterr().err
    assert files_that_say(tmp_path, "absinthe") == []


def test_it_asks_for_the_name_of_the_person_and_removes_nothing_without_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_nights(tmp_path)
    for typed in ("", "yes\n", f"{OTHER}\n"):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert delete(tmp_path) == 2
        assert f"nothing was removed: got {typed.strip()!r}, expected 'p1'" in capsys.readouterr().err
    assert files_that_say(tmp_path, "magnesium")
    monkeypatch.setattr("sys.stdin", io.StringIO("p1\n"))
    assert delete(tmp_path) == 0
    said = capsys.readouterr()
    assert "This removes everything of p1 for good:\n  2 night folders in " in said.err
    assert "removed: 2 night folders" in said.out
    assert "Not removed, because it cannot be reached from here: backups" in said.out


def test_a_night_that_is_being_collected_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept_nights(tmp_path)
    with alone(tmp_path / "data/nights" / NIGHTS[1] / "night.lock", "in use"):
        for options in ([], ["--night", NIGHTS[0]], ["--night", NIGHTS[1]]):
            assert delete(tmp_path, "--yes", *options) == 2
            assert f"the night {NIGHTS[1]} is being collected" in capsys.readouterr().err
    assert files_that_say(tmp_path, "magnesium")


def test_nothing_is_removed_while_it_is_being_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept_nights(tmp_path)
    with alone(sending_lock(settings(tmp_path)), "in use"):
        assert delete(tmp_path, "--yes") == 2
    assert capsys.readouterr().err.endswith("another process is sending what waits\n")
    assert files_that_say(tmp_path, "magnesium")


def test_a_night_that_nobody_knows_is_refused_and_the_known_ones_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept_nights(tmp_path)
    assert delete(tmp_path, "--yes", "--night", "2026-09-22") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(f"nothing is kept of the night '2026-09-22' of p1, expected one of: {', '.join(NIGHTS)}")


def test_what_a_killed_removal_left_goes_with_the_next(tmp_path: Path) -> None:
    kept_nights(tmp_path)
    leaving = tmp_path / "data/nights/.deleted"
    leaving.mkdir()
    (tmp_path / "data/nights" / NIGHTS[0]).rename(leaving / NIGHTS[0])
    assert delete(tmp_path, "--yes") == 0
    assert files_that_say(tmp_path, "p1") == []


def test_what_lies_behind_a_link_stays_and_is_never_called_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept_nights(tmp_path)
    moved, linked = (tmp_path / "data/nights" / night for night in NIGHTS)
    moved.rename(tmp_path / "disk")
    moved.symlink_to(tmp_path / "disk")
    (linked / "packets.log").rename(tmp_path / "packets")
    (linked / "packets.log").symlink_to("../../../packets")
    assert delete(tmp_path, "--yes", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert told["removed"][-1] == "1 night folders"
    assert told["failed"] == [
        f"{moved}: is a link, and {tmp_path / 'disk'} stays: remove that, then repeat this command",
        f"{tmp_path / 'packets'}: stays, a link in {linked} led there",
    ]
    assert (tmp_path / "disk/packets.log").exists()
    shutil.rmtree(tmp_path / "disk")
    assert delete(tmp_path, "--yes") == 0


def test_a_database_that_is_away_is_said_and_tried_again_by_the_same_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_nights(tmp_path, UNREACHABLE)
    monkeypatch.setenv("SOLEUS_STORE_TOKEN", "quince-token")
    for _ in range(2):
        assert delete(tmp_path, "--yes", "--night", NIGHTS[0], "--json") == 1
        told = json.loads(capsys.readouterr().out)
        assert told["failed"][-1].startswith("points stay: InfluxDB http://127.0.0.1:1 does not answer")
        assert not (tmp_path / "data/nights" / NIGHTS[0]).exists()
        again = plan(settings(tmp_path), "p1", NIGHTS[0])
        assert again.spans
        assert Span("leg_event", STARTS_NS[0], STARTS_NS[0] + HOURS_NS + 1) in again.spans
        assert {span.measurement for span in again.spans} == {
            "leg_event",
            "leg_epoch",
            "sensor_health",
            "night",
            "night_hour",
            "night_interval",
            "delivery",
            "sleep_epoch",
            "diary",
        }
    (tmp_path / "soleus.toml").write_text((tmp_path / "soleus.toml").read_text().replace(UNREACHABLE, ""))
    assert delete(tmp_path, "--yes", "--night", NIGHTS[0]) == 0
    assert not (tmp_path / "data/deleting.json").exists()


def test_what_a_writer_may_still_get_from_the_broker_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_nights(tmp_path, UNREACHABLE)
    monkeypatch.setenv("SOLEUS_STORE_TOKEN", "quince-token")
    with Journal(tmp_path / "data/journal.sqlite") as journal:
        journal.published([(entry.key, 0) for entry in entries("p1", NIGHTS[0], STARTS_NS[0])[:3]])
    assert delete(tmp_path, "--yes", "--json") == 1
    first, _ = json.loads(capsys.readouterr().out)["failed"]
    assert first.startswith("3 entries were sent and never confirmed")


def test_nights_at_the_same_time_are_not_torn_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nights that were played at speed may overlap, and a point does not say to which night it belongs."""
    kept_nights(tmp_path, UNREACHABLE)
    monkeypatch.setenv("SOLEUS_STORE_TOKEN", "quince-token")
    nights = tmp_path / "data/nights"
    shutil.copytree(nights / NIGHTS[0], nights / "copied")
    stored = (nights / "copied/night.json").read_text()
    (nights / "copied/night.json").write_text(stored.replace(NIGHTS[0], "copied"))
    assert delete(tmp_path, "--yes", "--night", NIGHTS[0], "--json") == 1
    (line,) = json.loads(capsys.readouterr().out)["failed"]
    assert line.startswith("points stay: copied lies in the same time")
    for night in ("copied", NIGHTS[0]):
        assert delete(tmp_path, "--yes", "--night", night, "--json") == 1
        (line,) = json.loads(capsys.readouterr().out)["failed"]
        assert "does not answer" in line


def test_a_folder_that_nobody_can_attribute_is_left_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept_nights(tmp_path)
    (tmp_path / "data/nights" / NIGHTS[0] / "night.json").unlink()
    assert delete(tmp_path, "--yes", "--json") == 1
    (line,) = json.loads(capsys.readouterr().out)["failed"]
    assert line == f"{tmp_path / 'data/nights' / NIGHTS[0]}: nobody can say whose night it is"
    assert (tmp_path / "data/nights" / NIGHTS[0]).exists()


def test_a_night_whose_summary_is_damaged_can_be_removed(tmp_path: Path) -> None:
    kept_nights(tmp_path)
    (tmp_path / "data/nights" / NIGHTS[0] / "summary.json").write_text("{")
    assert delete(tmp_path, "--yes", "--night", NIGHTS[0]) == 0
    assert not (tmp_path / "data/nights" / NIGHTS[0]).exists()


def test_removing_a_person_finishes_what_was_left_of_the_nights(tmp_path: Path) -> None:
    file = UnfinishedFile(tmp_path / "deleting.json")
    night = Unfinished("p1", "n1", ("home",), (Span("diary", 1, 2),))
    whole = Unfinished("p2", None, ("home",), None)
    file.put(night)
    file.put(whole)
    assert (file.find("p1", "n1"), file.find("p2", None), file.find("p2", "n1")) == (night, whole, None)
    file.done("p1", None)
    assert file.find("p1", "n1") is None
    file.done("p2", None)
    assert not (tmp_path / "deleting.json").exists()
