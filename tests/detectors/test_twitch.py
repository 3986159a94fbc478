"""Twitches: every rule of science.md 4.2 at both edges, and what must not become one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.chain import Parts
from detectors.emg.features import EmgFeatures
from detectors.emg.potential import Extent, Signal, artefact_steps, energy_step, heart_step, width_class
from detectors.emg.twitch import TwitchDetector
from detectors.emg.wide import limit_uv, wide_sections
from detectors.filters import SectionFilter
from detectors.proposed.brief import TWITCH
from detectors.recording import steady_clock
from detectors.signal import Gap, GapCause, SampleBlock
from tests.made_legs import CRITERIA, emg_stream, muscle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.events import Event

FS_HZ = 500.0
PARTS = Parts(lambda stream: EmgFeatures(stream, CRITERIA), (lambda stream: TwitchDetector(stream, CRITERIA),))
AT_S = 15.0


def noise(length_s: float = 20.0, uv: float = 1.5, fs_hz: float = FS_HZ) -> np.ndarray:
    return np.random.default_rng(3).normal(0.0, uv, round(length_s * fs_hz))


def potential(
    at_s: float, uv: float, *, length_s: float = 20.0, width_s: float = 0.012, fs_hz: float = FS_HZ
) -> np.ndarray:
    """A motor unit potential of three phases; `uv` is the height of the highest."""
    phase = (np.arange(round(length_s * fs_hz)) / fs_hz - at_s) / (width_s / 6)
    return uv * (1 - phase**2) * np.exp(-(phase**2) / 2)


def burst(at_s: float, length_s: float, uv: float, *, total_s: float = 20.0) -> np.ndarray:
    signal = muscle(round(total_s * FS_HZ), FS_HZ, 4) * uv
    t_s = np.arange(len(signal)) / FS_HZ
    return np.where((t_s >= at_s) & (t_s < at_s + length_s), signal, 0.0)


def told(
    *parts: np.ndarray, fs_hz: float = FS_HZ, gap: tuple[int, int] | None = None
) -> tuple[list[Event], list[Event]]:
    """Twitches and what was turned down, in the sum of some signals."""
    stream, clock = emg_stream(fs_hz), steady_clock(0, fs_hz)
    data = np.sum(parts, axis=0)[:, np.newaxis]
    features, detector = EmgFeatures(stream, CRITERIA), TwitchDetector(stream, CRITERIA)
    first, stop = gap or (len(data), len(data))
    items: list[SampleBlock | Gap] = [SampleBlock(stream, clock, 0, data[:first])]
    if gap:
        items += [Gap(stream, clock, first, stop - first, GapCause.AIR), SampleBlock(stream, clock, stop, data[stop:])]
    outputs = [output for item in items for output in features.feed(item)] + features.finish()
    events = [event for output in outputs for event in detector.feed(output)] + detector.finish()
    return events, detector.rejected()


def reasons(rejected: Sequence[Event]) -> list[str]:
    return [step.rule for event in rejected for step in event.why if not step.held]


def in_band(uv: float) -> float:
    """Height of a potential whose highest phase is `uv` in the wide band."""
    filtered = SectionFilter(wide_sections(FS_HZ, TWITCH)).feed(potential(AT_S, 1.0)[:, np.newaxis])
    return uv / float(np.abs(filtered).max())


@pytest.mark.parametrize(
    ("sigma_uv", "fs_hz", "expected_uv"),
    [
        (1.0, 500.0, 15.0),
        (2.5, 500.0, 15.0),
        (5.0, 500.0, 30.0),
        (1.0, 250.0, 20.0),
        (2.5, 499.0, 20.0),
        (5.0, 250.0, 40.0),
    ],
)
def test_a_peak_exceeds_six_sigmas_and_15_uv_and_below_500_hz_eight_and_20(
    sigma_uv: float, fs_hz: float, expected_uv: float
) -> None:
    assert limit_uv(np.array([sigma_uv]), fs_hz, TWITCH)[0] == expected_uv


@pytest.mark.parametrize(("uv", "n_events"), [(14.5, 0), (15.5, 1)])
def test_a_potential_of_more_than_15_uv_in_the_band_is_a_twitch(uv: float, n_events: int) -> None:
    events, _ = told(noise(uv=0.3), potential(AT_S, in_band(uv)))
    assert len(events) == n_events


def test_a_fasciculation_is_found_where_it_is_and_measured() -> None:
    (event,), rejected = told(noise(), potential(AT_S, 80.0))
    measures = event.measures
    assert not rejected
    assert event.onset_ns / 1e9 == pytest.approx(AT_S, abs=0.012)
    assert measures["peak_to_peak_uv"] == pytest.approx(115, rel=0.25)
    assert (measures["width_class"], measures["n_potentials"], measures["transient"]) == (1.0, 1.0, 0.0)
    assert 0.004 <= measures["width_s"] <= measures["duration_s"] < 0.03
    assert measures["noise_uv"] == pytest.approx(1.4, rel=0.15)
    assert all(step.held for step in event.why)


@pytest.mark.parametrize(
    ("width_s", "expected"), [(0.004, 1), (0.0499, 1), (0.05, 2), (0.1999, 2), (0.2, 3), (0.4999, 3)]
)
def test_widths_of_50_and_200_ms_divide_the_classes(width_s: float, expected: int) -> None:
    assert width_class(width_s, TWITCH) == expected


@pytest.mark.parametrize(("length_s", "expected"), [(0.03, 1), (0.12, 2), (0.3, 3)])
def test_bursts_get_the_class_of_their_width(length_s: float, expected: int) -> None:
    (event,), _ = told(noise(), burst(AT_S, length_s, 60.0))
    assert event.measures["width_class"] == expected
    assert event.measures["width_s"] == pytest.approx(length_s, abs=0.03)


@pytest.mark.parametrize(("length_s", "n_events"), [(0.45, 1), (0.55, 0)])
def test_what_lasts_half_a_second_is_for_the_leg_movement_detector(length_s: float, n_events: int) -> None:
    events, rejected = told(noise(), burst(AT_S, length_s, 60.0))
    assert len(events) == n_events
    assert reasons(rejected) == ([] if n_events else ["max_s"])


@pytest.mark.parametrize(("apart_s", "n_potentials"), [(0.015, 1.0), (0.05, 2.0), (0.09, 2.0)])
def test_peaks_within_30_ms_are_one_potential_and_potentials_within_100_ms_one_twitch(
    apart_s: float, n_potentials: float
) -> None:
    (event,), _ = told(noise(), potential(AT_S, 80.0), potential(AT_S + apart_s, 80.0))
    assert event.measures["n_potentials"] == n_potentials
    assert event.measures["duration_s"] == pytest.approx(apart_s + 0.012, abs=0.012)


def test_potentials_further_apart_are_twitches_of_their_own() -> None:
    events, _ = told(noise(), potential(AT_S, 80.0), potential(AT_S + 0.4, 80.0))
    assert len(events) == 2


@pytest.mark.parametrize(("after_s", "n_events"), [(0.03, 0), (0.3, 1)])
def test_around_a_twitch_the_muscle_rests(after_s: float, n_events: int) -> None:
    # Louder than rest and lower than any peak: a twitch at the edge of a weak contraction is part of it.
    events, rejected = told(noise(), potential(AT_S, 80.0), burst(AT_S + after_s, 0.5, 4.2))
    assert len(events) == n_events
    assert set(reasons(rejected)) <= {"isolation_uv"}


def around(raw: np.ndarray, filtered: np.ndarray | None = None) -> Signal:
    return Signal(0, raw, raw if filtered is None else filtered, FS_HZ)


@pytest.mark.parametrize(("uv", "held"), [(0.0, False), (20.0, True)])
def test_a_peak_has_ten_times_the_usual_energy_and_a_slow_wave_has_not(uv: float, held: bool) -> None:  # noqa: FBT001 - a case
    signal = 20.0 * np.sin(2 * np.pi * 20.0 * np.arange(600) / FS_HZ) + potential(0.6, uv, length_s=1.2)
    assert energy_step(around(signal), (290, 310), TWITCH).held == held


@pytest.mark.parametrize(("hz", "held"), [(6.0, False), (60.0, True)])
def test_around_a_twitch_there_is_not_twice_as_much_power_below_the_band(hz: float, held: bool) -> None:  # noqa: FBT001 - a case
    t_s = np.arange(600) / FS_HZ
    swing = noise(1.2, 1.0) + 60 * np.sin(2 * np.pi * hz * t_s)
    assert artefact_steps(around(swing), Extent(295, 305, 10), TWITCH)[0].held == held


@pytest.mark.parametrize(("uv", "held"), [(3.0, True), (5.0, False)])
def test_the_signal_does_not_step_by_four_sigmas(uv: float, held: bool) -> None:  # noqa: FBT001 - a case
    stepping = noise(1.2, 1.0) + np.where(np.arange(600) < 300, 0.0, uv)
    assert artefact_steps(around(stepping), Extent(295, 305, 10), TWITCH)[1].held == held


def test_a_pop_of_an_electrode_is_turned_down() -> None:
    since_s = np.arange(round(20 * FS_HZ)) / FS_HZ - AT_S
    pop = np.where(since_s >= 0, 150.0 * np.exp(-np.maximum(since_s, 0) / 0.2), 0.0)
    events, rejected = told(noise(), pop)
    assert not events
    assert rejected


@pytest.mark.parametrize(("scatter_s", "held"), [(0.05, False), (0.3, True)])
def test_peaks_at_the_intervals_of_a_heart_are_beats(scatter_s: float, held: bool) -> None:  # noqa: FBT001 - a case
    near = np.arange(12) * 0.9
    near[1:-1] += np.where(np.arange(10) % 2, scatter_s, -scatter_s)
    assert heart_step(near, np.full(12, 20.0), 20.0, TWITCH).held == held


@pytest.mark.parametrize(("interval_s", "held"), [(0.39, True), (0.41, False), (1.49, False), (1.51, True)])
def test_a_heart_beats_every_0_4_to_1_5_s(interval_s: float, held: bool) -> None:  # noqa: FBT001 - a case
    assert heart_step(np.arange(12) * interval_s, np.full(12, 20.0), 20.0, TWITCH).held == held


@pytest.mark.parametrize(("uv", "held"), [(29.0, False), (31.0, True)])
def test_a_peak_half_as_high_again_as_the_beats_is_no_beat(uv: float, held: bool) -> None:  # noqa: FBT001 - a case
    assert heart_step(np.arange(12) * 0.9, np.full(12, 20.0), uv, TWITCH).held == held


def test_regular_peaks_are_turned_down_and_irregular_ones_are_not() -> None:
    beats = [11.0 + 0.85 * number for number in range(10)]
    regular, rejected = told(noise(), *(potential(at_s, 80.0) for at_s in beats))
    assert (regular, Counter(reasons(rejected))) == ([], Counter(beat_cv=10))
    irregular, _ = told(noise(), *(potential(at_s, 80.0) for at_s in (11.0, 11.6, 13.9, 14.3, 17.7, 18.2)))
    assert len(irregular) == 6


@pytest.mark.parametrize(("before_s", "n_events"), [(0.03, 0), (0.09, 1)])
def test_a_peak_within_50_ms_of_missing_samples_is_not_believed(before_s: float, n_events: int) -> None:
    first = round((AT_S + before_s) * FS_HZ)
    events, rejected = told(noise(), potential(AT_S, 80.0), gap=(first, first + 100))
    assert (len(events), reasons(rejected)) == (n_events, [] if n_events else ["boundary_s"])
    after, _ = told(
        noise(),
        potential(AT_S, 80.0),
        gap=(round((AT_S - before_s) * FS_HZ) - 100, first - 2 * (first - round(AT_S * FS_HZ))),
    )
    assert len(after) == n_events


def test_a_rail_that_is_touched_often_is_no_twitch() -> None:
    loud = np.clip(noise() + burst(AT_S, 0.2, 600.0), -400, 400)
    events, _ = told(loud)
    assert not events


def test_below_500_hz_there_are_transients_without_a_width_and_below_200_hz_nothing() -> None:
    for fs_hz in (250.0, 200.0):
        (event,), _ = told(noise(fs_hz=fs_hz), potential(AT_S, 80.0, fs_hz=fs_hz), fs_hz=fs_hz)
        assert event.measures["transient"] == 1.0
        assert not {"width_s", "width_class"} & event.measures.keys()
    events, rejected = told(noise(fs_hz=128.0), potential(AT_S, 80.0, fs_hz=128.0), fs_hz=128.0)
    assert (events, rejected) == ([], [])


def test_five_minutes_of_noise_and_of_mains_give_no_twitch() -> None:
    quiet = noise(300.0, 4.0)
    mains = 6 * np.sin(2 * np.pi * 50 * np.arange(len(quiet)) / FS_HZ)
    assert told(quiet)[0] == []
    assert told(quiet, mains)[0] == []
