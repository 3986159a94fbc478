"""GENEActiv files against a decode of every digit by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from detectors.signal import NS_PER_S, Gap, Leg, Quantity
from ingest.errors import DecodeError
from ingest.files.geneactiv import read_geneactiv
from ingest.files.opening import open_recording

FILES = Path(__file__).parent.parent / "data" / "device_files"
CUT_OFF = FILES / "geneactiv_cut_off.bin"
N_PAGES, PAGE = 16, 300


def whole(path: Path, *, n_pages: int = N_PAGES, without: range = range(0), **told: str) -> Path:
    """Write the whole pages of the file, which in its source is cut off, with as many told of."""
    header, *pages = CUT_OFF.read_bytes().split(b"Recorded Data")
    kept = [page for number, page in enumerate(pages[:N_PAGES]) if number not in without]
    header = header.replace(b"Number of Pages:222048", b"Number of Pages:%d" % n_pages)
    for key, value in told.items():
        name = key.replace("_", " ").encode()
        (line,) = [line for line in header.splitlines() if line.lower().startswith(name + b":")]
        header = header.replace(line, line.split(b":")[0] + b":" + value.encode())
    path.write_bytes(b"Recorded Data".join([header, *kept]))
    return path


def decoded() -> list[tuple[float, ...]]:
    """Return the samples of the whole pages, number by number, by the calibration in the header."""
    calibration = [(439, 25875), (-662, 25734), (-3056, 25538)]
    samples = []
    lines = CUT_OFF.read_bytes().decode("ascii").splitlines()
    for digits in [line for line in lines if len(line) == 12 * PAGE]:
        for at in range(0, len(digits), 12):
            counts = [int(digits[at + 3 * axis : at + 3 * axis + 3], 16) for axis in range(3)]
            signed = [count - 4096 if count > 2047 else count for count in counts]
            pairs = zip(signed, calibration, strict=True)
            samples.append(tuple((count * 100 - offset) / gain for count, (offset, gain) in pairs))
    return samples


def test_every_sample_is_what_its_digits_say(tmp_path: Path) -> None:
    recording = read_geneactiv(whole(tmp_path / "whole.bin"))
    (source,) = recording.sources
    assert (source.stream.quantity, source.stream.unit, source.stream.fs_hz) == (Quantity.ACCELERATION, "g", 85.7)
    expected = np.array(decoded(), np.float32)
    assert expected.shape == (N_PAGES * PAGE, 3)
    np.testing.assert_array_equal(source.read(0, source.n_samples), expected)
    for start, stop in [(0, 0), (299, 301), (300, 600), (4799, 4800)]:
        np.testing.assert_array_equal(source.read(start, stop), expected[start:stop])


def test_pages_begin_when_they_say_and_the_rate_is_that_of_the_pages(tmp_path: Path) -> None:
    source = read_geneactiv(whole(tmp_path / "whole.bin")).sources[0]
    # The file tells that its clock is an hour ahead of UTC; 300 samples last 3.5 s, so 85.7 Hz are 600/7 Hz.
    begin_s = datetime(2013, 5, 30, 9, 12, 54, 500_000, tzinfo=UTC).timestamp()
    for page in range(N_PAGES):
        assert source.clock.at(PAGE * page) == round((begin_s + 3.5 * page) * NS_PER_S)


def test_the_time_zone_of_the_caller_counts_before_that_of_the_file(tmp_path: Path) -> None:
    path = whole(tmp_path / "whole.bin")
    zones = {zone: read_geneactiv(path, time_zone=zone).start_ns for zone in (None, "Europe/London", "+02:00")}
    assert zones[None] == zones["Europe/London"] == zones["+02:00"] + 3600 * NS_PER_S


def test_pages_that_are_missing_are_a_gap(tmp_path: Path) -> None:
    recording = read_geneactiv(whole(tmp_path / "holes.bin", n_pages=11, without=range(4, 9)))
    (gap,) = [item for item in recording.items(None) if isinstance(item, Gap)]
    assert gap.first_missing == 4 * PAGE
    assert gap.n_missing == pytest.approx(5 * PAGE, abs=1)
    source = recording.sources[0]
    np.testing.assert_array_equal(
        source.read(source.n_samples - PAGE, source.n_samples), np.array(decoded()[-PAGE:], np.float32)
    )


def test_a_device_on_a_leg_is_that_leg_s(tmp_path: Path) -> None:
    stream = read_geneactiv(whole(tmp_path / "leg.bin", device_location_code="left ankle")).sources[0].stream
    assert (stream.sensor, stream.leg, stream.site) == ("left", Leg.LEFT, "left ankle")


def test_the_real_file_is_cut_off_and_refused() -> None:
    with pytest.raises(DecodeError, match="ends within page 17, expected the 222048 pages that the header tells of"):
        read_geneactiv(CUT_OFF)


def test_the_whole_pages_of_the_real_file_can_be_salvaged(caplog: pytest.LogCaptureFixture) -> None:
    source = read_geneactiv(CUT_OFF, salvage=True).sources[0]
    np.testing.assert_array_equal(source.read(0, source.n_samples), np.array(decoded(), np.float32))
    assert open_recording(CUT_OFF, salvage=True).duration_s == source.n_samples / source.stream.fs_hz
    assert "ends within page 17" in caplog.text
    assert "the 16 whole pages before are read" in caplog.text


def test_a_genea_is_refused_by_name() -> None:
    with pytest.raises(DecodeError, match="a recording of a GENEA, which is not made any more and not read"):
        read_geneactiv(FILES / "genea.bin")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"Device Identity", b"Device Identify", "begins with 'Device Identify"),
        (b"Recorded Data", b"Recorded Date", "no page after the header, expected 'Recorded Data'"),
        (b"x gain:25875", b"x gain:0", "x gain is '0', expected a number from 100 to 1e+07"),
        (b"z offset:-3056", b"z offset:inf", "z offset is 'inf', expected a number from -1e+07 to 1e+07"),
        (b"Pages:16", b"Pages:many", "Number of Pages is 'many', expected a number from 1 to 1e+07"),
        (b"Pages:16", b"Pages:17", "16 pages, expected the 17 that the header tells of"),
        (b"Sequence Number:3\r\n", b"Sequence Number:\r\n", "page 4 begins with 'Recorded Data"),
        (b"\r\n07901EF03004", b"\r\n0790", "page 2 begins with 'Recorded Data"),
        (b"10:13:05:000", b"10:73:05:000", "page 4 has the time '2013-05-30 10:73:05:000', which is none"),
        (b"10:13:05:000", b"10:12:05:000", "expected times that rise"),
        (b"Time:2013", b"Time:6013", "page 1 is of the year 6013, expected 1970 to 2200"),
        (b"Frequency:85.7", b"Frequency:-85.7", "Measurement Frequency is '-85.7', expected a number from 1 to 1000"),
        (b"Pages:16", b"Pages:-16", "Number of Pages is '-16', expected a number from 1"),
        (b"Code:012967\r\nSequence Number:5", b"Code:012968\r\nSequence Number:5", "page 6 is of device '012968'"),
        (b"Frequency:85.7\r\n0790", b"Frequency:85.8\r\n0790", "page 2 has '85.8' Hz, expected '85.7'"),
    ],
)
def test_what_is_damaged_is_refused_in_one_line(old: bytes, new: bytes, message: str, tmp_path: Path) -> None:
    path = whole(tmp_path / "bad.bin")
    stored = path.read_bytes()
    assert old in stored
    path.write_bytes(stored.replace(old, new))
    with pytest.raises(DecodeError) as refused:
        read_geneactiv(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    stored = whole(tmp_path / "whole.bin").read_bytes()
    path = tmp_path / "cut.bin"
    # The last two bytes end the line of a page that is whole without them.
    for length in [*range(0, len(stored) - 2, 1717), len(stored) - 3]:
        path.write_bytes(stored[:length])
        with pytest.raises(DecodeError, match=r"cut off|begins with|expected the 16"):
            read_geneactiv(path)
