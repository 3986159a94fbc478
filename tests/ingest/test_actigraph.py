"""ActiGraph files against a decode of every bit by hand."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
from datetime import UTC, datetime
from functools import reduce
from itertools import pairwise
from operator import xor
from pathlib import Path

import numpy as np
import pytest

from detectors.signal import NS_PER_S, Gap, GapCause, Leg, Quantity, SampleBlock
from ingest.errors import DecodeError
from ingest.files.actigraph import read_actigraph

REAL = Path(__file__).parent.parent / "data" / "device_files" / "actigraph.gt3x"
FS_HZ = 30
INFO = "Serial Number: MOS2A\nSample Rate: 30\nTimeZone: -05:30:00\nSide: Right\nLimb: Ankle\n"
SECONDS = [1_700_000_000, 1_700_000_001, 1_700_000_009]


def record(kind: int, second: int, payload: bytes) -> bytes:
    body = struct.pack("<BBIH", 0x1E, kind, second, len(payload)) + payload
    return body + bytes([reduce(xor, body) ^ 0xFF])


def words(first: int, n_samples: int = FS_HZ) -> bytes:
    return struct.pack(f"<{3 * n_samples}h", *range(first, first + 3 * n_samples))


def written(path: Path, log: bytes, info: str = INFO, name: str = "log.bin") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, log)
        archive.writestr("info.txt", info)
    return path


def whole_log() -> bytes:
    return b"".join(record(26, second, words(second % 100)) for second in SECONDS)


def decoded(log: bytes) -> list[tuple[int, list[tuple[int, int, int]]]]:
    """Return the seconds of packed samples in a log, number by number."""
    seconds, at = [], 0
    while at < len(log):
        kind, second, size = struct.unpack_from("<BIH", log, at + 1)
        payload = log[at + 8 : at + 8 + size]
        if kind == 0 and size > 1:
            digits = payload.hex()
            numbers = [int(digits[i : i + 3], 16) for i in range(0, len(digits) - 2, 3)]
            signed = [number - 4096 if number > 2047 else number for number in numbers]
            triples = [(x, y, z) for y, x, z in zip(signed[::3], signed[1::3], signed[2::3], strict=True)]
            seconds.append((second, triples))
        at += 9 + size
    return seconds


def test_every_sample_of_a_real_file_is_what_its_bits_say_at_the_second_that_its_record_tells() -> None:
    with zipfile.ZipFile(REAL) as archive:
        expected = decoded(archive.read("log.bin"))
    source = read_actigraph(REAL).sources[0]
    assert (source.stream.quantity, source.stream.unit, source.stream.fs_hz) == (Quantity.ACCELERATION, "g", FS_HZ)
    first = expected[0][0]
    values = source.read(0, source.n_samples)
    for second, triples in expected:
        begin = (second - first) * FS_HZ
        np.testing.assert_array_equal(values[begin : begin + FS_HZ] * 256, triples)
        # The file tells that its clock is two hours ahead of UTC.
        assert source.clock.at(begin) == (second - 2 * 3600) * NS_PER_S
    assert np.isnan(values).all(axis=1).sum() == source.n_samples - FS_HZ * len(expected)


def test_a_device_that_lay_still_and_stopped_leaves_gaps_of_the_right_length() -> None:
    with zipfile.ZipFile(REAL) as archive:
        seconds = [second for second, _ in decoded(archive.read("log.bin"))]
    items = list(read_actigraph(REAL).items(None))
    gaps = [(item.first_missing, item.n_missing) for item in items if isinstance(item, Gap)]
    silent = [(one + 1, two) for one, two in pairwise(seconds) if two > one + 1]
    assert gaps == [((one - seconds[0]) * FS_HZ, (two - one) * FS_HZ) for one, two in silent]
    assert {item.cause for item in items if isinstance(item, Gap)} == {GapCause.DEVICE}
    assert sum(len(item.data) for item in items if isinstance(item, SampleBlock)) == len(seconds) * FS_HZ


def test_a_real_file_begins_when_it_says_that_it_was_started() -> None:
    # Ticks of 100 ns since the year 1, in local time; the device was started then.
    started_s = (
        637340333400000000 / 10**7 - (datetime(1970, 1, 1, tzinfo=UTC) - datetime(1, 1, 1, tzinfo=UTC)).total_seconds()
    )
    assert read_actigraph(REAL).start_ns == round(started_s - 2 * 3600) * NS_PER_S
    assert read_actigraph(REAL, time_zone="UTC").start_ns == round(started_s) * NS_PER_S


def test_whole_words_are_read_in_their_order_with_the_scale_of_the_device(tmp_path: Path) -> None:
    recording = read_actigraph(written(tmp_path / "words.gt3x", whole_log()))
    (source,) = recording.sources
    assert source.stream.leg is Leg.RIGHT
    values = source.read(0, source.n_samples)
    np.testing.assert_array_equal(values[0] * 256, [0, 1, 2])
    np.testing.assert_array_equal(values[-1] * 256, [9 + 87, 9 + 88, 9 + 89])
    np.testing.assert_array_equal(source.read(29, 31), values[29:31])
    (gap,) = [item for item in recording.items(7) if isinstance(item, Gap)]
    assert (gap.first_missing, gap.n_missing) == (60, 7 * FS_HZ)
    assert recording.start_ns == (SECONDS[0] + 5 * 3600 + 1800) * NS_PER_S


def test_the_scale_that_the_device_told_itself_counts(tmp_path: Path) -> None:
    # 0x09 and half of 2**23: a half times 2**9.
    parameters = record(21, 0, struct.pack("<HHIHHI", 1, 10, 30, 0, 55, 0x09400000) + b"\0" * 3)
    told = written(tmp_path / "told.gt3x", parameters + whole_log(), INFO + "Acceleration Scale: 341,0\n")
    assert read_actigraph(told).sources[0].read(0, 1).tolist() == [[0, 1 / 256, 2 / 256]]
    info = written(tmp_path / "info.gt3x", whole_log(), INFO + "Acceleration Scale: 341,0\n")
    assert read_actigraph(info).sources[0].read(0, 1).tolist() == [[0, np.float32(1 / 341), np.float32(2 / 341)]]


def test_zeros_between_records_and_the_record_of_a_plug_are_passed_over(tmp_path: Path) -> None:
    plain = read_actigraph(written(tmp_path / "plain.gt3x", whole_log())).sources[0]
    log = b"\0\0" + record(6, 0, b"{}") + whole_log() + b"\0" * 70_000 + record(26, SECONDS[-1] + 1, b"\1") + b"\0"
    padded = read_actigraph(written(tmp_path / "padded.gt3x", log)).sources[0]
    np.testing.assert_array_equal(padded.read(0, padded.n_samples), plain.read(0, plain.n_samples))


@pytest.mark.slow
def test_zeros_without_end_are_not_kept(tmp_path: Path) -> None:
    path = written(tmp_path / "zeros.gt3x", bytes(12 << 20))
    tracemalloc.start()
    with pytest.raises(DecodeError, match=r"no samples in log.bin"):
        read_actigraph(path)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 6 << 20


def test_a_log_longer_than_a_piece_is_read_as_one(tmp_path: Path) -> None:
    seconds = range(1_700_000_000, 1_700_000_000 + 6000)
    log = b"".join(record(26, second, words(second % 1000)) for second in seconds)
    source = read_actigraph(written(tmp_path / "long.gt3x", log)).sources[0]
    assert len(log) > 1 << 20
    assert source.n_samples == 6000 * FS_HZ
    for second in (5999, 0, 3000, 2999):
        np.testing.assert_array_equal(source.read(second * FS_HZ, second * FS_HZ + 1)[0, 0] * 256, second % 1000)


@pytest.mark.parametrize("block_samples", [97, 1000])
def test_a_recording_is_the_same_in_blocks_of_any_length(block_samples: int) -> None:
    recording = read_actigraph(REAL)
    source = recording.sources[0]
    for item in recording.items(block_samples):
        if isinstance(item, SampleBlock):
            np.testing.assert_array_equal(item.data, source.read(item.start, item.stop))
            assert 0 < len(item.data) <= block_samples


GOOD = whole_log()


@pytest.mark.parametrize(
    ("log", "info", "message"),
    [
        (GOOD[:50] + b"\7" + GOOD[51:], INFO, "the record at byte 0 of log.bin fails its checksum"),
        (GOOD[:-5], INFO, "log.bin ends within the record at byte 378, expected a whole one"),
        (GOOD + b"\5", INFO, "log.bin has 0x05 at byte 567, expected a record that begins with 0x1e"),
        (record(6, 0, b"{}"), INFO, "no samples in log.bin, expected at least one second"),
        (GOOD, "Serial Number: X\nSample Rate: 30", "nothing says how many counts 1 g has"),
        (GOOD, "Serial Number: MOS\nSample Rate: fast", "Sample Rate in info.txt is 'fast', expected a number"),
        (GOOD, "Serial Number: MOS\nSample Rate: 0", "sample rate is 0 Hz, expected 1 to 1000"),
        (GOOD, "Serial Number: MOS\nSample Rate: 70", "a second holds 30 samples, expected about 70 as info.txt tells"),
        (GOOD, INFO + "Acceleration Scale: nan", "nan counts in 1 g, expected 1 to 1e+06"),
        (GOOD + GOOD, INFO, "expected times that rise: the clock of the device was set back"),
        (GOOD + record(26, 1_700_000_020, b"12345"), INFO, "record 4 of samples, at byte 567 of log.bin, has kind 26"),
        (GOOD + record(0, 1_700_000_020, b"12345"), INFO, "expected whole samples in the kind of the first"),
    ],
)  # fmt: skip
def test_what_is_damaged_is_refused_in_one_line(log: bytes, info: str, message: str, tmp_path: Path) -> None:
    path = written(tmp_path / "bad.gt3x", log, info)
    with pytest.raises(DecodeError) as refused:
        read_actigraph(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_archive_that_is_cut_off_or_has_a_wrong_byte_is_refused(tmp_path: Path) -> None:
    stored = REAL.read_bytes()
    path = tmp_path / "bad.gt3x"
    for damaged in (stored[:-1], stored[: len(stored) // 2], stored[:9], stored[:5000] + b"\xaa" + stored[5001:]):
        path.write_bytes(damaged)
        with pytest.raises(DecodeError, match=r"no whole ZIP archive .*: the file is cut off or damaged"):
            read_actigraph(path)


def test_the_older_form_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match=r"expected 'log.bin' and 'info.txt': firmware 2.5 and older"):
        read_actigraph(written(tmp_path / "old.gt3x", b"", name="activity.bin"))
