"""When a movement in acceleration begins and ends, and what was turned down (science.md 5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.events import EventKind, EventQuality, StepRole
from detectors.motion.leg_movement import MotionLegMovementDetector
from detectors.signal import Gap, GapCause
from detectors.track import Flag, TrackName
from tests.made_legs import CRITERIA, found, motion_parts, motion_stream, run, seconds, turned
from tests.made_motion import motion_tracks, trembling

if TYPE_CHECKING:
    from detectors.events import Event

STREAM = motion_stream()
REST_G = 0.004
HOPS_PER_S = 50
ONSET_S = 10


def level(length_s: float, value_g: float = 0.1) -> np.ndarray:
    """Movement of a length, and rest around it."""
    movement_g = np.full(round((2 * ONSET_S + length_s) * HOPS_PER_S), REST_G)
    movement_g[ONSET_S * HOPS_PER_S : -ONSET_S * HOPS_PER_S] = value_g
    return movement_g


def judged(movement_g: np.ndarray, turn_g: np.ndarray | None = None) -> tuple[list[Event], list[Event]]:
    """Return what is a movement and what was turned down."""
    detector = MotionLegMovementDetector(STREAM, CRITERIA)
    fast = None if turn_g is None else {TrackName.TURN_G: turn_g}
    events = found(detector, motion_tracks(movement_g, fast))
    return events, detector.rejected()


def errors_s(fs_hz: float, degrees: float, out_s: float, back_s: float) -> tuple[float, float]:
    """Return by how much onsets and ends of made movements are late in the middle of eight, s."""
    turns = [(70.0 + 8.13 * number, degrees, out_s, back_s) for number in range(8)]
    events, _ = run(motion_parts(), motion_stream(fs_hz), turned(145.0, turns, fs_hz=fs_hz))
    assert [event.kind for event in events] == [EventKind.LEG_MOVEMENT] * len(turns)
    onsets_s, ends_s = (np.array(times) for times in zip(*map(seconds, events), strict=True))
    first_s = np.array([turn[0] for turn in turns])
    return float(np.median(onsets_s - first_s)), float(np.median(ends_s - first_s - out_s - back_s))


@pytest.mark.parametrize(("fs_hz", "most_s"), [(25.0, 0.060), (50.0, 0.030), (52.0, 0.030), (104.0, 0.030)])
@pytest.mark.parametrize(("degrees", "out_s", "back_s"), [(4.0, 0.3, 0.4), (6.0, 0.3, 0.5), (15.0, 0.4, 0.6)])
def test_made_movements_begin_and_end_within_30_ms_and_of_a_slow_sensor_within_60(
    fs_hz: float, most_s: float, degrees: float, out_s: float, back_s: float
) -> None:
    onset_s, end_s = errors_s(fs_hz, degrees, out_s, back_s)
    assert abs(onset_s) <= 0.030
    assert abs(end_s) <= most_s


def test_the_last_tenth_of_a_second_of_a_slow_return_cannot_be_told_from_rest() -> None:
    assert -0.1 < errors_s(50.0, 12.0, 0.5, 1.2)[1] < 0.0


@pytest.mark.parametrize(("turn_g", "duration_s"), [(REST_G + 0.0100, 3.0), (REST_G + 0.0101, 1.05)])
def test_a_movement_ends_where_the_leg_last_turned_by_more_than_the_threshold_of_its_end(
    turn_g: float, duration_s: float
) -> None:
    turning_g = np.full(len(level(3.0)), REST_G)
    # Over after the tenth of a second that each of the two means is long, one and a half of them late at the threshold.
    turning_g[ONSET_S * HOPS_PER_S : round((ONSET_S + 1.15) * HOPS_PER_S)] = turn_g
    ((event,), _) = judged(level(3.0), turning_g)
    assert event.duration_s == pytest.approx(duration_s, abs=0.1)


def test_what_rings_on_counts_for_the_rule_and_not_for_the_time() -> None:
    turning_g = np.full(len(level(3.0)), REST_G)
    for onset_s in (10.0, 12.0):
        turning_g[round(onset_s * HOPS_PER_S) : round((onset_s + 0.8) * HOPS_PER_S)] = 0.1
    ((event,), _) = judged(level(3.0), turning_g)
    assert seconds(event) == pytest.approx((9.95, 12.65), abs=0.02)


def test_a_leg_that_shakes_without_turning_ends_where_the_shaking_does() -> None:
    events, _ = run(motion_parts(), STREAM, trembling(turned(100.0, []), 70.0, 2.0, 0.1))
    (event,) = [event for event in events if event.kind is EventKind.LEG_MOVEMENT]
    assert seconds(event) == pytest.approx((70.0, 72.0), abs=0.15)


@pytest.mark.parametrize(("duration_s", "rules"), [(0.28, ["min_s"]), (0.30, [])])
def test_what_is_shorter_than_three_tenths_of_a_second_is_turned_down_with_its_reason(
    duration_s: float, rules: list[str]
) -> None:
    events, rejected = judged(level(duration_s))
    assert len(events) + len(rejected) == 1
    assert [
        step.rule for event in rejected for step in event.why if not step.held and step.role is StepRole.REQUIRED
    ] == rules


def test_one_low_crossing_is_turned_down_for_both_of_its_shapes() -> None:
    events, (rejected,) = judged(level(1.0, 0.029))
    assert not events
    assert rejected.kind is EventKind.LEG_MOVEMENT
    assert [step.rule for step in rejected.why if not step.held] == ["min_crossings", "min_peak_g"]


def test_what_was_turned_down_is_told_once() -> None:
    detector = MotionLegMovementDetector(STREAM, CRITERIA)
    found(detector, motion_tracks(level(0.2)))
    assert [len(detector.rejected()), len(detector.rejected())] == [1, 0]


def gravity(length_s: int, turned_deg: dict[int, float]) -> dict[TrackName, np.ndarray]:
    """A leg that from some seconds on lies at other angles."""
    angle = np.zeros(length_s + 1)
    for at_s, degrees in turned_deg.items():
        angle[at_s:] = np.radians(degrees)
    return {TrackName.GRAVITY_X_G: np.sin(angle), TrackName.GRAVITY_Z_G: np.cos(angle)}


def held(turned_deg: dict[int, float], *moves: tuple[float, float]) -> list[Event]:
    """Return what is found where the leg moves at some seconds for a while and lies at other angles from some on."""
    movement_g = np.full(60 * HOPS_PER_S, REST_G)
    for at_s, length_s in moves:
        movement_g[round(at_s * HOPS_PER_S) : round((at_s + length_s) * HOPS_PER_S)] = 0.1
    tracks = motion_tracks(movement_g, None, gravity(60, turned_deg))
    return found(MotionLegMovementDetector(STREAM, CRITERIA), tracks)


def test_a_turn_too_slow_to_be_a_movement_is_a_shift() -> None:
    movement_g = np.full(60 * HOPS_PER_S, REST_G)
    movement_g[30 * HOPS_PER_S : 32 * HOPS_PER_S] = 0.029
    tracks = motion_tracks(movement_g, None, gravity(60, {31: 12.0}))
    assert [event.kind for event in found(MotionLegMovementDetector(STREAM, CRITERIA), tracks)] == [EventKind.SHIFT]


@pytest.mark.parametrize(("degrees", "duration_s"), [(0.69, 0.5), (0.71, 3.15)])
def test_a_leg_held_elsewhere_moves_until_it_is_back(degrees: float, duration_s: float) -> None:
    (event,) = held({30: degrees, 33: 0.0}, (29.9, 0.5))
    assert event.duration_s == pytest.approx(duration_s, abs=0.1)


@pytest.mark.parametrize(("back_s", "duration_s"), [(39, 9.15), (40, 0.5)])
def test_it_has_to_be_back_within_10_s(back_s: int, duration_s: float) -> None:
    (event,) = held({30: 5.0, back_s: 0.0}, (29.9, 0.5))
    assert event.duration_s == pytest.approx(duration_s, abs=0.1)


def test_its_way_there_and_back_are_one_movement() -> None:
    event, other = held({30: 5.0, 34: 0.0}, (29.9, 0.5), (33.8, 0.6), (36.0, 0.5))
    assert seconds(event) == pytest.approx((29.9, 34.4), abs=0.1)
    assert seconds(other)[0] == pytest.approx(36.0, abs=0.1)
    assert event.measures["orientation_change_deg"] < 1.0


def test_its_orientation_is_compared_when_all_of_the_time_after_it_is_known() -> None:
    (event,) = held({30: 5.0, 38: 0.0, 41: 8.0}, (29.9, 0.5))
    assert event.measures["orientation_change_deg"] == pytest.approx(3 / 5 * 8.0, abs=0.1)


def test_a_leg_that_stays_elsewhere_has_moved_and_shifted() -> None:
    first, shift, second = held({30: 15.0}, (29.9, 0.5), (45.0, 0.5))
    assert [event.kind for event in (first, shift, second)] == ["leg_movement", "shift", "leg_movement"]
    assert first.duration_s == pytest.approx(0.5, abs=0.1)


def test_a_gap_ends_a_hold() -> None:
    movement_g = np.full(60 * HOPS_PER_S, REST_G)
    movement_g[30 * HOPS_PER_S : 31 * HOPS_PER_S] = 0.1
    tracks = motion_tracks(movement_g, None, gravity(60, {30: 5.0, 36: 0.0}))
    before = [track for track in tracks if track.stop <= 33 * STREAM.fs_hz]
    after = [track for track in tracks if track.start >= 34 * STREAM.fs_hz]
    gap = Gap(STREAM, tracks[0].clock, 33 * 50, 50, GapCause.AIR)
    (event,) = found(MotionLegMovementDetector(STREAM, CRITERIA), [*before, gap, *after])
    assert event.duration_s == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("flag", [Flag.CLIPPED, Flag.STUCK])
def test_what_is_clipped_or_stuck_anywhere_in_a_movement_lowers_its_quality(flag: Flag) -> None:
    tracks = motion_tracks(level(3.0))
    for track in tracks:
        if track.start == (ONSET_S + 1) * HOPS_PER_S:
            track.quality[:] = flag.value
    (event,) = found(MotionLegMovementDetector(STREAM, CRITERIA), tracks)
    assert event.quality is EventQuality.LOW


def test_activity_is_what_a_second_has_above_20_mg() -> None:
    _, tracks = run(motion_parts(), STREAM, turned(100.0, [(70.2, 8.0, 0.4, 0.3)]))
    activity_g = tracks[TrackName.ACTIVITY_G]
    assert activity_g[:70].max() < 1e-5
    assert activity_g[70] > CRITERIA.motion.activity_g


def test_spread_is_the_largest_deviation_of_an_axis() -> None:
    samples = np.random.default_rng(3).normal(0, 0.004, (80 * 50, 3))
    samples[:, 1] *= 3
    _, tracks = run(motion_parts(), STREAM, samples + 1.0)
    assert np.median(tracks[TrackName.SPREAD_G]) == pytest.approx(0.012, abs=0.001)


@pytest.mark.parametrize(
    ("hz", "name"), [(1.2, TrackName.PULSE_G), (8.0, TrackName.TREMOR_G), (15.0, TrackName.JERK_G)]
)
def test_each_band_shows_what_lies_in_it(hz: float, name: TrackName) -> None:
    t_s = np.arange(80 * 50) / 50
    samples = np.zeros((len(t_s), 3))
    samples[:, 2] = 1.0 + 0.010 * np.sin(2 * np.pi * hz * t_s)
    _, tracks = run(motion_parts(), STREAM, samples)
    size_g = {band: np.median(tracks[band]) for band in (TrackName.PULSE_G, TrackName.TREMOR_G, TrackName.JERK_G)}
    assert size_g[name] == pytest.approx(0.010 / np.sqrt(2), rel=0.1)
    assert size_g[TrackName.PULSE_G] < 0.001 or name is TrackName.PULSE_G
