"""A timing channel whose checksum fits may still be made up: what no export says is refused before it is used."""

from __future__ import annotations

import copy
import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from ingest.errors import DecodeError
from ingest.files.edf_annotations import stored_bytes
from ingest.files.edf_header import Header, read_header
from ingest.files.edf_numbers import unpacked
from ingest.files.edf_timing import _HEAD, LABEL, MAGIC, read_timing, timing_words
from ingest.files.edf_told import expect_told
from soleus.exporting import NightExport
from tests.night_log import INFO, night_records, write_night

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

NUMBERS: tuple[Any, ...] = (math.inf, math.nan, -1, 1.5, 10**30, True, None, "x", [], {})
TEXTS: tuple[Any, ...] = (0, None, [], {})
PLACES = {
    ("start_ns",): NUMBERS,
    ("n_records",): NUMBERS,
    ("span_ns", 0): (0, *NUMBERS),
    ("span_ns", 1): (0, *NUMBERS),
    ("movement_sensors", "left"): TEXTS,
    ("streams", 0, "sensor"): TEXTS,
    ("streams", 0, "site"): TEXTS,
    ("streams", 0, "axes"): ([], ["x", "y"], [5], 5),
    ("streams", 0, "labels"): ([], ["EMG TA-R"], [5], 5),
    ("streams", 0, "fs_hz"): (0, math.inf, math.nan, None, 1e300),
    ("streams", 0, "scales", 0, 1): (0, math.inf, math.nan, None, 1e300),
    ("streams", 0, "segments", 0, "segment"): NUMBERS,
    ("streams", 0, "segments", 0, "knots"): ([], [[0, 0, 500.0]], 5),
    ("streams", 0, "segments", 0, "knots", 0, 2): (0, math.inf, math.nan, None, 1e-9),
    ("streams", 0, "parts", 0): (
        ["placed", 0, 0, 10**12, 0],
        ["placed", 0, 0, 10, 1.5],
        ["placed", 9, 0, 10, 0],
        ["placed", 0, 0, None, 0],
        ["unplaced", 0, 0, 0],
        ["missing", 0, 0, 10**12, "air", 1],
        ["missing", 0, 0, 5, "air", 99],
        ["other", 0, 0, 5],
    ),
}


def exported(path: Path) -> tuple[Header, dict[str, Any]]:
    night = write_night(path / INFO.night, night_records(0.003))
    NightExport(night, night.read_info()).write(path / "night.edf")
    header = read_header(path / "night.edf")
    timing = next(channel for channel in header.channels if channel.label == LABEL)
    return header, read_timing(unpacked(stored_bytes(path / "night.edf", header, timing), 2), "test")[0]


def test_what_no_export_says_is_refused_wherever_it_stands(tmp_path: Path) -> None:
    header, told = exported(tmp_path)
    expect_told(told, header)
    for place, values in PLACES.items():
        for value in values:
            lie = copy.deepcopy(told)
            inner: Any = lie
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = value
            with pytest.raises((ValueError, TypeError, LookupError)):
                expect_told(lie, header)
    with pytest.raises(ValueError, match="streams"):
        expect_told({**told, "streams": [{**one, "sensor": "s", "quantity": "emg"} for one in told["streams"]]}, header)


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"format":1,"x":"' + b"a" * (1 << 25) + b'"}', b'{"format":1'])
def test_lists_in_lists_and_more_than_any_night_tells_are_one_clear_error(body: bytes) -> None:
    packed = zlib.compress(body, 9)
    message = _HEAD.pack(MAGIC, len(packed), 0, zlib.crc32(packed)) + packed
    words = np.frombuffer(message.ljust(len(message) + len(message) % 2, b"\0"), dtype="<i2")
    with pytest.raises(DecodeError, match="test: cannot be read"):
        read_timing(words, "test")
    assert read_timing(timing_words({}, np.zeros(0, np.int32)), "test")[0] == {"format": 1}
