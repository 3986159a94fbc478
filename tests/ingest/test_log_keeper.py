"""A disk that is full, or fails: nothing stored is harmed, what is heard waits, and what had to go is counted."""

from __future__ import annotations

import asyncio
import errno
from typing import TYPE_CHECKING

import pytest

from ingest.inbox import Inbox
from ingest.log_keeper import LogKeeper, Patience
from ingest.night.marks import MarkBox, carry_marks, leave_mark
from ingest.night.packets import PacketLogWriter, read_log
from ingest.night.records import LinkDown, Mark, Notification, Record, RecoveryStep
from ingest.timebase import Timebase

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path


def packet(number: int) -> Notification:
    return Notification(number, "left", "data", bytes((number,)))


class FullDisk:
    """A log on a disk that has room for some records, until it is cleared."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.kept: list[Record] = []
        self.asked = asyncio.Event()
        self.syncs = 0

    def append(self, record: Record) -> None:
        self.asked.set()
        if len(self.kept) >= self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.kept.append(record)

    def sync(self) -> None:
        self.syncs += 1


IMPATIENT = Patience(0.01, 0.01, 0.01)


async def until(count: int, disk: FullDisk) -> None:
    async with asyncio.timeout(5.0):
        while len(disk.kept) < count:
            disk.asked.clear()
            await disk.asked.wait()


async def test_a_full_disk_is_waited_for_in_order_and_what_did_not_fit_in_memory_is_counted() -> None:
    disk, inbox = FullDisk(2), Inbox(limit=4)
    keeper = LogKeeper(disk, inbox, Timebase(), IMPATIENT)
    for number in range(3):
        inbox.hear(packet(number))
    writing = asyncio.create_task(keeper.write())
    await until(2, disk)
    for number in range(3, 10):
        inbox.hear(packet(number))
    disk.room = 100
    await until(9, disk)
    writing.cancel()
    numbers = [record.mono_ns for record in disk.kept if isinstance(record, Notification)]
    assert numbers == [0, 1, 2, 3, 4, 5, 6]
    steps = [(record.step, record.detail) for record in disk.kept if isinstance(record, RecoveryStep)]
    assert sorted(step for step, _ in steps) == ["log not written", "queue full"]
    assert ("queue full", "3 notifications were dropped") in steps
    assert any("No space left on device" in detail for _, detail in steps)


async def test_the_end_of_a_night_waits_for_room_and_then_says_that_there_is_none() -> None:
    disk, inbox = FullDisk(1), Inbox()
    keeper = LogKeeper(disk, inbox, Timebase(), IMPATIENT)
    for number in range(3):
        inbox.hear(packet(number))
    with pytest.raises(OSError, match="No space left"):
        await keeper.finish()
    disk.room = 100
    await keeper.finish()
    assert [record.mono_ns for record in disk.kept if isinstance(record, Notification)] == [0, 1, 2]
    assert disk.syncs == 1


async def test_a_sync_that_fails_is_tried_again_and_logged_when_it_works() -> None:
    class Card(FullDisk):
        def sync(self) -> None:
            super().sync()
            if self.syncs < 3:
                raise OSError(errno.EIO, "Input/output error")

    disk, inbox = Card(100), Inbox()
    keeper = LogKeeper(disk, inbox, Timebase(), IMPATIENT)
    syncing = asyncio.create_task(keeper.sync())
    async with asyncio.timeout(5.0):
        await inbox.wait()
    syncing.cancel()
    (said,) = inbox.take()
    assert isinstance(said, RecoveryStep)
    assert said.step == "log not synced"
    assert "Input/output error" in said.detail


@pytest.mark.slow
async def test_a_marker_waits_in_its_box_for_room(tmp_path: Path) -> None:
    disk = FullDisk(0)
    leave_mark(tmp_path, "cramp", "page")
    carrying = asyncio.create_task(carry_marks(MarkBox(tmp_path, Timebase()), disk))
    await disk.asked.wait()
    disk.room = 1
    await until(1, disk)
    carrying.cancel()
    assert [mark.label for mark in disk.kept if isinstance(mark, Mark)] == ["cramp"]


async def test_a_disk_that_does_not_sync_makes_no_second_marker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Card(FullDisk):
        def sync(self) -> None:
            super().sync()
            if self.syncs < 4:
                raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("ingest.night.marks.LOOK_EVERY_S", 0.001)
    disk = Card(100)
    leave_mark(tmp_path, "cramp", "page")
    box = MarkBox(tmp_path, Timebase())
    carrying = asyncio.create_task(carry_marks(box, disk))
    async with asyncio.timeout(5.0):
        while box.waiting():  # noqa: ASYNC110 - a folder tells nobody
            await asyncio.sleep(0.001)
    carrying.cancel()
    assert disk.syncs == 4
    assert len(disk.kept) == 1


class HalfWritten:
    """A file that takes half of a record, and then neither the rest nor a cut, until it is well again."""

    def __init__(self, file: FileIO) -> None:
        self.file = file
        self.well = False
        self.writes = 0

    def write(self, data: bytes) -> int:
        self.writes += 1
        if self.well:
            return self.file.write(data)
        if self.writes > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self.file.write(data[: len(data) // 2])

    def truncate(self, size: int) -> int:
        if not self.well:
            raise OSError(errno.EIO, "Input/output error")
        return self.file.truncate(size)


def test_a_record_that_cannot_be_cut_off_now_is_cut_off_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "packets.log"
    with PacketLogWriter(path) as log:
        log.append(packet(1))
        file = log._file
        disk = HalfWritten(file)
        log._file = disk  # type: ignore[assignment]  # stands for a disk that fails
        with pytest.raises(OSError, match="No space left"):
            log.append(packet(2))
        assert path.stat().st_size > log.offset
        disk.well = True
        log.append(LinkDown(3, "left", "gone"))
        log._file = file
    assert [record for _, record in read_log(path)] == [packet(1), LinkDown(3, "left", "gone")]
