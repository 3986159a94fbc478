"""Markers from a page, a key or the broker, on their way into the packet log."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from detectors.signal import NS_PER_S
from ingest.night.marks import BOX, LONGEST_LABEL, MOST_PER_LOOK, MarkBox, carry_marks, leave_mark
from ingest.night.records import Mark
from ingest.timebase import Timebase, steady_ns

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.night.records import Record


def test_a_marker_is_dated_when_it_was_left_and_not_when_it_was_collected(tmp_path: Path) -> None:
    leave_mark(tmp_path, "cramp", "page")
    ((path, _),) = MarkBox(tmp_path, Timebase()).waiting()
    left_ns = time.time_ns() - 30 * NS_PER_S
    os.utime(path, ns=(left_ns, left_ns))
    before_ns = Timebase().mono_ns()
    ((_, mark),) = MarkBox(tmp_path, Timebase()).waiting()
    assert (mark.label, mark.source) == ("cramp", "page")
    assert abs(mark.mono_ns - (before_ns - 30 * NS_PER_S)) < NS_PER_S


def test_a_marker_of_a_while_ago_is_dated_then(tmp_path: Path) -> None:
    before_ns = Timebase().mono_ns()
    leave_mark(tmp_path, "cramp", "page", age_s=90.0)
    ((_, mark),) = MarkBox(tmp_path, Timebase()).waiting()
    assert abs(mark.mono_ns - (before_ns - 90 * NS_PER_S)) < NS_PER_S


def test_in_a_night_that_is_played_faster_the_age_counts_in_the_time_of_the_night(tmp_path: Path) -> None:
    leave_mark(tmp_path, "cramp", "page")
    ((path, _),) = MarkBox(tmp_path, Timebase()).waiting()
    left_ns = time.time_ns() - 2 * NS_PER_S
    os.utime(path, ns=(left_ns, left_ns))
    timebase = Timebase(100.0, 0, steady_ns() - 10 * NS_PER_S)
    ((_, mark),) = MarkBox(tmp_path, timebase).waiting()
    assert abs(timebase.mono_ns() - mark.mono_ns - 200 * NS_PER_S) < 100 * NS_PER_S


def test_markers_come_in_the_order_in_which_they_were_left_until_they_are_thrown_away(tmp_path: Path) -> None:
    for label in ("one", "two", "three"):
        leave_mark(tmp_path, label, "keyboard")
    waiting = MarkBox(tmp_path, Timebase()).waiting()
    assert [mark.label for _, mark in waiting] == ["one", "two", "three"]
    waiting[0][0].unlink()
    assert [mark.label for _, mark in MarkBox(tmp_path, Timebase()).waiting()] == ["two", "three"]


def test_a_label_is_one_short_line_and_an_empty_one_gets_a_word(tmp_path: Path) -> None:
    leave_mark(tmp_path, "calf\n\tcramp  " + "x" * 1000, "mqtt")
    leave_mark(tmp_path, "  ", "mqtt")
    first, second = (mark.label for _, mark in MarkBox(tmp_path, Timebase()).waiting())
    assert first.startswith("calf cramp x")
    assert len(first) == LONGEST_LABEL
    assert second == "marker"


def test_a_label_that_no_file_takes_is_made_legible_on_its_way_in_and_out(tmp_path: Path) -> None:
    leave_mark(tmp_path, "\ud800 \x1b[2J\u202e", "mqtt")
    (tmp_path / BOX / "9.json").write_text('{"label": "\\ud800", "source": "\\udfff"}')
    first, second = (mark for _, mark in MarkBox(tmp_path, Timebase()).waiting())
    assert (first.label, first.source) == ("? [2J", "mqtt")
    assert (second.label, second.source) == ("?", "?")


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"label": "x"}', "\xff", "[" * 5000])
def test_a_file_that_is_no_marker_is_thrown_away_and_nothing_else(tmp_path: Path, text: str) -> None:
    leave_mark(tmp_path, "good", "page")
    (tmp_path / BOX / "0.json").write_bytes(text.encode("latin-1"))
    (tmp_path / BOX / ".half-written").write_text("{")
    assert [mark.label for _, mark in MarkBox(tmp_path, Timebase()).waiting()] == ["good"]
    assert sorted(path.suffix for path in (tmp_path / BOX).iterdir()) == ["", ".json"]


def test_a_file_from_a_clock_that_was_set_is_dated_now(tmp_path: Path) -> None:
    leave_mark(tmp_path, "x", "page")
    ((path, _),) = MarkBox(tmp_path, Timebase()).waiting()
    os.utime(path, ns=(0, 0))
    ((_, mark),) = MarkBox(tmp_path, Timebase()).waiting()
    assert abs(mark.mono_ns - Timebase().mono_ns()) < NS_PER_S


class UnsyncedLog:
    """Takes records, and never gets as far as to bring one to disk."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.reached = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def append(self, record: Record) -> int:
        self.records.append(record)
        return len(self.records)

    def sync(self) -> None:
        self._loop.call_soon_threadsafe(self.reached.set)
        raise OSError(errno.EIO, "Input/output error")


async def carried_and_killed(night: Path) -> list[Record]:
    """Carry markers until they are logged, and no further."""
    log = UnsyncedLog()
    carrying = asyncio.create_task(carry_marks(MarkBox(night, Timebase()), log))
    await log.reached.wait()
    carrying.cancel()
    await asyncio.wait({carrying})
    return log.records


async def test_a_marker_that_is_carried_again_after_a_kill_is_the_same_record_whatever_the_clock_does(
    tmp_path: Path,
) -> None:
    leave_mark(tmp_path, "cramp", "page")
    leave_mark(tmp_path, "cramp", "page")
    first = await carried_and_killed(tmp_path)
    for path in (tmp_path / BOX).iterdir():
        # To a reader of its date, the clock was set by 100 s.
        dated_ns = path.stat().st_mtime_ns - 100 * NS_PER_S
        os.utime(path, ns=(dated_ns, dated_ns))
    assert await carried_and_killed(tmp_path) == first
    assert len(set(first)) == len(first) == 2


async def test_of_a_large_box_a_hundred_files_are_carried_at_a_look_oldest_first(tmp_path: Path) -> None:
    (tmp_path / BOX).mkdir()
    for number in range(MOST_PER_LOOK + 50):
        (tmp_path / BOX / f"{number:03}.json").write_text(f'{{"label": "{number}", "source": "mqtt"}}')
    carried = [record.label for record in await carried_and_killed(tmp_path) if isinstance(record, Mark)]
    assert carried == [str(number) for number in range(MOST_PER_LOOK)]


@pytest.mark.parametrize("time", ["", "x", "\u0663", "9" * 30, "5000"])
def test_what_is_no_time_of_the_night_in_the_name_of_a_file_dates_nothing(tmp_path: Path, time: str) -> None:
    leave_mark(tmp_path, "x", "page")
    ((path, _),) = MarkBox(tmp_path, Timebase()).waiting()
    path.replace(path.with_name(f"1.{time}.json"))
    ((_, mark),) = MarkBox(tmp_path, Timebase()).waiting()
    assert (mark.mono_ns == 5000) == (time == "5000")


def test_nobody_left_anything(tmp_path: Path) -> None:
    assert MarkBox(tmp_path, Timebase()).waiting() == []


def test_what_is_left_is_plain_json(tmp_path: Path) -> None:
    leave_mark(tmp_path, "x", "page")
    (path,) = (tmp_path / BOX).iterdir()
    assert json.loads(path.read_text()) == {"label": "x", "source": "page"}
