"""The table of speed: a row says whether its aim is met, and a large file is the night again."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.speed.large_made import write_long, write_wide
from benchmarks.speed.rows import Row, at_least, at_most, table
from detectors.simulate import simulate_night
from ingest.files.edf import read_edf
from ingest.files.edf_writing import write_edf

if TYPE_CHECKING:
    from pathlib import Path

MB = 1_000_000


def test_a_row_is_one_line_of_the_table_and_one_object_of_json() -> None:
    words = ("score a night", "psgscoring", "4 times faster", "3 times or more")
    row = Row(*words, met=True, figures={"times_faster": 4.0})
    assert table([row])[-1] == "| score a night | psgscoring | 4 times faster | 3 times or more | yes |"
    assert Row(**json.loads(json.dumps(row.document()))) == row


def test_what_is_no_number_meets_no_aim() -> None:
    assert at_most(3.0, 3.0)
    assert not at_most(3.1, 3.0)
    assert at_least(3.0, 3.0)
    assert not at_least(2.9, 3.0)
    assert not at_most(math.nan, 3.0)
    assert not at_least(math.inf, 3.0)


def test_a_large_file_holds_the_night_beside_other_channels_or_again_and_again(tmp_path: Path) -> None:
    night, wide, long = (tmp_path / name for name in ("night.edf", "wide.edf", "long.edf"))
    write_edf(night, simulate_night(0.02, 1, "clean"))
    write_wide(night, wide, 1)
    write_long(night, long, 1)
    assert 0.8 * MB < wide.stat().st_size < 1.2 * MB
    assert 0.8 * MB < long.stat().st_size <= MB
    ours, among_others, again = (read_edf(path).sources for path in (night, wide, long))
    assert [source.stream for source in ours] == [source.stream for source in among_others]
    for one, other, repeated in zip(ours, among_others, again, strict=True):
        data, n_samples = one.read(0, one.n_samples), one.n_samples
        assert np.array_equal(data, other.read(0, n_samples))
        assert repeated.n_samples > n_samples
        assert np.array_equal(data[:100], repeated.read(n_samples, n_samples + 100))
