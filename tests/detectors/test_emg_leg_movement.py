"""Leg movements in EMG: every rule of science.md 1.6 at both edges."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.emg.leg_movement import EmgLegMovementDetector, emg_delay_s
from detectors.events import EventKind, EventQuality
from detectors.signal import Gap, GapCause
from detectors.track import Flag, TrackName
from tests.made_legs import (
    CRITERIA,
    changed,
    emg,
    emg_parts,
    emg_stream,
    envelope_tracks,
    found,
    run,
    seconds,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.criteria import Criteria
    from detectors.events import Event

STREAM = emg_stream()
REST_UV = 2.0
HOPS_PER_S = 100


def level(*pieces: tuple[float, float]) -> NDArray[np.float64]:
    """An envelope of (seconds, µV) after five seconds of rest and before five more."""
    parts = [(5.0, REST_UV), *pieces, (5.0, REST_UV)]
    return np.concatenate([np.full(round(length_s * HOPS_PER_S), value) for length_s, value in parts])


def movements(envelope: NDArray[np.float64], criteria: Criteria = CRITERIA, **tracks: Any) -> list[Event]:
    return found(EmgLegMovementDetector(STREAM, criteria), envelope_tracks(STREAM, envelope, **tracks))


def kinds(events: list[Event]) -> list[EventKind]:
    return [event.kind for event in events]


@pytest.mark.parametrize(("rise_uv", "n_events"), [(8.0, 0), (8.01, 1)])
def test_a_movement_rises_more_than_8_uv_above_rest(rise_uv: float, n_events: int) -> None:
    assert len(movements(level((1.0, REST_UV + rise_uv)))) == n_events


@pytest.mark.parametrize(("peak_uv", "n_events"), [(20.0, 0), (20.1, 1)])
def test_over_a_high_resting_level_a_movement_doubles_it(peak_uv: float, n_events: int) -> None:
    envelope = np.concatenate([np.full(500, 10.0), np.full(100, peak_uv), np.full(500, 10.0)])
    assert len(movements(envelope, resting_uv=10.0)) == n_events


def test_without_the_relative_term_the_published_8_uv_stands_alone() -> None:
    literal = changed("leg_movement", onset_ratio=0.0, offset_ratio=0.0)
    envelope = np.concatenate([np.full(500, 10.0), np.full(100, 18.1), np.full(500, 10.0)])
    assert len(movements(envelope, literal, resting_uv=10.0)) == 1


@pytest.mark.parametrize(("pause_s", "n_events"), [(0.49, 1), (0.50, 2)])
def test_a_movement_ends_with_half_a_second_at_rest(pause_s: float, n_events: int) -> None:
    assert len(movements(level((1.0, 30.0), (pause_s, REST_UV), (1.0, 30.0)))) == n_events


@pytest.mark.parametrize(("between_uv", "n_events"), [(REST_UV + 2.0, 2), (REST_UV + 2.01, 1)])
def test_only_what_exceeds_2_uv_above_rest_prolongs_a_movement(between_uv: float, n_events: int) -> None:
    assert len(movements(level((1.0, 30.0), (0.7, between_uv), (1.0, 30.0)))) == n_events


@pytest.mark.parametrize(("duration_s", "n_events"), [(0.49, 0), (0.50, 1)])
def test_a_movement_of_half_a_second_is_one_and_a_shorter_one_is_not(duration_s: float, n_events: int) -> None:
    assert len(movements(level((duration_s, 30.0)))) == n_events


def test_there_is_no_longest_movement() -> None:
    (event,) = movements(level((600.0, 30.0)))
    assert event.duration_s == pytest.approx(600.0, abs=0.02)


@pytest.mark.parametrize(("resting_uv", "n_events"), [(15.0, 1), (15.1, 0)])
def test_amplitude_rules_are_off_above_15_uv_of_rest(resting_uv: float, n_events: int) -> None:
    envelope = np.concatenate([np.full(500, resting_uv), np.full(100, 90.0), np.full(500, resting_uv)])
    assert len(movements(envelope, resting_uv=resting_uv)) == n_events


@pytest.mark.parametrize(("lf_hf", "n_events"), [(2.0, 1), (2.01, 0), (float("nan"), 1)])
def test_power_below_the_band_makes_an_artefact(lf_hf: float, n_events: int) -> None:
    assert len(movements(level((1.0, 30.0)), lf_hf=lf_hf)) == n_events


@pytest.mark.parametrize(("rise", "n_events"), [(0.059, 0), (0.061, 1), (2.0, 1)])
def test_over_an_artefact_a_movement_counts_if_the_upper_half_of_the_band_rises(rise: float, n_events: int) -> None:
    tracks = envelope_tracks(STREAM, level((1.0, 30.0)), lf_hf=9.0)
    slow = [track for track in tracks if track.name is TrackName.LF_HF_RATIO]
    ratios = [replace(track, name=TrackName.RISE_RATIO, values=np.array([rise])) for track in slow]
    events = found(EmgLegMovementDetector(STREAM, CRITERIA), sorted([*ratios, *tracks], key=lambda track: track.start))
    assert len(events) == n_events
    assert all(event.why[-1].rule == "min_rise_ratio" for event in events)


@pytest.mark.parametrize("flag", [Flag.SATURATED, Flag.ELECTRODE_OFF, Flag.LINE, Flag.UNSETTLED])
def test_a_movement_in_a_signal_that_is_none_is_dropped(flag: Flag) -> None:
    assert not movements(level((1.0, 30.0)), flags=flag.value)


@pytest.mark.parametrize("flag", [Flag.POP, Flag.ECG, Flag.LINE_HIGH, Flag.POOR_CONTACT, Flag.MOTION, Flag.NOISE_STEP])
def test_a_movement_in_a_signal_that_was_cleaned_is_one(flag: Flag) -> None:
    assert len(movements(level((1.0, 30.0)), flags=flag.value)) == 1


@pytest.mark.parametrize(
    ("envelope", "tracks", "rules"),
    [
        (level((0.4, 30.0)), {}, ["min_s"]),
        (level((0.05, 30.0), (0.4, REST_UV), (0.05, 30.0), (0.4, REST_UV), (0.05, 30.0)), {}, ["morphology"]),
        (level((1.0, 30.0)), {"lf_hf": 3.0}, ["max_lf_hf"]),
        (level((1.0, 30.0)), {"flags": Flag.SATURATED.value}, ["saturated"]),
        (level((0.3, 30.0)), {"lf_hf": 3.0}, ["min_s", "max_lf_hf"]),
    ],
)
def test_a_candidate_that_fails_comes_out_once_with_the_rules_that_it_fails(
    envelope: NDArray[np.float64], tracks: dict[str, Any], rules: list[str]
) -> None:
    detector = EmgLegMovementDetector(STREAM, CRITERIA)
    assert not found(detector, envelope_tracks(STREAM, envelope, **tracks))
    (rejected,) = detector.rejected()
    assert rejected.kind is EventKind.LEG_MOVEMENT
    assert [step.rule for step in rejected.why if not step.held] == rules
    assert rejected.measures["peak_uv"] == 30.0
    assert not detector.rejected()


def test_spikes_with_nothing_between_them_are_not_a_movement() -> None:
    spikes = [(0.05, 30.0), (0.4, REST_UV)] * 3
    assert not movements(level(*spikes))
    assert len(movements(level(*[(0.3, 30.0), (0.4, REST_UV)] * 3))) == 1


def test_onset_and_end_are_moved_back_by_half_the_window_and_the_delay_of_the_filter() -> None:
    (event,) = movements(level((1.0, 30.0)))
    delay_s = emg_delay_s(500.0, 0.15, CRITERIA.leg_movement)
    assert 0.078 < delay_s < 0.085
    lead_s = CRITERIA.leg_movement.onset_lead_s
    assert seconds(event) == pytest.approx((5.01 - delay_s - lead_s, 6.01 - delay_s), abs=0.002)


@pytest.mark.parametrize("fs_hz", [200.0, 500.0, 1111.7])
def test_onsets_and_ends_of_made_bursts_lie_within_a_tenth_of_a_second(fs_hz: float) -> None:
    bursts = [(70.0 + 5 * number, 1.0 + 0.2 * number, 30.0) for number in range(10)]
    events, _ = run(emg_parts(), emg_stream(fs_hz), emg(130.0, bursts, fs_hz=fs_hz))
    events = [event for event in events if event.kind is EventKind.LEG_MOVEMENT]
    assert len(events) == len(bursts)
    for event, (onset_s, duration_s, _) in zip(events, bursts, strict=True):
        assert seconds(event) == pytest.approx((onset_s, onset_s + duration_s), abs=0.1)


def test_a_burst_that_ends_on_the_last_sample_is_still_a_movement() -> None:
    events, _ = run(emg_parts(), STREAM, emg(70.0, [(69.0, 1.0, 30.0)]))
    assert kinds(events) == [EventKind.LEG_MOVEMENT]
    assert events[0].end_ns == 70 * 10**9


def test_a_gap_ends_a_movement_and_lowers_its_quality() -> None:
    tracks = envelope_tracks(STREAM, np.concatenate([np.full(500, REST_UV), np.full(100, 30.0)]))
    gap = Gap(STREAM, tracks[0].clock, 3000, 50, GapCause.AIR)
    detector = EmgLegMovementDetector(STREAM, CRITERIA)
    (event,) = [event for item in (*tracks, gap) for event in detector.feed(item)]
    assert (event.quality, seconds(event)[1]) == (EventQuality.LOW, 6.0)


def test_the_literal_2_uv_on_a_raw_trace_prolongs_a_movement_and_the_smooth_envelope_does_not() -> None:
    data = emg(100.0, [(65.0, 2.0, 60.0)], noise_uv=8.0)
    literal = changed("leg_movement", onset_ratio=0.0, offset_ratio=0.0, envelope_s=0.01)
    events, _ = run(emg_parts(literal), STREAM, data)
    longest_s = max(event.duration_s for event in events if event.kind is EventKind.LEG_MOVEMENT)
    assert longest_s > 5.0
    events, _ = run(emg_parts(), STREAM, data)
    (event,) = [event for event in events if event.kind is EventKind.LEG_MOVEMENT]
    assert event.duration_s == pytest.approx(2.0, abs=0.3)


@pytest.mark.parametrize("gain", [0.6, 1.0, 1.8])
def test_an_amplifier_that_is_off_by_a_factor_finds_the_same_clear_movements(gain: float) -> None:
    bursts = [(70.0 + 10 * number, 2.0, 30.0) for number in range(5)]
    events, _ = run(emg_parts(), STREAM, gain * emg(130.0, bursts))
    assert [round(seconds(event)[0]) for event in events] == [70, 80, 90, 100, 110]


def test_measures_say_what_the_movement_was() -> None:
    (event,) = movements(level((2.0, 30.0)))
    assert event.measures == {
        "duration_s": pytest.approx(2.0 + CRITERIA.leg_movement.onset_lead_s, abs=0.003),
        "peak_uv": 30.0,
        "mean_uv": 30.0,
        "area_uv_s": pytest.approx(60.0),
        "resting_uv": REST_UV,
        "band_low_hz": 20.0,
        "band_high_hz": 100.0,
    }


def test_an_event_says_what_was_compared() -> None:
    (event,) = movements(level((2.0, 30.0)))
    assert [(step.rule, step.threshold, step.held) for step in event.why] == [
        ("onset_uv", 10.0, True),
        ("offset_uv", 4.0, True),
        ("min_s", 0.5, True),
        ("morphology", 4.0, True),
        ("max_lf_hf", 2.0, True),
    ]


def test_the_settled_index_waits_at_the_onset_of_an_open_movement() -> None:
    detector = EmgLegMovementDetector(STREAM, CRITERIA)
    for track in envelope_tracks(STREAM, np.concatenate([np.full(500, REST_UV), np.full(300, 30.0)])):
        detector.feed(track)
    assert detector.settled == pytest.approx(5.0 * 500, abs=50)
