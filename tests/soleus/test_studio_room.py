"""Recordings lie ready as long as there is room on the disk; a night that is recorded comes first."""

from __future__ import annotations

import fcntl
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from soleus.__main__ import run
from soleus.shelf import Shelf
from soleus.studio.opening import is_recording
from soleus.studio.room import RESERVE_BYTES, NoRoomError, Room, bytes_of
from soleus.studio.sources import FileSource, stamp_of
from soleus.studio.staff import NICE, READY, Staff
from soleus.studio.station import Station
from tests.stored_nights import begun_night

pytestmark = pytest.mark.slow

FOREVER_S = 600.0


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> FileSource:
    folder = tmp_path_factory.mktemp("nights") / "night"
    assert run(["simulate", str(folder), "--hours", "0.02", "--seed", "7"]) == 0
    return FileSource("one", folder / "night.edf", stamp_of(folder / "night.edf"))


def named(source: FileSource, *keys: str) -> list[FileSource]:
    return [replace(source, key=key) for key in keys]


def held_bytes(folder: Path) -> int:
    """Return how much this process has mapped of files without a name in a folder."""
    lines = [line.split() for line in Path("/proc/self/maps").read_text().splitlines() if str(folder) in line]
    spans = [line[0].split("-") for line in lines if line[-1] == "(deleted)"]
    return sum(int(stop, 16) - int(start, 16) for start, stop in spans)


class Disk:
    """A disk of which nothing is used but by what this process holds open in a folder."""

    def __init__(self) -> None:
        self.n_bytes = 10**12

    def __call__(self, folder: Path) -> int:
        return RESERVE_BYTES + self.n_bytes - held_bytes(folder)


def test_what_is_asked_no_more_is_closed_when_there_is_no_room_and_its_files_are_gone(
    source: FileSource, tmp_path: Path
) -> None:
    disk, (one, two, three) = Disk(), named(source, "one", "two", "three")
    station = Station(Room(tmp_path, disk))
    assert station.open(one) == []
    each = held_bytes(tmp_path)
    # Room for a second one, and for no third.
    disk.n_bytes = int(bytes_of(source.open(None)) + 1.5 * each)
    assert station.open(two, ("one", "two")) == []
    with pytest.raises(NoRoomError, match=rf"three: 2\.0 GB free in {tmp_path}, expected .* choose fewer"):
        station.open(three, ("one", "two", "three"))
    assert held_bytes(tmp_path) == 2 * each > 0
    assert station.open(three, ("two", "three")) == ["one"]
    assert held_bytes(tmp_path) == 2 * each


def test_no_recording_is_opened_when_memory_is_short(source: FileSource, tmp_path: Path) -> None:
    with pytest.raises(NoRoomError, match=r"one: 0\.4 GB of memory left, expected 0\.5 GB .* choose fewer"):
        Station(Room(tmp_path, Disk(), lambda: 400_000_000)).open(source)
    assert 0 < Room(tmp_path).memory_bytes() < sys.maxsize


def test_a_night_is_recorded_as_long_as_somebody_holds_it(tmp_path: Path) -> None:
    settings, folder = begun_night(tmp_path, 0.01)
    shelf = Shelf(settings)
    assert not is_recording(shelf)
    with (folder.path / "night.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert is_recording(shelf)
    assert not is_recording(shelf)


def test_the_processes_give_way_to_a_night_that_is_recorded(source: FileSource, tmp_path: Path) -> None:
    staff = Staff(tmp_path, 1, patience_s=FOREVER_S, is_recording=lambda: False)
    other = Staff(tmp_path, 1, patience_s=FOREVER_S, is_recording=lambda: True)
    niceness = []
    try:
        for each in (staff, other):
            assert each.opened([source]) == {"one": READY}
            niceness += [os.getpriority(os.PRIO_PROCESS, process) for process in each.processes()]
    finally:
        staff.close()
        other.close()
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert niceness == [own, max(own, NICE)]
