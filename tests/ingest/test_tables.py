"""Recordings in tables, CSV and Parquet: with the layout that is declared they are the samples that were written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from detectors.layout import Stretch
from detectors.signal import NS_PER_S, Gap, Leg, Quantity
from ingest.errors import DecodeError
from ingest.files import csv_pieces
from ingest.files.opening import open_recording
from ingest.files.wall_clock import instant_ns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from detectors.recording import Recording

pytestmark = pytest.mark.slow

FS_HZ = 50
N = 4 * FS_HZ
BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 14, 22, 30, tzinfo=UTC)
COLUMNS = """
[columns]
left = {channel = "EMG TA-L", unit = "mV"}
x = {channel = "ACC-R x", unit = "mg"}
y = {channel = "ACC-R y", unit = "mg", scale = 2}
z = {channel = "ACC-R z", unit = "g"}
"""
PLAIN = f"start = 2026-03-14T22:30:00\nfs_hz = {FS_HZ}\n{COLUMNS}"
EMG = '[columns]\nleft = {channel = "EMG TA-L", unit = "uV"}\n'


@pytest.fixture
def numbers() -> NDArray[np.float64]:
    return np.random.default_rng(7).normal(0, 3, (N, 4)).round(3)


def csv_of(path: Path, names: list[str], rows: Sequence[Sequence[object]], delimiter: str = ",") -> Path:
    lines: list[Sequence[object]] = [names, *rows]
    text = "".join(delimiter.join(str(cell) for cell in line) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


def laid(path: Path, layout: str) -> Path:
    path.with_name(f"{path.stem}.layout.toml").write_text(layout, encoding="utf-8")
    return path


def expect_numbers(recording: Recording, numbers: NDArray[np.float64]) -> None:
    emg, motion = recording.sources
    assert (emg.stream.leg, emg.stream.quantity, emg.stream.sensor) == (Leg.LEFT, Quantity.EMG, "left")
    assert (motion.stream.leg, motion.stream.axes, motion.stream.fs_hz) == (Leg.RIGHT, ("x", "y", "z"), FS_HZ)
    np.testing.assert_allclose(emg.read(0, N)[:, 0], numbers[:, 0] * 1000, rtol=1e-6)
    np.testing.assert_allclose(motion.read(0, N), numbers[:, 1:] * [1e-3, 2e-3, 1], rtol=1e-6)
    assert recording.layout is None


def test_a_plain_table_is_the_samples_that_were_written(numbers: NDArray[np.float64], tmp_path: Path) -> None:
    path = laid(csv_of(tmp_path / "night.csv", ["left", "x", "y", "z"], numbers.tolist()), PLAIN)
    recording = open_recording(path)
    expect_numbers(recording, numbers)
    assert (recording.name, recording.start_ns) == ("night.csv", instant_ns(START))
    there = open_recording(path, time_zone="Europe/Berlin")
    assert there.start_ns == recording.start_ns - 3600 * NS_PER_S


def test_semicolons_commas_a_head_and_no_names_are_read_as_declared(
    numbers: NDArray[np.float64], tmp_path: Path
) -> None:
    rows = [[str(cell).replace(".", ",") for cell in row] for row in numbers]
    path = csv_of(tmp_path / "night.txt", ["device 7", "since 22:30"], rows, ";")
    form = '[csv]\ndelimiter = ";"\ndecimal = ","\nskip_lines = 1\nheader = false\n'
    layout = PLAIN.replace("left =", "1 =").replace("x =", "2 =").replace("y =", "3 =").replace("z =", "4 =") + form
    expect_numbers(open_recording(laid(path, layout.replace("fs_h4 =", "fs_hz ="))), numbers)


def test_parquet_is_read_wide_and_long_in_any_row_groups(numbers: NDArray[np.float64], tmp_path: Path) -> None:
    names = ["left", "x", "y", "z"]
    wide, long = tmp_path / "wide.parquet", tmp_path / "long.parquet"
    parquet.write_table(pa.table(dict(zip(names, numbers.T, strict=True))), laid(wide, PLAIN), row_group_size=37)
    expect_numbers(open_recording(wide), numbers)
    rows = pa.table({"name": names * N, "value": numbers.reshape(-1), "t": np.repeat(np.arange(N) / FS_HZ, 4)})
    declared = '[long]\nchannel = "name"\nvalue = "value"\n[time]\ncolumn = "t"\nunit = "s"\n'
    layout = PLAIN.replace(f"fs_hz = {FS_HZ}", "") + declared
    parquet.write_table(rows, laid(long, layout), row_group_size=101)
    expect_numbers(open_recording(long), numbers)
    order = np.argsort(np.tile(np.arange(4), N), kind="stable")
    parquet.write_table(rows.take(pa.array(order)), long, row_group_size=101)
    expect_numbers(open_recording(long), numbers)


def test_any_piece_is_that_of_the_whole_however_the_text_is_cut(
    numbers: NDArray[np.float64], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = laid(csv_of(tmp_path / "night.csv", ["left", "x", "y", "z"], numbers.tolist()), PLAIN)
    whole = [source.read(0, N) for source in open_recording(path).sources]
    monkeypatch.setattr(csv_pieces, "PIECE_BYTES", 300)
    for source, expected in zip(open_recording(path).sources, whole, strict=True):
        for start in range(0, N, 7):
            stop = min(start + 13, N)
            assert source.read(start, stop).tobytes() == expected[start:stop].tobytes()
        with pytest.raises(ValueError, match=r"samples \[0, 201\) asked for"):
            source.read(0, N + 1)


@pytest.mark.parametrize(("unit", "per_s"), [("s", 1), ("ms", 1000), ("us", 10**6), ("ns", 10**9)])
def test_a_time_column_says_rate_and_start(unit: str, per_s: int, tmp_path: Path) -> None:
    for begin_s in (0, round(START.timestamp())):
        rows: list[list[object]] = [[(begin_s * FS_HZ + row) * per_s / FS_HZ, row] for row in range(N)]
        if unit == "ns":
            rows = [[begin_s * per_s + row * per_s // FS_HZ, value] for row, (_, value) in enumerate(rows)]
        start = "" if begin_s else "start = 2026-03-14T22:30:00Z\n"
        layout = f'{start}{EMG}[time]\ncolumn = "t"\nunit = "{unit}"\n'
        recording = open_recording(laid(csv_of(tmp_path / "night.csv", ["t", "left"], rows), layout))
        assert (recording.start_ns, recording.sources[0].stream.fs_hz) == (instant_ns(START), FS_HZ)


def test_times_that_are_rounded_give_the_rate_that_they_were_rounded_from(tmp_path: Path) -> None:
    rows: list[list[object]] = [[round(row * 1000 / 512), row] for row in range(51_200)]
    layout = f'start = 2026-03-14T22:30:00\n{EMG}[time]\ncolumn = "t"\nunit = "ms"\n'
    recording = open_recording(laid(csv_of(tmp_path / "night.csv", ["t", "left"], rows), layout))
    assert recording.layout is None
    assert recording.sources[0].stream.fs_hz == pytest.approx(512, rel=1e-5)


def test_times_that_jitter_by_a_step_are_no_gaps(tmp_path: Path) -> None:
    rows: list[list[object]] = [[row + (row % 10 == 5), row] for row in range(5000)]
    layout = f'start = 2026-03-14T22:30:00\n{EMG}[time]\ncolumn = "t"\nunit = "ms"\n'
    recording = open_recording(laid(csv_of(tmp_path / "night.csv", ["t", "left"], rows), layout))
    assert recording.layout is None
    assert recording.sources[0].stream.fs_hz == pytest.approx(1000, rel=1e-3)


def test_rows_that_are_missing_and_cells_that_are_empty_are_gaps(tmp_path: Path) -> None:
    kept = [row for row in range(N) if not 60 <= row < 75]
    rows: list[list[object]] = [[row / FS_HZ, "" if 100 <= row < 110 or row < 3 else row] for row in kept]
    layout = f'start = 2026-03-14T22:30:00\n{EMG}[time]\ncolumn = "t"\nunit = "s"\n'
    recording = open_recording(laid(csv_of(tmp_path / "night.csv", ["t", "left"], rows), layout))
    assert recording.layout is not None
    (parts,) = recording.layout.parts
    told = [
        (one.first_missing, one.n_missing) if isinstance(one, Gap) else (one.first, one.first + one.n_samples)
        for one in parts
    ]
    assert told == [(3, 60), (60, 15), (75, 100), (100, 10), (110, N)]
    blocks = [item for item in recording.items(20) if not isinstance(item, Gap)]
    values = np.concatenate([block.data[:, 0] for block in blocks])
    assert values.tolist() == [row for row in kept if 3 <= row < 100 or row >= 110]
    starts = [(block.clock.at(block.start) - recording.start_ns) / NS_PER_S for block in blocks]
    assert starts == [block.data[0, 0] / FS_HZ for block in blocks]
    assert all(isinstance(one, Stretch | Gap) for one in parts)


def wall(path: Path, start: datetime, seconds: int, *, steps_h: float = 0.0) -> Path:
    """Write what a clock on the wall of Berlin showed: local times without an offset, one row a second."""
    instants = [start + timedelta(seconds=row) for row in range(seconds)]
    shown = [one.astimezone(BERLIN).replace(tzinfo=None) + timedelta(hours=steps_h) for one in instants]
    rows: list[list[object]] = [[one.isoformat(sep=" "), row] for row, one in enumerate(shown)]
    layout = f'time_zone = "Europe/Berlin"\n{EMG}[time]\ncolumn = "t"\nunit = "date"\n'
    return laid(csv_of(path, ["t", "left"], rows), layout)


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 10, 25, 0, 59, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 0, 0, tzinfo=UTC),
        datetime(2026, 10, 24, 23, 59, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 0, 59, 30, tzinfo=UTC),
    ],
)
def test_a_clock_on_the_wall_that_is_changed_meanwhile_loses_and_doubles_nothing(
    start: datetime, tmp_path: Path
) -> None:
    seconds = 3700
    recording = open_recording(wall(tmp_path / "night.csv", start, seconds))
    assert recording.start_ns == instant_ns(start)
    assert recording.layout is None
    (source,) = recording.sources
    assert source.n_samples == seconds
    assert source.clock.at(seconds) == instant_ns(start) + seconds * NS_PER_S


def test_a_clock_that_shows_an_hour_that_came_twice_and_never_goes_back_is_asked_about(tmp_path: Path) -> None:
    path = wall(tmp_path / "night.csv", datetime(2026, 10, 25, 0, 10, tzinfo=UTC), 60)
    with pytest.raises(DecodeError, match=r"begins at 2026-10-25 02:10:00, which Europe/Berlin had twice"):
        open_recording(path)
    for offset, hour in (("+02:00", 0), ("+01:00", 1)):
        start_ns = open_recording(path, time_zone=offset).start_ns
        assert start_ns == instant_ns(datetime(2026, 10, 25, hour, 10, tzinfo=UTC))


def test_a_gap_over_the_change_of_the_clocks_is_as_long_as_it_was(tmp_path: Path) -> None:
    start = datetime(2026, 3, 29, 0, 59, 0, tzinfo=UTC)
    path = wall(tmp_path / "night.csv", start, 180)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:41] + lines[101:]) + "\n", encoding="utf-8")
    (parts,) = (open_recording(path).layout or pytest.fail("no gap")).parts
    assert [one.n_missing for one in parts if isinstance(one, Gap)] == [60]


def test_dates_with_their_offset_need_no_zone(tmp_path: Path) -> None:
    start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    rows: list[list[object]] = [
        [(start + timedelta(minutes=row)).astimezone(BERLIN).isoformat(), row] for row in range(60)
    ]
    layout = f'{EMG}[time]\ncolumn = "t"\nunit = "date"\n'
    path = laid(csv_of(tmp_path / "night.csv", ["t", "left"], rows), layout)
    recording = open_recording(path)
    assert (recording.start_ns, recording.layout) == (instant_ns(start), None)
    table = pa.table({"t": pa.array([start + timedelta(minutes=row) for row in range(60)]), "left": np.arange(60.0)})
    parquet.write_table(table, tmp_path / "night.parquet")
    assert open_recording(tmp_path / "night.parquet").start_ns == instant_ns(start)


def test_time_that_goes_back_for_no_reason_is_refused(tmp_path: Path) -> None:
    rows: list[list[object]] = [[row / FS_HZ - (50 if row > 100 else 0), row] for row in range(N)]
    layout = f'start = 2026-03-14T22:30:00\n{EMG}[time]\ncolumn = "t"\nunit = "s"\n'
    with pytest.raises(DecodeError, match=r"row 102: the time goes back 49\.98 s"):
        open_recording(laid(csv_of(tmp_path / "night.csv", ["t", "left"], rows), layout))
