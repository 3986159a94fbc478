"""What an exported night is made of: places on the grid, steps, annotations, pages and labels."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detectors.recording import steady_clock
from detectors.signal import NS_PER_S, Clock, Knot, Leg, Quantity, SampleBlock, Stream, Unit
from ingest.files.edf_channels import channel_of
from ingest.files.edf_grid import MOST_ERROR, Grid
from ingest.files.edf_labels import labels_of, understood
from ingest.files.edf_notes import Note, NotePages
from ingest.files.edf_numbers import EDF_BYTES, STORED_RANGE
from ingest.files.edf_pages import PAGE_RECORDS, PAGES_HELD, RecordPages
from ingest.files.edf_steps import Survey, scale_of
from ingest.files.edf_survey import record_ms, surveyed

if TYPE_CHECKING:
    from collections.abc import Iterable

FS_HZ = 500.0
EMG = Stream("left-shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("ch1",), FS_HZ)


def block(start: int, stop: int, clock: Clock, stream: Stream = EMG) -> SampleBlock:
    return SampleBlock(stream, clock, start, np.zeros((stop - start, len(stream.axes))))


def survey_of(values: Iterable[float]) -> Survey:
    survey = Survey()
    survey.feed(np.asarray(list(values), dtype=np.float32))
    return survey


# --- Grid


@pytest.mark.slow
@given(
    st.floats(-200e-6, 200e-6),
    st.lists(st.integers(1, 40_000), min_size=1, max_size=12),
    st.integers(0, 2_000_000),
    st.integers(0, 3_000_000_000),
)
def test_no_sample_is_farther_from_its_time_than_it_is_said(
    drift: float, lengths: list[int], phase_ns: int, step_ns: int
) -> None:
    clock = Clock((Knot(0, phase_ns, FS_HZ * (1 + drift)), Knot(60_000, 2 * 60 * NS_PER_S + step_ns, FS_HZ)))
    clock = clock if clock.knots[1].time_ns >= Clock(clock.knots[:1]).at(60_000) else Clock(clock.knots[:1])
    grid, start, free, placed = Grid(0, FS_HZ), 0, 0, 0
    for length in lengths:
        for run in grid.place(block(start, start + length, clock)):
            assert run.position >= free
            free = run.position + run.stop - run.first
            placed += run.stop - run.first
            for index in (run.first, run.stop - 1):
                off = (run.position + index - run.first) - clock.at(start + index) * FS_HZ / NS_PER_S
                assert abs(off) <= MOST_ERROR + 1e-3
        start += length
    assert placed + grid.n_left_out + grid.n_overlap == start
    assert grid.free == free


@pytest.mark.slow
@settings(max_examples=15)
@given(st.floats(-200e-6, 200e-6), st.integers(40, 7_000))
def test_the_cut_of_a_stream_does_not_move_its_samples(drift: float, length: int) -> None:
    clock = steady_clock(1_300_000, FS_HZ * (1 + drift))
    whole, cut = Grid(0, FS_HZ), Grid(0, FS_HZ)

    def places(grid: Grid, start: int, stop: int) -> list[int]:
        runs = grid.place(block(start, stop, clock))
        return [run.position + n for run in runs for n in range(run.stop - run.first)]

    pieces = [place for start in range(0, 20_000, length) for place in places(cut, start, min(start + length, 20_000))]
    assert pieces == places(whole, 0, 20_000)


def test_a_slow_sensor_leaves_a_place_free_and_a_fast_one_loses_a_sample() -> None:
    slow, fast = Grid(0, FS_HZ), Grid(0, FS_HZ)
    slow.place(block(0, 100_000, steady_clock(0, FS_HZ * (1 - 50e-6))))
    fast.place(block(0, 100_000, steady_clock(0, FS_HZ * (1 + 50e-6))))
    assert (slow.n_repeated, slow.n_left_out, fast.n_repeated, fast.n_left_out) == (5, 0, 0, 5)


def test_samples_behind_a_gap_are_placed_by_their_own_time() -> None:
    grid = Grid(0, FS_HZ)
    clock = steady_clock(0, FS_HZ)
    grid.place(block(0, 100, clock))
    assert grid.place(block(700, 800, clock))[0].position == 700
    later = Stream(**{**{name: getattr(EMG, name) for name in EMG.__slots__}, "segment": 1})
    assert grid.place(block(0, 10, steady_clock(4 * NS_PER_S, FS_HZ), later))[0].position == 2000
    assert grid.n_repeated == 0


# --- Steps


@pytest.mark.slow
@settings(max_examples=25)
@given(st.sampled_from([0.25, 0.1, 1 / 8192, 0.0240385, 3.0]), st.lists(st.integers(-32_000, 32_000), min_size=40))
@example(0.1, [-2441, -2442, 5462])
def test_whole_numbers_times_a_scale_are_stored_without_loss(step: float, numbers: list[int]) -> None:
    values = (np.array([*numbers, 0, 1]) * step).astype(np.float32)
    scale = scale_of(survey_of(values), coarsest=np.inf)
    stored = scale.stored(values)
    assert scale.step == pytest.approx(step, rel=1e-4)
    assert scale.n_clipped == 0
    np.testing.assert_allclose(scale.low + (stored.astype(float) + 32768) * scale.step, values, atol=0.1 * step)


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e4), st.floats(-1e4, 1e4))
def test_values_without_a_step_are_kept_to_half_a_step_of_sixteen_bits(seed: int, size: float, middle: float) -> None:
    values = (np.random.default_rng(seed).normal(0, size, 500) + middle).astype(np.float32)
    scale = scale_of(survey_of(values), coarsest=np.inf)
    back = scale.low + (scale.stored(values).astype(float) + 32768) * scale.step
    assert np.abs(back - values).max() <= 0.51 * scale.step + 1e-4 * size
    assert scale.step <= 4 * (np.abs(values).max() + np.ptp(values)) / 65_534


def test_an_offset_of_a_24_bit_sensor_does_not_cost_the_resolution_of_the_emg() -> None:
    values = np.array([250_000.0, 250_000.5, 250_003.0, 290_000.0])
    scale = scale_of(survey_of(values), coarsest=0.5)
    assert scale.step == pytest.approx(0.5, rel=1e-2)
    assert scale.stored(values).tolist()[-1] == STORED_RANGE[EDF_BYTES][1]
    assert scale.n_clipped > 0


def test_a_channel_that_never_moved_has_a_scale_too() -> None:
    for value in (0.0, 1.0, -250.0):
        scale = scale_of(survey_of([value] * 5), coarsest=np.inf)
        stored = scale.stored(np.array([value]))
        assert scale.low + (float(stored[0]) + 32768) * scale.step == pytest.approx(value, abs=scale.step)


# --- Annotations


@pytest.mark.slow
@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.floats(0, 99.9), st.floats(0, 50), st.text(max_size=30)), max_size=60), st.integers(1, 100)
)
def test_every_annotation_is_in_some_record_and_every_record_says_its_time(
    entries: list[tuple[float, float, str]], n_records: int
) -> None:
    notes = [Note(*entry) for entry in entries]
    pages = NotePages(notes, n_records=n_records, record_ms=1000)
    records = [pages.record(number) for number in range(n_records)]
    assert {len(record) for record in records} == {pages.n_bytes}
    assert all(record.startswith(b"+%d\x14\x14\0" % number) for number, record in enumerate(records))
    assert sum(record.count(b"\x14\0") for record in records) == n_records + len(notes)


# --- Pages


def test_pages_that_left_memory_are_written_on_and_places_nobody_wrote_are_zero() -> None:
    lengths, n_records = (10, 3), PAGE_RECORDS * 40 + 7
    notes = NotePages([], n_records=n_records, record_ms=1000)
    file = io.BytesIO()
    pages = RecordPages(file, 5, n_records=n_records, lengths=lengths, notes=notes)  # type: ignore[arg-type]  # a file
    expected = [np.zeros(n_records * length, dtype=np.int16) for length in lengths]
    rng = np.random.default_rng(1)
    for _ in range(300):
        channel = int(rng.integers(2))
        position, length = int(rng.integers(len(expected[channel]))), int(rng.integers(1, 2000))
        stored = rng.integers(-999, 999, length).astype(np.int16)
        pages.put(channel, position, stored)
        room = len(expected[channel]) - position
        expected[channel][position : position + length] = stored[:room]
        assert len(pages._held) <= PAGES_HELD
    pages.close()
    raw = np.frombuffer(file.getvalue()[5:], dtype="<i2").reshape(n_records, -1)
    np.testing.assert_array_equal(raw[:, :10].ravel(), expected[0])
    np.testing.assert_array_equal(raw[:, 10:13].ravel(), expected[1])
    assert raw[:, 13:].tobytes() == b"".join(notes.record(number) for number in range(n_records))


# --- Labels


def worn(sensor: str, leg: Leg, site: str, quantity: Quantity, unit: Unit, axes: tuple[str, ...]) -> Stream:
    return Stream(sensor, leg, site, quantity, unit, axes, 100.0)


@pytest.mark.parametrize(
    ("site", "label"),
    [("tibialis anterior", "EMG TA-L"), ("left tibialis anterior", "EMG TA-L"), ("Soleus", "EMG SO-L"),
     ("calf", "EMG GAS-L"), ("gastrocnemius medialis", "EMG GM-L")],
)  # fmt: skip
def test_a_muscle_has_a_label_that_is_read_back(site: str, label: str) -> None:
    (labels,) = labels_of([worn("a", Leg.LEFT, site, Quantity.EMG, Unit.MICROVOLT, ("ch1",))])
    assert labels == (label,)
    assert understood(label)


def test_what_no_rule_can_read_has_a_label_that_is_not_read_back() -> None:
    xyz = ("x", "y", "z")
    streams = [
        worn("a", Leg.LEFT, "ankle", Quantity.ACCELERATION, Unit.G, xyz),
        worn("b", Leg.LEFT, "foot", Quantity.ACCELERATION, Unit.G, xyz),
        worn("c", Leg.RIGHT, "ankle", Quantity.ACCELERATION, Unit.COUNTS, xyz),
        worn("a", Leg.LEFT, "ankle", Quantity.ROTATION, Unit.DEGREES_PER_SECOND, xyz),
        worn("d", Leg.UNKNOWN, "shin", Quantity.EMG, Unit.MICROVOLT, ("ch1",)),
        worn("a-very-long-sensor-name", Leg.UNKNOWN, "", Quantity.OTHER, Unit.COUNTS, ("a", "b")),
        worn("e", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.COUNTS, ("ch1", "ch2")),
    ]
    labels = labels_of(streams)
    assert [label for group in labels for label in group if channel_of(label)] == list(labels[0])
    every = [label for group in labels for label in group]
    assert len(set(every)) == len(every)
    assert max(map(len, every)) <= 16


@pytest.mark.parametrize(
    ("rates", "length_ms"),
    [
        ([(500.0, 2), (50.0, 6)], 1000),
        ([(976.563, 2), (97.656, 3)], 1024),
        ([(1116.123, 1), (987.654, 1), (52.077, 3)], 1000),  # there is none: samples are repeated or left out
        ([(0.5, 1)], 2000),
    ],
)
def test_a_record_holds_whole_samples_of_every_rate_if_one_can(rates: list[tuple[float, int]], length_ms: int) -> None:
    assert record_ms(rates) == length_ms


def test_two_streams_of_one_quantity_are_channels_of_their_own() -> None:
    first = Stream("left-shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("ch1",), FS_HZ)
    second, clock = replace(first, axes=("s1ch1",)), steady_clock(0, FS_HZ)
    pieces = [SampleBlock(one, clock, at, np.zeros((10, 1), np.float32)) for at in (0, 10) for one in (first, second)]
    pieces.append(SampleBlock(replace(first, segment=1), clock, 20, np.zeros((10, 1), np.float32)))
    assert [(signal.stream.axes, signal.n_samples) for signal in surveyed(pieces)] == [(("ch1",), 30), (("s1ch1",), 20)]
