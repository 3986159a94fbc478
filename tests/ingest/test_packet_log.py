"""The packet log: nothing that was appended is lost, whatever the file's end looks like."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import DecodeError
from ingest.night.frames import HEADER_BYTES
from ingest.night.packets import LogFollower, PacketLogWriter, frames_from, read_from, read_log, record_at
from ingest.night.record_bytes import record_from_bytes, record_to_bytes
from ingest.night.records import (
    LinkDown,
    LinkUp,
    Mark,
    NightEnd,
    NightStart,
    Notification,
    Record,
    RecoveryStep,
    SetupReply,
    TimePair,
)

NS = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(), max_size=12)
BYTES = st.binary(max_size=40)
RECORDS = st.one_of(
    st.builds(NightStart, NS, NS, st.floats(allow_nan=False), TEXT),
    st.builds(Notification, NS, TEXT, TEXT, BYTES),
    st.builds(SetupReply, NS, TEXT, TEXT, BYTES, BYTES),
    st.builds(LinkUp, NS, TEXT, st.integers(0, 65535)),
    st.builds(LinkDown, NS, TEXT, TEXT),
    st.builds(TimePair, NS, NS),
    st.builds(Mark, NS, TEXT, TEXT),
    st.builds(RecoveryStep, NS, TEXT, TEXT, TEXT),
    st.builds(NightEnd, NS, NS, TEXT),
)
A_NIGHT: tuple[Record, ...] = (
    NightStart(1, 1_790_000_000_000_000_000, 1.0, "0.1.0"),
    LinkUp(2, "left-shin", 247),
    SetupReply(3, "left-shin", "0002", b"", b"LS"),
    Notification(4, "left-shin", "0003", bytes(range(20))),
    TimePair(5, 1_790_000_000_000_000_004),
    Mark(6, "cramp", "keyboard"),
    LinkDown(7, "left-shin", "supervision timeout"),
    RecoveryStep(8, "left-shin", "reconnect", "attempt 1"),
    NightEnd(9, 1_790_000_000_000_000_008, "ctrl-c"),
)


def write(path: Path, records: tuple[Record, ...]) -> list[int]:
    with PacketLogWriter(path) as log:
        return [log.append(record) for record in records]


@pytest.mark.slow
@given(RECORDS)
def test_every_record_is_read_as_it_was_written(record: Record) -> None:
    assert record_from_bytes(record_to_bytes(record)) == record


@given(st.binary(max_size=60))
def test_bytes_that_are_no_record_are_refused_with_a_decode_error_or_unknown(data: bytes) -> None:
    try:
        record = record_from_bytes(data)
    except DecodeError:
        return
    assert record is None or record_to_bytes(record)[:1] == data[:1]


def test_a_record_of_a_later_version_is_left_out() -> None:
    assert record_from_bytes(b"\xc8 what a later version writes") is None


def test_offsets_lead_back_to_their_records(tmp_path: Path) -> None:
    path = tmp_path / "packets.log"
    offsets = write(path, A_NIGHT)
    assert offsets[0] == HEADER_BYTES
    assert list(read_log(path)) == list(zip(offsets, A_NIGHT, strict=True))
    for number, offset in enumerate(offsets):
        assert [record for _, record in read_from(path, offset)] == list(A_NIGHT[number:])
        assert record_at(path, offset) == A_NIGHT[number]
        assert record_at(path, offset + 1) is None
    assert record_at(path, path.stat().st_size) is None


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(records=st.lists(RECORDS, max_size=6), data=st.data())
def test_a_log_cut_at_any_byte_gives_exactly_the_whole_records_before(
    records: list[Record], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "packets.log"
        offsets = write(path, tuple(records))
        ends = [*offsets[1:], path.stat().st_size] if offsets else []
        cut = data.draw(st.integers(0, path.stat().st_size))
        with path.open("r+b") as file:
            file.truncate(cut)
        whole = [record for record, end in zip(records, ends, strict=True) if end <= cut]
        assert [record for _, record in read_log(path)] == whole
        write(path, A_NIGHT)
        assert [record for _, record in read_log(path)] == [*whole, *A_NIGHT]


def test_a_follower_sees_each_record_once_when_it_is_whole(tmp_path: Path) -> None:
    whole, live = tmp_path / "whole.log", tmp_path / "live.log"
    write(whole, A_NIGHT)
    follower, seen = LogFollower(live), []
    assert follower.poll() == []
    with live.open("wb", buffering=0) as file:
        for byte in whole.read_bytes():
            file.write(bytes((byte,)))
            seen += follower.poll()
    follower.close()
    assert seen == list(read_log(whole))


def test_a_follower_goes_on_when_a_new_writer_cuts_off_a_torn_record(tmp_path: Path) -> None:
    path = tmp_path / "packets.log"
    write(path, A_NIGHT[:4])
    with path.open("ab") as file:
        file.write(b"\x30\x00\x00\x00torn")
    follower = LogFollower(path)
    assert [record for _, record in follower.poll()] == list(A_NIGHT[:4])
    write(path, A_NIGHT[4:])
    assert [record for _, record in follower.poll()] == list(A_NIGHT[4:])
    follower.close()


def test_a_follower_can_start_at_an_offset(tmp_path: Path) -> None:
    path = tmp_path / "packets.log"
    offsets = write(path, A_NIGHT)
    follower = LogFollower(path, offsets[5])
    assert [record for _, record in follower.poll()] == list(A_NIGHT[5:])
    follower.close()


@pytest.mark.parametrize("number", range(len(A_NIGHT) - 1))
def test_a_record_damaged_in_the_middle_costs_that_record_alone(tmp_path: Path, number: int) -> None:
    path = tmp_path / "packets.log"
    offset = write(path, A_NIGHT)[number]
    damaged = bytearray(path.read_bytes())
    damaged[offset + 9] ^= 0x10
    path.write_bytes(damaged)
    rest = [*A_NIGHT[:number], *A_NIGHT[number + 1 :]]
    assert [record for _, record in read_log(path)] == rest
    write(path, A_NIGHT[:1])
    assert [record for _, record in read_log(path)] == [*rest, A_NIGHT[0]]


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(records=st.lists(RECORDS, min_size=1, max_size=8), data=st.data())
def test_a_flipped_bit_costs_at_most_the_record_it_hit_also_in_a_log_that_is_opened_again(
    records: list[Record], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "packets.log"
        offsets = write(path, tuple(records))
        log = bytearray(path.read_bytes())
        hit = data.draw(st.integers(HEADER_BYTES, len(log) - 1))
        log[hit] ^= 1 << data.draw(st.integers(0, 7))
        path.write_bytes(log)
        number = max(number for number, offset in enumerate(offsets) if offset <= hit)
        others = [*records[:number], *records[number + 1 :]]
        assert [record for _, record in read_log(path)] == others
        follower = LogFollower(path)
        assert [record for _, record in [*follower.poll(), *follower.poll()]] == others
        write(path, A_NIGHT[:2])
        assert [record for _, record in read_log(path)] == [*others, *A_NIGHT[:2]]
        assert [record for _, record in follower.poll()] == list(A_NIGHT[:2])
        follower.close()


@pytest.mark.slow
def test_a_hole_longer_than_one_reading_is_stepped_over_and_what_is_behind_it_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "packets.log"
    write(path, A_NIGHT[:3])
    whole = path.read_bytes()
    path.write_bytes(whole + bytes(9 << 19) + whole[HEADER_BYTES:])
    assert [record for _, record in read_log(path)] == [*A_NIGHT[:3], *A_NIGHT[:3]]
    write(path, A_NIGHT[3:])
    assert [record for _, record in read_log(path)] == [*A_NIGHT[:3], *A_NIGHT]


def test_a_record_that_a_reading_cuts_is_whole_in_the_next_even_if_another_log_stands_in_it(tmp_path: Path) -> None:
    inner, path = tmp_path / "inner.log", tmp_path / "packets.log"
    write(inner, A_NIGHT)
    fillers = tuple(Notification(n, "s", "c", bytes(1_000_000)) for n in range(4))
    records = (*fillers, Notification(4, "s", "c", inner.read_bytes() + bytes(1_000_000)), *A_NIGHT)
    write(path, records)
    assert [record for _, record in read_log(path)] == list(records)


def test_a_record_that_is_still_being_written_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "packets.log"
    write(path, A_NIGHT)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    follower = LogFollower(path)
    assert [record for _, record in follower.poll()] == list(A_NIGHT[:-1])
    assert follower.poll() == []
    path.write_bytes(whole)
    assert [record for _, record in follower.poll()] == [A_NIGHT[-1]]
    follower.close()


def test_a_tail_of_zeros_after_a_power_cut_is_cut_off_and_kept_aside_if_it_is_long(tmp_path: Path) -> None:
    path = tmp_path / "packets.log"
    write(path, A_NIGHT)
    end = path.stat().st_size
    with path.open("ab") as file:
        file.write(bytes(100_000))
    assert len(list(read_log(path))) == len(A_NIGHT)
    write(path, A_NIGHT[:1])
    assert len(list(read_log(path))) == len(A_NIGHT) + 1
    assert (tmp_path / f"packets.log.cut-{end}").stat().st_size == 100_000


def test_a_log_longer_than_one_reading_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "packets.log"
    records = tuple(Notification(n, "s", "c", bytes(1_000_000)) for n in range(9))
    write(path, records)
    assert [record.mono_ns for _, record in read_log(path)] == list(range(9))
    follower, seen = LogFollower(path), []
    while records_now := follower.poll():
        seen += records_now
    follower.close()
    assert len(seen) == 9


def test_another_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "packets.log"
    path.write_bytes(b"SQLite format 3\0")
    for reader in (lambda: list(read_log(path)), lambda: LogFollower(path).poll(), lambda: PacketLogWriter(path)):
        with pytest.raises(DecodeError, match="expected a packet log of version 1"):
            reader()
    assert path.read_bytes() == b"SQLite format 3\0"


def test_a_record_that_does_not_fit_is_refused_before_it_reaches_the_log(tmp_path: Path) -> None:
    path = tmp_path / "packets.log"
    with PacketLogWriter(path) as log:
        with pytest.raises(ValueError, match="at most 1048576"):
            log.append(Notification(1, "s", "c", bytes(2_000_000)))
        with pytest.raises(ValueError, match="does not fit"):
            log.append(TimePair(2**63, 0))
        assert log.offset == HEADER_BYTES


def test_a_full_disk_leaves_the_log_whole(tmp_path: Path) -> None:
    log = PacketLogWriter(tmp_path / "packets.log")
    log.append(A_NIGHT[0])
    end = log.offset
    log._file.close()
    with Path("/dev/full").open("ab", buffering=0) as full:

        class HalfWritten:
            """Takes half of what it is given, then refuses like a full disk, and can be cut like a file."""

            cut_at: int | None = None

            def write(self, data: bytes) -> int:
                return len(data) // 2 if len(data) > 30 else full.write(data)

            def truncate(self, size: int) -> None:
                self.cut_at = size

        disk = HalfWritten()
        log._file = disk  # type: ignore[assignment]  # stands for a disk that is full
        with pytest.raises(OSError, match="No space left"):
            log.append(A_NIGHT[3])
    assert disk.cut_at == end == log.offset


def test_frames_are_found_without_reading_the_records(tmp_path: Path) -> None:
    path = tmp_path / "packets.log"
    offsets = write(path, A_NIGHT)
    frames = list(frames_from(path, 0))
    assert [offset for offset, _ in frames] == offsets
    assert frames[0][1] == record_to_bytes(A_NIGHT[0])
