"""``soleus export``: what it does not write over, and what it says of a night that is not like others."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import edfio
import pytest

from detectors.signal import Leg, Quantity, Stream, Unit
from ingest.files.edf_labels import labels_of
from soleus.__main__ import run
from soleus.exported import Exported
from soleus.exported_text import losses
from soleus.nights import alone
from tests.night_log import INFO, night_records, write_night

if TYPE_CHECKING:
    from pathlib import Path

    from ingest.night.folder import NightFolder

HOURS = 0.003


@pytest.fixture
def night(tmp_path: Path) -> NightFolder:
    return write_night(tmp_path / INFO.night, night_records(HOURS))


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("name", ["packets.log", "night.json", "new.edf"])
def test_nothing_in_the_folder_of_a_night_is_replaced_but_its_export(
    night: NightFolder, capsys: pytest.CaptureFixture[str], name: str, *, linked: bool
) -> None:
    target = night.path / name
    before = target.read_bytes() if target.exists() else None
    if linked:
        (night.path.parent / "out.edf").symlink_to(target)
        target = night.path.parent / "out.edf"
    assert run(["export", str(night.path), "--to", str(target), "--force"]) == 2
    assert "lies in the folder of the night, expected night.edf" in capsys.readouterr().err
    assert (target.read_bytes() if target.exists() else None) == before
    assert not list(night.path.glob("*.part"))


def test_a_file_that_is_no_edf_is_never_replaced(night: NightFolder, capsys: pytest.CaptureFixture[str]) -> None:
    other = write_night(night.path.parent / "2026-09-22-2230", night_records(HOURS)).packets
    before = other.read_bytes()
    assert run(["export", str(night.path), "--to", str(other), "--force"]) == 2
    assert "is no EDF file, expected a new file or an earlier export to replace" in capsys.readouterr().err
    assert other.read_bytes() == before


@pytest.mark.slow
def test_an_earlier_export_is_replaced(night: NightFolder) -> None:
    for _ in range(2):
        assert run(["export", str(night.path), "--force"]) == 0
    assert (night.path / "night.edf").read_bytes().startswith(b"0       ")


def test_a_place_and_a_name_with_accents_are_written_without_them(night: NightFolder) -> None:
    left, right = INFO.sensors
    sensors = (replace(left, site="wade \xe9"), replace(right, leg=Leg.UNKNOWN, site="\u0431\u0435\u0434\u0440\u043e"))
    night.write_info(replace(night.read_info(), sensors=sensors))
    assert run(["export", str(night.path)]) == 0
    labels = [signal.label for signal in edfio.read_edf(night.path / "night.edf").signals]
    assert labels[0] == "EMG wade e-L"
    assert len(set(labels)) == len(labels) == 9


def test_a_label_has_letters_that_a_header_knows() -> None:
    shin = Stream("wade-\xfc", Leg.UNKNOWN, "w\xe4de", Quantity.EMG, Unit.MICROVOLT, ("k\xf6",), 500.0)
    foot = replace(shin, sensor="\u0431\u0435", quantity=Quantity.OTHER, unit=Unit.COUNTS, axes=("\u0436", "\u0448"))
    labels = [label for group in labels_of([shin, foot]) for label in group]
    assert labels[0] == "RAW wade-u"
    assert all(label.isascii() for label in labels)
    assert len(set(labels)) == len(labels)


def test_samples_that_overlap_are_told_apart_from_clock_keeping_and_many_are_a_warning() -> None:
    counts: dict[str, Any] = {"n_clipped": 0, "n_repeated": 1, "n_left_out": 2, "n_overlap": 0}
    counts |= {"worst_ms": 0.1, "missing_s": 0.0}
    channel = Exported("EMG TA-L", "left", "uV", "emg", "left", "", 500.0, 0.25, scored=True, n_samples=1000, **counts)
    assert list(losses(channel)) == ["EMG TA-L: 0 samples beyond the range, 1 repeated and 2 left out to keep time"]
    assert list(losses(replace(channel, n_repeated=0, n_left_out=0, n_overlap=500))) == [
        "EMG TA-L: 500 samples overlap earlier ones and are not in the file",
        "Warning: EMG TA-L lacks 50% of its 1000 samples",
    ]
    assert list(losses(replace(channel, n_repeated=0, n_left_out=0))) == []


@pytest.mark.slow
def test_a_night_that_goes_on_is_exported_as_a_part(night: NightFolder, capsys: pytest.CaptureFixture[str]) -> None:
    with alone(night.path / "night.lock", "in use"):
        assert run(["export", str(night.path)]) == 0
        assert "The night still goes on; this is what there is so far." in capsys.readouterr().out
        assert run(["export", str(night.path), "--force", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["final"] is False
    texts = [note.text for note in edfio.read_edf(night.path / "night.edf").annotations]
    assert "Exported while the night went on: what comes later is not here" in texts
    assert not [text for text in texts if "ended" in text]
    assert run(["export", str(night.path), "--force", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["final"] is True


def test_an_export_is_as_private_as_the_night(night: NightFolder, tmp_path: Path) -> None:
    target = tmp_path / "out.edf"
    assert run(["export", str(night.path), "--to", str(target)]) == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
