"""What a bad home night does to acceleration, and what must not come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.events import EventKind, EventQuality
from detectors.motion.jerk import BriefJerkDetector
from detectors.motion.leg_movement import MotionLegMovementDetector
from detectors.motion.possible_episode import PossibleEpisodeDetector
from detectors.track import TrackName
from tests.made_legs import motion_stream, run, seconds, turned
from tests.made_motion import parts_of, shaken

if TYPE_CHECKING:
    from detectors.events import Event
    from tests.made_motion import Samples

ALL = parts_of(MotionLegMovementDetector, BriefJerkDetector, PossibleEpisodeDetector)
MOVEMENTS = parts_of(MotionLegMovementDetector)
RATES_HZ = [25.0, 50.0, 52.0, 104.0, 128.0, 200.0, 500.0]


def everything(samples: Samples, fs_hz: float = 50.0) -> list[Event]:
    return run(ALL, motion_stream(fs_hz), samples)[0]


def flat(duration_s: float, noise_g: float = 0.004, *, fs_hz: float = 50.0) -> Samples:
    shape = (round(duration_s * fs_hz), 3)
    return np.random.default_rng(8).normal(0, noise_g, shape) + np.array([0.0, 0.0, 1.0])


@pytest.mark.parametrize("fs_hz", [25.0, 50.0, 104.0])
def test_spikes_of_20_to_40_g_make_no_movement_no_shift_and_no_jerk(fs_hz: float) -> None:
    samples = flat(300.0, fs_hz=fs_hz)
    rng = np.random.default_rng(2)
    for at in rng.choice(len(samples) // 3, 100, replace=False) * 3:
        samples[at, rng.integers(3)] += rng.choice([-1.0, 1.0]) * rng.uniform(20.0, 40.0)
    assert not everything(samples, fs_hz)


def test_spikes_do_not_hide_a_movement() -> None:
    clean = turned(120.0, [(70.0, 8.0, 0.4, 0.8)])
    spiked = clean.copy()
    spiked[::100, 1] += 30.0
    ((first,), (second,)) = (run(MOVEMENTS, motion_stream(), samples)[0] for samples in (clean, spiked))
    assert seconds(second) == pytest.approx(seconds(first), abs=0.05)


def test_a_spike_in_the_first_sample_is_forgotten() -> None:
    samples = flat(80.0)
    samples[0] += 30.0
    assert not everything(samples)


@pytest.mark.parametrize("wave_mg", [5.0, 10.0, 15.0])
@pytest.mark.parametrize("wave_hz", [0.3, 0.6, 1.0])
def test_a_partner_who_moves_the_mattress_makes_no_leg_movement(wave_mg: float, wave_hz: float) -> None:
    samples = flat(200.0)
    t_s = np.arange(len(samples)) / 50.0
    rises = np.clip(1 - np.abs((t_s % 40.0) - 20.0) / 3.0, 0, 1)
    samples[:, 2] += wave_mg / 1000 * rises * np.sin(2 * np.pi * wave_hz * t_s)
    assert not everything(samples)


@pytest.mark.parametrize("noise_g", [0.0005, 0.004, 0.008])
def test_a_table_instead_of_a_leg_has_no_event(noise_g: float) -> None:
    assert not everything(flat(900.0, noise_g))


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan])
def test_a_channel_that_says_nothing_has_no_event(value: float) -> None:
    assert not everything(np.full((300 * 50, 3), value))


def test_a_stuck_axis_lowers_the_quality_of_what_the_others_show() -> None:
    samples = turned(120.0, [(70.0, 8.0, 0.4, 0.8), (90.0, 8.0, 0.4, 0.8)])
    samples[:, 1] = 0.37
    events, _ = run(MOVEMENTS, motion_stream(), samples)
    assert [round(seconds(event)[0]) for event in events] == [70, 90]
    assert {event.quality for event in events} == {EventQuality.LOW}


def test_a_clipped_movement_has_low_quality() -> None:
    samples = shaken(flat(120.0), [(70.0, 6.0, 0.8), (90.0, 0.5, 0.8)])
    events, _ = run(MOVEMENTS, motion_stream(), np.clip(samples, -2.0, 2.0))
    assert [event.quality for event in events] == [EventQuality.LOW, EventQuality.GOOD]


@pytest.mark.parametrize("gap_s", [0.04, 2.0])
def test_samples_that_are_no_numbers_are_a_gap(gap_s: float) -> None:
    samples = turned(120.0, [(70.0, 8.0, 0.4, 0.8), (90.0, 8.0, 0.4, 0.8)])
    samples[80 * 50 : round((80 + gap_s) * 50)] = np.nan
    events, _ = run(MOVEMENTS, motion_stream(), samples)
    assert [round(seconds(event)[0]) for event in events] == [70, 90]


@pytest.mark.slow
@pytest.mark.parametrize("fs_hz", [25.0, 52.0])
def test_events_stay_where_they_are_over_an_hour(fs_hz: float) -> None:
    onsets_s = [70.0, 1200.5, 2400.25, 3580.75]
    events, _ = run(MOVEMENTS, motion_stream(fs_hz), _sparse(3600.0, onsets_s, fs_hz))
    assert [seconds(event)[0] for event in events] == pytest.approx(onsets_s, abs=0.06)
    assert [seconds(event)[1] for event in events] == pytest.approx([at + 1.2 for at in onsets_s], abs=0.15)


@pytest.mark.parametrize("fs_hz", [50.0, 104.0, 128.0, 200.0, 500.0])
def test_events_stay_where_they_are_at_every_other_rate_for_10_minutes(fs_hz: float) -> None:
    onsets_s = [70.0, 300.5, 590.25]
    events, _ = run(MOVEMENTS, motion_stream(fs_hz), _sparse(600.0, onsets_s, fs_hz))
    assert [seconds(event)[0] for event in events] == pytest.approx(onsets_s, abs=0.06)
    assert [seconds(event)[1] for event in events] == pytest.approx([at + 1.2 for at in onsets_s], abs=0.15)


def _sparse(duration_s: float, onsets_s: list[float], fs_hz: float) -> Samples:
    """Movements far apart; each is made in a few seconds of its own."""
    samples = flat(duration_s, fs_hz=fs_hz)
    for onset_s in onsets_s:
        first = int(np.ceil((onset_s - 1.0) * fs_hz))
        piece = turned(8.0, [(onset_s - first / fs_hz, 8.0, 0.4, 0.8)], fs_hz=fs_hz)[: len(samples) - first]
        samples[first : first + len(piece)] = piece
    return samples


@pytest.mark.parametrize("gain", [0.6, 1.8])
def test_a_wrong_gain_keeps_clear_movements_and_shifts_where_they_are(gain: float) -> None:
    samples = turned(140.0, [(70.0, 8.0, 0.4, 0.8), (90.0, 25.0, 1.0, 0.0), (110.0, 8.0, 0.4, 0.8)])
    right, wrong = (run(MOVEMENTS, motion_stream(), samples * factor)[0] for factor in (1.0, gain))
    assert [event.kind for event in wrong] == [event.kind for event in right]
    for first, second in zip(right, wrong, strict=True):
        assert seconds(second)[0] == pytest.approx(seconds(first)[0], abs=0.1)
        assert seconds(second)[1] == pytest.approx(seconds(first)[1], abs=0.2)


@pytest.mark.parametrize("gain", [0.6, 1.8])
def test_a_wrong_gain_makes_no_event_of_a_quiet_leg(gain: float) -> None:
    assert not everything(flat(600.0) * gain)


def test_a_recording_shorter_than_the_resting_level_needs_is_scored() -> None:
    (event,) = everything(turned(30.0, [(15.0, 8.0, 0.4, 0.8)]))
    assert event.kind is EventKind.LEG_MOVEMENT
    assert seconds(event)[0] == pytest.approx(15.0, abs=0.06)


def test_a_movement_that_ends_with_the_last_sample_ends_there() -> None:
    events, _ = run(MOVEMENTS, motion_stream(), turned(100.0, [(70.0, 30.0, 1.0, 0.0)])[: round(70.6 * 50)])
    (event,) = [event for event in events if event.kind is EventKind.LEG_MOVEMENT]
    assert seconds(event)[1] == pytest.approx(70.6, abs=1e-6)


@pytest.mark.parametrize("fs_hz", RATES_HZ)
def test_every_track_is_finite_at_every_rate(fs_hz: float) -> None:
    _, tracks = run(ALL, motion_stream(fs_hz), turned(12.0, [(5.0, 8.0, 0.4, 0.8)], fs_hz=fs_hz))
    assert {TrackName.JERK_G, TrackName.TREMOR_G, TrackName.PULSE_G, TrackName.TURN_G} <= tracks.keys()
    assert all(np.isfinite(values).all() for values in tracks.values())
    assert len({len(tracks[name]) for name in (TrackName.JERK_G, TrackName.TURN_G, TrackName.MOVEMENT_G)}) == 1


def test_a_sensor_too_slow_for_a_band_leaves_its_track_out() -> None:
    _, tracks = run(ALL, motion_stream(10.0), turned(12.0, [], fs_hz=10.0))
    assert TrackName.TREMOR_G not in tracks
    assert TrackName.JERK_G in tracks
