"""Possible episodes in acceleration (science.md 3.7), every rule at both edges."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detectors.events import EventKind, EventQuality, holds
from detectors.motion.brief_criteria import MAX_CONFIDENCE
from detectors.motion.possible_episode import PossibleEpisodeDetector
from detectors.recording import steady_clock
from detectors.signal import SampleBlock
from detectors.track import Track, TrackName
from tests.made_legs import CRITERIA, changed, found, motion_stream, run_items, seconds, turned
from tests.made_motion import events_of, motion_tracks, parts_of, trembling

if TYPE_CHECKING:
    from detectors.events import Event

STREAM = motion_stream()
HOPS_PER_S = 50
REST_G = 0.004
TERMS = ("term_bursts", "term_held", "term_tremor")
N_TERMS = CRITERIA.possible_episode.min_terms
ONSET_S = 200
LENGTH_S = 420
CRAMP = ((230, 25.0, 0.5, 0.0), *((240 + 3 * n, 10.0, 0.4, 0.5) for n in range(8)), (280, -25.0, 1.0, 0.0))


class Pattern:
    """Tracks of a leg that lies still, to be changed second by second."""

    def __init__(self, length_s: int = LENGTH_S) -> None:
        self.movement_g = np.full(length_s * HOPS_PER_S, REST_G)
        self.angle_deg = np.zeros(length_s)
        self.tremor_g = np.full(length_s, 0.002)

    def move(self, at_s: float, peak_g: float = 0.2, length_s: float = 0.4) -> Pattern:
        self.movement_g[round(at_s * HOPS_PER_S) : round((at_s + length_s) * HOPS_PER_S)] = peak_g
        return self

    def hold(self, at_s: int, length_s: int, degrees: float = 30.0) -> Pattern:
        self.angle_deg[at_s : at_s + length_s] = degrees
        return self

    def tremble(self, at_s: int, length_s: int, size_g: float = 0.01) -> Pattern:
        self.tremor_g[at_s : at_s + length_s] = size_g
        return self

    def tracks(self) -> list[Track]:
        angle = np.radians(self.angle_deg)
        slow = {
            TrackName.GRAVITY_X_G: np.sin(angle),
            TrackName.GRAVITY_Z_G: np.cos(angle),
            TrackName.TREMOR_G: self.tremor_g,
        }
        return motion_tracks(self.movement_g, None, slow)

    def judged(self) -> tuple[list[Event], set[str]]:
        """Return what has two terms of its own, and the rules that turned down what began at 200 s."""
        detector = PossibleEpisodeDetector(STREAM, CRITERIA)
        events = found(detector, self.tracks())
        assert all(event.kind is EventKind.POSSIBLE_EPISODE for event in events)
        turned_down = [event for event in detector.rejected() if round(seconds(event)[0]) == ONSET_S]
        events = [event for event in events if sum(event.measures[term] for term in TERMS) >= N_TERMS]
        return events, {step.rule for event in turned_down for step in event.why if not step.held}


def awake(n_bursts: int = 5) -> Pattern:
    """A leg that moves abruptly, is held elsewhere and moves some more."""
    pattern = Pattern().move(ONSET_S).hold(ONSET_S, 20)
    for number in range(1, n_bursts):
        pattern.move(ONSET_S + 3 * number)
    return pattern


def test_a_leg_that_wakes_out_of_quiet_is_a_possible_episode() -> None:
    (event,), _ = awake().judged()
    assert seconds(event) == pytest.approx((200.0, 212.4), abs=0.1)
    assert event.measures["confidence"] == pytest.approx(0.25)
    assert (event.measures["term_bursts"], event.measures["term_held"], event.measures["term_tremor"]) == (1, 1, 0)
    assert holds(event.why)


@pytest.mark.parametrize(("before_s", "n_events"), [(179, 0), (180, 1)])
def test_the_leg_has_been_quiet_for_3_minutes(before_s: int, n_events: int) -> None:
    pattern = awake().move(ONSET_S - before_s - 1, 0.030)
    assert len(pattern.judged()[0]) == n_events


@pytest.mark.parametrize(("peak_g", "n_events"), [(REST_G + 0.0200, 1), (REST_G + 0.0201, 0)])
def test_what_rises_by_20_mg_is_not_quiet(peak_g: float, n_events: int) -> None:
    assert len(awake().move(ONSET_S - 100, peak_g).judged()[0]) == n_events


@pytest.mark.parametrize(("peak_g", "rules"), [(0.099, {"abrupt_g", "abrupt_deg"}), (0.100, set())])
def test_the_onset_reaches_100_mg(peak_g: float, rules: set[str]) -> None:
    pattern = Pattern().move(ONSET_S, peak_g)
    for number in range(5):
        pattern.move(ONSET_S + 6 + 3 * number)
    pattern.hold(ONSET_S + 10, 12)
    assert pattern.judged()[1] == rules


@pytest.mark.parametrize(("degrees", "n_events"), [(14.0, 0), (16.0, 1)])
def test_or_the_leg_turns_by_15_degrees(degrees: float, n_events: int) -> None:
    pattern = Pattern().move(ONSET_S, 0.06).hold(ONSET_S, 5, degrees).hold(ONSET_S + 5, 12)
    for number in range(5):
        pattern.move(ONSET_S + 6 + 3 * number)
    assert len(pattern.judged()[0]) == n_events


@pytest.mark.parametrize(("turns_at_s", "n_events"), [(204, 1), (205, 0)])
def test_that_happens_within_5_s(turns_at_s: int, n_events: int) -> None:
    pattern = Pattern().move(ONSET_S, 0.06).hold(turns_at_s, 15)
    for number in range(5):
        pattern.move(ONSET_S + 6 + 3 * number)
    assert len(pattern.judged()[0]) == n_events


@pytest.mark.parametrize(("n_bursts", "n_events"), [(4, 0), (5, 1)])
def test_five_bursts_are_a_term(n_bursts: int, n_events: int) -> None:
    assert len(awake(n_bursts).judged()[0]) == n_events


@pytest.mark.parametrize(("peak_g", "n_events"), [(0.050, 0), (0.051, 1)])
def test_a_burst_exceeds_50_mg(peak_g: float, n_events: int) -> None:
    pattern = awake(4).move(ONSET_S + 15, peak_g)
    assert len(pattern.judged()[0]) == n_events


@pytest.mark.parametrize(("pause_s", "n_events"), [(0.48, 0), (0.50, 1)])
def test_half_a_second_of_rest_parts_two_bursts(pause_s: float, n_events: int) -> None:
    pattern = awake(4).move(ONSET_S + 9.4 + pause_s)
    assert len(pattern.judged()[0]) == n_events


@pytest.mark.parametrize(("held_s", "n_events"), [(9, 0), (10, 1)])
def test_a_leg_held_elsewhere_for_10_s_is_a_term(held_s: int, n_events: int) -> None:
    pattern = awake().hold(ONSET_S, 20, 0.0).hold(ONSET_S, held_s)
    assert len(pattern.judged()[0]) == n_events


def test_a_leg_that_goes_on_turning_is_not_held() -> None:
    pattern = awake()
    pattern.angle_deg[ONSET_S : ONSET_S + 20] = 20.0 + 16.0 * (np.arange(20) // 5)
    assert not pattern.judged()[0]


@pytest.mark.parametrize(("tremor_s", "n_events"), [(4, 0), (5, 1)])
def test_a_tremor_of_5_s_is_a_term(tremor_s: int, n_events: int) -> None:
    pattern = Pattern().move(ONSET_S).hold(ONSET_S, 20).tremble(ONSET_S + 3, tremor_s)
    assert len(pattern.judged()[0]) == n_events


@pytest.mark.parametrize(("size_g", "n_events"), [(0.0060, 0), (0.0061, 1)])
def test_a_tremor_is_three_times_its_quiet_level(size_g: float, n_events: int) -> None:
    pattern = Pattern().move(ONSET_S).hold(ONSET_S, 20).tremble(ONSET_S + 3, 6, size_g)
    assert len(pattern.judged()[0]) == n_events


@pytest.mark.parametrize(("movement_g", "n_events"), [(0.049, 1), (0.050, 0)])
def test_a_tremor_has_little_movement(movement_g: float, n_events: int) -> None:
    pattern = Pattern().move(ONSET_S).hold(ONSET_S, 20).tremble(ONSET_S + 3, 6).move(ONSET_S + 3, movement_g, 6)
    assert len(pattern.judged()[0]) == n_events


@pytest.mark.parametrize(("last_s", "n_events"), [(119, 1), (120, 0)])
def test_the_terms_are_seen_within_2_minutes(last_s: int, n_events: int) -> None:
    pattern = awake(4).move(ONSET_S + 60, 0.04).move(ONSET_S + last_s)
    assert len(pattern.judged()[0]) == n_events


@pytest.mark.parametrize(("last_s", "n_events"), [(839, 1), (840, 0)])
def test_the_leg_is_quiet_again_within_15_minutes(last_s: int, n_events: int) -> None:
    pattern = Pattern(1200).move(ONSET_S).hold(ONSET_S, 20)
    for at_s in (*range(3, last_s, 30), last_s):
        pattern.move(ONSET_S + at_s)
    events, _ = pattern.judged()
    assert len(events) == n_events
    assert all(event.measures["until_quiet_s"] == pytest.approx(last_s, abs=1.0) for event in events)


def test_a_recording_that_ends_before_the_leg_is_quiet_again_has_none() -> None:
    pattern = awake()
    pattern.movement_g = pattern.movement_g[: (ONSET_S + 40) * HOPS_PER_S]
    events, rules = pattern.judged()
    assert not events
    assert "end_quiet_s" in rules


def test_one_term_waits_for_whether_somebody_gets_up() -> None:
    detector = PossibleEpisodeDetector(STREAM, CRITERIA)
    (event,) = found(detector, Pattern().move(ONSET_S).hold(ONSET_S, 20).tracks())
    assert [event.measures[term] for term in TERMS] == [0, 1, 0]
    assert [step.rule for step in event.why if not step.held] == ["min_bursts", "tremor_s"]
    assert not detector.rejected()


def test_no_term_is_turned_down_and_told_with_its_measures() -> None:
    detector = PossibleEpisodeDetector(STREAM, CRITERIA)
    assert not found(detector, Pattern().move(ONSET_S).tracks())
    (event,) = detector.rejected()
    assert [event.measures[term] for term in TERMS] == [0, 0, 0]
    assert not holds(event.why)
    assert not detector.rejected()


def test_the_confidence_never_exceeds_0_40() -> None:
    (event,), _ = awake().tremble(ONSET_S + 13, 6).judged()
    assert event.measures["confidence"] == pytest.approx(0.30)
    most = event.measures["confidence"] + CRITERIA.possible_episode.weight_upright
    assert most == pytest.approx(MAX_CONFIDENCE) == pytest.approx(0.40)
    with pytest.raises(ValueError, match=r"the confidence can reach 0.41, expected at most 0.4 without EMG"):
        changed("possible_episode", weight_held=0.11)


def test_only_an_open_pattern_is_waited_for() -> None:
    detector = PossibleEpisodeDetector(STREAM, CRITERIA)
    lag_s = {}
    for track in awake().tracks():
        detector.feed(track)
        lag_s[track.stop // STREAM.fs_hz] = (track.stop - detector.settled) / STREAM.fs_hz
    assert max(lag for at_s, lag in lag_s.items() if at_s <= ONSET_S) < 0.1
    assert lag_s[ONSET_S + 70] == pytest.approx(70.0, abs=0.1)
    assert max(lag for at_s, lag in lag_s.items() if at_s > ONSET_S + 75) < 0.1


def test_a_made_cramp_is_found_and_a_movement_is_not() -> None:
    (event,) = events_of(PossibleEpisodeDetector, turned(LENGTH_S, CRAMP))
    assert seconds(event)[0] == pytest.approx(230.0, abs=0.1)
    assert not events_of(PossibleEpisodeDetector, turned(LENGTH_S, [(230, 10.0, 0.4, 0.5)]))


def test_a_made_tremor_in_a_leg_held_elsewhere_is_found() -> None:
    data = trembling(turned(LENGTH_S, [(230, 25.0, 0.5, 0.0)]), 240.0, 8.0, 0.020)
    (event,) = events_of(PossibleEpisodeDetector, data)
    assert event.measures["tremor_s"] == pytest.approx(8.0, abs=1.0)


@pytest.mark.parametrize("lost_s", [0.3, 8.0])
def test_an_episode_with_lost_packets_ends_where_the_first_is_lost(lost_s: float) -> None:
    (event,) = _with_a_hole(lost_s)
    assert seconds(event)[1] == pytest.approx(250.0, abs=0.03)
    assert event.quality is EventQuality.LOW
    assert event.measures["until_quiet_s"] > 40.0


def test_a_longer_loss_leaves_nothing_to_say() -> None:
    assert not _with_a_hole(11.0)


def _with_a_hole(lost_s: float) -> list[Event]:
    data, clock = turned(LENGTH_S, CRAMP), steady_clock(0, STREAM.fs_hz)
    stop = 250 * 50 + round(lost_s * 50)
    blocks = [SampleBlock(STREAM, clock, 0, data[: 250 * 50]), SampleBlock(STREAM, clock, stop, data[stop:])]
    return run_items(parts_of(PossibleEpisodeDetector), STREAM, blocks)[0]


def test_limits_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match=r"burst_g is 0.2, expected less than abrupt_g"):
        replace(CRITERIA.possible_episode, burst_g=0.2)
    with pytest.raises(ValueError, match=r"end_quiet_s is 900.0, expected less than max_s"):
        replace(CRITERIA.possible_episode, end_quiet_s=900.0)
