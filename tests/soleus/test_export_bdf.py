"""A night whose numbers exceed 16 bits: written as BDF+, read by other programs, scored as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import edfio
import mne
import numpy as np
import pyedflib
import pytest

from detectors.criteria import named
from detectors.events import EventKind
from detectors.pipeline import score
from detectors.signal import SampleBlock
from ingest.decoders.lsp_info import DATA_UUID, Format, Info, InfoFlag
from ingest.decoders.lsp_packets import decode_header, encode_long
from ingest.files.edf import read_edf
from ingest.files.edf_numbers import packed, unpacked
from ingest.night.packets import read_log
from ingest.night.records import Notification, SetupReply
from soleus.__main__ import run
from soleus.final_scoring import score_log
from soleus.night_decoding import NightDecoding, log_pieces
from tests.night_log import ACC, EMG, INFO, night_records, write_night

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.night.folder import NightFolder
    from ingest.night.records import Record

pytestmark = pytest.mark.slow

# An amplifier of 24 bits in steps of 0.05 µV, with 20 mV between its electrodes that wander by 40 µV a second.
STEPS_PER_RAW, OFFSET_STEPS, WANDERS_STEPS = 5, 400_000, 1.6
FINE = replace(EMG, value_format=Format.I32, scale=EMG.scale / STEPS_PER_RAW)
STEP_UV = 0.05


def fine(record: Record) -> Record:
    """Return a record as such a sensor would have sent it."""
    if isinstance(record, SetupReply):
        return replace(record, payload=Info(InfoFlag.COMMON_CLOCK, 0, 1_000_000, 244, 3, 40, 7, (FINE, ACC)).to_bytes())
    if isinstance(record, Notification) and record.characteristic == DATA_UUID:
        header, samples = decode_header(record.payload)
        if header.stream_id == EMG.stream_id:
            raw = np.frombuffer(samples, dtype="<i2").astype(np.int64) * STEPS_PER_RAW + OFFSET_STEPS
            raw += np.rint((np.arange(len(raw)) + (header.index or 0)) * WANDERS_STEPS).astype(np.int64)
            return replace(record, payload=encode_long(FINE, header, raw.astype("<i4")[:, None]))
    return record


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> NightFolder:
    return write_night(tmp_path_factory.mktemp("fine") / INFO.night, map(fine, night_records(0.1, seed=4)))


@pytest.fixture(scope="module")
def path(folder: NightFolder) -> Path:
    assert run(["export", str(folder.path)]) == 0
    return folder.path / "night.bdf"


def emg_of(folder: NightFolder) -> np.ndarray[Any, Any]:
    decoding = NightDecoding(folder.read_info())
    items = [item for _, record in read_log(folder.packets) for item in decoding.feed(record)]
    blocks = [item for item in [*items, *decoding.finish()] if isinstance(item, SampleBlock)]
    return np.concatenate(
        [one.data[:, 0] for one in blocks if one.stream.sensor == "left-shin" and one.stream.quantity == "emg"]
    )


def test_a_night_that_needs_24_bits_is_written_as_bdf(path: Path) -> None:
    assert path.read_bytes()[:8] == b"\xffBIOSEMI"
    assert path.read_bytes()[192:197] == b"BDF+C"
    assert not path.with_suffix(".edf").exists()


def test_edfio_mne_and_pyedflib_find_every_sample_within_one_step(path: Path, folder: NightFolder) -> None:
    wanted = emg_of(folder)
    file = edfio.read_bdf(path)
    with pyedflib.EdfReader(str(path)) as reader:
        theirs = reader.readSignal(0)
    raw = mne.io.read_raw_bdf(path, verbose="error").get_data(picks=["EMG TA-L"])[0] * 1e6
    for values in (file.get_signal("EMG TA-L").data, theirs, raw):
        begin = 1 + next(
            at for at in range(3) if np.allclose(values[at + 1 : at + 100], wanted[:99], rtol=0, atol=2 * STEP_UV)
        )
        there = values[begin : begin + len(wanted)]
        assert np.abs(there - wanted).max() <= STEP_UV
    assert len(file.annotations) > 0
    assert len(raw) == len(theirs)


def test_bdf_is_scored_to_the_same_nanosecond(path: Path, folder: NightFolder) -> None:
    criteria = named("wasm-2016")
    log = score_log(lambda: log_pieces(folder.packets), folder.read_info(), criteria).scoring
    ours = [event for event in log.events if event.kind is not EventKind.MARKER]
    theirs = score(read_edf(path), criteria).events
    assert len(ours) > 5
    assert [(one.key, one.end_ns) for one in ours] == [(one.key, one.end_ns) for one in theirs]


def test_16_bits_are_written_when_they_are_asked_for_and_the_loss_is_told(
    tmp_path: Path, folder: NightFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.edf"
    assert run(["export", str(folder.path), "--to", str(target), "--json"]) == 0
    channel = json.loads(capsys.readouterr().out)["channels"][0]
    assert (channel["label"], target.read_bytes()[192:197]) == ("EMG TA-L", b"EDF+C")
    assert channel["step"] > STEP_UV or channel["n_clipped"]


def test_bdf_can_be_asked_for_and_needs_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    night = write_night(tmp_path / INFO.night, night_records(0.003))
    assert run(["export", str(night.path), "--format", "bdf"]) == 0
    assert edfio.read_bdf(night.path / "night.bdf").signals[0].label == "EMG TA-L"
    capsys.readouterr()
    assert run(["export", str(night.path), "--format", "bdf", "--to", str(tmp_path / "out.edf")]) == 2
    assert "is to be BDF+, expected a name that ends in .bdf" in capsys.readouterr().err
    assert run(["export", str(night.path), "--format", "bdf"]) == 2
    assert "night.bdf: exists already" in capsys.readouterr().err


@pytest.mark.parametrize("sample_bytes", [2, 3])
def test_numbers_are_unpacked_as_they_were_packed(sample_bytes: int) -> None:
    most = 1 << (8 * sample_bytes - 1)
    numbers = np.array([[0, 1, -1, most - 1], [-most, 12345, -12345, 77]])
    raw = packed(numbers, sample_bytes)
    assert raw.shape == (2, 4 * sample_bytes)
    np.testing.assert_array_equal(unpacked(raw.tobytes(), sample_bytes).reshape(2, 4), numbers)


def test_several_nights_go_into_a_folder_each_with_the_bits_that_it_needs(tmp_path: Path, folder: NightFolder) -> None:
    short = write_night(tmp_path / "short", night_records(0.003))
    target = tmp_path / "out"
    assert run(["export", str(folder.path), str(short.path), "--to", str(target)]) == 0
    assert sorted(path.name for path in target.iterdir()) == [f"{INFO.night}.bdf", "short.edf"]
    assert run(["export", str(short.path), "--to", str(target)]) == 2
    assert run(["export", str(short.path), "--to", str(target), "--force"]) == 0
