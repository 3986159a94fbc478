"""What is said to turn a decision round does so, when the signal is scored again with the stated threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.emg.leg_movement import EmgLegMovementDetector
from detectors.events import Event, EventKind, Step, StepRole, holds
from detectors.explain import Flip, explain, flip_of
from detectors.motion.leg_movement import MotionLegMovementDetector
from detectors.motion.posture import PostureDetector
from detectors.signal import Leg
from tests.detectors.test_posture import LYING, tracks
from tests.made_legs import CRITERIA, changed, emg_stream, envelope_tracks, found, motion_stream, movement_tracks
from tests.night_events import bout, combiner, emg_movement, last_words, seen_movement, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.criteria import Criteria
    from detectors.track import Track

EMG, MOTION = emg_stream(), motion_stream()
HOPS_PER_S = 100
JUST_BEYOND = 1e-6
KIND = EventKind.LEG_MOVEMENT
ONE_OF = StepRole.ALTERNATIVE


def muscle(length_s: float, rise_uv: float, lf_hf: float = 0.1) -> list[Track]:
    """One level in the envelope for a time, above 2 µV of rest."""
    envelope_uv = np.full(40 * HOPS_PER_S, 2.0)
    envelope_uv[20 * HOPS_PER_S : round((20 + length_s) * HOPS_PER_S)] = 2.0 + rise_uv
    return envelope_tracks(EMG, envelope_uv, lf_hf=lf_hf)


def moved(length_s: float, value_g: float) -> list[Track]:
    movement_g = np.full(40 * 50, 0.004)
    movement_g[20 * 50 : round((20 + length_s) * 50)] = value_g
    return movement_tracks(MOTION, movement_g)


def by_emg(items: Sequence[Track], criteria: Criteria = CRITERIA) -> tuple[list[Event], list[Event]]:
    detector = EmgLegMovementDetector(EMG, criteria)
    return found(detector, items), detector.rejected()


def by_motion(items: Sequence[Track], criteria: Criteria = CRITERIA) -> tuple[list[Event], list[Event]]:
    detector = MotionLegMovementDetector(MOTION, criteria)
    return found(detector, items), detector.rejected()


def the_flip(event: Event, *, is_told: bool) -> tuple[str, float]:
    (flip,) = explain(event, told=is_told).flips
    assert flip.to is not None
    return flip.step.rule, flip.to


@pytest.mark.parametrize("rise_uv", [8.5, 9.5, 12.0])
def test_an_onset_threshold_of_the_stated_value_takes_a_movement_away(rise_uv: float) -> None:
    (event,), _ = by_emg(muscle(3.0, rise_uv))
    rule, level_uv = the_flip(event, is_told=True)
    assert rule == "onset_uv"
    above_uv = level_uv - event.measures["resting_uv"]
    assert not by_emg(muscle(3.0, rise_uv), changed("leg_movement", onset_uv=above_uv + JUST_BEYOND))[0]
    assert by_emg(muscle(3.0, rise_uv), changed("leg_movement", onset_uv=above_uv - JUST_BEYOND))[0]


def test_an_offset_threshold_and_what_only_describes_are_never_offered() -> None:
    (event,), _ = by_emg(muscle(3.0, 100.0))
    (offset,) = [step for step in event.why if step.rule == "offset_uv"]
    assert offset.role is StepRole.INFORMATION
    assert explain(event, told=True).flips[0].step.rule != "offset_uv"


def test_a_shortest_duration_of_the_stated_value_takes_a_movement_away_and_brings_it_back() -> None:
    (event,), _ = by_emg(muscle(0.55, 60.0))
    rule, shortest_s = the_flip(event, is_told=True)
    assert rule == "min_s"
    criteria = changed("leg_movement", min_s=shortest_s)
    (rejected,) = by_emg(muscle(0.55, 60.0), criteria)[1]
    rule, shortest_s = the_flip(rejected, is_told=False)
    assert rule == "min_s"
    assert by_emg(muscle(0.55, 60.0), changed("leg_movement", min_s=shortest_s))[0]


def test_an_artefact_limit_of_the_stated_value_takes_a_movement_away() -> None:
    limit = CRITERIA.leg_movement.max_lf_hf
    items = muscle(3.0, 100.0, lf_hf=0.99 * limit)
    (event,), _ = by_emg(items)
    rule, most = the_flip(event, is_told=True)
    assert rule == "max_lf_hf"
    assert not by_emg(items, changed("leg_movement", max_lf_hf=most - JUST_BEYOND))[0]


def test_either_shape_of_the_stated_size_brings_a_movement_of_the_leg_back() -> None:
    _, (rejected,) = by_motion(moved(1.0, 0.029))
    assert not explain(rejected, told=False).holds
    rule, to = the_flip(rejected, is_told=False)
    assert rule == "min_peak_g"
    assert by_motion(moved(1.0, 0.029), changed("motion", min_peak_g=to - JUST_BEYOND))[0]
    (crossings,) = [step for step in rejected.why if step.rule == "min_crossings"]
    most = flip_of(crossings).to
    assert most == 1
    assert by_motion(moved(1.0, 0.029), changed("motion", min_crossings=int(most)))[0]


@pytest.mark.parametrize(("walk_hz", "rule"), [(1.0, "min_steps"), (0.0, "standing_s")])
def test_one_way_out_of_bed_is_enough_and_the_stated_threshold_closes_it(walk_hz: float, rule: str) -> None:
    posture = CRITERIA.posture
    length_s = 20.0 if walk_hz else posture.standing_s + 1
    items = tracks(LYING, (length_s, 0.0), LYING, walk_hz=walk_hz)
    detector = PostureDetector(MOTION, CRITERIA)
    (exit_,) = [event for event in found(detector, items) if event.kind is EventKind.BED_EXIT]
    held = [step for step in exit_.why if step.role is ONE_OF and step.held]
    assert [step.rule for step in held] == [rule]
    to = flip_of(held[0]).to
    assert to is not None
    again = PostureDetector(MOTION, changed("posture", **{rule: int(to) if walk_hz else to}))
    assert EventKind.BED_EXIT not in {event.kind for event in found(again, items)}
    (rejected,) = [event for event in again.rejected() if event.kind is EventKind.BED_EXIT]
    assert len(explain(rejected, told=False).flips) == 1


def test_restlessness_of_two_signs_goes_with_either_of_them() -> None:
    movements = [emg_movement(100, 12.0), seen_movement(100, 12.0, peak_g=0.5)]
    (event,) = last_words(told(combiner(motion=(Leg.LEFT,)), movements), EventKind.RESTLESSNESS)
    signs = {step.rule for step in event.why if step.role is ONE_OF and step.held}
    assert len(signs) == CRITERIA.restlessness.min_signs
    assert explain(event, told=True).holds
    for step in event.why:
        to = flip_of(step).to
        if step.rule not in signs or to is None:
            continue
        night = combiner(motion=(Leg.LEFT,), criteria=changed("restlessness", **{step.rule: to}))
        assert not last_words(told(night, movements), EventKind.RESTLESSNESS)
        (rejected,) = night.rejected()
        assert [flip.step.rule for flip in explain(rejected, told=False).flips] == [step.rule]


def test_a_told_event_holds_whatever_did_not_hold_beside_what_decides() -> None:
    why = (Step("min_s", 2.0, 0.5, held=True), Step("train_share", 0.9, 0.5, held=False, role=StepRole.INFORMATION))
    event = Event(KIND, "shin", Leg.LEFT, 0, 1, {}, why=why)
    assert holds(why)
    explanation = explain(event, told=True)
    assert (explanation.holds, [flip.step.rule for flip in explanation.flips]) == (True, ["min_s"])


def test_a_fact_is_needed_and_has_no_threshold() -> None:
    why = (Step("electrode_off", 1.0, 0.0, held=False), Step("min_s", 0.4, 0.5, held=False))
    flips = explain(Event(KIND, "shin", Leg.LEFT, 0, 1, {}, why=why), told=False).flips
    assert flips[0] == Flip(why[0], None)
    assert flips[1].to == pytest.approx(0.4)


def test_two_that_would_do_leave_nothing_that_alone_turns_an_event_down() -> None:
    why = (Step("min_steps", 8, 6, held=True, role=ONE_OF), Step("standing_s", 70.0, 60.0, held=True, role=ONE_OF))
    assert not explain(Event(EventKind.BED_EXIT, "shin", Leg.LEFT, 0, 1, {}, why=why), told=True).flips


def test_a_cramp_says_where_its_tier_comes_from() -> None:
    (event,) = last_words(told(combiner(), [bout(100, 30)]), EventKind.CRAMP)
    tiers = {step.rule: step for step in event.why if step.role is StepRole.INFORMATION}
    assert set(tiers) >= {"possible_min_s", "probable_min_s", "possible_confidence", "probable_confidence"}
    assert tiers["probable_min_s"][1:3] == (30.0, CRITERIA.cramp.probable_min_s)
    assert tiers["possible_confidence"].value == event.measures["confidence"]
    assert len(tiers) == len([step for step in event.why if step.role is StepRole.INFORMATION])


def test_a_movement_and_its_series_say_what_the_rules_compared() -> None:
    night = told(combiner(), [emg_movement(100 + 20 * n, 2.0) for n in range(4)])
    (series,) = last_words(night, EventKind.PERIODIC_SERIES)
    assert [step.rule for step in series.why] == ["min_series", "imi_min_s", "imi_max_s"]
    assert series.why[0][1:] == (4, CRITERIA.wasm.min_series, True, StepRole.REQUIRED)
    last = last_words(night, KIND)[-1]
    assert [(step.rule, step.value, step.held) for step in last.why] == [
        ("clm_max_s", 2.0, True),
        ("imi_min_s", 20.0, True),
        ("imi_max_s", 20.0, True),
        ("in_series", 1.0, True),
    ]


@pytest.mark.parametrize("is_told", [True, False])
def test_what_nothing_was_compared_for_has_an_empty_trace(*, is_told: bool) -> None:
    gap = Event(EventKind.SIGNAL_GAP, "shin", Leg.LEFT, 0, 10**9, {})
    assert explain(gap, told=is_told).path == ()
    assert explain(gap, told=is_told).flips == ()
