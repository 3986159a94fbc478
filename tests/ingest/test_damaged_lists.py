"""What damaged copies of lists and tables were found to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.simulate import simulate_night
from ingest.errors import DecodeError
from ingest.files.edf_writing import write_edf
from ingest.files.opening import open_recording
from ingest.files.scorings import read_scoring

if TYPE_CHECKING:
    from pathlib import Path

LAYOUT = 'fs_hz = 250\nstart = 2026-10-24T22:30:00\n{}[columns]\nemg = {{channel = "EMG TA-L", unit = "uV"}}\n'


def test_a_list_whose_head_lost_its_start_is_counted_from_its_first_row(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("Signal ID: x\nStbrt Time: 24.10.2026 22:30:00\n\n23:59:59,500-00:00:01,000; 2;LeftLegAny\n")
    (movement,) = read_scoring(path).movements
    assert (movement.onset_ns, movement.end_ns) == (0, 1_500_000_000)


def test_a_number_that_no_converter_gives_is_none(tmp_path: Path) -> None:
    (tmp_path / "night.layout.toml").write_text(LAYOUT.format(""))
    path = tmp_path / "night.csv"
    path.write_text("emg\n" + "1.5\n" * 600 + "1e99\n" + "2.5\n" * 600)
    recording = open_recording(path)
    numbers = np.concatenate([item.data[:, 0] for item in recording.items(None) if hasattr(item, "data")])
    assert set(numbers.tolist()) == {1.5, 2.5}


def test_a_time_zone_that_there_is_not_is_said_with_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "night.layout.toml").write_text(LAYOUT.format('time_zone = "Eur9999Berlin"\n'))
    (tmp_path / "night.csv").write_text("emg\n" + "1.5\n" * 600)
    with pytest.raises(DecodeError, match=r"night\.layout\.toml: time zone 'Eur9999Berlin': there is none"):
        open_recording(tmp_path / "night.csv")


def test_a_table_of_scans_without_times_says_nothing_of_the_clock(tmp_path: Path) -> None:
    path = tmp_path / "sub-1" / "emg" / "sub-1_emg.edf"
    path.parent.mkdir(parents=True)
    write_edf(path, simulate_night(1 / 600, seed=1, regime="clean"))
    alone = open_recording(path)
    (tmp_path / "sub-1" / "sub-1_scans.tsv").write_text("filename\tacq_tim\nemg/sub-1_emg.edf\t2026-03-14T21:30:00Z\n")
    assert open_recording(path).start_ns == alone.start_ns
