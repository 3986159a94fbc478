"""``soleus export --edf``: the file that other programs open has every sample at its time, and says what is missing."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import edfio
import numpy as np
import pyedflib
import pytest

from detectors.signal import NS_PER_S, SampleBlock
from ingest.decoders.lsp_info import DATA_UUID, EVENT_UUID
from ingest.decoders.lsp_packets import decode_header
from ingest.decoders.lsp_status import EventPacket, EventType, encode_event
from ingest.files.edf_header import read_header
from ingest.files.edf_timing import LABEL
from ingest.night.packets import read_log
from ingest.night.records import LinkDown, LinkUp, Mark, NightEnd, NightStart, Notification
from soleus.__main__ import run
from soleus.night_decoding import NightDecoding
from tests.night_log import INFO, UTC_NS, night_records, write_night

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ingest.night.folder import NightFolder
    from ingest.night.records import Record

pytestmark = pytest.mark.slow

HOURS = 0.03
LABELS = ["EMG TA-L", "ACC-L x", "ACC-L y", "ACC-L z", "EMG TA-R", "ACC-R x", "ACC-R y", "ACC-R z"]


def at_ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)


def with_losses(records: list[Record]) -> list[Record]:
    """Lose two packets of the left EMG, the right link for 20 s, and press buttons."""
    kept: list[Record] = []
    for record in records:
        if isinstance(record, Notification) and record.characteristic == DATA_UUID:
            header = decode_header(record.payload)[0]
            if record.sensor == "left-shin" and header.stream_id == 0 and header.seq in {100, 101}:
                continue
            if record.sensor == "right-shin" and at_ns(40) <= record.mono_ns < at_ns(60):
                continue
        kept.append(record)
    pressed = encode_event(EventPacket(EventType.PRESS, 0, 1, 30_000_000, 1))
    kept += [
        LinkDown(at_ns(40), "right-shin", "supervision timeout"),
        LinkUp(at_ns(60), "right-shin", 247),
        Notification(at_ns(30.02), "left-shin", EVENT_UUID, pressed),
        Mark(at_ns(70), "awake", "keyboard"),
        Mark(at_ns(70), "awake", "keyboard"),
    ]
    inner = [record for record in kept if not isinstance(record, NightStart | NightEnd)]
    return [kept[0], *sorted(inner, key=lambda record: record.mono_ns), records[-1]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> NightFolder:
    return write_night(tmp_path_factory.mktemp("export") / INFO.night, with_losses(night_records(HOURS)))


@pytest.fixture(scope="module")
def answer(folder: NightFolder) -> dict[str, Any]:
    config = folder.path.parent / "soleus.toml"
    config.write_text(f"data_dir = '{folder.path.parent / 'data'}'\n", encoding="utf-8")
    assert run(["export", str(folder.path), "--edf", "--config", str(config)]) == 0
    again = ["export", str(folder.path), "--edf", "--force", "--format", "json", "--config", str(config)]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert run(again) == 0
    found: dict[str, Any] = json.loads(said.getvalue())
    return found


def samples_of(folder: NightFolder) -> dict[str, list[tuple[int, np.ndarray[Any, Any]]]]:
    """Where the samples of the night belong by their clock, to one place, counted from the start of the file."""
    decoding = NightDecoding(folder.read_info())
    items = [item for _, record in read_log(folder.packets) for item in decoding.feed(record)]
    blocks = [item for item in [*items, *decoding.finish()] if isinstance(item, SampleBlock)]
    found: dict[str, list[tuple[int, np.ndarray[Any, Any]]]] = {label: [] for label in LABELS}
    for block in blocks:
        side = block.stream.leg.value[0].upper()
        labels = [f"EMG TA-{side}"] if block.stream.quantity == "emg" else [f"ACC-{side} {axis}" for axis in "xyz"]
        offset_s = (block.clock.at(block.start) - UTC_NS) / NS_PER_S
        for axis, label in enumerate(labels):
            found[label].append((round(offset_s * block.stream.fs_hz), block.data[:, axis]))
    return found


def expect_samples(
    signals: Mapping[str, np.ndarray[Any, Any]], steps: Mapping[str, float], folder: NightFolder
) -> None:
    for label, pieces in samples_of(folder).items():
        for position, values in pieces:
            shifts = [shift for shift in (-1, 0, 1) if position + shift >= 0]
            there = [signals[label][position + shift : position + shift + len(values)] for shift in shifts]
            error = min(np.abs(one - values).max() for one in there if len(one) == len(values))
            assert error <= steps[label]


def test_edfio_finds_every_sample_within_one_step(answer: dict[str, Any], folder: NightFolder) -> None:
    file = edfio.read_edf(answer["file"])
    assert [signal.label for signal in file.signals] == [*LABELS, LABEL]
    steps = {one["label"]: one["step"] for one in answer["channels"]}
    assert steps == pytest.approx({label: 0.25 if "EMG" in label else 1 / 8192 for label in LABELS}, rel=1e-4)
    expect_samples({signal.label: signal.data for signal in file.signals}, steps, folder)


def test_pyedflib_finds_the_same(answer: dict[str, Any], folder: NightFolder) -> None:
    with pyedflib.EdfReader(answer["file"]) as file:
        assert file.getSignalLabels() == [*LABELS, LABEL]
        assert file.getStartdatetime().isoformat() == "2026-09-21T22:30:00"
        expect_samples(
            {label: file.readSignal(number) for number, label in enumerate(LABELS)},
            {one["label"]: one["step"] for one in answer["channels"]},
            folder,
        )
        onsets, durations, texts = file.readAnnotations()
    theirs = sorted(zip(texts.tolist(), onsets.tolist(), np.maximum(durations, 0).tolist(), strict=True))
    ours = sorted((note.text, note.onset, note.duration or 0.0) for note in edfio.read_edf(answer["file"]).annotations)
    assert [(text, pytest.approx((onset, length))) for text, onset, length in ours] == [
        (text, (onset, length)) for text, onset, length in theirs
    ]


def test_gaps_are_annotated_with_their_cause_and_filled_with_a_flat_line(answer: dict[str, Any]) -> None:
    file = edfio.read_edf(answer["file"])
    gaps = {
        note.text: (note.onset, note.duration or 0.0) for note in file.annotations if note.text.startswith("Signal gap")
    }
    onset, duration = gaps["Signal gap, air: left-shin emg"]
    assert (onset, duration) == (pytest.approx(20.0, abs=0.02), pytest.approx(0.4, abs=1e-3))
    for quantity in ("emg", "acceleration"):
        onset, duration = gaps[f"Signal gap, reconnect: right-shin {quantity}"]
        assert (onset, duration) == (pytest.approx(40.0, abs=0.8), pytest.approx(20.0, abs=0.8))
    flat = file.get_signal("EMG TA-R").data[(41 * 500) : (59 * 500)]
    assert len(set(flat.tolist())) == 1
    missing = {one["label"]: one["missing_s"] for one in answer["channels"]}
    assert missing["EMG TA-L"] == pytest.approx(0.4, abs=1e-3)
    assert missing["ACC-L x"] == 0
    assert answer["n_gaps"] == 3


def test_markers_are_annotated_at_their_time_and_one_that_was_logged_twice_once(answer: dict[str, Any]) -> None:
    annotations = edfio.read_edf(answer["file"]).annotations
    notes = {note.text: note.onset for note in annotations}
    assert sum(note.text.startswith("Marker: ") for note in annotations) == 2
    assert notes["Marker: button (left-shin)"] == pytest.approx(30.0, abs=0.02)
    assert notes["Marker: awake (keyboard)"] == pytest.approx(70.0, abs=1e-3)


def test_the_file_says_which_clock_its_start_is_read_from(answer: dict[str, Any]) -> None:
    assert answer["start"] == "2026-09-21T22:30:00+02:00"
    file = edfio.read_edf(answer["file"])
    assert file.recording.additional == ("UTC+0200",)
    assert file.annotations[0].text == "Exported by Soleus: 2026-09-21 22:30:00 UTC+0200"


def test_the_header_is_that_of_a_continuous_recording(answer: dict[str, Any], folder: NightFolder) -> None:
    path = folder.path / "night.edf"
    assert path.read_bytes()[192:197] == b"EDF+C"
    assert read_header(path).record_s == 1.0
    assert answer["duration_s"] == read_header(path).n_records


def test_a_night_can_be_written_in_utc_to_another_place(folder: NightFolder, tmp_path: Path) -> None:
    target = tmp_path / "there.edf"
    assert run(["export", str(folder.path), "--edf", "--utc", "--to", str(target)]) == 0
    assert edfio.read_edf(target).starttime.isoformat() == "20:30:00"


def test_a_file_that_is_there_is_not_replaced_unasked(
    folder: NightFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "here.edf"
    target.touch()
    assert run(["export", str(folder.path), "--to", str(target)]) == 2
    printed = capsys.readouterr()
    assert "here.edf: exists already, expected a new file (or --force to replace it)" in printed.err
    assert (printed.out, printed.err.count("\n"), target.stat().st_size) == ("", 1, 0)


def test_an_unknown_night_and_one_without_samples_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "soleus.toml"
    config.write_text(f"data_dir = '{tmp_path / 'data'}'\n", encoding="utf-8")
    assert run(["export", "2026-01-01", "--edf", "--config", str(config)]) == 2
    assert "night '2026-01-01' is not in" in capsys.readouterr().err
    empty = write_night(tmp_path / "empty", [NightStart(0, UTC_NS, 1.0, "test"), NightEnd(5, UTC_NS + 5, "stopped")])
    assert run(["export", str(empty.path), "--edf", "--config", str(config)]) == 2
    assert "no samples in it, expected a night that was recorded" in capsys.readouterr().err
    assert not (empty.path / "night.edf").exists()
    (empty.path / "packets.log").unlink()
    assert run(["export", str(empty.path), "--edf", "--config", str(config)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_unknown_leg_is_exported_and_said_not_to_be_scored(tmp_path: Path) -> None:
    records = night_records(0.01)
    sensors = tuple(replace(sensor, site="shin") for sensor in INFO.sensors)
    night = write_night(tmp_path / "shin", records, replace(INFO, sensors=sensors))
    assert run(["export", str(night.path)]) == 0
    assert edfio.read_edf(night.path / "night.edf").signals[0].label == "EMG shin-L"
