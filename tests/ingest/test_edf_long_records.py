"""A data record may be as long as the night: it is not held as a whole."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import edfio
import numpy as np
import pytest

from ingest.files import edf_records
from ingest.files.edf import read_edf

if TYPE_CHECKING:
    from pathlib import Path

FS_HZ = 100
N = 120 * FS_HZ


def channel(label: str, seed: int, n_samples: int = N) -> edfio.EdfSignal:
    stored = np.random.default_rng(seed).integers(-20000, 20000, n_samples, dtype=np.int16)
    unit = "g" if label.startswith("ACC") else "uV"
    return edfio.EdfSignal.from_digital(stored, FS_HZ, label=label, physical_dimension=unit, physical_range=(-400, 400))


def wide(label: str, seed: int) -> edfio.BdfSignal:
    stored = np.random.default_rng(seed).integers(-(2**22), 2**22, N, dtype=np.int32)
    unit = "g" if label.startswith("ACC") else "uV"
    return edfio.BdfSignal.from_digital(stored, FS_HZ, label=label, physical_dimension=unit, physical_range=(-400, 400))


@pytest.mark.parametrize("record_s", [1, 7.5, 30, 120])
@pytest.mark.parametrize("bits", [16, 24])
def test_long_records_are_read_as_short_ones_are(
    record_s: float, bits: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = ("EEG", "ACC-L x", "ACC-L y", "ACC-L z", "LEG/R")
    path = tmp_path / "night.edf"
    if bits == 16:
        edfio.Edf([channel(*one[::-1]) for one in enumerate(labels)], data_record_duration=record_s).write(path)
    else:
        edfio.Bdf([wide(*one[::-1]) for one in enumerate(labels)], data_record_duration=record_s).write(path)
    expected = [source.read(0, N) for source in read_edf(path).sources]
    monkeypatch.setattr(edf_records, "LONG_RECORD_BYTES", 1)
    for source, values in zip(read_edf(path).sources, expected, strict=True):
        for start, stop in ((0, N), (0, 0), (5, 6), (99, 3001), (N - 1, N)):
            assert source.read(start, stop).tobytes() == values[start:stop].tobytes()


@pytest.mark.slow
def test_of_a_record_as_long_as_a_night_only_what_is_asked_for_is_in_memory(tmp_path: Path) -> None:
    n_samples = 4_000_000
    path = tmp_path / "night.edf"
    signals = [channel(label, seed, n_samples) for seed, label in enumerate(("EEG", "LEG/L"))]
    edfio.Edf(signals, data_record_duration=n_samples / FS_HZ).write(path)
    source = read_edf(path).sources[0]
    tracemalloc.start()
    try:
        source.read(1_000_000, 1_060_000)
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size / 10
    finally:
        tracemalloc.stop()
