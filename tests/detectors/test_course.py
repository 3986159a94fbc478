"""The course of a night keeps every frame with its own time, whatever happens to the stream."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detectors.annotations import Span
from detectors.recording import steady_clock
from detectors.signal import NS_PER_S, Clock, Knot, Leg
from detectors.sleep.course import MotionCourse, times_ns
from detectors.track import Flag, Track, TrackName
from tests.made_courses import NAMES, MadeNight
from tests.made_legs import motion_stream

STREAM = motion_stream()


def feed(course: MotionCourse, first_s: int, length_s: int, *, segment: int = 0, start_ns: int = 0) -> None:
    stream, quality = replace(STREAM, segment=segment), np.zeros(length_s, np.uint16)
    for number, name in enumerate(NAMES):
        values = np.full(length_s, float(number))
        course.feed(Track(stream, steady_clock(start_ns, 50.0), name, first_s * 50, 50, values, quality))


def test_every_frame_has_its_values_and_its_time() -> None:
    course = MotionCourse(STREAM)
    feed(course, 0, 3)
    frames = course.frames()
    assert frames.start_ns.tolist() == [0, NS_PER_S, 2 * NS_PER_S]
    assert frames.gravity_g.tolist() == [[0.0, 1.0, 2.0]] * 3
    assert [frames.activity_g[0], frames.spread_g[0], frames.pulse_g[0]] == [3.0, 4.0, 5.0]
    assert (frames.sensor, frames.leg, frames.frame_s) == ("left-ankle", Leg.LEFT, 1.0)


def test_the_course_does_not_depend_on_how_the_tracks_were_cut() -> None:
    night = MadeNight.leg(3000)
    whole, cut = (night.course(missing=[(500, 600)], block_s=block_s).frames() for block_s in (3000, 7))
    for name in ("start_ns", "gravity_g", "activity_g", "spread_g", "pulse_g"):
        assert np.array_equal(getattr(whole, name), getattr(cut, name))


def test_a_gap_is_frames_that_are_not_there() -> None:
    frames = MadeNight.leg(100).course(missing=[(40, 60)]).frames()
    assert (frames.start_ns // NS_PER_S).tolist() == [*range(40), *range(60, 100)]


def test_a_sensor_that_restarts_goes_on_in_the_same_course() -> None:
    course = MotionCourse(STREAM)
    feed(course, 0, 3)
    feed(course, 0, 2, segment=1, start_ns=100 * NS_PER_S)
    assert (course.frames().start_ns // NS_PER_S).tolist() == [0, 1, 2, 100, 101]


def test_a_frame_that_comes_in_two_parts_is_one() -> None:
    course = MotionCourse(STREAM)
    feed(course, 0, 3)
    feed(course, 2, 3)
    assert (course.frames().start_ns // NS_PER_S).tolist() == [0, 1, 2, 3, 4]
    assert np.isfinite(course.frames().activity_g).all()


def test_a_clock_that_steps_back_leaves_the_frames_in_order() -> None:
    course = MotionCourse(STREAM)
    feed(course, 0, 3)
    feed(course, 0, 2, segment=1, start_ns=NS_PER_S // 2)
    assert np.all(np.diff(course.frames().start_ns) >= 0)


def test_frames_of_a_dead_sensor_are_left_out() -> None:
    course = MotionCourse(STREAM)
    feed(course, 0, 3)
    flags = np.array([0, Flag.FLAT.value, 0], np.uint16)
    course.feed(Track(STREAM, steady_clock(0, 50.0), TrackName.GRAVITY_X_G, 0, 50, np.ones(3), flags))
    assert (course.frames().start_ns // NS_PER_S).tolist() == [0, 2]


def test_what_was_not_worn_can_be_left_out() -> None:
    course = MadeNight.leg(10).course()
    worn = course.without([Span(2 * NS_PER_S, 5 * NS_PER_S)])
    assert (worn.frames().start_ns // NS_PER_S).tolist() == [0, 1, 5, 6, 7, 8, 9]
    assert len(course.frames().start_ns) == 10


def test_tracks_of_another_sensor_are_refused() -> None:
    course = MotionCourse(replace(STREAM, sensor="right-ankle"))
    with pytest.raises(ValueError, match="right-ankle: got a track of left-ankle"):
        feed(course, 0, 3)


def test_times_are_those_of_the_clock() -> None:
    clock = Clock((Knot(0, 5, 50.0), Knot(300, 6_000_100_007, 49.9), Knot(1000, 20_000_000_000, 50.1)))
    indices = np.arange(-50, 2000, 50)
    assert times_ns(clock, indices).tolist() == [clock.at(int(index)) for index in indices]


def test_eight_hours_take_about_a_megabyte() -> None:
    course = MadeNight.leg(8 * 3600).course()
    held = sum(v.nbytes for v in vars(course).values() if isinstance(v, np.ndarray))
    assert held < 1.5e6
