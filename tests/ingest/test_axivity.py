"""Axivity files against another reader's decode of them, and against one made by hand."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from detectors.signal import NS_PER_S, Gap, GapCause, Leg, Quantity, SampleBlock
from ingest.errors import DecodeError
from ingest.files.axivity import read_axivity

FILES = Path(__file__).parent.parent / "data" / "device_files"
HEADER, BLOCK = 1024, 512
# The other reader drops the fraction of a second that newer firmware tells, and moves a block to the end of the last.
OTHER_S = 0.02


def blocks_of(name: str) -> list[bytearray]:
    stored = (FILES / name).read_bytes()
    return [bytearray(stored[at : at + BLOCK]) for at in range(HEADER, len(stored), BLOCK)]


def summed(block: bytearray) -> bytearray:
    """Give a block its checksum."""
    total = sum(struct.unpack("<255H", block[:510]))
    block[510:] = struct.pack("<H", -total & 0xFFFF)
    return block


def written(path: Path, name: str, blocks: list[bytearray], location: bytes = b"") -> Path:
    header = bytearray((FILES / name).read_bytes()[:HEADER])
    header[64 : 64 + len(location)] = location
    path.write_bytes(bytes(header) + b"".join(bytes(block) for block in blocks))
    return path


def set_clock(blocks: list[bytearray], begin: datetime) -> list[bytearray]:
    """Move the clock of the device."""
    first: datetime | None = None
    for block in blocks:
        (packed,) = struct.unpack_from("<I", block, 14)
        shown = datetime(
            2000 + (packed >> 26), packed >> 22 & 15, packed >> 17 & 31, packed >> 12 & 31, packed >> 6 & 63,
            packed & 63, tzinfo=UTC,
        )  # fmt: skip
        first = first or shown
        now = begin + (shown - first)
        fields = (
            (now.year - 2000, 26),
            (now.month, 22),
            (now.day, 17),
            (now.hour, 12),
            (now.minute, 6),
            (now.second, 0),
        )
        struct.pack_into("<I", block, 14, sum(value << shift for value, shift in fields))
        summed(block)
    return blocks


def readings(blocks: list[bytearray], fs_hz: int) -> list[tuple[int, float]]:
    """Return at which sample the device's clock showed what, s; as Open Movement's own reader has it."""
    found, index = [], 0
    for block in blocks:
        fraction, packed = struct.unpack_from("<H", block, 4)[0], struct.unpack_from("<I", block, 14)[0]
        shown = datetime(
            2000 + (packed >> 26), packed >> 22 & 15, packed >> 17 & 31, packed >> 12 & 31, packed >> 6 & 63,
            packed & 63, tzinfo=UTC,
        )  # fmt: skip
        read_at, n_samples = struct.unpack_from("<hH", block, 26)
        parts = (fraction & 0x7FFF) * 2
        found.append((index + read_at + parts * fs_hz // 65536, shown.timestamp() + parts / 65536))
        index += n_samples
    return found


@pytest.mark.parametrize("name", ["ax3", "ax6"])
def test_samples_and_times_are_those_of_another_reader(name: str) -> None:
    expected = np.load(FILES / f"{name}_decoded.npz")
    recording = read_axivity(FILES / f"{name}.cwa")
    acceleration = recording.sources[0]
    assert acceleration.stream.quantity is Quantity.ACCELERATION
    assert acceleration.stream.fs_hz == expected["fs_hz"]
    # The other reader keeps six digits behind the point.
    np.testing.assert_allclose(
        acceleration.read(0, acceleration.n_samples), expected["acceleration_g"], rtol=0, atol=1e-6
    )
    times_s = np.array([acceleration.clock.at(index) for index in range(acceleration.n_samples)]) / NS_PER_S
    np.testing.assert_allclose(times_s, expected["time_s"], rtol=0, atol=OTHER_S)
    assert recording.start_ns == acceleration.clock.at(0)


def test_the_gyroscope_of_an_ax6_is_a_stream_of_its_own() -> None:
    rotation = read_axivity(FILES / "ax6.cwa").sources[1]
    assert (rotation.stream.quantity, rotation.stream.unit) == (Quantity.ROTATION, "dps")
    expected = np.load(FILES / "ax6_decoded.npz")["rotation_dps"]
    np.testing.assert_allclose(rotation.read(0, rotation.n_samples), expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize(("name", "fs_hz"), [("ax3.cwa", 200), ("ax6.cwa", 100)])
def test_the_clock_goes_through_what_the_device_read(name: str, fs_hz: int) -> None:
    source = read_axivity(FILES / name).sources[0]
    late_s = [source.clock.at(index) / NS_PER_S - shown_s for index, shown_s in readings(blocks_of(name), fs_hz)]
    # An AX6 loses a sample while it starts, which the first ten seconds share.
    assert np.abs(late_s).max() < 1 / fs_hz
    assert np.abs(late_s[30:]).max() < 0.5 / fs_hz


def test_packed_samples_have_ten_bits_and_an_exponent(tmp_path: Path) -> None:
    block = blocks_of("ax3.cwa")[0]
    words = [(1 << 30) | (0x3FF << 20) | (0x200 << 10) | 0x1FF, 3 << 30 | 5]
    struct.pack_into("<2I", block, 30, *words)
    read = read_axivity(written(tmp_path / "packed.cwa", "ax3.cwa", [summed(block)])).sources[0].read(0, 2)
    np.testing.assert_array_equal(read * 256, [[511 * 2, -512 * 2, -1 * 2], [5 * 8, 0, 0]])


def test_a_piece_is_the_same_as_in_the_whole() -> None:
    for source in read_axivity(FILES / "ax6.cwa").sources:
        whole = source.read(0, source.n_samples)
        for start, stop in [(0, 0), (0, 1), (39, 41), (40, 80), (119, 3000), (source.n_samples - 1, source.n_samples)]:
            np.testing.assert_array_equal(source.read(start, stop), whole[start:stop])
        with pytest.raises(ValueError, match=r"samples \[5999, 6001\) asked for"):
            source.read(5999, 6001)


def test_blocks_that_are_missing_are_a_gap_and_the_rest_keeps_its_time(tmp_path: Path) -> None:
    blocks = blocks_of("ax3.cwa")
    whole = read_axivity(FILES / "ax3.cwa")
    cut = read_axivity(written(tmp_path / "cut.cwa", "ax3.cwa", blocks[:40] + blocks[90:]))
    items = list(cut.items(None))
    (gap,) = [item for item in items if isinstance(item, Gap)]
    assert gap.cause is GapCause.DEVICE
    assert gap.first_missing == 40 * 120
    # 50 blocks at the nominal 200 Hz: the device's own rate is 1.3 percent below.
    assert gap.n_missing == pytest.approx(50 * 120, rel=0.02)
    after = next(item for item in items if isinstance(item, SampleBlock) and item.start > gap.first_missing)
    assert abs(after.clock.at(after.start) - whole.sources[0].clock.at(90 * 120)) < 5_000_000
    np.testing.assert_array_equal(after.data, whole.sources[0].read(90 * 120, 120 * 120))
    assert abs(cut.span_ns[1] - whole.span_ns[1]) < 5_000_000
    assert np.isnan(cut.sources[0].read(gap.first_missing, after.start)).all()


def test_a_device_on_the_left_ankle_is_the_left_leg_s_and_one_on_the_wrist_is_no_leg_s(tmp_path: Path) -> None:
    blocks = blocks_of("ax3.cwa")[:2]
    ankle = read_axivity(written(tmp_path / "a.cwa", "ax3.cwa", blocks, b"_p=left+ankle&_sc=4")).sources[0].stream
    assert (ankle.sensor, ankle.leg, ankle.site) == ("left", Leg.LEFT, "left ankle")
    wrist = written(tmp_path / "w.cwa", "ax3.cwa", blocks, b"_p=right+wrist")
    assert read_axivity(wrist).sources[0].stream.leg is Leg.UNKNOWN
    said = read_axivity(wrist, channels={"acceleration": "ACC-R"}).sources[0].stream
    assert (said.sensor, said.leg, said.site) == ("right", Leg.RIGHT, "leg")


def test_a_channel_can_be_left_out() -> None:
    recording = read_axivity(FILES / "ax6.cwa", channels={"rotation": "-"})
    assert [source.stream.quantity for source in recording.sources] == [Quantity.ACCELERATION]


def test_the_clock_of_a_device_runs_on_where_that_on_the_wall_is_put_back(tmp_path: Path) -> None:
    # 2025-10-26 at 3:00 the clocks of Berlin went back to 2:00; the device shows 2:59:30 to 3:00:42.
    blocks = set_clock(blocks_of("ax3.cwa"), datetime(2025, 10, 26, 2, 59, 30, tzinfo=UTC))
    path = written(tmp_path / "autumn.cwa", "ax3.cwa", blocks)
    with pytest.raises(DecodeError, match=r"twice, as the clocks went back; expected the offset instead of the zone"):
        read_axivity(path, time_zone="Europe/Berlin")
    before, after = (read_axivity(path, time_zone=zone) for zone in ("+02:00", "+01:00"))
    assert after.start_ns - before.start_ns == 3600 * NS_PER_S
    summer = set_clock(blocks_of("ax3.cwa"), datetime(2025, 10, 26, 1, 59, 30, tzinfo=UTC))
    recording = read_axivity(written(tmp_path / "summer.cwa", "ax3.cwa", summer), time_zone="Europe/Berlin")
    assert datetime.fromtimestamp(recording.start_ns // NS_PER_S, UTC) == datetime(2025, 10, 25, 23, 59, 29, tzinfo=UTC)
    assert recording.span_ns[1] - recording.start_ns == pytest.approx(73 * NS_PER_S, rel=0.01)


def broken(blocks: list[bytearray], kind: str) -> bytes:
    header = (FILES / "ax3.cwa").read_bytes()[:HEADER]
    if kind == "flipped":
        blocks[3][100] ^= 4
    elif kind == "back":
        blocks[2], blocks[9] = blocks[9], blocks[2]
    elif kind == "date":
        struct.pack_into("<I", blocks[1], 14, (24 << 26) | (2 << 22) | (30 << 17))
        summed(blocks[1])
    elif kind == "count":
        struct.pack_into("<H", blocks[5], 28, 121)
        summed(blocks[5])
    elif kind == "magic":
        blocks[4][:2] = b"XA"
    stored = header + b"".join(bytes(block) for block in blocks)
    cuts = {"cut": stored[:-100], "short": stored[:1000], "empty": stored[:HEADER], "name": b"PK" + stored[2:]}
    return cuts.get(kind, stored)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("flipped", "block 4 has the sum 0xfffc, expected 0: its checksum is wrong"),
        ("cut", "412 bytes after 11 whole blocks, expected 512 in each: the file is cut off"),
        ("short", "1000 bytes, expected a header of 1024: the file is cut off"),
        ("empty", "no block of samples after the header, expected at least one"),
        ("name", "header begins with 50 4b fc 03, expected 4d 44 fc 03 of an Axivity file"),
        ("magic", "block 5 begins with 58 41 fc 01, expected 41 58 fc 01"),
        ("date", "block 2 has the time 0x60bc0000, which is none"),
        ("count", "block 6 with 121 samples is not written as the first one is"),
        ("back", "expected times that rise: the clock of the device was set back, or the file is damaged"),
    ],
)
def test_what_is_damaged_is_refused_in_one_line(kind: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.cwa"
    path.write_bytes(broken(blocks_of("ax3.cwa")[:12], kind))
    with pytest.raises(DecodeError) as refused:
        read_axivity(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_whole_of_a_damaged_file_can_be_salvaged_with_gaps(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocks = blocks_of("ax6.cwa")
    for number in (0, 40, 41):
        blocks[number][200] ^= 1
    struct.pack_into("<I", blocks[90], 14, 0)
    summed(blocks[90])
    path = written(tmp_path / "damaged.cwa", "ax6.cwa", blocks)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DecodeError, match="482 bytes after 149 whole blocks"):
        read_axivity(path)
    recording = read_axivity(path, salvage=True)
    assert "4 of 149 blocks are damaged and left out" in caplog.text
    gaps = [(item.first_missing, item.n_missing) for item in recording.items(None) if isinstance(item, Gap)]
    assert len(gaps) == 2 * 2
    assert gaps[0][0] == 39 * 40
    whole = read_axivity(FILES / "ax6.cwa")
    for source, good in zip(recording.sources, whole.sources, strict=True):
        last = source.read(source.n_samples - 40, source.n_samples)
        np.testing.assert_array_equal(last, good.read(148 * 40, 149 * 40))
        np.testing.assert_array_equal(source.read(0, 39 * 40), good.read(40, 40 * 40))


def test_nothing_can_be_salvaged_where_nothing_is_whole(tmp_path: Path) -> None:
    blocks = blocks_of("ax3.cwa")[:3]
    for block in blocks:
        block[77] ^= 1
    with pytest.raises(DecodeError, match="no block is whole, expected at least one"):
        read_axivity(written(tmp_path / "lost.cwa", "ax3.cwa", blocks), salvage=True)
