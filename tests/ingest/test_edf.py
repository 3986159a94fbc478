"""Recordings in EDF: what edfio has written is read, lazily, and the same for every cut."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

import edfio
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.events import Stage
from detectors.signal import NS_PER_S, Leg, Quantity, Unit
from ingest.errors import DecodeError
from ingest.files.edf import read_edf

if TYPE_CHECKING:
    from pathlib import Path

    from detectors.recording import Recording

STEP_UV = 0.1
RANGE_UV = (-3276.8, 3276.7)
SECONDS = 150
START = datetime(2026, 3, 14, 22, 30, tzinfo=UTC)


def emg(label: str, *, seconds: int = SECONDS, fs_hz: float = 500, unit: str = "uV", seed: int = 1) -> edfio.EdfSignal:
    stored = np.random.default_rng(seed).integers(-20000, 20000, round(seconds * fs_hz), dtype=np.int16)
    return edfio.EdfSignal.from_digital(stored, fs_hz, label=label, physical_dimension=unit, physical_range=RANGE_UV)


def acceleration(side: str, *, unit: str = "g", seconds: int = SECONDS) -> list[edfio.EdfSignal]:
    return [
        edfio.EdfSignal.from_digital(
            np.full(round(seconds * 50), 1000 * number, dtype=np.int16),
            50, label=f"ACC-{side} {axis}", physical_dimension=unit, physical_range=(-8.192, 8.19175),
        )
        for number, axis in enumerate("xyz", start=1)
    ]  # fmt: skip


def saved(path: Path, *signals: edfio.EdfSignal, record_s: float | None = None, **more: object) -> Path:
    settings = {"recording": edfio.Recording(startdate=START.date()), "starttime": START.time(), **more}
    edfio.Edf(list(signals), data_record_duration=record_s, **settings).write(path)  # type: ignore[arg-type]  # as given
    return path


def sensors(recording: Recording) -> list[tuple[str, str, str]]:
    return [(s.stream.sensor, s.stream.quantity.value, s.stream.site) for s in recording.sources]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    channels = [emg("EEG C3", seed=2), emg("EMG TA-L"), *acceleration("L"), emg("LEG/R", seed=3)]
    return saved(tmp_path_factory.mktemp("edf") / "night.edf", *channels)


def test_a_recording_has_its_streams_with_rates_and_lengths(night: Path) -> None:
    recording = read_edf(night)
    assert (recording.name, recording.start_ns, recording.stages) == ("night.edf", START.timestamp() * NS_PER_S, ())
    left, motion, right = (source.stream for source in recording.sources)
    assert (left.leg, left.quantity, left.unit, left.fs_hz) == (Leg.LEFT, Quantity.EMG, Unit.MICROVOLT, 500)
    assert (motion.quantity, motion.unit, motion.fs_hz, motion.axes) == (
        Quantity.ACCELERATION, Unit.G, 50, ("x", "y", "z"),
    )  # fmt: skip
    assert right.leg is Leg.RIGHT
    assert [source.n_samples for source in recording.sources] == [75_000, 7_500, 75_000]
    assert recording.duration_s == SECONDS


def test_values_are_those_that_edfio_reads(night: Path) -> None:
    recording, other = read_edf(night), edfio.read_edf(night)
    for source, label in ((recording.sources[0], "EMG TA-L"), (recording.sources[2], "LEG/R")):
        values = source.read(0, source.n_samples)
        assert values.dtype == np.float32
        np.testing.assert_allclose(values[:, 0], other.get_signal(label).data, rtol=1e-6, atol=1e-3)
    motion = recording.sources[1].read(0, 10)
    np.testing.assert_allclose(motion, np.tile([0.25, 0.5, 0.75], (10, 1)), atol=1e-6)


@pytest.mark.slow
@given(st.integers(0, 2), st.integers(0, 75_000), st.integers(0, 3000))
def test_any_piece_is_that_of_the_whole(night: Path, number: int, start: int, length: int) -> None:
    source = read_edf(night).sources[number]
    start = min(start, source.n_samples)
    stop = min(start + length, source.n_samples)
    whole = source.read(0, source.n_samples)
    assert source.read(start, stop).tobytes() == whole[start:stop].tobytes()


def test_sources_that_are_read_in_turns_do_not_disturb_each_other(night: Path) -> None:
    recording = read_edf(night)
    whole = [source.read(0, source.n_samples) for source in read_edf(night).sources]
    for start in range(0, 7_500, 77):
        for source, expected in zip(recording.sources, whole, strict=True):
            stop = min(start + 77, source.n_samples)
            assert source.read(start, stop).tobytes() == expected[start:stop].tobytes()


def test_a_range_outside_the_stream_is_refused(night: Path) -> None:
    source = read_edf(night).sources[0]
    for start, stop in ((-1, 5), (5, 4), (0, 75_001)):
        with pytest.raises(ValueError, match=rf"left: samples \[{start}, {stop}\) asked for, expected a range in"):
            source.read(start, stop)


@pytest.mark.parametrize("record_s", [0.1, 1, 10, 30, 150])
def test_the_length_of_a_data_record_makes_no_difference(record_s: float, tmp_path: Path) -> None:
    source = read_edf(saved(tmp_path / "a.edf", emg("LEG/L"), record_s=record_s)).sources[0]
    expected = read_edf(saved(tmp_path / "b.edf", emg("LEG/L"))).sources[0]
    assert source.stream.fs_hz == 500
    assert source.read(0, 75_000).tobytes() == expected.read(0, 75_000).tobytes()


@pytest.mark.slow
def test_reading_a_whole_night_keeps_a_few_megabytes(tmp_path: Path) -> None:
    path = saved(tmp_path / "long.edf", *[emg(label, seconds=1) for label in ("EEG", "TA-L", "TA-R")])
    header = bytearray(path.read_bytes()[: 256 * 4])
    hours = 8
    header[236:244] = f"{hours * 3600:<8d}".encode()
    path.write_bytes(header)
    with path.open("r+b") as file:
        file.truncate(len(header) + hours * 3600 * 3000)
    recording = read_edf(path)
    tracemalloc.start()
    try:
        for start in range(0, recording.sources[0].n_samples, 30_000):
            for source in recording.sources:
                source.read(start, min(start + 30_000, source.n_samples))
        assert tracemalloc.get_traced_memory()[1] < 8e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("unit", "factor"), [("uV", 1), ("mV", 1000), ("V", 1e6)])
def test_emg_in_any_unit_of_voltage_comes_in_microvolts(unit: str, factor: float, tmp_path: Path) -> None:
    values = read_edf(saved(tmp_path / "a.edf", emg("LEG/L", unit=unit))).sources[0].read(0, 100)
    expected = read_edf(saved(tmp_path / "b.edf", emg("LEG/L"))).sources[0].read(0, 100)
    np.testing.assert_allclose(values, expected * factor, rtol=1e-5, atol=factor * 1e-3)


def test_acceleration_in_mg_comes_in_g(tmp_path: Path) -> None:
    source = read_edf(saved(tmp_path / "a.edf", *acceleration("R", unit="mg"))).sources[0]
    np.testing.assert_allclose(source.read(0, 1), [[0.00025, 0.0005, 0.00075]], rtol=1e-5)


def test_a_range_turned_over_turns_the_signal_over(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.edf", emg("LEG/L"))
    upright = read_edf(path).sources[0].read(0, 100)
    raw = bytearray(path.read_bytes())
    low, high = slice(256 + 104, 256 + 112), slice(256 + 112, 256 + 120)
    raw[low], raw[high] = raw[high], raw[low]
    path.write_bytes(raw)
    np.testing.assert_allclose(read_edf(path).sources[0].read(0, 100), -upright - STEP_UV, atol=1e-3)


def test_several_muscles_of_a_leg_are_several_sensors_tibialis_first(tmp_path: Path) -> None:
    channels = [emg("EMG GM-L"), emg("EMG TA-L"), emg("LEG/L"), *acceleration("L"), emg("RAT")]
    assert sensors(read_edf(saved(tmp_path / "a.edf", *channels))) == [
        ("left.ta", "emg", "tibialis anterior"),
        ("left.ta2", "emg", "tibialis anterior"),
        ("left.gm", "emg", "gastrocnemius medialis"),
        ("left", "acceleration", "leg"),
        ("right", "emg", "tibialis anterior"),
    ]


def test_a_channel_means_what_the_caller_says(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.edf", emg("DC7"), emg("LEG/R"), emg("EMG4"))
    meanings = {"DC7": "EMG TA-L", "EMG4": "calf left"}
    assert [name for name, *_ in sensors(read_edf(path, channels=meanings))] == ["left.ta", "left.gas", "right"]
    assert [name for name, *_ in sensors(read_edf(path, channels={"LEG/R": "EMG TA-L"}))] == ["left"]
    assert [name for name, *_ in sensors(read_edf(path, channels={"LEG/R": "-", "DC7": "LEG/R"}))] == ["right"]


@pytest.mark.parametrize(
    ("meanings", "message"),
    [
        ({"DC8": "EMG TA-L"}, "no channel 'DC8', expected one of the file's: 'DC7', 'EEG C3'$"),
        ({"DC7": "left"}, "channel 'DC7' is said to be 'left', expected for example 'EMG TA-L'"),
        ({}, "got no leg channel among 'DC7', 'EEG C3', expected labels like .* --channel 'LABEL=EMG TA-L'$"),
        ({"DC7": "-"}, "got no leg channel among 'DC7', 'EEG C3'"),
    ],
)
def test_a_channel_that_cannot_be_found_is_told(meanings: dict[str, str], message: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.edf", emg("DC7"), emg("EEG C3"), annotations=[])
    with pytest.raises(DecodeError, match=message) as caught:
        read_edf(path, channels=meanings)
    assert str(caught.value).startswith(f"{path}: ")


def test_stages_come_from_the_annotations(tmp_path: Path) -> None:
    notes = [
        edfio.EdfAnnotation(0, 30, "Sleep stage W"),
        edfio.EdfAnnotation(30, 30, "Sleep stage N1"),
        edfio.EdfAnnotation(60, 40, "Sleep stage 4"),
        edfio.EdfAnnotation(61.5, 3, "Arousal"),
        edfio.EdfAnnotation(90, None, "Sleep stage R"),
        edfio.EdfAnnotation(110, None, "Sleep stage ?"),
        edfio.EdfAnnotation(120.5, None, "Sleep stage N4"),
        edfio.EdfAnnotation(130, None, "Sleep stage disorder"),
    ]
    recording = read_edf(saved(tmp_path / "a.edf", emg("LEG/L"), annotations=notes))
    spans = [((s.onset_ns - recording.start_ns) / NS_PER_S, (s.end_ns - s.onset_ns) / NS_PER_S, s.stage)
             for s in recording.stages]  # fmt: skip
    assert spans == [
        (0, 30, Stage.WAKE), (30, 30, Stage.N1), (60, 30, Stage.N3), (90, 20, Stage.REM), (120.5, 9.5, Stage.N3),
    ]  # fmt: skip


def test_a_last_stage_without_duration_lasts_one_epoch(tmp_path: Path) -> None:
    notes = [edfio.EdfAnnotation(60, None, "Sleep stage N2")]
    recording = read_edf(saved(tmp_path / "a.edf", emg("LEG/L"), annotations=notes))
    assert [(s.end_ns - s.onset_ns) / NS_PER_S for s in recording.stages] == [30]


@pytest.mark.parametrize("microsecond", [1, 250_000, 999_999])
def test_the_start_is_kept_to_the_microsecond(microsecond: int, tmp_path: Path) -> None:
    starts = time(22, 30, 15, microsecond)
    notes = [edfio.EdfAnnotation(30, 30, "Sleep stage N2")]
    recording = read_edf(saved(tmp_path / "a.edf", emg("LEG/L"), starttime=starts, annotations=notes))
    whole_ns = round(START.timestamp() + 15) * NS_PER_S
    assert recording.start_ns == whole_ns + microsecond * 1000
    assert recording.sources[0].clock.at(0) == recording.start_ns
    assert recording.stages[0].onset_ns == recording.start_ns + 30 * NS_PER_S


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        (slice(88, 168), b"made by hand", datetime(2026, 3, 14, 22, 30, tzinfo=UTC)),
        (slice(168, 176), b"01.01.99", datetime(2026, 3, 14, 22, 30, tzinfo=UTC)),
        (slice(88, 176), b"by hand".ljust(80) + b"02.01.86", datetime(1986, 1, 2, 22, 30, tzinfo=UTC)),
        (slice(88, 176), b"by hand".ljust(80) + b"??.??.??", datetime(1985, 1, 1, 22, 30, tzinfo=UTC)),
        (slice(176, 184), b"24.61.00", datetime(1985, 1, 1, tzinfo=UTC)),
        (slice(88, 168), b"Startdate 14-MAR-9999 X X X", datetime(1985, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_date_in_either_place_is_read_and_an_impossible_one_is_unknown(
    field: slice, text: bytes, expected: datetime, tmp_path: Path
) -> None:
    path = saved(tmp_path / "a.edf", emg("LEG/L", seconds=2))
    raw = bytearray(path.read_bytes())
    raw[field] = text.ljust(field.stop - field.start)
    path.write_bytes(raw)
    assert read_edf(path).start_ns == expected.timestamp() * NS_PER_S


def test_a_file_that_was_not_closed_has_the_records_that_are_there(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.edf", emg("LEG/L", seconds=20))
    raw = bytearray(path.read_bytes())
    raw[236:244] = b"-1      "
    path.write_bytes(raw[:-300])
    assert read_edf(path).sources[0].n_samples == 19 * 500


def test_a_label_may_be_written_in_any_encoding(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.edf", emg("LEG/L", seconds=2))
    raw = bytearray(path.read_bytes())
    raw[256 + 96 : 256 + 104] = "µV".encode("latin-1").ljust(8)
    path.write_bytes(raw)
    assert read_edf(path).sources[0].stream.unit is Unit.MICROVOLT
