"""What other scorers fell into: times that drift, offsets that never come, baselines that swallow a cramp."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from detectors.events import Event, EventKind
from detectors.signal import GapCause
from detectors.track import Flag, TrackName
from tests.bad_nights import all_parts, measured, of_kind
from tests.made_legs import changed, emg, emg_parts, emg_stream, muscle, run, seconds

RATES_HZ = (100.0, 104.0, 128.0, 200.0, 250.0, 256.0, 500.0, 1000.0, 1111.7)
HOUR_S = 3600.0
SPARSE_S = (100.0, 640.0, 1333.3, 1999.9, 2700.1, 3550.5)


def movements(data: np.ndarray, fs_hz: float = 500.0) -> list[Event]:
    return of_kind(run(emg_parts(), emg_stream(fs_hz), data)[0], EventKind.LEG_MOVEMENT)


def sparse_hour(fs_hz: float) -> np.ndarray:
    """An hour of weak noise with movements whose power does not depend on the sampling rate."""
    n_samples = round(HOUR_S * fs_hz)
    data = np.random.default_rng(6).standard_normal(n_samples, np.float32)
    for onset_s in SPARSE_S:
        t_s = np.arange(round(onset_s * fs_hz), round((onset_s + 2.0) * fs_hz)) / fs_hz
        tones = [np.sin(2 * np.pi * hz * t_s + hz) for hz in (23.0, 27.0, 31.0, 36.0, 41.0)]
        data[round(onset_s * fs_hz) : round((onset_s + 2.0) * fs_hz)] += (25.0 * np.sum(tones, axis=0)).astype(
            np.float32
        )
    return data[:, np.newaxis]


@pytest.mark.slow
def test_events_stay_where_they_are_at_every_rate_over_an_hour() -> None:
    spans = {fs_hz: [seconds(event) for event in movements(sparse_hour(fs_hz), fs_hz)] for fs_hz in RATES_HZ}
    reference = np.array(spans[500.0])
    assert np.abs(reference[:, 0] - SPARSE_S).max() < 0.1
    for fs_hz, found in spans.items():
        assert len(found) == len(SPARSE_S), fs_hz
        assert np.abs(np.array(found) - reference).max() < 0.05, fs_hz


def test_the_literal_2_uv_offset_never_ends_a_movement_on_a_noisy_night_and_ours_does() -> None:
    data = emg(130.0, [(70.0, 2.0, 60.0)], noise_uv=8.0)
    literal = changed("leg_movement", onset_ratio=0.0, offset_ratio=0.0, envelope_s=0.01)
    last = max(of_kind(run(emg_parts(literal), emg_stream(), data)[0], EventKind.LEG_MOVEMENT), key=seconds)
    assert last.duration_s > 10.0
    (event,) = movements(data)
    assert event.duration_s == pytest.approx(2.0, abs=0.3)


def test_a_trailing_minimum_is_swallowed_by_a_five_minute_cramp_and_our_level_is_not() -> None:
    values, _ = measured(emg(480.0, [(120.0, 300.0, 80.0)], fs_hz=200.0), 200.0)
    envelope_uv = values[TrackName.ENVELOPE_UV][3:]
    trailing = [envelope_uv[max(0, at - 6000) : at].min() for at in range(6000, len(envelope_uv), 1000)]
    assert max(trailing) > 20 * trailing[0]
    level_uv = values[TrackName.RESTING_UV]
    assert level_uv.max() < 1.1 * level_uv[119]


@pytest.mark.parametrize("gain", [0.6, 1.8])
def test_a_gain_that_is_wrong_all_night_changes_neither_onsets_nor_ends_of_clear_movements(gain: float) -> None:
    data = emg(130.0, [(70.0 + 10 * number, 2.0, 40.0) for number in range(5)])
    right, wrong = (np.array([seconds(event) for event in movements(one)]) for one in (data, gain * data))
    assert np.abs(right - wrong).max() < 0.1


@pytest.mark.parametrize("gain", [0.6, 1.8])
def test_after_a_gain_step_level_and_movements_come_back(gain: float) -> None:
    data = emg(420.0, [(70.0 + 30 * number, 2.0, 40.0) for number in range(11)], fs_hz=200.0)
    data[round(180 * 200.0) :] *= gain
    events, tracks = run(emg_parts(), emg_stream(200.0), data)
    onsets_s = [seconds(event)[0] for event in of_kind(events, EventKind.LEG_MOVEMENT)]
    assert onsets_s == pytest.approx([70.0 + 30 * number for number in range(11)], abs=0.1)
    level_uv = tracks[TrackName.RESTING_UV]
    assert level_uv[-1] == pytest.approx(gain * level_uv[170], rel=0.05)


@pytest.mark.slow
def test_a_noise_floor_that_rises_for_good_is_the_new_level_and_is_flagged() -> None:
    data = emg(1400.0, [(40.0 + 60 * number, 2.0, 90.0) for number in range(22)], fs_hz=200.0)
    data[200 * 200 :, 0] += 9.0 * muscle(1200 * 200, 200.0)
    values, flags = measured(data, 200.0)
    assert np.count_nonzero(flags & Flag.NOISE_STEP.value) == 1
    assert values[TrackName.RESTING_UV][-1] > 5.0
    assert [round(seconds(event)[0]) for event in movements(data, 200.0)][-2:] == [1240, 1300]


def test_a_burst_that_ends_on_the_last_sample_is_a_movement_to_that_sample() -> None:
    for fs_hz in (128.0, 500.0):
        (event,) = movements(emg(70.0, [(69.0, 1.0, 30.0)], fs_hz=fs_hz), fs_hz)
        assert event.end_ns == 70 * 10**9


@pytest.mark.parametrize("duration_s", [3.0, 20.0, 59.9])
def test_a_recording_shorter_than_the_first_resting_level_is_scored(duration_s: float) -> None:
    (event,) = movements(emg(duration_s, [(duration_s / 3, 1.0, 60.0)]))
    assert seconds(event)[0] == pytest.approx(duration_s / 3, abs=0.15)


@pytest.mark.parametrize("value", [0.0, -32768.0])
def test_a_channel_that_sticks_in_mid_night_gives_nothing_and_comes_back(value: float) -> None:
    data = emg(400.0, [(70.0 + 30 * number, 2.0, 40.0) for number in range(11)], fs_hz=200.0)
    data[150 * 200 : 250 * 200] = value
    events = run(all_parts(), emg_stream(200.0), data)[0]
    inside = [event for event in events if seconds(event)[1] > 151 and seconds(event)[0] < 249]
    assert not of_kind(inside, EventKind.LEG_MOVEMENT)
    assert not of_kind(inside, EventKind.CRAMP)
    assert [round(seconds(event)[0]) for event in of_kind(events, EventKind.LEG_MOVEMENT)][-3:] == [310, 340, 370]
    _, flags = measured(data, 200.0)
    assert (flags[151:249] & Flag.FLAT.value).all()


def test_numbers_that_are_none_are_a_gap_and_the_level_goes_on() -> None:
    data = emg(200.0, [(70.0, 2.0, 40.0), (170.0, 2.0, 40.0)], fs_hz=200.0)
    data[100 * 200 : 130 * 200] = np.nan
    found = movements(data, 200.0)
    assert [round(seconds(event)[0]) for event in found] == [70, 170]
    assert GapCause.MALFORMED == "malformed"


@pytest.mark.slow
def test_a_hum_that_comes_and_goes_makes_neither_movements_nor_a_drift_of_them() -> None:
    fs_hz = 250.0
    data = emg(600.0, [(70.0 + 30 * number, 2.0, 40.0) for number in range(17)], fs_hz=fs_hz, noise_uv=3.0)
    t_s = np.arange(len(data)) / fs_hz
    level_uv = 8.0 * np.clip(np.sin(2 * np.pi * t_s / 300.0), 0.0, None)
    onsets_s = [
        seconds(event)[0] for event in movements(data + (level_uv * np.sin(100 * np.pi * t_s))[:, np.newaxis], fs_hz)
    ]
    assert onsets_s == pytest.approx([70.0 + 30 * number for number in range(17)], abs=0.12)
    assert all(later > earlier for earlier, later in pairwise(onsets_s))
