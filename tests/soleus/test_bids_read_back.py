"""BIDS data sets as recordings: what was exported comes back to the sample, and foreign ones by their tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import edfio
import numpy as np
import pytest

from detectors.events import Event, EventKind, Stage
from detectors.signal import NS_PER_S, Gap, Leg, Quantity, SampleBlock
from ingest.errors import DecodeError
from ingest.files.bids_recording import bids_recordings
from ingest.files.opening import open_recording
from ingest.files.scorings import read_scoring
from soleus.__main__ import run
from soleus.night_decoding import NightDecoding, log_pieces
from tests.night_log import INFO, UTC_NS, night_records, write_night

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from detectors.signal import Stream

pytestmark = pytest.mark.slow

START = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)


def collected(items: Iterable[object]) -> dict[tuple[str, Quantity], tuple[int, NDArray[np.floating], list[int]]]:
    """Return of each stream when it begins, its samples, and their indices."""
    found: dict[Stream, list[SampleBlock]] = {}
    for item in items:
        if isinstance(item, SampleBlock) and len(item.data):
            found.setdefault(item.stream, []).append(item)
    return {
        (stream.sensor, stream.quantity): (
            blocks[0].clock.at(blocks[0].start),
            np.concatenate([block.data for block in blocks]),
            [index for block in blocks for index in range(block.start, block.stop)],
        )
        for stream, blocks in found.items()
    }


def test_an_exported_night_comes_back_to_the_sample(tmp_path: Path) -> None:
    records = night_records(0.01)
    # Two packets that never came.
    night = write_night(tmp_path / "nights" / "2026-09-21-2230", records[:60] + records[63:], INFO)
    night.write_events([])
    night.write_summary({"start_ns": UTC_NS, "end_ns": UTC_NS + 36 * NS_PER_S, "final": True, "summary": {}})
    config = tmp_path / "soleus.toml"
    config.write_text(f"data_dir = '{tmp_path}'\n", encoding="utf-8")
    out = tmp_path / "out"
    assert run(["export", str(night.path), "--format", "bids", "--to", str(out), "--config", str(config)]) == 0
    decoding = NightDecoding(INFO)
    logged = collected(
        item for piece in log_pieces(night.packets) for record in piece for item in decoding.feed(record)
    )
    recording = open_recording(out)
    read = collected(recording.items(None))
    assert read.keys() == logged.keys()
    assert any(isinstance(item, Gap) for item in recording.items(None))
    for key, (begin_ns, samples, indices) in logged.items():
        assert read[key][0] == begin_ns
        assert read[key][2] == indices
        np.testing.assert_allclose(read[key][1], samples, rtol=1e-5, atol=1e-6)
    assert bids_recordings(out) == bids_recordings(out / "sub-p1")


def test_annotations_of_an_exported_night_lie_where_it_has_them_whatever_clock_its_header_has(tmp_path: Path) -> None:
    night = write_night(tmp_path / "nights" / "2026-09-21-2230", night_records(0.005), INFO)
    onset_ns = UTC_NS + 7_250_000_000
    night.write_events([Event(EventKind.LEG_MOVEMENT, "left-shin", Leg.LEFT, onset_ns, onset_ns + NS_PER_S, {})])
    config = tmp_path / "soleus.toml"
    config.write_text(f"data_dir = '{tmp_path}'\n", encoding="utf-8")
    for clock in ([], ["--utc"]):
        path = tmp_path / "night.edf"
        said = ["export", str(night.path), "--to", str(path), "--force", "--config", str(config), *clock]
        assert run(said) == 0
        recording = open_recording(path)
        (movement,) = read_scoring(path, start_ns=recording.start_ns).movements
        assert (recording.start_ns + movement.onset_ns, movement.leg) == (onset_ns, Leg.LEFT)


def signal(label: str, unit: str = "uV", seed: int = 1, fs_hz: int = 100) -> edfio.EdfSignal:
    values = np.random.default_rng(seed).normal(0, 3, 120 * fs_hz)
    return edfio.EdfSignal(values, fs_hz, label=label, physical_dimension=unit, physical_range=(-50, 50))


CHANNELS = """name\ttype\tunits\ttarget_muscle\tside\tcomponent\tstatus
E1\tEMG\tuV\ttibialis anterior\tleft\tn/a\tgood
E2\tEMG\tuV\tright gastrocnemius medialis\tn/a\tn/a\tgood
E3\tEMG\tuV\tbiceps brachii\tleft\tn/a\tgood
LEG/R\tEMG\tuV\ttibialis anterior\tright\tn/a\tbad
A1\tACCEL\tg\tn/a\tleft\tx\tgood
A2\tACCEL\tg\tn/a\tleft\ty\tgood
A3\tACCEL\tg\tn/a\tleft\tz\tgood
"""


def foreign(folder: Path, channels: str = CHANNELS, acquired: str = "2026-10-24T20:30:00Z") -> Path:
    home = folder / "sub-01" / "emg"
    home.mkdir(parents=True)
    (folder / "dataset_description.json").write_text('{"Name": "x", "BIDSVersion": "1.11.1"}', encoding="utf-8")
    labels = ("E1", "E2", "E3", "LEG/R")
    signals = [signal(label, seed=seed) for seed, label in enumerate(labels)]
    signals += [signal(f"A{axis}", "g", seed=axis) for axis in (1, 2, 3)]
    path = home / "sub-01_task-sleep_emg.edf"
    edfio.Edf(signals, recording=edfio.Recording(startdate=START.date()), starttime=START.time()).write(path)
    (home / "sub-01_task-sleep_channels.tsv").write_text(channels, encoding="utf-8")
    events = "onset\tduration\ttrial_type\n0\t60\tSleep stage W\n60\t60\tSleep stage N2\n70.5\t1\tLM left\n"
    (home / "sub-01_task-sleep_events.tsv").write_text(events, encoding="utf-8")
    scans = f"filename\tacq_time\nemg/{path.name}\t{acquired}\n"
    (folder / "sub-01" / "sub-01_scans.tsv").write_text(scans, encoding="utf-8")
    return path


def test_a_foreign_data_set_is_read_by_its_tables(tmp_path: Path) -> None:
    path = foreign(tmp_path)
    recording = open_recording(tmp_path)
    told = [(one.stream.leg, one.stream.quantity, one.stream.site) for one in recording.sources]
    assert told == [
        (Leg.LEFT, Quantity.EMG, "tibialis anterior"),
        (Leg.LEFT, Quantity.ACCELERATION, "leg"),
        (Leg.RIGHT, Quantity.EMG, "gastrocnemius medialis"),
    ]
    expected = edfio.read_edf(path).get_signal("E2").data
    np.testing.assert_allclose(recording.sources[2].read(0, 12_000)[:, 0], expected, atol=1e-3)
    # Half past ten on the clock of its header is half past eight in UTC.
    assert recording.start_ns == round(START.timestamp() - 7200) * NS_PER_S
    assert [(span.onset_ns - recording.start_ns, span.stage) for span in recording.stages] == [
        (0, Stage.WAKE), (60 * NS_PER_S, Stage.N2),
    ]  # fmt: skip
    scored = read_scoring(path.with_name("sub-01_task-sleep_events.tsv"), start_ns=recording.start_ns)
    assert [one.onset_ns for one in scored.movements] == [70_500_000_000]


def test_what_the_caller_says_comes_before_what_the_data_set_says(tmp_path: Path) -> None:
    path = foreign(tmp_path, acquired="2026-10-24T22:30:00")
    recording = open_recording(path, channels={"LEG/R": "EMG TA-R", "E1": "-"}, time_zone="+01:00")
    sensors = [one.stream.sensor for one in recording.sources if one.stream.quantity is Quantity.EMG]
    assert sensors == ["right.ta", "right.gm"]
    assert recording.start_ns == round(START.timestamp() - 3600) * NS_PER_S


def test_a_folder_that_is_no_recording_says_what_is_in_it(tmp_path: Path) -> None:
    with pytest.raises(DecodeError, match="is a folder, and no BIDS data set; expected a recording"):
        open_recording(tmp_path)
    path = foreign(tmp_path)
    other = tmp_path / "sub-02" / "emg" / "sub-02_task-sleep_emg.edf"
    other.parent.mkdir(parents=True)
    other.write_bytes(path.read_bytes())
    (tmp_path / "derivatives" / "sub-01").mkdir(parents=True)
    (tmp_path / "derivatives" / "sub-01" / "sub-01_emg.edf").write_bytes(path.read_bytes())
    assert bids_recordings(tmp_path) == [path, other]
    with pytest.raises(DecodeError, match=r"a data set of 2 recordings \(sub-01/emg/sub-01_task-sleep_emg\.edf, "):
        open_recording(tmp_path)
    assert [one.stream.leg for one in open_recording(other).sources] == [Leg.RIGHT]
    path.with_name("sub-01_task-sleep_channels.tsv").write_bytes(b"name\ttype\n\xff\n")
    with pytest.raises(DecodeError, match="is no table of tabs"):
        open_recording(path)
