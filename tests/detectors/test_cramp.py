"""Cramp-like contractions: every rule of science.md 3.5 at both edges, and what must not become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.emg.confidence import confidence, tier
from detectors.emg.cramp import CrampDetector
from detectors.events import EventKind, EventQuality
from detectors.proposed.cramp import CRAMP
from detectors.signal import Gap, GapCause
from detectors.track import Flag, TrackName
from tests.made_legs import CRITERIA, emg, emg_parts, emg_stream, envelope_tracks, found, muscle, run, seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from detectors.events import Event

STREAM = emg_stream()
REST_UV = 2.0
HOPS_PER_S = 100


def level(*pieces: tuple[float, float]) -> NDArray[np.float64]:
    """An envelope of (seconds, µV) between five seconds of rest, with the scatter of a real one."""
    parts = [(5.0, REST_UV), *pieces, (5.0, REST_UV)]
    envelope = np.concatenate([np.full(round(length_s * HOPS_PER_S), value) for length_s, value in parts])
    return envelope * np.random.default_rng(1).normal(1.0, 0.05, len(envelope))


def contractions(envelope: NDArray[np.float64], **tracks: Any) -> list[Event]:
    return found(CrampDetector(STREAM, CRITERIA), envelope_tracks(STREAM, envelope, **tracks))


def cramps(events: list[Event]) -> list[Event]:
    return [event for event in events if event.kind is EventKind.CRAMP]


@pytest.mark.parametrize(("amplitude_uv", "n_events"), [(7.7, 0), (8.4, 1)])
def test_a_contraction_rises_more_than_6_uv_above_a_low_resting_level(amplitude_uv: float, n_events: int) -> None:
    assert len(contractions(level((20.0, amplitude_uv)))) == n_events


@pytest.mark.parametrize(("amplitude_uv", "n_events"), [(14.4, 0), (15.6, 1)])
def test_over_a_higher_resting_level_it_rises_to_two_and_a_half_times_of_it(amplitude_uv: float, n_events: int) -> None:
    assert len(contractions(level((20.0, amplitude_uv)), resting_uv=6.0)) == n_events


@pytest.mark.parametrize(("duration_s", "n_events"), [(4.8, 0), (5.0, 1)])
def test_a_contraction_of_5_s_is_a_candidate_and_a_shorter_one_is_a_leg_movement(
    duration_s: float, n_events: int
) -> None:
    assert len(contractions(level((duration_s, 50.0)))) == n_events


@pytest.mark.parametrize(("pause_s", "n_events"), [(1.8, 1), (2.7, 2)])
def test_a_pause_shorter_than_2_s_is_bridged(pause_s: float, n_events: int) -> None:
    assert len(contractions(level((20.0, 20.0), (pause_s, REST_UV), (20.0, 20.0)))) == n_events


@pytest.mark.parametrize(("pause_s", "n_events"), [(0.5, 1), (1.2, 0)])
def test_a_contraction_is_active_for_85_percent_of_its_time(pause_s: float, n_events: int) -> None:
    events = contractions(level(*[(4.0, 10.0), (pause_s, REST_UV)] * 5, (4.0, 10.0)))
    assert len(events) == n_events


@pytest.mark.parametrize(("depth", "n_events"), [(0.5, 1), (0.8, 0)])
def test_a_slow_rhythm_is_not_a_cramp(depth: float, n_events: int) -> None:
    envelope = level((20.0, 30.0))
    swing = 1 + depth * np.sin(2 * np.pi * 1.5 * np.arange(len(envelope)) / HOPS_PER_S)
    assert len(contractions(envelope * np.where(envelope > 10, swing, 1.0))) == n_events


def test_a_clonus_of_6_hz_is_not_a_cramp() -> None:
    envelope = level((20.0, 30.0))
    beats = 1 + 0.4 * np.sin(2 * np.pi * 6.0 * np.arange(len(envelope)) / HOPS_PER_S)
    assert not cramps(contractions(envelope * np.where(envelope > 10, beats, 1.0)))


@pytest.mark.parametrize(("lf_hf", "n_events"), [(1.0, 1), (1.01, 0), (float("nan"), 1)])
def test_power_below_the_band_makes_an_artefact(lf_hf: float, n_events: int) -> None:
    assert len(contractions(level((20.0, 30.0)), lf_hf=lf_hf)) == n_events


@pytest.mark.parametrize(("line", "n_events"), [(0.3, 1), (0.31, 0)])
def test_mains_makes_an_open_electrode(line: float, n_events: int) -> None:
    assert len(contractions(level((20.0, 30.0)), line=line)) == n_events


@pytest.mark.slow
@pytest.mark.parametrize(("minutes", "kind"), [(14.9, EventKind.CRAMP), (15.1, EventKind.TONIC)])
def test_what_lasts_15_minutes_is_tonic(minutes: float, kind: EventKind) -> None:
    (event,) = contractions(level((60 * minutes, 30.0)))
    assert event.kind is kind
    assert ("confidence" in event.measures) == (kind is EventKind.CRAMP)


def test_what_ends_because_the_noise_floor_changed_is_tonic() -> None:
    tracks = envelope_tracks(STREAM, level((60.0, 30.0)))
    for at, track in enumerate(tracks):
        if track.name is TrackName.RESTING_UV and track.start == 60 * 500:
            tracks[at].quality[:] = Flag.NOISE_STEP.value
    (event,) = found(CrampDetector(STREAM, CRITERIA), tracks)
    assert event.kind is EventKind.TONIC


def test_a_cramp_that_ends_on_the_last_sample_is_still_one() -> None:
    events, _ = run(emg_parts(), STREAM, emg(100.0, [(70.0, 30.0, 30.0)]))
    (event,) = cramps(events)
    assert seconds(event) == pytest.approx((70.0, 100.0), abs=0.1)


def test_a_gap_ends_a_cramp_and_lowers_its_quality() -> None:
    tracks = envelope_tracks(STREAM, level((20.0, 30.0))[:2500])
    gap = Gap(STREAM, tracks[0].clock, 12500, 50, GapCause.AIR)
    (event,) = found(CrampDetector(STREAM, CRITERIA), [*tracks, gap])
    assert (event.quality, seconds(event)[1]) == (EventQuality.LOW, 25.0)


def test_a_cramp_of_five_minutes_is_one_event_with_known_edges() -> None:
    events, tracks = run(emg_parts(), STREAM, emg(460.0, [(100.0, 300.0, 80.0)]))
    (event,) = cramps(events)
    assert seconds(event) == pytest.approx((100.0, 400.0), abs=0.15)
    resting_uv = tracks[TrackName.RESTING_UV]
    assert resting_uv[399] == pytest.approx(resting_uv[99], rel=0.1)


@pytest.mark.parametrize("gain", [0.6, 1.8])
def test_an_amplifier_that_is_off_by_a_factor_finds_the_same_cramp(gain: float) -> None:
    events, _ = run(emg_parts(), STREAM, gain * emg(150.0, [(80.0, 40.0, 30.0)]))
    (event,) = cramps(events)
    assert seconds(event) == pytest.approx((80.0, 120.0), abs=0.1)
    assert event.measures["tier"] == 2


def test_a_rise_over_20_s_to_four_times_rest_is_found() -> None:
    n_samples = 200 * 500
    rest = np.random.default_rng(3).normal(0, 6.0, n_samples)
    t_s = np.arange(n_samples) / 500
    creeping = np.interp(t_s, [80.0, 100.0, 150.0, 151.0], [0.0, 15.0, 15.0, 0.0])
    events, _ = run(emg_parts(), STREAM, (rest + creeping * muscle(n_samples, 500.0))[:, np.newaxis])
    (event,) = cramps(events)
    assert 80.0 < seconds(event)[0] < 100.0
    assert seconds(event)[1] == pytest.approx(151.0, abs=1.5)


def test_gait_is_not_a_cramp() -> None:
    n_samples = 120 * 500
    t_s = np.arange(n_samples) / 500
    steps = np.where((t_s >= 70) & (t_s < 100) & ((t_s % 1.1) < 0.55), 60.0, 0.0)
    data = np.random.default_rng(3).normal(0, 1.5, n_samples) + steps * muscle(n_samples, 500.0)
    events, _ = run(emg_parts(), STREAM, data[:, np.newaxis])
    assert not cramps(events)


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_an_electrode_that_comes_off_is_not_a_cramp(mains_hz: float) -> None:
    data = emg(200.0, [])
    t_s = np.arange(len(data)) / 500
    data[:, 0] += np.where((t_s > 80) & (t_s < 150), 40.0, 0.0) * np.sin(2 * np.pi * mains_hz * t_s)
    events, _ = run(emg_parts(), STREAM, data)
    assert not cramps(events)


def test_a_movement_artefact_is_neither_cramp_nor_movement() -> None:
    data = emg(150.0, [])
    t_s = np.arange(len(data)) / 500
    shaking = np.random.default_rng(9).normal(0, 1.0, len(data)).cumsum()
    data[:, 0] += np.where((t_s > 80) & (t_s < 100), 60.0, 0.0) * (shaking - shaking.mean())
    events, _ = run(emg_parts(), STREAM, data)
    assert not events


def test_measures_carry_the_confidence_and_each_of_its_terms() -> None:
    (event,) = contractions(level((30.0, 30.0)))
    terms = {name.removeprefix("term_"): value for name, value in event.measures.items() if name.startswith("term_")}
    assert terms.keys() == {"duration", "amplitude", "stationarity", "profile", "cleanliness"}
    assert event.measures["confidence"] == confidence(terms, CRAMP)
    assert event.measures["ratio"] == pytest.approx(event.measures["p95_uv"] / REST_UV)
    assert all(step.held for step in event.why)


def test_clipping_leaves_no_cleanliness() -> None:
    (event,) = contractions(level((30.0, 30.0)), flags=Flag.SATURATED.value)
    assert event.measures["term_cleanliness"] == 0.0


@pytest.mark.parametrize(("duration_s", "term"), [(5.0, 0.0), (12.5, 0.5), (20.0, 1.0), (60.0, 1.0)])
def test_the_duration_term_rises_from_5_to_20_s(duration_s: float, term: float) -> None:
    (event,) = contractions(level((duration_s, 30.0)))
    assert event.measures["term_duration"] == pytest.approx(term, abs=0.02)


def test_weights_are_shared_among_the_terms_that_are_known() -> None:
    assert confidence({"duration": 1.0, "rest_before": 0.0}, CRAMP) == pytest.approx(0.2 / 0.3)
    assert confidence({}, CRAMP) == 0.0


def test_emg_alone_is_never_surer_than_0_8_and_context_lifts_the_cap() -> None:
    terms = {"duration": 1.0, "amplitude": 1.0, "stationarity": 1.0, "cleanliness": 1.0}
    assert confidence(terms, CRAMP) == 0.8
    assert confidence({**terms, "consequence": 1.0}, CRAMP) == 1.0


def test_a_term_without_a_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="'pain' has no weight"):
        confidence({"pain": 1.0}, CRAMP)


@pytest.mark.parametrize(
    ("sure", "duration_s", "shown"),
    [(0.75, 15.0, 2), (0.75, 14.9, 1), (0.74, 60.0, 1), (0.50, 10.1, 1), (0.50, 10.0, 0), (0.49, 60.0, 0)],
)
def test_tiers_are_probable_from_0_75_and_15_s_and_possible_from_0_50_and_over_10_s(
    sure: float, duration_s: float, shown: int
) -> None:
    assert tier(sure, duration_s, CRAMP) == shown


@pytest.mark.parametrize(("pause_s", "length_s"), [(0.0, 40.0), (0.9, 25.0)])
def test_patchy_activity_around_a_contraction_is_cut_off_where_it_pauses(pause_s: float, length_s: float) -> None:
    patches = [(pause_s, REST_UV), (0.5, 20.0)] * round(15 / (pause_s + 0.5))
    (event,) = contractions(level((25.0, 30.0), *patches))
    assert event.measures["duration_s"] == pytest.approx(length_s, abs=0.5)


def test_a_leg_that_struggles_for_some_seconds_does_not_turn_a_contraction_down() -> None:
    envelope = level((60.0, 20.0))
    envelope[3000:3800] *= 1 + 5 * (np.arange(800) % 80 < 40)
    tracks = envelope_tracks(STREAM, envelope)
    for track in tracks:
        if track.name is TrackName.LF_HF_RATIO and 30 <= track.start / 500 < 38:
            track.values[:] = 20.0
    (event,) = found(CrampDetector(STREAM, CRITERIA), tracks)
    assert (event.kind, event.measures["lf_hf"]) == (EventKind.CRAMP, 0.1)


def test_what_is_turned_down_says_which_rule_it_was() -> None:
    detector = CrampDetector(STREAM, CRITERIA)
    assert not found(detector, envelope_tracks(STREAM, level((20.0, 30.0)), lf_hf=1.5, line=0.4))
    (candidate,) = detector.rejected()
    assert {step.rule for step in candidate.why if not step.held} == {"max_lf_hf", "max_line_share"}
    assert detector.rejected() == []
