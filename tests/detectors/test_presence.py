"""A sensor that gives no signal says nothing: neither that the leg rested nor that nothing followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.events import Event, EventKind
from detectors.pipeline import score
from detectors.recording import ArraySource, Recording, steady_clock
from detectors.signal import Leg, Quantity, Stream, Unit
from detectors.track import Flag, Track, TrackName
from tests.made_legs import emg
from tests.night_events import CRITERIA, bout, combiner, emg_movement, event, last_words, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.night.combine import NightCombiner

MOTION = Stream("left-ankle", Leg.LEFT, "ankle", Quantity.ACCELERATION, Unit.G, ("x", "y", "z"), 50.0)


def channel(sensor: str, leg: Leg) -> Stream:
    return Stream(sensor, leg, "shin", Quantity.EMG, Unit.MICROVOLT, ("emg",), 500.0)


def heard(stream: Stream, from_s: int, to_s: int, dead_s: Sequence[int] = (), flag: Flag = Flag.STUCK) -> Track:
    """One value per second; in some of them the sensor says that there is none."""
    flags = np.zeros(to_s - from_s, np.uint16)
    flags[[at_s - from_s for at_s in dead_s]] = flag.value
    hop = round(stream.fs_hz)
    clock, name = steady_clock(0, stream.fs_hz), TrackName.MOVEMENT_G
    return Track(stream, clock, name, from_s * hop, hop, np.zeros(len(flags)), flags)


def one(events: Sequence[Event], kind: EventKind, *spans: tuple[int, int]) -> Event:
    night = combiner(emg=(Leg.LEFT,))
    night.motion_on(Leg.LEFT, MOTION.sensor)
    for from_s, to_s in spans:
        night.heard(heard(MOTION, from_s, to_s))
    (found,) = last_words(told(night, events), kind)
    return found


@pytest.mark.parametrize(("dies_s", "known"), [(400, True), (90, True), (84, False), (0, False)])
def test_a_leg_whose_sensor_died_was_not_seen_at_rest_before_a_contraction(dies_s: int, known: bool) -> None:  # noqa: FBT001 - a case
    """Rest is looked for in the 30 s before it; half of them are enough."""
    found = one([bout(100, 60)], EventKind.CRAMP, (0, dies_s))
    assert ("term_rest_before" in found.measures) == known


@pytest.mark.parametrize(("dies_s", "known"), [(221, True), (219, False)])
def test_nothing_can_be_known_not_to_follow_where_the_sensor_died(dies_s: int, known: bool) -> None:  # noqa: FBT001 - a case
    """A consequence is looked for in the 120 s after it."""
    found = one([bout(100, 60)], EventKind.CRAMP, (0, dies_s))
    assert ("term_consequence" in found.measures) == known


def test_what_was_seen_to_follow_counts_although_the_sensor_died_soon_after() -> None:
    found = one([bout(100, 60), event(EventKind.SHIFT, 165, 3)], EventKind.CRAMP, (0, 170))
    assert found.measures["term_consequence"] == 1.0


def test_a_contraction_without_any_signal_of_acceleration_is_capped() -> None:
    sure = bout(100, 60, term_stationarity=1.0)
    assert one([sure], EventKind.CRAMP, (0, 0)).measures["confidence"] == CRITERIA.cramp.cap_without_context


@pytest.mark.parametrize(("spans", "known"), [(((0, 200),), True), (((0, 50), (150, 200)), False)])
def test_a_movement_in_a_gap_of_acceleration_has_no_measures_of_it(
    spans: Sequence[tuple[int, int]],
    known: bool,  # noqa: FBT001 - a case
) -> None:
    measures = one([emg_movement(100, 2)], EventKind.LEG_MOVEMENT, *spans).measures
    assert ("moved" in measures, "with_activation" in measures) == (known, known)


def test_weak_activity_after_which_the_sensor_died_does_not_say_that_nothing_followed() -> None:
    weak = event(EventKind.TONIC, 100, 60, low=1.0)
    assert "followed" in one([weak], EventKind.TONIC, (0, 400)).measures
    assert "followed" not in one([weak], EventKind.TONIC, (0, 170)).measures


def test_seconds_in_which_a_converter_is_stuck_are_no_signal() -> None:
    night = combiner(emg=(Leg.LEFT,))
    night.motion_on(Leg.LEFT, MOTION.sensor)
    night.heard(heard(MOTION, 0, 400, dead_s=range(80, 120)))
    (found,) = last_words(told(night, [emg_movement(100, 2)]), EventKind.LEG_MOVEMENT)
    assert "moved" not in found.measures


def stands(night: NightCombiner, *channels: str) -> int:
    twitches = [event(EventKind.TWITCH, 100, 0.02, Leg.LEFT, sensor=name, peak_uv=40.0) for name in channels]
    return sum(said.kind is EventKind.TWITCH for said in told(night, twitches))


@pytest.mark.parametrize(("flag", "n_stand"), [(Flag.FLAT, 0), (Flag.ELECTRODE_OFF, 0), (Flag.ECG, 2)])
def test_a_dead_channel_does_not_speak_for_what_all_others_show_at_once(flag: Flag, n_stand: int) -> None:
    night = combiner()
    night.emg_on(Leg.RIGHT, "right-calf", "gastrocnemius", 500.0)
    night.heard(heard(channel("right-calf", Leg.RIGHT), 0, 400, dead_s=range(50, 150), flag=flag))
    assert stands(night, "left-shin", "right-shin") == n_stand


@pytest.mark.slow
def test_a_sensor_that_dies_within_a_night_leaves_the_context_open() -> None:
    """From samples: acceleration of two minutes beside EMG of six."""
    shin = channel("left-shin", Leg.LEFT)
    rest_g = np.array([1.0, 0.0, 0.0]) + np.random.default_rng(3).normal(0, 0.001, (6 * 60 * 50, 3))
    muscle = ArraySource(shin, steady_clock(0, 500.0), emg(360, [(200.0, 30.0, 60.0)]))
    known = []
    for n_samples in (6 * 60 * 50, 2 * 60 * 50):
        motion = ArraySource(MOTION, steady_clock(0, 50.0), rest_g[:n_samples])
        scored = score(Recording("made", 0, (muscle, motion)), CRITERIA)
        (cramp,) = (event for event in scored.events if event.kind is EventKind.CRAMP)
        known.append("term_rest_before" in cramp.measures)
    assert known == [True, False]
