"""Weak sustained activity and possible episodes: what goes with them and what follows decides what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from detectors.events import Event, EventKind
from detectors.explain import explain
from detectors.signal import NS_PER_S, Leg
from tests.night_events import bout, combiner, event, last_words, seen_movement, told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from detectors.night.combine import NightCombiner


def weak(onset_s: float, duration_s: float, leg: Leg = Leg.LEFT) -> Event:
    return event(EventKind.TONIC, onset_s, duration_s, leg, low=1.0, peak_uv=6.0, mean_uv=5.0, median_uv=5.0)


def heard(events: Sequence[Event], motion: Sequence[Leg] = (Leg.LEFT,)) -> tuple[list[Event], list[Event]]:
    """What is said of weak activity, and what is turned down."""
    night = combiner(motion=motion, emg=(Leg.LEFT,))
    said = told(night, events)
    return [e for e in said if e.kind is EventKind.TONIC], [e for e in night.rejected() if e.kind is EventKind.TONIC]


@pytest.mark.parametrize(("peak_g", "stands"), [(0.020, True), (0.021, False)])
def test_weak_activity_with_a_movement_above_20_mg_is_turned_down(peak_g: float, stands: bool) -> None:  # noqa: FBT001 - a case
    said, rejected = heard([weak(100, 40), seen_movement(110, 1, peak_g=peak_g)])
    assert (len(said), len(rejected)) == (int(stands), int(not stands))
    assert [step.rule for one in rejected for step in one.why] == ([] if stands else ["tonic_movement_g"])


def test_weak_activity_of_a_leg_that_stands_is_turned_down() -> None:
    said, (rejected,) = heard([weak(100, 40), event(EventKind.UPRIGHT, 90, 100)])
    assert (said, rejected.why[-1].rule, rejected.why[-1].held) == ([], "upright", False)


def test_a_cramp_like_contraction_that_is_shown_takes_the_place_of_weak_activity() -> None:
    said, (rejected,) = heard([weak(100, 40), bout(110, 25)])
    assert (said, rejected.why[-1].rule) == ([], "cramp")
    short, nothing = heard([weak(100, 40), bout(110, 6)])
    assert (len(short), nothing) == (1, [])


@pytest.mark.parametrize(("onset_s", "stands"), [(120.0, True), (119.9, False)])
def test_weak_activity_of_which_most_is_a_rhythmic_train_is_turned_down(onset_s: float, stands: bool) -> None:  # noqa: FBT001 - a case
    said, rejected = heard([weak(100, 40), event(EventKind.RHYTHMIC_TRAIN, onset_s, 40)])
    assert (len(said), [one.why[-1].rule for one in rejected]) == (int(stands), [] if stands else ["train_share"])


@pytest.mark.parametrize(("onset_s", "stands"), [(115.0, True), (114.9, False)])
def test_tension_that_ends_in_movement_counts_up_to_it_if_it_lasted_15_s(onset_s: float, stands: bool) -> None:  # noqa: FBT001 - a case
    said, rejected = heard([weak(100, 40), seen_movement(onset_s, 4)])
    assert (len(said), len(rejected)) == (int(stands), int(not stands))
    if stands:
        assert (said[0].end_ns, said[0].measures["duration_s"]) == (115 * NS_PER_S, 15.0)
        assert "peak_uv" not in said[0].measures


@pytest.mark.parametrize(("onset_s", "followed"), [(259.9, 1.0), (260.0, 0.0)])
@pytest.mark.parametrize("kind", [EventKind.BED_EXIT, EventKind.UPRIGHT, EventKind.SHIFT])
def test_weak_activity_is_followed_by_what_begins_less_than_120_s_after_it(
    kind: EventKind, onset_s: float, followed: float
) -> None:
    ((one,), _) = heard([weak(100, 40), event(kind, onset_s, 20)])
    assert one.measures["followed"] == followed


def test_a_leg_movement_alone_is_no_awakening() -> None:
    ((one,), _) = heard([weak(100, 40), seen_movement(200, 2)])
    assert one.measures["followed"] == 0.0


def test_without_a_motion_sensor_nothing_is_known_to_follow() -> None:
    ((one,), _) = heard([weak(100, 40)], motion=())
    assert "followed" not in one.measures


def test_a_noise_floor_that_lasts_is_said_at_once_and_whatever_else_there_is() -> None:
    noise = event(EventKind.TONIC, 100, 1000)
    night = combiner(motion=(Leg.LEFT,))
    assert night.feed([noise, seen_movement(200, 5)], 1101 * NS_PER_S)[0] == noise


def possible(onset_s: float, duration_s: float = 60.0, confidence: float = 0.25, bursts: float = 1.0) -> Event:
    terms = {"term_bursts": bursts, "term_held": 1.0, "term_tremor": 0.0}
    return event(EventKind.POSSIBLE_EPISODE, onset_s, duration_s, confidence=confidence, **terms)


def last(night: NightCombiner, events: Sequence[Event]) -> Event:
    (one,) = last_words(told(night, events), EventKind.POSSIBLE_EPISODE)
    return one


@pytest.mark.parametrize(("onset_s", "term"), [(279.9, 1.0), (280.0, 0.0)])
@pytest.mark.parametrize("kind", [EventKind.UPRIGHT, EventKind.BED_EXIT])
def test_getting_up_within_180_s_speaks_for_a_possible_episode(kind: EventKind, onset_s: float, term: float) -> None:
    one = last(combiner(motion=(Leg.LEFT,), emg=()), [possible(100), event(kind, onset_s, 100)])
    assert one.measures["term_upright"] == term
    assert one.measures["confidence"] == pytest.approx(0.25 + 0.10 * term)
    assert "with_cramp" not in one.measures


@pytest.mark.parametrize(("bursts", "upright_s", "n_told"), [(0, 150, 1), (0, 300, 0), (1, 300, 1)])
def test_two_of_bursts_held_tremor_and_upright_make_a_possible_episode(
    bursts: float, upright_s: float, n_told: int
) -> None:
    night = combiner(motion=(Leg.LEFT,), emg=())
    events = [possible(100, bursts=bursts), event(EventKind.UPRIGHT, upright_s, 100)]
    assert len(last_words(told(night, events), EventKind.POSSIBLE_EPISODE)) == n_told
    rejected = [one for one in night.rejected() if one.kind is EventKind.POSSIBLE_EPISODE]
    assert len(rejected) == 1 - n_told
    for one in rejected:
        assert [flip.step.rule for flip in explain(one, told=False).flips] == ["episode_upright_s"]


def test_acceleration_never_says_more_than_0_40() -> None:
    events = [possible(100, confidence=0.38), event(EventKind.UPRIGHT, 150, 60)]
    one = last(combiner(motion=(Leg.LEFT,), emg=()), events)
    assert one.measures["confidence"] == 0.40


@pytest.mark.parametrize(("duration_s", "with_cramp"), [(25, 1.0), (6, 0.0)])
def test_a_possible_episode_says_whether_emg_shows_a_cramp_like_contraction(
    duration_s: float, with_cramp: float
) -> None:
    one = last(combiner(motion=(Leg.LEFT,)), [possible(100), bout(98, duration_s)])
    assert one.measures["with_cramp"] == with_cramp
    assert one.kind is EventKind.POSSIBLE_EPISODE
