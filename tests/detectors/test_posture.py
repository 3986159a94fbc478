"""A vertical leg, its steps and the way out of bed (science.md 5.4), every rule at both edges."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.chain import Parts
from detectors.conformance import check_detector
from detectors.events import Event, EventKind
from detectors.framing import MOTION_HOP_S, grid_of
from detectors.motion.features import MotionFeatures
from detectors.motion.posture import PostureDetector
from detectors.motion.steps import walk_in
from detectors.recording import steady_clock
from detectors.track import Track, TrackName
from tests.made_legs import CRITERIA, changed, found, motion_stream, run, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

STREAM = motion_stream()
POSTURE = CRITERIA.posture
AXES = (TrackName.GRAVITY_X_G, TrackName.GRAVITY_Y_G, TrackName.GRAVITY_Z_G)
LYING = (60.0, 90.0)


def tracks(*pieces: tuple[float, float], walk_hz: float = 0.0, length_g: float = 1.0) -> list[Track]:
    """Pieces of (seconds, degrees from the vertical); while below 60 degrees the leg steps at `walk_hz`."""
    angle = np.radians(np.concatenate([np.full(round(length_s), degrees) for length_s, degrees in pieces]))
    return frames(np.cos(angle) * length_g, np.sin(angle) * length_g, walk_hz)


def frames(x_g: np.ndarray, z_g: np.ndarray, walk_hz: float = 0.0, first: int = 0) -> list[Track]:
    grid, clock, found_tracks = grid_of(STREAM.fs_hz, MOTION_HOP_S), steady_clock(0, STREAM.fs_hz), []
    for number, row in enumerate(zip(x_g, np.zeros_like(x_g), z_g, strict=True), start=first):
        at = number * grid.frame
        for name, value in zip(AXES, row, strict=True):
            quality = np.zeros(1, np.uint16)
            found_tracks.append(Track(STREAM, clock, name, at, grid.frame, np.array([value]), quality))
        t_s = number + np.arange(grid.hops_per_frame) / grid.hops_per_frame
        swing = np.maximum(np.sin(2 * np.pi * walk_hz * t_s), 0) if abs(row[0]) > 0.5 else np.zeros_like(t_s)
        quality = np.zeros(len(t_s), np.uint16)
        found_tracks.append(Track(STREAM, clock, TrackName.MOVEMENT_G, at, grid.hop, 0.004 + 0.3 * swing, quality))
    return found_tracks


def detected(items: Sequence[Track], **fields: float) -> tuple[list[Event], list[Event]]:
    detector = PostureDetector(STREAM, changed("posture", **fields))
    events = found(detector, items)
    return events, detector.rejected()


def kinds(events: list[Event]) -> list[EventKind]:
    return [event.kind for event in events]


@pytest.mark.parametrize(("degrees", "n_events"), [(34.9, 1), (35.1, 0)])
def test_a_leg_within_35_degrees_of_the_vertical_is_vertical(degrees: float, n_events: int) -> None:
    events, _ = detected(tracks(LYING, (30, degrees), LYING))
    assert kinds(events) == [EventKind.UPRIGHT] * n_events


def test_either_way_up_is_vertical() -> None:
    ((event,), _) = detected(tracks(LYING, (30, 180.0), LYING))
    assert event.measures["tilt_deg"] == pytest.approx(0.0, abs=10.0)


@pytest.mark.parametrize(("length_s", "n_events", "n_rejected"), [(9, 0, 1), (10, 1, 0)])
def test_a_leg_is_vertical_for_10_s_or_more(length_s: int, n_events: int, n_rejected: int) -> None:
    events, rejected = detected(tracks(LYING, (length_s, 0.0), LYING))
    assert kinds(events) == [EventKind.UPRIGHT] * n_events
    assert kinds(rejected).count(EventKind.UPRIGHT) == n_rejected


def test_a_turn_by_a_right_angle_is_placed_to_the_second() -> None:
    ((event,), _) = detected(tracks(LYING, (20, 0.0), LYING))
    assert seconds(event) == (60.0, 80.0)


@pytest.mark.parametrize(("between_deg", "n_events"), [(59.9, 1), (60.1, 2)])
def test_between_35_and_60_degrees_nothing_changes(between_deg: float, n_events: int) -> None:
    events, _ = detected(tracks(LYING, (20, 20.0), (20, between_deg), (20, 20.0), LYING))
    assert kinds(events).count(EventKind.UPRIGHT) == n_events


@pytest.mark.parametrize(("length_g", "n_events"), [(0.951, 1), (0.949, 0), (1.049, 1), (1.051, 0)])
def test_what_is_not_gravity_alone_has_no_direction(length_g: float, n_events: int) -> None:
    events, _ = detected(tracks(LYING, (30, 0.0), LYING, length_g=length_g))
    assert len(events) == n_events


def test_the_long_axis_is_the_one_that_is_named() -> None:
    events, _ = detected(tracks((60, 0.0), (30, 90.0), (60, 0.0)), long_axis=2)
    assert [seconds(event) for event in events] == [(60.0, 90.0)]


def test_an_axis_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"posture.long_axis is 3, expected 0, 1 or 2"):
        replace(POSTURE, long_axis=3)


@pytest.mark.parametrize(("length_s", "n_exits"), [(59, 0), (60, 1)])
def test_a_leg_that_stands_for_a_minute_has_left_the_bed(length_s: int, n_exits: int) -> None:
    events, rejected = detected(tracks(LYING, (length_s, 0.0), LYING))
    assert kinds(events).count(EventKind.BED_EXIT) == n_exits
    assert kinds(rejected).count(EventKind.BED_EXIT) == 1 - n_exits


def test_a_leg_that_walks_has_left_the_bed_sooner() -> None:
    events, _ = detected(tracks(LYING, (12, 0.0), LYING, walk_hz=1.8))
    assert kinds(events) == [EventKind.UPRIGHT, EventKind.BED_EXIT]
    assert events[1].measures["steps"] == pytest.approx(12 * 1.8, abs=2)
    assert events[0].measures["cadence_hz"] == pytest.approx(1.8, abs=0.05)


@pytest.mark.parametrize(("n_steps", "counted"), [(4, 0), (5, 5)])
def test_five_steps_in_a_row_are_a_walk(n_steps: int, counted: int) -> None:
    movement_g = np.full(1000, 0.004)
    movement_g[100 : 100 + 30 * n_steps : 30] = 0.2
    assert walk_in(movement_g, 50.0, POSTURE).steps == counted


@pytest.mark.parametrize(("apart", "counted"), [(51, 0), (50, 8), (20, 8)])
def test_steps_follow_each_other_at_1_to_2_5_per_second(apart: int, counted: int) -> None:
    movement_g = np.full(1000, 0.004)
    movement_g[100 : 100 + apart * 8 : apart] = 0.2
    assert walk_in(movement_g, 50.0, POSTURE).steps == counted


def test_what_shakes_faster_than_steps_is_no_faster_walk() -> None:
    movement_g = np.full(1000, 0.004)
    movement_g[100:260:10] = 0.2
    assert walk_in(movement_g, 50.0, POSTURE).cadence_hz <= 2.5


@pytest.mark.parametrize(("peak_g", "counted"), [(0.079, 0), (0.080, 8)])
def test_a_step_moves_the_leg_by_80_mg(peak_g: float, counted: int) -> None:
    movement_g = np.full(1000, 0.004)
    movement_g[100:340:30] = peak_g
    assert walk_in(movement_g, 50.0, POSTURE).steps == counted


@pytest.mark.slow
def test_a_long_stretch_is_told_in_pieces_of_15_minutes_with_one_exit() -> None:
    detector = PostureDetector(STREAM, CRITERIA)
    events, lag_s = [], 0.0
    for item in tracks(LYING, (1000, 0.0), LYING):
        events += detector.feed(item)
        lag_s = max(lag_s, (item.stop - detector.settled) / STREAM.fs_hz)
    assert [seconds(e) for e in events if e.kind is EventKind.UPRIGHT] == [(60, 960), (960, 1060)]
    assert [e.measures["continued"] for e in events if e.kind is EventKind.UPRIGHT] == [0.0, 1.0]
    assert kinds(events).count(EventKind.BED_EXIT) == 1
    assert lag_s <= 900 + 5


def test_a_gap_splits_a_stretch_but_not_its_length() -> None:
    upright, up_again = frames(np.ones(6), np.zeros(6)), frames(np.ones(6), np.zeros(6), first=20)
    events, _ = detected([*upright, *up_again])
    assert [seconds(event) for event in events] == [(0.0, 6.0), (20.0, 26.0)]
    assert [event.measures["continued"] for event in events] == [0.0, 1.0]


def test_a_piece_that_would_end_in_a_gap_ends_before_it() -> None:
    items = [*frames(np.ones(20), np.zeros(20)), *frames(np.ones(40), np.zeros(40), first=80)]
    events, _ = detected(items, max_piece_s=70.0)
    assert [seconds(e) for e in events if e.kind is EventKind.UPRIGHT] == [(0.0, 20.0), (80.0, 120.0)]


def test_after_a_long_gap_the_leg_is_looked_at_anew() -> None:
    upright, up_again = frames(np.ones(6), np.zeros(6)), frames(np.ones(6), np.zeros(6), first=100)
    events, rejected = detected([*upright, *up_again])
    assert not events
    assert len(rejected) == 2


def test_rejected_stretches_are_told_once() -> None:
    detector = PostureDetector(STREAM, CRITERIA)
    found(detector, tracks(LYING, (9, 0.0), LYING))
    (short,) = detector.rejected()
    assert [step.rule for step in short.why if not step.held] == ["min_s"]
    assert not detector.rejected()


@pytest.mark.slow
@pytest.mark.parametrize("fs_hz", [25.0, 50.0, 52.0, 104.0, 128.0, 200.0, 500.0])
def test_the_posture_detector_keeps_the_contract(fs_hz: float) -> None:
    parts = Parts(lambda s: MotionFeatures(s, CRITERIA), (lambda s: PostureDetector(s, CRITERIA),))
    t_s = np.arange(round(19 * fs_hz)) / fs_hz
    angle = np.radians(np.interp(t_s, [2, 3, 14, 15], [90.0, 10.0, 10.0, 90.0]))
    walk = 0.3 * np.sin(2 * np.pi * 1.8 * t_s) * ((t_s > 4) & (t_s < 13))
    data = np.stack([np.cos(angle) + walk, 0.3 * walk, np.sin(angle)], axis=1)
    data += np.random.default_rng(1).normal(0, 0.004, data.shape)
    assert kinds(run(parts, motion_stream(fs_hz), data)[0]) == [EventKind.UPRIGHT, EventKind.BED_EXIT]
    check_detector(parts, motion_stream(fs_hz), data, seed=round(fs_hz))
