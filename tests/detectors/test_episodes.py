"""Bouts of one leg become episodes, and context decides how sure one can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.events import Epoch, Event, EventKind, EventQuality
from detectors.pipeline import score
from detectors.quality.epoch_tally import EPOCH_S
from detectors.recording import ArraySource, Recording, steady_clock
from detectors.signal import NS_PER_S, Leg, Quantity, Stream, Unit
from tests.made_legs import emg
from tests.night_events import CRITERIA, bout, combiner, emg_movement, event, last_words, seen_movement, told

if TYPE_CHECKING:
    from collections.abc import Sequence

BOTH = (Leg.LEFT, Leg.RIGHT)


def episodes(events: Sequence[Event], *, motion: Sequence[Leg] = (), emg: Sequence[Leg] = (Leg.LEFT,)) -> list[Event]:
    return last_words(told(combiner(motion=motion, emg=emg), events), EventKind.CRAMP)


def test_bouts_less_than_30_s_apart_are_one_episode_and_30_s_apart_are_two() -> None:
    (one,) = episodes([bout(0, 20), bout(49.9, 20)])
    assert (one.measures["n_bouts"], one.duration_s) == (2.0, 69.9)
    assert len(episodes([bout(0, 20), bout(50, 20)])) == 2


def test_bouts_of_two_legs_are_two_episodes() -> None:
    assert len(episodes([bout(0, 20), bout(5, 20, Leg.RIGHT)])) == 2


def test_bouts_as_short_as_leg_movements_stay_alone_and_are_stored_only() -> None:
    found = episodes([bout(t, 6) for t in range(0, 200, 25)])
    assert len(found) == 8
    assert {episode.measures["tier"] for episode in found} == {0.0}


def test_an_episode_is_as_probable_as_its_longest_bout_is_long() -> None:
    (one,) = episodes([bout(0, 12), bout(20, 12)])
    assert one.duration_s > CRITERIA.cramp.probable_min_s
    assert one.measures["tier"] == 1.0


def test_an_episode_waits_until_no_bout_can_join_it() -> None:
    night = combiner(emg=(Leg.LEFT,))
    assert night.feed([bout(0, 20)], 50 * NS_PER_S) == []
    assert len(night.feed([], 50 * NS_PER_S + 1)) == 1


def test_a_muscle_that_never_rests_does_not_hold_its_first_contraction_back() -> None:
    found = episodes([bout(t, 60) for t in range(0, 1800, 80)])
    assert [one.onset_ns // NS_PER_S for one in found] == [0, 960]


def test_without_a_motion_sensor_the_confidence_is_capped_and_said_once() -> None:
    (one,) = told(combiner(emg=(Leg.LEFT,)), [bout(0, 60, term_stationarity=1.0)])
    assert one.measures["confidence"] == CRITERIA.cramp.cap_without_context
    assert "term_rest_before" not in one.measures


def test_rest_before_and_a_consequence_within_120_s_raise_the_confidence() -> None:
    still = told(combiner(motion=(Leg.LEFT,)), [bout(100, 60)])
    shifted = told(combiner(motion=(Leg.LEFT,)), [bout(100, 60), event(EventKind.SHIFT, 279.9, 2)])
    getting_up = last_words(shifted, EventKind.CRAMP)
    assert [one.revision for one in still] == [0, 1]
    assert [one.measures.get("term_consequence") for one in still] == [None, 0.0]
    assert getting_up[0].measures["term_consequence"] == 1.0
    assert getting_up[0].measures["confidence"] > still[-1].measures["confidence"]


@pytest.mark.parametrize(("onset_s", "expected"), [(279.9, 1.0), (280.0, 0.0)])
@pytest.mark.parametrize("kind", [EventKind.SHIFT, EventKind.UPRIGHT, EventKind.BED_EXIT])
def test_what_begins_less_than_120_s_after_the_end_is_a_consequence(
    kind: EventKind, onset_s: float, expected: float
) -> None:
    (one,) = episodes([bout(100, 60), event(kind, onset_s, 20)], motion=BOTH)
    assert one.measures["term_consequence"] == expected


def test_restlessness_that_goes_on_after_the_contraction_is_a_consequence() -> None:
    struggle = [seen_movement(t, 2, orientation_change_deg=12.0) for t in (200, 203, 206)]
    (one,) = episodes([bout(100, 60), *struggle], motion=(Leg.LEFT,))
    assert one.measures["term_consequence"] == 1.0


@pytest.mark.parametrize(("onset_s", "rest"), [(69.0, 0.0), (68.0, 1.0)])
def test_a_leg_that_moved_in_the_30_s_before_was_not_at_rest(onset_s: float, rest: float) -> None:
    (one,) = episodes([bout(100, 60), seen_movement(onset_s, 2)], motion=(Leg.LEFT,))
    assert one.measures["term_rest_before"] == rest


def test_a_short_movement_afterwards_is_no_consequence_and_a_long_one_is() -> None:
    for duration_s, expected in ((2.9, 0.0), (3.0, 1.0)):
        (one,) = episodes([bout(100, 60), seen_movement(200, duration_s)], motion=(Leg.LEFT,))
        assert one.measures["term_consequence"] == expected


@pytest.mark.parametrize(("onset_s", "tier"), [(99.9, 0.0), (100.1, 2.0)])
def test_a_contraction_that_begins_while_the_leg_stands_is_stored_only(onset_s: float, tier: float) -> None:
    (one,) = episodes([bout(100, 60), event(EventKind.UPRIGHT, onset_s, 30)], motion=(Leg.LEFT,))
    assert one.measures["tier"] == tier
    assert any(step.rule == "context" and not step.held for step in one.why) is (tier == 0)


@pytest.mark.parametrize(("steps", "tier"), [(0.0, 2.0), (12.0, 0.0)])
def test_a_leg_that_has_long_been_vertical_counts_as_standing_only_if_it_walks(steps: float, tier: float) -> None:
    vertical = event(EventKind.UPRIGHT, 20, 900, continued=1.0, steps=steps)
    (one,) = episodes([bout(100, 60), vertical], motion=(Leg.LEFT,))
    assert one.measures["tier"] == tier


@pytest.mark.parametrize(
    ("onset_s", "duration_s", "turn_deg", "tier"),
    [(101.9, 8.1, 10.0, 0.0), (102.0, 9.0, 10.0, 2.0), (101.9, 8.0, 10.0, 2.0), (101.9, 8.1, 9.9, 2.0)],
)
def test_a_contraction_that_moves_and_turns_the_leg_from_its_beginning_is_a_body_shift(
    onset_s: float, duration_s: float, turn_deg: float, tier: float
) -> None:
    """For most of its length: here more than 8 s from the first to the last movement, of 16 s."""
    first, last_s = seen_movement(onset_s, 1), onset_s + duration_s - 1
    events = [bout(100, 16), first, seen_movement(last_s, 1, orientation_change_deg=turn_deg)]
    (one,) = episodes(events, motion=(Leg.LEFT,))
    assert one.measures["tier"] == tier


def test_movements_that_are_told_as_shifts_make_a_body_shift_as_well() -> None:
    shifts = [event(EventKind.SHIFT, at_s, 1, orientation_change_deg=40.0) for at_s in (100.5, 108.0)]
    (one,) = episodes([bout(100, 12), *shifts], motion=(Leg.LEFT,))
    assert one.measures["tier"] == 0.0


def test_a_contraction_longer_than_any_body_shift_is_none() -> None:
    turning = seen_movement(100, 40, orientation_change_deg=40.0)
    found = [episodes([bout(100, length_s), turning], motion=(Leg.LEFT,))[0] for length_s in (45.0, 45.1)]
    assert [one.measures["tier"] for one in found] == [0.0, 2.0]


@pytest.mark.parametrize(("exit_s", "tier"), [(89.9, 0.0), (90.0, 2.0)])
def test_a_bed_exit_that_began_more_than_10_s_before_makes_it_walking(exit_s: float, tier: float) -> None:
    (one,) = episodes([bout(100, 60), event(EventKind.BED_EXIT, exit_s, 60, Leg.RIGHT)], motion=BOTH)
    assert one.measures["tier"] == tier


def test_what_the_muscle_does_after_the_person_stood_up_does_not_lengthen_the_episode() -> None:
    found = episodes([bout(100, 60), bout(175, 40), event(EventKind.UPRIGHT, 165, 300)], motion=(Leg.LEFT,))
    assert [(one.duration_s, one.measures["tier"]) for one in found] == [(60.0, 2.0), (40.0, 0.0)]


@pytest.mark.parametrize(("lag_s", "common"), [(0.019, 1.0), (0.020, 0.0)])
def test_two_legs_that_do_the_same_within_20_ms_are_never_probable(lag_s: float, common: float) -> None:
    sure = [bout(at_s, 60, leg, term_stationarity=1.0) for at_s, leg in ((100, Leg.LEFT), (100 + lag_s, Leg.RIGHT))]
    found = episodes(sure, emg=BOTH)
    assert {(one.measures["common_mode"], one.measures["tier"]) for one in found} == {(common, 2.0 - common)}


def test_legs_of_unequal_length_are_not_suspected() -> None:
    found = episodes([bout(100, 60), bout(100, 61, Leg.RIGHT)], emg=BOTH)
    assert {one.measures["common_mode"] for one in found} == {0.0}


def test_a_bad_half_minute_halves_the_confidence() -> None:
    (good,), (bad,) = episodes([bout(100, 60)]), episodes([bout(100, 60, quality=EventQuality.LOW)])
    assert bad.measures["confidence"] == CRITERIA.cramp.low_quality_factor * good.measures["confidence"]
    assert bad.measures["tier"] == 0.0


def with_calf(events: Sequence[Event], epochs: Sequence[Epoch] = ()) -> Event:
    """The episode of the left leg's calf on a night with shin and calf."""
    night = combiner(emg=(Leg.LEFT,))
    night.emg_on(Leg.LEFT, "left-calf", "gastrocnemius medialis", 250.0)
    night.note(epochs)
    (one,) = last_words(told(night, [bout(100, 60, sensor="left-calf"), *events]), EventKind.CRAMP)
    return one


def resting(start_s: float, level_uv: float) -> Epoch:
    start_ns = round(start_s * NS_PER_S)
    return Epoch("left-shin", Leg.LEFT, Quantity.EMG, start_ns, EPOCH_S, {"resting_uv": level_uv})


def test_a_calf_that_works_alone_has_the_muscle_term_of_a_cramp() -> None:
    one = with_calf([], [resting(30, 9.0), resting(60, 4.0)])
    assert (one.measures["muscle_ratio"], one.measures["term_muscle"]) == (10.0, 1.0)


@pytest.mark.parametrize(("mean_uv", "term"), [(80.0, 0.0), (20.0, 1.0), (32.0, 0.5)])
def test_the_muscle_term_is_0_at_half_and_1_at_twice_the_shin(mean_uv: float, term: float) -> None:
    one = with_calf([emg_movement(100, 60, mean_uv=mean_uv)])
    assert one.measures["term_muscle"] == pytest.approx(term)


def test_a_short_movement_of_the_shin_counts_for_the_time_that_it_takes() -> None:
    one = with_calf([emg_movement(110, 6, mean_uv=42.0)])
    assert one.measures["muscle_ratio"] == pytest.approx(40.0 / (2.0 + 0.1 * 40.0))


def test_without_a_level_of_the_other_muscle_there_is_no_muscle_term() -> None:
    assert "term_muscle" not in with_calf([]).measures


@pytest.mark.parametrize(("fs_hz", "term"), [(500.0, 2 / 3), (499.0, None)])
def test_twitches_within_60_s_count_where_their_shape_can_be_seen(fs_hz: float, term: float | None) -> None:
    flickers = [event(EventKind.TWITCH, t, 0.02) for t in (161.5, 219.9, 220.1)]
    (one,) = last_words(told(combiner(emg=(Leg.LEFT,), fs_hz=fs_hz), [bout(100, 60), *flickers]), EventKind.CRAMP)
    assert one.measures.get("term_twitches") == term


def test_samples_of_two_muscles_give_the_muscle_term() -> None:
    stream = Stream("leg", Leg.LEFT, "tibialis, gastrocnemius", Quantity.EMG, Unit.MICROVOLT, ("ta", "gm"), 250.0)
    channels = [emg(240.0, bursts, fs_hz=250.0) for bursts in ([], [(150.0, 40.0, 60.0)])]
    source = ArraySource(stream, steady_clock(0, 250.0), np.hstack(channels))
    events = score(Recording("two", 0, (source,)), CRITERIA).events
    (cramp,) = [one for one in events if one.kind is EventKind.CRAMP]
    assert (cramp.sensor, cramp.measures["term_muscle"]) == ("leg.gm", 1.0)
    assert cramp.measures["muscle_ratio"] == pytest.approx(60.0 / 1.5, rel=0.3)
