"""The signals of simulated legs show what the truth says, and what a real one shows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import signal, stats

from detectors.events import EventKind
from detectors.signal import Gap, Leg, Quantity, SampleBlock
from detectors.simulate import Cause, SpanKind, simulate_night
from detectors.simulate.envelope import burst_shape
from detectors.simulate.faults import FaultRanges, NightFaults, draw_faults, faulty_blocks
from detectors.simulate.plan import Burst, Firing
from detectors.simulate.sudden import potential_shape
from detectors.simulate.units import MotorUnits, drawn_pool, trains

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.simulate import LegSignal, SimulatedNight, TruthEvent

pytestmark = pytest.mark.slow

FS_HZ = 500.0
HOURS = 4.0


@cache
def night(regime: str, seed: int) -> SimulatedNight:
    return simulate_night(HOURS, seed, regime)


def first(regime: str, kind: EventKind, cause: Cause | None = None) -> tuple[LegSignal, TruthEvent]:
    for seed in range(12):
        for leg in night(regime, seed).legs:
            for event in leg.truth:
                if event.kind is kind and cause in (None, event.cause):
                    return leg, event
    raise AssertionError((regime, kind))


def emg(leg: LegSignal, onset_s: float, end_s: float) -> NDArray[np.float32]:
    return leg.emg(round(onset_s * FS_HZ), round(end_s * FS_HZ))[:, 0]


def acceleration(leg: LegSignal, onset_s: float, end_s: float) -> NDArray[np.float32]:
    return leg.acceleration(round(onset_s * 50), round(end_s * 50))


def carrier(n_units: int, firing: Firing, fs_hz: float = FS_HZ) -> NDArray[np.float32]:
    pool = drawn_pool(np.random.default_rng(n_units), n_units, (45.0, 100.0), fs_hz)
    burst = Burst(10.0, 34.0, 100.0, 0.2, 0.5, firing=firing)
    _, samples = MotorUnits((1, 0, 0), pool, fs_hz).carrier(0, burst)
    return samples[round(2 * fs_hz) : round(22 * fs_hz)]


@pytest.mark.parametrize("firing", Firing)
@pytest.mark.parametrize("n_units", [20, 60, 200])
@pytest.mark.parametrize("fs_hz", [200.0, 500.0, 1111.7])
def test_motor_units_add_up_to_the_level_that_is_planned(fs_hz: float, n_units: int, firing: Firing) -> None:
    assert np.std(carrier(n_units, firing, fs_hz)) == pytest.approx(1.0, abs=0.06)


def test_the_median_frequency_is_that_of_surface_emg() -> None:
    hz, power = signal.welch(carrier(100, Firing.VOLUNTARY), FS_HZ, nperseg=500)
    share = np.cumsum(power) / power.sum()
    assert 53.0 <= hz[np.searchsorted(share, 0.5)] <= 95.0


def test_few_motor_units_have_heavier_tails_than_many() -> None:
    few, many = (stats.kurtosis(carrier(n, Firing.VOLUNTARY), fisher=False) for n in (20, 200))
    assert 3.0 < many < few < 8.0


@pytest.mark.parametrize(
    ("firing", "spread", "doublets"),
    [(Firing.VOLUNTARY, (0.15, 0.25), (0.0, 0.0)), (Firing.CRAMP, (0.38, 0.55), (0.02, 0.06))],
)
def test_a_unit_fires_irregularly_with_doublets_in_a_cramp_and_regularly_in_a_hold(
    firing: Firing, spread: tuple[float, float], doublets: tuple[float, float]
) -> None:
    times_s = np.linspace(0.0, 100.0, 1001)
    firings_s, unit = trains(np.random.default_rng(3), np.ones(10), (14.5 * times_s, times_s), firing)
    intervals_s = np.concatenate([np.diff(np.sort(firings_s[unit == one])) for one in range(10)])
    assert spread[0] <= intervals_s.std() / intervals_s.mean() <= spread[1]
    assert doublets[0] <= np.mean(intervals_s < 0.009) <= doublets[1]
    assert len(firings_s) / 1000.0 == pytest.approx(14.5, rel=0.06)


def test_a_potential_has_a_height_of_one_from_peak_to_peak_and_two_or_three_phases() -> None:
    share = np.linspace(0.0, 1.0, 2001)
    for n_phases in (2, 3):
        shape = potential_shape(share, n_phases)
        assert np.ptp(shape) == pytest.approx(1.0, abs=1e-3)
        assert np.count_nonzero(np.diff(np.sign(shape[np.abs(shape) > 0.02]))) == n_phases - 1


def test_the_rms_of_a_cramp_is_its_amplitude() -> None:
    leg, cramp = first("clean", EventKind.CRAMP)
    middle_s = cramp.onset_s + 0.45 * cramp.duration_s
    assert np.std(emg(leg, middle_s - 3.0, middle_s + 3.0)) == pytest.approx(cramp.amplitude_uv, rel=0.3)
    assert np.std(emg(leg, cramp.onset_s - 5.0, cramp.onset_s)) < 0.1 * cramp.amplitude_uv


def test_gravity_lies_along_the_leg_while_upright_and_the_heel_strikes_in_step() -> None:
    leg, upright = first("clean", EventKind.UPRIGHT)
    data = acceleration(leg, upright.onset_s + 2.0, upright.end_s - 2.0)
    assert np.median(data[:, 0]) > 0.85
    strikes, _ = signal.find_peaks(data[:, 0], height=1.5, distance=20)
    assert 0.78 <= 50.0 / np.median(np.diff(strikes)) <= 1.02
    assert np.abs(acceleration(leg, upright.onset_s - 9.0, upright.onset_s - 5.0)[:, 0]).max() < 0.3


def test_a_turn_turns_gravity_by_its_angle() -> None:
    leg, turn = first("clean", EventKind.SHIFT)
    before, after = (
        acceleration(leg, *span).mean(axis=0)
        for span in ((turn.onset_s - 4.0, turn.onset_s), (turn.end_s, turn.end_s + 4.0))
    )
    cosine = np.dot(before, after) / np.linalg.norm(before) / np.linalg.norm(after)
    assert np.rad2deg(np.arccos(cosine)) == pytest.approx(turn.angle_deg, abs=2.0)


def test_a_table_neither_breathes_nor_moves() -> None:
    leg, table = first("artefact", EventKind.NOT_WORN)
    data = acceleration(leg, table.onset_s + 10.0, table.end_s - 10.0)
    noise_g = np.hypot(leg.character.noise_g, 0.004 / np.sqrt(12.0))
    assert data.std(axis=0).max() < 1.3 * noise_g
    slow = np.abs(np.fft.rfft(data[:3000, :].sum(axis=1) - data[:3000].sum(axis=1).mean()))
    assert slow[12:18].max() < 5.0 * np.median(slow)


def test_an_electrode_that_is_off_hums_or_sits_at_the_end_of_its_range() -> None:
    seen = set()
    for seed in range(4):
        for leg in night("artefact", seed).legs:
            for event in leg.truth:
                if event.kind is EventKind.ELECTRODE_OFF:
                    data = emg(leg, event.onset_s + 1.0, event.onset_s + 5.0)
                    hums = data.std() > 2.0 * leg.character.noise_uv
                    seen.add("rail" if np.ptp(data) == 0 else "hum" if hums else "worn")
    assert seen == {"rail", "hum"}


def test_a_gain_step_scales_the_truth_and_what_follows() -> None:
    spans = {
        (seed, contact.onset_s): contact.value
        for seed in range(8)
        for leg in night("artefact", seed).legs
        for contact in leg.contacts
        if contact.kind == "gain"
    }
    assert spans
    assert set(spans.values()) == {0.6, 1.8}


@pytest.mark.parametrize("hz", [0.5, 2.0, 7.0])
def test_no_beat_of_a_rhythm_is_blown_up(hz: float) -> None:
    beats = tuple((beat / hz, 0.4 / hz, 1.0) for beat in range(20))
    burst = Burst(10.0, 10.0 + 20.0 / hz, 100.0, 0.01, 0.01, pulses=beats)
    pool = drawn_pool(np.random.default_rng(2), 60, (45.0, 100.0), FS_HZ)
    begin, samples = MotorUnits((1, 0, 0), pool, FS_HZ).carrier(0, burst)
    shape = burst_shape((begin + np.arange(len(samples))) / FS_HZ, burst)
    assert np.abs(samples * shape).max() < 6.5
    assert np.std(samples[shape > 0.9]) == pytest.approx(1.0, abs=0.1)


def test_clonus_beats_at_5_to_8_hz() -> None:
    leg, clonus = first("spastic", EventKind.CLONUS)
    data = np.abs(emg(leg, clonus.onset_s, clonus.end_s))
    envelope = signal.sosfiltfilt(signal.butter(2, 15.0, fs=FS_HZ, output="sos"), data)
    hz, power = signal.welch(envelope - envelope.mean(), FS_HZ, nperseg=min(len(data), 2000))
    assert 4.9 <= hz[np.argmax(np.where((hz > 2.0) & (hz < 12.0), power, 0.0))] <= 8.1


def test_bad_contact_is_told_as_bad_quality() -> None:
    kinds = {span.kind for seed in range(4) for span in night("hard", seed).spans}
    assert {SpanKind.BAD_QUALITY, SpanKind.ELECTRODE_OFF, SpanKind.UPRIGHT} <= kinds


@pytest.mark.parametrize("seed", [3, 1003])
def test_every_sample_of_a_faulty_night_arrives_or_is_missed_once(seed: int) -> None:
    half = simulate_night(0.2, seed, "clean")
    faults = draw_faults(half, FaultRanges((0.05, 0.1), (0.1, 2.0), 20.0, (3.0, 60.0), (20.0, 50.0), 0.5))
    ends: dict[tuple[Leg, Quantity], int] = {}
    missed: dict[tuple[Leg, Quantity], int] = {}
    for item in faulty_blocks(half, faults):
        key = (item.stream.leg, item.stream.quantity)
        assert (item.start if isinstance(item, SampleBlock) else item.first_missing) == ends.get(key, 0)
        if isinstance(item, Gap):
            assert item.n_missing is not None
            ends[key] = item.first_missing + item.n_missing
            missed[key] = missed.get(key, 0) + item.n_missing
        else:
            ends[key] = item.stop
    for leg in (Leg.LEFT, Leg.RIGHT):
        assert ends[leg, Quantity.EMG] == round(720 * FS_HZ * (1.0 + faults.drift_ppm[leg] * 1e-6))
        assert 0.02 < missed[leg, Quantity.EMG] / ends[leg, Quantity.EMG] < 0.9
    assert all(20.0 <= abs(ppm) <= 50.0 for ppm in faults.drift_ppm.values())


def test_a_drifting_clock_puts_an_event_where_it_happens() -> None:
    half = simulate_night(0.2, 4, "clean")
    event = max((one for one in half.legs[0].truth if one.kind is EventKind.LEG_MOVEMENT), key=lambda e: e.amplitude_uv)
    fast = NightFaults((), {Leg.LEFT: 5000.0, Leg.RIGHT: 0.0})
    for block in faulty_blocks(half, fast):
        if isinstance(block, SampleBlock) and block.stream.leg is Leg.LEFT and block.stream.quantity is Quantity.EMG:
            loud = np.flatnonzero(np.abs(block.data[:, 0]) > 0.5 * event.amplitude_uv)
            times_s = [block.clock.at(block.start + int(index)) / 1e9 for index in loud]
            if any(event.onset_s - 0.05 <= t_s <= event.end_s for t_s in times_s):
                assert block.clock.at(block.stop) / 1e9 <= 720.0
                return
    raise AssertionError(event)
