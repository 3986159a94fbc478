"""Tables that are not what their layout says, and layouts that say nothing: one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import parquet

from ingest.errors import DecodeError
from ingest.files.opening import open_recording

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

LAYOUT = 'start = 2026-03-14T22:30:00\nfs_hz = 50\n[columns]\nleft = {channel = "EMG TA-L", unit = "uV"}\n'
TIMED = LAYOUT.replace("fs_hz = 50\n", "") + '[time]\ncolumn = "t"\nunit = "s"\n'
ROWS = "left,t\n" + "".join(f"{row}.5,{row / 50}\n" for row in range(100))


def refused(path: Path, layout: str | None, stored: bytes | str) -> str:
    path.write_bytes(stored.encode() if isinstance(stored, str) else stored)
    if layout is not None:
        (path.parent / "layout.toml").write_text(layout, encoding="utf-8")
    with pytest.raises(DecodeError) as caught:
        open_recording(path)
    said = str(caught.value)
    assert "\n" not in said
    assert str(path.parent) in said
    return said


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("", "got no names of columns"),
        ("left,t\n", "left emg: no row, expected samples"),
        ("right,t\n1,2\n", "declares column 'left', expected one of the table's: 'right', 't'"),
        ("left,left\n1,2\n", "declares column 'left', expected one"),
        (ROWS.replace("3.5,", "three,"), "bytes 7 to"),
        (ROWS.replace("3.5,", "3.5,7,"), "bytes 7 to"),
        ("left,t\n" + "nan,1\n" * 60 + "1,1\n" * 50, "left emg: empty in 60 of 110 rows"),
        (b"left,t\n" + b"\xff" * 100, "bytes 7 to"),
        (ROWS + "1,9e18\n", "holds times beyond the year 2200"),
        (ROWS + "1,9e6\n", "row 101: 9e+06 s after the one before, expected one night"),
        (b"1" * 100_000, "begins a line of more than 65536 bytes"),
    ],
)
def test_a_table_that_is_damaged_is_refused(stored: bytes | str, told: str, tmp_path: Path) -> None:
    assert told in refused(tmp_path / "night.csv", TIMED, stored)


@pytest.mark.parametrize(
    ("layout", "told"),
    [
        (None, "nothing says what its columns are, expected --layout FILE, or night.layout.toml beside it"),
        ("start = ", "is no TOML"),
        ("fs_hz = 50\n", "declares no [columns]"),
        (LAYOUT.replace("fs_hz = 50\n", ""), "declares neither fs_hz nor a [time] column"),
        (LAYOUT.replace("50", "0"), "fs_hz is 0, expected a number above 0"),
        (LAYOUT.replace("50", "true"), "fs_hz is True, expected a number"),
        (LAYOUT.replace("2026-03-14T22:30:00", "2026-03-14"), "start is 2026-03-14, expected a date and a time"),
        (LAYOUT.replace("start = 2026-03-14T22:30:00\n", ""), "nothing says when it began, expected start in"),
        (LAYOUT.replace("EMG TA-L", "EMG Chin"), "[columns]: [left]: channel is 'EMG Chin', expected for example"),
        (LAYOUT.replace("uV", "furlong"), "column 'left': the unit is 'furlong', expected uV, mV or V"),
        (LAYOUT.replace(', unit = "uV"', ""), "[left]: has no unit, expected one"),
        ("colour = 1\n" + LAYOUT, "declares 'colour', which is nothing that is known"),
        ('time_zone = "Mars"\n' + LAYOUT, "time zone 'Mars': there is none of that name"),
        (TIMED.replace('"s"', '"fortnight"'), "[time]: unit is 'fortnight', expected one of s, ms, us, ns, date"),
        (TIMED.replace('"s"', '"date"'), "bytes 7 to"),
        (TIMED + "x = 50\n", "[time]: declares 'x', which is nothing that is known"),
        ("fs_hz = 60\n" + TIMED, "the time column says 50 Hz and fs_hz 60, expected the same"),
        (LAYOUT + '[csv]\ndelimiter = ";;"\n', "expected two different signs"),
        (LAYOUT + "[csv]\nskip_lines = -1\n", "skip_lines is -1"),
        (LAYOUT + "[csv]\nskip_lines = 999999999999\n", "has 101 lines, expected a table behind 999999999999"),
        (LAYOUT.replace("2026", "2600"), "begins in the year 2600, expected 1700 to 2200"),
        (LAYOUT.replace("50", "1e300"), "fs_hz is 1e+300, expected a number above 0 and at most 1e+09"),
        (LAYOUT.replace('"uV"', '"uV", scale = 1e39'), "[left]: scale is 1e+39, expected a number above 0 and at most"),
    ],
)
def test_a_layout_that_does_not_fit_is_refused(layout: str | None, told: str, tmp_path: Path) -> None:
    said = refused(tmp_path / "night.csv", layout, ROWS) if "Mars" not in told else ""
    if "Mars" in told:
        (tmp_path / "layout.toml").write_text(layout or "", encoding="utf-8")
        (tmp_path / "night.csv").write_text(ROWS, encoding="utf-8")
        with pytest.raises(DecodeError) as caught:
            open_recording(tmp_path / "night.csv")
        said = str(caught.value)
    assert told in said


def test_a_parquet_that_is_damaged_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "night.parquet"
    parquet.write_table(pa.table({"left": ["a", "b"], "t": [0.0, 0.02]}), path)
    assert "column 'left' holds object, expected numbers" in refused(path, LAYOUT, path.read_bytes())
    parquet.write_table(pa.table({"left": [float(row) for row in range(5000)]}), path)
    whole = path.read_bytes()
    for stored in (whole[:-1], whole[: len(whole) // 2], whole[:-40] + b"\0" * 40, b"PAR1"):
        assert "is no whole Parquet file" in refused(path, LAYOUT, stored)
    assert "row group 0" in refused(path, LAYOUT, whole[:4] + b"\xff" * 60 + whole[64:])


def test_what_is_no_recording_is_told_what_would_be(tmp_path: Path) -> None:
    said = refused(tmp_path / "night.docx", None, b"\xd0\xcf\x11\xe0 a letter")
    assert "begins with '\\\\xd0" in said
    assert "expected EDF, EDF+, BDF" in said
