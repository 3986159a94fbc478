"""EDF says its start as a clock on the wall: over the change of the clocks no sample is lost, doubled or moved."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import edfio
import numpy as np
import pytest

from detectors.events import Stage
from detectors.signal import NS_PER_S
from ingest.errors import DecodeError
from ingest.files import edf_annotations
from ingest.files.opening import open_recording
from ingest.files.scorings import read_scoring
from ingest.files.wall_clock import instant_ns

if TYPE_CHECKING:
    from pathlib import Path

BERLIN = ZoneInfo("Europe/Berlin")
HOURS = 6
FS_HZ = 1


def night(path: Path, start: datetime) -> Path:
    """Six hours from an instant on, whose header says what the clock on the wall showed then."""
    shown = start.astimezone(BERLIN)
    values = np.arange(HOURS * 3600 * FS_HZ, dtype=np.int16)
    channel = edfio.EdfSignal.from_digital(values, FS_HZ, label="LEG/L", physical_dimension="uV",
                                           physical_range=(-32768, 32767))  # fmt: skip
    stages = [
        edfio.EdfAnnotation(hour * 3600, 3600, f"Sleep stage {'W' if hour % 2 else 'N2'}") for hour in range(HOURS)
    ]
    recording = edfio.Recording(startdate=shown.date())
    started = time(shown.hour, shown.minute, shown.second)
    edfio.Edf([channel], recording=recording, starttime=started, annotations=stages, data_record_duration=60).write(
        path
    )
    return path


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 10, 24, 20, 30, tzinfo=UTC),
        datetime(2026, 10, 24, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 0, tzinfo=UTC),
        datetime(2026, 3, 28, 22, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    ],
)
def test_a_night_over_the_change_of_the_clocks_is_as_long_as_its_samples(start: datetime, tmp_path: Path) -> None:
    recording = open_recording(night(tmp_path / "night.edf", start), time_zone="Europe/Berlin")
    (source,) = recording.sources
    assert (recording.start_ns, source.n_samples) == (instant_ns(start), HOURS * 3600)
    assert recording.span_ns == (instant_ns(start), instant_ns(start) + HOURS * 3600 * NS_PER_S)
    blocks = list(recording.items(1000))
    assert [value for block in blocks for value in block.data[:, 0]] == list(range(HOURS * 3600))  # type: ignore[union-attr]  # no gap is in it
    assert [(span.onset_ns - instant_ns(start)) // NS_PER_S for span in recording.stages] == [
        hour * 3600 for hour in range(HOURS)
    ]
    assert recording.stages[0].stage is Stage.N2


def test_annotations_are_the_same_however_many_records_are_read_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = night(tmp_path / "night.edf", datetime(2026, 10, 24, 20, 30, tzinfo=UTC))
    stages = open_recording(path).stages
    listed = read_scoring(path)
    assert len(stages) == HOURS
    monkeypatch.setattr(edf_annotations, "PIECE_BYTES", 1000)
    assert open_recording(path).stages == stages
    assert read_scoring(path) == listed


def test_a_start_that_came_twice_is_asked_about_and_each_answer_is_an_hour_apart(tmp_path: Path) -> None:
    path = night(tmp_path / "night.edf", datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    with pytest.raises(DecodeError, match=r"night\.edf: begins at 2026-10-25 02:30:00, .* twice"):
        open_recording(path, time_zone="Europe/Berlin")
    first, second = (open_recording(path, time_zone=offset).start_ns for offset in ("+02:00", "+01:00"))
    assert (first, second - first) == (instant_ns(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)), 3600 * NS_PER_S)
    assert open_recording(path).start_ns == instant_ns(datetime(2026, 10, 25, 2, 30, tzinfo=UTC))
