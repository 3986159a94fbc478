"""Files that are no EDF, or a broken one: one line that says what, got, expected, where; never a traceback."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import edfio
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import DecodeError
from ingest.files.edf import read_edf

if TYPE_CHECKING:
    from pathlib import Path

LABELS = ("LEG/L", "ACC-L x", "ACC-L y", "ACC-L z")
HEADER = 256 * (len(LABELS) + 2)


def good(path: Path) -> bytes:
    units = ("uV", "g", "g", "g")
    signals = [
        edfio.EdfSignal.from_digital(
            np.zeros(10 * fs_hz, dtype=np.int16), fs_hz, label=label, physical_dimension=unit, physical_range=(-8, 8)
        )
        for label, unit, fs_hz in zip(LABELS, units, (500, 50, 50, 50), strict=True)
    ]
    notes = [edfio.EdfAnnotation(3, 5, "Sleep stage N2")]
    edfio.Edf(signals, recording=edfio.Recording(startdate=date(2026, 3, 14)), annotations=notes).write(path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults") / "night.edf"


@pytest.fixture(scope="module")
def raw(file: Path) -> bytes:
    return good(file)


def opened(file: Path, raw: bytes) -> None:
    """Open and read to the end."""
    file.write_bytes(raw)
    for source in read_edf(file).sources:
        source.read(0, source.n_samples)


def channel(number: int, offset: int, width: int) -> slice:
    """Return where a field of a channel stands; offset counts the bytes of one channel's fields before it."""
    begin = 256 + offset * (len(LABELS) + 1) + number * width
    return slice(begin, begin + width)


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        (slice(0, 8), b"this is ", "the file begins with 'this is', expected '0' and 7 blanks: not an EDF$"),
        (slice(0, 8), b"\xffBIOSEMI", r"the file is cut off: \d+ bytes of data, expected \d+ "),
        (slice(192, 197), b"BDF+D", r"this is an interrupted recording \(BDF\+D\), expected a continuous one"),
        (slice(192, 197), b"EDF+D", r"this is an interrupted recording \(EDF\+D\), expected a continuous one"),
        (slice(252, 256), b"x   ", "the number of channels is 'x', expected a whole number$"),
        (slice(252, 256), b"0   ", "the header says it has 1536 bytes and 0 channels, expected at least one"),
        (slice(252, 256), b"7   ", "the header says it has 1536 bytes and 7 channels, .* and 2048 bytes$"),
        (slice(184, 192), b"-9      ", "the length of the header is '-9', expected a whole number$"),
        (slice(236, 244), b"many    ", "the number of data records is 'many', expected a whole number$"),
        (slice(236, 244), b"0       ", "no data record, expected at least one of [0-9]+ bytes$"),
        (slice(236, 244), b"11      ", r"the file is cut off: \d+ bytes of data, expected \d+ \(11 records of"),
        (slice(244, 252), b"0       ", "a data record lasts 0 s, expected 0.0001 to 86400 s$"),
        (slice(244, 252), b"1e-300  ", "a data record lasts 1e-300 s, expected 0.0001 to 86400 s$"),
        (slice(244, 252), b"nan     ", "the length of a data record is 'nan', expected a number$"),
        (channel(0, 96, 8), b"furlong ", "channel 'LEG/L': the unit is 'furlong', expected uV, mV or V for emg$"),
        (channel(1, 96, 8), b"uV      ", "channel 'ACC-L x': the unit is 'uV', expected g or mg for acceleration$"),
        (channel(0, 104, 8), b"low     ", "channel 'LEG/L': the physical minimum is 'low', expected a number$"),
        (channel(0, 104, 8), b"8       ", "channel 'LEG/L': the range -32768 to 32767 means 8 to 8, expected some"),
        (channel(0, 104, 8), b"-1e300  ", r"channel 'LEG/L': the range is -1e\+300 to 8, expected at most 1e\+09$"),
        (channel(0, 120, 8), b"32767   ", "channel 'LEG/L': the range 32767 to 32767 means -8 to 8, expected some"),
        (channel(0, 216, 8), b"0.5     ", "number of samples per record of channel 'LEG/L' is '0.5', expected a whole"),
        (channel(0, 216, 8), b"0       ", "a data record has 0 of 'LEG/L' samples, expected equally many and more"),
        (channel(2, 216, 8), b"25      ", "a data record has 50 of 'ACC-L x', 25 of 'ACC-L y', 50 of 'ACC-L z'"),
        (channel(2, 0, 16), b"something".ljust(16), "acceleration of the left leg is 'ACC-L x', 'ACC-L z', expected"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_what_it_holds(
    field: slice, text: bytes, message: str, file: Path, raw: bytes
) -> None:
    assert len(text) == field.stop - field.start
    broken = raw[: field.start] + text + raw[field.stop :]
    with pytest.raises(DecodeError, match=message) as caught:
        opened(file, broken)
    assert str(caught.value).startswith(f"{file}: ")
    assert "\n" not in str(caught.value)


def test_a_file_without_any_sample_is_refused(file: Path, raw: bytes) -> None:
    broken = bytearray(raw)
    for number in range(len(LABELS) + 1):
        broken[channel(number, 216, 8)] = b"0       "
    with pytest.raises(DecodeError, match="no channel has samples, expected at least one per data record"):
        opened(file, bytes(broken))


@pytest.mark.slow
@given(st.integers(0, 10**6))
def test_a_file_cut_off_anywhere_is_refused(file: Path, raw: bytes, cut: int) -> None:
    cut %= len(raw)
    with pytest.raises(DecodeError, match=r"ends inside its header|begins with|cut off|no data record"):
        opened(file, raw[:cut])


@given(st.binary(max_size=3000))
def test_random_bytes_are_refused(file: Path, noise: bytes) -> None:
    with pytest.raises(DecodeError):
        opened(file, noise)


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, HEADER - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_damaged_header_is_read_or_refused(file: Path, raw: bytes, damage: list[tuple[int, int]]) -> None:
    broken = bytearray(raw)
    for position, value in damage:
        broken[position] = value
    try:
        opened(file, bytes(broken))
    except DecodeError as error:
        assert str(error).startswith(f"{file}: ")  # noqa: PT017 - either is right, and a refusal says where


@pytest.mark.slow
@given(st.binary(max_size=120), st.integers(0, 9))
def test_damaged_annotations_are_read_over(file: Path, raw: bytes, noise: bytes, record: int) -> None:
    size = (len(raw) - HEADER) // 10
    end = HEADER + (record + 1) * size
    noise = noise[: size - 2 * 650]
    broken = raw[: end - len(noise)] + noise + raw[end:]
    try:
        opened(file, broken)
    except DecodeError as error:
        assert "time is missing" in str(error)  # noqa: PT017 - noise can be the time of another record


def test_time_that_is_missing_inside_a_continuous_file_is_told(file: Path, raw: bytes) -> None:
    late = raw.replace(b"+9\x14\x14\0\0", b"+42\x14\x14\0")
    assert len(late) == len(raw)
    assert late != raw
    with pytest.raises(DecodeError, match=r"the last data record begins 42 s after the first, expected 9 s: time is"):
        opened(file, late)


def test_a_file_that_shrinks_while_it_is_read_is_told(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    source = read_edf(file).sources[0]
    file.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(DecodeError, match=r"the file shrank$"):
        source.read(0, source.n_samples)


def test_a_missing_file_and_a_folder_are_the_systems_errors(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_edf(tmp_path / "missing.edf")
    with pytest.raises(IsADirectoryError):
        read_edf(tmp_path)
