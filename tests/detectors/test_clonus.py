"""Clonus: a contraction with a rhythm of 5 to 8 Hz (science.md 3.4), every rule at both edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from detectors.emg.contraction import Rhythm
from detectors.emg.cramp import CrampDetector
from detectors.emg.cramp_rules import clonus_steps, is_rhythmic, least_depth
from detectors.events import EventKind, EventQuality
from detectors.proposed.brief import RHYTHM
from detectors.proposed.cramp import CRAMP
from detectors.signal import Gap, GapCause
from tests.made_legs import CRITERIA, emg, emg_parts, emg_stream, envelope_tracks, found, run, seconds

if TYPE_CHECKING:
    from detectors.events import Event

STREAM = emg_stream()
REST_UV = 2.0
HOPS_PER_S = 100


def beating(length_s: float, hz: float, *, duty: float = 0.4, high_uv: float = 40.0) -> np.ndarray:
    """An envelope that is up for a share of every beat, between five seconds of rest."""
    since_s = np.arange(round((length_s + 10) * HOPS_PER_S)) / HOPS_PER_S - 5.0
    up = (since_s >= 0) & (since_s < length_s) & ((since_s * hz) % 1 < duty)
    return np.where(up, high_uv, REST_UV) * np.random.default_rng(1).normal(1.0, 0.05, len(up))


def told(envelope: np.ndarray, **tracks: Any) -> tuple[list[Event], list[Event]]:
    detector = CrampDetector(STREAM, CRITERIA)
    return found(detector, envelope_tracks(STREAM, envelope, **tracks)), detector.rejected()


@pytest.mark.parametrize(("length_s", "n_events"), [(1.8, 0), (2.4, 1), (4.0, 1), (30.0, 1)])
def test_a_clonus_lasts_two_seconds(length_s: float, n_events: int) -> None:
    events, _ = told(beating(length_s, 6.0))
    assert [event.kind for event in events] == [EventKind.CLONUS] * n_events


@pytest.mark.parametrize(("hz", "kinds"), [(4.0, []), (5.0, [EventKind.CLONUS]), (8.0, [EventKind.CLONUS]), (9.0, [])])
def test_a_clonus_beats_about_5_to_8_times_a_second(hz: float, kinds: list[EventKind]) -> None:
    events, rejected = told(beating(12.0, hz))
    assert [event.kind for event in events] == kinds
    assert bool(rejected) == (not kinds)


def test_rate_and_depth_are_measured_and_the_edges_are_those_of_the_contraction() -> None:
    (event,), _ = told(beating(12.0, 6.5))
    assert event.measures["rate_hz"] == pytest.approx(6.5, abs=0.15)
    assert event.measures["rhythm_depth"] > 0.5
    assert seconds(event) == pytest.approx((5.0, 17.0), abs=0.2)
    assert event.measures["duration_s"] == pytest.approx(event.duration_s, abs=0.01)
    assert "confidence" not in event.measures
    assert all(step.held for step in event.why)


@pytest.mark.parametrize(("depth", "kind"), [(0.35, EventKind.CLONUS), (0.25, None)])
def test_a_shallow_rhythm_is_neither_clonus_nor_cramp(depth: float, kind: EventKind | None) -> None:
    since_s = np.arange(30 * HOPS_PER_S) / HOPS_PER_S
    inside = (since_s >= 5) & (since_s < 25)
    swing = 1 + depth * np.sin(2 * np.pi * 6.0 * since_s)
    events, rejected = told(np.where(inside, 30.0 * swing, REST_UV))
    assert [event.kind for event in events] == ([] if kind is None else [kind])
    if kind is None:
        (candidate,) = rejected
        assert [step.rule for step in candidate.why if not step.held] == ["rhythm_share", "rhythm_prominence"]


def test_the_overtone_of_three_bursts_a_second_is_no_clonus() -> None:
    events, _ = told(beating(12.0, 3.0, duty=0.25))
    assert not events


@pytest.mark.parametrize(
    ("rhythm", "rhythmic"),
    [
        (Rhythm(6.0, 0.26, 8.1, 0.5, 0.1), True),
        (Rhythm(6.0, 0.25, 8.1, 0.5, 0.1), False),
        (Rhythm(6.0, 0.26, 8.0, 0.5, 0.1), False),
    ],
)
def test_a_rhythm_has_more_than_a_quarter_of_the_fluctuation_in_a_peak_of_eight_times_the_median(
    rhythm: Rhythm,
    rhythmic: bool,  # noqa: FBT001 - a case
) -> None:
    assert is_rhythmic(rhythm, CRAMP) == rhythmic


@pytest.mark.parametrize(
    ("rule", "inside", "outside"),
    [
        ("clonus_low_hz", {"hz": 4.5}, {"hz": 4.49}),
        ("clonus_high_hz", {"hz": 8.5}, {"hz": 8.51}),
        ("clonus_min_depth", {"depth": 0.2}, {"depth": 0.19}),
        ("clonus_max_half", {"half": 1.0}, {"half": 1.01}),
    ],
)
def test_each_limit_of_a_clonus_has_two_sides(rule: str, inside: dict[str, float], outside: dict[str, float]) -> None:
    plain = Rhythm(6.0, 0.5, 20.0, 0.5, 0.1)
    depth = ("clonus_min_depth", RHYTHM.clonus_min_depth)
    assert all(step.held for step in clonus_steps(plain._replace(**inside), CRAMP, RHYTHM, depth))
    failed = [step.rule for step in clonus_steps(plain._replace(**outside), CRAMP, RHYTHM, depth) if not step.held]
    assert failed == [rule]


@pytest.mark.parametrize(
    ("duration_s", "high_hz", "rule", "depth"),
    [
        (5.0, 100.0, "clonus_min_depth", 0.2),
        (4.99, 100.0, "clonus_short_depth", 0.35),
        (4.99, 40.0, "clonus_short_depth", 0.7),
        (5.0, 240.0, "clonus_min_depth", 0.2),
    ],
)
def test_a_short_clonus_and_a_narrow_band_ask_for_a_deeper_rhythm(
    duration_s: float, high_hz: float, rule: str, depth: float
) -> None:
    measures = {"duration_s": duration_s, "band_low_hz": 20.0, "band_high_hz": high_hz}
    assert least_depth(measures, CRAMP, RHYTHM) == (rule, pytest.approx(depth))


@pytest.mark.parametrize(("tracks", "rule"), [({"lf_hf": 1.1}, "max_lf_hf"), ({"line": 0.31}, "max_line_share")])
def test_an_artefact_with_a_rhythm_is_turned_down_and_says_why(tracks: dict[str, float], rule: str) -> None:
    events, rejected = told(beating(3.0, 6.0), **tracks)
    assert not events
    assert [(event.kind, [step.rule for step in event.why if not step.held]) for event in rejected] == [
        (EventKind.CLONUS, [rule])
    ]


def test_short_movements_without_a_rhythm_are_not_said_to_be_anything() -> None:
    events, rejected = told(np.repeat([REST_UV, 40.0, REST_UV], [500, 300, 500]))
    assert (events, rejected) == ([], [])


def test_a_gap_ends_a_clonus_and_lowers_its_quality() -> None:
    tracks = envelope_tracks(STREAM, beating(12.0, 6.0)[:1200])
    (event,) = found(CrampDetector(STREAM, CRITERIA), [*tracks, Gap(STREAM, tracks[0].clock, 6000, 50, GapCause.AIR)])
    assert (event.kind, event.quality) == (EventKind.CLONUS, EventQuality.LOW)


def test_a_clonus_in_the_signal_of_a_muscle_is_one_event_and_no_cramp() -> None:
    data = emg(95.0, [(70.0 + number / 6, 0.07, 60.0) for number in range(72)])
    events, _ = run(emg_parts(), STREAM, data)
    (clonus,) = [event for event in events if event.kind is EventKind.CLONUS]
    assert clonus.measures["rate_hz"] == pytest.approx(6.0, abs=0.1)
    assert not [event for event in events if event.kind is EventKind.CRAMP]


def test_cramps_of_the_same_length_are_no_clonus() -> None:
    events, _ = run(emg_parts(), STREAM, emg(140.0, [(70.0, 20.0, 30.0), (100.0, 3.0, 30.0), (110.0, 9.0, 60.0)]))
    assert {event.kind for event in events} == {EventKind.CRAMP, EventKind.LEG_MOVEMENT}
