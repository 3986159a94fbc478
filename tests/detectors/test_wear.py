"""A sensor that is not worn (science.md 7.2): a table is told from a still leg, every rule at both edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detectors.annotations import Span
from detectors.events import EventKind
from detectors.signal import NS_PER_S
from detectors.sleep.wear import not_worn, still_stretches
from tests.made_courses import FRONT, MadeNight
from tests.made_legs import CRITERIA, seconds

WEAR = CRITERIA.wear
HOUR_S = 3600


def broken(night: MadeNight, *at_s: int) -> MadeNight:
    for moment_s in at_s:
        night.turn(moment_s, 90.0)
    return night


def test_a_table_is_not_worn() -> None:
    (event,) = not_worn(MadeNight.table(HOUR_S).course(), [], CRITERIA)
    assert event.kind is EventKind.NOT_WORN
    assert seconds(event) == (0.0, 3600.0)
    assert event.measures["respiration_ratio"] < WEAR.min_respiration_ratio


@pytest.mark.parametrize("breath_g", [0.0005, 0.0015, 0.003])
def test_a_still_sleeping_leg_is_worn(breath_g: float) -> None:
    course = MadeNight.leg(2 * HOUR_S, breath_g=breath_g).course()
    assert not not_worn(course, [], CRITERIA)
    (still,) = still_stretches(course, [], CRITERIA)
    assert "min_respiration_ratio" in {step.rule for step in still.why if not step.held}


def test_a_leg_that_is_put_on_late_is_not_worn_before() -> None:
    night, leg = MadeNight.table(2 * HOUR_S), MadeNight.leg(2 * HOUR_S)
    night.gravity_g[HOUR_S:] = leg.gravity_g[HOUR_S:]
    (event,) = not_worn(broken(night, HOUR_S).course(), [], CRITERIA)
    assert seconds(event)[1] == pytest.approx(HOUR_S, abs=60)


@pytest.mark.parametrize(("minutes", "n_events"), [(29, 0), (30, 1)])
def test_it_takes_half_an_hour(minutes: int, n_events: int) -> None:
    night = broken(MadeNight.table(HOUR_S), 59, 60 + 60 * minutes)
    night.restless(60 + 60 * minutes, HOUR_S)
    assert len(not_worn(night.course(), [], CRITERIA)) == n_events


@pytest.mark.parametrize(("spread_g", "n_events"), [(0.0129, 1), (0.0131, 0)])
def test_its_deviation_stays_below_13_mg(spread_g: float, n_events: int) -> None:
    night = MadeNight.table(HOUR_S)
    night.spread_g[:] = spread_g
    assert len(still_stretches(night.course(), [], CRITERIA)) == n_events


@pytest.mark.parametrize(("range_g", "n_events"), [(0.0499, 1), (0.0501, 0)])
def test_its_range_stays_below_50_mg(range_g: float, n_events: int) -> None:
    night = MadeNight.table(50 * 60)
    night.gravity_g[:] = [0.0, 0.0, 1.0]
    night.gravity_g[25 * 60, FRONT] += range_g
    assert len(still_stretches(night.course(), [], CRITERIA)) == n_events


def test_a_heart_beat_alone_shows_somebody() -> None:
    night = MadeNight.table(HOUR_S)
    night.pulse_g *= 1.3
    assert not not_worn(night.course(), [], CRITERIA)


def test_a_sensor_that_is_put_down_and_rings_is_no_heart_beat() -> None:
    night = MadeNight.table(HOUR_S)
    night.pulse_g[:2] = 0.1
    assert not_worn(night.course(), [], CRITERIA)


def test_a_sensor_too_noisy_to_show_a_breath_says_nothing_by_not_showing_it() -> None:
    night = MadeNight.table(HOUR_S)
    night.gravity_g += np.random.default_rng(2).normal(0, 0.0015, night.gravity_g.shape)
    night.pulse_g *= 2.7
    assert not not_worn(night.course(), [], CRITERIA)


def coarse(handling_deg: float, seed: int = 1) -> MadeNight:
    """A sensor whose converter hides everything, turned to and fro before it is put down."""
    night = MadeNight.table(2 * HOUR_S, seed)
    night.spread_g[:], night.pulse_g[:] = 0.0, 0.0
    night.gravity_g[:] = [0.0, 0.0, 1.0]
    for at_s in range(1790, 1800, 2):
        night.turn(at_s, handling_deg / 10)
        night.turn(at_s + 1, -handling_deg / 10)
    return night


@pytest.mark.parametrize(("handling_deg", "n_events"), [(175.0, 0), (185.0, 1)])
def test_a_coarse_sensor_is_not_worn_after_it_was_handled(handling_deg: float, n_events: int) -> None:
    events = not_worn(coarse(handling_deg).course(), [], CRITERIA)
    assert len([event for event in events if seconds(event)[0] > 1700]) == n_events


@pytest.mark.parametrize(("share", "n_events"), [(0.49, 0), (0.5, 1)])
def test_an_electrode_that_is_off_for_half_of_it_is_enough(share: float, n_events: int) -> None:
    off = [Span(0, round(share * HOUR_S * NS_PER_S)), Span(0, 1)]
    assert len(not_worn(MadeNight.leg(HOUR_S).course(), off, CRITERIA)) == n_events


def test_a_moving_leg_is_worn() -> None:
    night = MadeNight.leg(2 * HOUR_S)
    night.restless(0, 2 * HOUR_S)
    assert not still_stretches(night.course(), [], CRITERIA)


def test_a_gap_of_minutes_breaks_a_stretch() -> None:
    course = MadeNight.table(HOUR_S).course(missing=[(1500, 1900)])
    assert not still_stretches(course, [], CRITERIA)


def test_short_gaps_do_not() -> None:
    missing = [(at, at + 5) for at in range(0, HOUR_S, 45)]
    assert len(not_worn(MadeNight.table(HOUR_S).course(missing=missing), [], CRITERIA)) == 1


def test_a_night_without_a_sensor_has_no_such_event() -> None:
    assert not not_worn(MadeNight.table(100).course(missing=[(0, 100)]), [], CRITERIA)
    assert not not_worn(MadeNight.table(100).course(), [], CRITERIA)


def test_a_band_beyond_the_frames_is_refused() -> None:
    with pytest.raises(ValueError, match=r"wear.respiration_high_hz is 0.6"):
        replace(WEAR, respiration_high_hz=0.6)
