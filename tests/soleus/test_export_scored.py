"""An exported night in other hands: opened by MNE, and scored from the file as it was from the packet log."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import edfio
import mne
import numpy as np
import pytest

from detectors.signal import NS_PER_S
from ingest.decoders.lsp_info import DATA_UUID, INFO_UUID, Info
from ingest.decoders.lsp_packets import DataHeader, PacketFlag, encode_long
from ingest.night.records import NightEnd, NightStart, Notification, Record, SetupReply, TimePair
from soleus.__main__ import run
from soleus.config import load
from soleus.exporting import NightExport
from tests.night_log import EMG, INFO, UTC_NS, night_records, score_night, write_night

if TYPE_CHECKING:
    from ingest.night.folder import NightFolder

pytestmark = pytest.mark.slow

HOURS = 0.12


def told(*arguments: str) -> dict[str, Any]:
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert run([*arguments, "--format", "json"]) == 0
    answer: dict[str, Any] = json.loads(said.getvalue())
    return answer


def config_in(path: Path) -> str:
    file = path / "soleus.toml"
    file.write_text(f"data_dir = '{path / 'data'}'\n", encoding="utf-8")
    return str(file)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> NightFolder:
    night = write_night(tmp_path_factory.mktemp("scored") / INFO.night, night_records(HOURS))
    (night.path.parent / "data").mkdir()
    score_night(night, load(Path(config_in(night.path.parent))).settings)
    told("export", str(night.path), "--edf", "--config", config_in(night.path.parent))
    return night


def test_the_file_is_scored_like_the_night(folder: NightFolder) -> None:
    config = config_in(folder.path.parent)
    night = told("replay", str(folder.path), "--config", config)
    file = told("score", str(folder.path / "night.edf"), "--config", config)
    ours = [event for event in night["events"] if event["kind"] != "marker"]
    assert len(ours) > 5
    assert [(one["kind"], one["leg"], one["sensor"]) for one in ours] == [
        (one["kind"], one["leg"], one["sensor"]) for one in file["events"]
    ]
    # The file begins with a whole second, the night with its first sample, which it tells to the microsecond.
    starts = [datetime.fromisoformat(one["recording"]["start"]) for one in (night, file)]
    late_s = (starts[0] - starts[1]).total_seconds()
    assert 0 <= late_s < 1
    for one, other in zip(ours, file["events"], strict=True):
        for name in ("onset_s", "end_s"):
            assert other[name] - late_s == pytest.approx(one[name], abs=2e-6)
        assert other["measures"] == pytest.approx(one["measures"])
    assert file["summary"] == night["summary"]


def test_what_was_found_is_annotated_with_its_time_and_length(folder: NightFolder) -> None:
    file = edfio.read_edf(folder.path / "night.edf")
    events = [event for event in folder.read_events() if event.kind == "leg_movement"]
    notes = [note for note in file.annotations if note.text.startswith("Leg movement")]
    assert len(notes) == len(events) > 5
    start_ns = UTC_NS
    for note, event in zip(notes, events, strict=True):
        assert note.onset == pytest.approx((event.onset_ns - start_ns) / NS_PER_S, abs=1e-5)
        assert note.duration == pytest.approx((event.end_ns - event.onset_ns) / NS_PER_S, abs=1e-5)
        assert str(event.leg) in note.text


def test_mne_finds_the_same_samples_annotations_and_start(folder: NightFolder) -> None:
    path = folder.path / "night.edf"
    raw, file = mne.io.read_raw_edf(path, verbose="error"), edfio.read_edf(path)
    assert raw.ch_names == [signal.label for signal in file.signals]
    assert raw.info["meas_date"].isoformat() == "2026-09-21T22:30:00+00:00"
    # MNE gives all channels one rate, so those of the highest are compared; it keeps volts.
    for label in ("EMG TA-L", "EMG TA-R"):
        np.testing.assert_allclose(raw.get_data(picks=[label])[0] * 1e6, file.get_signal(label).data, atol=1e-3)
    assert sorted(raw.annotations.description) == sorted(note.text for note in file.annotations)
    np.testing.assert_allclose(sorted(raw.annotations.onset), sorted(note.onset for note in file.annotations))


def drifting_night(drift: float, seconds: int) -> list[Record]:
    """One EMG sensor whose crystal is fast; a tooth of a saw each second of true time."""
    info = Info(4, 1, 1_000_000, 244, 3, 40, 7, (EMG,))
    records: list[Record] = [
        NightStart(0, UTC_NS, 1.0, "test"),
        SetupReply(0, "left-shin", INFO_UUID, b"", info.to_bytes()),
    ]
    fs_hz = 500 * (1 + drift)
    for number in range(int(seconds * fs_hz) // 100):
        index = np.arange(number * 100, number * 100 + 100)
        raw = np.rint(index / fs_hz % 1 * 1000).astype("<i2")[:, None]
        header = DataHeader(0, PacketFlag.NONE, number & 0xFFFF, number * 100, number * 200_000 & 0xFFFFFFFF)
        arrival_ns = round((number * 100 + 100) / fs_hz * NS_PER_S) + 2_000_000
        records.append(Notification(arrival_ns, "left-shin", DATA_UUID, encode_long(EMG, header, raw)))
    end_ns = seconds * NS_PER_S
    records += [TimePair(t, UTC_NS + t) for t in range(10 * NS_PER_S, end_ns, 10 * NS_PER_S)]
    records.sort(key=lambda record: record.mono_ns)
    return [*records, NightEnd(end_ns, UTC_NS + end_ns, "stopped")]


def test_a_crystal_that_drifts_does_not_move_the_end_of_the_night(tmp_path: Path) -> None:
    info = replace(INFO, sensors=INFO.sensors[:1])
    night = write_night(tmp_path / "drift", drifting_night(100e-6, 1800), info)
    written = NightExport(night, night.read_info()).write(tmp_path / "night.edf")
    (channel,) = written.channels
    # 100 ppm of half an hour are 180 ms, 90 samples.
    assert 60 <= channel.n_left_out <= 91
    assert channel.worst_ms <= 0.75 * 2 + 1e-6
    values = edfio.read_edf(tmp_path / "night.edf").signals[0].data
    teeth = np.flatnonzero(np.diff(values) < -100)
    late_s = teeth / 500 % 1
    assert np.ptp(late_s[len(teeth) // 2 :]) <= 0.02
