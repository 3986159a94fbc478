"""Movements and changes of position in acceleration (science.md 5.3, 5.4), every rule at both edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.events import EventKind, EventQuality
from detectors.motion.features import MotionFeatures
from detectors.motion.leg_movement import MotionLegMovementDetector
from detectors.signal import Gap, GapCause
from detectors.track import TrackName
from tests.made_legs import (
    CRITERIA,
    emg_stream,
    found,
    motion_parts,
    motion_stream,
    movement_tracks,
    run,
    seconds,
    turned,
)

if TYPE_CHECKING:
    from detectors.events import Event

STREAM = motion_stream()
REST_G = 0.004
HOPS_PER_S = 50


def level(*pieces: tuple[float, float]) -> np.ndarray:
    parts = [(10.0, REST_G), *pieces, (10.0, REST_G)]
    return np.concatenate([np.full(round(length_s * HOPS_PER_S), value) for length_s, value in parts])


def movements(movement_g: np.ndarray, mad_g: float = 0.0005) -> list[Event]:
    detector = MotionLegMovementDetector(STREAM, CRITERIA)
    return found(detector, movement_tracks(STREAM, movement_g, resting_g=REST_G, mad_g=mad_g))


@pytest.mark.parametrize(("rise_g", "n_events"), [(0.0200, 0), (0.0201, 1)])
def test_a_movement_rises_more_than_20_mg_above_rest(rise_g: float, n_events: int) -> None:
    pieces = [(0.3, REST_G + rise_g), (0.1, REST_G + 0.015), (0.3, REST_G + rise_g)]
    assert len(movements(level(*pieces))) == n_events


@pytest.mark.parametrize(("rise_g", "n_events"), [(0.0599, 0), (0.0601, 1)])
def test_in_a_restless_bed_it_rises_more_than_6_deviations(rise_g: float, n_events: int) -> None:
    assert len(movements(level((1.0, REST_G + rise_g)), mad_g=0.010)) == n_events


@pytest.mark.parametrize(("between_g", "n_events"), [(0.010, 2), (0.0101, 1)])
def test_only_what_exceeds_10_mg_above_rest_prolongs_it(between_g: float, n_events: int) -> None:
    assert len(movements(level((1.0, 0.1), (0.7, REST_G + between_g), (1.0, 0.1)))) == n_events


@pytest.mark.parametrize(("pause_s", "n_events"), [(0.48, 1), (0.50, 2)])
def test_it_ends_with_half_a_second_of_rest(pause_s: float, n_events: int) -> None:
    assert len(movements(level((1.0, 0.1), (pause_s, REST_G), (1.0, 0.1)))) == n_events


@pytest.mark.parametrize(("duration_s", "n_events"), [(0.28, 0), (0.30, 1)])
def test_a_movement_of_three_tenths_of_a_second_is_one(duration_s: float, n_events: int) -> None:
    assert len(movements(level((duration_s, 0.1)))) == n_events


@pytest.mark.parametrize(("peak_g", "n_events"), [(0.029, 0), (0.031, 1)])
def test_one_crossing_needs_a_peak_of_30_mg(peak_g: float, n_events: int) -> None:
    assert len(movements(level((1.0, peak_g)))) == n_events


def test_two_crossings_need_no_peak() -> None:
    assert len(movements(level((0.3, 0.027), (0.2, 0.018), (0.3, 0.027)))) == 1


def test_onset_and_end_are_moved_back_by_the_measured_delay() -> None:
    (event,) = movements(level((1.0, 0.1)))
    delay_s = CRITERIA.motion.delay_s
    assert seconds(event) == pytest.approx((10.02 - delay_s, 11.02 - delay_s), abs=0.021)


@pytest.mark.parametrize("fs_hz", [25.0, 50.0, 52.0, 100.0])
def test_onsets_of_made_movements_lie_within_a_tenth_of_a_second(fs_hz: float) -> None:
    turns = [(70.0 + 8 * number, 8.0, 0.4, 0.8) for number in range(8)]
    events, _ = run(motion_parts(), motion_stream(fs_hz), turned(140.0, turns, fs_hz=fs_hz))
    assert [event.kind for event in events] == [EventKind.LEG_MOVEMENT] * len(turns)
    for event, (onset_s, _, out_s, back_s) in zip(events, turns, strict=True):
        assert seconds(event)[0] == pytest.approx(onset_s, abs=0.1)
        assert seconds(event)[1] == pytest.approx(onset_s + out_s + back_s, abs=0.1)


@pytest.mark.parametrize(("degrees", "kinds"), [(8.0, []), (12.0, [0.0]), (25.0, [1.0])])
def test_a_leg_that_stays_turned_by_10_degrees_is_a_shift_and_by_20_a_major_one(
    degrees: float, kinds: list[float]
) -> None:
    events, _ = run(motion_parts(), STREAM, turned(100.0, [(70.0, degrees, 0.5, 0.0)]))
    assert events[0].kind is EventKind.LEG_MOVEMENT
    assert events[0].measures["orientation_change_deg"] == pytest.approx(degrees, abs=0.5)
    shifts = [event for event in events if event.kind is EventKind.SHIFT]
    assert [event.measures["major"] for event in shifts] == kinds


def test_a_leg_that_comes_back_has_not_changed_its_position() -> None:
    events, _ = run(motion_parts(), STREAM, turned(100.0, [(70.0, 20.0, 0.5, 0.8)]))
    assert [event.kind for event in events] == [EventKind.LEG_MOVEMENT]
    assert events[0].measures["orientation_change_deg"] < 1.0


def test_a_movement_waits_until_gravity_after_it_is_known() -> None:
    detector = MotionLegMovementDetector(STREAM, CRITERIA)
    said_at = None
    for track in movement_tracks(STREAM, level((1.0, 0.1))):
        if detector.feed(track):
            said_at = track.stop / STREAM.fs_hz
    assert said_at == 17.0
    assert detector.settled > 17 * 50


def test_a_movement_at_the_very_end_has_no_orientation_change() -> None:
    (event,) = movements(np.concatenate([level()[:500], np.full(50, 0.1)]))
    assert "orientation_change_deg" not in event.measures
    assert seconds(event)[1] == 11.0


def test_a_gap_ends_a_movement_and_lowers_its_quality() -> None:
    tracks = movement_tracks(STREAM, np.concatenate([level()[:500], np.full(50, 0.1)]))
    gap = Gap(STREAM, tracks[0].clock, 550, 5, GapCause.AIR)
    (event,) = found(MotionLegMovementDetector(STREAM, CRITERIA), [*tracks, gap])
    assert event.quality is EventQuality.LOW


@pytest.mark.slow
def test_after_an_hour_the_threshold_is_three_times_the_quietest_moments() -> None:
    noisy_g = 0.020
    hour = np.full(3600 * HOPS_PER_S, noisy_g)
    burst = np.full(HOPS_PER_S, 0.055)
    rest = np.full(20 * HOPS_PER_S, noisy_g)
    detector = MotionLegMovementDetector(STREAM, CRITERIA)
    early = np.concatenate([rest, burst, rest])
    tracks = movement_tracks(STREAM, np.concatenate([early, hour, rest, burst, rest]), resting_g=REST_G)
    events = found(detector, tracks)
    assert [round(seconds(event)[0]) for event in events] == [20]


def test_tilt_is_the_angle_of_the_z_axis_above_the_horizontal() -> None:
    _, tracks = run(motion_parts(), STREAM, turned(100.0, [(70.0, 30.0, 1.0, 0.0)]))
    tilt_deg = tracks[TrackName.TILT_DEG]
    assert tilt_deg[60] == pytest.approx(90.0, abs=1.0)
    assert tilt_deg[-1] == pytest.approx(60.0, abs=1.0)


def test_gravity_is_measured_once_a_second() -> None:
    _, tracks = run(motion_parts(), STREAM, turned(80.0, [(70.0, 30.0, 1.0, 0.0)]))
    gravity = [tracks[name][-1] for name in (TrackName.GRAVITY_X_G, TrackName.GRAVITY_Y_G, TrackName.GRAVITY_Z_G)]
    assert gravity == pytest.approx([0.5, 0.0, 0.866], abs=0.01)
    assert len(tracks[TrackName.GRAVITY_X_G]) == 80


@pytest.mark.parametrize("n_samples", [0, 1, 3, 49, 50, 51])
def test_a_recording_shorter_than_any_window_survives(n_samples: int) -> None:
    events, _ = run(motion_parts(), STREAM, turned(2.0, [])[:n_samples])
    assert not events


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan])
def test_a_dead_sensor_has_no_event(value: float) -> None:
    events, _ = run(motion_parts(), STREAM, np.full((700 * 50, 3), value))
    assert not events


def test_streams_that_are_not_three_axes_in_g_are_refused() -> None:
    with pytest.raises(ValueError, match="left-shin: stream is 1 x emg in uV, expected 3 axes of acceleration in g"):
        MotionFeatures(emg_stream(), CRITERIA)
