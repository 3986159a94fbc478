"""Brief leg jerks in acceleration (science.md 4.3), every rule at both edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.events import EventKind, EventQuality
from detectors.motion.jerk import BriefJerkDetector
from detectors.motion.leg_movement import MotionLegMovementDetector
from detectors.signal import Gap, GapCause
from detectors.track import TrackName
from tests.made_legs import CRITERIA, changed, found, motion_stream, run, seconds, turned
from tests.made_motion import events_of, motion_tracks, parts_of, shaken

if TYPE_CHECKING:
    from detectors.events import Event

STREAM = motion_stream()
HOPS_PER_S = 50
REST_G = 0.006
ONSET_S = 25.0


def level(*pieces: tuple[float, float]) -> np.ndarray:
    """The jerk band at rest with something at 25 s."""
    parts = [(ONSET_S, REST_G), *pieces, (8.0, REST_G)]
    return np.concatenate([np.full(round(length_s * HOPS_PER_S), value) for length_s, value in parts])


def jerks(jerk_g: np.ndarray, turn_g: np.ndarray | None = None) -> tuple[list[Event], list[str]]:
    """Return the jerks of a track, and the rules that turned others down."""
    detector = BriefJerkDetector(STREAM, CRITERIA)
    still_g = np.full(len(jerk_g), 0.004)
    fast = {TrackName.TURN_G: still_g if turn_g is None else turn_g, TrackName.JERK_G: jerk_g}
    events = found(detector, motion_tracks(still_g, fast))
    return events, [step.rule for event in detector.rejected() for step in event.why if not step.held]


@pytest.mark.parametrize(("rise_g", "n_events"), [(0.0150, 0), (0.0151, 1)])
def test_a_jerk_rises_more_than_15_mg_above_rest(rise_g: float, n_events: int) -> None:
    assert len(jerks(level((0.1, REST_G + rise_g)))[0]) == n_events


@pytest.mark.parametrize(("rise_g", "n_events"), [(0.059, 0), (0.061, 1)])
def test_of_a_noisy_sensor_it_rises_more_than_6_deviations(rise_g: float, n_events: int) -> None:
    noisy_g = level((0.1, 0.020 + rise_g))
    rest = noisy_g == REST_G
    noisy_g[rest] = 0.020 + 0.010 * (np.arange(rest.sum()) // 5 % 3 - 1)
    assert len(jerks(noisy_g)[0]) == n_events


@pytest.mark.parametrize(("rise_g", "n_events"), [(0.059, 0), (0.061, 1)])
def test_of_a_sensor_that_trembles_all_the_time_it_rises_by_twice_that(rise_g: float, n_events: int) -> None:
    trembling_g = level((0.1, 0.030 + rise_g))
    trembling_g[trembling_g == REST_G] = 0.030
    assert len(jerks(trembling_g)[0]) == n_events


@pytest.mark.parametrize(("width_s", "rules"), [(0.02, ["min_s"]), (0.04, []), (0.30, []), (0.32, ["max_s"])])
def test_it_is_40_to_300_ms_above_half_of_its_rise(width_s: float, rules: list[str]) -> None:
    above, below = REST_G + 0.051, REST_G + 0.049
    rest_of = width_s - 0.02
    assert jerks(level((0.1, below), (0.02, REST_G + 0.1), (rest_of, above), (0.1, below)))[1] == rules


@pytest.mark.parametrize(("distance_s", "n_events"), [(0.98, 0), (1.10, 2)])
def test_nothing_else_happens_within_a_second(distance_s: float, n_events: int) -> None:
    peak = (0.1, REST_G + 0.1)
    assert len(jerks(level(peak, (distance_s - 0.1, REST_G), peak))[0]) == n_events


@pytest.mark.parametrize(("busy_s", "rules"), [(0.30, []), (0.32, ["max_busy_s"])])
def test_the_leg_turns_for_no_longer_than_300_ms(busy_s: float, rules: list[str]) -> None:
    jerk_g = level((0.1, REST_G + 0.1))
    turn_g = np.full(len(jerk_g), 0.004)
    # Each of the two means that are compared sees what happens for a tenth of a second longer.
    first = round((ONSET_S - 0.1) * HOPS_PER_S)
    turn_g[first : first + round((busy_s + 0.2) * HOPS_PER_S)] = 0.05
    assert jerks(jerk_g, turn_g)[1] == rules


@pytest.mark.parametrize(("degrees", "rules"), [(2.9, []), (3.1, ["max_turn_deg"])])
def test_the_leg_lies_within_3_degrees_of_where_it_lay(degrees: float, rules: list[str]) -> None:
    jerk_g = level((0.1, REST_G + 0.1))
    angle = np.radians(degrees) * (np.arange(len(jerk_g) // HOPS_PER_S + 1) > ONSET_S)
    slow = {TrackName.GRAVITY_X_G: np.sin(angle), TrackName.GRAVITY_Z_G: np.cos(angle)}
    still_g = np.full(len(jerk_g), 0.004)
    detector = BriefJerkDetector(STREAM, CRITERIA)
    events = found(detector, motion_tracks(still_g, {TrackName.JERK_G: jerk_g}, slow))
    turned_down = [step.rule for event in detector.rejected() for step in event.why if not step.held]
    assert (len(events), turned_down) == (not rules, rules)


@pytest.mark.parametrize("fs_hz", [25.0, 50.0, 52.0, 104.0, 128.0, 200.0, 500.0])
@pytest.mark.parametrize("length_s", [0.1, 0.3])
def test_made_jerks_are_found_at_every_rate(fs_hz: float, length_s: float) -> None:
    onsets_s = (25.0, 31.0, 37.0)
    data = shaken(turned(42.0, [], fs_hz=fs_hz), [(at, 0.1, length_s) for at in onsets_s], fs_hz=fs_hz)
    events = events_of(BriefJerkDetector, data, fs_hz=fs_hz)
    assert [event.kind for event in events] == [EventKind.BRIEF_JERK] * 3
    for event, onset_s in zip(events, onsets_s, strict=True):
        first_s, end_s = seconds(event)
        assert (first_s + end_s) / 2 == pytest.approx(onset_s + length_s / 2, abs=0.12)
        assert event.measures["orientation_change_deg"] < 1.0
    low = {EventQuality.LOW} if fs_hz < CRITERIA.jerk.full_fs_hz else {EventQuality.GOOD}
    assert {event.quality for event in events} == low


def test_below_25_hz_none_is_found() -> None:
    data = shaken(turned(40.0, [], fs_hz=20.0), [(25.0, 0.3, 0.2)], fs_hz=20.0)
    assert not events_of(BriefJerkDetector, data, fs_hz=20.0)


def test_the_band_ends_at_20_hz_or_below_half_the_rate() -> None:
    tops_hz = []
    for fs_hz in (25.0, 50.0, 104.0):
        data = shaken(turned(32.0, [], fs_hz=fs_hz), [(25.0, 0.2, 0.2)], fs_hz=fs_hz)
        (event,) = events_of(BriefJerkDetector, data, fs_hz=fs_hz)
        tops_hz.append(event.measures["band_high_hz"])
    assert tops_hz == [11.25, 20.0, 20.0]


@pytest.mark.parametrize(("back_s", "rules"), [(5, ["held_deg"]), (12, [])])
def test_a_turn_that_begins_a_hold_is_no_jerk(back_s: int, rules: list[str]) -> None:
    jerk_g = np.concatenate([level((0.1, REST_G + 0.1)), np.full(10 * HOPS_PER_S, REST_G)])
    second = np.arange(len(jerk_g) // HOPS_PER_S + 1)
    angle = np.radians(1.5) * ((second > ONSET_S) & (second < ONSET_S + back_s))
    slow = {TrackName.GRAVITY_X_G: np.sin(angle), TrackName.GRAVITY_Z_G: np.cos(angle)}
    detector = BriefJerkDetector(STREAM, CRITERIA)
    found(detector, motion_tracks(np.full(len(jerk_g), 0.004), {TrackName.JERK_G: jerk_g}, slow))
    assert [step.rule for event in detector.rejected() for step in event.why if not step.held] == rules


def test_a_movement_is_no_jerk_and_a_jerk_may_be_a_movement_too() -> None:
    turns = [(30.0, 8.0, 0.4, 0.8), (60.0, 15.0, 1.0, 0.0)]
    data = shaken(turned(80.0, turns), [(45.0, 0.1, 0.2)])
    events, _ = run(parts_of(BriefJerkDetector, MotionLegMovementDetector), STREAM, data)
    at_s: dict[EventKind, list[int]] = {}
    for event in events:
        at_s.setdefault(event.kind, []).append(round(seconds(event)[0]))
    # The movement band rings for as long as a movement lasts at the least.
    assert at_s == {EventKind.LEG_MOVEMENT: [30, 45, 60], EventKind.BRIEF_JERK: [45], EventKind.SHIFT: [60]}


@pytest.mark.slow
def test_an_hour_of_noise_has_none() -> None:
    noise = np.random.default_rng(4).normal(0, 0.006, (3600 * 50, 3)) + np.array([0.0, 0.0, 1.0])
    assert not events_of(BriefJerkDetector, noise)


def test_in_the_first_20_s_rest_is_not_known_and_nothing_is_found() -> None:
    data = shaken(turned(40.0, []), [(19.0, 0.2, 0.2), (23.0, 0.2, 0.2)])
    assert [round(seconds(event)[0]) for event in events_of(BriefJerkDetector, data)] == [23]


def test_a_gap_within_a_second_lowers_the_quality() -> None:
    jerk_g = level((0.1, REST_G + 0.1))
    still_g = np.full(len(jerk_g), 0.004)
    tracks = motion_tracks(still_g, {TrackName.TURN_G: still_g, TrackName.JERK_G: jerk_g})
    ended = [track for track in tracks if track.stop <= 26 * 50]
    gap = Gap(STREAM, tracks[0].clock, 26 * 50, 5, GapCause.AIR)
    (event,) = found(BriefJerkDetector(STREAM, CRITERIA), [*ended, gap])
    assert event.quality is EventQuality.LOW
    assert "orientation_change_deg" not in event.measures


def test_what_was_turned_down_is_told_once() -> None:
    data = shaken(turned(40.0, []), [(30.0, 0.2, 0.9)])
    detector = BriefJerkDetector(STREAM, CRITERIA)
    assert not run(parts_of(lambda _stream, _criteria: detector), STREAM, data)[0]
    (event,) = detector.rejected()
    assert event.kind is EventKind.BRIEF_JERK
    assert not all(step.held for step in event.why)
    assert not detector.rejected()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("max_s", 0.03, "min_s is 0.04, expected less than max_s"),
        ("max_busy_s", 1.0, "max_busy_s is 1.0, expected less than isolated_s"),
        ("width_share", 1.0, "width_share is 1.0, expected less than one"),
        ("min_fs_hz", 60.0, "min_fs_hz is 60.0, expected less than full_fs_hz"),
    ],
)
def test_limits_that_contradict_each_other_are_refused(field: str, value: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        changed("jerk", **{field: value})
