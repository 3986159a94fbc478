"""Weak sustained activity: every rule of science.md 3.5 at both edges, and the level of rest that does not creep."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.chain import Parts
from detectors.emg.cramp import CrampDetector
from detectors.emg.features import EmgFeatures
from detectors.emg.tonic import TonicDetector
from detectors.events import EventKind, EventQuality
from detectors.signal import Gap, GapCause
from detectors.track import Flag, TrackName
from tests.made_legs import CRITERIA, emg_stream, envelope_tracks, found, muscle, run, seconds

if TYPE_CHECKING:
    from detectors.events import Event

STREAM = emg_stream()
HOPS_PER_S = 100
REST_S = 92.0
PARTS = Parts(
    lambda stream: EmgFeatures(stream, CRITERIA),
    (lambda stream: TonicDetector(stream, CRITERIA), lambda stream: CrampDetector(stream, CRITERIA)),
)


def level(*pieces: tuple[float, float], rest_uv: float = 1.2) -> np.ndarray:
    """An envelope of (seconds, µV) after a minute and a half of rest, which a level needs, and before half a minute."""
    parts = [(REST_S, rest_uv), *pieces, (30.0, rest_uv)]
    return np.concatenate([np.full(round(length_s * HOPS_PER_S), value) for length_s, value in parts])


def told(envelope: np.ndarray, **tracks: Any) -> tuple[list[Event], list[Event]]:
    detector = TonicDetector(STREAM, CRITERIA)
    return found(detector, envelope_tracks(STREAM, envelope, **tracks)), detector.rejected()


def rises(envelope: np.ndarray, **tracks: Any) -> list[Event]:
    return told(envelope, **tracks)[0]


def creeping(ratio: float, creep_s: float, *, seed: int = 3, fs_hz: float = 250.0) -> np.ndarray:
    """Rest of about 1.2 µV in the band that rises to some times of it, stays for 25 s and goes."""
    n_samples = round(280 * fs_hz)
    t_s = np.arange(n_samples) / fs_hz
    total = np.interp(t_s, [180.0, 180 + creep_s, 205 + creep_s, 208 + creep_s], [1.0, ratio, ratio, 1.0])
    rest = np.random.default_rng(seed).normal(0.0, 1.5, n_samples)
    return (rest + 1.3 * np.sqrt(total**2 - 1) * muscle(n_samples, fs_hz, seed))[:, np.newaxis]


@pytest.mark.parametrize(("length_s", "n_events"), [(14.0, 0), (15.0, 1)])
def test_weak_activity_lasts_15_s(length_s: float, n_events: int) -> None:
    # The window of two seconds makes a rise one second longer.
    assert len(rises(level((length_s - 1, 4.0)))) == n_events


@pytest.mark.parametrize(
    ("rest_uv", "high_uv", "n_events"), [(1.2, 2.65, 0), (1.2, 2.75, 1), (4.0, 7.9, 0), (4.0, 8.1, 1)]
)
def test_it_lies_one_and_a_half_microvolt_and_one_level_above_rest(
    rest_uv: float, high_uv: float, n_events: int
) -> None:
    assert len(rises(level((30.0, high_uv), rest_uv=rest_uv))) == n_events


@pytest.mark.parametrize(("gap_s", "n_events"), [(4.0, 1), (6.0, 2)])
def test_gaps_of_three_seconds_are_bridged(gap_s: float, n_events: int) -> None:
    # The window fills a second of each gap.
    assert len(rises(level((20.0, 4.0), (gap_s, 1.2), (20.0, 4.0)))) == n_events


@pytest.mark.parametrize(("high_uv", "rule"), [(10.1, None), (10.3, "high_uv")])
def test_what_is_not_weak_is_for_the_cramp_detector(high_uv: float, rule: str | None) -> None:
    events, rejected = told(level((30.0, high_uv)))
    assert len(events) == (rule is None)
    assert [step.rule for event in rejected for step in event.why if not step.held] == ([] if rule is None else [rule])


@pytest.mark.parametrize(
    ("tracks", "rule"),
    [({"lf_hf": 1.0}, None), ({"lf_hf": 1.01}, "max_lf_hf"), ({"line": 0.3}, None), ({"line": 0.31}, "max_line_share")],
)
def test_power_below_the_band_and_mains_are_artefacts(tracks: dict[str, float], rule: str | None) -> None:
    events, rejected = told(level((30.0, 4.0)), **tracks)
    assert len(events) == (rule is None)
    assert [step.rule for event in rejected for step in event.why if not step.held] == ([] if rule is None else [rule])


def test_amplitudes_ratio_and_edges_are_measured_and_it_is_called_low() -> None:
    (event,) = rises(level((30.0, 4.8)))
    assert event.kind is EventKind.TONIC
    assert event.measures["low"] == 1.0
    assert event.measures["ratio"] == pytest.approx(4.0, rel=0.01)
    assert event.measures["resting_uv"] == pytest.approx(1.2, rel=0.01)
    assert (event.measures["peak_uv"], event.measures["median_uv"]) == (pytest.approx(4.8), pytest.approx(4.8))
    assert seconds(event) == pytest.approx((REST_S, REST_S + 30), abs=0.6)
    assert all(step.held for step in event.why)


@pytest.mark.parametrize("flag", [Flag.ELECTRODE_OFF, Flag.LINE, Flag.SATURATED, Flag.FLAT, Flag.DISABLED])
def test_seconds_that_say_nothing_about_the_muscle_are_left_out(flag: Flag) -> None:
    tracks = envelope_tracks(STREAM, level((30.0, 4.0)))
    for track in tracks:
        if track.name is TrackName.RESTING_UV and track.start >= REST_S * 500:
            track.quality[:] = flag.value
    assert not found(TonicDetector(STREAM, CRITERIA), tracks)


def test_nine_minutes_of_activity_leave_the_level_of_rest_where_it_is() -> None:
    (event,) = rises(level((530.0, 4.0)))
    assert event.duration_s == pytest.approx(530, abs=1.5)


@pytest.mark.slow
def test_what_never_ends_becomes_rest() -> None:
    (event,) = rises(level((1500.0, 4.0)))
    assert 500 < event.duration_s <= 900


@pytest.mark.slow
def test_an_event_is_not_held_back_for_longer_than_15_minutes() -> None:
    envelope = level(*[(20.0, 4.0), (4.0, 1.2)] * 45)
    events = rises(envelope)
    assert len(events) > 1
    assert max(event.duration_s for event in events) <= 900
    assert all(one.end_ns <= other.onset_ns for one, other in pairwise(events))


def test_a_gap_ends_it_and_lowers_its_quality_and_the_level_goes_on() -> None:
    envelope = level((30.0, 4.0))
    gap = Gap(STREAM, envelope_tracks(STREAM, envelope[:100])[0].clock, 110 * 500, 500, GapCause.AIR)
    tracks = envelope_tracks(STREAM, envelope)
    before = [track for track in tracks if track.stop <= 110 * 500]
    after = [track for track in tracks if track.start >= 111 * 500]
    (event,) = found(TonicDetector(STREAM, CRITERIA), [*before, gap, *after])
    assert (event.quality, seconds(event)[1]) == (EventQuality.LOW, pytest.approx(109.5))


@pytest.mark.parametrize(("ratio", "creep_s"), [(2.6, 20.0), (3.5, 60.0), (5.0, 40.0)])
def test_a_rise_that_creeps_in_over_tens_of_seconds_is_found(ratio: float, creep_s: float) -> None:
    events, tracks = run(PARTS, emg_stream(250.0), creeping(ratio, creep_s))
    weak = [event for event in events if event.measures.get("low")]
    assert len(weak) == 1
    assert 180 < seconds(weak[0])[0] < 180 + creep_s
    assert tracks[TrackName.RESTING_UV][-20] >= tracks[TrackName.RESTING_UV][170]


def test_a_rise_of_that_kind_is_often_no_cramp_like_contraction() -> None:
    events, _ = run(PARTS, emg_stream(250.0), creeping(3.5, 60.0))
    assert not [event for event in events if event.kind is EventKind.CRAMP and event.measures["tier"] > 0]


@pytest.mark.slow
def test_pure_noise_gives_nothing() -> None:
    for seed in range(4):
        noise = np.random.default_rng(seed).normal(0.0, 0.8 + seed, (600 * 100, 1))
        assert not run(PARTS, emg_stream(100.0), noise)[0]


def test_leg_movements_do_not_add_up_to_weak_activity() -> None:
    assert not rises(level(*[(2.0, 30.0), (10.0, 1.2)] * 10))
