"""An event waits until the half minute that it ends in is judged."""

from __future__ import annotations

import numpy as np

from detectors.events import Event, EventKind, EventQuality
from detectors.proposed.validity import VALIDITY
from detectors.quality.held_events import HeldEvents
from detectors.recording import steady_clock
from detectors.signal import NS_PER_S, Gap, GapCause, Leg, Quantity, Stream, Unit
from detectors.track import Flag, Track, TrackName

STREAM = Stream("left-shin", Leg.LEFT, "tibialis anterior", Quantity.EMG, Unit.MICROVOLT, ("ta",), 500.0)
CLOCK = steady_clock(0, 500.0)


def envelope(first_s: int, stop_s: int, flags: int = 0) -> Track:
    values = np.ones((stop_s - first_s) * 100)
    return Track(STREAM, CLOCK, TrackName.ENVELOPE_UV, first_s * 500, 5, values, np.full(len(values), flags, np.uint16))


def event(onset_s: float, end_s: float, kind: EventKind = EventKind.LEG_MOVEMENT) -> Event:
    return Event(kind, "left-shin", Leg.LEFT, round(onset_s * NS_PER_S), round(end_s * NS_PER_S), {})


def test_an_event_is_said_when_its_half_minute_is_over_and_not_before() -> None:
    held = HeldEvents(STREAM, VALIDITY)
    held.judge(envelope(0, 29))
    held.add([event(10, 12)], CLOCK)
    assert held.released() == []
    assert held.earliest_ns(29 * NS_PER_S) == 10 * NS_PER_S
    held.judge(envelope(29, 30))
    assert held.released() == [event(10, 12)]
    assert held.earliest_ns(30 * NS_PER_S) == 30 * NS_PER_S


def test_what_is_still_to_come_may_begin_before_an_event_that_waits() -> None:
    held = HeldEvents(STREAM, VALIDITY)
    held.judge(envelope(0, 50))
    held.add([event(46, 48)], CLOCK)
    # A movement that began at 44 s is not over yet.
    assert held.earliest_ns(44 * NS_PER_S) == 44 * NS_PER_S


def test_an_event_that_touches_a_bad_half_minute_is_of_low_quality_and_its_neighbour_is_not() -> None:
    held = HeldEvents(STREAM, VALIDITY)
    held.judge(envelope(0, 30))
    held.judge(envelope(30, 60, Flag.ELECTRODE_OFF))
    held.judge(envelope(60, 90))
    held.add([event(27, 30), event(29, 30.1), event(58, 61), event(60, 62)], CLOCK)
    quality = [one.quality for one in held.released()]
    assert quality == [EventQuality.GOOD, EventQuality.LOW, EventQuality.LOW, EventQuality.GOOD]


def test_what_says_that_the_signal_is_bad_is_not_in_doubt_because_of_it() -> None:
    held = HeldEvents(STREAM, VALIDITY)
    held.judge(envelope(0, 30, Flag.ELECTRODE_OFF))
    held.add([event(3, 20, EventKind.ELECTRODE_OFF)], CLOCK)
    assert [one.quality for one in held.released()] == [EventQuality.GOOD]


def test_a_gap_judges_the_half_minutes_that_it_covers() -> None:
    held = HeldEvents(STREAM, VALIDITY)
    held.judge(envelope(0, 20))
    held.add([event(15, 19)], CLOCK)
    held.judge(Gap(STREAM, CLOCK, 20 * 500, 20 * 500, GapCause.AIR))
    assert [one.quality for one in held.released()] == [EventQuality.LOW]


def test_the_end_of_the_segment_lets_all_events_go() -> None:
    held = HeldEvents(STREAM, VALIDITY)
    held.judge(envelope(0, 12))
    held.add([event(3, 5)], CLOCK)
    assert held.finish() == [event(3, 5)]
    assert not held
